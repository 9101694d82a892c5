"""Pure: what a question, an answer or an announcement must not say: who the patient is, or how to call somebody."""

from collections.abc import Iterable

from content.deidentify import found_in

HOTLINE = frozenset({"phone"})
"""What an office may write in an announcement: where to call it."""


def telling(text: str, *, known: Iterable[str] = (), allowed: frozenset[str] = frozenset()) -> list[str]:
    """The passages of *text* that may tell who a patient is, as they stand there; empty where it may be shown.

    ``known`` are full names of those who teach or write here: to thank "chị Hoa" by name tells of no patient.
    Days of guidelines and sessions may be named, days of birth may not. ``allowed`` are kinds of
    ``content.deidentify`` that may stand.
    """
    given = {name.split()[-1].casefold() for name in known if name.split()}
    return [
        words
        for kind, words in found_in(text)
        if kind not in allowed
        and not (kind == "name" and words.split()[-1].casefold() in given)
        and not (kind == "date" and not words.casefold().startswith("sinh"))
    ]
