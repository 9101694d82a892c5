"""Keeping the scan of a certificate that was signed by hand beside the file that was printed."""

import io
from importlib import import_module, util

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from certificates import permissions
from certificates.facts import Malformed, check_code, sha256
from certificates.models import Certificate, SignedScan
from lms import clock, media
from lms.uploads import UploadRefused, check_size, sniff

MOST_BYTES = 10_000_000
MOST_PIXELS = 60_000_000
"""An A4 sheet at 600 dpi has 35 million."""
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
    """The certificate code in the QR code of a JPEG, or "" where none is found or no reader is installed.

    The reader is ``zxing-cpp``, which a site may install; without it people choose the row alone.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as found:
            if found.width * found.height > MOST_PIXELS:
                raise UploadRefused(_("The picture has too many pixels. Please make it smaller."))
            picture = found.convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UploadRefused(
            _("The file cannot be read as a picture. Please save it again as JPEG.")
        ) from error
    if util.find_spec("zxingcpp") is None:
        return ""
    for symbol in import_module("zxingcpp").read_barcodes(picture):
        address = symbol.text.partition("#")[0]
        try:
            return check_code(address.rpartition("/V/")[2])
        except Malformed:
            continue
    return ""
