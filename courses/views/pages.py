"""What visitors and learners see on the pages of courses, behind the ``before_serve_page`` hook."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page

from courses import activities, enrolled, journey, saving
from courses.catalogue import listing
from courses.doors import doors
from courses.hours import by_role, rates
from courses.links import above, catalogue_url, url_of
from courses.models import (
    Announcement,
    Course,
    CourseStaff,
    Enrolment,
    EnrolmentMove,
    Lesson,
    Pathway,
    Release,
    Run,
)
from courses.models.pages import (
    CatalogPageMixin,
    CoursePageMixin,
    LessonPageMixin,
    ModulePageMixin,
    ProviderPageMixin,
)
from courses.permissions import can, can_open_lesson, get_open_enrolment, item_of
from courses.plan import plan_of
from courses.views import talk
from courses.wording import changes_in_words
from lms import clock, sql
from lms.memory import remembered
from lms.permissions import is_staff_role, person_of

PLAN_PER_PAGE = 30
"""Classes of a public plan on one page, so that it stays light."""


def serve(page: Page, request: HttpRequest) -> HttpResponse | None:
    """The answer for one of our pages; None for any other, which Wagtail then serves itself."""
    for mixin, view in VIEWS.items():
        if isinstance(page, mixin):
            response = view(request, page)
            # Whoever is signed in sees their own state on all of these.
            response["Cache-Control"] = "private, no-store"
            return response
    return None


def catalogue(request: HttpRequest, page: Page) -> HttpResponse:
    """The course list; search and filters stand in the address."""
    context = {
        "listing": listing(request.GET, request),
        "has_pathways": remembered(("pathways",), lambda: Pathway.objects.shown().exists()),
    }
    return render(request, page, context)


def provider(request: HttpRequest, page: Page) -> HttpResponse:
    """A hospital, its courses and its public plan."""
    lines = plan_of(page.facility, request)
    context = {
        "plan": Paginator(lines, PLAN_PER_PAGE).get_page(request.GET.get("plan")),
        "listing": listing(request.GET, request, provider=page.facility),
        "catalogue": catalogue_url(request),
    }
    return render(request, page, context)


def course(request: HttpRequest, page: Page) -> HttpResponse:
    """A course: rules, outline, and the learner's own way through it or the classes to enrol in."""
    release = issued = enrolled.in_force(page.translation_key)
    record = release.course if release else _record(page)
    enrolment = get_open_enrolment(request.user, record) if record else None
    way = None
    if enrolment:
        release = enrolment.run.release
        way = journey.of(enrolment, request)
    elif release:
        way = journey.for_visitor(release, request)
    # Who learns, or has completed the version in force, has nothing to enrol in.
    may_enrol = issued and not (
        enrolment and (enrolment.state == Enrolment.State.ACTIVE or release.pk == issued.pk)
    )
    runs = open_runs(issued) if may_enrol else []
    context = {
        "course": record,
        "release": release,
        "role_hours": by_role(release, rates()) if release else [],
        "enrolment": enrolment,
        "move": _last_move(enrolment) if enrolment else None,
        "announcements": sql.many(Announcement, _ANNOUNCED, [enrolment.run_id]) if enrolment else [],
        "journey": way,
        "runs": runs,
        **remembered(
            ("course", page.pk, release and release.pk, request.get_host(), get_language()),
            lambda: {
                "trainers": trainers_of(record) if record else [],
                "audience": list(record.audience.all()) if record else [],
                "guidelines": list(record.guidelines.select_related("superseded_by")) if record else [],
                **crumbs_of(request, above(page)),
            },
        ),
    }
    context["doors"] = doors(runs, person_of(request.user) if runs else None, context["audience"])
    return render(request, page, context)


def module(request: HttpRequest, page: Page) -> HttpResponse:
    """A heading has no page of its own: to the course."""
    course_page = above(page).get(CoursePageMixin)
    if course_page is None:
        raise Http404
    return redirect(course_page.get_url(request))


def lesson(request: HttpRequest, page: Page) -> HttpResponse:
    """A lesson for those whose release holds it; others are sent to the course with the reason."""
    course_page = above(page).get(CoursePageMixin)
    if course_page is None:
        raise Http404
    keys = page.translation_key, course_page.translation_key
    row = remembered(("lesson", *keys), lambda: _lesson(*keys))
    record = row.course
    enrolment = get_open_enrolment(request.user, record)
    if enrolment is None:
        return _for_others(request, page, course_page, row)
    item = item_of(enrolment, row)
    if item is None or not can_open_lesson(request.user, enrolment, row):
        raise Http404
    way = journey.of(enrolment, request, with_facts=False)
    here = way.row(row.pk)
    before, after = way.neighbours(row.pk)
    context = {
        "course": record,
        "course_url": url_of(course_page, request),
        "lesson": row,
        "item": item,
        "enrolment": enrolment,
        "release": enrolment.run.release,
        "result": way.result,
        "lesson_result": here.result,
        "journey": way,
        "row": here,
        "before": before,
        "after": after,
        "locked": here.locked,
        "can_save": not saving.why_not(here),
    }
    if not here.locked:
        context |= activities.panel(request, enrolment, row, item)
        context["thread"] = talk.on_page(enrolment, row)
    return render(request, page, context)


def _lesson(key: UUID, course: UUID) -> Lesson:
    """The record of a lesson's page, with its course, or 404."""
    row = Lesson.objects.filter(key=key, course__key=course).select_related("course").order_by().first()
    if row is None:
        raise Http404
    return row


def _for_others(request: HttpRequest, page: Page, course_page: Page, row: Lesson) -> HttpResponse:
    """Trainers and appraisers read along, without an activity; everybody else goes to the course page."""
    if (
        request.user.is_authenticated
        and is_staff_role(request.user)
        and can(request.user, "view", row.course)
    ):
        context = {
            "course": row.course,
            "course_url": course_page.get_url(request),
            "lesson": row,
            "is_staff_view": True,
        }
        return render(request, page, context)
    address = course_page.get_url(request)
    if address is None:
        raise Http404
    messages.info(request, why_closed(request.user))
    return redirect(address)


def why_closed(user) -> str:
    """What somebody who does not learn a course is told at the door of a lesson."""
    if user.is_authenticated:
        return _("This lesson opens once you are enrolled in the course.")
    return _("This lesson opens once you have signed in and are enrolled in the course.")


def render(request: HttpRequest, page: Page, context: dict) -> HttpResponse:
    """*page* by its template."""
    return TemplateResponse(request, page.get_template(request), {**page.get_context(request), **context})


def _record(page: Page) -> Course | None:
    return Course.objects.filter(key=page.translation_key).order_by().first()


def crumbs_of(request: HttpRequest, pages: dict[type, Page]) -> dict:
    """Where a course page stands, as a template shows it."""
    host, top = pages.get(ProviderPageMixin), pages.get(CatalogPageMixin)
    return {
        "catalogue": top.get_url(request) if top else None,
        "provider": {"title": host.title, "url": host.get_url(request)} if host else None,
    }


# ``release.runs.not_over(now)`` and the newest announcements and move by hand: the page of a course asks at each look.
_OPEN = """
SELECT * FROM lms_courses_run WHERE release_id = %s AND NOT is_closed
AND (enrol_until IS NULL OR enrol_until >= %s) ORDER BY starts_on, id"""
_ANNOUNCED = "SELECT * FROM lms_courses_announcement WHERE run_id = %s ORDER BY at DESC, id DESC LIMIT 3"
_MOVED = "SELECT * FROM lms_courses_enrolmentmove WHERE enrolment_id = %s ORDER BY id DESC LIMIT 1"


def open_runs(release: Release) -> list[Run]:
    """Classes of *release* that take people now, or will."""
    runs = sql.many(Run, _OPEN, [release.pk, sql.stored(Run, "enrol_until", clock.nearly())])
    for run in runs:
        run.release = release
    return runs


def _last_move(enrolment: Enrolment) -> dict | None:
    """The last move of a learner to a newer version, and what changed by it."""
    move = sql.one(EnrolmentMove, _MOVED, [enrolment.pk])
    if move is None:
        return None
    old, new = move.from_run.release, move.to_run.release
    return {"at": move.at, "reason": move.reason, "number": new.number, "changes": changes_in_words(old, new)}


def trainers_of(course: Course) -> list[CourseStaff]:
    """Who teaches *course* today."""
    today = clock.today()
    rows = course.staff.filter(role=CourseStaff.Role.TRAINER).select_related("person")
    return [row for row in rows if not (row.valid_to and row.valid_to < today)]


VIEWS = {
    CatalogPageMixin: catalogue,
    ProviderPageMixin: provider,
    CoursePageMixin: course,
    ModulePageMixin: module,
    LessonPageMixin: lesson,
}
