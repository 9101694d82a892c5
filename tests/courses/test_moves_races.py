"""A class is moved while its learners finish, begin tests, leave or are moved by somebody else; power fails."""

import time
from threading import Barrier, Event

import pytest

from courses.actions import attempts, enrolments, moves, progress
from courses.actions.moves import MoveRefused
from courses.models import Attempt, Enrolment, EnrolmentMove, LessonProgress, Release, Run
from courses.signals import enrolment_moved
from lms import clock
from tests import kept
from tests.courses.test_moves import REASON, breaches, next_version
from tests.factories import live
from tests.factories.live import moment

pytestmark = pytest.mark.race


class Almost:
    """Lan has done all but the last lesson of version 1; version 2 has one lesson more."""

    def __init__(self, cast):
        self.cast = cast
        with clock.at(moment("08:00")):
            self.course = live.course(cast.bach_mai, require_survey=False, min_attendance_pct=100)
            self.lessons = [live.lesson(self.course, "reading", periods="1") for _ in range(2)]
            self.test = live.lesson(
                self.course, "quiz", purpose="practice", quiz=live.quiz(cast.bach_mai, questions=2)
            )
            self.run = live.run(self.course)
            self.lan = enrolments.enrol(self.run, person=cast.lan, by=cast.lan.user)
            progress.mark_read(self.lan, lesson=self.lessons[0])
            live.lesson(self.course, "reading", periods="1")
            self.to = next_version(self.course)
        self.by = cast.hang.user

    def move(self):
        with clock.at(moment("09:00")):
            return moves.move(self.run, to=self.to, by=self.by, reason=REASON, code="DQ-01-K1-V2")

    def finish(self):
        with clock.at(moment("09:00")):
            return progress.mark_read(self.lan, lesson=self.lessons[1])

    def now(self) -> Enrolment:
        return Enrolment.objects.select_related("run__release").get(pk=self.lan.pk)


@pytest.fixture
def almost(race_cast):
    return kept.world(race_cast, ("almost",), lambda: Almost(race_cast))


def one_of_two_worlds(race_db, almost, move_once):
    """Completed by version 1 and left there, or learning version 2 with both lessons done; never between."""
    found = race_db.threads(4, lambda number: almost.finish() if number % 2 else move_once())

    assert [row for row in found if isinstance(row, Exception)] == []
    lan = almost.now()
    done = set(LessonProgress.objects.filter(met_at__isnull=False).values_list("lesson", flat=True))
    assert done == {row.pk for row in almost.lessons}
    expected = {("completed", 1, 0), ("active", 2, 1)}
    assert (lan.state, lan.run.release.number, EnrolmentMove.objects.count()) in expected
    assert breaches() == []


@pytest.mark.parametrize("_round", range(4))
def test_a_learner_who_finishes_while_the_class_is_moved_ends_in_one_of_two_worlds(race_db, almost, _round):
    one_of_two_worlds(race_db, almost, almost.move)


def test_a_move_that_looks_and_then_writes_fails_the_same_race(race_db, almost):
    target = live.run_of(almost.to, "DQ-01-K2")
    barrier = Barrier(2, timeout=30)

    def naive():
        rows = list(Enrolment.objects.open().filter(run=almost.run))
        barrier.wait()
        almost.finish()
        for row in rows:
            row.run = target
            row.save(update_fields=["run"])

    with pytest.raises(AssertionError):
        one_of_two_worlds(race_db, almost, naive)


@pytest.mark.parametrize("verb", ["refresh", "start", "withdraw"])
def test_whoever_waits_for_a_move_goes_on_by_the_newer_version(race_db, almost, verb):
    """The move holds the row; PostgreSQL would join the learner with the class of before."""
    is_moving = Event()

    def slow(**facts):
        is_moving.set()
        time.sleep(0.7)

    def wait_and_act():
        assert is_moving.wait(20)
        with clock.at(moment("09:01")):
            if verb == "refresh":
                return progress.refresh(almost.lan)
            if verb == "start":
                return attempts.start(almost.lan, lesson=almost.test, by=None)
            return enrolments.withdraw(almost.lan, by=None)

    enrolment_moved.connect(slow)
    try:
        found = race_db.threads(2, lambda number: wait_and_act() if number else almost.move())
    finally:
        enrolment_moved.disconnect(slow)

    assert [row for row in found if isinstance(row, Exception)] == []
    if verb == "refresh":
        assert len(found[1].lessons) == 4
    if verb == "withdraw":
        assert dict(Run.objects.values_list("code", "seats_taken")) == {"DQ-01-K1": 0, "DQ-01-K1-V2": 0}
    assert almost.now().run.release.number == 2
    assert breaches() == []


@pytest.mark.parametrize("_round", range(3))
def test_a_test_that_begins_while_the_class_is_moved_belongs_to_one_version(race_db, almost, _round):
    Release.objects.filter(pk=almost.to.pk).update(policy={**almost.to.policy, "pass_pct": 90}, sha256="")

    def either(number):
        with clock.at(moment("09:00")):
            if number % 2:
                return attempts.start(almost.lan, lesson=almost.test, by=None)
        return almost.move()

    found = race_db.threads(4, either)

    assert [row for row in found if isinstance(row, Exception)] == []
    attempt, lan = Attempt.objects.get(), almost.now()
    assert (lan.run.release.number, attempt.pass_pct) in {(1, 70), (2, 90)}
    assert breaches() == []


@pytest.mark.parametrize("_round", range(3))
def test_two_offices_at_once_move_everybody_once(race_db, almost, _round):
    found = race_db.threads(6, lambda _number: almost.move())

    assert [row for row in found if isinstance(row, Exception)] == []
    assert sorted(len(done.moves) for done in found) == [0, 0, 0, 0, 0, 1]
    assert dict(Run.objects.values_list("code", "seats_taken")) == {"DQ-01-K1": 0, "DQ-01-K1-V2": 1}
    assert breaches() == []


def test_two_classes_that_want_the_last_seat_get_one(race_db, almost, race_cast):
    with clock.at(moment("08:00")):
        other = Run.objects.create(release=almost.run.release, code="DQ-01-K3")
        enrolments.enrol(other, person=race_cast.minh, by=race_cast.minh.user)
        target = live.run_of(almost.to, "DQ-01-K2")
        Run.objects.filter(pk=target.pk).update(seats=1)

    def go(number):
        with clock.at(moment("09:00")):
            run = other if number else almost.run
            return moves.move(run, to=almost.to, by=almost.by, reason=REASON, target=target)

    found = race_db.threads(2, go)

    assert sorted(isinstance(one, MoveRefused) for one in found) == [False, True]
    assert Run.objects.get(pk=target.pk).seats_taken == 1
    assert breaches() == []


# --- kill -9


def move_by_pk(run, to, by):
    from django.contrib.auth import get_user_model

    with clock.at(moment("09:00")):
        moves.move(
            Run.objects.get(pk=run),
            to=Release.objects.get(pk=to),
            by=get_user_model().objects.get(pk=by),
            reason=REASON,
            code="DQ-01-K1-V2",
        )


@pytest.mark.parametrize(("point", "is_done"), [("move.written", False), ("move.committed", True)])
def test_a_crash_in_a_move_leaves_all_or_nothing(race_db, almost, point, is_done):
    race_db.crash_at(point, move_by_pk, almost.run.pk, almost.to.pk, almost.by.pk)

    assert (almost.now().run.release.number == 2) is is_done
    assert Run.objects.filter(release=almost.to).exists() is is_done
    assert EnrolmentMove.objects.exists() is is_done
    assert breaches() == []

    almost.move()

    assert almost.now().run.release.number == 2
    assert EnrolmentMove.objects.count() == 1
    assert breaches() == []
