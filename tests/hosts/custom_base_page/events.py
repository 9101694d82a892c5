"""What the host tells people of."""

from lms.events import Event, Kind, declare

declare(
    Event(
        key="library-due",
        kind=Kind.REMINDER,
        title="A book is due",
        subject="Until {day}: {book}",
        text="Please bring back “{book}” until {day}.",
        short="Until {day}: {book}",
        example={"book": "Netter", "day": "31/03/2026"},
    )
)
