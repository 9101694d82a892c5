"""Courses as editors make them: pages, published; then released, opened and learnt through the actions."""

import datetime
import uuid

from wagtail.models import Locale, Page, Site

from content.models import (
    Checklist,
    ChecklistItem,
    QuestionVersion,
    Quiz,
    QuizSlot,
    Rendition,
    Survey,
    SurveyQuestion,
    Video,
)
from courses.actions import enrolments, releases, runs
from courses.models import (
    CatalogPage,
    Course,
    CoursePage,
    Lesson,
    LessonPage,
    ModulePage,
    ProviderPage,
    Release,
    Run,
)
from lms import clock
from tests.factories.pages import synced_once
from tests.kept import repeated


def english() -> Locale:
    """The second language."""
    return Locale.objects.get_or_create(language_code="en")[0]


def catalogue() -> CatalogPage:
    """The one catalogue, under the root page of the default site."""
    found = CatalogPage.objects.filter(locale=Locale.get_default()).first()
    return found or publish(CatalogPage(title="Khóa học", slug="courses"), under=Site.objects.get().root_page)


def publish(page: Page, *, under: Page | None = None) -> Page:
    """Add *page* where it is new, and publish it as an editor does."""
    if under is not None:
        page.locale = under.locale
        # The row of the parent may have got children since it was read.
        Page.objects.get(pk=under.pk).add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def provider(facility) -> ProviderPage:
    """The page of a hospital."""
    found = ProviderPage.objects.filter(facility=facility).first()
    page = ProviderPage(title=facility.name, slug=f"bv-{facility.pk}", facility=facility)
    return found or publish(page, under=catalogue())


def video(facility, *, seconds: float = 60, title="Bài giảng", version=1, sizes=None) -> Video:
    """A lecture that has been processed; its files are named, not written."""
    made = Video.objects.create(
        facility=facility,
        title=title,
        version=version,
        state=Video.State.READY,
        duration_ms=int(seconds * 1000),
    )
    sizes = sizes or {"audio": 700_000, "240p": 1_400_000, "360p": 2_600_000, "poster": 9_000}
    for kind, size in sizes.items():
        Rendition.objects.create(
            video=made,
            version=version,
            kind=kind,
            name=f"videos/{made.uuid}/{version}/{kind}",
            size=size,
            sha256="0" * 64,
            content_type="image/jpeg" if kind == "poster" else "video/mp4",
        )
    return made


def quiz(facility, *, questions: int = 2, is_reviewed=True) -> Quiz:
    """A test of a few questions that a clinician has reviewed, unless said otherwise."""
    from tests.factories.live import question

    made = Quiz.objects.create(facility=facility, title_vi="Kiểm tra cuối khóa", title_en="Final test")
    for number in range(questions):
        one = question(facility, made.pk * 100 + number)
        if is_reviewed:
            QuestionVersion.objects.filter(question=one).update(reviewed_at=clock.now())
        QuizSlot.objects.create(quiz=made, position=number, question=one)
    return made


def checklist(facility, *, critical=True) -> Checklist:
    """A skill of three steps, the first of them critical unless said otherwise."""
    made = Checklist.objects.create(
        facility=facility, title_vi="Xử trí 10 phút đầu", title_en="First ten minutes"
    )
    for position in range(3):
        ChecklistItem.objects.create(
            checklist=made,
            position=position,
            text_vi=f"Bước {position}",
            is_critical=critical and not position,
        )
    return made


def survey(facility) -> Survey:
    """A survey of one question."""
    made = Survey.objects.create(facility=facility, title_vi="Khảo sát", title_en="Survey")
    SurveyQuestion.objects.create(survey=made, text_vi="Anh/chị hài lòng không?", text_en="Are you content?")
    return made


def _object_of(kind: str, facility):
    make = {"video": video, "quiz": quiz, "checklist": checklist, "survey": survey}
    return {kind: make[kind](facility)} if kind in make else {}


def lesson_page(under: Page, title: str, kind="reading", *, facility=None, live=True, **values) -> LessonPage:
    """A lesson with its activity's object, published unless *live* is false."""
    if kind not in values and facility is not None:
        values |= _object_of(kind, facility)
    page = LessonPage(title=title, slug=f"bai-{uuid.uuid4().hex[:8]}", activity=kind, **values)
    if live:
        return publish(page, under=under)
    page.live = False
    page.locale = under.locale
    return Page.objects.get(pk=under.pk).add_child(instance=page)


def module_page(under: Page, title: str) -> ModulePage:
    """A heading over lessons."""
    return publish(ModulePage(title=title, slug=f"phan-{uuid.uuid4().hex[:8]}"), under=under)


@repeated
def course_page(
    facility, title="Xử trí ban đầu đột quỵ não", *, kinds=("reading", "reading"), **values
) -> CoursePage:
    """A published course with one lesson per kind."""
    values.setdefault("slug", f"khoa-{uuid.uuid4().hex[:8]}")
    page = publish(CoursePage(title=title, **values), under=provider(facility))
    with synced_once(page.translation_key):
        for number, kind in enumerate(kinds, start=1):
            lesson_page(page, f"Bài {number} của {title}", kind, facility=facility)
    # Fresh: the tree counts the children in the row of the parent.
    return CoursePage.objects.get(pk=page.pk)


def rules(page: CoursePage, *, periods="1", purpose="posttest", **values) -> Course:
    """The record of *page* with its rules: every lesson but tests and surveys has *periods*."""
    course = Course.objects.get(key=page.translation_key)
    values = {"code": f"DQ-{course.pk:02}", "attendance_check": "Mã điểm danh và điều phối viên.", **values}
    audience = values.pop("audience", ())
    kinds = set(course.lessons.filter(is_open=True).values_list("kind", flat=True))
    values.setdefault("require_survey", "survey" in kinds)
    for name, value in values.items():
        setattr(course, name, value)
    course.save()
    course.audience.set(audience)
    course.lessons.exclude(kind__in=["quiz", "survey"]).update(periods=periods)
    course.lessons.filter(kind="quiz", purpose="").update(purpose=purpose)
    return course


@repeated
def issued(cast, page: CoursePage, **values) -> Release:
    """A release of *page* in force: built by Ưng, appraised by Thắng, issued by Hằng."""
    course = rules(page, **values)
    release = releases.submit_release(course, by=cast.ung.user)
    releases.appraise(release, by=cast.thang.user)
    return releases.issue_release(
        release,
        by=cast.hang.user,
        decision_number=f"{100 + release.pk}/QĐ-BVBM",
        decision_date=datetime.date(2026, 9, 5),
        decision_signatory="Đào Xuân Cơ",
    )


@repeated
def run(cast, *, kinds=("reading", "reading"), page: CoursePage | None = None, rules=None, **values) -> Run:
    """An open class of a course that has one lesson per kind."""
    page = page or course_page(cast.bach_mai, kinds=kinds)
    release = issued(cast, page, **(rules or {}))
    values.setdefault("code", f"LOP-{release.pk}")
    return runs.open_run(release, by=cast.hang.user, **values)


@repeated
def enrolment(cast, person=None, *, run=None, kinds=("reading", "reading"), **values):
    """*person* (Lan by default) learning in a class."""
    made = run or globals()["run"](cast, kinds=kinds, **values)
    person = person or cast.lan
    return enrolments.enrol(made, person=person, by=person.user)


def lesson_of(enrolment, number: int) -> Lesson:
    """Lesson *number* (from 1) of a learner's release."""
    return Lesson.objects.get(pk=enrolment.run.release.outline[number - 1]["lesson"])
