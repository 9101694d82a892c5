"""Whether a pathway is completed, and what is left of it, from the courses somebody completed; pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One rule of a pathway: so many of these courses; ``code`` is ``required`` or ``elective``.

    ``done``, ``going`` and ``open`` are the ids of its courses by where they stand.
    """

    code: str
    needed: int
    done: tuple[int, ...]
    going: tuple[int, ...]
    open: tuple[int, ...]

    @property
    def value(self) -> int:
        """How many count; what is learnt beyond the need counts no more."""
        return min(len(self.done), self.needed)

    @property
    def met(self) -> bool:
        return len(self.done) >= self.needed

    @property
    def left(self) -> int:
        """How many courses are still needed."""
        return self.needed - self.value


@dataclass(frozen=True, slots=True)
class Way:
    """The explained answer; ``as_json`` is what a completed pathway keeps for ever."""

    parts: tuple[Part, ...]

    @property
    def complete(self) -> bool:
        """Whether every rule is met; a pathway that asks for nothing is never completed."""
        return bool(self.needed) and all(part.met for part in self.parts)

    @property
    def value(self) -> int:
        return sum(part.value for part in self.parts)

    @property
    def needed(self) -> int:
        return sum(part.needed for part in self.parts)

    @property
    def has_begun(self) -> bool:
        return any(part.done or part.going for part in self.parts)

    def as_json(self) -> dict:
        return {
            "v": 1,
            "rules": [
                {"code": part.code, "met": part.met, "value": part.value, "needed": part.needed}
                | {"done": list(part.done), "left": [*part.going, *part.open]}
                for part in self.parts
            ],
        }


def evaluate(
    required: Sequence[int],
    electives: Sequence[int],
    needed: int,
    *,
    done: Collection[int],
    going: Collection[int] = (),
) -> Way:
    """Weigh the courses somebody has *done* against all of *required* and *needed* of *electives*.

    More completed courses never turn a met rule into an unmet one; what is *going* on decides nothing.
    """
    parts = []
    for code, courses, count in (("required", required, len(required)), ("elective", electives, needed)):
        if courses:
            parts.append(
                Part(
                    code,
                    count,
                    tuple(pk for pk in courses if pk in done),
                    tuple(pk for pk in courses if pk in going and pk not in done),
                    tuple(pk for pk in courses if pk not in going and pk not in done),
                )
            )
    return Way(tuple(parts))
