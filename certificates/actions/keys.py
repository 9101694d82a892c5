"""The life of signing keys: made, put in the place of another, declared compromised."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from certificates import signing
from certificates.conf import conf
from certificates.models import Issuer, SigningKey
from lms import clock

Purpose, Algorithm = SigningKey.Purpose, SigningKey.Algorithm
ALGORITHMS = {
    Purpose.CODES: [Algorithm.ED25519],
    Purpose.CHECKPOINTS: [Algorithm.ED25519],
    Purpose.DOCUMENTS: [Algorithm.P256, Algorithm.RSA],
}
"""What may sign what, the usual one first. PDF readers do not know Ed25519 yet."""

SELF_SIGNED_FOR = timedelta(days=20 * 365)


class KeyRefused(Exception):
    """The key cannot be made or changed like this; the message says why."""


def make_key(
    purpose: str, *, by=None, issuer: Issuer | None = None, algorithm: str = "", public_key: str = ""
) -> SigningKey:
    """Make a key of *purpose* that signs from now on; the one that signed before stops at this moment.

    The private half is written to a new file with mode 0400 before the row exists: where the
    transaction fails a useless file is left, never a row without its key. With *public_key* (PEM)
    the private half is elsewhere, on a card or behind a service, and no file is written. A key
    for documents in a file gets a certificate signed by itself until ``install_chain`` brings one
    of an authority.
    """
    kinds = ALGORITHMS[Purpose(purpose)]
    algorithm = algorithm or kinds[0]
    if algorithm not in kinds:
        raise KeyRefused(_("Keys of this purpose do not use this algorithm."))
    private = None if public_key else _generate(algorithm)
    with transaction.atomic():
        now = clock.now()
        # All rows are locked, so that two makers take two numbers.
        list(SigningKey.objects.select_for_update().values_list("pk", flat=True))
        kid = _next_kid()
        SigningKey.objects.filter(purpose=purpose, issuer=issuer, valid_until__isnull=True).update(
            valid_until=now
        )
        key = SigningKey(
            kid=kid,
            purpose=purpose,
            algorithm=algorithm,
            issuer=issuer,
            public_key=public_key and _normal(public_key, algorithm) or _pem(private.public_key()),
            valid_from=now,
            made_by=by,
        )
        if private is not None:
            if purpose == Purpose.DOCUMENTS:
                key.chain = _self_signed(private, key, now)
            _write(signing.key_file(key), private)
        key.save(force_insert=True)
        return key


def install_chain(key: SigningKey, pem: str) -> SigningKey:
    """Put the certificates that an authority made for *key* in the place of its own; idempotent.

    The first must be for this very key, each next one must have signed the one before.
    """
    try:
        chain = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise KeyRefused(_("The file holds no certificates in PEM form.")) from error
    if _pem(chain[0].public_key()) != key.public_key:
        raise KeyRefused(_("The first certificate is not for this key."))
    for issued, above in zip(chain, chain[1:], strict=False):
        try:
            issued.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise KeyRefused(_("The certificates are not in order: each is signed by the next.")) from error
    key.chain = "".join(one.public_bytes(Encoding.PEM).decode() for one in chain)
    key.save(update_fields=["chain"])
    return key


def certificate_request(key: SigningKey) -> str:
    """Return the request (PKCS#10, PEM) with which an authority is asked for a certificate of *key*."""
    signing.FileSigner(key)
    private = load_pem_private_key(signing.key_file(key).read_bytes(), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise KeyRefused(_("Only keys for documents have certificates of an authority."))
    builder = x509.CertificateSigningRequestBuilder().subject_name(_subject(key))
    return builder.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def declare_compromised(key: SigningKey, *, at: datetime, reason: str) -> SigningKey:
    """Trust nothing that *key* signed from *at* on, and let it sign no more; the earliest moment stays.

    Nothing is revoked by this: certificates keep standing in the register. Make a new key next.
    """
    reason = " ".join(reason.split())[:300]
    if len(reason) < 5:
        raise KeyRefused(_("Please give the reason in words; it stays in the table of keys."))
    with transaction.atomic():
        key = SigningKey.objects.select_for_update().get(pk=key.pk)
        now = clock.now()
        if at > now:
            raise KeyRefused(_("A compromise lies in the past."))
        if key.compromised_at is None or at < key.compromised_at:
            key.compromised_at, key.compromise_reason = at, reason
        key.valid_until = key.valid_until or now
        key.save(update_fields=["compromised_at", "compromise_reason", "valid_until"])
        return key


def _next_kid() -> int:
    """A number that neither a row nor a file has: a file may be all that a restored backup left of a key."""
    taken = [SigningKey.objects.aggregate(last=Max("kid"))["last"] or 0]
    if conf.KEYS_FOLDER:
        taken += [int(path.name[:3]) for path in Path(conf.KEYS_FOLDER).glob("[0-9][0-9][0-9]-*.pem")]
    if max(taken) >= 999:
        raise KeyRefused(_("All 999 key numbers are used."))
    return max(taken) + 1


def _normal(pem: str, algorithm: str) -> str:
    kinds = {
        Algorithm.ED25519: ed25519.Ed25519PublicKey,
        Algorithm.P256: ec.EllipticCurvePublicKey,
        Algorithm.RSA: rsa.RSAPublicKey,
    }
    try:
        public = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyRefused(_("The file holds no public key in PEM form.")) from error
    if not isinstance(public, kinds[Algorithm(algorithm)]):
        raise KeyRefused(_("Keys of this purpose do not use this algorithm."))
    if isinstance(public, rsa.RSAPublicKey) and not 2048 <= public.key_size <= signing.LONGEST_RSA:
        raise KeyRefused(
            _("An RSA key has 2048 to %(most)s bits; this one has %(bits)s.")
            % {"most": signing.LONGEST_RSA, "bits": public.key_size}
        )
    return _pem(public)


def _pem(public) -> str:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _generate(algorithm: str):
    if algorithm == Algorithm.ED25519:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == Algorithm.P256:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


def _write(path: Path, private) -> None:
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise KeyRefused(
            _("The key file could not be written (%(reason)s). Nothing was changed.")
            % {"reason": error.strerror}
        ) from error


def _subject(key: SigningKey) -> x509.Name:
    name = key.issuer.facility.name if key.issuer else _("Issuers of this site")
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _self_signed(private, key: SigningKey, now: datetime) -> str:
    usage = dict.fromkeys(
        (
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    document_signing = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
    builder = (
        x509.CertificateBuilder()
        .subject_name(_subject(key))
        .issuer_name(_subject(key))
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + SELF_SIGNED_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([document_signing, ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
    )
    return builder.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
