"""Revoking and replacing certificates: a signer, a reason, and a code that keeps answering."""

from django.db import transaction
from django.utils.translation import gettext as _

from certificates import permissions, signals
from certificates.models import Certificate, LogEntry
from courses.models import CompletionReview
from lms import clock

from .assessing import assess, certified_enrolments
from .crediting import void_entry
from .issuing import enter, write_events


class AlreadyEnded(Exception):
    """The certificate was revoked or replaced before; the message says which."""


class ReasonMissing(Exception):
    """Ending a certificate needs a reason that can be read in twenty years."""


def revoke(certificate: Certificate, *, by, reason: str) -> Certificate:
    """Declare *certificate* void: its code answers "revoked", its credit no longer counts.

    Idempotent. The number is never used again. *by* signs for the issuer and is neither the person
    who issued it nor the one who decided that its completion is not upheld.
    """
    with transaction.atomic():
        certificate = _locked(certificate, by=by)
        if certificate.state == Certificate.State.REVOKED:
            return certificate
        _require_second_person(certificate, by=by)
        _end(certificate, Certificate.State.REVOKED, LogEntry.Event.REVOKED, by=by, reason=reason)
        for entry in certificate.credit_entries.posted():
            void_entry(entry, by=by, reason=certificate.end_reason)
        return certificate


def supersede(certificate: Certificate, *, by, reason: str) -> Certificate:
    """Replace *certificate* by a new one with the facts as they are now; return the new one.

    The old code answers "replaced" and names the new number; the old file is not touched. The
    credit entries are voided and replaced. Raises ``NotReady`` where the present facts carry no
    certificate.
    """
    with transaction.atomic():
        certificate = _locked(certificate, by=by)
        if certificate.state == Certificate.State.SUPERSEDED:
            return certificate.superseded_by
        if certificate.state == Certificate.State.REVOKED:
            raise AlreadyEnded(_("The certificate was revoked; it cannot be replaced."))
        _require_second_person(certificate, by=by)
        _end(certificate, Certificate.State.SUPERSEDED, LogEntry.Event.SUPERSEDED, by=by, reason=reason)
        # Now that it stands no more, nothing is in the way of the next; a refusal takes the end back too.
        draft = assess(*certified_enrolments(certificate)).ready_draft()
        [new] = enter([draft], by=by, supersedes=certificate)
        return new


def _locked(certificate: Certificate, *, by) -> Certificate:
    certificate = (
        Certificate.objects.select_for_update(of=("self",))
        .select_related("issuer__facility")
        .get(pk=certificate.pk)
    )
    permissions.require_signer(by, certificate.issuer)
    if certificate.issued_by_id is not None and certificate.issued_by_id == by.pk:
        raise permissions.NotAllowed(
            _("Whoever issued a certificate cannot also end it; ask a second signer.")
        )
    return certificate


def _require_second_person(certificate: Certificate, *, by) -> None:
    decided = CompletionReview.objects.filter(state=CompletionReview.State.REVOKED, decided_by=by)
    if decided.filter(enrolment__in=certified_enrolments(certificate)).exists():
        raise permissions.NotAllowed(
            _("Whoever decided about the completion cannot also revoke its certificate; ask a second person.")
        )


def _end(certificate: Certificate, state: str, event: str, *, by, reason: str) -> None:
    reason = " ".join(reason.split())[:300]
    if len(reason) < 5:
        raise ReasonMissing(_("Please give the reason in words; it stays in the register."))
    if certificate.state != Certificate.State.ISSUED:
        raise AlreadyEnded(_("The certificate was replaced; end the one that took its place."))
    now = clock.now()
    certificate.state, certificate.ended_at = state, now
    certificate.ended_by, certificate.end_reason = by, reason
    certificate.save(update_fields=["state", "ended_at", "ended_by", "end_reason"])
    certificate.activities.update(stands=False)
    write_events([certificate], event, at=now, by=by, reason=reason)
    signals.certificate_ended.send(Certificate, certificate=certificate)
