"""Regular appointments: planned by a rule without holidays, postponed with notice, read by other calendars."""

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from courses import ics, recurrence
from courses.actions import attendance, series, sessions
from courses.actions.sessions import SessionRefused
from courses.models import CalendarFeed, Session, SessionChange, SessionSeries
from lms import clock, queue
from lms.models import Message
from tests.examples import examples
from tests.factories import live
from tests.factories.live import moment

RULE = recurrence.weekly([1, 3], until=date(2026, 9, 11))


@pytest.fixture
def class_(cast):
    with clock.at(moment("2026-08-20 09:00")):
        return live.Class(cast, kinds=("session",))


def url(name, *args):
    return reverse(f"lms_courses:{name}", args=args)


def at(hour, call, *args, **values):
    with clock.at(moment(hour)):
        return call(*args, **values)


def plan(cast, **values):
    shape = {"title_vi": "Hội chẩn từ xa", "rule": RULE, "first": date(2026, 9, 1), "by": cast.hang.user}
    shape |= {"starts": time(14), "ends": time(16), **values}
    return at("2026-08-20 09:00", series.plan_series, cast.bach_mai, **shape)


# --- rules


def test_tuesday_and_thursday_but_not_on_holidays():
    """“Thứ 3 và thứ 5, 14:00–16:00, trừ ngày lễ”: 1 September 2026 is one."""
    days, left_out = series.days_of(RULE, first=date(2026, 9, 1), skips_holidays=True)

    assert days == [date(2026, 9, 3), date(2026, 9, 8), date(2026, 9, 10)]
    assert left_out == [date(2026, 9, 1)]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=SECONDLY",
        "FREQ=DAILY",
        "FREQ=DAILY;UNTIL=20200101T000000",
        "FREQ=WEEKLY;BYDAY=XX",
        "x\nFREQ=DAILY",
    ],
)
def test_a_rule_without_a_day_or_with_too_many_is_refused(rule):
    with pytest.raises(recurrence.BadRule):
        recurrence.days_of(rule, first=date(2026, 9, 1))


@examples(100)
@given(
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 100),
    st.integers(1, 4),
    st.sets(st.integers(0, 100)),
)
def test_days_equal_a_count_day_by_day(weekdays, length, every, off):
    first = date(2026, 9, 1)
    until, left_out = first + timedelta(days=length), {first + timedelta(days=number) for number in off}
    monday = first - timedelta(days=first.weekday())
    wanted = [
        day
        for day in (first + timedelta(days=number) for number in range(length + 1))
        if day.weekday() in weekdays and (day - monday).days // 7 % every == 0
    ]
    rule = recurrence.weekly(weekdays, until=until, every=every)

    if not wanted or len(wanted) > recurrence.MOST:
        with pytest.raises(recurrence.BadRule):
            recurrence.days_of(rule, first=first)
        return
    days, skipped = recurrence.days_of(rule, first=first, left_out=left_out)
    assert sorted(days + skipped) == wanted
    assert set(skipped) == set(wanted) & left_out


# --- planning


def test_a_series_is_planned_once_and_each_session_serves_the_class(class_, cast):
    uses = ((class_.run, class_.lessons["session"]),)
    made, planned = plan(cast, uses=uses)
    again, _same = plan(cast, uses=uses)

    assert made == again
    assert [row.starts_at for row in planned] == [
        moment(f"2026-09-{day} 14:00") for day in ("03", "08", "10")
    ]
    assert made.sessions.count() == 3
    assert class_.run.session_uses.count() == 4


def test_an_evening_past_midnight_ends_on_the_next_day(cast):
    _made, planned = plan(cast, starts=time(22), ends=time(0, 30))

    assert planned[0].ends_at == moment("2026-09-04 00:30")


def test_the_drafts_of_a_series_are_published_at_once_and_those_of_another_are_not(cast):
    plan(cast, is_draft=True)
    plan(cast, is_draft=True, title_vi="Giao ban khác")
    one = Session.objects.filter(title_vi="Hội chẩn từ xa").order_by("starts_at").last()
    hang = cast.client(cast.hang)
    assert "Công bố cả 3 bản nháp của loạt" in at("2026-08-20 09:00", hang.get, url("hub", one.uuid)).text

    for _again in range(2):
        at("2026-08-20 09:00", hang.post, url("move_session", one.uuid), {"to": "publish-series"})

    drafts = Session.objects.filter(state="draft").values_list("title_vi", flat=True)
    assert set(drafts) == {"Giao ban khác"}
    assert Session.objects.filter(state="scheduled", title_vi="Hội chẩn từ xa").count() == 3


def test_a_series_without_days_leaves_nothing(cast):
    with pytest.raises(SessionRefused):
        plan(cast, rule="FREQ=WEEKLY;BYDAY=TU;UNTIL=20200101T000000")
    assert not SessionSeries.objects.exists()


def test_the_office_plans_a_series_on_the_screen_and_is_told_what_is_left_out(cast):
    data = {
        "hub": cast.bach_mai.pk,
        "title_vi": "Hội chẩn từ xa",
        "starts_at": "2026-09-01T14:00",
        "ends_at": "2026-09-01T16:00",
        "weekdays": ["1", "3"],
        "until": "2026-09-11",
        "skips_holidays": "on",
    }
    client = cast.client(cast.hang)
    assert at("2026-08-20 09:00", client.post, url("plan_session"), {**data, "until": ""}).status_code == 400
    page = at("2026-08-20 09:00", client.post, url("plan_session"), data, follow=True)

    assert Session.objects.count() == 3
    assert "01/09/2026" in page.content.decode()


# --- postponing


def postpone(class_, begins, ends, hour="2026-11-20 09:00", **values):
    values = {"reason": "Báo cáo viên đi công tác", "by": class_.cast.hang.user, **values}
    with clock.at(moment(hour)):
        return sessions.postpone(class_.session, starts_at=moment(begins), ends_at=moment(ends), **values)


@pytest.fixture
def planned(class_):
    Session.objects.filter(pk=class_.session.pk).update(state="scheduled")
    return class_


def test_a_postponed_session_keeps_its_old_hours_and_tells_its_learners_once(planned, cast):
    for _each in range(2):
        postpone(planned, "2026-11-26 14:00", "2026-11-26 15:40")
    with clock.at(moment("2026-11-20 09:01")):
        queue.run_due()
        queue.run_due()

    kept = SessionChange.objects.get()
    assert (kept.starts_at, kept.reason) == (moment("14:00"), "Báo cáo viên đi công tác")
    told = Message.objects.filter(event="session-postponed")
    assert {row.person for row in told} == {cast.lan, cast.minh}
    assert "14:00 26/11/2026" in told.first().body


@pytest.mark.parametrize(
    ("begins", "ends", "reason"),
    [
        ("2026-11-26 14:00", "2026-11-26 14:00", "x"),
        ("2026-11-26 14:00", "2026-11-26 15:00", "  "),
        ("2026-11-19 14:00", "2026-11-19 15:00", "x"),
    ],
)
def test_hours_that_cannot_be_are_refused_and_nothing_is_kept(planned, begins, ends, reason):
    with pytest.raises(SessionRefused):
        postpone(planned, begins, ends, reason=reason)
    assert not SessionChange.objects.exists()


def test_a_session_with_evidence_or_on_air_keeps_its_hours(class_, cast):
    with pytest.raises(SessionRefused):
        postpone(class_, "2026-11-26 14:00", "2026-11-26 15:40")
    Session.objects.filter(pk=class_.session.pk).update(state="scheduled")
    at("14:00", attendance.tick, class_.room, person=cast.lan, by=cast.ha.user)

    with pytest.raises(SessionRefused):
        postpone(class_, "2026-11-26 14:00", "2026-11-26 15:40", hour="14:01")


def test_the_hub_postpones_and_cancels_on_the_screen(planned, cast):
    client, address = cast.client(cast.hang), url("change_session", planned.session.uuid)
    data = {
        "starts_at": "2026-11-26T14:00",
        "ends_at": "2026-11-26T15:40",
        "reason": "Mất điện",
        "to": "postpone",
    }

    assert at("2026-11-20 09:00", client.post, address, {**data, "reason": ""}).status_code == 400
    assert at("2026-11-20 09:00", client.post, address, data).status_code == 302
    assert "Mất điện" in at("2026-11-20 09:01", client.get, address).content.decode()
    at("2026-11-20 09:02", client.post, address, {"to": "cancel"})

    planned.session.refresh_from_db()
    assert (planned.session.starts_at, planned.session.state) == (moment("2026-11-26 14:00"), "cancelled")
    assert at("2026-11-20 09:03", client.post, address, {"to": "cancel"}).status_code in {302, 400}


# --- the feed


def feed(cast, person, client):
    at("2026-11-20 09:00", cast.client(person).post, url("renew_feed"))
    return at("2026-11-20 09:01", client.get, url("feed", CalendarFeed.objects.get(person=person).token))


def test_a_calendar_program_reads_ones_sessions_without_login_and_without_the_link(planned, cast, client):
    Session.objects.update(join_url="https://meet.example.vn/abc")
    postpone(planned, "2026-11-26 14:00", "2026-11-26 15:40")

    answer = feed(cast, cast.lan, client)
    text = answer.content.decode()

    assert answer["Content-Type"].startswith("text/calendar")
    assert "DTSTART:20261126T070000Z" in text
    assert "SEQUENCE:1" in text
    assert "meet.example.vn" not in text


def test_a_stranger_to_the_class_reads_an_empty_calendar(planned, cast, client):
    assert "BEGIN:VEVENT" not in feed(cast, cast.khanh, client).content.decode()


def test_a_new_address_shuts_the_old_one(planned, cast, client):
    feed(cast, cast.lan, client)
    old = CalendarFeed.objects.get(person=cast.lan).token
    feed(cast, cast.lan, client)

    assert client.get(url("feed", old)).status_code == 404
    assert client.get(url("feed", "guess")).status_code == 404


def test_a_cancelled_session_is_told_as_cancelled(planned, cast, client):
    sessions.cancel_session(planned.session, by=cast.hang.user)

    assert "STATUS:CANCELLED" in feed(cast, cast.lan, client).content.decode()


@examples(100)
@given(st.text(max_size=120))
def test_no_title_breaks_out_of_its_line(title):
    begins = datetime(2026, 11, 24, 14, tzinfo=live.HANOI)
    event = ics.Event("1@x", begins, begins + timedelta(hours=1), title)

    text = ics.calendar([event], name=title, now=begins)

    lines = text.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    unfolded = text.replace("\r\n ", "").split("\r\n")
    assert unfolded.count("BEGIN:VEVENT") == 1
    assert len([line for line in unfolded if line.startswith("SUMMARY:")]) == 1
    assert len(unfolded) == 20
