"""The waiting list: first come, first served, within the quotas of provinces, and by itself."""

import datetime
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from courses.actions import applications, runs, seats
from courses.actions.enrolments import NoOffer, RunClosed, RunFull, accept, enrol, withdraw
from courses.doors import doors
from courses.models import Application, Run, RunQuota
from courses.seating import called_up
from lms import clock, queue
from lms.models import Message
from lms.verify import breaches
from tests.courses.test_waiting_list_machine import Hall, overtaking
from tests.examples import examples
from tests.factories import cast as make
from tests.factories import live
from tests.kept import repeated

State = Application.State
HOUR = datetime.timedelta(hours=1)
NOON = datetime.datetime(2026, 11, 24, 5, tzinfo=datetime.UTC)


# --- who gets a seat, without a database ----------------------------------------------------------


def one_by_one(free, left, line):
    """The oracle: ask each in turn whether there is room beside those before."""
    inside = []
    for key, province in line:
        same = sum(1 for one in inside if dict(line)[one] == province)
        if (free is None or len(inside) < free) and (province not in left or same < left[province]):
            inside.append(key)
    return inside


@given(
    st.none() | st.integers(0, 4),
    st.dictionaries(st.sampled_from("ABC"), st.integers(0, 4)),
    st.lists(st.sampled_from("ABCD"), max_size=12).map(lambda found: list(enumerate(found))),
)
@examples(200)
def test_seats_go_down_the_line_and_a_full_quota_holds_nobody_of_another_province_back(free, left, line):
    assert called_up(free, left, line) == one_by_one(free, left, line)


# --- by itself -------------------------------------------------------------------------------------


@pytest.fixture
def hall(cast):
    return Hall(cast)


@pytest.fixture
@repeated
def full(cast):
    """One seat, in which Lan sits; Minh waits, and Khánh behind him."""
    course = live.course(cast.bach_mai)
    live.lesson(course, "reading", periods="1")
    run = live.run(course)
    Run.objects.filter(pk=run.pk).update(seats=1)
    run.refresh_from_db()
    with clock.at(NOON):
        first = enrol(run, person=cast.lan, by=cast.lan.user)
    for minutes, person in ((1, cast.minh), (2, cast.khanh)):
        with clock.at(NOON + minutes * HOUR / 60):
            applications.apply_for(run, person=person, by=person.user)
    return SimpleNamespace(run=run, lan=first, minh=asked(run, cast.minh), khanh=asked(run, cast.khanh))


def asked(run, person) -> Application:
    return run.applications.get(person=person)


def states(full) -> tuple[str, str]:
    full.minh.refresh_from_db()
    full.khanh.refresh_from_db()
    return full.minh.state, full.khanh.state


def test_a_full_class_says_so_and_that_one_may_wait(cast, full):
    with pytest.raises(RunFull, match="danh sách chờ"):
        enrol(full.run, person=cast.ung, by=cast.ung.user)
    assert (full.minh.place, full.khanh.place) == (1, 2)


def test_applying_twice_is_applying_once_and_keeps_the_place(cast, full):
    again = applications.apply_for(full.run, person=cast.minh, by=cast.minh.user)

    assert again == full.minh
    assert again.place == 1


def test_a_withdrawal_offers_the_seat_to_the_first_in_line_and_tells_him(cast, full):
    with clock.at(NOON + HOUR):
        withdraw(full.lan, by=cast.lan.user)
        queue.run_due()

    assert states(full) == ("offered", "waiting")
    assert full.minh.due_at == NOON + 49 * HOUR
    assert Message.objects.get(person=cast.minh).event == "seat-offered"
    full.run.refresh_from_db()
    assert full.run.seats_taken == 1


def test_nobody_takes_an_offered_seat_but_whom_it_is_offered_to(cast, full):
    withdraw(full.lan, by=cast.lan.user)

    with pytest.raises(RunFull):
        enrol(full.run, person=cast.lan, by=cast.lan.user)
    with pytest.raises(RunFull):
        enrol(full.run, person=cast.khanh, by=cast.khanh.user)
    assert enrol(full.run, person=cast.minh, by=cast.minh.user).person == cast.minh
    assert states(full) == ("enrolled", "waiting")


def test_an_offer_that_is_not_accepted_goes_to_the_next_and_cannot_be_accepted_any_more(cast, full):
    with clock.at(NOON + HOUR):
        withdraw(full.lan, by=cast.lan.user)
        queue.run_due()
    with clock.at(NOON + 50 * HOUR):
        with pytest.raises(NoOffer):
            accept(full.minh, by=cast.minh.user)
        queue.tick()
        queue.run_due()

        assert states(full) == ("expired", "offered")
        assert accept(full.khanh, by=cast.khanh.user) == accept(full.khanh, by=cast.khanh.user)
    assert list(breaches("lms_courses")) == []


def test_more_seats_go_to_those_who_wait(cast, full):
    runs.change_run(full.run, by=cast.hang.user, seats=3)
    queue.run_due()

    assert states(full) == ("offered", "offered")


def test_a_class_cannot_get_fewer_seats_than_are_taken(cast, full):
    with pytest.raises(runs.RunRefused, match="1"):
        runs.change_run(full.run, by=cast.hang.user, seats=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=full.run.pk).update(seats=0)


def test_who_has_no_login_gets_the_seat_without_pressing_anything(cast, full):
    my = applications.apply_for(full.run, person=cast.my, by=cast.ha.user)
    runs.change_run(full.run, by=cast.hang.user, seats=4)
    queue.run_due()

    my.refresh_from_db()
    assert my.state == State.ENROLLED
    assert my.enrolment.person == cast.my


def test_a_seat_given_by_itself_is_not_given_to_who_learns_the_course_elsewhere_by_now(cast, full):
    my = applications.apply_for(full.run, person=cast.my, by=cast.ha.user)
    enrol(live.run_of(full.run.release, "DQ-01-K2"), person=cast.my, by=cast.ha.user)
    runs.change_run(full.run, by=cast.hang.user, seats=4)
    queue.run_due()

    my.refresh_from_db()
    assert (my.state, "DQ-01-K2" in my.reason) == (State.REFUSED, True)
    assert list(breaches("lms_courses.seats")) == []


def test_closing_the_class_ends_the_list_and_tells_those_who_waited(cast, full):
    runs.close_run(full.run, by=cast.hang.user)
    queue.run_due()

    assert states(full) == ("expired", "expired")
    assert Message.objects.filter(event="application-ended").count() == 2
    with pytest.raises(RunClosed):
        applications.apply_for(full.run, person=cast.ung, by=cast.ung.user)


def test_taking_an_application_back_frees_the_place_for_those_behind(cast, full):
    applications.take_back(full.minh, by=cast.minh.user)
    applications.take_back(full.minh, by=cast.minh.user)

    assert states(full) == ("withdrawn", "waiting")
    assert full.khanh.place == 1


# --- quotas ----------------------------------------------------------------------------------------


def test_a_province_takes_no_more_than_its_quota_while_others_still_enrol(cast, hall):
    first, second, elsewhere = (hall.people[number] for number in (1, 2, 0))
    enrol(hall.run, person=first, by=first.user)

    with pytest.raises(RunFull, match="Lào Cai"):
        enrol(hall.run, person=second, by=second.user)
    hall.run.refresh_from_db()
    [shut], [open_to_others] = doors([hall.run], second), doors([hall.run], elsewhere)
    assert (shut.act, "Lào Cai" in shut.note) == ("wait", True)
    assert (open_to_others.act, open_to_others.note) == ("enrol", "")
    applications.apply_for(hall.run, person=second, by=second.user)
    assert enrol(hall.run, person=elsewhere, by=elsewhere.user).quota is None
    assert list(breaches("lms_courses.seats")) == []


def test_a_quota_counts_those_who_are_in_already_and_is_never_smaller(cast, hall):
    runs.drop_quota(hall.quota, by=hall.office)
    for number in (1, 2):
        enrol(hall.run, person=hall.people[number], by=hall.people[number].user)

    with pytest.raises(runs.RunRefused, match="2"):
        runs.set_quota(hall.run, province=make.province(), seats=1, by=hall.office)
    quota = runs.set_quota(hall.run, province=make.province(), seats=2, by=hall.office)

    assert quota.seats_left == 0
    assert list(breaches("lms_courses.seats")) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        RunQuota.objects.filter(pk=quota.pk).update(seats_taken=3)


# --- races -----------------------------------------------------------------------------------------


@pytest.mark.race
def test_a_hundred_people_for_thirty_seats_leave_seventy_in_line_each_once(race_db, race_cast):
    run = open_hall(race_cast, seats=30)
    crowd = [make.person(f"Lò Thị Xuân {n}", works_at=race_cast.bac_ha) for n in range(100)]

    def come(number):
        try:
            return enrol(run, person=crowd[number], by=None)
        except RunFull:
            return applications.apply_for(run, person=crowd[number], by=None)

    found = race_db.threads(100, come)

    run.refresh_from_db()
    assert [one for one in found if isinstance(one, Exception)] == []
    assert (run.seats_taken, run.enrolments.count(), run.applications.in_line().count()) == (30, 30, 70)
    assert [one.place for one in run.applications.in_line()] == list(range(1, 71))


@pytest.mark.race
@pytest.mark.parametrize("is_right", [True, False])
def test_ten_leave_while_ten_come_and_the_list_is_served_once(race_db, race_cast, is_right):
    run = open_hall(race_cast, seats=10)
    people = [make.person(f"Vàng A Páo {n}", works_at=race_cast.bac_ha) for n in range(30)]
    inside = [enrol(run, person=one, by=None) for one in people[:10]]
    for one in people[10:20]:
        applications.apply_for(run, person=one, by=None)

    def act(number):
        if number < 10:
            return withdraw(inside[number], by=None)
        try:
            if is_right:
                return enrol(run, person=people[10 + number], by=None)
            return overtaking(run, person=people[10 + number], by=None)
        except RunFull as full:
            return full

    # The naive verb needs no race to be wrong, only a job that is late: first all leave, then all come.
    found = race_db.threads(20, act) if is_right else [act(number) for number in range(20)]
    seats.advance(run)

    assert [one for one in found if isinstance(one, Exception) and not isinstance(one, RunFull)] == []
    offered = run.applications.filter(state=State.OFFERED, person__in=people[10:20]).count()
    late = run.enrolments.open().filter(person__in=people[20:]).count()
    assert ((offered, late) == (10, 0)) is is_right
    assert list(breaches("lms_courses.seats")) == []


def open_hall(cast, *, seats: int) -> Run:
    course = live.course(cast.bach_mai)
    live.lesson(course, "reading", periods="1")
    run = live.run(course)
    Run.objects.filter(pk=run.pk).update(seats=seats)
    run.refresh_from_db()
    return run
