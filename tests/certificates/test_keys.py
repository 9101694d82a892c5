"""Signing keys: made, used from files that nobody else reads, rotated, declared compromised."""

import datetime
import os

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from certificates import checks, signing
from certificates.actions import declare_compromised, install_chain, make_key
from certificates.actions.keys import KeyRefused, certificate_request
from certificates.models import SigningKey
from lms import clock
from tests.factories import certificates as make

Purpose, Algorithm = SigningKey.Purpose, SigningKey.Algorithm
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The folder of the private keys."""
    settings.LMS_CERTIFICATES_KEYS_FOLDER = tmp_path / "keys"
    return tmp_path / "keys"


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_made_key_signs_and_its_public_half_checks(purpose):
    key = make_key(purpose)

    signature = signing.signer(key).sign("Bệnh viện Bạch Mai".encode())

    assert signing.verifies(key, signature, "Bệnh viện Bạch Mai".encode())
    assert not signing.verifies(key, signature, "Bệnh viện Bạch mai".encode())
    assert signing.signer(key).sign("Bệnh viện Bạch Mai".encode()) == signature


def test_the_signature_of_one_key_is_worth_nothing_for_another():
    one, other = make_key(Purpose.CODES), make_key(Purpose.CHECKPOINTS)

    assert not signing.verifies(other, signing.signer(one).sign(b"x"), b"x")


def test_no_private_half_is_in_the_database(folder):
    key = make_key(Purpose.CODES)
    row = SigningKey.objects.filter(pk=key.pk).values().get()

    assert "PRIVATE" not in repr(row)
    assert "PRIVATE" in (folder / "001-codes.pem").read_text()
    assert repr(signing.signer(key)) == "<FileSigner 001>"


def test_a_key_file_is_for_its_owner_alone(folder):
    make_key(Purpose.CODES)

    assert (folder / "001-codes.pem").stat().st_mode & 0o777 == 0o400
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o420])
def test_a_key_file_that_others_can_read_signs_nothing(folder, mode):
    key = make_key(Purpose.CODES)
    (folder / "001-codes.pem").chmod(mode)

    with pytest.raises(signing.SignerUnavailable, match="0400"):
        signing.signer(key)
    assert "lms_certificates.E004" in {found.id for found in checks.check_key_files(None)}


def test_a_link_in_the_place_of_a_key_file_signs_nothing(folder):
    key = make_key(Purpose.CODES)
    os.rename(folder / "001-codes.pem", folder / "elsewhere")
    os.symlink(folder / "elsewhere", folder / "001-codes.pem")

    with pytest.raises(signing.SignerUnavailable):
        signing.signer(key)


def test_a_missing_or_foreign_or_broken_key_file_is_said(folder):
    key, other = make_key(Purpose.CODES), make_key(Purpose.CHECKPOINTS)
    path = folder / "001-codes.pem"
    path.unlink()
    with pytest.raises(signing.SignerUnavailable, match="001-codes"):
        signing.signer(key)

    os.link(folder / "002-checkpoints.pem", path)
    with pytest.raises(signing.SignerUnavailable, match="001"):
        signing.signer(key)
    assert signing.signer(other)

    path.unlink()
    path.write_text("no key at all")
    path.chmod(0o400)
    with pytest.raises(signing.SignerUnavailable):
        signing.signer(key)


def test_without_a_folder_nothing_signs_and_no_key_is_made(settings):
    settings.LMS_CERTIFICATES_KEYS_FOLDER = ""

    with pytest.raises(signing.SignerUnavailable):
        make_key(Purpose.CODES)
    assert not SigningKey.objects.exists()


def test_keys_below_the_media_are_an_error(settings, tmp_path):
    assert checks.check_key_files(None) == []
    settings.MEDIA_ROOT = tmp_path

    assert [found.id for found in checks.check_key_files(None)] == ["lms_certificates.E003"]


def test_a_site_without_keys_is_warned_of_at_deployment():
    assert "documents" in checks.check_keys(None, databases=["default"])[0].msg
    for purpose in Purpose:
        make_key(purpose)

    assert checks.check_keys(None, databases=["default"]) == []


def test_a_new_key_takes_over_and_the_old_one_goes_on_proving():
    with clock.at(make.NOON):
        old = make_key(Purpose.CODES)
        signature = signing.signer(old).sign(b"x")
    later = make.NOON + datetime.timedelta(days=300)
    with clock.at(later):
        new = make_key(Purpose.CODES)
        old.refresh_from_db()

        assert SigningKey.objects.to_sign(Purpose.CODES, later) == new
        assert (old.kid, new.kid) == (1, 2)
        assert signing.verifies(old, signature, b"x")
        assert old.signed_well_at(later - datetime.timedelta(seconds=1))
        assert not old.signed_well_at(later)


def test_an_issuer_signs_with_its_own_key_before_the_sites(cast):
    bach_mai, viet_duc = make.issuer(cast.bach_mai), make.issuer(cast.viet_duc)
    site = make_key(Purpose.DOCUMENTS)
    own = make_key(Purpose.DOCUMENTS, issuer=bach_mai)
    now = clock.now()

    assert SigningKey.objects.to_sign(Purpose.DOCUMENTS, now, bach_mai) == own
    assert SigningKey.objects.to_sign(Purpose.DOCUMENTS, now, viet_duc) == site
    assert SigningKey.objects.to_sign(Purpose.DOCUMENTS, now) == site


def test_nothing_is_trusted_from_a_compromise_on_and_the_earliest_moment_stays():
    with clock.at(make.NOON):
        key = make_key(Purpose.CODES)
    days = [make.NOON + datetime.timedelta(days=day) for day in range(5)]
    with clock.at(days[4]):
        with pytest.raises(KeyRefused):
            declare_compromised(key, at=days[3], reason="mất")
        declare_compromised(key, at=days[3], reason="Máy chủ bị xâm nhập")
        declare_compromised(key, at=days[2], reason="Nhật ký cho thấy sớm hơn")
        key = declare_compromised(key, at=days[3], reason="Nhắc lại")

    assert (key.compromised_at, key.compromise_reason) == (days[2], "Nhật ký cho thấy sớm hơn")
    assert key.signed_well_at(days[1])
    assert not key.signed_well_at(days[2])
    assert SigningKey.objects.to_sign(Purpose.CODES, days[4]) is None


def test_two_open_keys_of_one_purpose_are_refused_by_the_database():
    key = make_key(Purpose.CODES)

    with pytest.raises(IntegrityError), transaction.atomic():
        SigningKey.objects.create(
            kid=9, purpose="codes", algorithm="ed25519", public_key=key.public_key, valid_from=key.valid_from
        )


def test_the_number_of_a_key_file_that_no_row_knows_is_not_taken_again(folder):
    make_key(Purpose.CODES)
    os.rename(folder / "001-codes.pem", folder / "007-codes.pem")

    assert make_key(Purpose.CODES).kid == 8


def test_a_key_on_a_card_needs_no_file(folder):
    elsewhere = make_key(Purpose.CODES).public_key

    key = make_key(Purpose.CODES, public_key=elsewhere)

    assert not (folder / "002-codes.pem").exists()
    with pytest.raises(KeyRefused):
        make_key(Purpose.DOCUMENTS, public_key=elsewhere)
    with pytest.raises(KeyRefused):
        make_key(Purpose.CODES, public_key="nothing")
    assert SigningKey.objects.to_sign(Purpose.CODES, clock.now()) == key


def test_an_rsa_key_that_is_too_short_to_trust_is_refused():
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
    pem = short.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    with pytest.raises(KeyRefused, match="2048"):
        make_key(Purpose.DOCUMENTS, algorithm=Algorithm.RSA, public_key=pem)
    assert not SigningKey.objects.exists()


def _authority(request: str):
    """A certificate for a request, made by an authority, and the authority's own."""
    private = ec.generate_private_key(ec.SECP256R1())
    asked = x509.load_pem_x509_csr(request.encode())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA thử")])
    day, chain = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), ""
    for subject, public in ((asked.subject, asked.public_key()), (name, private.public_key())):
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(name).public_key(public)
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(day)
        made = builder.not_valid_after(day + datetime.timedelta(days=900)).sign(private, hashes.SHA256())
        chain += made.public_bytes(Encoding.PEM).decode()
    return chain


def test_an_authority_certifies_a_key_and_nothing_else_is_installed(cast):
    key = make_key(Purpose.DOCUMENTS, issuer=make.issuer(cast.bach_mai))
    own = x509.load_pem_x509_certificate(key.chain.encode())
    assert own.subject.rfc4514_string() == "CN=Bệnh viện Bạch Mai"
    chain = _authority(certificate_request(key))
    other = _authority(certificate_request(make_key(Purpose.DOCUMENTS)))

    assert install_chain(key, chain).chain == chain
    for wrong in (other, "x", chain[: chain.index("-----END CERTIFICATE-----") + 26] + other):
        with pytest.raises(KeyRefused):
            install_chain(key, wrong)


def test_the_command_makes_what_is_missing_lists_and_retires(folder, capsys):
    call_command("lms_keys", "make", "all", "--missing")
    call_command("lms_keys", "make", "all", "--missing")
    (folder / "002-checkpoints.pem").unlink()
    capsys.readouterr()

    call_command("lms_keys", "compromised", "3", "--reason", "Máy chủ bị xâm nhập")
    call_command("lms_keys", "list")
    shown = capsys.readouterr().out

    assert len(SigningKey.objects.all()) == 3
    assert "002-checkpoints.pem" in shown
    assert "003 documents ecdsa-p256 *" in shown
    with pytest.raises(CommandError):
        call_command("lms_keys", "make", "codes", "--issuer", "XYZ")
    with pytest.raises(CommandError):
        call_command("lms_keys", "request", "1")
