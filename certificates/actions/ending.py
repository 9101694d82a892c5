"""Revoking and replacing certificates: a signer, a reason, and a code that keeps answering."""

from django.db import transaction
from django.utils.translation import gettext as _

from certificates import permissions, signals
from certificates.models import Certificate, EndingRequest, LogEntry
from courses.models import CompletionReview
from lms import clock

from .assessing import assess, certified_enrolments
from .crediting import count_instead, void_entry
from .issuing import enter, write_events


class AlreadyEnded(Exception):
    """The certificate was revoked or replaced before; the message says which."""


class ReasonMissing(Exception):
    """Ending a certificate needs a reason that can be read in twenty years."""


Ending = EndingRequest.Ending


def ask_to_end(certificate: Certificate, ending: str, *, by, reason: str) -> EndingRequest:
    """Ask that *certificate* be revoked or replaced by somebody else who signs; the last who asks is heard.

    The first of the two people where nobody issued by hand. *by* works in the issuer's office or signs.
    """
    with transaction.atomic():
        certificate = _locked(certificate)
        permissions.require_builder(by, certificate.issuer)
        reason = _worded(reason)
        if not certificate.is_valid:
            raise AlreadyEnded(_("The certificate was ended already."))
        same = certificate.ending_request
        if same and (same.ending, same.asked_by_id, same.reason) == (ending, by.pk, reason):
            return same
        _close_requests(certificate)
        return EndingRequest.objects.create(
            certificate=certificate, ending=ending, reason=reason, asked_by=by, asked_at=clock.now()
        )


def take_back(certificate: Certificate, *, by) -> None:
    """Withdraw what was asked for; the certificate stays valid. Idempotent."""
    with transaction.atomic():
        certificate = _locked(certificate)
        permissions.require_builder(by, certificate.issuer)
        _close_requests(certificate)


def needs_request(certificate: Certificate, ending: str, *, by) -> bool:
    """Whether somebody else must first ask for this, because nobody but *by* would have decided it.

    Whoever issued by hand is the other person, and so is whoever did not uphold the completion.
    """
    if certificate.issued_by_id is not None:
        return False
    decided = CompletionReview.objects.filter(
        state=CompletionReview.State.REVOKED, enrolment__in=certified_enrolments(certificate)
    )
    asked = certificate.ending_requests.filter(closed_at__isnull=True, ending=ending)
    return not (decided.exclude(decided_by=by).exists() or asked.exclude(asked_by=by).exists())


def revoke(certificate: Certificate, *, by, reason: str) -> Certificate:
    """Declare *certificate* void: its code answers "revoked", its credit no longer counts.

    Idempotent. The number is never used again. *by* signs for the issuer and is neither the person
    who issued it nor the one who decided that its completion is not upheld;
    where it was issued by itself, somebody else asked for this before (``needs_request``).
    """
    with transaction.atomic():
        certificate = _to_end(certificate, by=by)
        if certificate.state == Certificate.State.REVOKED:
            return certificate
        _require_second_person(certificate, Ending.REVOKE, by=by)
        _end(certificate, Certificate.State.REVOKED, LogEntry.Event.REVOKED, by=by, reason=reason)
        for entry in certificate.credit_entries.posted():
            count_instead(void_entry(entry, by=by, reason=certificate.end_reason), by=by)
        return certificate


def supersede(certificate: Certificate, *, by, reason: str) -> Certificate:
    """Replace *certificate* by a new one with the facts as they are now; return the new one.

    The old code answers "replaced" and names the new number; the old file is not touched. The
    credit entries are voided and replaced. Raises ``NotReady`` where the present facts carry no
    certificate.
    """
    with transaction.atomic():
        certificate = _to_end(certificate, by=by)
        if certificate.state == Certificate.State.SUPERSEDED:
            return certificate.superseded_by
        if certificate.state == Certificate.State.REVOKED:
            raise AlreadyEnded(_("The certificate was revoked; it cannot be replaced."))
        _require_second_person(certificate, Ending.REPLACE, by=by)
        _end(certificate, Certificate.State.SUPERSEDED, LogEntry.Event.SUPERSEDED, by=by, reason=reason)
        # Now that it stands no more, nothing is in the way of the next; a refusal takes the end back too.
        draft = assess(*certified_enrolments(certificate)).ready_draft()
        [new] = enter([draft], by=by, supersedes=certificate)
        return new


def _locked(certificate: Certificate) -> Certificate:
    rows = Certificate.objects.select_for_update(of=("self",)).select_related("issuer__facility")
    return rows.get(pk=certificate.pk)


def _to_end(certificate: Certificate, *, by) -> Certificate:
    certificate = _locked(certificate)
    permissions.require_signer(by, certificate.issuer)
    if certificate.issued_by_id is not None and certificate.issued_by_id == by.pk:
        raise permissions.NotAllowed(
            _("Whoever issued a certificate cannot also end it; ask a second signer.")
        )
    return certificate


def _require_second_person(certificate: Certificate, ending: str, *, by) -> None:
    if certificate.is_valid and needs_request(certificate, ending, by=by):
        raise permissions.NotAllowed(
            _(
                "The certificate was issued by itself: somebody else must first ask for this; then you can do it."
            )
        )
    decided = CompletionReview.objects.filter(state=CompletionReview.State.REVOKED, decided_by=by)
    if decided.filter(enrolment__in=certified_enrolments(certificate)).exists():
        raise permissions.NotAllowed(
            _("Whoever decided about the completion cannot also revoke its certificate; ask a second person.")
        )


def _end(certificate: Certificate, state: str, event: str, *, by, reason: str) -> None:
    reason = _worded(reason)
    if certificate.state != Certificate.State.ISSUED:
        raise AlreadyEnded(_("The certificate was replaced; end the one that took its place."))
    now = clock.now()
    certificate.state, certificate.ended_at = state, now
    certificate.ended_by, certificate.end_reason = by, reason
    certificate.save(update_fields=["state", "ended_at", "ended_by", "end_reason"])
    certificate.activities.update(stands=False)
    _close_requests(certificate)
    write_events([certificate], event, at=now, by=by, reason=reason)
    signals.certificate_ended.send(Certificate, certificate=certificate)


def _worded(reason: str) -> str:
    reason = " ".join(reason.split())[:300]
    if len(reason) < 5:
        raise ReasonMissing(_("Please give the reason in words; it stays in the register."))
    return reason


def _close_requests(certificate: Certificate) -> None:
    certificate.ending_requests.filter(closed_at__isnull=True).update(closed_at=clock.now())
