"""The registry of invariants behind ``manage.py lms_verify``."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Breach:
    """One thing that is not as it must be: *what* names the row, *detail* says what is wrong."""

    what: str
    detail: str


Invariant = Callable[[], Iterable[Breach]]
_INVARIANTS: dict[str, Invariant] = {}


def invariant(name: str) -> Callable[[Invariant], Invariant]:
    """Declare a function that yields a Breach for each row that breaks *name*; it must change nothing."""

    def declare(function: Invariant) -> Invariant:
        _INVARIANTS[name] = function
        return function

    return declare


def names() -> list[str]:
    """Return the names of all declared invariants."""
    return sorted(_INVARIANTS)


def breaches(only: str = "") -> Iterator[tuple[str, Breach]]:
    """Yield each breach with the name of its invariant; *only* is a prefix of names."""
    for name in names():
        if name.startswith(only):
            for breach in _INVARIANTS[name]():
                yield name, breach
