"""Recomputes the records of courses from their live pages; takes a key, never an event."""

import hashlib
import json
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from wagtail.models import Locale, Page

from courses.models import Course, Lesson
from courses.models.pages import (
    ACTIVITIES,
    CoursePageMixin,
    LessonPageMixin,
    ModulePageMixin,
    page_models,
    provider_above,
)

LANGUAGES = ("vi", "en")
"""Languages whose titles the records copy."""


@transaction.atomic
def sync_course(key: UUID) -> Course | None:
    """Bring the ``Course`` of *key* and its lessons in step with the live pages.

    The source is the page in the default locale, else the oldest. What is gone is closed, never
    deleted; titles of a language whose page is gone are kept. Idempotent; order, repetition and
    loss of events do not matter. Locks the course. Returns None where there never was a page.
    """
    course = _locked(key)
    if course is None and _live(key):
        # Its Vietnamese and its English page may be published for the first time at once.
        Course.objects.get_or_create(key=key)
        course = _locked(key)
    if course is None:
        return None
    # Read under the lock: whoever held it before may have published or unpublished since.
    pages = _live(key)
    if not pages:
        Course.objects.filter(pk=course.pk).update(is_open=False)
        course.lessons.update(is_open=False)
        course.is_open = False
        return course
    source = _source(pages)
    course.is_open = True
    _copy_titles(course, pages)
    if provider := provider_above(source):
        course.facility_id = provider.facility_id
    course.save(update_fields=["is_open", "title_vi", "title_en", "facility"])
    _sync_lessons(course, source)
    return course


def _locked(key: UUID) -> Course | None:
    return Course.objects.select_for_update().filter(key=key).first()


def _live(key: UUID) -> list[Page]:
    return [
        page
        for model in page_models(CoursePageMixin)
        for page in model.objects.filter(translation_key=key, live=True)
        .select_related("locale")
        .order_by("pk")
    ]


def _source(pages: list[Page]) -> Page:
    default = Locale.get_default().pk
    return min(pages, key=lambda page: (page.alias_of_id is not None, page.locale_id != default, page.pk))


def _copy_titles(row: Course | Lesson, pages: list[Page]) -> None:
    for page in pages:
        language = page.locale.language_code.split("-")[0]
        if language in LANGUAGES:
            setattr(row, f"title_{language}", page.title)


def _lesson_pages(source: Page) -> list[Page]:
    """Live lesson pages under *source* in tree order; an unpublished heading hides its lessons."""
    hidden = tuple(source.get_descendants().filter(live=False).values_list("path", flat=True))
    found = [
        page
        for model in page_models(LessonPageMixin)
        for page in model.objects.filter(path__startswith=source.path, live=True).select_related("locale")
        if not page.path.startswith(hidden)
    ]
    return sorted(found, key=lambda page: page.path)


def _sync_lessons(course: Course, source: Page) -> None:
    pages = _lesson_pages(source)
    keys = [page.translation_key for page in pages]
    versions: dict[UUID, list[Page]] = {key: [] for key in keys}
    for model in page_models(LessonPageMixin):
        for page in model.objects.filter(translation_key__in=keys, live=True).select_related("locale"):
            versions[page.translation_key].append(page)
    known = {lesson.key: lesson for lesson in course.lessons.all()}
    for position, page in enumerate(pages, start=1):
        lesson = known.pop(page.translation_key, None) or Lesson(course=course, key=page.translation_key)
        lesson.position = position
        lesson.is_open = True
        lesson.kind = page.activity
        for name in ACTIVITIES:
            # What the activity is not made of is left out, though the editor may have chosen one.
            chosen = getattr(page, name) if page.activity == name else None
            setattr(lesson, name, chosen if chosen and _is_usable(chosen, course) else None)
        lesson.content_hash = content_hash(page)
        _copy_titles(lesson, versions[page.translation_key])
        lesson.save()
    Lesson.objects.filter(pk__in=[lesson.pk for lesson in known.values()]).update(is_open=False)


def _is_usable(chosen: Model, course: Course) -> bool:
    """Whether *chosen* belongs to the course's provider or to a facility above it.

    However a page came by something of another hospital (moved, copied, written by a script), it
    does not reach the record, and the workbench says what is missing.
    """
    return course.facility is None or course.facility.path.startswith(chosen.facility.path)


def content_hash(page: Page) -> str:
    """SHA-256 of what a lesson page says and does in the source language."""
    ids = [page.video_id, page.quiz_id, page.checklist_id, page.survey_id]
    content = [page.title, page.body.get_prep_value(), page.activity, ids]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def all_keys() -> set[UUID]:
    """Every key that a course page or a record has."""
    keys = set(Course.objects.values_list("key", flat=True))
    for model in page_models(CoursePageMixin):
        keys |= set(model.objects.values_list("translation_key", flat=True))
    return keys


def keys_near(page: Page) -> set[UUID]:
    """Keys of the courses whose records *page* may change: its own, those above and those below."""
    if isinstance(page, CoursePageMixin):
        return {page.translation_key}
    keys = set()
    if isinstance(page, LessonPageMixin | ModulePageMixin):
        steps = range(page.steplen, len(page.path), page.steplen)
        above = [page.path[:end] for end in steps]
        for model in page_models(CoursePageMixin):
            keys |= set(model.objects.filter(path__in=above).values_list("translation_key", flat=True))
        # A deleted or moved page may have lost its ancestors already; its record has not.
        keys |= set(Course.objects.filter(lessons__key=page.translation_key).values_list("key", flat=True))
    else:
        for model in page_models(CoursePageMixin):
            below = model.objects.filter(path__startswith=page.path)
            keys |= set(below.values_list("translation_key", flat=True))
    return keys
