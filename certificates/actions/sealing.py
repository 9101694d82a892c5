"""Turning the frozen facts of a certificate into the stored file that is the document from then on."""

from contextlib import suppress

from django.db import transaction

from certificates import pades, signals, signing, wording
from certificates.conf import conf
from certificates.facts import code_message, mark_of, sha256
from certificates.models import Certificate, LogEntry, SigningKey
from lms import clock, media
from lms.crashpoints import crashpoint

from .issuing import write_events


def seal(certificate: Certificate) -> Certificate:
    """Sign, draw, store and record the file of *certificate*, once; a sealed one is returned untouched.

    Safe twice and at the same time: the file's name is its own hash, and one conditional UPDATE
    decides whose recording counts. Where a key is in force nothing goes out unsigned: raises
    ``signing.SignerUnavailable`` where it cannot sign now, and ``lms.media.MediaUnwritable`` where
    nothing can be stored; the certificate stays issued and valid meanwhile. No transaction is open
    while a key signs, however long it takes.
    """
    if certificate.sealed_at:
        return certificate
    now = clock.now()
    certificate.mark = _mark(certificate, now)
    data = conf.RENDERER(certificate.printed)
    crashpoint("seal.drawn")
    key = SigningKey.objects.to_sign(SigningKey.Purpose.DOCUMENTS, now, certificate.issuer)
    if key is not None:
        reason = wording.REASON.format(number=certificate.number)
        data = pades.sign_pdf(data, signing.signer(key), at=now, reason=reason)
    name, size, digest = media.save(f"certificates/{certificate.uuid}/{sha256(data)}.pdf", data)
    crashpoint("seal.stored")
    with transaction.atomic():
        recorded = Certificate.objects.filter(pk=certificate.pk, sealed_at__isnull=True).update(
            sealed_at=now,
            file=name,
            file_sha256=digest,
            file_size=size,
            mark=certificate.mark,
            signed_with=key,
        )
        certificate.refresh_from_db()
        if recorded:
            write_events([certificate], LogEntry.Event.SEALED, at=now)
            signals.certificate_sealed.send(Certificate, certificate=certificate)
        crashpoint("seal.recorded")
    if not recorded and certificate.file != name:
        # Somebody else sealed at the same time, a second earlier or later: theirs is the document.
        with suppress(OSError):
            media.storage().delete(name)
    crashpoint("seal.committed")
    return certificate


def _mark(certificate: Certificate, now) -> str:
    """What the QR code carries beside the address; empty where the site has no key for codes."""
    key = SigningKey.objects.to_sign(SigningKey.Purpose.CODES, now, certificate.issuer)
    if key is None:
        return ""
    message = code_message(key.kid, certificate.said)
    return mark_of(key.kid, signing.signer(key).sign(message))
