"""The signature within the file: three readers accept it, and no changed file passes for the document."""

import datetime
import io
import random
import shutil
import subprocess

import pikepdf
import pytest
from asn1crypto import pem, x509
from cryptography import x509 as named
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pikepdf import pdfa
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from certificates import pades, signing
from certificates.actions import install_chain, issue_for, make_key, post_credit, seal
from certificates.drawing import render
from certificates.facts import Malformed, code_message, read_mark, sha256
from certificates.models import SigningKey
from certificates.views import public
from lms import clock, media
from lms.verify import breaches
from tests.certificates.test_drawing import facts, longest
from tests.factories import certificates as make

Purpose, Algorithm = SigningKey.Purpose, SigningKey.Algorithm
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _keys(settings, tmp_path):
    settings.LMS_CERTIFICATES_KEYS_FOLDER = tmp_path / "keys"


def judged(data: bytes, key: SigningKey):
    """What pyHanko finds out about the only signature of a file, trusting the key's own certificate."""
    _kind, _headers, der = pem.unarmor(key.chain.encode())
    context = ValidationContext(trust_roots=[x509.Certificate.load(der)])
    [signature] = PdfFileReader(io.BytesIO(data)).embedded_signatures
    return validate_pdf_signature(signature, context)


def whole(data: bytes, key: SigningKey) -> bool:
    """Whether the signature is good and covers every byte of the file."""
    found = judged(data, key)
    return found.bottom_line and found.coverage == SignatureCoverageLevel.ENTIRE_FILE


def signed(key, data=None) -> bytes:
    """A drawn certificate, signed."""
    return pades.sign_pdf(data or render(facts()), signing.signer(key), at=make.NOON, reason="Cấp số 1")


@pytest.mark.parametrize("algorithm", [Algorithm.P256, Algorithm.RSA])
def test_pyhanko_trusts_the_whole_file(algorithm):
    key, drawn = make_key(Purpose.DOCUMENTS, algorithm=algorithm), render(facts())
    data = signed(key, drawn)

    assert data.startswith(drawn)
    assert len(data) <= 38_500
    assert whole(data, key)
    assert judged(data, key).docmdp_ok
    assert not whole(data, make_key(Purpose.DOCUMENTS))


@pytest.mark.parametrize(
    ("algorithm", "language", "count"),
    [
        (Algorithm.P256, "vi", 20),
        (Algorithm.P256, "en", 10),
        (Algorithm.RSA, "vi", 16),
        (Algorithm.RSA, "en", 8),
    ],
)
def test_the_longest_words_every_option_and_a_full_logo_stay_below_48_kb(algorithm, language, count):
    """So many rows are the limit: one takes some 0.3 kB, in English 0.5 kB, and each page 0.9 kB more."""
    data = signed(make_key(Purpose.DOCUMENTS, algorithm=algorithm), render(longest(language, count)))

    assert 47_000 < len(data) <= 48_000


def test_what_our_writer_drew_is_signed_without_reading_it_through(monkeypatch):
    key = make_key(Purpose.DOCUMENTS)
    signed(key)  # pyHanko packs one sample
    monkeypatch.delattr(pades, "IncrementalPdfFileWriter")

    assert whole(signed(key), key)


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="poppler-utils are not installed")
def test_poppler_finds_the_whole_file_signed(tmp_path):
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed(make_key(Purpose.DOCUMENTS)))
    out = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True).stdout

    assert "Signature is Valid" in out
    assert "Total document signed" in out


@pytest.mark.skipif(not shutil.which("qpdf"), reason="qpdf is not installed")
def test_qpdf_finds_no_fault_in_the_signed_file(tmp_path):
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed(make_key(Purpose.DOCUMENTS)))

    assert subprocess.run(["qpdf", "--check", path], capture_output=True).returncode == 0


def test_signing_adds_nothing_that_the_validator_knows_to_be_wrong():
    report = pdfa.validate_written(io.BytesIO(signed(make_key(Purpose.DOCUMENTS))), "2b")

    # It judges no forms at all and says so; anything else would be a fault.
    assert {found.kind for found in report.findings} == {"unsupported"}
    assert all("AcroForm" in found.message or "Perms" in found.message for found in report.findings)


def test_a_hosts_own_drawing_is_signed_too():
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(render(facts()))) as pdf:
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    key = make_key(Purpose.DOCUMENTS)

    assert whole(signed(key, out.getvalue()), key)


def great_rsa_key():
    """An RSA key of 4484 bits, of two primes of Mersenne: nobody has to wait for it, nobody trusts it."""
    p, q, e = 2**2281 - 1, 2**2203 - 1, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(e, p * q)
    rest = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
    return rsa.RSAPrivateNumbers(p, q, d, *rest, public).private_key(unsafe_skip_rsa_key_validation=True)


def bought_chain(private) -> list[bytes]:
    """What an authority sells: the certificate of a key, one between, the root; each signed with this great key."""
    day = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    names = [
        named.Name(
            [
                named.NameAttribute(NameOID.ORGANIZATION_NAME, "Cơ quan chứng thực thử"),
                named.NameAttribute(NameOID.COMMON_NAME, one),
            ]
        )
        for one in ("Bệnh viện Hữu nghị Việt Đức", "CA thử cấp chữ ký số cho bệnh viện", "CA gốc thử")
    ]
    chain = []
    for subject, above in zip(names, [*names[1:], names[-1]], strict=True):
        builder = named.CertificateBuilder().subject_name(subject).issuer_name(above)
        builder = builder.public_key(private.public_key()).serial_number(named.random_serial_number())
        builder = builder.not_valid_before(day).not_valid_after(day + datetime.timedelta(days=900))
        is_ca = subject != names[0]
        builder = builder.add_extension(named.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        usage = dict.fromkeys(
            ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"),
            False,
        )
        signs = named.KeyUsage(
            digital_signature=True, content_commitment=not is_ca, key_cert_sign=is_ca, crl_sign=is_ca, **usage
        )
        chain.append(builder.add_extension(signs, critical=True).sign(private, hashes.SHA256()))
    return chain


class OnCard:
    """Signs with a key that lies in no file of ours."""

    def __init__(self, key, private):
        self.key, self.private = key, private

    def sign(self, message):
        """The signature of an RSA key."""
        return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())


@pytest.fixture
def on_card():
    """A key of 4484 bits that was bought with its chain, and what signs with it."""
    private = great_rsa_key()
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    key = make_key(Purpose.DOCUMENTS, algorithm=Algorithm.RSA, public_key=pem)
    return OnCard(key, private)


def test_a_bought_chain_stands_in_the_file_without_its_root_and_readers_find_their_way_to_it(on_card):
    chain = bought_chain(on_card.private)
    install_chain(on_card.key, "".join(one.public_bytes(Encoding.PEM).decode() for one in chain))
    data = pades.sign_pdf(render(longest("en", 1)), on_card, at=make.NOON, reason="Cấp số 1")

    own, between, root = (one.public_bytes(Encoding.DER) for one in chain)
    assert own.hex().encode() in data
    assert between.hex().encode() in data
    assert root.hex().encode() not in data
    [found] = PdfFileReader(io.BytesIO(data)).embedded_signatures
    context = ValidationContext(trust_roots=[x509.Certificate.load(root)], moment=make.NOON)
    assert validate_pdf_signature(found, context).bottom_line
    assert len(data) <= 48_000


def test_a_key_that_no_authority_has_certified_yet_signs_nothing_and_says_what_to_do(on_card):
    with pytest.raises(signing.SignerUnavailable, match="lms_keys chain 1"):
        pades.sign_pdf(render(facts()), on_card, at=make.NOON, reason="Cấp số 1")


def test_a_hosts_own_drawing_is_signed_with_a_key_of_any_length(on_card):
    chain = bought_chain(on_card.private)
    install_chain(on_card.key, "".join(one.public_bytes(Encoding.PEM).decode() for one in chain))
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(render(facts()))) as pdf:
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    data = pades.sign_pdf(out.getvalue(), on_card, at=make.NOON, reason="Cấp số 1")

    [found] = PdfFileReader(io.BytesIO(data)).embedded_signatures
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(chain[-1].public_bytes(Encoding.DER))], moment=make.NOON
    )
    assert validate_pdf_signature(found, context).bottom_line


@pytest.fixture
def paper(cast):
    """A certificate of Lan's, signed and sealed."""
    for purpose in Purpose:
        make_key(purpose)
    enrolment = make.completed(cast.lan, make.ready(cast.bach_mai))
    post_credit(enrolment)
    return seal(issue_for(enrolment))


def file_of(certificate) -> bytes:
    with media.storage().open(certificate.file) as file:
        return file.read()


def test_a_sealed_certificate_is_signed_in_the_file_and_in_the_code(paper):
    data, key = file_of(paper), paper.signed_with
    kid, signature = read_mark(paper.mark)
    message = code_message(kid, paper.said)

    assert whole(data, key)
    assert sha256(data) == paper.file_sha256
    assert SigningKey.objects.get(kid=kid).purpose == Purpose.CODES
    assert signing.verifies(SigningKey.objects.get(kid=kid), signature, message)
    assert list(breaches("lms_certificates")) == []


def test_the_mark_of_one_certificate_stands_for_no_other(paper, cast):
    other = seal(issue_for(make.completed(cast.minh, make.run(cast.bach_mai))))
    type(other).objects.filter(pk=other.pk).update(mark=paper.mark)

    assert [breach.what for _name, breach in breaches("lms_certificates.marks")] == [other.number]


@pytest.mark.parametrize("text", ["", "1" * 157, "x" * 158, "00" + "9" * 156, "²" * 158])
def test_what_is_no_mark_is_said(text):
    with pytest.raises(Malformed):
        read_mark(text)


def test_a_key_that_cannot_sign_delays_the_file_and_nothing_else(cast, settings, tmp_path):
    make_key(Purpose.DOCUMENTS)
    enrolment = make.completed(cast.lan, make.ready(cast.bach_mai))
    (tmp_path / "keys" / "001-documents.pem").rename(tmp_path / "away")
    certificate = issue_for(enrolment)

    with pytest.raises(signing.SignerUnavailable):
        seal(certificate)
    certificate.refresh_from_db()
    assert certificate.is_valid
    assert certificate.sealed_at is None

    (tmp_path / "away").rename(tmp_path / "keys" / "001-documents.pem")
    assert seal(certificate).signed_with.kid == 1


def test_what_an_old_key_signed_stays_as_it_is(paper):
    before = file_of(paper)
    with clock.at(clock.now() + datetime.timedelta(days=1)):
        for purpose in Purpose:
            make_key(purpose)
    paper.refresh_from_db()

    assert seal(paper).file_sha256 == sha256(before)
    assert whole(file_of(paper), paper.signed_with)


def same(paper, data: bytes) -> bool:
    """What the comparison behind the portal says about a file."""
    return public._compare_file(SimpleUploadedFile("giay.pdf", data), paper)["file_answer"] == "match"


def accepted(paper, data: bytes) -> bool:
    """What the portal says about an uploaded file."""
    page = Client().post(paper.path, {"file": SimpleUploadedFile("giay.pdf", data)})
    assert page.status_code == 200
    return page.context["file_answer"] == "match"


def test_the_portal_refuses_every_changed_file(paper):
    data, chance = file_of(paper), random.Random(200)
    assert accepted(paper, data)
    for place in chance.sample(range(len(data)), 200):
        flipped = bytes([data[place] ^ (1 << chance.randrange(8))])
        assert not same(paper, data[:place] + flipped + data[place + 1 :]), place

    resaved, added = io.BytesIO(), io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(resaved)
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    writer.root["/Lang"] = writer.root["/Lang"]
    writer.update_root()
    writer.write(added)
    other = paper.printed | {"holder": paper.said["holder"] | {"name": "Lò Văn Ún"}}
    swapped = signed(paper.signed_with, render(other))
    ends = [data[:-1], data + b"\n", data[: len(data) // 2]]
    changed = [resaved.getvalue(), added.getvalue(), swapped, *ends]

    assert [place for place, one in enumerate(changed) if accepted(paper, one)] == []
    assert added.getvalue().startswith(data)
    assert not whole(added.getvalue(), paper.signed_with)
