"""Consent, and the record of who looked at whose data."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction

from lms import clock
from lms.models import AccessLog, Consent, Person


def give_consent(
    person: Person, *, purpose: str, given: bool, text_version: str, channel: str = "web"
) -> Consent:
    """Record that *person* agreed or refused; the same answer to the same text is recorded once."""
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        last = Consent.objects.filter(person=person, purpose=purpose).first()
        if last and last.given == given and last.text_version == text_version:
            return last
        return Consent.objects.create(
            person=person,
            purpose=purpose,
            given=given,
            text_version=text_version,
            channel=channel,
            at=clock.now(),
        )


def has_consented(person: Person, purpose: str) -> bool:
    """Return whether the latest answer of *person* to *purpose* was yes."""
    last = Consent.objects.filter(person=person, purpose=purpose).first()
    return bool(last and last.given)


def log_access(user, person: Person, *, what: str, purpose: str = "") -> AccessLog | None:
    """Record that *user* saw personal data of *person*; looking at oneself is not recorded."""
    if user is None or not user.is_authenticated or person.user_id == user.pk:
        return None
    return AccessLog.objects.create(
        user=user, person=person, what=what[:60], purpose=purpose[:200], at=clock.now()
    )


SAME_LOOK = timedelta(hours=1)
"""A list that is opened again, turned or searched within this time counts as one look."""


def log_accesses(user, persons: Iterable[Person | int], *, what: str, purpose: str = "") -> int:
    """Record that *user* was shown a list with *persons*; return how many rows were written.

    One row a person, user, list and hour, so that turning pages at a desk does not bury the looks
    that matter. Two queries, however long the list. What was shown of oneself is not recorded.
    """
    if user is None or not user.is_authenticated:
        return 0
    keys = {one.pk if isinstance(one, Person) else one for one in persons} - {None}
    if not keys:
        return 0
    now, what, purpose = clock.now(), what[:60], purpose[:200]
    known = AccessLog.objects.filter(user=user, what=what, purpose=purpose, at__gt=now - SAME_LOOK)
    skip = set(known.filter(person__in=keys).values_list("person", flat=True))
    skip |= set(Person.objects.filter(user=user).values_list("pk", flat=True))
    rows = [
        AccessLog(user=user, person_id=pk, what=what, purpose=purpose, at=now) for pk in sorted(keys - skip)
    ]
    return len(AccessLog.objects.bulk_create(rows, batch_size=500))
