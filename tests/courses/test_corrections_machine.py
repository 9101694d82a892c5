"""A settled session corrected again and again, against minutes counted on paper: what carries a lesson, and what no longer does."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from courses.actions import attendance, making_up, progress, settling, staying
from courses.actions.offline import Report, credit_report
from courses.models import Attendance, LessonProgress, Presence
from lms import clock
from lms.verify import breaches
from tests.courses.test_making_up import LENGTH, Evening
from tests.examples import examples
from tests.factories import courses as make
from tests.factories.live import moment

SLOT = timedelta(minutes=5)
SLOTS = 24
ENOUGH = 20
"""Slots that are 80 per cent of the session, never rounded up."""
MOST = 12
"""Slots that the recording makes up for at most."""


class Corrected(Evening):
    """The evening, with Lan ticked in her room from the start, settled, its recording added and kept on her phone."""

    def hold(self):
        office = self.cast.hang.user
        with clock.at(moment("14:02")):
            attendance.tick(self.room, person=self.cast.lan, by=office)
        with clock.at(moment("16:05")):
            settling.settle(self.session, by=office)
            self.video = make.video(self.cast.bach_mai, seconds=LENGTH, title="Bản ghi buổi 24/11")
            values = {"video": self.video, "begins_at": moment("14:00"), "by": office}
            self.recording = making_up.add_recording(self.session, **values)
            of = {"lesson": self.lessons["session"].pk, "saved": True}
            self.kept = making_up.token_for(self.lan, self.recording, **of)
        self.session.refresh_from_db()
        return self


def naive_take_back(row, *, reason, by):
    """Naive: looks again only at a lesson that its session alone had met."""
    taken = attendance.retract(row, by=by, reason=reason)
    [(minutes, state, evidence)] = settling.weigh(row.session, [row.person_id]).values()
    before = Attendance.objects.get(session=row.session, person=row.person)
    now = {"minutes": minutes, "state": state, "evidence": evidence}
    Attendance.objects.filter(pk=before.pk).update(**now)
    for enrolment in row.person.enrolments.all():
        lessons = set(row.session.uses.values_list("lesson", flat=True))
        progress.refresh(enrolment, lost=lessons if before.state == "present" != state else ())
    return taken


def machine_for(held, take_back=attendance.take_back):
    by, lan = held.cast.hang.user, held.cast.lan
    begin = moment("14:00")

    class Correcting(RuleBasedStateMachine):
        @initialize(is_cut=st.booleans())
        def settled(self, is_cut):
            self.undo = transaction.atomic()
            self.undo.__enter__()
            self.steps, self.cuts, self.watched = 0, {}, set()
            self.seen = {Presence.objects.get(person=lan).pk: set(range(SLOTS))}
            self.ticked = set(self.seen)
            if is_cut:
                # Half of the sequences begin where the recording already carries the lesson with the room.
                self.cut(4, 5)
                self.watch(4, 5)

        def teardown(self):
            if hasattr(self, "undo"):
                transaction.set_rollback(True)
                self.undo.__exit__(None, None, None)

        def later(self):
            """A time of its own for each step: an hour is more than anybody watches at once."""
            self.steps += 1
            return clock.at(moment("2026-11-25 08:00") + timedelta(hours=self.steps))

        @rule(since=st.integers(0, SLOTS - 1), slots=st.integers(1, 10))
        def enter(self, since, slots):
            until = min(since + slots, SLOTS)
            hours = {"since": begin + since * SLOT, "until": begin + until * SLOT}
            with self.later():
                row = attendance.override(held.session, person=lan, reason="Sổ điểm danh", by=by, **hours)
            self.seen[row.pk] = set(range(since, until))

        @rule(which=st.integers(0, 9))
        def take_back(self, which):
            if self.seen:
                pk = sorted(self.seen)[which % len(self.seen)]
                with self.later():
                    take_back(Presence.objects.get(pk=pk), reason="Nhầm người", by=by)
                del self.seen[pk]

        @rule(since=st.integers(0, SLOTS - 1), slots=st.integers(1, 12))
        def cut(self, since, slots):
            until = min(since + slots, SLOTS)
            hours = {"since": begin + since * SLOT, "until": begin + until * SLOT}
            with self.later():
                row = staying.declare_outage(
                    held.session, reason="Mất điện", by=by, site=held.room, at_hub=True, **hours
                )
            self.cuts[row.pk] = row, set(range(since, until))

        @rule(which=st.integers(0, 9))
        def it_was_not_cut(self, which):
            if self.cuts:
                pk = sorted(self.cuts)[which % len(self.cuts)]
                with self.later():
                    staying.take_outage_back(self.cuts.pop(pk)[0], reason="Nhầm điểm cầu", by=by)

        @rule(since=st.integers(0, SLOTS - 1), slots=st.integers(1, 10))
        def watch(self, since, slots):
            until = min(since + slots, SLOTS)
            of, length = int(SLOT.total_seconds()), until - since
            ranges = [[since * of, until * of]]
            with self.later():
                credit_report(held.kept, Report(uuid.uuid4(), ranges, played=length * of))
            self.watched |= set(range(since, until))

        @invariant()
        def the_paper_agrees(self):
            if not hasattr(self, "undo"):
                return
            dark = set().union(*(slots for _row, slots in self.cuts.values()))
            there = set().union(*(s - dark if pk in self.ticked else s for pk, s in self.seen.items()))
            made_up = min(len(self.watched - there), MOST)
            rows = LessonProgress.objects.filter(enrolment=held.lan, lesson=held.lessons["session"])
            met = rows.filter(met_at__isnull=False).exists()
            assert met == (len(there) + made_up >= ENOUGH)
            assert list(breaches("lms_courses.progress")) == []

    return Correcting


@pytest.fixture
def held(cast):
    with clock.at(moment("13:50")):
        made = Corrected(cast)
    return made.hold()


def test_after_every_correction_a_lesson_is_met_exactly_while_seen_and_watched_minutes_carry_it(held):
    run_state_machine_as_test(
        machine_for(held), settings=examples(25, stateful_step_count=8, report_multiple_bugs=False)
    )


def test_a_naive_correction_is_found_out_where_the_real_one_is_right(held):
    def play(machine):
        machine.settled(is_cut=True)
        try:
            machine.the_paper_agrees()
            machine.take_back(0)
            machine.the_paper_agrees()
        finally:
            machine.teardown()

    play(machine_for(held)())
    with pytest.raises(AssertionError):
        play(machine_for(held, naive_take_back)())
