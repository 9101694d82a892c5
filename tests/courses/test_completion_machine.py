"""Completion over time, against a list on paper: facts come in any order, and an event is an event."""

import uuid
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from courses import completion
from courses.actions.progress import mark_read, refresh
from courses.completion import Attended, Facts, Observed, Tried, Watched, evaluate
from courses.models import (
    Attempt,
    Attendance,
    Enrolment,
    MakeUp,
    Observation,
    SessionUse,
    SignOff,
    SurveyReceipt,
    Waiver,
    WatchRecord,
)
from lms import clock
from tests.courses.test_completion import POLICY, item
from tests.examples import examples
from tests.factories import courses as make
from tests.factories import live

OUTLINE = [
    item(1, "video", periods="2.00"),
    item(2, "session", periods="2.00"),
    item(3, "reading", periods="1.00"),
    item(4, "checklist", periods="1.00", critical=True),
    item(5, "quiz", purpose="posttest"),
    item(6, "survey"),
]
PERIODS = {1: 2, 2: 2, 3: 1, 4: 1}
RULES = {**POLICY, "require_signoff": True}


class Keeper:
    """What ``actions.progress`` does with the pure core: evidence in, lessons and the event out."""

    def __init__(self):
        self.watched, self.minutes, self.tries, self.shows = 0, 0, [], []
        self.read = self.surveyed = False
        self.made_up, self.waived, self.signed, self.met = {}, set(), None, {}
        self.completed = False

    def facts(self):
        present = Attended(
            1, "present" if self.minutes >= 80 else "absent", Decimal(self.minutes), Decimal(100)
        )
        return Facts(
            watched={1: Watched(self.watched, 100)},
            attended={2: [present]} if self.minutes else {},
            attempts={5: [Tried(number, Decimal(pct)) for number, pct in enumerate(self.tries, 1)]},
            observed={4: self.shows},
            read=frozenset({3} if self.read else ()),
            surveyed=frozenset({6} if self.surveyed else ()),
            waived=frozenset(self.waived),
            made_up=self.made_up,
            signed=self.signed,
            met=self.met,
        )

    def judge(self, facts):
        return evaluate(RULES, OUTLINE, facts)

    def forget(self):
        """Nothing is kept anywhere else."""

    def conclude(self):
        result = self.judge(self.facts())
        self.met |= {one.lesson: one.evidence for one in result.lessons if one.met and not one.is_waived}
        self.completed = self.completed or result.complete
        return result


class RoundsUp(Keeper):
    """Naive: 79.6 per cent is about 80."""

    def judge(self, facts):
        seen = facts.watched[1]
        return super().judge(
            completion.Facts(**{**_fields(facts), "watched": {1: Watched(round(seen.credited, -1), 100)}})
        )


class LastAttemptCounts(Keeper):
    """Naive: forgets that an earlier attempt was better."""

    def facts(self):
        self.met = {lesson: evidence for lesson, evidence in self.met.items() if lesson != 5}
        found = super().facts()
        return completion.Facts(**{**_fields(found), "attempts": {5: found.attempts[5][-1:]}})


class WaivesForFree(Keeper):
    """Naive: counts a lesson that was taken out as learnt."""

    def facts(self):
        return completion.Facts(
            **{**_fields(super().facts()), "read": frozenset({3} if self.read or 3 in self.waived else ())}
        )


class OverlooksCriticalSteps(Keeper):
    """Naive: a high score passes a skill whatever was left out."""

    def facts(self):
        shows = [Observed(one.number, one.pct, 0, one.pct >= 70) for one in self.shows]
        return completion.Facts(**{**_fields(super().facts()), "observed": {4: shows}})


class TakesItBack(Keeper):
    """Naive: is completed only as long as the evidence says so."""

    def conclude(self):
        self.met = {}
        result = self.judge(self.facts())
        self.completed = result.complete
        return result


class NeedsNoSignature(Keeper):
    """Naive: completes without the trainer."""

    def judge(self, facts):
        return evaluate(POLICY, OUTLINE, facts)


def _fields(facts):
    return {name: getattr(facts, name) for name in Facts.__slots__}


class Paper:
    """The oracle: for each lesson whether it was ever done, as one would tell it."""

    def __init__(self):
        self.done, self.waived, self.passed, self.survey, self.signed = set(), set(), False, False, False
        self.completed = False

    def conclude(self):
        gone = self.waived - self.done
        total = sum(Fraction(PERIODS[one]) for one in PERIODS if one not in gone)
        have = sum(Fraction(PERIODS[one]) for one in PERIODS if one in self.done)
        is_taught = total >= Fraction(6, 2)
        skill = 4 in self.done or 4 in gone
        enough = is_taught and total and have / total >= Fraction(80, 100)
        if enough and skill and self.passed and self.survey and self.signed:
            self.completed = True


def machine_for(keeper):
    class Completing(RuleBasedStateMachine):
        @initialize()
        def begin(self):
            self.keeper, self.paper = keeper(), Paper()

        def teardown(self):
            if hasattr(self, "result"):
                assert self.result.as_json() == completion.Result.from_json(self.result.as_json()).as_json()
            if hasattr(self, "keeper"):
                self.keeper.forget()

        def after(self):
            self.result = self.keeper.conclude()
            self.paper.conclude()

        @rule(to=st.sampled_from([30, 85, 89, 90, 100]))
        def watch(self, to):
            self.keeper.watched = max(self.keeper.watched, to)
            if to >= 90:
                self.paper.done.add(1)
            self.after()

        @rule(minutes=st.sampled_from([40, 79, 80, 100]))
        def attend(self, minutes):
            self.keeper.minutes = minutes
            if minutes >= 80:
                self.paper.done.add(2)
            self.after()

        @rule()
        def lose_the_evidence_of_the_session(self):
            # Corrected later: what was concluded stays until a person has looked at it.
            self.keeper.minutes = 0
            self.after()

        @rule()
        def make_up(self):
            self.keeper.made_up = {2: 7}
            self.paper.done.add(2)
            self.after()

        @rule()
        def read(self):
            self.keeper.read = True
            self.paper.done.add(3)
            self.after()

        @rule(pct=st.sampled_from([0, 69, 70, 95]))
        def attempt(self, pct):
            self.keeper.tries.append(pct)
            self.paper.passed = self.paper.passed or pct >= 70
            self.after()

        @rule(pct=st.sampled_from([60, 75, 100]), missed=st.integers(0, 1))
        def show(self, pct, missed):
            number = len(self.keeper.shows) + 1
            self.keeper.shows.append(Observed(number, Decimal(pct), missed, pct >= 70 and not missed))
            if pct >= 70 and not missed:
                self.paper.done.add(4)
            self.after()

        @rule()
        def answer(self):
            self.keeper.surveyed = self.paper.survey = True
            self.after()

        @rule()
        def sign(self):
            self.keeper.signed, self.paper.signed = 3, True
            self.after()

        @rule(lesson=st.sampled_from([1, 2, 3]))
        def waive(self, lesson):
            self.keeper.waived.add(lesson)
            self.paper.waived.add(lesson)
            self.after()

        @invariant()
        def the_paper_agrees(self):
            if not hasattr(self, "result"):
                return
            met = {one.lesson for one in self.result.lessons if one.met and not one.is_waived}
            assert met & PERIODS.keys() == self.paper.done
            assert self.keeper.completed == self.paper.completed

    return Completing


def test_whatever_comes_in_whatever_order_completion_is_what_the_paper_says():
    run_state_machine_as_test(
        machine_for(Keeper), settings=examples(500, stateful_step_count=20, report_multiple_bugs=False)
    )


class Recorder(Keeper):
    """The same facts as rows, concluded by the real action; each sequence is undone afterwards."""

    def __init__(self, world):
        super().__init__()
        self.world, self.is_told = world, False
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.enrolment = Enrolment.objects.get(pk=world.enrolment.pk)

    def forget(self):
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def conclude(self):
        self._write()
        found = refresh(self.enrolment)
        self.completed = self.enrolment.state == Enrolment.State.COMPLETED
        number = {lesson.pk: number for number, lesson in self.world.lessons.items()}
        return replace(found, lessons=[replace(one, lesson=number[one.lesson]) for one in found.lessons])

    def _write(self):
        """Rows for what is known of by now; for each kind in the way its own action leaves them."""
        world, mine, now = self.world, {"enrolment": self.enrolment}, clock.now()
        lessons, by = world.lessons, world.office
        if self.watched:
            seen = {"video_id": lessons[1].video_id, "version": 1, **mine}
            told = {"credited": self.watched, "buckets": 100, "updated_at": now}
            WatchRecord.objects.update_or_create(**seen, defaults=told)
        state = "present" if self.minutes >= 80 else "absent"
        there = {"session": world.session, "person": self.enrolment.person}
        Attendance.objects.update_or_create(**there, defaults={"minutes": self.minutes, "state": state})
        if self.made_up:
            decided = {"decided_by": world.other_office, "decided_at": now, "state": "approved"}
            asked = {"proposed_by": by, "proposed_at": now, "reason": "Đã xem bản ghi", **decided}
            MakeUp.objects.get_or_create(**mine, lesson=lessons[2], defaults=asked)
        if self.read and not self.is_told:
            mark_read(self.enrolment, lesson=lessons[3])
            self.is_told = True
        for number, pct in enumerate(self.tries, 1):
            kept = {
                "allowance": 99,
                "state": "submitted",
                "nonce": f"n{number}",
                "language": "vi",
                "frozen": [],
            }
            kept |= {"started_at": now, "finished_at": now, "pass_pct": 70, "pct": pct, "passed": pct >= 70}
            Attempt.objects.get_or_create(**mine, lesson=lessons[5], number=number, defaults=kept)
        for show in self.shows:
            kept = {
                "observer": by,
                "frozen": [],
                "ratings": {},
                "observed_at": now,
                "client_id": uuid.uuid4(),
            }
            kept |= {"pct": show.pct, "critical_missed": show.critical_missed, "passed": show.passed}
            Observation.objects.get_or_create(**mine, lesson=lessons[4], number=show.number, defaults=kept)
        if self.surveyed:
            SurveyReceipt.objects.get_or_create(
                **mine, lesson=lessons[6], defaults={"answered_on": now.date()}
            )
        for number in self.waived:
            Waiver.objects.get_or_create(run=world.run, lesson=lessons[number], defaults={"reason": "Đã gỡ"})
        if self.signed:
            SignOff.objects.get_or_create(**mine, defaults={"reason": "Đủ năng lực", "by": by, "at": now})


@pytest.fixture
def world(cast):
    """The lessons of ``OUTLINE`` as records, a session, and Lan who learns."""
    course = live.course(cast.bach_mai)
    made = {
        "video": {"video": make.video(cast.bach_mai, seconds=500)},
        "quiz": {"quiz": live.quiz(cast.bach_mai), "purpose": "posttest"},
        "checklist": {"checklist": live.checklist(cast.bach_mai)},
        "survey": {"survey": live.survey(cast.bach_mai)},
    }
    lessons = {
        one["lesson"]: live.lesson(course, one["kind"], periods=one["periods"], **made.get(one["kind"], {}))
        for one in OUTLINE
    }
    release = live.release(course)
    # The very rules and lessons of the machine, whatever a form would make of them.
    release.policy = RULES
    release.outline = [
        {**one, "lesson": lessons[one["lesson"]].pk, "video": lessons[one["lesson"]].video_id, "version": 1}
        for one in OUTLINE
    ]
    release.save()
    run = live.run_of(release, "DQ-01-K1")
    session = live.session(cast.bach_mai, cast.ung.user, ends="15:40")
    SessionUse.objects.create(session=session, run=run, lesson=lessons[2])
    return SimpleNamespace(
        lessons=lessons,
        run=run,
        session=session,
        enrolment=live.enrolment(run, cast.lan),
        office=cast.ung.user,
        other_office=cast.hang.user,
    )


ALL = [("watch", 90), ("attend", 80), ("read",), ("attempt", 70), ("show", 75, 0), ("answer",), ("sign",)]
STORIES = {
    RoundsUp: [("watch", 85), ("watch", 89)],
    LastAttemptCounts: [*ALL[:3], ("attempt", 95), ("attempt", 0), *ALL[4:]],
    WaivesForFree: [("waive", 3)],
    OverlooksCriticalSteps: [("show", 100, 1)],
    TakesItBack: [*ALL, ("lose_the_evidence_of_the_session",)],
    NeedsNoSignature: ALL[:-1],
}
"""Naive keepers, and what has to happen for the paper to disagree."""


def play(keeper, story):
    machine = machine_for(keeper)()
    machine.begin()
    try:
        for step, *args in story:
            getattr(machine, step)(*args)
            machine.the_paper_agrees()
    finally:
        machine.teardown()


@pytest.mark.parametrize("naive", STORIES)
def test_a_naive_keeper_is_found_out_where_the_real_one_is_right(naive):
    play(Keeper, STORIES[naive])
    with pytest.raises(AssertionError):
        play(naive, STORIES[naive])


def test_the_real_action_keeps_what_the_paper_says_too(world):
    stories = [*STORIES.values(), [("waive", 2), ("attend", 80), ("lose_the_evidence_of_the_session",)]]

    for story in stories:
        play(lambda: Recorder(world), story)
    run_state_machine_as_test(
        machine_for(lambda: Recorder(world)),
        settings=examples(40, stateful_step_count=12, report_multiple_bugs=False),
    )
