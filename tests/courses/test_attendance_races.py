"""A whole meeting checks in at once, two coordinators tick one list, the power fails in between."""

import uuid
from threading import Barrier, Event

import pytest
from django.db import connection, transaction

from courses import codes
from courses.actions import attendance, settling
from courses.actions.proof import CodeWrong
from courses.models import Attendance, Presence, Session, SessionSite
from lms import clock
from lms.crashpoints import crashpoint
from lms.models import Person
from tests import kept
from tests.factories import cast as make
from tests.factories import live
from tests.factories.live import moment

pytestmark = pytest.mark.race


@pytest.fixture
def class_(race_cast):
    with clock.at(moment("13:50")):
        return kept.world(race_cast, ("class", "session"), lambda: live.Class(race_cast, kinds=("session",)))


def code_of(session, hour):
    return codes.code_at(session.secret, codes.step_at(moment(hour).timestamp()))


def check_in(session_pk, person_pk, hour, client_at=None):
    session, person = Session.objects.get(pk=session_pk), Person.objects.get(pk=person_pk)
    with clock.at(moment(hour)):
        return attendance.check_in(
            person,
            code=code_of(session, client_at or hour),
            session=session,
            by=person.user,
            client_at=moment(client_at) if client_at else None,
        )


def eight_taps_are_one(race_db, tap):
    found = race_db.threads(8, lambda _tap: tap())
    assert [one for one in found if isinstance(one, Exception)] == []
    assert Presence.objects.count() == 1
    assert sum(one.is_new for one in found) == 1


def test_eight_taps_at_once_are_one_check_in(race_db, class_):
    eight_taps_are_one(race_db, lambda: check_in(class_.session.pk, class_.cast.lan.pk, "14:03"))


def test_an_id_that_eight_people_send_at_once_records_one_and_is_refused_to_the_others(race_db, class_):
    people = [make.person(f"Lò Thị Xuân {n}", login=f"xuan{n}") for n in range(8)]
    code, forged = code_of(class_.session, "14:03"), uuid.UUID(int=7)

    def send(number):
        person, session = people[number], Session.objects.get(pk=class_.session.pk)
        with clock.at(moment("14:03")):
            return attendance.check_in(person, code=code, session=session, by=person.user, client_id=forged)

    found = race_db.threads(8, send)

    assert [type(one) for one in found if not isinstance(one, Presence)] == [CodeWrong] * 7
    assert Presence.objects.count() == 1


def look_then_insert(class_, source, barrier):
    """The naive way: is there a row already? If not, write one."""
    lan = class_.cast.lan
    earlier = Presence.objects.filter(session=class_.session, person=lan).first()
    barrier.wait()
    if earlier is None:
        earlier = Presence.objects.create(
            session=class_.session,
            site=class_.room,
            person=lan,
            source=source,
            since=moment("14:03"),
            recorded_at=moment("14:03"),
        )
        earlier.is_new = True
    return earlier


def test_looking_before_writing_would_check_in_eight_times(race_db, class_):
    barrier = Barrier(8, timeout=30)

    with pytest.raises(AssertionError):
        eight_taps_are_one(race_db, lambda: look_then_insert(class_, Presence.Source.SELF_CODE, barrier))
    assert Presence.objects.count() == 8


def test_a_meeting_that_checks_in_at_once_is_all_there(race_db, class_):
    people = [make.person(f"Người Học {n}", login=f"nguoi{n}") for n in range(24)]

    found = race_db.threads(24, lambda n: check_in(class_.session.pk, people[n].pk, "14:03"))

    assert [one for one in found if isinstance(one, Exception)] == []
    assert Presence.objects.values("person").distinct().count() == 24


def is_through_while_another_is_under_way(race_db, class_, check_in_meanwhile):
    """Lan's check-in is not committed yet; Minh's does not wait for it."""
    is_under_way, is_tried = Event(), Event()

    def either(number):
        if number:
            is_under_way.wait(30)
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '500ms'")
            try:
                return check_in_meanwhile(class_.cast.minh.pk)
            finally:
                is_tried.set()
        with transaction.atomic():
            check_in(class_.session.pk, class_.cast.lan.pk, "14:03")
            is_under_way.set()
            is_tried.wait(30)

    assert getattr(race_db.threads(2, either)[1], "is_new", False)


@pytest.mark.postgresql
def test_no_check_in_waits_for_that_of_somebody_else(race_db, class_):
    is_through_while_another_is_under_way(
        race_db, class_, lambda minh: check_in(class_.session.pk, minh, "14:03")
    )


@pytest.mark.postgresql
def test_a_check_in_that_locks_its_session_would_wait(race_db, class_):
    def naive(minh):
        with transaction.atomic():
            Session.objects.select_for_update(no_key=True).get(pk=class_.session.pk)
            return check_in(class_.session.pk, minh, "14:03")

    with pytest.raises(AssertionError):
        is_through_while_another_is_under_way(race_db, class_, naive)


def test_two_coordinators_ticking_one_list_make_no_duplicates(race_db, class_):
    people = [make.person(f"Người Học {n}", works_at=class_.cast.bac_ha) for n in range(10)]
    ha = class_.cast.ha.user

    def coordinator(_number):
        with clock.at(moment("14:05")):
            for person in people:
                attendance.tick(SessionSite.objects.get(pk=class_.room.pk), person=person, by=ha)

    race_db.threads(2, coordinator)

    assert Presence.objects.count() == 10


def test_looking_before_writing_would_tick_twice(race_db, class_):
    barrier = Barrier(2, timeout=30)

    race_db.threads(2, lambda _n: look_then_insert(class_, Presence.Source.ROSTER, barrier))

    assert Presence.objects.count() == 2


def test_a_late_check_in_during_the_settlement_is_never_lost(race_db, class_):
    lan = class_.cast.lan
    check_in(class_.session.pk, lan.pk, "14:01")

    def either(number):
        if number:
            return check_in(class_.session.pk, lan.pk, "17:00", client_at="15:38")
        with clock.at(moment("17:00")):
            return settling.settle(Session.objects.get(pk=class_.session.pk))

    for one in race_db.threads(2, either):
        assert not isinstance(one, Exception)

    assert Attendance.objects.get(person=lan).minutes == 99


def test_settling_four_times_at_once_settles_once(race_db, class_):
    with clock.at(moment("14:00")):
        attendance.tick(class_.room, person=class_.cast.lan, by=class_.cast.ha.user)

    def settle(_number):
        with clock.at(moment("16:00")):
            return settling.settle(Session.objects.get(pk=class_.session.pk))

    assert not [one for one in race_db.threads(4, settle) if isinstance(one, Exception)]
    assert Attendance.objects.count() == 1


@pytest.mark.parametrize(
    ("point", "rows"),
    [("check_in.before_record", 0), ("check_in.recorded", 0), ("check_in.committed", 1)],
)
def test_a_crash_during_a_check_in_leaves_all_or_nothing(race_db, class_, point, rows):
    lan = class_.cast.lan

    race_db.crash_at(point, check_in, class_.session.pk, lan.pk, "14:03")

    assert Presence.objects.count() == rows
    check_in(class_.session.pk, lan.pk, "14:03")
    assert Presence.objects.count() == 1


@pytest.fixture
def settled(class_):
    """The session is settled; Lan was there from its beginning, and her phone still holds a later code."""
    check_in(class_.session.pk, class_.cast.lan.pk, "14:01")
    with clock.at(moment("16:30")):
        settling.settle(Session.objects.get(pk=class_.session.pk))
    return class_


def is_weighed_once_repeated(class_):
    """What a crash left is whole once the phone has sent it again."""
    check_in(class_.session.pk, class_.cast.lan.pk, "17:00", "15:38")
    assert Presence.objects.count() == 2
    assert Attendance.objects.get(person=class_.cast.lan).minutes == 99


@pytest.mark.parametrize("point", ["check_in.before_record", "check_in.recorded", "check_in.committed"])
def test_a_crash_after_the_settlement_never_parts_evidence_from_its_minutes(race_db, settled, point):
    race_db.crash_at(point, check_in, settled.session.pk, settled.cast.lan.pk, "17:00", "15:38")

    is_weighed_once_repeated(settled)


def record_then_weigh(session_pk, person_pk):
    """The naive way: the evidence in one transaction, its minutes in another."""
    session, person = Session.objects.get(pk=session_pk), Person.objects.get(pk=person_pk)
    with clock.at(moment("17:00")):
        Presence.objects.create(
            session=session,
            person=person,
            source=Presence.Source.SELF_CODE,
            since=moment("15:38"),
            recorded_at=clock.now(),
            is_late=True,
        )
        crashpoint("naive.recorded")
        with transaction.atomic():
            settling.settle(session)


def test_two_transactions_would_leave_evidence_that_nobody_weighs(race_db, settled):
    race_db.crash_at("naive.recorded", record_then_weigh, settled.session.pk, settled.cast.lan.pk)

    with pytest.raises(AssertionError):
        is_weighed_once_repeated(settled)
