"""Tests as pure arithmetic: a blueprint and a seed become frozen questions, answers become a score."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from random import Random

SHOWN = ("slot", "kind", "stem", "options", "points", "reviewed")
"""All that anybody may see of a frozen question before the review."""


class BankTooSmall(ValueError):
    """The places of a test ask for more different questions than there are."""


class AnswerRefused(ValueError):
    """An answer that no page of ours can have sent."""


class ForeignOption(AnswerRefused):
    """An option, or a question, that this attempt does not have."""


class TooManyChosen(AnswerRefused):
    """Several options where exactly one may be chosen."""


@dataclass(frozen=True)
class Result:
    """What an attempt earned. ``pct`` is cut, never rounded up: 69.99… does not reach 70."""

    points: Decimal
    out_of: Decimal
    pct: Decimal
    per_slot: list[dict]


def freeze(blueprint: dict, *, seed: int) -> list[dict]:
    """Return the questions of one attempt, keys included, with option ids of this attempt only.

    The same blueprint and seed give the same list. No question comes twice. What the rolls of the
    dice are does not depend on the keys, so the page is the same whichever option is right.
    """
    rng = Random(seed)  # noqa: S311 - a shuffle, not a secret
    drawn = _draw(blueprint["slots"], rng)
    if blueprint.get("shuffle_questions"):
        rng.shuffle(drawn)
    taken: set[str] = set()
    return [
        _frozen(number, question, shuffle=bool(blueprint.get("shuffle_options")), rng=rng, taken=taken)
        for number, question in enumerate(drawn, start=1)
    ]


def is_satisfiable(slots: list[dict]) -> bool:
    """Whether every place of the test can have its own question."""
    try:
        _draw(slots, Random(0))  # noqa: S311
    except BankTooSmall:
        return False
    return True


def without_keys(frozen: list[dict]) -> list[dict]:
    """Return the questions as a learner may see them: no key, no explanation, no citation."""
    return [{name: item[name] for name in SHOWN if name in item} for item in frozen]


def check_answer(frozen: list[dict], slot: int, value: list[str]) -> list[str]:
    """Return *value* without repetitions, or raise when it cannot be an answer to *slot*."""
    item = next((item for item in frozen if item["slot"] == slot), None)
    if item is None:
        raise ForeignOption(f"no question {slot!r}")
    if not isinstance(value, list) or not all(isinstance(chosen, str) for chosen in value):
        raise AnswerRefused("an answer is a list of option ids")
    chosen = list(dict.fromkeys(value))
    if not set(chosen) <= {option["id"] for option in item["options"]}:
        raise ForeignOption(f"question {slot} has no such option")
    if item["kind"] != "multiple" and len(chosen) > 1:
        raise TooManyChosen(f"question {slot} takes one answer")
    return chosen


def grade(frozen: list[dict], answers: dict[int, list[str]]) -> Result:
    """Score *answers* (option ids by slot) against the keys frozen with the questions.

    One right option of one: all or nothing. Several: right ones chosen less wrong ones chosen,
    over the number of right ones, never below nothing. A question without an answer earns nothing.
    """
    checked = {slot: check_answer(frozen, slot, value) for slot, value in answers.items()}
    per_slot = []
    earned = out_of = Fraction(0)
    for item in frozen:
        chosen = checked.get(item["slot"], [])
        share = _share(item, set(chosen))
        earned += share * item["points"]
        out_of += item["points"]
        per_slot.append(
            {
                "slot": item["slot"],
                "chosen": chosen,
                "answered": bool(chosen),
                "right": share == 1,
                "points": str(_cut(share * item["points"])),
                "out_of": item["points"],
            }
        )
    pct = earned * 100 / out_of if out_of else Fraction(0)
    return Result(points=_cut(earned), out_of=_cut(out_of), pct=_cut(pct), per_slot=per_slot)


def chosen_in(frozen: list[dict], per_slot: list[dict]) -> frozenset[tuple]:
    """Version of each question with the words that were chosen: what two attempts can be compared by.

    Ids of options, and the order of questions, are those of one attempt only.
    """
    words = {option["id"]: (option["vi"], option["en"]) for item in frozen for option in item["options"]}
    version = {item["slot"]: item["version"] for item in frozen}
    return frozenset(
        (version[row["slot"]], frozenset(words[chosen] for chosen in row["chosen"])) for row in per_slot
    )


def _share(item: dict, chosen: set[str]) -> Fraction:
    """The part of a question's points that *chosen* earns, from 0 to 1."""
    key = set(item["key"])
    if item["kind"] != "multiple":
        return Fraction(bool(chosen) and chosen == key)
    return max(Fraction(0), Fraction(len(chosen & key) - len(chosen - key), len(key)))


def _cut(value: Fraction) -> Decimal:
    """*value* to two decimals, cut."""
    return (Decimal(value.numerator * 100 // value.denominator) / 100).quantize(
        Decimal("0.01"), rounding=ROUND_DOWN
    )


def _draw(slots: list[dict], rng: Random) -> list[dict]:
    """Give every place its own question, at random; places that share a pool never fail needlessly.

    Each unit of a slot is seated by an augmenting path (a bipartite matching), because a greedy
    draw from overlapping tags could use up the only question that a later slot may take.
    """
    seats = [slot["questions"] for slot in slots for _ in range(slot.get("draw", 1))]
    pools = [rng.sample(pool, len(pool)) for pool in seats]
    seat_of: dict[int, int] = {}
    by_seat: dict[int, dict] = {}

    def seat(number: int, tried: set[int]) -> bool:
        for question in pools[number]:
            key = question["question"]
            if key in tried:
                continue
            tried.add(key)
            if key not in seat_of or seat(seat_of[key], tried):
                seat_of[key] = number
                by_seat[number] = question
                return True
        return False

    for number in range(len(seats)):
        if not seat(number, set()):
            raise BankTooSmall(f"no question left for place {number + 1} of {len(seats)}")
    return [by_seat[number] for number in range(len(seats))]


def _frozen(number: int, question: dict, *, shuffle: bool, rng: Random, taken: set[str]) -> dict:
    """One question as the attempt keeps it."""
    order = list(question["options"])
    if shuffle:
        rng.shuffle(order)
    fresh = {}
    for option in order:
        while (new := f"{rng.getrandbits(32):08x}") in taken:
            pass
        taken.add(new)
        fresh[option["id"]] = new
    return {
        "slot": number,
        "version": question["version"],
        "kind": question["kind"],
        "stem": dict(question["stem"]),
        "options": [{"id": fresh[o["id"]], "vi": o.get("vi", ""), "en": o.get("en", "")} for o in order],
        "why": dict(question.get("why") or {}),
        "key": [fresh[o["id"]] for o in order if o["id"] in question["key"]],
        "points": 1,
        "cite": list(question.get("cite") or []),
        "reviewed": bool(question.get("reviewed")),
    }
