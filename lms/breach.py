"""Whose data were shown within a span of time, read from the access log: for the notice within 72 hours."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, QuerySet

from lms.models import AccessLog


@dataclass(frozen=True)
class Affected:
    """One person whose data were shown: how often, to how many logins, from when to when, and what."""

    person: int
    uuid: str
    full_name: str
    phone: str
    email: str
    looks: int
    logins: int
    first: datetime
    last: datetime
    what: list[str]


def shown_between(
    rows: QuerySet[AccessLog], since: datetime, until: datetime, username=""
) -> QuerySet[AccessLog]:
    """Return the looks of *rows* from *since* until before *until*, of one login or of everybody."""
    found = rows.filter(at__gte=since, at__lt=until)
    return found.filter(user__username=username) if username else found


def affected(looks: QuerySet[AccessLog]) -> Iterator[Affected]:
    """Yield each person of *looks* in the order of given names; two queries, however many there are."""
    what: dict[int, list[str]] = defaultdict(list)
    for person, words in looks.order_by("what").values_list("person", "what").distinct():
        what[person].append(words)
    people = (
        looks.order_by()
        .values("person", "person__uuid", "person__full_name", "person__phone", "person__email")
        .annotate(looks=Count("pk"), logins=Count("user", distinct=True), first=Min("at"), last=Max("at"))
        .order_by("person__sort_key", "person")
    )
    for row in people:
        yield Affected(
            row["person"],
            str(row["person__uuid"]),
            row["person__full_name"],
            row["person__phone"],
            row["person__email"],
            row["looks"],
            row["logins"],
            row["first"],
            row["last"],
            what[row["person"]],
        )
