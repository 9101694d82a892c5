"""What was watched without a network: it arrives late, once, and the server's clock decides what it is worth."""

import datetime
import json
import uuid

import pytest
from django.urls import reverse

from courses.actions import offline
from courses.actions.enrolments import withdraw
from courses.actions.watching import beat, begin, token_for
from courses.models import Enrolment, OfflineReport, WatchClock, WatchRecord
from courses.views import watch
from courses.watching import BUCKET
from lms import clock
from lms.verify import breaches
from tests.courses.test_checkin import ENDS
from tests.factories import courses as make
from tests.kept import repeated

START = datetime.datetime(2026, 11, 24, 7, tzinfo=datetime.UTC)
HOUR = 3600


def at(seconds):
    return clock.at(START + datetime.timedelta(seconds=seconds))


def moment(seconds):
    return (START + datetime.timedelta(seconds=seconds)).isoformat()


@pytest.fixture
@repeated
def lecture(cast):
    """Lan has saved a lecture of an hour at seven o'clock; it is the only lesson."""
    page = make.course_page(cast.bach_mai, kinds=())
    make.lesson_page(page, "Thời gian vàng", "video", video=make.video(cast.bach_mai, seconds=HOUR))
    enrolment = make.enrolment(cast, page=page)
    with at(0):
        token = token_for(enrolment, enrolment.run.release.outline[0], saved=True)
        begin(token)
    return enrolment, token


def told(token, *ranges, played, number=1, **more):
    """A report as the saved lesson sends it."""
    report = {"id": str(uuid.UUID(int=number)), "token": token.signed(), "played": played}
    return {
        **report,
        "ranges": [list(one) for one in ranges],
        "position": ranges[-1][1] if ranges else 0,
        **more,
    }


def send(client, *reports, second, sent=None, **more):
    body = json.dumps({"sent": sent or moment(second), "reports": list(reports), **more})
    with at(second):
        return client.post(reverse("lms_courses:watched_offline"), body, content_type="application/json")


def result(answer):
    assert answer.status_code == 200
    [only] = answer.json()["results"]
    return only


def test_an_hour_without_a_network_counts_as_the_same_hour_on_line(lecture, client):
    enrolment, token = lecture

    answer = send(client, told(token, (0, HOUR), played=HOUR), second=2 * HOUR)

    assert result(answer)["met"]
    assert result(answer)["rest"] == []
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.COMPLETED
    record = WatchRecord.objects.get()
    assert (record.credited, record.offline_buckets, record.position) == (720, 720, HOUR)
    assert list(breaches("lms_courses")) == []


def test_both_clocks_are_kept_and_the_devices_decides_nothing(lecture, client):
    _enrolment, token = lecture
    day = 86400
    report = told(token, (0, 600), played=600, begun=moment(100 - day), ended=moment(700 - day))

    answer = send(client, report, second=800, sent=moment(800 - day))

    row = OfflineReport.objects.get()
    assert result(answer)["credited"] == 120
    assert row.begun_at == START + datetime.timedelta(seconds=100 - day)
    assert row.sent_at == START + datetime.timedelta(seconds=800 - day)
    assert row.received_at == START + datetime.timedelta(seconds=800)


@pytest.mark.parametrize("off", [-86400, 86400])
def test_a_clock_that_is_a_day_off_gains_and_loses_nothing(lecture, client, off):
    _enrolment, token = lecture
    report = told(token, (0, HOUR), played=HOUR, begun=moment(off), ended=moment(off + HOUR))

    answer = send(client, report, second=600, sent=moment(off + 600))

    # Twice the ten minutes since the lesson was saved, and a bucket.
    assert result(answer)["credited"] == 241


def test_an_hour_that_was_played_for_ten_minutes_is_worth_twenty_and_a_bucket(lecture, client):
    _enrolment, token = lecture

    assert result(send(client, told(token, (0, HOUR), played=600), second=5 * HOUR))["credited"] == 241


def test_a_report_that_is_sent_again_brings_nothing_more(lecture, client):
    _enrolment, token = lecture
    report = told(token, (0, HOUR), played=600)

    for second in (2 * HOUR, 2 * HOUR + 5, 9 * HOUR):
        answer = send(client, report, second=second)

    assert result(answer)["credited"] == 241
    assert OfflineReport.objects.get().buckets == 241


def test_what_was_added_before_it_could_be_sent_again_counts_too(lecture, client):
    _enrolment, token = lecture
    send(client, told(token, (0, 600), played=600), second=HOUR)

    answer = send(client, told(token, (0, 900), played=900), second=HOUR + 60)

    assert result(answer)["credited"] == 180
    assert OfflineReport.objects.get().played_seconds == 900


def test_two_lectures_at_once_without_a_network_are_paid_from_one_account(lecture, client, cast):
    _enrolment, token = lecture
    page = make.course_page(cast.bach_mai, "Khóa thứ hai", kinds=())
    make.lesson_page(page, "Khác", "video", video=make.video(cast.bach_mai, seconds=HOUR))
    other = make.enrolment(cast, page=page)
    with at(0):
        second_token = token_for(other, other.run.release.outline[0], saved=True)
    reports = [told(token, (0, HOUR), played=HOUR), told(second_token, (0, HOUR), played=HOUR, number=2)]

    answer = send(client, *reports, second=HOUR // 2)

    credited = sum(one["credited"] for one in answer.json()["results"])
    assert credited * BUCKET <= HOUR // 2 * 2 + 10


def test_two_devices_share_one_account_and_nothing_honest_is_lost(lecture, client):
    enrolment, token = lecture
    with at(HOUR):
        desk = token_for(enrolment, enrolment.run.release.outline[0])

    # The phone was away from seven to eight; at the desk she goes on before the phone is back.
    for second in range(HOUR + 30, HOUR + 630, 30):
        with at(second):
            beat(desk, ranges=[[1800 + second - HOUR - 30, 1800 + second - HOUR]], position=2400)
    phone = told(token, (0, 1800), played=1800, begun=moment(0), ended=moment(1800))
    answer = send(client, phone, second=HOUR + 700)

    assert result(answer)["credited"] == (1800 + 600) // BUCKET
    # The desk was later, so its place stands.
    assert result(answer)["position"] == 2400


def test_on_line_four_idle_hours_are_still_worth_two_reports(lecture, client):
    enrolment, _token = lecture
    with at(0):
        online = token_for(enrolment, enrolment.run.release.outline[0])
    with at(4 * HOUR):
        assert beat(online, ranges=[[0, HOUR]]).credited == 26


def test_only_a_saved_lesson_may_report_late(lecture, client):
    enrolment, _token = lecture
    with at(0):
        online = token_for(enrolment, enrolment.run.release.outline[0])

    answer = send(client, told(online, (0, HOUR), played=HOUR), second=HOUR)

    assert "refused" in result(answer)
    assert WatchRecord.objects.get().credited == 0


def test_a_site_that_gives_nothing_for_it_credits_as_on_line(lecture, client, settings):
    _enrolment, token = lecture
    settings.LMS_COURSES_OFFLINE_CAP_SECONDS = 0

    assert result(send(client, told(token, (0, HOUR), played=HOUR), second=HOUR))["credited"] == 26


def test_a_saved_lesson_is_too_old_after_a_fortnight_and_useless_after_leaving(lecture, client, cast):
    enrolment, token = lecture
    report = told(token, (0, 600), played=600)

    assert "refused" in result(send(client, report, second=15 * 86400))
    withdraw(enrolment, by=cast.lan.user)
    assert "refused" in result(send(client, report, second=HOUR))
    assert not OfflineReport.objects.exists()


NUMBER = (
    b'{"reports": [{"id": "0c7f5b5e-6a3f-4b60-8d0c-1f2e3a4b5c6d", "token": "x", "ranges": [], "played": %b}]}'
)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"[" * 30_000, 400),
        (b'{"reports": 7}', 413),
        (b'{"reports": [7]}', 400),
        (b'{"reports": [{"id": "x", "token": "x", "ranges": []}]}', 400),
        (b'{"reports": [{"id": "0c7f5b5e-6a3f-4b60-8d0c-1f2e3a4b5c6d", "token": "x"}]}', 400),
        (NUMBER % (b"1" + b"0" * 400), 400),
        (NUMBER % (b"9" * 5000), 400),
        (b'{"reports": []}' + b" " * 70_000, 413),
        (json.dumps({"reports": [{}] * 51}).encode(), 413),
    ],
)
def test_nonsense_is_refused_in_words(db, client, body, status):
    answer = client.post(reverse("lms_courses:watched_offline"), body, content_type="application/json")

    assert answer.status_code == status
    assert answer.json()["error"]


def test_reports_without_a_network_have_a_limit_of_an_hour_of_their_own_and_what_is_held_up_counts_later(
    lecture, client, cast, monkeypatch
):
    enrolment, token = lecture
    monkeypatch.setattr(watch, "OFFLINE_AN_HOUR", 2)
    minh = make.enrolment(cast, cast.minh, run=enrolment.run)
    with at(0):
        his = token_for(minh, minh.run.release.outline[0], saved=True)
    pieces = [told(token, (n * 60, n * 60 + 60), played=60, number=n) for n in range(3)]

    held_up = send(client, *pieces, second=HOUR)
    assert (held_up.status_code, held_up["Retry-After"]) == (429, "60")
    assert "tự gửi lại" in held_up.json()["error"]
    # What came before the limit is counted and is not taken back; nobody else waits for her.
    assert WatchRecord.objects.get(enrolment=enrolment).credited == 24
    assert result(send(client, told(his, (0, 60), played=60), second=HOUR))["credited"] == 12
    with at(HOUR):
        assert beat(token, ranges=[[600, 630]]).credited == 30, "on line one goes on learning"

    sent_again = send(client, pieces[2], second=2 * HOUR)
    assert result(sent_again)["credited"] == 42
    assert OfflineReport.objects.filter(enrolment=enrolment).count() == 3


@pytest.mark.parametrize("played", [-1, float("nan"), float("inf"), 1e12])
def test_a_time_that_no_clock_shows_is_refused_and_nothing_is_credited(lecture, client, played):
    _enrolment, token = lecture

    assert "refused" in result(send(client, told(token, (0, 60), played=played), second=HOUR))
    assert WatchRecord.objects.get().credited == 0


@pytest.mark.parametrize("said", ENDS)
@pytest.mark.parametrize("name", ["begun", "ended", "sent"])
def test_an_hour_at_the_end_of_the_calendar_is_none_and_what_was_watched_counts(lecture, client, name, said):
    _enrolment, token = lecture
    hours = {"begun": moment(0), "ended": moment(60), "sent": moment(HOUR), name: said}
    report = told(token, (0, 60), played=60, begun=hours["begun"], ended=hours["ended"])

    answer = send(client, report, second=HOUR, sent=hours["sent"])

    assert result(answer)["credited"] == 12
    assert getattr(OfflineReport.objects.get(), f"{name}_at") is None


def test_an_hour_of_four_lectures_fits_in_one_small_request(lecture, client):
    _enrolment, token = lecture
    pieces = [(start, start + 47.3) for start in range(0, 3000, 50)]
    reports = [
        told(token, *pieces, played=900, number=n, begun=moment(0), ended=moment(900)) for n in range(1, 5)
    ]

    body = json.dumps({"sent": moment(HOUR), "reports": reports})
    answer = send(client, *reports, second=HOUR)

    assert len(body) < 20_000
    assert len(answer.json()["results"]) == 4


@pytest.mark.race
def test_the_same_report_from_two_places_at_once_is_paid_once(race_db, race_cast):
    page = make.course_page(race_cast.bach_mai, kinds=())
    make.lesson_page(page, "Bài", "video", video=make.video(race_cast.bach_mai, seconds=HOUR))
    enrolment = make.enrolment(race_cast, page=page)
    ago = clock.now() - datetime.timedelta(hours=2)
    with clock.at(ago):
        token = token_for(enrolment, enrolment.run.release.outline[0], saved=True)
    report = offline.Report(client_id=uuid.UUID(int=1), ranges=[[0, HOUR]], played=600)

    def device(number):
        offline.credit_report(token, report)
        beat(token, ranges=[[HOUR - 60, HOUR]])

    race_db.threads(6, device)

    row, record, account = OfflineReport.objects.get(), WatchRecord.objects.get(), WatchClock.objects.get()
    assert row.buckets * BUCKET == 1205
    assert record.credited == int.from_bytes(bytes(record.bits), "little").bit_count()
    assert record.offline_buckets == row.buckets
    assert account.savings <= 2 * HOUR * 2 - 1200 + 10
