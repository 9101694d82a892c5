"""Signatures: the small interface behind which private keys stay, its adapter for key files, and checking."""

import os
import stat
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.utils.translation import gettext as _

from .conf import conf
from .models import SigningKey

LONGEST_RSA = 16384
"""Bits of an RSA key; OpenSSL checks the signatures of no longer ones."""


class SignerUnavailable(Exception):
    """The private key cannot be used now; the message says why and what to do. Nothing was signed."""


class Signer(Protocol):
    """Whatever signs with one private key: a file, a card, a service at the end of a wire.

    Slow ones are no trouble: only jobs sign.
    """

    key: SigningKey

    def sign(self, message: bytes) -> bytes:
        """Return the signature of *message*: raw Ed25519, ECDSA as DER, or RSA PKCS#1 v1.5; the last two
        over SHA-256. Raises :class:`SignerUnavailable`."""


def signer(key: SigningKey) -> Signer:
    """Return what signs with *key*, as the site configured it; raises :class:`SignerUnavailable`."""
    return conf.SIGNER(key)


class FileSigner:
    """Signs with a PKCS#8 file that nobody but the service's own user can read."""

    def __init__(self, key: SigningKey):
        self.key = key
        path = key_file(key)
        private = _load(path, _safe(path))
        if _spki(private.public_key()) != _spki(load_pem_public_key(key.public_key.encode())):
            raise SignerUnavailable(
                _("The file %(path)s does not hold the private half of key %(kid)03d.")
                % {"path": path, "kid": key.kid}
            )
        self._private = private

    def __repr__(self):
        return f"<FileSigner {self.key.kid:03d}>"

    def sign(self, message: bytes) -> bytes:
        """Sign *message*; for one key and one message the signature is always the same."""
        match self._private:
            case ed25519.Ed25519PrivateKey():
                return self._private.sign(message)
            case ec.EllipticCurvePrivateKey():
                return self._private.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
            case rsa.RSAPrivateKey():
                return self._private.sign(message, padding.PKCS1v15(), hashes.SHA256())
        raise SignerUnavailable(_("Keys of this kind are not supported."))


def verifies(key: SigningKey, signature: bytes, message: bytes) -> bool:
    """Whether *signature* is the one of *key* over *message*; its dates are not looked at."""
    public = _public(key.public_key)
    try:
        match public:
            case ed25519.Ed25519PublicKey():
                public.verify(signature, message)
            case ec.EllipticCurvePublicKey():
                public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
            case rsa.RSAPublicKey():
                public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
            case _:
                return False
    except InvalidSignature:
        return False
    return True


def raw_public_key(key: SigningKey) -> bytes:
    """Return the 32 bytes of an Ed25519 public key."""
    public = _public(key.public_key)
    if not isinstance(public, ed25519.Ed25519PublicKey):
        raise TypeError("only Ed25519 keys have a raw form of 32 bytes")
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_file(key: SigningKey) -> Path:
    """Where the private half of *key* lies; raises :class:`SignerUnavailable` where no folder is set."""
    if not conf.KEYS_FOLDER:
        raise SignerUnavailable(
            _("No folder of keys is set. Set LMS_CERTIFICATES_KEYS_FOLDER to a folder outside the media.")
        )
    return Path(conf.KEYS_FOLDER) / f"{key.kid:03d}-{key.purpose}.pem"


def _safe(path: Path) -> int:
    """Refuse a file that others can read or that is no plain file; return the time of its last change."""
    try:
        found = path.lstat()
    except OSError as error:
        raise SignerUnavailable(
            _("The key file %(path)s cannot be read (%(reason)s). Put it back from the safe copy.")
            % {"path": path, "reason": error.strerror}
        ) from error
    if not stat.S_ISREG(found.st_mode):
        raise SignerUnavailable(_("The key file %(path)s is no plain file.") % {"path": path})
    if found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise SignerUnavailable(
            _(
                "Others than the user of the worker can read or own the key file %(path)s. "
                "Give it to that user with mode 0400; if somebody else read it, declare the key compromised."
            )
            % {"path": path}
        )
    return found.st_mtime_ns


@lru_cache(maxsize=16)
def _load(path: Path, changed: int):
    # Read once: OpenSSL checks an RSA key whole at each loading, which takes longer than a signature.
    try:
        return load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SignerUnavailable(
            _("The key file %(path)s holds no usable private key.") % {"path": path}
        ) from error


@lru_cache(maxsize=256)
def _public(pem: str):
    return load_pem_public_key(pem.encode())


def _spki(public) -> bytes:
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
