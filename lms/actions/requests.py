"""What people ask of those who hold their data, against the two clocks of the law."""

from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lms import clock, messages, queue, workdays
from lms.conf import conf
from lms.models import DataRequest, Message, Person
from lms.permissions import officers_of

Kind, State = DataRequest.Kind, DataRequest.State

ANSWER_WORKDAYS = 2
DAYS = {
    Kind.ACCESS: 10,
    Kind.CORRECT: 10,
    Kind.EXPORT: 10,
    Kind.ERASE: 20,
    Kind.WITHDRAW: 15,
    Kind.RESTRICT: 15,
    Kind.OBJECT: 15,
}
"""Days within which a request is done, by right (Law 91/2025/QH15, Decree 356/2025; ``domain`` 1.10)."""
LONGEST_EXTENSION = 15


class RequestRefused(Exception):
    """The step is not possible; the text says why and can be shown."""


def ask(person: Person, *, kind: str, details: str = "") -> DataRequest:
    """Record a request with its two deadlines; one that is open of the same kind is returned instead.

    Raises RequestRefused where the person holds an office and asks for erasure.
    """
    kind = Kind(kind)
    if kind == Kind.ERASE and (why := why_not_erased(person)):
        raise RequestRefused(why)
    now = clock.now()
    today = timezone.localdate(now, timezone.get_default_timezone())
    try:
        with transaction.atomic():
            row = DataRequest.objects.create(
                person=person,
                kind=kind,
                details=details.strip()[:2000],
                created_at=now,
                answer_by=_end_of(workdays.after(today, ANSWER_WORKDAYS, conf.HOLIDAYS)),
                done_by=_end_of(today + timedelta(days=DAYS[kind])),
            )
    except IntegrityError:
        return DataRequest.objects.open().get(person=person, kind=kind)
    return row


def ask_export(person: Person) -> DataRequest:
    """Ask for a copy of everything held and have it made at once: nobody need decide about one's own data."""
    with transaction.atomic():
        row = ask(person, kind=Kind.EXPORT)
        if row.state == State.OPEN:
            queue.enqueue("lms.export", row.pk)
    return row


def why_not_erased(person: Person) -> str:
    """Return why *person* cannot be erased now, in plain words, or an empty text."""
    user = person.user
    if user is None:
        return ""
    if user.is_superuser:
        return _("This login administers the server. Another administrator must take that over first.")
    offices = user.role_assignments.exclude(valid_to__lt=clock.today()).select_related("facility")
    if offices:
        named = "; ".join(f"{row.get_role_display()}, {row.facility}" for row in offices)
        return _("These offices must be ended first, because others rely on them: %(offices)s.") % {
            "offices": named
        }
    return ""


def _end_of(day: date) -> datetime:
    return timezone.make_aware(
        datetime.combine(day + timedelta(days=1), time()), timezone.get_default_timezone()
    )


def _locked(request: DataRequest) -> DataRequest:
    row = DataRequest.objects.select_for_update().select_related("person").get(pk=request.pk)
    if not row.is_open:
        raise RequestRefused(_("The request is closed already."))
    return row


@transaction.atomic
def acknowledge(request: DataRequest, *, by) -> DataRequest:
    """Tell the person that the request is being worked on: the first clock stops. Idempotent."""
    row = _locked(request)
    if row.acknowledged_at is None:
        row.state, row.acknowledged_at, row.acknowledged_by = State.ACKNOWLEDGED, clock.now(), by
        row.save(update_fields=["state", "acknowledged_at", "acknowledged_by"])
        tell(row)
    return row


@transaction.atomic
def extend(request: DataRequest, *, by, days: int, reason: str) -> DataRequest:
    """Lengthen the second clock once, by fifteen days at most, with the reason. Raises RequestRefused."""
    row, reason = _locked(request), " ".join(reason.split())[:300]
    if row.extension_reason:
        raise RequestRefused(_("The time was lengthened once already; the law allows it once."))
    if not 1 <= days <= LONGEST_EXTENSION:
        raise RequestRefused(_("The time may be lengthened by one to fifteen days."))
    if len(reason) < 5:
        raise RequestRefused(_("Please say why; the person reads it."))
    row.done_by, row.extension_reason = row.done_by + timedelta(days=days), reason
    row.save(update_fields=["done_by", "extension_reason"])
    acknowledge(row, by=by)
    row.refresh_from_db()
    return row


def close(request: DataRequest, *, by, answer: str) -> DataRequest:
    """Answer a request that was done. Raises RequestRefused without an answer."""
    return _end(request, State.DONE, by=by, answer=answer)


def refuse(request: DataRequest, *, by, reason: str) -> DataRequest:
    """Refuse a request, with the reason the person reads. Raises RequestRefused without one."""
    return _end(request, State.REFUSED, by=by, answer=reason)


def cancel(request: DataRequest) -> DataRequest:
    """Let the person take a request back."""
    return _end(request, State.CANCELLED, by=request.person.user, answer=_("Taken back."))


@transaction.atomic
def _end(request: DataRequest, state: str, *, by, answer: str) -> DataRequest:
    row, answer = _locked(request), answer.strip()[:2000]
    if len(answer) < 5:
        raise RequestRefused(_("Please write an answer in words; the person reads it."))
    now = clock.now()
    if row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by = now, by
    row.state, row.closed_at, row.closed_by, row.answer = state, now, by, answer
    row.save(
        update_fields=["state", "closed_at", "closed_by", "answer", "acknowledged_at", "acknowledged_by"]
    )
    tell(row)
    return row


def tell(request: DataRequest) -> None:
    """Send the person word of where the request stands; the answer itself is read on the site."""
    messages.tell(
        request.person,
        "data-request",
        key=f"data-request:{request.pk}:{request.state}",
        about={"right": Kind(request.kind).label, "state": State(request.state).label},
    )


SOON = timedelta(days=3)


def remind() -> int:
    """Send the officers word of each request of which a clock has run out or will within three days.

    Once for each request, clock and officer; where nobody holds the office, to those who administer
    the server, or a clock of the law would run out unseen. Returns how many messages were written.
    """
    now, sent = clock.now(), 0
    masters = list(Person.objects.living().filter(user__is_superuser=True, user__is_active=True))
    for row in DataRequest.objects.open().select_related("person"):
        deadline = row.next_deadline
        if deadline - (SOON if row.acknowledged_at else timedelta(days=1)) > now:
            continue
        for officer in officers_of(row.person) or masters:
            key = f"data-request:{row.pk}:{deadline:%Y%m%d}:{officer.pk}"
            if Message.objects.filter(key=key).exists():
                continue
            # No name: it may travel by e-mail or text message.
            messages.tell(
                officer,
                "data-request-due",
                key=key,
                about={
                    "number": row.pk,
                    "right": Kind(row.kind).label,
                    "day": timezone.localtime(deadline - timedelta(seconds=1)).date(),
                },
            )
            sent += 1
    return sent
