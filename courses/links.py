"""From records to the addresses of their pages, in the reader's language where it exists."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import swapper
from django.utils.translation import get_language
from wagtail.models import Page

from courses.models import Course, Lesson
from courses.models.pages import CatalogPageMixin, CoursePageMixin, ModulePageMixin, ProviderPageMixin
from courses.sync import page_models
from lms.memory import remembered

LIGHT = ("path", "depth", "title", "slug", "url_path", "live", "content_type", "translation_key", "locale")
"""Columns that a title and an address need; a page has four times as many."""


def base_page() -> type[Page]:
    """The host's base page (``WAGTAIL_PAGE_MODEL``), Wagtail's own by default."""
    return swapper.load_model("wagtailcore", "Page")


def pages_of(keys: Iterable[UUID], model: type[Page] | None = None, *also: str) -> dict[UUID, Page]:
    """One live page per key: in the active language, else in another. One query.

    Plain pages, enough for a title and an address; ``specific`` gives the rest. With *model* only
    pages of that kind, with the columns named *also*.
    """
    language = (get_language() or "vi").split("-")[0]
    found: dict[UUID, Page] = {}
    pages = (model or base_page()).objects.filter(translation_key__in=set(keys), live=True).order_by()
    for page in pages.select_related("locale").only(*LIGHT, "locale__language_code", *also):
        is_ours = page.locale.language_code.split("-")[0] == language
        if is_ours or page.translation_key not in found:
            found[page.translation_key] = page
    return found


def modules_of(pages: Mapping[UUID, Page]) -> dict[UUID, str]:
    """The title of the module in which each of *pages* stands; a page right under its course is missing."""
    above = {key: page.path[: -page.steplen] for key, page in pages.items()}
    # A course that has all its lessons right below it asks nothing: neither it nor what it stands in is a module.
    own = {page.path for page in pages.values()}
    courses = own & {*above.values()}
    asked = {path for key, path in above.items() if path not in own and pages[key].path not in courses}
    titles = {
        path: title
        for model in page_models(ModulePageMixin)
        for path, title in model.objects.filter(path__in=asked).values_list("path", "title")
    }
    return {key: titles[path] for key, path in above.items() if path in titles}


def urls_of(keys: Iterable[UUID], request=None) -> dict[UUID, str]:
    """Addresses by key; what has no live page is missing. One query."""
    found = {key: page.get_url(request) for key, page in pages_of(keys).items()}
    return {key: url for key, url in found.items() if url}


def url_of(page: Page, request) -> str:
    """The address of *page*, remembered: to work one out asks for the sites, and what is shared by them."""
    host = request.get_host() if request else ""
    return remembered(("url", page.pk, host), lambda: page.get_url(request) or "")


def course_url(course: Course, request=None) -> str | None:
    """The address of the course's page, or None while it has none."""
    page = pages_of([course.key]).get(course.key)
    return page.get_url(request) if page else None


def lesson_url(lesson: Lesson, request=None) -> str | None:
    """The address of the lesson's page, or None while it has none."""
    page = pages_of([lesson.key]).get(lesson.key)
    return page.get_url(request) if page else None


def above(page: Page) -> dict[type, Page]:
    """The pages of ours above *page* by their mixin, nearest first: one query, plain pages."""
    return remembered(("above", page.path), lambda: _read_above(page))


def _read_above(page: Page) -> dict[type, Page]:
    paths = [page.path[:end] for end in range(page.steplen, len(page.path), page.steplen)]
    found: dict[type, Page] = {}
    for ancestor in base_page().objects.filter(path__in=paths).only(*LIGHT).order_by("-depth"):
        for mixin in (CatalogPageMixin, ProviderPageMixin, CoursePageMixin):
            if issubclass(ancestor.specific_class or type(ancestor), mixin):
                found.setdefault(mixin, ancestor)
    return found


def catalogue_url(request=None) -> str | None:
    """The address of the catalogue in the active language, or None where the site has none."""
    language = (get_language() or "vi").split("-")[0]
    for model in page_models(CatalogPageMixin):
        pages = list(model.objects.live().select_related("locale").order_by("pk"))
        pages.sort(key=lambda page: page.locale.language_code.split("-")[0] != language)
        if pages:
            return pages[0].get_url(request)
    return None
