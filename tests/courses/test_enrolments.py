"""Getting into a class: who may, how often, and that seats are never oversold."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from courses.actions.enrolments import (
    AlreadyCompleted,
    LearningElsewhere,
    NotInAudience,
    RunClosed,
    RunFull,
    RunNotSelfService,
    enrol,
    withdraw,
)
from courses.actions.progress import mark_read
from courses.actions.runs import close_run, open_run
from courses.models import Enrolment, Run
from courses.signals import enrolled, enrolment_completed
from lms import clock
from tests.factories import cast as people
from tests.factories import courses as make
from tests.kept import repeated

DAY = datetime.timedelta(days=1)


@pytest.fixture
@repeated
def run(cast):
    return make.run(cast, seats=2)


def test_enrolling_takes_a_seat_and_remembers_the_workplace(cast, run):
    heard = []
    enrolled.connect(lambda **kw: heard.append(kw["enrolment"]), weak=False, dispatch_uid="t")

    enrolment = enrol(run, person=cast.lan, by=cast.lan.user)

    enrolled.disconnect(dispatch_uid="t")
    run.refresh_from_db()
    assert (run.seats_taken, enrolment.facility, heard) == (1, cast.bac_ha, [enrolment])


def test_enrolling_twice_is_enrolling_once(cast, run):
    first = enrol(run, person=cast.lan, by=cast.lan.user)

    assert enrol(run, person=cast.lan, by=cast.lan.user) == first
    run.refresh_from_db()
    assert run.seats_taken == 1


def test_a_full_class_takes_nobody(cast, run):
    enrol(run, person=cast.lan, by=cast.lan.user)
    enrol(run, person=cast.minh, by=cast.minh.user)

    with pytest.raises(RunFull, match="2"):
        enrol(run, person=cast.khanh, by=cast.khanh.user)

    assert Enrolment.objects.count() == 2


def test_a_withdrawn_seat_is_free_for_somebody_else_and_coming_back_is_a_new_episode(cast, run):
    first = enrol(run, person=cast.lan, by=cast.lan.user)

    withdraw(first, by=cast.lan.user)
    withdraw(first, by=cast.lan.user)
    again = enrol(run, person=cast.lan, by=cast.lan.user)

    run.refresh_from_db()
    assert (run.seats_taken, first.state, again.episode) == (1, "withdrawn", 2)


def test_a_class_takes_nobody_before_and_after_its_days_or_once_closed(cast):
    now = timezone.now()
    release = make.issued(cast, make.course_page(cast.bach_mai))
    early = open_run(release, code="EARLY", by=cast.hang.user, enrol_from=now + DAY)
    late = open_run(release, code="LATE", by=cast.hang.user, enrol_until=now - DAY)
    closed = close_run(open_run(release, code="CLOSED", by=cast.hang.user), by=cast.hang.user)

    for run in (early, late, closed):
        with pytest.raises(RunClosed, match=run.code):
            enrol(run, person=cast.lan, by=cast.lan.user)
    with clock.at(now + DAY * 2):
        assert enrol(early, person=cast.lan, by=cast.lan.user)


def test_a_nurse_cannot_enrol_in_a_course_for_physicians(cast):
    run = make.run(cast, rules={"audience": [people.profession("bac_sy")]})

    with pytest.raises(NotInAudience, match="Bác sỹ"):
        enrol(run, person=cast.lan, by=cast.lan.user)
    assert enrol(run, person=cast.minh, by=cast.minh.user)


def test_where_a_coordinator_enrols_people_cannot_enrol_themselves(cast):
    run = make.run(cast, mode=Run.Mode.COORDINATOR, contact="chị Thu Hà")

    with pytest.raises(RunNotSelfService, match="Thu Hà"):
        enrol(run, person=cast.lan, by=cast.lan.user)
    assert enrol(run, person=cast.lan, by=cast.ha.user).enrolled_by == cast.ha.user


def test_rule_2_the_same_version_is_learnt_once_but_a_new_version_may_follow(cast):
    page = make.course_page(cast.bach_mai, kinds=("reading",))
    enrolment = make.enrolment(cast, page=page)
    mark_read(enrolment, lesson=make.lesson_of(enrolment, 1))
    assert enrolment.state == Enrolment.State.COMPLETED
    again = open_run(enrolment.run.release, code="LAN-NUA", by=cast.hang.user)

    with pytest.raises(AlreadyCompleted):
        enrol(again, person=cast.lan, by=cast.lan.user)
    with pytest.raises(AlreadyCompleted):
        enrol(enrolment.run, person=cast.lan, by=cast.lan.user)

    make.lesson_page(page, "Bài mới", facility=cast.bach_mai)
    newer = make.run(cast, page=page)
    assert enrol(newer, person=cast.lan, by=cast.lan.user).state == Enrolment.State.ACTIVE


def test_nobody_learns_one_course_in_two_classes_at_once(cast, run):
    other = open_run(run.release, code="LOP-2", by=cast.hang.user)
    enrol(run, person=cast.lan, by=cast.lan.user)

    with pytest.raises(LearningElsewhere, match=run.code):
        enrol(other, person=cast.lan, by=cast.lan.user)


def test_the_database_itself_refuses_too_many_seats_and_two_open_enrolments(cast, run):
    enrolment = enrol(run, person=cast.lan, by=cast.lan.user)

    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(seats_taken=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.create(run=run, person=cast.lan, episode=9, enrolled_at=enrolment.enrolled_at)


# --- completion happens once -----------------------------------------------------------------------


def test_completion_is_written_once_announced_once_and_never_dated_again(cast):
    enrolment = make.enrolment(cast, kinds=("reading", "reading"))
    heard = []
    enrolment_completed.connect(lambda **kw: heard.append(kw["enrolment"]), weak=False, dispatch_uid="t")
    first, second = make.lesson_of(enrolment, 1), make.lesson_of(enrolment, 2)

    mark_read(enrolment, lesson=first)
    assert enrolment.state == Enrolment.State.ACTIVE
    with clock.at(datetime.datetime(2026, 11, 12, 9, tzinfo=datetime.UTC)):
        mark_read(enrolment, lesson=second)
    mark_read(enrolment, lesson=second)

    enrolment_completed.disconnect(dispatch_uid="t")
    enrolment.refresh_from_db()
    assert heard == [enrolment]
    assert enrolment.completed_at.day == 12
    assert enrolment.completion["attendance_pct"] == "100.00"
    assert enrolment.completion["rules"][0]["met"] is True


def test_changing_the_rules_later_touches_no_learner(cast):
    enrolment = make.enrolment(cast, kinds=("reading", "reading"), rules={"min_attendance_pct": 50})
    mark_read(enrolment, lesson=make.lesson_of(enrolment, 1))
    done = Enrolment.objects.get()
    course = done.run.release.course
    course.min_attendance_pct = 100
    course.save()

    from courses.actions.progress import refresh

    refresh(done)

    assert Enrolment.objects.get().completed_at == done.completed_at


def test_a_withdrawn_learner_records_nothing(cast):
    from courses.actions.progress import NotALearner

    enrolment = make.enrolment(cast)
    withdraw(enrolment, by=cast.lan.user)

    with pytest.raises(NotALearner):
        mark_read(enrolment, lesson=make.lesson_of(enrolment, 1))


# --- races -----------------------------------------------------------------------------------------


def naive_enrol(run, *, person, by):
    """Check, then insert: what the action must not be."""
    row = Run.objects.get(pk=run.pk)
    if row.seats_taken >= row.seats:
        raise RunFull
    made = Enrolment.objects.create(run=run, person=person, enrolled_at=clock.now())
    Run.objects.filter(pk=run.pk, seats_taken=row.seats_taken).update(seats_taken=row.seats_taken + 1)
    return made


@pytest.mark.race
@pytest.mark.parametrize(("action", "is_right"), [(enrol, True), (naive_enrol, False)])
def test_a_hundred_people_for_thirty_seats(race_db, race_cast, action, is_right):
    run = make.run(race_cast, seats=30)
    crowd = [people.person(f"Lò Thị Xuân {n}") for n in range(100)]

    race_db.threads(100, lambda n: action(run, person=crowd[n], by=None))

    run.refresh_from_db()
    assert ((run.seats_taken, Enrolment.objects.count()) == (30, 30)) is is_right


@pytest.mark.race
def test_one_person_pressing_twelve_times_takes_one_seat(race_db, race_cast):
    run = make.run(race_cast, seats=30)
    lan = race_cast.lan

    rows = race_db.threads(12, lambda n: enrol(run, person=lan, by=lan.user))

    run.refresh_from_db()
    assert len({row.pk for row in rows}) == 1
    assert (run.seats_taken, Enrolment.objects.count()) == (1, 1)
