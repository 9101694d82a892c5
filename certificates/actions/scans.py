"""Keeping the scan of a certificate that was signed by hand beside the file that was printed."""

import io

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from certificates import permissions
from certificates.facts import Malformed, check_code, sha256
from certificates.models import Certificate, SignedScan
from lms import clock, media, pictures
from lms.uploads import UploadRefused, check_size, sniff

MOST_BYTES = 10_000_000
SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpg"}


def attach_scan(certificate: Certificate, *, file: File, by) -> SignedScan:
    """Keep *file* (PDF or JPEG) as the signed paper of *certificate*; the same bytes again change nothing.

    Where the QR code of a picture can be read here it must be this certificate's. The file is kept
    as it came, hashed, and opened by nobody but who may have the certificate. Raises UploadRefused.
    """
    permissions.require_builder(by, certificate.issuer)
    if not (certificate.is_signed_by_hand and certificate.sealed_at):
        raise UploadRefused(_("Only a certificate that was printed to be signed by hand takes a scan."))
    check_size(file, MOST_BYTES)
    kind = sniff(file)
    if kind not in SUFFIXES:
        raise UploadRefused(_("The scan is a PDF file or a JPEG picture of the signed paper."))
    data = file.read()
    code = code_in(data) if kind == "image/jpeg" else ""
    if code and code != certificate.code:
        raise UploadRefused(
            _("The QR code in this scan belongs to another certificate. Nothing was changed.")
        )
    digest = sha256(data)
    with transaction.atomic():
        Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
        before = certificate.scans.filter(replaced_at__isnull=True).first()
        if before is not None and before.sha256 == digest:
            return before
        name = f"certificates/{certificate.uuid}/signed-{digest}{SUFFIXES[kind]}"
        media.save(name, data)
        now = clock.now()
        certificate.scans.filter(replaced_at__isnull=True).update(replaced_at=now)
        return SignedScan.objects.create(
            certificate=certificate,
            sha256=digest,
            size=len(data),
            file=name,
            content_type=kind,
            by_code=bool(code),
            added_by=by,
            added_at=now,
        )


def code_in(data: bytes) -> str:
    """The certificate code in the QR code of a JPEG, or "" where none is found or no reader is installed."""
    refusal = _("The file cannot be read as a picture. Please save it again as JPEG.")
    picture = pictures.read(
        io.BytesIO(data), kinds={"image/jpeg": "JPEG"}, most_bytes=MOST_BYTES, refusal=refusal
    )
    for text in pictures.symbols(picture):
        address = text.partition("#")[0]
        try:
            return check_code(address.rpartition("/V/")[2])
        except Malformed:
            continue
    return ""
