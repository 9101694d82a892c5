"""Ticks that a coordinator's device kept without a network: they count from when they were made, within bounds, and are marked."""

from datetime import timedelta

import pytest
from django.urls import reverse

from courses.actions import attendance
from courses.models import Presence
from lms import clock
from lms.models import Person
from tests.courses.test_attendance import result, settle, tick, untick
from tests.courses.test_checkin import ENDS
from tests.factories import live
from tests.factories.live import moment


@pytest.fixture
def class_(cast):
    with clock.at(moment("13:50")):
        return live.Class(cast, kinds=("session",))


def kept(class_, person, *, made, arrives):
    return tick(class_, person, arrives, waited=moment(arrives) - moment(made))


@pytest.mark.parametrize(
    ("made", "arrives", "since", "is_late"),
    [
        ("14:05", "14:50", "14:00", True),
        ("14:05", "14:10", "14:00", False),
        ("14:30", "15:00", "14:30", True),
        ("14:30:00", "14:30:20", "14:30:20", False),
        ("14:30", "18:00", "14:30", True),
        ("15:45", "18:00", "14:00", True),
    ],
)
def test_a_tick_counts_from_when_it_was_made_and_is_marked_where_that_says_more(
    class_, made, arrives, since, is_late
):
    row = kept(class_, class_.cast.my, made=made, arrives=arrives)

    assert (row.since, row.is_late, row.recorded_at) == (moment(since), is_late, moment(arrives))


@pytest.mark.parametrize("waited", [timedelta(minutes=66), timedelta(days=1), timedelta(days=4)])
def test_a_tick_said_to_be_older_than_the_open_list_counts_from_its_arrival(class_, waited):
    row = tick(class_, class_.cast.my, "14:35", waited=waited)

    assert (row.since, row.is_late) == (moment("14:35"), False)


def test_of_two_coordinators_the_tick_made_first_counts_whichever_arrives_first(class_, cast):
    tick(class_, cast.my, "14:40")
    kept(class_, cast.my, made="14:20", arrives="15:00")
    again = kept(class_, cast.my, made="14:30", arrives="15:10")
    assert not again.is_new

    settle(class_)
    assert result(class_, cast.my).minutes == 80

    ticks = Presence.objects.filter(person=cast.my)
    assert sorted(ticks.values_list("since", "is_late")) == [
        (moment("14:20"), True),
        (moment("14:40"), False),
    ]


def test_taking_a_tick_back_takes_back_what_both_coordinators_said(class_, cast):
    tick(class_, cast.my, "14:40")
    kept(class_, cast.my, made="14:20", arrives="15:00")

    untick(class_, cast.my, "15:05")

    assert not Presence.objects.in_force().filter(person=cast.my).exists()


def test_a_paper_list_does_not_lengthen_what_the_coordinator_saw(class_, cast):
    tick(class_, cast.my, "14:40")

    assert not tick(class_, cast.my, "17:00").is_new


def send(cast, name, room, hour, *, sent_at, **fields):
    with clock.at(moment(hour)):
        return cast.client(cast.ha).post(
            reverse(f"lms_courses:{name}", args=[room.pk]),
            fields,
            headers={"Accept": "application/json", "X-Sent-At": sent_at},
        )


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=-5), timedelta(days=1)])
def test_a_device_whose_clock_is_wrong_makes_no_wait_longer(class_, cast, ahead):
    made, sent = ((moment(hour) + ahead).isoformat() for hour in ("14:30", "15:00"))

    send(cast, "tick", class_.room, "15:00", sent_at=sent, set=f"{cast.my.pk}:1", client_at=made)

    row = Presence.objects.get()
    assert (row.since, row.is_late) == (moment("14:30"), True)


@pytest.mark.parametrize("said", ENDS)
def test_an_hour_at_the_end_of_the_calendar_is_none_and_the_tick_counts(class_, cast, said):
    send(cast, "tick", class_.room, "15:00", sent_at=said, set=f"{cast.my.pk}:1", client_at=said)
    fields = {"full_name": "Sùng A Páo", "birth_year": "1994", "contact": "0987 654 321"}
    send(cast, "add_stranger", class_.room, "15:00", sent_at=said, client_at=said, **fields)

    assert list(Presence.objects.values_list("since", "client_at")) == [(moment("15:00"), None)] * 2


@pytest.mark.parametrize("sent_at", ["", "rác", "2026-11-24T14:29:00+07:00", "2026-11-24 15:00"])
def test_a_wait_that_nobody_can_measure_is_none(class_, cast, sent_at):
    said = moment("14:30").isoformat()

    send(cast, "tick", class_.room, "15:00", sent_at=sent_at, set=f"{cast.my.pk}:1", client_at=said)

    row = Presence.objects.get()
    assert (row.since, row.is_late, row.client_at) == (moment("15:00"), False, moment("14:30"))


def test_a_stranger_added_without_a_network_counts_from_then_too(class_, cast):
    fields = {"full_name": "Lý Thị Xuân", "birth_year": "1990", "contact": "0912333444"}
    made, sent = (moment(hour).isoformat() for hour in ("14:05", "15:00"))

    send(cast, "add_stranger", class_.room, "15:00", sent_at=sent, client_at=made, **fields)

    row = Presence.objects.get(person=Person.objects.get(full_name="Lý Thị Xuân"))
    assert (row.since, row.client_at, row.is_late) == (moment("14:00"), moment("14:05"), True)


def test_the_hub_sees_which_ticks_were_sent_late_and_when(class_, cast):
    kept(class_, cast.my, made="14:30", arrives="15:00")

    with clock.at(moment("15:10")):
        page = cast.client(cast.hang).get(reverse("lms_courses:attendance", args=[class_.session.uuid]))

    assert "gửi muộn, 15:00 24/11" in page.text


def test_after_the_list_is_confirmed_a_kept_tick_is_refused(class_, cast):
    with clock.at(moment("15:00")):
        attendance.attest(class_.room, head_count=1, by=cast.ha.user)

    with pytest.raises(attendance.ListLocked):
        kept(class_, cast.my, made="14:05", arrives="15:05")
