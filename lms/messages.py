"""Messages: written with the fact that caused them, read on the site at once, handed over by a job at most once."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.core import signing
from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from lms import clock, events, letters, pacing, queue
from lms.channels import Console, Email, NotSent, SmsGateway, kind_of, send_letter, send_now
from lms.conf import conf
from lms.crashpoints import crashpoint
from lms.letters import Letter
from lms.memory import remembered
from lms.models import Message, MessageTemplate, MessageWish, Person

__all__ = [
    "Console",
    "Email",
    "NotSent",
    "SmsGateway",
    "hand_over",
    "is_untold",
    "queue_message",
    "send_now",
    "tell",
    "untold",
    "words_of",
]

log = logging.getLogger("lms.messages")

TRIES = 12
"""How often a message that was surely not sent is tried; with the growing pauses of the queue, for three hours."""
LATER = timedelta(minutes=10)
"""When what was in a hand-over that failed is looked at again by itself."""
STOP_SALT = "lms.messages.stop"
State = Message.State

_untold: ContextVar[bool] = ContextVar("lms_untold", default=False)


@contextmanager
def untold() -> Iterator[None]:
    """Tell nobody of what happens inside: for old records that are brought in, which are no news."""
    token = _untold.set(True)
    try:
        yield
    finally:
        _untold.reset(token)


def is_untold() -> bool:
    """Whether old records are brought in just now: :func:`untold` is around what runs."""
    return _untold.get()


# --- telling ---------------------------------------------------------------------------------------


def tell(
    person: Person,
    event: str,
    *,
    key: str,
    about: Mapping[str, object] | None = None,
    url: tuple = (),
    by=None,
) -> Message | None:
    """Tell *person* of *event*, once for each *key*; call it inside the transaction of the fact.

    ``about`` holds the values of the event's words, each put into words in the person's language: days,
    moments, anything whose ``str`` knows the language. No value says more of anybody's health or papers
    than the event needs. ``url`` is where to read more: a URL name and its arguments. Returns None where
    there is nobody to tell.
    """
    if person.state == Person.State.MERGED and person.merged_into:
        person = person.merged_into
    if is_untold() or person.state == Person.State.ERASED:
        return None
    if known := Message.objects.filter(key=key).first():
        return known
    with override(person.language or "vi"):
        words = {name: in_words(value) for name, value in (about or {}).items()}
        said = letters.filled(words_of(event), words)
        return queue_message(
            person,
            event=event,
            key=key,
            subject=said.subject,
            text=said.text,
            short=said.short,
            url=address_of(*url) if url else "",
            by=by,
        )


def in_words(value: object) -> str:
    """A value as a message says it, in the active language."""
    if isinstance(value, datetime):
        return f"{timezone.localtime(value, timezone.get_default_timezone()):%H:%M %d/%m/%Y}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, Decimal):
        return number_format(value.normalize() if value % 1 else value.to_integral_value())
    return str(value)


def words_of(event: str, language: str = "") -> Letter:
    """The words of *event* in the active language: those an office wrote, else those the site came with."""
    code = language or get_language() or "vi"
    found = remembered(
        ("template", event, code), lambda: MessageTemplate.objects.filter(event=event, language=code).first()
    )
    if found is not None:
        return Letter(found.subject, found.text, found.short)
    declared = events.find(event)
    if declared is None:
        raise LookupError(f"No app declares the event {event}: declare it in its events.py.")
    return Letter(str(declared.subject), str(declared.text), str(declared.short))


def queue_message(
    to: Person | str,
    *,
    event: str,
    key: str,
    subject: str = "",
    text: str,
    short: str = "",
    url: str = "",
    by=None,
) -> Message:
    """Write a message in the caller's transaction; a job hands it over afterwards. Idempotent by *key*.

    A person is reached as they wish, else by e-mail, else by text message, else on the site only.
    """
    person = to if isinstance(to, Person) else None
    wish = wish_of(person)
    address = _address(person, event, wish) if person else to
    via = kind_of(address) if address else Message.Channel.INBOX
    now = clock.now()
    not_before = now
    if wish.daily and _is_optional(event):
        not_before = pacing.next_digest(now, rules=conf.pacing(via))
    row, made = Message.objects.get_or_create(
        key=key,
        defaults={
            "person": person,
            "channel": via,
            "address": address,
            "event": event,
            "language": person.language if person else "vi",
            "subject": subject,
            "body": text,
            "short": short,
            "url": url,
            "created_by": by,
            "created_at": now,
            "not_before": not_before if address else None,
            "state": State.QUEUED if address else State.SENT,
            "sent_at": None if address else now,
        },
    )
    if made and address:
        queue.enqueue("lms.message", row.pk, run_at=not_before)
    return row


def wish_of(person: Person | None) -> MessageWish:
    """How *person* wants to be told; the usual way where they never said."""
    found = MessageWish.objects.filter(person=person).first() if person else None
    return found or MessageWish(person=person, muted=[])


def _is_optional(event: str) -> bool:
    declared = events.find(event)
    return declared is None or declared.is_optional


def _is_muted(event: str, wish: MessageWish) -> bool:
    declared = events.find(event)
    return declared is not None and declared.is_optional and declared.kind in wish.muted


def _address(person: Person, event: str, wish: MessageWish) -> str:
    """Where a message to *person* goes; nowhere beyond the site where they want it so."""
    anyhow = person.email or person.phone
    if not _is_optional(event):
        return {MessageWish.Via.EMAIL: person.email, MessageWish.Via.SMS: person.phone}.get(
            wish.via
        ) or anyhow
    if _is_muted(event, wish):
        return ""
    ways = {
        MessageWish.Via.ANY: anyhow,
        MessageWish.Via.EMAIL: person.email,
        MessageWish.Via.SMS: person.phone,
        MessageWish.Via.SITE: "",
    }
    return ways[wish.via]


# --- handing over ----------------------------------------------------------------------------------


def hand_over(pk: str, *, last_try: bool) -> None:
    """Send one waiting message at most once, and with it what else waits for the same person.

    One that is found half handed over belongs to a worker that died or hangs: nobody knows whether
    it went out, so it is marked so and never sent again by itself. Raises NotSent where it surely
    was not sent; the caller tries again unless this was the *last_try*.
    """
    sent_together = Message.objects.filter(pk=pk) | Message.objects.filter(handed_with=pk)
    own = Message.objects.filter(pk=pk, handed_with=None)
    if own.filter(state=State.SENDING).update(state=State.UNKNOWN):
        sent_together.filter(state=State.SENDING).update(state=State.UNKNOWN)
        log.warning("Message %s was being handed over when its worker ended.", pk)
        return
    rows = _claim(pk)
    if not rows:
        return
    message, others = rows[0], rows[1:]
    crashpoint("message.claimed")
    try:
        letter = _composed(rows)
        send_letter(message.channel, message.address, letter)
    except NotSent as error:
        # Another worker may have thought this one dead meanwhile.
        unsure = sent_together.filter(state__in=[State.SENDING, State.UNKNOWN])
        unsure.update(state=State.QUEUED, error=str(error)[:300], handed_at=None, handed_with=None)
        if last_try:
            Message.objects.filter(pk=pk, state=State.QUEUED).update(state=State.FAILED)
        for row in others:
            queue.enqueue("lms.message", row.pk, run_at=clock.now() + LATER)
        raise
    except Exception as error:  # noqa: BLE001 - whatever else a channel raises: it may have gone out
        log.warning("It is not known whether message %s was sent: %s", pk, error)
        sent_together.filter(state=State.SENDING).update(state=State.UNKNOWN, error=str(error)[:300])
        return
    crashpoint("message.handed_over")
    # One that looked lost meanwhile has come through after all.
    sent_together.filter(state__in=[State.SENDING, State.UNKNOWN]).update(
        state=State.SENT, sent_at=clock.now(), error=""
    )


@transaction.atomic
def _claim(pk: str) -> list[Message]:
    """Mark a waiting message as being handed over, with all that leaves together with it; the first leads.

    Empty where it is not to leave now: already gone, no longer needed, no longer wanted, or held back by
    the night or by how many left today; then a job looks again.
    """
    message = Message.objects.filter(pk=pk, state=State.QUEUED).first()
    if message is None:
        return []
    if message.person_id:
        # One hand-over of a person at a time, so that the number of a day holds.
        Person.objects.select_for_update(no_key=True).only("pk").get(pk=message.person_id)
    now, wish = clock.now(), wish_of(message.person)
    leaving = [message] if _is_still_wanted(message, wish, now) else []
    if not leaving:
        return []
    ready = pacing.may_leave(
        max(now, message.not_before or now),
        rules=conf.pacing(message.channel),
        gone=_gone(message, now),
        urgent=not _is_optional(message.event),
    )
    if ready > now:
        queue.enqueue("lms.message", pk, run_at=ready)
        return []
    if message.person_id:
        more = Message.objects.waiting_with(message).filter(not_before__lte=now).exclude(pk=pk)
        leaving += [row for row in more.order_by("created_at", "pk") if _is_still_wanted(row, wish, now)]
    claimed = Message.objects.filter(pk__in=[row.pk for row in leaving], state=State.QUEUED)
    # By one UPDATE each, so that of two workers one gets it.
    if not claimed.filter(pk=pk).update(state=State.SENDING, handed_at=now):
        return []
    claimed.exclude(pk=pk).update(state=State.SENDING, handed_at=now, handed_with=message)
    with_it = Message.objects.filter(handed_with=message, state=State.SENDING).order_by("created_at", "pk")
    return [message, *with_it]


def _is_still_wanted(message: Message, wish: MessageWish, now: datetime) -> bool:
    """Whether a waiting message is still to leave; where not, that is noted."""
    declared = events.find(message.event)
    row = Message.objects.filter(pk=message.pk, state=State.QUEUED)
    if declared is not None and declared.still is not None and not declared.still(message.key):
        row.update(state=State.DROPPED)
        return False
    if message.person_id and _is_muted(message.event, wish):
        row.update(state=State.SENT, channel=Message.Channel.INBOX, address="", sent_at=now)
        return False
    return True


def _gone(message: Message, now: datetime) -> list[datetime]:
    """When others left to the same person by the same channel since yesterday, without what the law asks for."""
    if not message.person_id:
        return []
    binding = [one.key for one in events.every() if not one.is_optional]
    left = Message.objects.filter(person=message.person_id, channel=message.channel, handed_with=None)
    left = left.filter(handed_at__gte=now - timedelta(days=2)).exclude(event__in=binding)
    return list(left.values_list("handed_at", flat=True))


def _composed(rows: list[Message]) -> Letter:
    """What is handed over: one letter or several in one, with the way to the site and the way to stop."""
    first = rows[0]
    with override(first.language or "vi"):
        count = len(rows)
        new = ngettext("%(count)d new message", "%(count)d new messages", count) % {"count": count}
        where = absolute(address_of("lms:inbox"))
        letter = letters.together(
            [Letter(row.subject, row.body, row.short or row.body) for row in rows],
            subject=": ".join(filter(None, [conf.SITE_NAME, new])),
            short=" ".join(filter(None, [": ".join(filter(None, [conf.SITE_NAME, new])), where])),
        )
        if first.channel == Message.Channel.SMS:
            return Letter("", letter.short)
        link = where if count > 1 else absolute(first.url)
        text = letters.as_mail(letter, link=link, footer=_footer(rows))
        return Letter(letter.subject, text, stop=_stop_address(rows))


def _footer(rows: list[Message]) -> list[str]:
    """How to stop messages of this kind, for a person and where they may be stopped."""
    declared = events.find(rows[0].event)
    if len(rows) > 1 or rows[0].person is None or declared is None:
        return []
    if not declared.is_optional:
        return [_("The law asks for this message; it cannot be switched off.")]
    stop = _stop_address(rows)
    kind = events.Kind(declared.kind).label
    return [_("No more mail about “%(kind)s”: %(url)s") % {"kind": kind, "url": stop}] if stop else []


def _stop_address(rows: list[Message]) -> str:
    """Where mail like *rows*, one message or several in one, is stopped; empty where that may not be.

    Several in one may be of several kinds: no single click stands for them, so they name none.
    """
    declared = events.find(rows[0].event)
    if len(rows) > 1 or rows[0].person is None or declared is None or not declared.is_optional:
        return ""
    return absolute(address_of("lms:stop", stop_token(rows[0].person, declared.kind)))


def stop_token(person: Person, kind: str) -> str:
    """The signed words of a mail's link by which *person* stops one *kind*; it opens nothing else."""
    return signing.dumps([str(person.uuid), str(kind)], salt=STOP_SALT)


def read_stop_token(token: str) -> tuple[Person, events.Kind] | None:
    """Whom and what a link was made for; None for one that we did not make."""
    try:
        uuid, kind = signing.loads(token, salt=STOP_SALT)
    except signing.BadSignature:
        return None
    person = Person.objects.living().filter(uuid=uuid).first()
    return (person, events.Kind(kind)) if person and kind in set(events.Kind) - events.ALWAYS else None


def address_of(name: str, *args) -> str:
    """The path of a URL name, or nothing where the site does not mount it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def absolute(path: str) -> str:
    """*path* on the public site."""
    return f"{conf.BASE_URL}{path}" if path.startswith("/") else path
