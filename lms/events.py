"""What people are told about: the events of every app, the kind each belongs to, and the words they begin with."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """What a person may switch off, one by one."""

    LEARNING = "learning", _("My courses and certificates")
    SESSION = "session", _("Live sessions")
    REMINDER = "reminder", _("Reminders")
    ANNOUNCEMENT = "announcement", _("Announcements of a class")
    QUESTION = "question", _("Questions and answers")
    WORK = "work", _("My work for others")
    RIGHTS = "rights", _("My rights and what the law asks for")


ALWAYS = frozenset({Kind.RIGHTS})
"""Kinds that nobody can switch off: the law, or somebody's safety, asks that they arrive."""


@dataclass(frozen=True)
class Event:
    """One thing that happens to people, with the words it is told in until an office writes others.

    ``subject``, ``text`` and ``short`` (for a telephone) name the values of ``example`` in braces.
    ``still`` gets the key of a waiting message and says whether there is still reason to send it.
    """

    key: str
    kind: str
    title: object
    subject: object
    text: object
    short: object
    example: Mapping[str, object] = field(default_factory=dict)
    still: Callable[[str], bool] | None = None

    @property
    def is_optional(self) -> bool:
        """Whether people may switch it off."""
        return self.kind not in ALWAYS


_EVENTS: dict[str, Event] = {}
_is_read = False


def declare(event: Event) -> Event:
    """Make *event* known; each app does so in its ``events.py``. The key is kept across releases."""
    _EVENTS[event.key] = event
    return event


def _known() -> dict[str, Event]:
    global _is_read
    if not _is_read:
        _is_read = True
        autodiscover_modules("events")
    return _EVENTS


def find(key: str) -> Event | None:
    """The event of that key; None for one of an app that is gone."""
    return _known().get(key)


def every() -> Iterator[Event]:
    """Every event, kind by kind."""
    order = list(Kind)
    yield from sorted(_known().values(), key=lambda one: (order.index(Kind(one.kind)), one.key))


# --- events of this app ----------------------------------------------------------------------------

DATA_REQUEST = declare(
    Event(
        key="data-request",
        kind=Kind.RIGHTS,
        title=_("A request about one's data moves on"),
        subject=_("Your request about your data"),
        text=_("“{right}”: {state}. You read more under “My data” on the site."),
        short=_("Request about your data, “{right}”: {state}."),
        example={"right": _("a copy of my data"), "state": _("done")},
    )
)
DATA_REQUEST_DUE = declare(
    Event(
        key="data-request-due",
        kind=Kind.RIGHTS,
        title=_("A request about personal data is due (to the officer)"),
        subject=_("A request about personal data is due"),
        text=_("Request no. {number} ({right}) is due on {day}."),
        short=_("Request no. {number} ({right}) is due on {day}."),
        example={"number": "17", "right": _("a copy of my data"), "day": "15/03/2026"},
    )
)
