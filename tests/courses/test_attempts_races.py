"""Twelve tabs start, sixteen requests hand in, the power fails at every step of handing in."""

from threading import Barrier

import pytest
from django.db import IntegrityError

from content import grading
from courses.actions import attempts, progress
from courses.models import Attempt, AttemptAnswer, Enrolment, LessonProgress
from courses.signals import lesson_met
from lms import clock
from lms.crashpoints import crashpoint
from tests import kept
from tests.factories import live
from tests.factories.live import moment

pytestmark = pytest.mark.race
TABS, CLICKS = 12, 16


@pytest.fixture
def class_(race_cast):
    with clock.at(moment("08:00")):
        return kept.world(race_cast, ("class", "quiz"), lambda: live.Class(race_cast, kinds=("quiz",)))


@pytest.fixture
def attempt(class_):
    with clock.at(moment("14:00")):
        row = attempts.start(class_.lan, lesson=class_.lessons["quiz"], by=class_.cast.lan.user)
        for item in row.frozen:
            attempts.save_answer(row, slot=item["slot"], value=item["key"])
    return row


def start(class_):
    with clock.at(moment("14:00")):
        return attempts.start(class_.lan, lesson=class_.lessons["quiz"], by=None)


def all_tabs_have_one_attempt(race_db, class_, start_once):
    found = race_db.threads(TABS, lambda _tab: start_once(class_))
    assert [row for row in found if isinstance(row, Exception)] == []
    assert len({row.pk for row in found}) == 1
    assert Attempt.objects.count() == 1


def test_twelve_tabs_start_one_attempt(race_db, class_):
    all_tabs_have_one_attempt(race_db, class_, start)


def test_twelve_tabs_never_get_past_the_last_attempt(race_db, class_):
    """The limit of Moodle and frappe/lms, passed with two tabs."""
    for _ in range(3):
        race_db.threads(TABS, lambda _tab: start(class_))
        open_one = Attempt.objects.get(state="open")
        with clock.at(moment("14:10")):
            attempts.submit(open_one, nonce=open_one.nonce)

    refused = race_db.threads(TABS, lambda _tab: start(class_))

    assert all(isinstance(row, attempts.NoAttemptLeft) for row in refused)
    assert Attempt.objects.count() == 3


def test_a_start_that_looks_and_then_inserts_fails_the_same_race(race_db, class_):
    barrier = Barrier(TABS, timeout=30)

    def naive(class_):
        count = Attempt.objects.filter(enrolment=class_.lan).count()
        barrier.wait()
        item = class_.run.release.outline[0]
        return Attempt.objects.create(
            enrolment=class_.lan,
            lesson=class_.lessons["quiz"],
            number=count + 1,
            allowance=3,
            nonce=attempts.secrets.token_urlsafe(16),
            language="vi",
            frozen=grading.freeze(item["blueprint"], seed=1),
            started_at=moment("14:00"),
            pass_pct=70,
        )

    with pytest.raises(AssertionError):
        all_tabs_have_one_attempt(race_db, class_, naive)
    assert Attempt.objects.count() == 1, "the constraints hold even where the code does not"


def hand_in(attempt):
    with clock.at(moment("14:10")):
        return attempts.submit(attempt, nonce=attempt.nonce)


def one_graded_event(race_db, attempt, hand_in_once):
    told = []

    def hear(**facts):
        told.append(facts["lesson"])

    lesson_met.connect(hear)
    try:
        found = race_db.threads(CLICKS, lambda _click: hand_in_once(attempt))
    finally:
        lesson_met.disconnect(hear)
    assert [row for row in found if isinstance(row, Exception)] == []
    assert {(row.pk, row.pct, row.state, row.finished_at) for row in found} == {
        (attempt.pk, 100, "submitted", moment("14:10"))
    }
    assert len(told) == 1


def test_sixteen_submits_are_one_graded_event(race_db, attempt):
    one_graded_event(race_db, attempt, hand_in)


def test_a_submit_that_looks_and_then_saves_fails_the_same_race(race_db, attempt):
    barrier = Barrier(CLICKS, timeout=30)

    def naive(attempt):
        row = Attempt.objects.get(pk=attempt.pk)
        is_open = row.state == "open"
        barrier.wait()
        if is_open:
            row.state, row.pct, row.passed, row.finished_at = "submitted", 100, True, moment("14:10")
            row.save()
            lesson_met.send(Attempt, enrolment=row.enrolment, lesson=row.lesson_id, evidence={})
        return row

    with pytest.raises(AssertionError):
        one_graded_event(race_db, attempt, naive)


def test_answers_from_two_devices_leave_the_newest(race_db, class_):
    attempt = start(class_)
    options = [option["id"] for option in attempt.frozen[0]["options"]]

    def answer(number):
        with clock.at(moment("14:05")):
            return attempts.save_answer(attempt, slot=1, value=[options[number % 4]], client_seq=number)

    race_db.threads(16, answer)

    kept = AttemptAnswer.objects.get()
    assert (kept.client_seq, kept.value) == (15, [options[3]])


def test_an_answer_and_a_submit_at_once_are_graded_as_saved(race_db, class_):
    """Whatever comes first, the score is that of the answers kept."""
    attempt = start(class_)

    def either(number):
        with clock.at(moment("14:10")):
            if number:
                return attempts.save_answer(attempt, slot=number, value=attempt.frozen[number - 1]["key"])
            return attempts.submit(attempt, nonce=attempt.nonce)

    found = race_db.threads(5, either)

    attempt.refresh_from_db()
    kept = dict(AttemptAnswer.objects.values_list("slot", "value"))
    assert attempt.pct == grading.grade(attempt.frozen, kept).pct
    assert all(not isinstance(one, Exception) or isinstance(one, attempts.AttemptClosed) for one in found)


# --- kill -9


def hand_in_by_pk(pk):
    hand_in(Attempt.objects.get(pk=pk))


@pytest.mark.parametrize(
    ("point", "is_done"),
    [
        ("submit.answers_saved", False),
        ("submit.graded", False),
        ("submit.refreshed", False),
        ("submit.committed", True),
    ],
)
def test_a_crash_while_handing_in_leaves_all_or_nothing(race_db, attempt, point, is_done):
    race_db.crash_at(point, hand_in_by_pk, attempt.pk)

    all_or_nothing(attempt, is_done)


def all_or_nothing(attempt, is_done):
    """What a crash left is whole, and handing in once more ends well."""
    attempt.refresh_from_db()
    enrolment = Enrolment.objects.get(person=attempt.enrolment.person)
    assert AttemptAnswer.objects.count() == 4
    assert (attempt.state == "submitted") is is_done
    assert LessonProgress.objects.filter(met_at__isnull=False).exists() is is_done
    assert (enrolment.state == "completed") is is_done

    hand_in(attempt)

    attempt.refresh_from_db()
    enrolment.refresh_from_db()
    assert (attempt.state, attempt.pct, enrolment.state) == ("submitted", 100, "completed")
    assert progress.refresh(enrolment).complete


def grade_then_conclude(pk):
    """The naive way: the grade is saved in one transaction, what follows from it in another."""
    row = Attempt.objects.get(pk=pk)
    row.state, row.pct, row.passed, row.finished_at = "submitted", 100, True, moment("14:10")
    row.save()
    crashpoint("naive.graded")
    progress.refresh(row.enrolment)


@pytest.mark.parametrize("is_done", [False, True])
def test_two_transactions_would_leave_a_grade_without_its_progress(race_db, attempt, is_done):
    race_db.crash_at("naive.graded", grade_then_conclude, attempt.pk)

    with pytest.raises(AssertionError):
        all_or_nothing(attempt, is_done)
    hand_in(attempt)
    assert Enrolment.objects.get(pk=attempt.enrolment_id).state == "active", "repeating does not mend it"


def test_the_database_itself_refuses_a_second_open_attempt(race_db, class_):
    first = start(class_)

    with pytest.raises(IntegrityError):
        Attempt.objects.create(
            enrolment=first.enrolment,
            lesson=first.lesson,
            number=2,
            allowance=3,
            nonce="n",
            language="vi",
            frozen=first.frozen,
            started_at=moment("14:00"),
            pass_pct=70,
        )
