"""Signatures within PDF files: PAdES B-B (ETSI EN 319 142-1), made by pyHanko, appended so that no byte before changes."""

import hashlib
import io
import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from asn1crypto import cms, pem, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, fields, signers
from pyhanko.sign.general import as_signing_certificate_v2, simple_cms_attribute
from pyhanko_certvalidator.registry import SimpleCertificateStore

from lms.paper import pdf_date, pdf_text

from .signing import Signer

FIELD = "Signature"
AROUND = 1400
"""Bytes kept for a signature beside its certificates; hexadecimal takes twice as many."""


class _Cms(signers.Signer):
    """pyHanko's signer, whose private key stays behind ours."""

    def __init__(self, chain: str, sign: Callable[[bytes], bytes]):
        own, *above = _chain(chain)
        registry = SimpleCertificateStore()
        registry.register_multiple(above)
        super().__init__(signing_cert=own, cert_registry=registry)
        self.sign_bytes = sign

    async def async_sign_raw(self, data, digest_algorithm, dry_run=False):
        if digest_algorithm != "sha256":
            raise ValueError("signers of this site sign over SHA-256")
        return bytes(512) if dry_run else self.sign_bytes(data)

    async def unsigned_attrs(self, *args, **kwargs):
        """None: a time stamp would come from a server of somebody else."""
        return None


# Stand for a digest and a signature until the real ones are known; nothing else contains them.
_DIGEST = hashlib.sha256(b"in the place of a digest").digest()
_SIGNATURE = hashlib.shake_256(b"in the place of a signature").digest(512)


@lru_cache(maxsize=128)
def _envelope(chain: str, length: int) -> tuple[bytes, bytes]:
    """The attributes to sign and the CMS envelope of a signature of *length* bytes, packed by pyHanko.

    Packing takes it eight milliseconds, so one sample of each length is packed in a process.
    """
    packer = _Cms(chain, lambda data: _SIGNATURE[:length])
    attributes = cms.CMSAttributes(
        [
            simple_cms_attribute("content_type", "data"),
            simple_cms_attribute("message_digest", _DIGEST),
            simple_cms_attribute(
                "signing_certificate_v2", as_signing_certificate_v2(packer.signing_cert, "sha256")
            ),
        ]
    )
    packing = packer.async_sign_prescribed_attributes("sha256", attributes)
    try:
        # Nothing in it waits for anything.
        packing.send(None)
    except StopIteration as done:
        return attributes.dump(), done.value.dump()
    packing.close()
    raise RuntimeError("pyHanko waited while packing")


def _signed(digest: bytes, signer: Signer) -> bytes:
    """The signature of *signer*, in its CMS envelope, over content with this SHA-256."""
    chain = signer.key.chain
    signature = signer.sign(_envelope(chain, 0)[0].replace(_DIGEST, digest))
    envelope = _envelope(chain, len(signature))[1]
    return envelope.replace(_DIGEST, digest).replace(_SIGNATURE[: len(signature)], signature)


@lru_cache(maxsize=32)
def _chain(text: str) -> list[x509.Certificate]:
    return [x509.Certificate.load(der) for _kind, _head, der in pem.unarmor(text.encode(), multiple=True)]


def sign_pdf(data: bytes, signer: Signer, *, at: datetime, reason: str) -> bytes:
    """Return *data* with a certifying signature appended: nothing may be added to the file after it.

    *data* is an exact beginning of what is returned. The signature field is invisible: the paper
    says the same signed and unsigned. A file whose parts do not lie open, such as a host's own
    drawing with compressed objects, goes the way of pyHanko, some thirty times slower.
    """
    found = _opened(data)
    if found is None:
        return _sign_any(data, signer, at=at, reason=reason)
    root, catalog, page, leaf, size, trailer, start = found
    field, signature = size, size + 1
    out = bytearray(data)
    offsets = {}

    def put(number: int, body: bytes) -> None:
        offsets[number] = len(out)
        out.extend(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    more = b"/AcroForm<</Fields[%d 0 R]/SigFlags 3>>/Perms<</DocMDP %d 0 R>>>>" % (field, signature)
    put(root, catalog[:-2] + more)
    put(page, leaf[:-2] + b"/Annots[%d 0 R]>>" % field)
    put(
        field,
        b"<</Type/Annot/Subtype/Widget/FT/Sig/T(%b)/F 132/Rect[0 0 0 0]/P %d 0 R/V %d 0 R>>"
        % (FIELD.encode(), page, signature),
    )
    before = (
        "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
        f"/M{pdf_date(at)}/Reason{pdf_text(reason)}/Reference[<</Type/SigRef/TransformMethod/DocMDP"
        "/TransformParams<</Type/TransformParams/P 1/V/1.2>>>>]/ByteRange "
    ).encode()
    holder = b"[0 %010d %010d %010d]/Contents<"
    offsets[signature] = len(out)
    out.extend(b"%d 0 obj\n%b" % (signature, before))
    ranges = len(out)
    out.extend(holder % (0, 0, 0))
    opened = len(out) - 1
    room = 2 * (AROUND + sum(len(one.dump()) for one in _chain(signer.key.chain)))
    out.extend(b"0" * room + b">>>\nendobj\n")
    closed = opened + room + 2
    xref = len(out)
    out.extend(b"xref\n")
    for number in sorted(offsets):
        out.extend(b"%d 1\n%010d 00000 n \n" % (number, offsets[number]))
    out.extend(
        b"trailer\n<</Size %d/Prev %d%b>>\nstartxref\n%d\n%%%%EOF\n" % (size + 2, start, trailer, xref)
    )
    out[ranges : opened + 1] = holder % (opened, closed, len(out) - closed)
    digest = hashlib.sha256(memoryview(out)[:opened])
    digest.update(memoryview(out)[closed:])
    signed = _signed(digest.digest(), signer).hex().encode()
    if len(signed) > room:
        raise ValueError("the signature is longer than the room that was kept for it")
    out[opened + 1 : opened + 1 + len(signed)] = signed
    return bytes(out)


_TRAILER = re.compile(
    rb"trailer\n<</Size (\d+)(/Root (\d+) 0 R[^>]*?(?:<[0-9A-F]*>[^>]*?)*)>>\nstartxref\n(\d+)\n%%EOF\n\Z"
)


def _opened(data: bytes):
    """The catalog, the first page and the end of a file written by :mod:`lms.paper`; None of others."""
    if not (end := _TRAILER.search(data, max(0, len(data) - 1024))):
        return None
    size, trailer, root, start = int(end[1]), end[2], int(end[3]), int(end[4])

    def entry(number: int) -> bytes:
        line = start + len(b"xref\n0 %d\n" % size) + 20 * number
        place = int(data[line : line + 10])
        head = b"%d 0 obj\n" % number
        if not data.startswith(head, place):
            raise ValueError("no such object")
        body = data[place + len(head) : data.index(b"\nendobj\n", place)]
        if not (body.startswith(b"<<") and body.endswith(b">>")):
            raise ValueError("no dictionary")
        return body

    try:
        catalog = entry(root)
        pages = entry(int(_reference(catalog, b"/Pages ")))
        page = int(_reference(pages, b"/Kids["))
        return root, catalog, page, entry(page), size, trailer, start
    except (ValueError, TypeError):
        return None


def _reference(body: bytes, key: bytes) -> bytes:
    found = re.search(re.escape(key) + rb"(\d+) 0 R", body)
    if not found:
        raise ValueError("no such entry")
    return found[1]


def _sign_any(data: bytes, signer: Signer, *, at: datetime, reason: str) -> bytes:
    meta = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        reason=reason,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    out = io.BytesIO()
    PdfSigner(meta, _Cms(signer.key.chain, signer.sign)).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(data)), output=out
    )
    return out.getvalue()
