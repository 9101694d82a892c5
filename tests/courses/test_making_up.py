"""Missed minutes of a session, made up for with its recording: rule, deadline, exercise, screens."""

import json
import uuid
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from courses import completion, presence, watching
from courses.actions import attempts, excuses, making_up, settling, sheets, staying
from courses.actions.attendance import override, take_back
from courses.actions.sessions import SessionRefused, use
from courses.actions.watching import TokenRefused, beat, read_token
from courses.facts import proved
from courses.models import Attendance, CompletionReview, Enrolment, LessonProgress, WatchClock
from courses.permissions import can_watch_video
from lms import clock, queue
from lms.models import Message
from lms.verify import breaches
from tests.courses.test_sheets import coded
from tests.examples import examples
from tests.factories import courses as make
from tests.factories import live
from tests.factories.live import moment

LENGTH = 7200


class Evening(live.Class):
    """120 minutes from 14:00; the line of Bắc Hà was cut from 14:20 to 14:45, and Lan was in that room."""

    def __init__(self, cast, **rule):
        kinds = ("session", "practice") if rule.get("makeup_with_test") else ("session",)
        super().__init__(cast, kinds=kinds, min_attendance_pct=100)
        rule = {"makeup_days": 14, "makeup_pct": 50, **rule}
        hours = {"begins": "14:00", "ends": "16:00"}
        self.session = live.session(cast.bach_mai, cast.ung.user, title_vi="Mất điện", **hours, **rule)
        use(self.session, run=self.run, lesson=self.lessons["session"])
        self.room = live.join_site(self.session, site=cast.site_bac_ha, expected=4)

    def hold(self):
        """Lan is in the room, the line is cut, the hub settles and adds the recording."""
        by = self.cast.hang.user
        with clock.at(moment("16:05")):
            for since, until in (("14:00", "14:20"), ("14:45", "16:00")):
                hours = {"since": moment(since), "until": moment(until)}
                override(self.session, person=self.cast.lan, reason="Sổ điểm danh", by=by, **hours)
            staying.declare_outage(
                self.session,
                since=moment("14:20"),
                until=moment("14:45"),
                reason="Mất điện",
                by=by,
                site=self.room,
                at_hub=True,
            )
            settling.settle(self.session, by=by)
            self.video = make.video(self.cast.bach_mai, seconds=LENGTH, title="Bản ghi buổi 24/11")
            self.recording = making_up.add_recording(
                self.session, video=self.video, begins_at=moment("14:00"), by=by
            )
        self.session.refresh_from_db()
        return self

    def token(self, at="2026-11-25 20:00"):
        with clock.at(moment(at)):
            return making_up.token_for(self.lan, self.recording, lesson=self.lessons["session"].pk)

    def watch(self, since: int, until: int, *, day="2026-11-25", token=None):
        """Lan watches the recording from minute *since* to minute *until*, in the evening of *day*."""
        token = token or self.token(f"{day} 20:00")
        WatchClock.objects.filter(person=self.cast.lan).update(at=moment(f"{day} 20:00"), budget=0)
        standing = None
        for minute in range(since, until):
            with clock.at(moment(f"{day} 20:00") + timedelta(seconds=60 * (minute - since + 1))):
                standing = beat(token, ranges=[[minute * 60, minute * 60 + 60]])
        return standing

    @property
    def progress(self) -> LessonProgress:
        return LessonProgress.objects.get(enrolment=self.lan, lesson=self.lessons["session"])


def evening(cast, **rule) -> Evening:
    with clock.at(moment("13:50")):
        made = Evening(cast, **rule)
    return made.hold()


def test_rule_15_a_power_cut_of_25_of_120_minutes_is_79_percent_and_watching_that_part_makes_100(cast):
    held = evening(cast)
    there = Attendance.objects.get(session=held.session, person=cast.lan)
    before = held.progress.value

    held.watch(20, 45)

    assert (there.minutes, there.state, before) == (95, "partial", Decimal("79.16"))
    done = proved(held.lan).lesson(held.lessons["session"].pk)
    assert (done.met, done.pct, done.evidence["made_up"]) == (True, 100, "25.0")
    assert held.progress.met_at
    # What the room proves stays what it is.
    assert Attendance.objects.get(session=held.session, person=cast.lan).minutes == 95


def test_the_report_that_fills_the_threshold_meets_the_lesson_and_says_where_the_session_stands(cast):
    held = evening(cast)

    first = held.watch(30, 31)

    assert (first.met, first.pct) == (True, 80)
    assert held.progress.evidence["made_up"] == "1.0"


def test_watching_what_one_was_there_for_makes_up_for_nothing(cast):
    held = evening(cast)

    standing = held.watch(60, 70)

    assert (standing.met, standing.pct) == (False, 79)


def test_where_the_session_asks_for_leave_only_an_accepted_excuse_opens_its_recording(cast):
    evening = Evening(cast, excuse_effect="make_up").hold()
    evening.watch(20, 45)
    page = reverse("lms_courses:watch_again", args=[evening.lan.pk, evening.session.uuid])
    with clock.at(moment("2026-11-26 08:00")):
        assert not proved(evening.lan).complete
        assert cast.client(cast.lan).get(page).status_code == 404
        one = excuses.say(evening.session, person=cast.lan, kind="line", by=cast.lan.user)
        excuses.decide(one, accept=True, by=cast.hang.user)

        assert proved(evening.lan).rule("attendance").met
        assert cast.client(cast.lan).get(page).status_code == 200


def test_a_session_that_declared_nothing_takes_no_recording(cast):
    with clock.at(moment("13:50")):
        made = Evening(cast, makeup_days=0)

    with pytest.raises(making_up.RecordingRefused):
        made.hold()


def test_whoever_missed_it_all_makes_up_for_no_more_than_the_declared_share(cast):
    held = evening(cast, makeup_pct=25)
    with clock.at(moment("17:00")):
        for row in cast.lan.presences.all():
            take_back(row, reason="Nhầm người", by=cast.hang.user)
    held.watch(0, 100)

    done = proved(held.lan).lesson(held.lessons["session"].pk)
    assert (done.met, done.pct) == (False, 25)


def test_after_the_last_day_nothing_more_counts_and_what_counted_stays(cast):
    held = evening(cast)
    token = held.token()
    over = moment("2026-12-09 00:00")
    assert held.recording.until == over

    with clock.at(over - timedelta(seconds=1)):
        assert read_token(token.signed()) == token
    with clock.at(over):
        assert making_up.token_for(held.lan, held.recording, lesson=token.lesson) is None
        with pytest.raises(TokenRefused):
            read_token(token.signed())


def test_where_the_exercise_is_asked_for_it_is_passed_in_time_or_the_lesson_stays_open(cast):
    held = evening(cast, makeup_with_test=True)
    pk = held.lessons["session"].pk
    assert not held.watch(20, 45).met
    assert held.progress.evidence["test"] == held.lessons["practice"].pk

    in_time = completion.Tried(1, Decimal(90), moment("2026-12-08 23:59"))
    late = completion.Tried(1, Decimal(90), moment("2026-12-09 00:01"))
    row = completion.Attended(
        1, "partial", Decimal(95), Decimal(120), Decimal(25), 80, pk, held.recording.until
    )

    assert row.is_made_up([in_time], 70)
    assert not row.is_made_up([late], 70)
    assert not row.is_made_up([completion.Tried(1, Decimal(69), in_time.at)], 70)
    with clock.at(moment("2026-11-26 08:00")):
        attempt = attempts.start(held.lan, lesson=held.lessons["practice"], by=cast.lan.user)
        right = {item["slot"]: (item["key"], 1) for item in attempt.frozen}
        attempts.submit(attempt, nonce=attempt.nonce, answers=right)
    assert held.progress.met_at
    assert "test" not in held.progress.evidence


def test_an_exercise_cannot_be_asked_for_where_the_class_has_none(cast):
    with clock.at(moment("13:50")):
        made = live.Class(cast, kinds=("session", "quiz"))
        session = live.session(
            cast.bach_mai, cast.ung.user, title_vi="Buổi hai", makeup_days=7, makeup_with_test=True
        )
        with pytest.raises(SessionRefused):
            use(session, run=made.run, lesson=made.lessons["session"])


def test_a_recording_goes_only_while_nobody_has_watched_it(cast):
    held = evening(cast)
    with clock.at(moment("16:30")):
        making_up.remove_recording(held.recording, by=cast.hang.user)
        held.recording = making_up.add_recording(
            held.session, video=held.video, begins_at=moment("14:00"), by=cast.hang.user
        )
    held.watch(20, 25)

    with pytest.raises(making_up.RecordingRefused):
        making_up.remove_recording(held.recording, by=cast.hang.user)


@pytest.mark.parametrize(
    ("seconds", "begins"), [(600, "13:40"), (600, "16:00")], ids=["before the session", "after it"]
)
def test_a_recording_outside_the_hours_is_refused(cast, seconds, begins):
    held = evening(cast)
    video = make.video(cast.bach_mai, seconds=seconds, title="Nhầm giờ")

    with clock.at(moment("17:00")), pytest.raises(making_up.RecordingRefused):
        making_up.add_recording(held.session, video=video, begins_at=moment(begins), by=cast.hang.user)


def test_a_cut_line_taken_back_is_weighed_with_what_was_watched(cast):
    held = evening(cast)
    held.watch(30, 31)
    outage = held.session.outages.get()

    with clock.at(moment("2026-11-26 09:00")):
        staying.take_outage_back(outage, reason="Nhầm điểm cầu", by=cast.hang.user)

    assert held.progress.met_at
    assert proved(held.lan).lesson(held.lessons["session"].pk).met


def test_what_was_made_up_for_opens_again_once_the_presence_beside_it_is_taken_back(cast):
    held = evening(cast)
    held.watch(20, 45)
    completed_at = Enrolment.objects.get(pk=held.lan.pk).completed_at
    assert completed_at
    row = cast.lan.presences.get(since=moment("14:45"))

    with clock.at(moment("2026-11-26 09:00")):
        take_back(row, reason="Nhầm người", by=cast.hang.user)
        # 20 minutes of the room and 25 of the recording, of 120.
        assert (held.progress.met_at, held.progress.value) == (None, Decimal("37.50"))
        assert list(breaches("lms_courses.progress")) == []
        while queue.run_due():
            pass

    # The completion stays an event, and somebody looks at it before another day is over.
    assert CompletionReview.objects.get(enrolment=held.lan).is_open
    held.lan.refresh_from_db()
    assert held.lan.completed_at == completed_at


def test_what_was_made_up_for_stays_met_while_what_is_left_still_carries_it(cast):
    held = evening(cast)
    held.watch(20, 45)
    before = held.progress.met_at

    with clock.at(moment("2026-11-26 09:00")):
        take_back(cast.lan.presences.get(since=moment("14:00")), reason="Nhầm người", by=cast.hang.user)
        while queue.run_due():
            pass

    # 75 and 25 of 120 minutes.
    assert held.progress.met_at == before
    assert not CompletionReview.objects.exists()


def test_a_signature_read_as_coming_and_not_as_leaving_opens_what_the_recording_shows_too(cast):
    held, by = evening(cast, makeup_pct=75), cast.hang.user
    with clock.at(moment("17:00")):
        for row in cast.lan.presences.all():
            take_back(row, reason="Nhầm người", by=by)
        staying.take_outage_back(held.session.outages.get(), reason="Nhầm điểm cầu", by=by)
        page = coded(sheets.print_sheet(held.room, by=by))
        [filed] = sheets.file_scans(page, room=held.room, by=by)
        sheets.record(filed.scan, came=[], left=[cast.lan.pk], by=by, reason="Đọc tờ ký")
    held.watch(0, 70)
    assert held.progress.met_at

    with clock.at(moment("2026-11-26 09:00")):
        sheets.record(filed.scan, came=[cast.lan.pk], left=[], by=by, reason="Đọc lại tờ ký")

    # Half an hour as before, but now one that was watched as well: 70 of 120 minutes.
    assert Attendance.objects.get(session=held.session, person=cast.lan).minutes == 30
    assert (held.progress.met_at, held.progress.value) == (None, Decimal("58.33"))
    assert list(breaches("lms_courses.progress")) == []


def test_the_learner_reads_what_to_watch_until_when_and_nobody_else_enters(cast):
    held = evening(cast)
    address = reverse("lms_courses:watch_again", args=[held.lan.pk, held.session.uuid])

    with clock.at(moment("2026-11-25 20:00")):
        page = cast.client(cast.lan).get(address)
        strange = cast.client(cast.minh).get(address)

    text = page.content.decode()
    assert "95/120" in text
    assert "14:20–14:45 (25 phút)" in text
    assert "08/12/2026" in text
    assert page.context["players"][0]["position"] == 20 * 60
    assert strange.status_code == 404
    assert can_watch_video(cast.lan.user, held.video)
    assert not can_watch_video(cast.khanh.user, held.video)


def kept_by(client, held):
    """The answer to a phone that keeps the recording of *held*."""
    args = [held.lan.pk, held.session.uuid, held.recording.pk]
    return client.post(reverse("lms_courses:save_recording", args=args))


def sent(client, pack, *, played: int):
    """The answer to what the phone says it played of the missed part, once it has a network again."""
    part = {"ranges": [[20 * 60, 20 * 60 + played]], "position": 20 * 60 + played, "played": played}
    report = {"id": str(uuid.UUID(int=1)), "token": pack["video"]["token"], **part}
    body = json.dumps({"reports": [report]})
    answer = client.post(reverse("lms_courses:watched_offline"), body, content_type="application/json")
    return answer.json()["results"][0]


def test_a_recording_kept_on_the_phone_makes_up_without_a_network_as_it_does_on_line(cast, client):
    held, lan = evening(cast), cast.client(cast.lan)
    with clock.at(moment("2026-11-25 20:00")):
        offered = lan.get(reverse("lms_courses:save", args=[held.lan.pk]))
        pack = kept_by(lan, held).json()

    assert [one["recording"] for one in offered.context["recordings"]] == [held.recording]
    assert [one["at"] for one in pack["video"]["chapters"]] == [20 * 60]
    assert [one["kind"] for one in pack["video"]["forms"]] == ["audio", "240p", "360p"]

    with clock.at(moment("2026-11-25 22:00")):
        first, again = (sent(client, pack, played=25 * 60) for _time in range(2))

    assert (first["met"], first["pct"]) == (again["met"], again["pct"]) == (True, 100)
    assert held.progress.evidence["made_up"] == "25.0"
    with clock.at(moment("2026-11-25 22:00")):
        assert lan.get(reverse("lms_courses:save", args=[held.lan.pk])).context["recordings"] == []


def test_what_was_played_without_a_network_is_worth_no_more_than_the_time_and_nothing_after_the_last_day(
    cast, client
):
    held, lan = evening(cast), cast.client(cast.lan)
    with clock.at(moment("2026-12-08 20:00")):
        pack = kept_by(lan, held).json()
    assert pack["until"] == "2026-12-08T23:59:59+07:00"

    with clock.at(moment("2026-12-08 20:01")):
        early = sent(client, pack, played=25 * 60)
    with clock.at(moment("2026-12-09 08:00")):
        late = sent(client, pack, played=25 * 60)
        assert kept_by(lan, held).status_code == 409

    assert early["credited"] == (2 * 60 + 5) // 5
    assert "refused" in late
    assert kept_by(cast.client(cast.minh), held).status_code == 404


def test_who_can_make_up_is_told_of_the_recording_once_and_whom_it_would_not_help_is_not(cast):
    held = evening(cast)
    with clock.at(moment("17:00")):
        told = [making_up.tell_make_up(held.session) for _time in range(2)]

    # Minh was not there at all, and the recording makes up for half a session at most.
    message = Message.objects.get(event="make-up")
    assert (told, message.person) == ([1, 0], cast.lan)
    assert "08/12/2026" in message.body


def test_the_hub_adds_a_recording_on_the_attendance_desk_and_sees_who_made_up(cast):
    held = evening(cast)
    held.watch(20, 45)
    client, desk = cast.client(cast.hang), reverse("lms_courses:attendance", args=[held.session.uuid])
    second = make.video(cast.bach_mai, seconds=600, title="Bản ghi phần hai")
    address = reverse("lms_courses:add_recording", args=[held.session.uuid])

    with clock.at(moment("2026-11-26 09:00")):
        client.post(address, {"video": second.pk, "begins": "15:30"})
        wrong = client.post(address, {"video": second.pk, "begins": "lúc nào đó"})
        foreign = make.video(cast.viet_duc, seconds=600, title="Của viện khác")
        taken = client.post(address, {"video": foreign.pk, "begins": "15:30"})
        page = client.get(desk)

    assert (wrong.status_code, taken.status_code) == (400, 400)
    assert "Của viện khác" not in page.content.decode()
    assert held.session.recordings.count() == 2
    assert "Bản ghi phần hai" in page.content.decode()
    assert next(row for row in page.context["rows"] if row["person"] == cast.lan)["made_up"].made_up == 25


def test_trainer_and_office_read_the_same_sentence_as_the_learner(cast):
    held = evening(cast)
    with clock.at(moment("2026-11-25 20:00")):
        page = cast.client(cast.hang).get(reverse("lms_courses_admin:learner", args=[held.lan.pk]))

    assert "14:20–14:45 (25 phút)" in page.content.decode()


# --- the sum, beside an oracle that counts seconds

BEGIN = moment("14:00")
SECONDS = 3600
WINDOW = presence.Hours(
    BEGIN,
    BEGIN + timedelta(seconds=SECONDS),
    (
        (BEGIN, BEGIN + timedelta(seconds=1500)),
        (BEGIN + timedelta(seconds=1800), BEGIN + timedelta(seconds=SECONDS)),
    ),
)

parts = st.lists(
    st.tuples(st.integers(-600, SECONDS + 600), st.integers(0, 1800)).map(
        lambda one: (one[0], one[0] + one[1])
    ),
    max_size=6,
)


def on_clock(found):
    return [(BEGIN + timedelta(seconds=a), BEGIN + timedelta(seconds=b)) for a, b in found]


def in_blocks(found) -> set[int]:
    return {
        second
        for since, until in found
        for second in range(max(since, 0), min(until, SECONDS))
        if second < 1500 or second >= 1800
    }


def there(found):
    rows = [presence.Evidence(i, "hub_override", a, b) for i, (a, b) in enumerate(on_clock(found))]
    return presence.intervals(rows, WINDOW)


@examples(300)
@given(parts, parts, st.integers(0, 100))
def test_what_is_made_up_equals_a_count_of_seconds_seen_only_in_the_recording(seen, watched, most):
    added = presence.made_up(there(seen), on_clock(watched), WINDOW, most_pct=most)

    fresh = len(in_blocks(watched) - in_blocks(seen))
    assert added == min(Fraction(fresh, 60), Fraction(3300 * most, 6000))
    missing = presence.missed([*there(seen), *on_clock(watched)], on_clock([(0, SECONDS)]), WINDOW)
    whole = in_blocks([(0, SECONDS)])
    assert presence.total(missing) == Fraction(len(whole - in_blocks(seen) - in_blocks(watched)), 60)


@examples(200)
@given(parts, parts, parts, parts, st.integers(0, 100))
def test_more_presence_or_more_watching_never_makes_fewer_minutes(seen, watched, also, more, most):
    def count(seen, watched):
        present = there(seen)
        return presence.total(present) + presence.made_up(present, on_clock(watched), WINDOW, most_pct=most)

    assert count(seen + also, watched + more) >= count(seen, watched)


@examples(100)
@given(st.integers(0, 2**60))
def test_a_bitmap_is_read_as_the_ranges_it_holds(bits):
    found = watching.parts_of(bits)

    assert watching.mask_of(found, 1e6) == bits
    assert all(one[1] < other[0] for one, other in zip(found, found[1:], strict=False))
