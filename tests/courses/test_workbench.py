"""The course workbench: who sees which course, who may take which step, and what is refused."""

import re
from pathlib import Path

import pytest
from django.urls import reverse
from wagtail.models import GroupPagePermission, Page

from courses.models import Course, CoursePage, CourseStaff, Enrolment, LessonPage, Release, Run, Waiver
from lms.models import AccessLog
from lms.queue import run_due
from tests.factories import courses as make
from tests.kept import repeated

DECISION = {
    "decision_number": "118/QĐ-BVBM",
    "decision_date": "2026-09-05",
    "decision_signatory": "Đào Xuân Cơ",
}


@pytest.fixture
def page(cast):
    return make.course_page(cast.bach_mai, kinds=("reading", "quiz"))


@pytest.fixture
def course(page):
    return Course.objects.get(key=page.translation_key)


def test_every_field_in_the_administration_names_its_type_for_wagtail_frames_no_other():
    root, bare = Path(__file__).resolve().parents[2], []
    for path in root.glob("*/templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        if {"admin", "workbench"} & set(path.parts) or "wagtailadmin/" in text:
            bare += [(path.name, one) for one in re.findall("<input [^>]*>", text) if "type=" not in one]

    assert bare == []


def url(name, *args):
    return reverse(f"lms_courses_admin:{name}", args=args)


def rules_of(course, **changes):
    """What the form of rules posts for *course*."""
    lessons = list(course.lessons.filter(is_open=True).order_by("position"))
    data = {
        "code": "DQ-01", "form": "blended", "rule_code": "COURSE_LEARNER", "attendance_check": "Mã sáu số.",
        "min_attendance_pct": 80, "pass_pct": 70, "max_attempts": 3, "cooldown_minutes": 0, "watch_pct": 90,
        "form-TOTAL_FORMS": len(lessons), "form-INITIAL_FORMS": len(lessons),
    }  # fmt: skip
    for number, lesson in enumerate(lessons):
        data |= {f"form-{number}-id": lesson.pk, f"form-{number}-periods": "1.5"}
        if lesson.kind == "quiz":
            data |= {f"form-{number}-periods": "0", f"form-{number}-purpose": "posttest"}
    return data | changes


def test_the_list_shows_the_courses_of_ones_own_hospital(cast, course):
    assert course.title in cast.client(cast.ung).get(url("index")).content.decode()
    assert course.title not in cast.client(cast.hoa).get(url("index")).content.decode()


def test_the_search_of_the_list_ignores_diacritics(cast, course):
    ung = cast.client(cast.ung)

    assert course.title in ung.get(url("index"), {"q": "dot quy"}).content.decode()
    assert course.title not in ung.get(url("index"), {"q": "nhi khoa"}).content.decode()


def test_a_learner_has_no_workbench(cast, course):
    for who in (cast.lan, None):
        answer = cast.client(who).get(url("course", course.pk))
        assert answer.status_code in {302, 403}
        assert course.title not in answer.content.decode()


def test_another_hospital_finds_no_course_here(cast, course):
    for who in (cast.hoa, cast.trong):
        client = cast.client(who)
        assert client.get(url("course", course.pk)).status_code == 404
        assert client.post(url("submit", course.pk)).status_code == 404
        assert client.post(url("rules", course.pk), rules_of(course)).status_code == 404
        assert client.post(url("assign", course.pk), {}).status_code == 404


def test_a_named_trainer_of_another_house_builds_only_that_course(cast, page, course):
    other = make.course_page(cast.bach_mai, "Khóa khác")
    CourseStaff.objects.create(course=course, person=cast.hoa, role="trainer")
    hoa = cast.client(cast.hoa)

    assert hoa.get(url("course", course.pk)).status_code == 200
    assert hoa.get(url("course", Course.objects.get(key=other.translation_key).pk)).status_code == 404


def test_the_workbench_says_in_words_what_blocks(cast, course):
    answer = cast.client(cast.ung).get(url("course", course.pk))

    assert answer.context["blockers"]
    for reason in answer.context["blockers"]:
        assert reason in answer.context["blockers"]
    assert "disabled" in answer.content.decode()


def test_the_outline_stands_under_the_titles_of_its_modules(cast, page, course):
    page.refresh_from_db()
    module = make.module_page(page, "Phần một: nhận biết sớm")
    make.lesson_page(module, "Thang điểm FAST")
    make.lesson_page(module, "Thời gian vàng")

    outline = cast.client(cast.ung).get(url("course", course.pk)).context["lessons"]

    assert [form.heading for form in outline] == ["", "", "Phần một: nhận biết sớm", ""]


def test_the_whole_way_from_rules_to_a_class(cast, course):
    ung, thang, hang = cast.client(cast.ung), cast.client(cast.thang), cast.client(cast.hang)

    ung.post(url("rules", course.pk), rules_of(course))
    ung.post(url("submit", course.pk))
    release = Release.objects.get()
    thang.post(url("appraise", release.pk), {"comment": "Tốt"})
    hang.post(url("issue", release.pk), DECISION)
    hang.post(url("open_run", release.pk), {"run-code": "LOP-9", "run-mode": "self", "run-seats": "30"})

    release.refresh_from_db()
    assert (release.state, release.periods, release.form) == ("issued", 1.5, "blended")
    assert Run.objects.get().seats == 30


def test_each_step_is_refused_to_those_whose_step_it_is_not(cast, page):
    course = make.rules(page)
    ung, thang, hang = cast.client(cast.ung), cast.client(cast.thang), cast.client(cast.hang)

    assert thang.post(url("submit", course.pk)).status_code == 404
    assert thang.post(url("rules", course.pk), rules_of(course)).status_code == 404
    ung.post(url("submit", course.pk))
    release = Release.objects.get()
    for client in (ung, hang):
        assert client.post(url("appraise", release.pk)).status_code == 404
        assert client.post(url("ask_changes", release.pk), {"comment": "x"}).status_code == 404
    thang.post(url("appraise", release.pk))
    for client in (ung, thang):
        assert client.post(url("issue", release.pk), DECISION).status_code == 404
    hang.post(url("issue", release.pk), DECISION)
    for client in (ung, thang):
        assert (
            client.post(url("open_run", release.pk), {"run-code": "X", "run-mode": "self"}).status_code == 404
        )
    assert not Run.objects.exists()


@pytest.mark.parametrize("name", ["rules", "submit", "assign"])
def test_changes_are_posts(cast, course, name):
    assert cast.client(cast.ung).get(url(name, course.pk)).status_code == 405


def test_a_wrong_rule_saves_nothing_and_shows_the_field(cast, course):
    answer = cast.client(cast.ung).post(url("rules", course.pk), rules_of(course, min_attendance_pct=180))

    course.refresh_from_db()
    assert answer.status_code == 422
    assert course.code == ""
    assert not course.lessons.filter(periods__gt=0).exists()
    assert "180" in answer.content.decode()


def test_rules_never_touch_a_lesson_of_another_course(cast, course):
    other = make.rules(make.course_page(cast.viet_duc, "Khóa Việt Đức"))
    foreign = other.lessons.first()
    data = rules_of(course)
    data["form-0-id"] = foreign.pk
    data["form-0-periods"] = "99"

    cast.client(cast.ung).post(url("rules", course.pk), data)

    foreign.refresh_from_db()
    assert foreign.periods == 1


def test_a_refused_step_says_why_and_changes_nothing(cast, course):
    answer = cast.client(cast.ung).post(url("submit", course.pk), follow=True)

    assert not Release.objects.exists()
    assert len(list(answer.context["messages"])) == len(answer.context["blockers"])


def test_who_is_stuck_where_is_shown_with_the_longest_silent_first(cast):
    enrolment = make.enrolment(cast, kinds=("reading", "video"))
    course = enrolment.run.release.course
    make.enrolment(cast, cast.minh, run=enrolment.run)
    from courses.actions.progress import mark_read

    mark_read(enrolment, lesson=make.lesson_of(enrolment, 1))

    answer = cast.client(cast.ung).get(url("course", course.pk))

    ways = answer.context["learners"]["journeys"]
    assert [way.enrolment.person for way in ways] == [cast.minh, cast.lan]
    assert [way.next.number for way in ways] == [1, 2]


def test_an_appraiser_does_not_see_who_learns(cast):
    enrolment = make.enrolment(cast)
    thang = cast.client(cast.thang)

    html = thang.get(url("course", enrolment.run.release.course_id)).content.decode()

    assert "Nguyễn Thị Lan" not in html
    assert thang.get(url("learner", enrolment.pk)).status_code == 404


def test_a_learners_standing_is_explained_to_the_trainer_and_the_look_is_on_record(cast):
    enrolment = make.enrolment(cast)

    answer = cast.client(cast.ung).get(url("learner", enrolment.pk))

    assert answer.context["result"].rule("attendance").needed == 80
    said = "Tham dự: 0 % (0 trên 2 tiết), cần ít nhất 80 %"
    assert said in answer.content.decode()
    course = CoursePage.objects.get(translation_key=enrolment.run.release.course.key)
    assert said in cast.client(cast.lan).get(course.get_url()).content.decode()
    assert AccessLog.objects.get().person == cast.lan
    assert cast.client(cast.hoa).get(url("learner", enrolment.pk)).status_code == 404


def test_the_workbench_asks_the_database_as_often_for_twelve_learners_as_for_two(cast):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.factories import cast as people

    run = make.run(cast, kinds=("reading", "video"))
    ung = cast.client(cast.ung)

    def count():
        ung.get(url("course", run.release.course_id))
        with CaptureQueriesContext(connection) as queries:
            ung.get(url("course", run.release.course_id))
        return len(queries)

    def crowd(numbers):
        for n in numbers:
            make.enrolment(cast, people.person(f"Vàng A Pháo {n}", login=f"vang{n}"), run=run)

    crowd(range(2))
    with_two = count()
    crowd(range(2, 12))
    assert count() == with_two


def test_staff_is_named_among_those_who_work_at_the_hospital_and_ends(cast, course):
    hang = cast.client(cast.hang)

    hang.post(url("assign", course.pk), {"person": cast.ung.pk, "role": "trainer"})
    hang.post(url("assign", course.pk), {"person": cast.lan.pk, "role": "trainer"})
    row = CourseStaff.objects.get()
    assert row.person == cast.ung
    assert cast.client(cast.hoa).post(url("end_staff", row.pk)).status_code == 404
    hang.post(url("end_staff", row.pk))

    row.refresh_from_db()
    assert row.valid_to


def test_closing_a_class_is_for_its_training_office(cast):
    run = make.run(cast)

    assert cast.client(cast.trong).post(url("close_run", run.pk)).status_code == 404
    assert cast.client(cast.ung).post(url("close_run", run.pk)).status_code == 404
    cast.client(cast.hang).post(url("close_run", run.pk))

    run.refresh_from_db()
    assert run.is_closed


# --- pages that people are learning -----------------------------------------------------------------


@pytest.fixture
@repeated
def taught(cast):
    """A lesson that Lan is learning; the training office may edit the hospital's pages."""
    page = make.course_page(cast.bach_mai, kinds=("reading", "reading"))
    enrolment = make.enrolment(cast, page=page)
    assert cast.hang
    run_due()
    lesson = page.get_children().type(LessonPage).first()
    return page, lesson, enrolment


def test_role_holders_may_edit_the_pages_of_their_hospital_only(cast, taught):
    assert cast.trong
    make.course_page(cast.viet_duc, "Khóa Việt Đức")
    run_due()

    own = GroupPagePermission.objects.filter(group__user=cast.hang.user).values_list("page", flat=True)
    assert set(own) == {make.provider(cast.bach_mai).pk}


@pytest.mark.parametrize("action", ["delete", "unpublish"])
def test_a_lesson_that_is_being_learnt_stays_until_there_is_a_reason(cast, taught, action):
    _page, lesson, enrolment = taught
    hang = cast.client(cast.hang)
    where = reverse(f"wagtailadmin_pages:{action}", args=[lesson.pk])

    refused = hang.post(where)
    assert refused.status_code == 409
    assert enrolment.run.code in refused.content.decode()
    assert Page.objects.get(pk=lesson.pk).live

    hang.post(url("waive"), {"page": lesson.pk, "reason": "", "next": where})
    assert not Waiver.objects.exists()
    back = hang.post(url("waive"), {"page": lesson.pk, "reason": "Hướng dẫn đã thay đổi", "next": where})
    assert back["Location"] == where
    hang.post(where)

    assert not Page.objects.filter(pk=lesson.pk, live=True).exists()
    assert Waiver.objects.get().run == enrolment.run
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.ACTIVE


def test_deleting_the_whole_course_is_held_up_too(cast, taught):
    page, _lesson, _enrolment = taught

    # Wagtail lets only administrators delete a page with pages below it.
    answer = cast.client(cast.admin).post(reverse("wagtailadmin_pages:delete", args=[page.pk]))

    assert answer.status_code == 409
    assert Page.objects.filter(pk=page.pk).exists()


def test_a_lesson_leaves_its_course_only_with_a_reason_but_moves_freely_within(cast, taught):
    page, lesson, _enrolment = taught
    other = make.course_page(cast.bach_mai, "Khóa khác")
    heading = make.module_page(page, "Phần một")
    hang = cast.client(cast.hang)

    away = hang.post(reverse("wagtailadmin_pages:move_confirm", args=[lesson.pk, other.pk]))
    within = hang.post(reverse("wagtailadmin_pages:move_confirm", args=[lesson.pk, heading.pk]))

    assert (away.status_code, within.status_code) == (409, 302)
    assert Page.objects.get(pk=lesson.pk).get_parent().pk == heading.pk


def test_several_lessons_at_once_are_held_up_too(cast, taught):
    _page, lesson, _enrolment = taught
    where = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])

    answer = cast.client(cast.hang).post(f"{where}?id={lesson.pk}&next=/admin/")

    assert answer.status_code == 409
    assert Page.objects.filter(pk=lesson.pk).exists()


def test_a_lesson_that_nobody_learns_may_go(cast):
    page = make.course_page(cast.bach_mai, kinds=("reading",))
    assert cast.hang
    run_due()
    lesson = page.get_children().first()

    cast.client(cast.hang).post(reverse("wagtailadmin_pages:delete", args=[lesson.pk]))

    assert not Page.objects.filter(pk=lesson.pk).exists()


def test_only_the_training_office_lets_a_lesson_go(cast, taught):
    _page, lesson, _enrolment = taught
    body = {"page": lesson.pk, "reason": "Vì", "next": "https://evil.example/"}

    for who in (cast.ung, cast.trong, cast.thang):
        assert cast.client(who).post(url("waive"), body).status_code == 404
    assert not Waiver.objects.exists()
    assert "evil" not in cast.client(cast.hang).post(url("waive"), body)["Location"]


# --- what changed from version to version ----------------------------------------------------------


def sentences(changes):
    return " ".join(changes[1])


def test_what_changed_is_shown_at_submission_to_the_appraiser_and_on_the_versions_page(cast):
    page = make.course_page(cast.bach_mai, kinds=("reading", "quiz"))
    first = make.issued(cast, page)
    course = first.course
    ung, thang = cast.client(cast.ung), cast.client(cast.thang)
    course.lessons.filter(kind="reading").update(periods="2.50")
    Course.objects.filter(pk=course.pk).update(pass_pct=75)

    before_sending = ung.get(url("course", course.pk))
    ung.post(url("submit", course.pk))
    second = course.releases.get(number=2)
    for_the_appraiser = thang.get(url("course", course.pk))
    own_page = thang.get(url("release", second.pk))

    for answer in (before_sending, for_the_appraiser, own_page):
        html = answer.content.decode()
        assert "số tiết 1 → 2,5" in html
        assert "70 % → 75 %" in html
    assert for_the_appraiser.context["draft_changes"] is None
    assert thang.get(url("release", first.pk)).context["changes"] is None


def test_a_course_that_was_not_touched_says_that_nothing_changed(cast):
    release = make.issued(cast, make.course_page(cast.bach_mai))

    answer = cast.client(cast.ung).get(url("course", release.course_id))

    assert answer.context["draft_changes"] == (1, [])


def test_a_version_that_was_sent_back_is_not_what_the_next_is_compared_with(cast):
    page = make.course_page(cast.bach_mai)
    make.issued(cast, page)
    course = Course.objects.get(key=page.translation_key)
    ung, thang = cast.client(cast.ung), cast.client(cast.thang)
    course.lessons.update(periods="2")
    ung.post(url("submit", course.pk))
    thang.post(url("ask_changes", course.releases.get(number=2).pk), {"comment": "Ba tiết"})
    course.lessons.update(periods="3")
    ung.post(url("submit", course.pk))

    changes = thang.get(url("release", course.releases.get(number=3).pk)).context["changes"]

    assert changes[0] == 1
    assert "1 → 3" in sentences(changes)


def test_another_hospital_finds_no_version_here(cast):
    release = make.issued(cast, make.course_page(cast.bach_mai))

    assert cast.client(cast.ung).get(url("release", release.pk)).status_code == 200
    assert cast.client(cast.hoa).get(url("release", release.pk)).status_code == 404
    assert cast.client(cast.lan).get(url("release", release.pk)).status_code in {302, 403, 404}
