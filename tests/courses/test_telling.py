"""Who learns is told of sessions and reminded in time: once for each occasion, and never who is done."""

import datetime

import pytest
from django.db import transaction

from courses.actions import sessions, telling
from courses.actions.enrolments import enrol, withdraw
from courses.actions.session_roles import name_role
from courses.models import Enrolment, Run, Session
from lms import clock, queue
from lms.models import Message
from tests.factories.live import moment
from tests.factories.programme import programme_a

DAY = datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """A class of A in which Lan and Khánh learn since 24 November 2026, at nine in the morning."""
    from tests.cast import Cast
    from tests.databases import fresh

    with django_db_blocker.unblock(), fresh("telling"), clock.at(moment("09:00")):
        cast = Cast()
        a = programme_a(cast)
        a.mine, a.other = a.enrol(cast.lan), a.enrol(cast.khanh)
        yield cast, a


@pytest.fixture
def here(world, db):
    return world


@pytest.fixture
def a(here):
    return here[1]


def later(days: int, hours: int = 0):
    return clock.at(moment("09:00") + days * DAY + datetime.timedelta(hours=hours))


def told(event: str) -> list[str]:
    rows = Message.objects.filter(event=event).order_by("person__sort_key")
    return list(rows.values_list("person__full_name", flat=True))


def planned(a, days: int) -> Session:
    """A session of the class, so many days after the first."""
    with later(0):
        begins = clock.now() + days * DAY
        row = sessions.schedule(
            a.facility,
            title_vi="Hội chẩn đột quỵ",
            starts_at=begins,
            ends_at=begins + datetime.timedelta(hours=1),
            by=a.office.user,
        )
        sessions.use(row, run=a.run, lesson=a.lessons["session"])
        queue.run_due()
    return row


BOTH = ["Đặng Văn Khánh", "Nguyễn Thị Lan"]


# --- sessions


def test_who_learns_in_a_class_is_told_of_its_sessions_once(here, a):
    row = planned(a, 5)
    assert sorted(told("session-planned")) == sorted(BOTH)

    with later(1):
        assert telling.session(row, what="planned") == 0


def test_a_session_that_is_called_off_is_told_and_its_reminder_is_not_sent(here, a):
    row = planned(a, 1)
    with later(0):
        telling.tomorrow()
        assert len(told("session-tomorrow")) == 2
        sessions.cancel_session(row, by=a.office.user)
        queue.run_due()

    assert sorted(told("session-cancelled")) == sorted(BOTH)
    assert telling.session(row, what="tomorrow") == 0


def test_the_session_of_tomorrow_is_reminded_of_on_the_day_before_and_once(here, a):
    planned(a, 3)
    for days, sum_ in ((1, 0), (2, 2), (2, 2), (3, 2)):
        with later(days):
            telling.tomorrow()
        assert len(told("session-tomorrow")) == sum_


def test_a_session_that_has_begun_is_no_news(here, a):
    row = planned(a, 1)
    with later(1, hours=1):
        assert telling.session(row, what="cancelled") == 0


@pytest.fixture
def alone(here):
    """A session without a class, in which Bắc Hà takes part and Ưng speaks."""
    cast, a = here
    with later(0):
        begins = clock.now() + 2 * DAY
        hours = {"starts_at": begins, "ends_at": begins + datetime.timedelta(hours=1)}
        row = sessions.schedule(a.facility, title_vi="Giao ban từ xa", by=a.office.user, **hours)
        sessions.join_site(row, site=cast.site_bac_ha, expected=4)
        name_role(row, person=cast.ung, role="speaker", by=a.office.user)
        queue.run_due()
    return row


AT_WORK = ["Nguyễn Thị Thu Hà", "Đặng Quốc Ưng"]


def test_the_coordinators_of_its_sites_and_its_speakers_are_told_of_other_hours_once(here, a, alone):
    begins = alone.starts_at + DAY
    hours = {"starts_at": begins, "ends_at": begins + datetime.timedelta(hours=1)}
    with later(0):
        sessions.postpone(alone, **hours, reason="Báo cáo viên đi công tác", by=a.office.user)
        queue.run_due()
        assert telling.at_work(alone, what="postponed") == 0

    assert sorted(told("site-session-postponed")) == AT_WORK
    addresses = Message.objects.filter(event="site-session-postponed").values_list("url", flat=True)
    assert any("/room/" in address for address in addresses)


def test_they_are_reminded_the_day_before_and_told_when_it_is_called_off(here, a, alone):
    with later(1):
        telling.tomorrow()
        telling.tomorrow()
        assert sorted(told("site-session-tomorrow")) == AT_WORK
        sessions.cancel_session(alone, by=a.office.user)
        queue.run_due()

    assert sorted(told("site-session-cancelled")) == AT_WORK
    assert told("session-cancelled") == []


def test_a_coordinator_of_a_site_that_does_not_take_part_hears_nothing(here, a, alone):
    with later(1):
        telling.tomorrow()

    assert here[0].po.full_name not in told("site-session-tomorrow")


# --- reminders


def test_who_does_not_go_on_is_reminded_after_a_week_and_after_three(here, a):
    counts = []
    for days in (6, 8, 9, 20, 22, 23, 40):
        with later(days):
            telling.inactive()
            telling.inactive()
        counts.append(len(told("inactive")))

    assert counts == [0, 2, 2, 2, 4, 4, 4]


def test_who_is_done_or_gone_is_left_in_peace(here, a):
    with later(1):
        Enrolment.objects.filter(pk=a.mine.pk).update(state="completed", completed_at=clock.now())
        withdraw(a.other, by=here[0].khanh.user)
    with later(30):
        assert telling.inactive() + telling.due() == 0


def test_who_completes_before_the_morning_is_not_sent_the_reminder_of_the_night(here, a, settings):
    settings.LMS_QUIET_HOURS = ("21:00", "06:00")
    with later(8, hours=13):
        telling.inactive()
        queue.run_due()
    Enrolment.objects.filter(pk=a.mine.pk).update(state="completed", completed_at=moment("09:00"))
    with later(9):
        queue.run_due()

    waiting = Message.objects.filter(event="inactive", person=here[0].lan).exclude(channel="inbox")
    assert set(waiting.values_list("state", flat=True)) == {Message.State.DROPPED}


def test_the_end_of_a_class_is_reminded_of_a_week_and_a_day_before(here, a):
    Run.objects.filter(pk=a.run.pk).update(ends_on=moment("09:00").date() + 20 * DAY)
    counts = []
    for days in (12, 13, 14, 18, 19, 20, 21):
        with later(days):
            telling.due()
            telling.due()
        counts.append(len(told("due")))

    assert counts == [0, 2, 2, 2, 4, 4, 4]


def test_a_class_that_is_over_reminds_nobody(here, a):
    Run.objects.filter(pk=a.run.pk).update(ends_on=moment("09:00").date() + DAY)
    with later(10):
        assert telling.inactive() + telling.due() == 0


# --- enrolled and taken out


def test_who_is_enrolled_by_an_office_is_told_and_who_presses_the_button_is_not(here, a):
    cast = here[0]
    assert told("enrolled") == []

    with later(1):
        enrol(a.run, person=cast.my, by=a.office.user)

    assert told("enrolled") == ["Giàng Thị Mỷ"]


def test_who_is_taken_out_by_an_office_is_told_unless_it_is_taken_back(here, a):
    with later(1), transaction.atomic():
        withdraw(a.mine, by=a.office.user)
        transaction.set_rollback(True)
    assert told("withdrawn") == []

    with later(1):
        withdraw(Enrolment.objects.get(pk=a.mine.pk), by=a.office.user)
        withdraw(Enrolment.objects.get(pk=a.other.pk), by=here[0].khanh.user)
    assert told("withdrawn") == ["Nguyễn Thị Lan"]
