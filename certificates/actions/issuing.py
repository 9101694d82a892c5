"""Giving a completion its place in the register: number, code, frozen facts, log, and a job that seals."""

import secrets

from django.db import IntegrityError, transaction

from certificates import permissions, signals, wording
from certificates.facts import RANDOM_BYTES, canonical, leaf_hash, new_code, sha256
from certificates.models import (
    Batch,
    Certificate,
    CertificateActivity,
    CreditEntry,
    LogEntry,
    NumberSeries,
)
from courses.models import Enrolment
from lms import clock
from lms.crashpoints import crashpoint
from lms.queue import enqueue

from .readiness import Draft, NotReady, assess, held_back, local_day, locked, origin_of


def issue_for(
    enrolment: Enrolment, *, by=None, batch: Batch | None = None, draft: Draft | None = None
) -> Certificate:
    """Enter the completion of *enrolment* in the register, once.

    Called again it returns what there is, also when that was revoked: only ``supersede`` makes a
    second one. Without *by* and *batch* the issuer must have allowed that beforehand, and today's share
    must not be used up. A *draft* was found ready by the caller, who holds the lock of its person. Raises
    :class:`NotReady` before any number is spent. Locks the row of the number series.
    """
    # Asked before the transaction: on SQLite each one waits for all others. Asked again under the lock.
    if found := Certificate.objects.for_origin(origin_of(enrolment)).first():
        return found
    with transaction.atomic():
        locked(enrolment.person_id)
        draft = draft or assess(enrolment).ready_draft()
        if by is not None:
            permissions.require_signer(by, draft.issuer)
        elif batch is None and (reason := held_back(draft.issuer, lock=True)):
            raise NotReady([reason])
        try:
            with transaction.atomic():
                certificate = enter(draft, by=by, batch=batch)
        except IntegrityError:
            # Two transactions that did not see each other: the savepoint gave the number back.
            if found := Certificate.objects.for_origin(origin_of(enrolment)).first():
                return found
            raise
    crashpoint("issue.committed")
    return certificate


def enter(draft: Draft, *, by=None, batch=None, supersedes: Certificate | None = None) -> Certificate:
    """Write the rows of one certificate; the caller holds a transaction and has checked who asks.

    The lock on the series orders everybody who issues for this issuer, kind and year, so that
    the second of two equal requests finds the work of the first.
    """
    origin, now = draft.words["origin"], clock.now()
    day = local_day(now)
    NumberSeries.objects.get_or_create(issuer=draft.issuer, kind=draft.kind, year=day.year)
    series = NumberSeries.objects.select_for_update().get(issuer=draft.issuer, kind=draft.kind, year=day.year)
    crashpoint("issue.locked")
    if supersedes is None and (found := Certificate.objects.for_origin(origin).first()):
        return found
    series.last += 1
    series.save(update_fields=["last"])
    crashpoint("issue.numbered")
    number, code = (
        draft.issuer.format_number(series.last, day.year, draft.kind),
        new_code(secrets.token_bytes(RANDOM_BYTES)),
    )
    facts = canonical(draft.facts(sequence=series.last, number=number, code=code, day=day, now=now))
    certificate = Certificate.objects.create(
        holder=draft.holder,
        kind=draft.kind,
        issuer=draft.issuer,
        year=day.year,
        sequence=series.last,
        number=number,
        code=code,
        origin_key=origin,
        batch=batch,
        language=draft.language,
        facts=facts,
        facts_sha256=sha256(facts),
        hours=draft.hours,
        is_sample=draft.is_sample,
        issued_at=now,
        issued_by=by,
        template_version=wording.TEMPLATE_VERSION,
        issued_with=draft.template,
        mode=draft.words.get("mode", "digital"),
        supersedes=supersedes,
    )
    CertificateActivity.objects.bulk_create(
        CertificateActivity(
            certificate=certificate,
            position=position,
            form=activity["form"],
            content=activity["content"][:400],
            responsible=activity["responsible"][:300],
            starts_on=activity["starts_on"],
            ends_on=activity["ends_on"],
            hours=activity["hours"],
        )
        for position, activity in enumerate(draft.words["activities"], start=1)
    )
    crashpoint("issue.written")
    write_log(certificate, LogEntry.Event.ISSUED, by=by, at=now)
    CreditEntry.objects.of(draft.holder).posted().filter(source_key=origin, certificate__isnull=True).update(
        certificate=certificate
    )
    signals.certificate_issued.send(Certificate, certificate=certificate)
    enqueue("lms_certificates.seal", certificate.pk)
    crashpoint("issue.enqueued")
    return certificate


def write_log(certificate: Certificate, event: str, *, at, by=None, reason: str = "") -> LogEntry:
    """Append one event to the register, in the transaction of the event.

    The leaf carries hashes only: the code is a secret of 80 bits inside the facts, so nobody can
    find a name by hashing guesses.
    """
    leaf = canonical(
        {
            "v": 2,
            "event": str(event),
            "at": at.isoformat(timespec="microseconds"),
            "number": certificate.number,
            "series": f"{certificate.issuer_id}-{certificate.kind}-{certificate.year}",
            "sequence": certificate.sequence,
            "sample": certificate.is_sample,
            "code_sha256": sha256(certificate.code.encode()),
            "facts_sha256": certificate.facts_sha256,
            "file_sha256": certificate.file_sha256,
        }
    )
    return LogEntry.objects.create(
        certificate=certificate,
        event=event,
        at=at,
        by=by,
        reason=reason,
        leaf=leaf,
        leaf_hash=leaf_hash(leaf),
    )
