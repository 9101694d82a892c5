"""Giving completions their place in the register: number, code, frozen facts, log, and a job that seals."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction

from certificates import permissions, signals, wording
from certificates.facts import RANDOM_BYTES, canonical, leaf_hash, new_code, sha256
from certificates.models import (
    Batch,
    Certificate,
    CertificateActivity,
    Issuer,
    LogEntry,
    NumberSeries,
)
from courses.models import Enrolment
from lms import clock
from lms.crashpoints import crashpoint
from lms.queue import enqueue_all

from .assessing import assess
from .crediting import carry_credit
from .readiness import Draft, NotReady, held_back, local_day, locked, origin_of


def issue_for(*enrolments: Enrolment, by=None, batch: Batch | None = None) -> Certificate:
    """Enter the completions of *enrolments* in the register as one certificate, once.

    Called again it returns what there is, also when that was revoked: only ``supersede`` and a batch, each
    of two persons, make a second one. Without *by* and *batch* the issuer must have allowed that
    beforehand, and today's share must not be used up. Raises :class:`NotReady` before any number is spent.
    Locks the person and the row of the number series.
    """
    origins = {origin_of(one) for one in enrolments}
    # Asked before the transaction: on SQLite each one waits for all others. Asked again under the lock.
    if found := _issued(origins, batch):
        return found
    with transaction.atomic():
        locked(*(one.person_id for one in enrolments))
        if found := _issued(origins, batch):
            return found
        draft = assess(*enrolments).ready_draft()
        if by is not None:
            permissions.require_signer(by, draft.issuer)
        elif batch is None and (reason := held_back(draft.issuer, lock=True)):
            raise NotReady([reason])
        try:
            with transaction.atomic():
                [certificate] = enter([draft], by=by, batch=batch)
        except IntegrityError:
            # Two transactions that did not see each other: the savepoint gave the number back.
            if found := _issued(origins, batch):
                return found
            raise
    crashpoint("issue.committed")
    return certificate


def _issued(origins: set[str], batch: Batch | None) -> Certificate | None:
    """The youngest certificate for exactly *origins*, or for the one; of a batch only one that stands counts."""
    rows = Certificate.objects.filter(activities__origin_key__in=origins).order_by("-pk")
    if batch is not None:
        rows = rows.valid()
    for found in rows.distinct():
        if len(origins) == 1 or {row.origin_key for row in found.activities.all()} == origins:
            return found
    return None


def enter(
    drafts: Sequence[Draft], *, by=None, batch=None, supersedes: Certificate | None = None
) -> list[Certificate]:
    """Write the rows of certificates of one issuer, in their order; the caller holds a transaction and has checked who asks.

    The lock on the series orders everybody who issues for this issuer, kind and year. The database
    refuses an activity that another standing certificate names.
    """
    certificates: list[Certificate] = []
    every, now = _locked_series(drafts[0].issuer, {draft.kind for draft in drafts})
    for series in every:
        of_kind = [draft for draft in drafts if draft.kind == series.kind]
        certificates += _numbered(of_kind, series, now, by=by, batch=batch, supersedes=supersedes)
    write_events(certificates, LogEntry.Event.ISSUED, by=by, at=now)
    carry_credit(certificates, by=by)
    for certificate in certificates:
        signals.certificate_issued.send(Certificate, certificate=certificate)
    enqueue_all("lms_certificates.seal", [one.pk for one in certificates])
    crashpoint("issue.enqueued")
    return certificates


def _locked_series(issuer: Issuer, kinds: set[str]) -> tuple[list[NumberSeries], datetime]:
    """The series of *issuer* for *kinds* in this year, and a moment read once they were had.

    Read before, it would date a number that waited over midnight behind the next one.
    """
    year = local_day(clock.nearly()).year
    while True:
        found = []
        # Always in this order: two batches of two kinds must not wait for each other.
        for kind in sorted(kinds):
            NumberSeries.objects.get_or_create(issuer=issuer, kind=kind, year=year)
            found.append(NumberSeries.objects.select_for_update().get(issuer=issuer, kind=kind, year=year))
        crashpoint("issue.locked")
        now = clock.now()
        if local_day(now).year == year:
            return found, now
        year = local_day(now).year


def _numbered(
    drafts: list[Draft], series: NumberSeries, now: datetime, *, by, batch, supersedes
) -> list[Certificate]:
    """Take the next numbers of *series* for *drafts* of its kind, and write them with their activities."""
    day = local_day(now)
    first = series.last + 1
    series.last += len(drafts)
    series.save(update_fields=["last"])
    crashpoint("issue.numbered")
    certificates = Certificate.objects.bulk_create(
        _unwritten(draft, sequence, day, now, by=by, batch=batch, supersedes=supersedes)
        for sequence, draft in enumerate(drafts, start=first)
    )
    CertificateActivity.objects.bulk_create(
        CertificateActivity(
            certificate=certificate,
            position=position,
            origin_key=row["origin"],
            form=row["form"],
            content=row["content"][:400],
            responsible=row["responsible"][:300],
            starts_on=row["starts_on"],
            ends_on=row["ends_on"],
            hours=row["hours"],
        )
        for certificate in certificates
        for position, row in enumerate(certificate.rows, start=1)
    )
    crashpoint("issue.written")
    return certificates


def _unwritten(draft: Draft, sequence: int, day: date, now: datetime, **values) -> Certificate:
    number = draft.issuer.format_number(sequence, day.year, draft.kind)
    code = new_code(secrets.token_bytes(RANDOM_BYTES))
    facts = canonical(draft.facts(sequence=sequence, number=number, code=code, day=day, now=now))
    return Certificate(
        holder=draft.holder,
        kind=draft.kind,
        issuer=draft.issuer,
        year=day.year,
        sequence=sequence,
        number=number,
        code=code,
        batch=values["batch"],
        language=draft.language,
        facts=facts,
        facts_sha256=sha256(facts),
        hours=draft.hours,
        is_sample=draft.is_sample,
        issued_at=now,
        issued_by=values["by"],
        template_version=wording.TEMPLATE_VERSION,
        issued_with=draft.template,
        mode=draft.words.get("mode", "digital"),
        supersedes=values["supersedes"],
    )


def write_events(
    certificates: Sequence[Certificate], event: str, *, at: datetime, by=None, reason: str = ""
) -> list[LogEntry]:
    """Append one event of each certificate to the register, in the transaction of the event.

    The leaf carries hashes only: the code is a secret of 80 bits inside the facts, so nobody can
    find a name by hashing guesses.
    """
    return LogEntry.objects.bulk_create(
        _entry(one, event, at=at, by=by, reason=reason) for one in certificates
    )


def _entry(certificate: Certificate, event: str, *, at: datetime, by, reason: str) -> LogEntry:
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
    return LogEntry(
        certificate=certificate,
        event=event,
        at=at,
        by=by,
        reason=reason,
        leaf=leaf,
        leaf_hash=leaf_hash(leaf),
    )
