"""What a move to a newer version does to one learner; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from courses.completion import Result


@dataclass(frozen=True, slots=True)
class Effect:
    """Lessons by what becomes of them, as items of the newer outline (``dropped``: of the older).

    ``outlook`` is ``complete``, ``less``, ``same`` or ``more``: what is left to do afterwards beside
    what is left now.
    """

    kept: list[Mapping]
    gained: list[Mapping]
    new: list[Mapping]
    again: list[Mapping]
    dropped: list[Mapping]
    left_before: int
    left_after: int
    outlook: str


def effect(old: Sequence[Mapping], new: Sequence[Mapping], before: Result, after: Result) -> Effect:
    """Compare where a learner stands by the outline *old* and would stand by the outline *new*.

    ``kept`` was met and stays so, ``gained`` is met only by the newer version, ``new`` has to be done
    in addition, ``again`` was begun and begins anew (another recording), ``dropped`` was met and is no
    longer part of the course.
    """
    known = {item["lesson"] for item in old}
    met, will = before.met, after.met
    share = {one.lesson: one.pct for one in before.lessons}
    begins = {one.lesson for one in after.lessons if share.get(one.lesson, 0) > one.pct and not one.met}
    left_before, left_after = len(before.unmet), len(after.unmet)
    again = [item for item in new if item["lesson"] in begins]
    if after.complete:
        outlook = "complete"
    elif left_after != left_before:
        outlook = "less" if left_after < left_before else "more"
    else:
        outlook = "more" if again else "same"
    return Effect(
        kept=[item for item in new if item["lesson"] in met & will],
        gained=[item for item in new if item["lesson"] in (will - met)],
        new=[item for item in new if item["lesson"] not in known | will],
        again=again,
        dropped=[item for item in old if item["lesson"] in met - {one["lesson"] for one in new}],
        left_before=left_before,
        left_after=left_after,
        outlook=outlook,
    )
