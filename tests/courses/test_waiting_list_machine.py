"""The waiting list, enrolment and leaving against two lists on paper: whatever people do, in whatever order."""

import datetime
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from courses.actions import applications, runs, seats
from courses.actions.enrolments import EnrolmentRefused, RunFull, accept, enrol, withdraw
from courses.models import Application, Enrolment, Run
from lms import clock
from lms.sql import rows
from lms.verify import breaches
from tests.examples import examples
from tests.factories import cast as make
from tests.factories import live

State = Application.State
HOUR = datetime.timedelta(hours=1)
NOON = datetime.datetime(2026, 11, 24, 5, tzinfo=datetime.UTC)


def question(about, *names) -> tuple:
    """What ``lms.sql.rows`` asks for; to build it anew after each step took a fifth of the time of the machine."""
    found = about.values_list(*names)
    return *found.query.sql_with_params(), [one.output_field for one in found.query.select]


class Hall:
    """A class of two seats, one of them at most for Lào Cai; five people, one without a login."""

    def __init__(self, cast, people=None, *, code="DQ-01"):
        self.course = live.course(cast.bach_mai, code=code)
        live.lesson(self.course, "reading", periods="1")
        self.run = live.run(self.course, f"{code}-K1")
        Run.objects.filter(pk=self.run.pk).update(seats=2, offer_hours=1)
        self.quota = runs.set_quota(self.run, province=make.province(), seats=1, by=cast.hang.user)
        self.local = [bool(number % 3) for number in range(5)]
        self.people = people or list(self._people(cast))
        self.office = cast.hang.user
        self.inside, self.line = [], []
        self.learning = question(Enrolment.objects.open().filter(run=self.run), "person_id")
        line = self.run.applications.open().order_by("queued_at", "pk")
        self.asked = question(line, "person_id", "state", "due_at")
        self.taken = question(Run.objects.filter(pk=self.run.pk), "seats_taken", "quotas__seats_taken")

    def _people(self, cast):
        elsewhere = make.facility("Trung tâm Y tế Mù Cang Chải", province=make.province("15", "Tuyên Quang"))
        for number, is_local in enumerate(self.local):
            yield make.person(
                f"Lò Thị Xuân {number}",
                login=f"xuan{number}" if number < 4 else "",
                works_at=cast.bac_ha if is_local else elsewhere,
            )

    def fill(self):
        """Both seats are taken and two people wait."""
        self.inside, self.line = [0, 1], [2, 3]
        with clock.at(NOON):
            for who in self.inside:
                enrol(self.run, person=self.people[who], by=self.people[who].user)
            for who in self.line:
                applications.apply_for(self.run, person=self.people[who], by=self.people[who].user)
        return self


class Paper:
    """The oracle: two lists and a clock."""

    def __init__(self, hall):
        self.hall, self.seats = hall, 2
        self.inside, self.offers, self.line = list(hall.inside), {}, list(hall.line)

    def room(self, who):
        held = [*self.inside, *self.offers]
        local = sum(1 for one in held if self.hall.local[one])
        return len(held) < self.seats and (not self.hall.local[who] or local < 1)

    def serve(self, now):
        self.offers = {who: until for who, until in self.offers.items() if until > now}
        for who in list(self.line):
            if self.room(who):
                self.line.remove(who)
                self.offers[who] = now + HOUR

    def enrol(self, who, now):
        if who in self.inside:
            return
        before = dict(self.offers), list(self.line)
        self.serve(now)
        if who in self.offers or self.room(who):
            self.offers.pop(who, None)
            self.line = [one for one in self.line if one != who]
            self.inside.append(who)
        else:
            # A refused request changes nothing; the job serves the list.
            self.offers, self.line = before

    def apply_for(self, who, now):
        if who not in [*self.inside, *self.offers, *self.line]:
            self.line.append(who)
            self.serve(now)

    def accept(self, who, now):
        if self.offers.get(who, now) > now:
            del self.offers[who]
            self.inside.append(who)


REAL = SimpleNamespace(
    enrol=enrol,
    apply_for=applications.apply_for,
    accept=accept,
    withdraw=withdraw,
    take_back=applications.take_back,
    advance=seats.advance,
)


def overtaking(run, *, person, by):
    """Naive: takes a free seat without looking who waits."""
    known = Enrolment.objects.open().filter(run=run, person=person).first()
    if known is None:
        with transaction.atomic():
            quota = seats.take(run, person.workplace())
            run.applications.open().filter(person=person).update(
                state=State.WITHDRAWN, step="", quota=None, due_at=None
            )
            Enrolment.objects.create(
                run=run, person=person, episode=99 - Enrolment.objects.count(), quota=quota,
                facility=person.workplace(), enrolled_at=clock.now(),
            )  # fmt: skip


def forgetting_the_quota(enrolment, *, by):
    """Naive: frees the seat of the class, not that of the province."""
    if Enrolment.objects.open().filter(pk=enrolment.pk).update(state="withdrawn", withdrawn_at=clock.now()):
        Run.objects.filter(pk=enrolment.run_id).update(seats_taken=F("seats_taken") - 1)


def last_comes_first(run):
    """Naive: serves whoever asked last."""
    for application in run.applications.in_line().reverse():
        try:
            application.quota = seats.take(run, application.facility)
        except RunFull:
            continue
        application.state, application.due_at = State.OFFERED, clock.now() + HOUR
        application.save()


def keeping_expired_offers(run):
    """Naive: an offer that nobody accepted holds its seat for ever."""
    run.applications.filter(state=State.OFFERED).update(due_at=clock.now() + HOUR)
    seats.advance(run)


def accepting_too_late(application, *, by):
    """Naive: does not look at the clock."""
    Application.objects.filter(pk=application.pk, state=State.OFFERED).update(due_at=clock.now() + HOUR)
    accept(application, by=by)


def machine_for(halls, verbs):
    class WaitingList(RuleBasedStateMachine):
        @initialize(hall=st.sampled_from(halls))
        def open(self, hall):
            self.hall, self.run = hall, hall.run
            self.world = transaction.atomic()
            self.world.__enter__()
            self.paper, self.now = Paper(hall), NOON

        def teardown(self):
            if hasattr(self, "world"):
                transaction.set_rollback(True)
                self.world.__exit__(None, None, None)

        def do(self, verb, *args, **values):
            with clock.at(self.now):
                try:
                    with transaction.atomic():
                        verb(*args, **values)
                except EnrolmentRefused:
                    pass

        def by(self, who):
            return self.hall.people[who].user or self.hall.office

        def application(self, who):
            """The open one; where the paper knows of none there is none, or the last step had failed."""
            if who in [*self.paper.offers, *self.paper.line]:
                return self.run.applications.open().get(person=self.hall.people[who])
            return None

        @rule(who=st.integers(0, 4))
        def enrol(self, who):
            self.do(verbs.enrol, self.run, person=self.hall.people[who], by=self.by(who))
            self.paper.enrol(who, self.now)

        @rule(who=st.integers(0, 4))
        def apply_for(self, who):
            self.do(verbs.apply_for, self.run, person=self.hall.people[who], by=self.by(who))
            self.paper.apply_for(who, self.now)

        @rule(who=st.integers(0, 4))
        def accept(self, who):
            if found := self.application(who):
                self.do(verbs.accept, found, by=self.by(who))
            self.paper.accept(who, self.now)

        @rule(who=st.integers(0, 4))
        def leave(self, who):
            if who in self.paper.inside:
                row = Enrolment.objects.open().get(run=self.run, person=self.hall.people[who])
                self.do(verbs.withdraw, row, by=self.by(who))
                self.paper.inside.remove(who)
            elif found := self.application(who):
                self.do(verbs.take_back, found, by=self.by(who))
                self.paper.offers.pop(who, None)
                if who in self.paper.line:
                    self.paper.line.remove(who)

        @rule()
        def time_passes(self):
            self.now += HOUR

        @rule()
        def more_seats(self):
            self.paper.seats += 1
            Run.objects.filter(pk=self.run.pk).update(seats=F("seats") + 1)

        @rule()
        def the_jobs_run(self):
            self.do(verbs.advance, self.run)
            self.paper.serve(self.now)
            found = self.application(4)
            if found and found.state == State.OFFERED:
                self.do(applications.seat, found)
            self.paper.accept(4, self.now)

        @invariant()
        def the_paper_agrees(self):
            if not hasattr(self, "paper"):
                return
            people, paper = self.hall.people, self.paper
            asked = rows(*self.hall.asked)
            assert sorted(rows(*self.hall.learning)) == sorted((people[one].pk,) for one in paper.inside)
            waiting = [person for person, state, _due in asked if state == State.WAITING]
            assert waiting == [people[one].pk for one in paper.line]
            offers = {person: due for person, state, due in asked if state == State.OFFERED}
            assert offers == {people[one].pk: due for one, due in paper.offers.items()}
            held = [*paper.inside, *paper.offers]
            local = sum(self.hall.local[one] for one in held)
            assert rows(*self.hall.taken) == [(len(held), local)]

    return WaitingList


@pytest.fixture
def hall(cast):
    return Hall(cast)


def test_whatever_people_do_the_seats_go_to_whom_the_paper_says(cast, hall):
    full = Hall(cast, hall.people, code="DQ-02").fill()

    # From an empty hall and from a full one: half of the sequences need no steps to get there.
    run_state_machine_as_test(
        machine_for([hall, full], REAL),
        settings=examples(500, stateful_step_count=10, report_multiple_bugs=False),
    )


FULL = [("enrol", 0), ("enrol", 1)]
STORIES = {
    "overtaking": ("enrol", overtaking, [*FULL, ("apply_for", 3), ("leave", 0), ("enrol", 0)]),
    "forgetting the quota": ("withdraw", forgetting_the_quota, [*FULL, ("leave", 1)]),
    "last comes first": (
        "advance",
        last_comes_first,
        [*FULL, ("apply_for", 2), ("apply_for", 3), ("leave", 1), ("the_jobs_run",)],
    ),
    "keeping expired offers": (
        "advance",
        keeping_expired_offers,
        [*FULL, ("apply_for", 3), ("leave", 0), ("the_jobs_run",), ("time_passes",), ("the_jobs_run",)],
    ),
    "accepting too late": (
        "accept",
        accepting_too_late,
        [*FULL, ("apply_for", 3), ("leave", 0), ("the_jobs_run",), ("time_passes",), ("accept", 3)],
    ),
}
"""Naive verbs, and what people have to do for the paper to disagree."""


def play(hall, verbs, story) -> None:
    """Let the machine take the steps of *story*."""
    machine = machine_for([hall], verbs)()
    machine.open(hall)
    try:
        for step, *args in story:
            getattr(machine, step)(*args)
            machine.the_paper_agrees()
        assert list(breaches("lms_courses.seats")) == []
    finally:
        machine.teardown()


@pytest.mark.parametrize("fault", STORIES)
def test_a_naive_verb_is_found_out_where_the_real_one_is_right(hall, fault):
    name, naive, story = STORIES[fault]

    play(hall, REAL, story)
    with pytest.raises((AssertionError, IntegrityError)):
        play(hall, SimpleNamespace(**{**vars(REAL), name: naive}), story)
