"""From records to the addresses of their pages, in the reader's language where it exists."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import get_language
from wagtail.models import Page

from courses.models import Course, Lesson
from courses.models.pages import CatalogPageMixin, CoursePageMixin, LessonPageMixin
from courses.sync import page_models


def pages_of(mixin: type, keys: Iterable[UUID]) -> dict[UUID, Page]:
    """One live page per key: in the active language, else in another. One query per page class."""
    language = (get_language() or "vi").split("-")[0]
    found: dict[UUID, Page] = {}
    keys = set(keys)
    for model in page_models(mixin):
        pages = (
            model.objects.filter(translation_key__in=keys, live=True).select_related("locale").order_by("pk")
        )
        # The body of a lesson is not needed to know where it is.
        for page in pages.defer_streamfields() if hasattr(pages, "defer_streamfields") else pages:
            is_ours = page.locale.language_code.split("-")[0] == language
            if is_ours or page.translation_key not in found:
                found[page.translation_key] = page
    return found


def urls_of(mixin: type, keys: Iterable[UUID], request=None) -> dict[UUID, str]:
    """Addresses by key; what has no live page is missing. Reads only the columns an address is made of."""
    language = (get_language() or "vi").split("-")[0]
    found: dict[UUID, Page] = {}
    keys = set(keys)
    for model in page_models(mixin):
        pages = (
            model.objects.filter(translation_key__in=keys, live=True).select_related("locale").order_by("pk")
        )
        for page in pages.only("url_path", "translation_key", "locale__language_code"):
            is_ours = page.locale.language_code.split("-")[0] == language
            if is_ours or page.translation_key not in found:
                found[page.translation_key] = page
    urls = {key: page.get_url(request) for key, page in found.items()}
    return {key: url for key, url in urls.items() if url}


def course_url(course: Course, request=None) -> str | None:
    """The address of the course's page, or None while it has none."""
    return urls_of(CoursePageMixin, [course.key], request).get(course.key)


def lesson_url(lesson: Lesson, request=None) -> str | None:
    """The address of the lesson's page, or None while it has none."""
    return urls_of(LessonPageMixin, [lesson.key], request).get(lesson.key)


def catalogue_url(request=None) -> str | None:
    """The address of the catalogue in the active language, or None where the site has none."""
    language = (get_language() or "vi").split("-")[0]
    for model in page_models(CatalogPageMixin):
        pages = list(model.objects.live().select_related("locale").order_by("pk"))
        pages.sort(key=lambda page: page.locale.language_code.split("-")[0] != language)
        if pages:
            return pages[0].get_url(request)
    return None
