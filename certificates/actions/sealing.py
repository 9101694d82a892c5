"""Turning the frozen facts of a certificate into the stored file that is the document from then on."""

from django.db import transaction

from certificates import signals
from certificates.conf import conf
from certificates.facts import sha256
from certificates.models import Certificate, LogEntry
from lms import clock, media
from lms.crashpoints import crashpoint

from .issuing import write_log


def seal(certificate: Certificate) -> Certificate:
    """Draw, store and record the file of *certificate*, once; a sealed one is returned untouched.

    Safe twice and at the same time: the file's name is its own hash, and one conditional UPDATE
    decides whose recording counts. Raises ``lms.media.MediaUnwritable`` where nothing can be
    stored; the certificate stays issued and valid meanwhile.
    """
    if certificate.sealed_at:
        return certificate
    data = conf.RENDERER(certificate.said)
    crashpoint("seal.drawn")
    name, size, digest = media.save(f"certificates/{certificate.uuid}/{sha256(data)}.pdf", data)
    crashpoint("seal.stored")
    with transaction.atomic():
        now = clock.now()
        recorded = Certificate.objects.filter(pk=certificate.pk, sealed_at__isnull=True).update(
            sealed_at=now, file=name, file_sha256=digest, file_size=size
        )
        certificate.refresh_from_db()
        if recorded:
            write_log(certificate, LogEntry.Event.SEALED, at=now)
            signals.certificate_sealed.send(Certificate, certificate=certificate)
        crashpoint("seal.recorded")
    crashpoint("seal.committed")
    return certificate
