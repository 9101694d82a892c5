"""Reports of a playing lecture: cheap, idempotent, and worth nothing when forged."""

import datetime
import json
import uuid

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.urls import reverse

from content.models import Video
from courses import watching
from courses.actions.enrolments import withdraw
from courses.actions.progress import refresh
from courses.actions.watching import SALT, Busy, TooOften, beat, read_token, token_for
from courses.activities import video
from courses.models import Enrolment, Lesson, LessonProgress, WatchClock, WatchRecord
from courses.watching import BURST, EVERY
from lms import clock
from lms.verify import breaches
from tests.factories import courses as make
from tests.kept import repeated

START = datetime.datetime(2026, 11, 24, 7, tzinfo=datetime.UTC)


def at(seconds):
    return clock.at(START + datetime.timedelta(seconds=seconds))


@pytest.fixture
@repeated
def lecture(cast):
    """Lan has opened a lecture of an hour; it is the only lesson."""
    page = make.course_page(cast.bach_mai, kinds=())
    video = make.video(cast.bach_mai, seconds=3600)
    make.lesson_page(page, "Thời gian vàng", "video", video=video)
    enrolment = make.enrolment(cast, page=page)
    with at(0):
        token = token_for(enrolment, enrolment.run.release.outline[0])
    return enrolment, token


def post(client, body, **kwargs):
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(reverse("lms_courses:beat"), data, content_type="application/json", **kwargs)


def send(client, token, *ranges, second, **more):
    with at(second):
        return post(client, {"token": token.signed(), "ranges": [list(one) for one in ranges], **more})


def test_a_report_is_answered_with_where_the_lecture_stands(lecture, client):
    _enrolment, token = lecture

    answer = send(client, token, (0, 30), second=30, position=30)

    body = answer.json()
    assert (body["credited"], body["pct"], body["met"], body["position"]) == (6, 0, False, 30)
    assert body["rest"] == []
    assert body["saved_at"].startswith("2026-11-24T07:00:30")
    assert answer["Cache-Control"] == "no-store"


def test_watching_it_all_meets_the_lesson_and_completes(lecture, client):
    enrolment, token = lecture

    for second in range(30, 3241, 30):
        answer = send(client, token, (second - 30, second), second=second, position=second)

    enrolment.refresh_from_db()
    assert answer.json()["met"]
    assert enrolment.state == Enrolment.State.COMPLETED
    assert LessonProgress.objects.get().evidence == {"credited": 648, "buckets": 720, "offline": 0}
    assert list(breaches("lms_courses")) == []


def test_claiming_everything_after_five_seconds_is_worth_five_seconds(lecture, client):
    _enrolment, token = lecture

    answer = send(client, token, (0, 3600), second=5)

    # Twice five seconds and the slack of ten.
    assert answer.json()["credited"] == 4
    assert answer.json()["rest"] == [[20, 3600]]


def test_four_hours_away_are_worth_no_more_than_two_reports(lecture, client):
    _enrolment, token = lecture

    answer = send(client, token, (0, 3600), second=4 * 3600)

    assert answer.json()["credited"] == 26


def test_a_replayed_report_brings_nothing_and_costs_nothing(lecture, client):
    _enrolment, token = lecture
    send(client, token, (0, 30), second=30)
    budget = WatchClock.objects.get().budget

    answer = send(client, token, (0, 30), second=30)

    assert answer.json()["credited"] == 6
    assert WatchClock.objects.get().budget == budget


def test_two_lectures_at_once_are_paid_from_one_account(lecture, client, cast):
    _enrolment, token = lecture
    page = make.course_page(cast.bach_mai, "Khóa thứ hai", kinds=())
    make.lesson_page(page, "Khác", "video", video=make.video(cast.bach_mai, seconds=3600))
    other = make.enrolment(cast, page=page)
    with at(0):
        second_token = token_for(other, other.run.release.outline[0])

    first = send(client, token, (0, 60), second=30).json()["credited"]
    second = send(client, second_token, (0, 60), second=30).json()["credited"]

    assert (first, second) == (12, 2)


def test_a_lecture_of_two_courses_is_watched_for_each_and_paid_from_one_account(lecture, client, cast):
    enrolment, token = lecture
    page = make.course_page(cast.bach_mai, "Khóa thứ hai", kinds=())
    make.lesson_page(page, "Cùng bài giảng", "video", video=Video.objects.get())
    other = make.enrolment(cast, page=page)
    with at(0):
        second_token = token_for(other, other.run.release.outline[0])

    send(client, token, (0, 60), second=30)
    send(client, second_token, (0, 60), second=30)

    credited = dict(WatchRecord.objects.values_list("enrolment", "credited"))
    assert credited == {enrolment.pk: 12, other.pk: 2}
    assert WatchClock.objects.get().person == cast.lan


def test_a_new_page_gives_no_new_slack(lecture, client):
    enrolment, token = lecture
    send(client, token, (0, 60), second=10)
    for reload in range(5):
        with at(10):
            again = token_for(enrolment, enrolment.run.release.outline[0])
        answer = send(client, again, (reload * 60, reload * 60 + 60), second=10)

    assert answer.json()["credited"] * 5 <= 10 * 2 + 10


def test_reports_that_come_too_often_are_refused_at_the_cost_of_one_select_and_their_ranges_count_later(
    lecture, client, django_assert_num_queries
):
    _enrolment, token = lecture
    for number in range(6):
        assert send(client, token, (number * 5, number * 5 + 5), second=60).status_code == 200
    before = WatchClock.objects.values().get()

    # On SQLite there is a transaction around it.
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 4):
        refused = send(client, token, (30, 60), second=60)

    assert (refused.status_code, refused["Retry-After"]) == (429, "5")
    assert refused.json()["error"]
    assert WatchClock.objects.values().get() == before
    assert send(client, token, (30, 60), second=64).status_code == 429
    again = send(client, token, (30, 60), second=65)
    assert (again.status_code, again.json()["credited"]) == (200, 12)
    assert send(client, token, (60, 65), second=65).status_code == 429


def test_reports_of_all_tabs_are_counted_together_and_those_from_without_a_network_apart(
    lecture, client, cast
):
    enrolment, token = lecture
    page = make.course_page(cast.bach_mai, "Khóa thứ hai", kinds=())
    make.lesson_page(page, "Khác", "video", video=make.video(cast.bach_mai, seconds=3600))
    other = make.enrolment(cast, page=page)
    with at(0):
        second_token = token_for(other, other.run.release.outline[0])
        saved = token_for(enrolment, enrolment.run.release.outline[0], saved=True)

    tabs = [token, second_token] * 4
    statuses = [send(client, one, (0, 5), second=60).status_code for one in tabs]

    assert statuses == [200] * 6 + [429] * 2
    report = {"id": str(uuid.uuid4()), "token": saved.signed(), "ranges": [[0, 30]], "played": 30}
    with at(60):
        body = json.dumps({"reports": [report] * 8})
        answer = client.post(reverse("lms_courses:watched_offline"), body, content_type="application/json")
    assert {one["credited"] for one in answer.json()["results"]} == {6}
    assert send(client, token, (0, 5), second=60).status_code == 429


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"[" * 30_000, 400),
        ({"ranges": []}, 400),
        ({"token": "x:y:z", "ranges": []}, 403),
        ({"token": 7, "ranges": []}, 403),
        (b"x" * 70_000, 413),
    ],
)
def test_nonsense_is_refused_in_words(db, client, body, status):
    answer = post(client, body)

    assert answer.status_code in {status, 400}
    assert answer.json()["error"]


@pytest.mark.parametrize("ranges", ["0-30", [[0]], [[5, 1]], [[0, "x"]], [[0, 1]] * 65, None])
def test_ranges_that_no_player_sends_are_refused_and_nothing_is_credited(lecture, client, ranges):
    _enrolment, token = lecture

    answer = post(client, {"token": token.signed(), "ranges": ranges})

    assert answer.status_code == 400
    assert not WatchRecord.objects.exists()


def test_a_forged_or_altered_token_is_refused(lecture, client):
    _enrolment, token = lecture
    text = token.signed()

    altered = [text[:-2] + "xx", "WzIs" + text[4:], signing.dumps([1] * 8, salt="another.salt")]

    for wrong in altered:
        assert post(client, {"token": wrong, "ranges": [[0, 30]]}).status_code == 403
    assert not WatchRecord.objects.exists()


def test_a_page_left_open_for_weeks_no_longer_reports(lecture, client):
    _enrolment, token = lecture

    assert send(client, token, (0, 30), second=15 * 86400).status_code == 403
    assert send(client, token, (0, 30), second=13 * 86400).status_code == 200


def test_somebody_elses_enrolment_in_a_token_of_ours_is_refused(lecture, client, cast):
    _enrolment, token = lecture
    values = [token.enrolment, cast.minh.pk, token.lesson, token.video, token.version, 3600, 90, token.issued]

    answer = post(client, {"token": signing.dumps(values, salt=SALT), "ranges": [[0, 30]]})

    assert answer.status_code == 403


def test_whoever_left_the_class_is_credited_nothing(lecture, client, cast):
    enrolment, token = lecture
    send(client, token, (0, 30), second=30)
    withdraw(enrolment, by=cast.lan.user)

    assert send(client, token, (30, 60), second=60).status_code == 403
    assert WatchRecord.objects.get().credited == 6


def test_a_get_changes_nothing(lecture, client):
    assert client.get(reverse("lms_courses:beat")).status_code == 405


def test_the_usual_report_is_one_select_and_one_write(lecture, client, django_assert_num_queries):
    _enrolment, token = lecture
    send(client, token, (0, 30), second=30)

    # On SQLite the one write of two tables is two statements in one transaction.
    with django_assert_num_queries(2 if connection.vendor == "postgresql" else 5) as queries:
        send(client, token, (30, 60), second=60)

    kinds = [query["sql"].split()[0] for query in queries.captured_queries]
    assert kinds.count("SELECT") == 1
    assert "lms_courses_enrolment" in queries.captured_queries[1 if len(kinds) > 2 else 0]["sql"]


def test_a_lesson_lost_between_credit_and_conclusion_is_concluded_by_the_next_report(lecture, client):
    enrolment, token = lecture
    send(client, token, (0, 30), second=30)
    WatchRecord.objects.update(bits=b"\xff" * 90, credited=720)

    send(client, token, second=60)

    assert LessonProgress.objects.get(enrolment=enrolment).met_at


def test_a_replaced_recording_keeps_what_was_watched_of_the_old_one(lecture, client):
    enrolment, token = lecture
    send(client, token, (0, 30), second=30)
    Video.objects.update(version=2, duration_ms=60_000)

    send(client, token, (30, 60), second=60)

    assert WatchRecord.objects.get().version == 1
    assert refresh(enrolment).lessons[0].evidence["credited"] == 12


def test_a_lecture_in_order_says_how_far_one_has_been_and_one_at_will_does_not(lecture, cast, rf):
    enrolment, token = lecture
    lesson, item = Lesson.objects.get(), enrolment.run.release.outline[0]
    with at(60):
        beat(token, ranges=[[100, 130]])

    assert video.panel(rf.get("/"), enrolment, lesson, item)["furthest"] == 0
    lesson.no_skipping = True
    assert video.panel(rf.get("/"), enrolment, lesson, item)["furthest"] == 130


def test_the_token_says_only_what_the_page_signed(lecture):
    _enrolment, token = lecture

    with at(60):
        assert read_token(token.signed()) == token


def report(token):
    """In a process of its own: half a minute of the lecture is reported."""
    with at(30):
        return post(Client(), {"token": token, "ranges": [[0, 30]]})


@pytest.mark.race
def test_a_report_whose_answer_never_came_is_counted_once_when_sent_again(race_db, race_cast):
    page = make.course_page(race_cast.bach_mai, kinds=())
    make.lesson_page(page, "Bài", "video", video=make.video(race_cast.bach_mai, seconds=3600))
    enrolment = make.enrolment(race_cast, page=page)
    with at(0):
        token = token_for(enrolment, enrolment.run.release.outline[0]).signed()

    race_db.crash_at("lms_courses.beat.credited", report, token)

    assert WatchRecord.objects.get().credited == 6
    budget = WatchClock.objects.get().budget
    assert report(token).json()["credited"] == 6
    assert WatchClock.objects.get().budget == budget


@pytest.mark.race
def test_many_tabs_at_once_lose_nothing_and_gain_nothing(race_db, race_cast, monkeypatch):
    page = make.course_page(race_cast.bach_mai, kinds=())
    make.lesson_page(page, "Bài", "video", video=make.video(race_cast.bach_mai, seconds=3600))
    enrolment = make.enrolment(race_cast, page=page)
    token = token_for(enrolment, enrolment.run.release.outline[0])

    def told(second):
        """Whether a report was taken; where too many came at once it is sent again, as the player does."""
        while True:
            try:
                beat(token, ranges=[[second, second + 5]])
            except TooOften:
                return False
            except Busy:
                continue
            return True

    def tab(number):
        return sum(told(second) for second in range(0, 60, 5))

    begun = clock.now()
    few = race_db.threads(8, tab)
    last = WatchClock.objects.get().at
    settled = BURST + (last - begun).total_seconds() / EVERY
    assert BURST <= sum(few) <= settled + 0.01
    # The same without the limit: all of them write.
    monkeypatch.setattr(watching, "BURST", 1000.0)
    WatchClock.objects.update(reports=1000)
    assert race_db.threads(8, tab) == [12] * 8

    record, account = WatchRecord.objects.get(), WatchClock.objects.get()
    assert record.credited == int.from_bytes(bytes(record.bits), "little").bit_count()
    assert (
        record.credited * 5
        <= 10
        + 2 * (account.at - datetime.datetime.fromtimestamp(token.issued, datetime.UTC)).total_seconds()
        + 1
    )
