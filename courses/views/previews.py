"""Courses and lessons that are being written, as those will see them who are not their author; writes nothing.

Learner, class and version are made up in memory: the draft as it would be appraised now, and
somebody whose ids exist nowhere, so that nothing they could press would count.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page

from courses import activities, completion, journey
from courses.actions import attempts, releases
from courses.doors import doors
from courses.links import above
from courses.models import Attempt, Course, Enrolment, Lesson, LessonKind, Release, Run
from courses.models.pages import ACTIVITIES, PREVIEWS, CoursePageMixin, LessonPageMixin, ProviderPageMixin
from courses.sync import content_hash, page_models
from courses.views import pages
from lms import clock

NOBODY = 0
"""The id of the made-up learner, class and enrolment: no row has it."""
UNSAVED = 2_000_000_000
"""Ids from here on stand for lessons that were never published."""


def show(page: Page, request: HttpRequest, mode: str) -> HttpResponse | None:
    """The preview of one of our pages in one of ``PREVIEWS``; None for any other page."""
    if not isinstance(page, CoursePageMixin | LessonPageMixin):
        return None
    mode = mode if mode in dict(PREVIEWS) else PREVIEWS[0][0]
    if mode == "visitor":
        request.user = AnonymousUser()
    draft = Draft(page, request, mode)
    if isinstance(page, LessonPageMixin) and mode != "visitor":
        context = draft.lesson_context()
    else:
        page, context = draft.course_page, draft.course_context()
    context |= {"preview": draft.told(), "preview_note": draft.note()}
    response = pages.render(request, page, context)
    response["Cache-Control"] = "private, no-store"
    return response


@dataclass
class Draft:
    """What a course would be if the page that is being edited were published and the course issued now."""

    page: Page
    request: HttpRequest
    mode: str

    @cached_property
    def course_page(self) -> Page:
        """The course that the page belongs to, or is, as last saved."""
        if isinstance(self.page, CoursePageMixin):
            return self.page
        found = above(self.page).get(CoursePageMixin)
        return found.specific.get_latest_revision_as_object() if found else self.page

    @cached_property
    def course(self) -> Course:
        """The record with its rules, or a new one that is never saved."""
        page = self.course_page
        if record := Course.objects.filter(key=page.translation_key).select_related("facility").first():
            return record
        host = above(page).get(ProviderPageMixin)
        facility = host.specific.facility if host else None
        return Course(key=page.translation_key, facility=facility, title_vi=page.title)

    @cached_property
    def lesson_pages(self) -> list[Page]:
        """Every lesson page of the course, drafts too, in order; as last saved."""
        root = self.course_page
        found = [
            one
            for model in page_models(LessonPageMixin)
            for one in model.objects.filter(path__startswith=root.path or "-").select_related(
                "latest_revision"
            )
            if one.pk != self.page.pk
        ]
        for one in found:
            if one.has_unpublished_changes and one.latest_revision:
                saved = one.latest_revision.content
                one.title, one.activity = saved.get("title", one.title), saved.get("activity", one.activity)
                for name in ACTIVITIES:
                    setattr(one, f"{name}_id", saved.get(name))
        if isinstance(self.page, LessonPageMixin):
            found.append(self.page)
        return sorted(found, key=lambda one: one.path)

    @cached_property
    def lessons(self) -> list[Lesson]:
        """The records of the lessons, known or new, with what the pages say now; never saved."""
        found = {}
        if self.course.pk:
            rows = self.course.lessons.select_related(*ACTIVITIES)
            found = {row.key: row for row in rows}
        # Rules and activity follow the source language; a translation repeats them for its reader only.
        is_source = self.course_page.locale_id == Locale.get_default().pk
        made = []
        for number, page in enumerate(self.lesson_pages, start=1):
            known = found.get(page.translation_key)
            row = known or Lesson(course=self.course, key=page.translation_key, pk=UNSAVED + number)
            row.position, row.course = number, self.course
            row.title_vi = row.title_en = page.title
            if known is None or is_source:
                row.kind = page.activity
                for name in ACTIVITIES:
                    setattr(row, f"{name}_id", getattr(page, f"{name}_id") if row.kind == name else None)
            made.append(row)
        _attach(made)
        return made

    @cached_property
    def release(self) -> Release:
        """The version that the course would become."""
        outline = [_item(row, page) for row, page in zip(self.lessons, self.lesson_pages, strict=True)]
        draft = releases.as_release(self.course, outline)
        draft.title_vi = draft.title_en = self.course_page.title
        return draft

    @cached_property
    def enrolment(self) -> Enrolment:
        """Somebody who learns that version; exists in memory alone."""
        run = Run(pk=NOBODY, release=self.release, code=_("preview"))
        return Enrolment(pk=NOBODY, run=run, state=Enrolment.State.ACTIVE, enrolled_at=clock.now())

    @cached_property
    def row(self) -> Lesson | None:
        """The lesson that is being looked at."""
        key = self.page.translation_key
        return next((one for one in self.lessons if one.key == key), None)

    @cached_property
    def tries(self) -> list[Attempt]:
        """The failed attempts of one who has none left."""
        if self.mode != "failed":
            return []
        now, policy = clock.now(), self.release.policy
        return [
            Attempt(
                pk=None,
                number=number,
                state=Attempt.State.SUBMITTED,
                started_at=now - timedelta(hours=number),
                finished_at=now - timedelta(hours=number, minutes=-20),
                pct=Decimal(policy["pass_pct"] * 3 // 4),
                passed=False,
            )
            for number in range(1, (policy["max_attempts"] or 1) + 1)
        ]

    @cached_property
    def way(self) -> journey.Journey:
        """The way through the lessons, with links from preview to preview."""
        way = journey.for_visitor(self.release, self.request)
        for row, page in zip(way.rows, self.lesson_pages, strict=True):
            row.title, row.page = page.title, page
            row._url = _preview_url(page, self.mode)
        if self.mode == "visitor":
            return way
        result = completion.evaluate(self.release.policy, self.release.outline, self._facts())
        return journey.walked(self.enrolment, result, way.rows)

    def _facts(self) -> completion.Facts:
        """Nothing yet – or, before a lesson, what opens it; all but the test for one who failed."""
        outline = self.release.outline
        if self.mode == "failed":
            done = [one for one in outline if one["purpose"] != "posttest" and one["kind"] != "survey"]
        else:
            here = self.row.pk if self.row else None
            place = next((n for n, one in enumerate(outline) if one["lesson"] == here), 0)
            done = outline[:place]
        failed = [completion.Tried(one.number, one.pct) for one in self.tries]
        tests = [one["lesson"] for one in outline if one["purpose"] == "posttest"] if failed else []
        return completion.Facts(
            met={one["lesson"]: {} for one in done}, attempts=dict.fromkeys(tests, failed)
        )

    def course_context(self) -> dict:
        """What the template of a course page needs."""
        is_visitor = self.mode == "visitor"
        saved = self.course.pk is not None
        issued = self.course.releases.filter(state=Release.State.ISSUED).first() if saved else None
        return {
            "course": self.course,
            "release": self.release,
            "enrolment": None if is_visitor else self.enrolment,
            "journey": self.way,
            "runs": (runs := pages.open_runs(issued) if issued and is_visitor else []),
            "doors": doors(runs, None),
            "trainers": pages.trainers_of(self.course) if saved else [],
            "audience": list(self.course.audience.all()) if saved else [],
            "guidelines": list(self.course.guidelines.select_related("superseded_by")) if saved else [],
            **pages.crumbs_of(self.request, above(self.course_page)),
        }

    def lesson_context(self) -> dict:
        """What the template of a lesson page needs."""
        here = self.way.row(self.row.pk)
        before, after = self.way.neighbours(self.row.pk)
        context = {
            "course": self.course,
            "course_url": _preview_url(self.course_page, self.mode),
            "lesson": self.row,
            "item": here.item,
            "enrolment": self.enrolment,
            "release": self.release,
            "result": self.way.result,
            "lesson_result": here.result,
            "journey": self.way,
            "row": here,
            "before": before,
            "after": after,
            "locked": here.locked,
        }
        if here.locked or releases.lesson_blocker(self.row, with_rules=False):
            return context
        context |= activities.panel(self.request, self.enrolment, self.row, here.item)
        if "token" in context:
            # Nobody reports what was watched here.
            context["token"] = ""
        if self.row.kind == LessonKind.QUIZ and self.row.purpose == "posttest":
            context["quiz"]["tries"] = self.tries
            context["quiz"]["blocked"] = attempts.why_no_more(self.enrolment, here.item, self.tries)
        return context

    def told(self) -> dict:
        """What the banner says: as whom one looks, and what a learner would have to load."""
        sizes = self.way.row(self.row.pk).sizes if self.row and self.mode != "visitor" else self.way.sizes
        return {"mode": dict(PREVIEWS)[self.mode], "sizes": sizes}

    def note(self) -> str:
        """Why the lesson itself is not shown, or what its activity still lacks."""
        if self.row is None or isinstance(self.page, CoursePageMixin):
            return ""
        if self.mode == "visitor":
            return pages.why_closed(self.request.user)
        return releases.lesson_blocker(self.row, with_rules=False)


def _preview_url(page: Page, mode: str) -> str | None:
    if page.pk is None:
        return None
    return f"{reverse('wagtailadmin_pages:view_draft', args=[page.pk])}?{urlencode({'mode': mode})}"


def _attach(rows: list[Lesson]) -> None:
    """Fetch what the activities are made of, at once; what is gone is left out."""
    for name in ACTIVITIES:
        model = Lesson._meta.get_field(name).related_model
        found = model.objects.in_bulk({pk for row in rows if (pk := getattr(row, f"{name}_id"))})
        for row in rows:
            setattr(row, name, found.get(getattr(row, f"{name}_id")))
    prefetch_related_objects([row.checklist for row in rows if row.checklist], "items")
    prefetch_related_objects([row.quiz for row in rows if row.quiz], "slots")


def _item(lesson: Lesson, page: Page) -> dict:
    """*lesson* as an outline would hold it, as far as it goes, and without any question of its test."""
    lesson.content_hash = lesson.content_hash or content_hash(page)
    item = releases.bare_item(lesson)
    if lesson.video:
        item |= {"video": lesson.video_id, "version": lesson.video.version, "seconds": lesson.video.seconds}
    if lesson.quiz:
        draws = [{"questions": [], "draw": slot.count} for slot in lesson.quiz.slots.all()]
        item |= {"quiz": lesson.quiz_id, "blueprint": {"slots": draws}}
    if lesson.checklist:
        frozen = lesson.checklist.freeze()
        item |= {"checklist": lesson.checklist_id, "items": frozen["items"], "pass_pct": frozen["pass_pct"]}
    if lesson.survey:
        item |= {"survey": lesson.survey_id}
    return item
