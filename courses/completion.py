"""Whether a course is completed, rule by rule, from evidence alone; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

KINDS = frozenset({"reading", "video", "quiz", "session", "checklist", "survey"})
"""Kinds of lesson this site can evaluate; a release with another one is refused."""

SCORED = frozenset({"quiz", "checklist"})
"""Kinds whose per cent is a score, not how far one is."""

HUNDRED = Decimal(100)
LEAST_LEFT = Decimal(50)
"""Per cent of a release's periods that waivers must leave; with less, what was appraised is no longer taught."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Buckets of the released version of a lecture that were watched."""

    credited: int
    buckets: int
    offline: int = 0


@dataclass(frozen=True, slots=True)
class Attended:
    """The settled attendance of one session that serves as the lesson.

    Where the session lets missed minutes be made up for: ``made_up`` are those watched in its recording,
    ``test`` is the lesson whose test must be passed too (None where none is asked for), ``until`` the last
    moment for both, ``again`` what is still to watch, on the session's clock.
    """

    session: int
    state: str
    minutes: Decimal
    length: Decimal
    made_up: Decimal = Decimal(0)
    present_pct: int = 100
    test: int | None = None
    until: datetime | None = None
    again: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def counted(self) -> Decimal:
        """Minutes of being there and of the recording."""
        return self.minutes + self.made_up

    def is_made_up(self, tries: Sequence["Tried"], pass_pct: int) -> bool:
        """Whether the recording fills what was missing, and the test, where one is asked for, was passed in time."""
        is_enough = self.counted * HUNDRED >= self.present_pct * self.length
        return bool(self.made_up) and is_enough and self.is_tested(tries, pass_pct)

    def is_tested(self, tries: Sequence["Tried"], pass_pct: int) -> bool:
        """Whether the test was passed in time, or none is asked for."""
        return self.test is None or any(
            one.pct >= pass_pct and (one.at is None or self.until is None or one.at <= self.until)
            for one in tries
        )


@dataclass(frozen=True, slots=True)
class Tried:
    """One finished attempt at a test."""

    number: int
    pct: Decimal
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """One observed performance of a skill."""

    number: int
    pct: Decimal
    critical_missed: int
    passed: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """All evidence of one enrolment, by lesson id; ``met`` holds what was concluded before.

    ``made_up`` names the approved make-up of a lesson, ``excused`` the accepted excuse for a settled
    session of it that leaves it out of the count, ``signed`` the sign-off, each by its id.
    """

    watched: Mapping[int, Watched] = field(default_factory=dict)
    attended: Mapping[int, Sequence[Attended]] = field(default_factory=dict)
    attempts: Mapping[int, Sequence[Tried]] = field(default_factory=dict)
    observed: Mapping[int, Sequence[Observed]] = field(default_factory=dict)
    surveyed: frozenset[int] = frozenset()
    read: frozenset[int] = frozenset()
    waived: frozenset[int] = frozenset()
    made_up: Mapping[int, int] = field(default_factory=dict)
    excused: Mapping[int, int] = field(default_factory=dict)
    signed: int | None = None
    met: Mapping[int, dict] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LessonResult:
    """Where one lesson stands: ``pct`` of the way, never rounded up, and from what it follows."""

    lesson: int
    met: bool
    pct: Decimal
    evidence: dict

    @property
    def is_waived(self) -> bool:
        """Whether nothing but a waiver meets it: it asks nothing any more, and gives nothing either."""
        return "waived" in self.evidence

    @property
    def is_excused(self) -> bool:
        """Whether it was missed with leave and the attendance is not measured against it."""
        return not self.met and "excused" in self.evidence

    @property
    def is_counted(self) -> bool:
        """Whether the attendance is measured against it."""
        return not (self.is_waived or self.is_excused)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule with its value, what is needed and from what it follows.

    ``code`` is ``attendance``, ``posttest``, ``checklist``, ``survey`` or ``signoff``. For the last three
    ``value`` and ``needed`` are counts, for the others they are per cent.
    """

    code: str
    met: bool
    value: Decimal
    needed: Decimal
    evidence: dict


@dataclass(frozen=True, slots=True)
class Result:
    """The explained answer; ``as_json`` is what an enrolment keeps for ever."""

    complete: bool
    rules: list[RuleResult]
    lessons: list[LessonResult]
    attendance_pct: Decimal

    def lesson(self, pk: int) -> LessonResult | None:
        return next((one for one in self.lessons if one.lesson == pk), None)

    def rule(self, code: str) -> RuleResult | None:
        return next((one for one in self.rules if one.code == code), None)

    @property
    def met(self) -> set[int]:
        """Ids of the lessons that are met."""
        return {one.lesson for one in self.lessons if one.met}

    @property
    def unmet(self) -> set[int]:
        """Ids of the lessons that are not met."""
        return {one.lesson for one in self.lessons if not one.met}

    def as_json(self) -> dict:
        return {
            "v": 1,
            "attendance_pct": str(self.attendance_pct),
            "rules": [
                {
                    "code": rule.code,
                    "met": rule.met,
                    "value": str(rule.value),
                    "needed": str(rule.needed),
                    "evidence": rule.evidence,
                }
                for rule in self.rules
            ],
            "lessons": [
                {"lesson": one.lesson, "met": one.met, "pct": str(one.pct), "evidence": one.evidence}
                for one in self.lessons
            ],
        }

    @classmethod
    def from_json(cls, kept: Mapping) -> "Result":
        """What ``as_json`` returned, as it was."""
        rules = [
            RuleResult(
                one["code"], one["met"], Decimal(one["value"]), Decimal(one["needed"]), one["evidence"]
            )
            for one in kept["rules"]
        ]
        lessons = [
            LessonResult(one["lesson"], one["met"], Decimal(one["pct"]), one["evidence"])
            for one in kept["lessons"]
        ]
        complete = bool(rules) and all(rule.met for rule in rules)
        return cls(complete, rules, lessons, Decimal(kept["attendance_pct"]))


def share(part, whole) -> Decimal:
    """*part* of *whole* in per cent with two decimals, cut off and at most 100: 79.999 is never 80."""
    if not whole:
        return Decimal(0)
    pct = Decimal(part) * HUNDRED / Decimal(whole)
    return min(pct, HUNDRED).quantize(Decimal("0.01"), ROUND_DOWN)


def periods(item: Mapping) -> Decimal:
    """The periods of an item of an outline."""
    return Decimal(str(item.get("periods") or 0))


def is_critical(item: Mapping) -> bool:
    """Whether a checklist of an outline holds a step that must not be missed."""
    return any(step.get("critical") for step in item.get("items") or ())


def evaluate(policy: Mapping, outline: Sequence[Mapping], facts: Facts) -> Result:
    """Weigh *facts* against the frozen *policy* and *outline* of a release.

    More evidence never turns a met lesson or rule back into an unmet one.
    """
    lessons = [_lesson(policy, item, facts) for item in outline]
    return weigh(policy, outline, _excuse(policy, outline, lessons, facts), signed=facts.signed)


def _excuse(
    policy: Mapping, outline: Sequence[Mapping], lessons: list[LessonResult], facts: Facts
) -> list[LessonResult]:
    """Mark the missed sessions that excuses leave out: the longest ones, as many as *policy* allows, never all there is."""
    missed = [
        (item, one)
        for item, one in zip(outline, lessons, strict=True)
        if item["kind"] == "session" and not one.met and one.lesson in facts.excused
    ]
    # The longest first; a stable order keeps more evidence from ever lowering the share.
    missed = sorted(missed, key=lambda pair: -periods(pair[0]))[: policy.get("max_excused", 0)]
    gone = {one.lesson for _item, one in missed}
    left = (
        periods(item)
        for item, one in zip(outline, lessons, strict=True)
        if one.lesson not in gone and not one.is_waived
    )
    if not sum(left, Decimal(0)):
        return lessons
    return [
        LessonResult(one.lesson, False, one.pct, {**one.evidence, "excused": facts.excused[one.lesson]})
        if one.lesson in gone
        else one
        for one in lessons
    ]


def weigh(
    policy: Mapping, outline: Sequence[Mapping], lessons: list[LessonResult], *, signed: int | None = None
) -> Result:
    """The rules of a release by the results of its lessons, one for each item of *outline*.

    What was waived is counted on neither side: a waiver lowers nobody's share and gives nobody
    periods that were not learnt. Where less than ``LEAST_LEFT`` of the release is left, nobody
    completes it. What was excused is left out of the share in the same way.
    """
    by_id = {one.lesson: one for one in lessons}
    promised = sum((periods(item) for item in outline), Decimal(0))
    outline = [item for item in outline if not by_id[item["lesson"]].is_waived]
    taught = sum((periods(item) for item in outline), Decimal(0))
    excused = sum((periods(item) for item in outline if by_id[item["lesson"]].is_excused), Decimal(0))
    total = taught - excused
    done = sum((periods(item) for item in outline if by_id[item["lesson"]].met), Decimal(0))
    rules = []
    if promised:
        needed = Decimal(policy["min_attendance_pct"])
        # Never more than the release itself asks for, or a later waiver would undo a completion.
        is_taught = bool(total) and taught * HUNDRED >= min(LEAST_LEFT, needed) * promised
        evidence = {"periods": str(done), "of": str(total), **({"excused": str(excused)} if excused else {})}
        rules.append(
            RuleResult(
                "attendance",
                is_taught and done * HUNDRED >= needed * total,
                share(done, total),
                needed,
                evidence if is_taught else {**evidence, "promised": str(promised)},
            )
        )
    if tests := [item for item in outline if item["kind"] == "quiz" and item["purpose"] == "posttest"]:
        results = [by_id[item["lesson"]] for item in tests]
        rules.append(
            RuleResult(
                "posttest",
                all(one.met for one in results),
                min(one.pct for one in results),
                Decimal(policy["pass_pct"]),
                {
                    "lessons": [one.lesson for one in results],
                    "attempts": sum(one.evidence.get("attempts", 0) for one in results),
                    **({"earlier": True} if any(one.evidence.get("earlier") for one in results) else {}),
                },
            )
        )
    lists = [item for item in outline if item["kind"] == "checklist"]
    if skills := [item for item in lists if policy.get("require_checklist") or is_critical(item)]:
        rules.append(_all_of("checklist", [by_id[item["lesson"]] for item in skills]))
    if policy.get("require_survey") and (
        surveys := [by_id[item["lesson"]] for item in outline if item["kind"] == "survey"]
    ):
        rules.append(_all_of("survey", surveys))
    if policy.get("require_signoff"):
        is_signed = signed is not None
        signature = {"sign_off": signed} if is_signed else {}
        rules.append(RuleResult("signoff", is_signed, Decimal(is_signed), Decimal(1), signature))
    complete = bool(rules) and all(rule.met for rule in rules)
    return Result(complete, rules, lessons, share(done, total))


def before_test(policy: Mapping, outline: Sequence[Mapping], result: Result) -> tuple[Decimal, Decimal, bool]:
    """Periods met and periods in all that come before the post-test, and whether they suffice.

    Checklists are left out: an observer may come to the station weeks later.
    """
    left_out = {one.lesson for one in result.lessons if not one.is_counted}
    counted = [
        item
        for item in outline
        if item["kind"] != "checklist" and periods(item) and item["lesson"] not in left_out
    ]
    met = {one.lesson for one in result.lessons if one.met}
    total = sum((periods(item) for item in counted), Decimal(0))
    done = sum((periods(item) for item in counted if item["lesson"] in met), Decimal(0))
    return done, total, done * HUNDRED >= Decimal(policy["min_attendance_pct"]) * total


def _all_of(code: str, results: list[LessonResult]) -> RuleResult:
    done = sum(1 for one in results if one.met)
    return RuleResult(
        code,
        done == len(results),
        Decimal(done),
        Decimal(len(results)),
        {"lessons": [one.lesson for one in results], "missing": [r.lesson for r in results if not r.met]},
    )


def _lesson(policy: Mapping, item: Mapping, facts: Facts) -> LessonResult:
    """Evidence first, then what was made up for; then what was concluded earlier; a waiver last."""
    pk = item["lesson"]
    met, pct, evidence = _EVALUATORS[item["kind"]](policy, item, facts, pk)
    if not met and pk in facts.made_up:
        met, pct, evidence = True, HUNDRED, {**evidence, "made_up": facts.made_up[pk]}
    if not met and pk in facts.met:
        # A score stays what it was, also where a newer version asks for more.
        pct = pct if pct and item["kind"] in SCORED else HUNDRED
        met, evidence = True, {**facts.met[pk], "earlier": True}
    if not met and pk in facts.waived:
        met, pct, evidence = True, HUNDRED, {"waived": True}
    return LessonResult(pk, met, pct, evidence)


def _reading(policy, item, facts, pk):
    met = pk in facts.read
    return met, HUNDRED if met else Decimal(0), {"read": met}


def _video(policy, item, facts, pk):
    seen = facts.watched.get(pk)
    if seen is None or not seen.buckets:
        return False, Decimal(0), {}
    met = seen.credited * 100 >= policy["watch_pct"] * seen.buckets
    evidence = {"credited": seen.credited, "buckets": seen.buckets, "offline": seen.offline}
    return met, share(seen.credited, seen.buckets), evidence


def _session(policy, item, facts, pk):
    rows = facts.attended.get(pk, ())
    if not rows:
        return False, Decimal(0), {}

    def made_up(row):
        return row.is_made_up(facts.attempts.get(row.test, ()), policy["pass_pct"])

    best = max(
        rows,
        key=lambda row: (
            row.state == "present",
            made_up(row),
            share(row.counted, row.length),
            -row.session,
        ),
    )
    evidence = {"session": best.session, "state": best.state, "minutes": str(best.minutes)}
    if best.state != "present" and best.until:
        is_tested = best.is_tested(facts.attempts.get(best.test, ()), policy["pass_pct"])
        evidence |= _make_up(best, None if is_tested else best.test)
    return best.state == "present" or made_up(best), share(best.counted, best.length), evidence


def _make_up(row: Attended, test: int | None) -> dict:
    """What was made up for with the recording, and what is still to do by when."""
    return {
        "made_up": str(row.made_up),
        "of": str(row.length.quantize(Decimal("0.1"), ROUND_DOWN)),
        "again": [[since.isoformat(), until.isoformat()] for since, until in row.again],
        "until": row.until.isoformat() if row.until else "",
        **({"test": test} if test else {}),
    }


def test_after(outline: Sequence[Mapping], lesson: int) -> int | None:
    """The exercise that belongs to a session: the first one after it and before the next session.

    Never the post-test, which may wait for the session itself.
    """
    pks = [item["lesson"] for item in outline]
    for item in outline[pks.index(lesson) + 1 :] if lesson in pks else ():
        if item["kind"] == "session":
            return None
        if item["kind"] == "quiz" and item["purpose"] == "practice":
            return item["lesson"]
    return None


def _quiz(policy, item, facts, pk):
    tries = facts.attempts.get(pk, ())
    if not tries:
        return False, Decimal(0), {}
    best = max(tries, key=lambda one: (one.pct, -one.number))
    # A pre-test or an exercise never blocks: handing it in is all it asks.
    met = item["purpose"] != "posttest" or best.pct >= policy["pass_pct"]
    return met, best.pct, {"attempt": best.number, "pct": str(best.pct), "attempts": len(tries)}


def _checklist(policy, item, facts, pk):
    rows = facts.observed.get(pk, ())
    if not rows:
        return False, Decimal(0), {}
    best = max(rows, key=lambda row: (row.passed, -row.critical_missed, row.pct, -row.number))
    evidence = {"observation": best.number, "pct": str(best.pct), "critical_missed": best.critical_missed}
    return best.passed and not best.critical_missed, best.pct, evidence


def _survey(policy, item, facts, pk):
    met = pk in facts.surveyed
    return met, HUNDRED if met else Decimal(0), {"answered": met}


_EVALUATORS = {
    "reading": _reading,
    "video": _video,
    "session": _session,
    "quiz": _quiz,
    "checklist": _checklist,
    "survey": _survey,
}
