"""What the host answers where our apps ask."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from wagtail import hooks

from lms.waiting import Waiting

_card = Ed25519PrivateKey.generate()
CARD = _card.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
"""The public half of the key on the hospital's card."""


class Card:
    """Signs on the card; no private half is in a folder."""

    def __init__(self, key):
        self.key = key

    def sign(self, message: bytes) -> bytes:
        return _card.sign(message)


def render(facts: dict) -> bytes:
    """A certificate drawn the host's way: its number and what the code beside the address is."""
    return f"%PDF {facts['number']} {facts.get('mark', '')}".encode()


@hooks.register("lms_waiting")
def books_to_lend(user):
    """What the host's library has waiting for whoever may enter it."""
    if user.is_superuser:
        yield Waiting("3 books are due", "/library/")
