"""The registry of invariants behind ``manage.py lms_verify``."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.utils.module_loading import autodiscover_modules

log = logging.getLogger("lms.verify")


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
    """Return the names of all declared invariants; reads each app's ``invariants.py`` first."""
    autodiscover_modules("invariants")
    return sorted(_INVARIANTS)


def check(name: str) -> Iterator[Breach]:
    """Yield the breaches of one invariant; one that cannot be checked counts as broken."""
    try:
        yield from _INVARIANTS[name]()
    except Exception as error:
        log.exception("The invariant %s could not be checked.", name)
        yield Breach(name, f"could not be checked: {type(error).__name__}: {error}")


def breaches(only: str = "") -> Iterator[tuple[str, Breach]]:
    """Yield each breach with the name of its invariant; *only* is a prefix of names."""
    for name in names():
        if name.startswith(only):
            for breach in check(name):
                yield name, breach
