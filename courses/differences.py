"""What has changed from one frozen release to the next, statement by statement; pure."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

OF_THE_COURSE = ("title_vi", "title_en", "form", "role", "rule_code")
OF_A_LESSON = ("kind", "purpose", "content_hash", "survey")
"""Plain fields of an item of an outline that are one statement each when they differ."""
OF_A_STEP = ("vi", "en", "weight", "critical")


class Frozen(Protocol):
    """What is compared: a ``Release``, saved or not."""

    title_vi: str
    title_en: str
    form: str
    role: str
    rule_code: str
    periods: Any
    outline: Any
    policy: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One statement: what changed (``code``), in which lesson, in which step, from what to what.

    ``lesson`` and ``step`` are titles by language, the newer ones where they differ; ``lesson`` is
    None for what concerns the whole course. Something that is new has no ``before``, something
    that is gone no ``after``. The words stand in ``courses.wording``.
    """

    code: str
    lesson: Mapping[str, str] | None = None
    step: Mapping[str, str] | None = None
    before: Any = None
    after: Any = None


def differences(old: Frozen, new: Frozen) -> list[Difference]:
    """Every change from *old* to *new*: the course, its rules, then lesson by lesson in the newer order.

    Lessons are the same by their number, so a lesson that moved is not one gone and one added.
    Nothing that differs is left out: what has no statement of its own is ``other``.
    """
    found = [
        Difference(name, before=getattr(old, name), after=getattr(new, name))
        for name in OF_THE_COURSE
        if getattr(old, name) != getattr(new, name)
    ]
    if Decimal(old.periods) != Decimal(new.periods):
        found.append(Difference("hours", before=Decimal(old.periods), after=Decimal(new.periods)))
    found += _each(old.policy, new.policy)
    before = {item["lesson"]: (place, item) for place, item in enumerate(old.outline, start=1)}
    after = {item["lesson"] for item in new.outline}
    kept = _in_order([before[item["lesson"]][0] for item in new.outline if item["lesson"] in before])
    for place, item in enumerate(new.outline, start=1):
        if item["lesson"] not in before:
            found.append(Difference("lesson_added", item["title"], after=place))
            continue
        was, earlier = before[item["lesson"]]
        if was not in kept:
            found.append(Difference("lesson_moved", item["title"], before=was, after=place))
        found += _lesson(earlier, item)
    for place, item in before.values():
        if item["lesson"] not in after:
            found.append(Difference("lesson_removed", item["title"], before=place))
    return found


def _in_order(places: Sequence[int]) -> set[int]:
    """The most of *places* that still stand in ascending order; the others have moved."""
    ends: list[int] = []
    chains: list[tuple[int, ...]] = []
    for place in places:
        at = bisect_left(ends, place)
        chain = (*(chains[at - 1] if at else ()), place)
        ends[at : at + 1], chains[at : at + 1] = [place], [chain]
    return set(chains[-1]) if chains else set()


def _each(old: Mapping, new: Mapping) -> Iterator[Difference]:
    """One statement per key that differs, under the key's own name."""
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield Difference(name, before=old.get(name), after=new.get(name))


def _lesson(old: Mapping, new: Mapping) -> Iterator[Difference]:
    title = new["title"]
    for language in ("vi", "en"):
        if old["title"].get(language, "") != title.get(language, ""):
            yield Difference(
                f"retitled_{language}", title, before=old["title"].get(language), after=title.get(language)
            )
    if Decimal(old["periods"]) != Decimal(new["periods"]):
        yield Difference("periods", title, before=Decimal(old["periods"]), after=Decimal(new["periods"]))
    for name in OF_A_LESSON:
        if old.get(name) != new.get(name):
            yield Difference(name, title, before=old.get(name), after=new.get(name))
    if (old.get("video"), old.get("version")) != (new.get("video"), new.get("version")) or old.get(
        "seconds"
    ) != new.get("seconds"):
        yield Difference("video", title, before=old.get("seconds"), after=new.get("seconds"))
    if old.get("quiz") != new.get("quiz"):
        yield Difference("quiz", title, before=old.get("quiz"), after=new.get("quiz"))
    yield from _test(old.get("blueprint") or {}, new.get("blueprint") or {}, title)
    yield from _since(old, new, title, time_limit_s="time_limit", review="review")
    if old.get("checklist") != new.get("checklist"):
        yield Difference("checklist", title, before=old.get("checklist"), after=new.get("checklist"))
    yield from _steps(old.get("items") or (), new.get("items") or (), title)
    if old.get("pass_pct") != new.get("pass_pct"):
        yield Difference("skill_pct", title, before=old.get("pass_pct"), after=new.get("pass_pct"))
    if "questionnaire" in old and "questionnaire" in new:
        before, after = dict(old["questionnaire"]), dict(new["questionnaire"])
        anonymous = before.pop("anonymous"), after.pop("anonymous")
        if anonymous[0] != anonymous[1]:
            yield Difference("survey_anonymous", title, before=anonymous[0], after=anonymous[1])
        if before != after:
            yield Difference("survey_edited", title)
    told = {
        *OF_A_LESSON, "lesson", "title", "periods", "video", "version", "seconds", "quiz", "blueprint",
        "time_limit_s", "review", "checklist", "items", "pass_pct", "questionnaire",
    }  # fmt: skip
    for name in sorted({*old, *new} - told):
        if old.get(name) != new.get(name):
            yield Difference("other", title, before=old.get(name), after=new.get(name))


def _since(old: Mapping, new: Mapping, title: Mapping, **codes: str) -> Iterator[Difference]:
    """One statement per value that differs, by its code, where both versions hold it.

    A version frozen before outlines held the value follows what holds now, which the newer one froze: no change.
    """
    for name, code in codes.items():
        if name in old and name in new and old[name] != new[name]:
            yield Difference(code, title, before=old[name], after=new[name])


def _test(old: Mapping, new: Mapping, title: Mapping) -> Iterator[Difference]:
    """How the questions of a test differ, in numbers: this is read by people who must not learn the keys."""
    if old == new:
        return
    before, after = _questions(old), _questions(new)
    both = [number for number in after if number in before]
    changed = [n for n in both if {**before[n], "reviewed": 0} != {**after[n], "reviewed": 0}]
    reviewed = [n for n in both if before[n].get("reviewed") != after[n].get("reviewed")]
    said = False
    counts = {
        "questions_added": (0, len(after.keys() - before.keys())),
        "questions_removed": (len(before.keys() - after.keys()), 0),
        "questions_changed": (0, len(changed)),
        "questions_reviewed": (0, len(reviewed)),
        "questions_asked": (_asked(old), _asked(new)),
    }
    for code, (was, now) in counts.items():
        if was != now:
            said = True
            yield Difference(code, title, before=was, after=now)
    for name in ("shuffle_questions", "shuffle_options"):
        if old.get(name) != new.get(name):
            said = True
            yield Difference(name, title, before=old.get(name), after=new.get(name))
    same_draws = sorted(_draws(old)) == sorted(_draws(new)) or counts["questions_asked"][0] != _asked(new)
    if not said or not same_draws or _pools(old, set(both)) != _pools(new, set(both)):
        yield Difference("questions_arranged", title)


def _questions(blueprint: Mapping) -> dict:
    return {one["question"]: one for slot in blueprint.get("slots", ()) for one in slot["questions"]}


def _asked(blueprint: Mapping) -> int:
    return sum(slot["draw"] for slot in blueprint.get("slots", ()))


def _draws(blueprint: Mapping) -> list[int]:
    return [slot["draw"] for slot in blueprint.get("slots", ())]


def _pools(blueprint: Mapping, of: set) -> list:
    """Which of the questions *of* stand together, in order."""
    pools = [[one["question"] for one in slot["questions"]] for slot in blueprint.get("slots", ())]
    return [kept for pool in pools if (kept := [number for number in pool if number in of])]


def _steps(old: Sequence[Mapping], new: Sequence[Mapping], title: Mapping) -> Iterator[Difference]:
    before, after = {step["id"]: step for step in old}, {step["id"]: step for step in new}
    for number, step in after.items():
        if number not in before:
            yield Difference("step_added", title, step, after=step.get("critical"))
            continue
        for name in OF_A_STEP:
            if before[number].get(name) != step.get(name):
                yield Difference(
                    f"step_{name}", title, step, before=before[number].get(name), after=step.get(name)
                )
    for number, step in before.items():
        if number not in after:
            yield Difference("step_removed", title, step, before=step.get("critical"))
    if [one for one in before if one in after] != [one for one in after if one in before]:
        yield Difference("steps_reordered", title)
