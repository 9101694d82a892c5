"""``lms_verify`` recomputes what learners reached: an honest history is silent, each damage behind the actions is named."""

import pytest
from django.db.models import F

from courses.models import (
    Attempt,
    Attendance,
    Course,
    Enrolment,
    LessonProgress,
    Observation,
    Release,
    Session,
    SurveyReceipt,
    SurveyResponse,
    WatchRecord,
)
from lms.verify import breaches
from tests.factories.programme import Programme, programme_a
from tests.kept import repeated


@pytest.fixture
@repeated
def course(cast) -> Programme:
    """Lan has done everything, of which nothing may be missing, and completed; nothing was written past the actions."""
    made = programme_a(cast)
    Course.objects.update(min_attendance_pct=100)
    made.complete(made.enrol(cast.lan))
    return made


def found() -> set[str]:
    """The names of the broken invariants of courses."""
    return {name.partition(".")[2] for name, _breach in breaches("lms_courses")}


def test_an_honest_history_raises_no_alarm(course):
    assert Enrolment.objects.get().state == "completed"
    assert list(breaches("lms_courses")) == []


@pytest.mark.parametrize(
    ("lesson", "lose"),
    [
        ("reading", lambda: LessonProgress.objects.filter(lesson__kind="reading").update(evidence={})),
        ("video", lambda: WatchRecord.objects.update(bits=b"", credited=0)),
        ("session", lambda: Attendance.objects.all().delete()),
        ("posttest", lambda: Attempt.objects.all().delete()),
        ("checklist", lambda: Observation.objects.all().delete()),
        ("survey", lambda: SurveyReceipt.objects.all().delete()),
    ],
)
def test_a_completion_that_lost_one_kind_of_evidence_is_found(course, lesson, lose):
    lose()

    assert {"completion", "progress"} <= found()
    enrolment = Enrolment.objects.get()
    told = [breach.what for _name, breach in breaches("lms_courses.progress")]
    assert told == [f"enrolment {enrolment.pk}, lesson {course.lessons[lesson].pk}"]


def learning_again() -> None:
    """The completion is written off, although everything is met."""
    Enrolment.objects.update(state="active", completed_at=None, completion=None)


def ask_more_than_was_frozen() -> None:
    """A question of the post-test is gone from the version that the class learns."""
    release = Release.objects.get()
    [test] = [item for item in release.outline if item["purpose"] == "posttest"]
    test["blueprint"]["slots"][0]["questions"].clear()
    Release.objects.update(outline=release.outline)


@pytest.mark.parametrize(
    ("damage", "alarm"),
    [
        (learning_again, "unnoticed"),
        (lambda: Enrolment.objects.update(completion=None), "completion"),
        (lambda: WatchRecord.objects.update(credited=F("credited") - 1), "watched"),
        (lambda: Attendance.objects.update(minutes=1), "attendance"),
        (lambda: Session.objects.update(state="ended"), "settled"),
        (lambda: Attempt.objects.update(pct=99), "graded"),
        (lambda: Attempt.objects.update(deadline=F("started_at")), "graded"),
        (lambda: Observation.objects.update(pct=99), "observed"),
        (ask_more_than_was_frozen, "tests"),
        (lambda: SurveyResponse.objects.update(enrolment=Enrolment.objects.get()), "anonymous"),
    ],
)
def test_a_change_behind_the_actions_is_found(course, damage, alarm):
    damage()

    assert alarm in found()
