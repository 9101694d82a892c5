"""What keeps a page from its readers and a course from appraisal, each with the address where it is mended."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page

from courses.actions.releases import Finding, findings
from courses.links import base_page
from courses.models import Course, Lesson
from courses.models.pages import CoursePageMixin, LessonPageMixin, ModulePageMixin

MADE_AT = {
    "video": "lms_content_videos:show",
    "quiz": "lms_content_quizzes:edit",
    "checklist": "lms_content_checklists:edit",
    "survey": "lms_content_surveys:edit",
}
"""Where the things are mended that activities are made of."""


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that is missing; ``url`` leads to where it is mended, where somebody can mend it."""

    text: str
    url: str = ""


def before_appraisal(course: Course, lessons: Collection[Lesson] | None = None) -> list[Todo]:
    """What stands between *course* and appraisal: the findings of ``actions.releases`` with their places."""
    found = findings(course, lessons)
    if not found:
        return []
    pages = _drafts_of([course.key, *(one.lesson.key for one in found if one.lesson)])
    return [Todo(one.text, _place(one, course, pages)) for one in found]


def before_publication(page: Page, user) -> list[Todo]:
    """What stands between *page*, as it was last saved, and those it is for."""
    found = []
    if not page.permissions_for_user(user).can_publish():
        found.append(Todo(_("You write drafts; the training office of the hospital publishes them.")))
    if isinstance(page, CoursePageMixin):
        return found + [Todo(text, _editor(pk)) for text, pk in _unpublished_below(page)]
    if isinstance(page, LessonPageMixin):
        found += [Todo(text) for told in page.lacks().values() for text in told]
    for above in page.get_ancestors().filter(live=False).order_by("depth"):
        if issubclass(above.specific_class or Page, CoursePageMixin | ModulePageMixin):
            text = _("“%(page)s” above it is not published.") % {"page": above.get_admin_display_title()}
            found.append(Todo(text, _editor(above.pk)))
    return found


def _unpublished_below(page: Page) -> list[tuple[str, int]]:
    """Lessons and headings of a course that wait, or whose changes wait, in their order."""
    below = page.get_descendants().order_by("path")
    found = []
    for one in below.filter(live=False) | below.filter(has_unpublished_changes=True):
        ours = one.specific_class and issubclass(one.specific_class, LessonPageMixin | ModulePageMixin)
        if not ours:
            continue
        text = _("“%(page)s” has changes that are not published.")
        if not one.live:
            text = _("“%(page)s” is not published.")
        found.append((text % {"page": one.get_admin_display_title()}, one.pk))
    return found


def _drafts_of(keys: Iterable[UUID]) -> dict[UUID, int]:
    """The pages by key, published or not, in the active language where there is one. One query."""
    language = (get_language() or "vi").split("-")[0]
    found: dict[UUID, int] = {}
    rows = base_page().objects.filter(translation_key__in=set(keys)).order_by("-live", "pk")
    for key, pk, code in rows.values_list("translation_key", "pk", "locale__language_code"):
        if key not in found or code.split("-")[0] == language:
            found[key] = pk
    return found


def _place(one: Finding, course: Course, pages: dict[UUID, int]) -> str:
    """The address where *one* is mended; empty where there is nothing to open."""
    if one.place == "rules":
        return reverse("lms_courses_admin:course", args=[course.pk]) + "#rules" if course.pk else ""
    if one.place in MADE_AT and one.lesson:
        return reverse(MADE_AT[one.place], args=[getattr(one.lesson, f"{one.place}_id")])
    pk = pages.get(one.lesson.key if one.lesson else course.key)
    if pk is None:
        return ""
    name = {"provider": "move", "lessons": "add_subpage"}.get(one.place, "edit")
    return reverse(f"wagtailadmin_pages:{name}", args=[pk])


def _editor(pk: int) -> str:
    return reverse("wagtailadmin_pages:edit", args=[pk])
