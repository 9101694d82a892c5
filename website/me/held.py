"""What my data page shows: everything held about me in words, who looked, what I agreed to and asked for."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from lms.actions.exporting import shown
from lms.holdings import Holding, holdings, subject_of
from lms.models import AccessLog, Consent, DataRequest, Person, RoleAssignment
from website.accounts.consents import PRIVACY_VERSION, PURPOSES

SHOWN = 10
"""Rows of one kind on the page; the rest is in the copy."""


@dataclass
class Part:
    """Rows of one kind: their count, the newest of them in words, and why, how long, for whom."""

    holding: Holding
    count: int
    rows: list[list[str]]

    @property
    def labels(self) -> list[str]:
        """The heads of the columns."""
        return [str(label) for label, _name in self.holding.columns]

    @property
    def hidden(self) -> int:
        """How many rows are not on the page."""
        return self.count - len(self.rows)


def parts_of(person: Person) -> list[Part]:
    """Everything held about *person* that has words, who the person is first."""
    subject, found = subject_of(person), []
    for holding in reversed(holdings()):
        if not (holding.shown and holding.columns) or holding.model in {AccessLog, Consent, DataRequest}:
            continue  # those three have places of their own on the page
        rows = holding.rows(subject)
        if count := rows.count():
            newest = rows.order_by("-pk")[:SHOWN]
            found.append(Part(holding, count, [words(holding, row) for row in newest]))
    return sorted(found, key=lambda part: part.holding.model is not Person)


def words(holding: Holding, row) -> list[str]:
    """One row as it is shown."""
    return [shown(row, name) for _label, name in holding.columns]


@dataclass
class Answer:
    """One question about my data, with my newest answer if there is one."""

    purpose: str
    question: str
    consent: Consent | None

    @property
    def is_given(self) -> bool:
        """Whether the newest answer is yes."""
        return bool(self.consent and self.consent.given)

    @property
    def is_outdated(self) -> bool:
        """Whether the text has changed since it was answered."""
        return bool(self.consent and self.consent.text_version != PRIVACY_VERSION)


def answers_of(person: Person) -> list[Answer]:
    """Every question we ask today."""
    newest = {row.purpose: row for row in person.consents.order_by("at", "pk")}
    return [Answer(purpose, str(question), newest.get(purpose)) for purpose, question in PURPOSES.items()]


@dataclass
class Look:
    """One look at my data: when, who, in which office, at what, what for."""

    at: object
    who: str
    office: str
    what: str
    purpose: str


def looks_at(rows) -> list[Look]:
    """Rows of the access log in words; the office is the one held on that day."""
    rows = list(rows.select_related("user__person"))
    held = RoleAssignment.objects.filter(user__in={row.user_id for row in rows}).select_related("facility")
    by_user: dict[int, list[RoleAssignment]] = {}
    for one in held:
        by_user.setdefault(one.user_id, []).append(one)
    found = []
    for row in rows:
        day = timezone.localdate(row.at, timezone.get_default_timezone())
        offices = [
            f"{one.get_role_display()}, {one.facility}"
            for one in by_user.get(row.user_id, [])
            if (one.valid_from or timezone.localdate(one.granted_at)) <= day
            and (one.valid_to is None or day <= one.valid_to)
        ]
        person = getattr(row.user, "person", None)
        who = person.full_name if person else _("a login that no longer exists")
        found.append(Look(row.at, who, "; ".join(offices), _(row.what) if row.what else "", row.purpose))
    return found


@dataclass
class Asked:
    """One request of mine with the last days of its two clocks."""

    row: DataRequest

    @property
    def answer_day(self):
        """The last day of the first clock."""
        return self.row.answer_by - timedelta(seconds=1)

    @property
    def done_day(self):
        """The last day of the second clock."""
        return self.row.done_by - timedelta(seconds=1)

    @property
    def tag(self) -> str:
        """How the state is coloured."""
        return {"done": " good", "refused": " bad", "acknowledged": " warn", "open": " warn"}.get(
            self.row.state, ""
        )


def asked_by(person: Person) -> list[Asked]:
    """My requests, the youngest first."""
    return [Asked(row) for row in person.data_requests.order_by("-created_at")[:20]]
