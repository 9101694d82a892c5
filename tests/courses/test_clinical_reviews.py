"""The content of a course is looked at again: reminders in time, a badge, a date that everybody reads."""

import datetime

import pytest
from django.test import override_settings
from django.urls import reverse

from courses import jobs
from courses.actions import clinical_reviews, staff
from courses.actions.clinical_reviews import ReviewRefused
from courses.models import ClinicalReview, Course, CoursePage, CourseStaff
from lms import clock
from lms.models import Message
from tests.factories import courses as make
from tests.factories.live import moment
from tests.kept import repeated

DUE = datetime.date(2027, 1, 31)
NOTE = "So với 3312/QĐ-BYT: phác đồ không đổi"


@pytest.fixture
@repeated
def page(cast) -> CoursePage:
    """A course of Bạch Mai with Ưng as trainer and Hằng in the office, issued on 24 November 2026."""
    with clock.at(moment("08:00")):
        made = make.course_page(cast.bach_mai, needs="Nhiều ca đến muộn.")
        make.issued(cast, made)
        course = Course.objects.get(key=made.translation_key)
        staff.assign(course, cast.ung, role=CourseStaff.Role.TRAINER, by=cast.hang.user)
    return made


@pytest.fixture
def course(page) -> Course:
    Course.objects.filter(key=page.translation_key).update(review_due=DUE)
    return Course.objects.get(key=page.translation_key)


def on(day: str):
    return clock.at(moment(f"{day} 09:00"))


def remind(day: str) -> list[str]:
    """Who is reminded on *day*, by name."""
    before = set(Message.objects.values_list("pk", flat=True))
    with on(day):
        clinical_reviews.remind()
    rows = Message.objects.filter(event="clinical-review").exclude(pk__in=before)
    return sorted(rows.values_list("person__full_name", flat=True))


BOTH = ["Phạm Thu Hằng", "Đặng Quốc Ưng"]


# --- reminders


def test_trainer_and_office_are_reminded_sixty_thirty_and_no_days_before(cast, course):
    assert remind("2026-12-01") == []
    assert remind("2026-12-02") == BOTH
    assert remind("2026-12-31") == []
    assert remind("2027-01-01") == BOTH
    assert remind("2027-01-31") == BOTH
    assert remind("2027-03-01") == []


def test_the_job_may_run_as_often_as_it_likes(cast, course):
    remind("2026-12-02")

    with on("2026-12-02"):
        for _ in range(3):
            jobs.remind_of_clinical_reviews("", None)

    assert Message.objects.filter(event="clinical-review").count() == 2


def test_after_a_pause_only_the_present_stage_is_sent(cast, course):
    assert remind("2027-02-20") == BOTH

    assert Message.objects.filter(event="clinical-review").count() == 2


def test_a_new_day_begins_the_reminders_anew(cast, course):
    remind("2027-01-31")
    Course.objects.filter(pk=course.pk).update(review_due=datetime.date(2027, 3, 1))

    assert remind("2027-02-01") == BOTH


def test_nobody_is_reminded_of_a_course_without_a_page_or_without_a_day(cast, course):
    Course.objects.filter(pk=course.pk).update(is_open=False)
    assert remind("2027-01-31") == []
    Course.objects.filter(pk=course.pk).update(is_open=True, review_due=None)
    assert remind("2027-01-31") == []


def test_whoever_teaches_no_more_and_another_hospital_are_not_reminded(cast, course):
    assert cast.trong
    with on("2026-11-25"):
        staff.release_from_duty(course.staff.get(), by=cast.hang.user)

    assert remind("2027-01-31") == ["Phạm Thu Hằng"]


@override_settings(LMS_COURSES_REVIEW_REMINDER_DAYS=())
def test_a_site_may_do_without_reminders(cast, course):
    assert remind("2027-01-31") == []


def test_the_words_say_which_course_and_until_when(cast, course):
    remind("2026-12-02")

    text = Message.objects.filter(person=cast.ung).latest("pk").body
    assert course.title_vi in text
    assert "31/01/2027" in text


# --- a review


def confirm(course, by, day="2027-01-20", note=NOTE, next_due=datetime.date(2028, 1, 20)):
    with on(day):
        return clinical_reviews.confirm(course, by=by, note=note, next_due=next_due)


def test_a_review_is_dated_says_who_and_plans_the_next(cast, course):
    row = confirm(course, cast.ung.user)

    course.refresh_from_db()
    assert (row.on, row.by, row.note) == (datetime.date(2027, 1, 20), cast.ung.user, NOTE)
    assert (course.reviewed_on, course.review_due) == (row.on, datetime.date(2028, 1, 20))


def test_two_presses_are_one_review(cast, course):
    assert confirm(course, cast.ung.user) == confirm(course, cast.ung.user)

    assert ClinicalReview.objects.count() == 1


@pytest.mark.parametrize(
    "values",
    [
        {"note": "  ok "},
        {"next_due": datetime.date(2027, 1, 20)},
        {"next_due": datetime.date(2026, 1, 1)},
        {"next_due": datetime.date(2099, 1, 1)},
    ],
)
def test_a_review_without_words_or_with_an_odd_day_is_refused(cast, course, values):
    with pytest.raises(ReviewRefused):
        confirm(course, cast.ung.user, **values)

    course.refresh_from_db()
    assert course.review_due == DUE
    assert not ClinicalReview.objects.exists()


def test_an_appraisal_counts_as_a_review(cast, course):
    assert course.reviewed_on == datetime.date(2026, 11, 24)


def test_whoever_appraised_a_version_after_the_day_is_not_asked_to_review_again(cast, page, course):
    make.lesson_page(page, "Bài bổ sung")
    with on("2027-02-03"):
        make.issued(cast, page)

    course.refresh_from_db()
    assert (course.reviewed_on, course.next_review, course.review_standing) == (
        datetime.date(2027, 2, 3), None, ""
    )  # fmt: skip
    assert remind("2027-02-04") == []


# --- the screens


def post(cast, who, course, **changes):
    url = reverse("lms_courses_admin:reviewed", args=[course.pk])
    with on("2027-01-20"):
        return cast.client(who).post(url, {"note": NOTE, "next_due": "2028-01-20", **changes})


def test_the_trainer_confirms_in_the_workbench(cast, course):
    assert post(cast, cast.ung, course).status_code == 302

    assert ClinicalReview.objects.get().by == cast.ung.user
    with on("2027-01-21"):
        text = (
            cast.client(cast.ung).get(reverse("lms_courses_admin:course", args=[course.pk])).content.decode()
        )
    assert NOTE in text
    assert "20/01/2027" in text


@pytest.mark.parametrize(
    "changes", [{"note": ""}, {"next_due": ""}, {"next_due": "mai"}, {"next_due": "2026-01-01"}]
)
def test_a_fault_keeps_what_was_typed_and_records_nothing(cast, course, changes):
    answer = post(cast, cast.ung, course, **changes)

    assert answer.status_code == 422
    assert not ClinicalReview.objects.exists()


@pytest.mark.parametrize("who", ["hoa", "trong", "thang", "dao"])
def test_whoever_does_not_build_the_course_confirms_nothing(cast, course, who):
    assert post(cast, getattr(cast, who), course).status_code == 404

    assert not ClinicalReview.objects.exists()


@pytest.mark.parametrize(
    ("day", "badge"),
    [("2026-11-25", ""), ("2026-12-05", "31/01/2027"), ("2027-02-01", "quá hạn")],
)
def test_the_list_of_courses_marks_those_near_and_overdue(cast, course, day, badge):
    with on(day):
        text = cast.client(cast.hang).get(reverse("lms_courses_admin:index")).content.decode()

    assert badge in text
    assert ("31/01/2027" in text) == bool(badge)


def test_everybody_reads_when_the_content_was_last_reviewed(cast, page, course):
    confirm(course, cast.ung.user, next_due=datetime.date(2027, 6, 1))
    client = cast.client()

    with on("2027-02-01"):
        fresh = client.get(page.url).content.decode()
    with on("2027-06-02"):
        old = client.get(page.url).content.decode()

    assert "20/01/2027" in fresh
    assert "01/06/2027" not in fresh
    assert "01/06/2027" in old


# --- what else is dated


def test_a_conflict_of_interest_is_dated_and_dated_anew_when_it_changes(cast, course):
    with on("2026-12-01"):
        row = staff.assign(course, cast.xuan, role="observer", by=None, disclosure="Không có")
    with on("2026-12-09"):
        same = staff.assign(course, cast.xuan, role="observer", by=None, disclosure="Không có")
    with on("2026-12-10"):
        changed = staff.assign(course, cast.xuan, role="observer", by=None, disclosure="Tư vấn cho hãng A")
        silent = staff.assign(course, cast.xuan, role="observer", by=None)

    assert (row.disclosed_on, same.disclosed_on) == (datetime.date(2026, 12, 1), datetime.date(2026, 12, 1))
    assert (changed.pk, changed.disclosed_on) == (row.pk, datetime.date(2026, 12, 10))
    assert silent.disclosure == "Tư vấn cho hãng A"


def test_the_course_page_dates_the_needs_and_the_disclosures(cast, page, course):
    Course.objects.filter(pk=course.pk).update(needs_on=datetime.date(2026, 7, 15))
    with on("2026-12-01"):
        staff.assign(course, cast.ung, role="trainer", by=None, disclosure="Không có")
        text = cast.client().get(page.url).content.decode()

    assert "15/07/2026" in text
    assert "01/12/2026" in text
