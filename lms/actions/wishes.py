"""What people do with what they were told: read it, and say how they want to be told."""

from collections.abc import Collection

from django.db import transaction

from lms import clock
from lms.events import ALWAYS, Kind
from lms.models import Message, MessageWish, Person


def read(person: Person, *, message: Message | None = None) -> int:
    """Note that *person* has read a message, or all; returns how many were new. Idempotent."""
    rows = Message.objects.inbox(person).unread()
    if message is not None:
        rows = rows.filter(pk=message.pk)
    return Message.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(read_at=clock.now())


@transaction.atomic
def wish(person: Person, *, muted: Collection[str], via: str, daily: bool) -> MessageWish:
    """Keep how *person* wants to be told; what cannot be switched off is left out of *muted*. Idempotent.

    It holds for what is waiting to leave, too.
    """
    Person.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)
    kept = sorted({str(one) for one in muted} & {str(one) for one in set(Kind) - ALWAYS})
    values = {"muted": kept, "via": MessageWish.Via(via), "daily": daily, "changed_at": clock.now()}
    return MessageWish.objects.update_or_create(person=person, defaults=values)[0]


@transaction.atomic
def mute(person: Person, kind: str) -> MessageWish:
    """Switch one kind off and leave the other wishes as they are. Idempotent."""
    Person.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)
    row = MessageWish.objects.filter(person=person).first() or MessageWish(person=person, muted=[])
    return wish(person, muted={*row.muted, kind}, via=row.via, daily=row.daily)
