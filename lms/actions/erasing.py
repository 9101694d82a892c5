"""Erasing a person: learning traces go, the register stays on its legal ground."""

import logging
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from lms import clock, messages
from lms.holdings import Kept, holdings, subject_of
from lms.models import DataRequest, Erasure, Person

from .requests import RequestRefused, _locked, why_not_erased

log = logging.getLogger("lms.privacy")


@transaction.atomic
def erase_person(person: Person, *, by=None) -> Erasure:
    """Erase *person* and every record merged into it, model by model; what is kept is kept by a stated reason.

    A second call returns the first erasure. Raises RequestRefused while the person holds an
    office. Only counts and the uuid are remembered.
    """
    person = Person.objects.select_for_update(of=("self",)).select_related("user").get(pk=person.pk)
    if person.state == Person.State.ERASED:
        return Erasure.objects.filter(person_uuid=person.uuid).first() or _record(person, by, {})
    if why := why_not_erased(person):
        raise RequestRefused(why)
    return _record(person, by, _erase(person))


def _erase(person: Person) -> dict[str, int]:
    subject, counts = subject_of(person), {}
    with _overwritten():
        for part in holdings():
            if isinstance(part.erase, Kept):
                continue
            rows = part.rows(subject)
            done = part.erase(subject, rows) if part.erase else rows.delete()[0]
            if done:
                counts[part.model._meta.label] = done
    return counts


@contextmanager
def _overwritten():
    """Let SQLite overwrite what is deleted, which otherwise stays readable in the file; PostgreSQL vacuums."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete = ON")
        try:
            yield
        finally:
            cursor.execute("PRAGMA secure_delete = OFF")
    transaction.on_commit(_empty_log)


def _empty_log() -> None:
    """Move the write-ahead log into the database: it still holds the pages as they were before."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except OperationalError as error:
        # Somebody reads or writes at this moment; SQLite does it by itself within some more writes.
        log.warning("The write-ahead log was not emptied at once: %s", error)


def _record(person: Person, by, counts: dict) -> Erasure:
    found, _made = Erasure.objects.get_or_create(
        person_uuid=person.uuid, defaults={"at": clock.now(), "by": by, "counts": counts}
    )
    return found


@transaction.atomic
def erase_on_request(request: DataRequest, *, by) -> DataRequest:
    """Carry out a request for erasure: the officer's press. The person is told by e-mail where there was one."""
    row = _locked(request)
    if row.kind != DataRequest.Kind.ERASE:
        raise RequestRefused(_("This request does not ask for erasure."))
    address, language = _address(row.person), row.person.language or "vi"
    erase_person(row.person, by=by)
    now = clock.now()
    row.refresh_from_db()
    row.acknowledged_at, row.acknowledged_by = row.acknowledged_at or now, row.acknowledged_by or by
    row.state, row.closed_at, row.closed_by = DataRequest.State.DONE, now, by
    row.save()
    if address:
        transaction.on_commit(lambda: _tell(address, language))
    return row


def reapply_erasures() -> int:
    """Erase again whoever was erased before the backup that was restored; return how many that were."""
    done = 0
    known = Erasure.objects.values("person_uuid")
    for person in Person.objects.filter(uuid__in=known).exclude(state=Person.State.ERASED):
        with transaction.atomic():
            _erase(Person.objects.select_for_update(of=("self",)).select_related("user").get(pk=person.pk))
        done += 1
    return done


def _address(person: Person) -> str:
    return person.email or (person.user.email if person.user else "")


def _tell(address: str, language: str) -> None:
    with override(language):
        text = _(
            "Your data on this site were erased, as you asked. Certificates and credit hours stay in the register, "
            "because the law on medical examination and treatment asks for it. Thank you for learning with us."
        )
        try:
            # At once, because nothing that names the person is kept to be sent later.
            messages.send_now(address, _("Your data were erased"), text)
        except Exception as error:  # noqa: BLE001 - whatever the channel raises, the erasure stands
            # The address is gone already: the officer's screen says that people without e-mail are told otherwise.
            log.warning("Somebody whose data were erased could not be told: %s", error)
