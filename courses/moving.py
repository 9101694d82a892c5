"""Who of a class can go on in a newer version, and what it would do to each; reads, never writes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from courses import completion
from courses.effects import Effect, effect
from courses.facts import Evidence
from courses.models import Attempt, Enrolment, Release, Run


@dataclass(slots=True)
class Line:
    """One learner: where they stand, would stand, what that does, and why they stay if they must."""

    enrolment: Enrolment
    before: completion.Result
    after: completion.Result
    effect: Effect
    stays: str = ""


def learning_in(run: Run):
    """The enrolments of *run* that are still being learnt, in one order."""
    return Enrolment.objects.open().filter(run=run).select_related("person", "facility").order_by("pk")


def preview(
    enrolments: Sequence[Enrolment], run: Run, to: Release, *, target: Run | None = None
) -> list[Line]:
    """What the move of *enrolments* of *run* to the version *to* would do, without doing it.

    *target* is the class they would join; without one, a new class of *to* with the sessions of *run*.
    The number of queries does not grow with the learners.
    """
    goal = target or Run(release=to)
    for enrolment in enrolments:
        # One and the same: its outline is long.
        enrolment.run = run
    evidence = Evidence(enrolments, also=[goal])
    stays = _Staying(enrolments, run, to)
    lines = []
    for enrolment in enrolments:
        old = run.release
        before = completion.evaluate(old.policy, old.outline, evidence.facts(enrolment))
        after = completion.evaluate(to.policy, to.outline, evidence.facts(enrolment, goal))
        line = Line(enrolment, before, after, effect(old.outline, to.outline, before, after))
        line.stays = stays.why(line)
        lines.append(line)
    return lines


class _Staying:
    """Why somebody cannot be moved now, looked up for all at once."""

    def __init__(self, enrolments: Sequence[Enrolment], run: Run, to: Release):
        self.old, self.to = run.release, to
        attempts = Attempt.objects.filter(enrolment__in=enrolments)
        self.in_test = set(attempts.filter(state=Attempt.State.OPEN).values_list("enrolment", flat=True))
        self.tries: dict[tuple[int, int], int] = {}
        for key in attempts.values_list("enrolment", "lesson").order_by():
            self.tries[key] = self.tries.get(key, 0) + 1
        people = [one.person_id for one in enrolments]
        others = Enrolment.objects.filter(person__in=people, run__release__course=to.course_id)
        done = others.filter(state=Enrolment.State.COMPLETED, run__release=to)
        self.done = set(done.values_list("person", flat=True))
        self.elsewhere = set(others.open().exclude(run=run).values_list("person", flat=True))

    def why(self, line: Line) -> str:
        """The reason in words; empty where nothing speaks against it."""
        one = line.enrolment
        if one.pk in self.in_test:
            return _("A test is open; it has to be handed in first.")
        if one.person_id in self.done:
            return _("Has completed version %(number)s already.") % {"number": self.to.number}
        if one.person_id in self.elsewhere:
            return _("Learns the course in another class as well.")
        if any(self._is_last_attempt_lost(line, item) for item in _final_tests(self.to)):
            return _("Would have no attempt left at the final test.")
        return ""

    def _is_last_attempt_lost(self, line: Line, item: dict) -> bool:
        """Whether fewer attempts are allowed than somebody has used who has not passed yet."""
        if item["lesson"] in line.after.met:
            return False
        used = self.tries.get((line.enrolment.pk, item["lesson"]), 0)
        return used >= self.to.policy["max_attempts"] and used < self.old.policy["max_attempts"]


def _final_tests(release: Release) -> Iterator[dict]:
    return (item for item in release.outline if item["kind"] == "quiz" and item["purpose"] == "posttest")
