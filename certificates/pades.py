"""Signatures within PDF files: PAdES B-B (ETSI EN 319 142-1), made by pyHanko, appended so that no byte before changes."""

import hashlib
import io
import re
import struct
import zlib
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from asn1crypto import cms, pem, x509
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, fields, signers
from pyhanko.sign.general import as_signing_certificate_v2, simple_cms_attribute
from pyhanko_certvalidator.registry import SimpleCertificateStore

from lms.paper import ROW, ROW_WIDTHS, pdf_date, pdf_text

from .signing import LONGEST_RSA, Signer, SignerUnavailable

FIELD = "Signature"


class _Cms(signers.Signer):
    """pyHanko's signer, whose private key stays behind ours.

    Every byte of a chain stands twice in the file, since the format wants the signature in hexadecimal
    digits (ISO 32000-1, 12.8.1). The root is left out: whoever trusts it has it (RFC 5652, 10.2.3).
    """

    def __init__(self, chain: str, sign: Callable[[bytes], bytes]):
        own, *above = _chain(chain)
        registry = SimpleCertificateStore()
        registry.register_multiple(one for one in above if one.issuer != one.subject)
        super().__init__(signing_cert=own, cert_registry=registry)
        self.sign_bytes, self.longest = sign, _longest(chain)

    async def async_sign_raw(self, data, digest_algorithm, dry_run=False):
        if digest_algorithm != "sha256":
            raise ValueError("signers of this site sign over SHA-256")
        return bytes(self.longest) if dry_run else self.sign_bytes(data)

    async def unsigned_attrs(self, *args, **kwargs):
        """None: a time stamp would come from a server of somebody else."""
        return None


# Stand for a digest and a signature until the real ones are known; nothing else contains them.
_DIGEST = hashlib.sha256(b"in the place of a digest").digest()
_SIGNATURE = hashlib.shake_256(b"in the place of a signature").digest(LONGEST_RSA // 8)


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


def _longest(chain: str) -> int:
    """The bytes that no signature of this key exceeds: a number as long as an RSA key, or two in DER."""
    key = _chain(chain)[0].public_key
    return key.byte_size if key.algorithm == "rsa" else 2 * (key.bit_size // 8 + 1) + 9


def sign_pdf(data: bytes, signer: Signer, *, at: datetime, reason: str) -> bytes:
    """Return *data* with a certifying signature appended: nothing may be added to the file after it.

    *data* is an exact beginning of what is returned. The signature field is invisible: the paper
    says the same signed and unsigned. A file that our writer did not write, a host's own
    drawing, goes the way of pyHanko, some thirty times slower. Raises ``SignerUnavailable`` where the
    key has no certificate yet.
    """
    if not signer.key.chain:
        raise SignerUnavailable(
            _("Key %(kid)03d has no certificate yet: install it with lms_keys chain %(kid)d FILE.")
            % {"kid": signer.key.kid}
        )
    found = _opened(data)
    if found is None:
        return _sign_any(data, signer, at=at, reason=reason)
    root, catalog, page, leaf, size, trailer, previous = found
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
    room = 2 * len(_envelope(signer.key.chain, _longest(signer.key.chain))[1])
    out.extend(b"0" * room + b">>>\nendobj\n")
    closed = opened + room + 2
    start, table = len(out), signature + 1
    offsets[table] = start
    rows = b"".join(ROW.pack(1, offsets[number], 0) for number in sorted(offsets))
    index = " ".join(f"{number} 1" for number in sorted(offsets))
    out.extend(
        f"{table} 0 obj\n<</Type/XRef/Size {table + 1}{ROW_WIDTHS}/Index[{index}]/Prev {previous}".encode()
        + b"%b/Length %d>>stream\n%b\nendstream\nendobj\n" % (trailer, len(rows), rows)
        + b"startxref\n%d\n%%%%EOF\n" % start
    )
    out[ranges : opened + 1] = holder % (opened, closed, len(out) - closed)
    digest = hashlib.sha256(memoryview(out)[:opened])
    digest.update(memoryview(out)[closed:])
    signed = _signed(digest.digest(), signer).hex().encode()
    if len(signed) > room:
        raise ValueError("the signature is longer than the room that was kept for it")
    out[opened + 1 : opened + 1 + len(signed)] = signed
    return bytes(out)


_END = re.compile(rb"startxref\n(\d+)\n%%EOF\n\Z")
_TABLE = re.compile(
    rb"\d+ 0 obj\n<</Type/XRef/Size (\d+)%b(/Root (\d+) 0 R/Info \d+ 0 R/ID\[<[0-9A-F]*><[0-9A-F]*>\])"
    rb"/Filter/FlateDecode/Length (\d+)>>stream\n" % re.escape(ROW_WIDTHS.encode())
)


def _opened(data: bytes):
    """The catalog, the first page and the end of a file written by :mod:`lms.paper`; None of others."""
    end = _END.search(data, max(0, len(data) - 64))
    if not end or not (table := _TABLE.match(data, int(end[1]))):
        return None
    size, trailer, root = int(table[1]), table[2], int(table[3])

    def entry(number: int) -> bytes:
        kind, place, _index = ROW.unpack_from(rows, ROW.size * number)
        if kind != 1:
            raise ValueError("packed with others")
        head = b"%d 0 obj\n" % number
        if not data.startswith(head, place):
            raise ValueError("no such object")
        body = data[place + len(head) : data.index(b"\nendobj\n", place)]
        if not (body.startswith(b"<<") and body.endswith(b">>")):
            raise ValueError("no dictionary")
        return body

    try:
        rows = zlib.decompress(data[table.end() : table.end() + int(table[4])])
        catalog = entry(root)
        pages = entry(int(_reference(catalog, b"/Pages ")))
        page = int(_reference(pages, b"/Kids["))
        return root, catalog, page, entry(page), size, trailer, int(end[1])
    except (ValueError, struct.error, zlib.error):
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
