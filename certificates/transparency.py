"""Pure: the Merkle tree of the register (RFC 6962, section 2.1), its signed checkpoints, and its export.

A checkpoint is a note in the form of C2SP (tlog-checkpoint, signed-note): origin, size and root of
the tree, the moment, and an Ed25519 signature. Who keeps one can prove every later change of what
stood in the register before it, also against whoever owns the database and the key.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

EMPTY = hashlib.sha256(b"").digest()
EXPORT_VERSION = 1
_ED25519 = b"\x01"


class Malformed(ValueError):
    """The text is no checkpoint."""


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass
class Tree:
    """A tree to which leaves are only ever added; remembers one hash for each bit of its size.

    ``peaks`` are the roots of the full subtrees from left to right, as many as ``size`` has ones.
    """

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf by its hash (32 bytes)."""
        full, self.size = self.size, self.size + 1
        while full & 1:
            leaf_hash = _node(self.peaks.pop(), leaf_hash)
            full >>= 1
        self.peaks.append(leaf_hash)

    @property
    def root(self) -> bytes:
        """The hash that stands for all leaves in their order."""
        if not self.peaks:
            return EMPTY
        *left, right = self.peaks
        for peak in reversed(left):
            right = _node(peak, right)
        return right


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes that lead from leaf *index* to the root over *hashes*, the nearest first (RFC 6962, 2.1.1)."""
    if not 0 <= index < len(hashes):
        raise ValueError("no such leaf")
    proof, level = [], list(hashes)
    while len(level) > 1:
        if (beside := index ^ 1) < len(level):
            proof.append(level[beside])
        level = [
            _node(level[place], level[place + 1]) if place + 1 < len(level) else level[place]
            for place in range(0, len(level), 2)
        ]
        index >>= 1
    return proof


@dataclass(frozen=True)
class Head:
    """What a checkpoint says: *size* leaves of the register *origin* have *root*, at a moment."""

    origin: str
    size: int
    root: bytes
    at: datetime

    @property
    def text(self) -> bytes:
        """The bytes that are signed."""
        root = base64.b64encode(self.root).decode()
        at = self.at.isoformat(timespec="microseconds")
        return f"{self.origin}\n{self.size}\n{root}\ntime {at}\n".encode()


def key_hash(origin: str, public_key: bytes) -> bytes:
    """Return the four bytes by which a note names the Ed25519 key of its signature."""
    return hashlib.sha256(origin.encode() + b"\n" + _ED25519 + public_key).digest()[:4]


def note(head: Head, *, public_key: bytes, signature: bytes) -> str:
    """Return the signed checkpoint; *signature* is over ``head.text``."""
    signed = base64.b64encode(key_hash(head.origin, public_key) + signature).decode()
    return f"{head.text.decode()}\n\u2014 {head.origin} {signed}\n"


def read_note(text: str) -> tuple[Head, bytes, bytes]:
    """Return what a checkpoint says, the hash of its key, and the signature; raises :class:`Malformed`."""
    try:
        body, _gap, signatures = text.partition("\n\n")
        origin, size, root, at = body.split("\n")
        dash, name, signed = signatures.removesuffix("\n").split(" ")
        raw = base64.b64decode(signed, validate=True)
        head = Head(
            origin,
            int(size),
            base64.b64decode(root, validate=True),
            datetime.fromisoformat(at[len("time ") :]),
        )
    except ValueError as error:
        raise Malformed("not a checkpoint") from error
    if (dash, name) != ("\u2014", origin) or len(raw) != 68 or head.text != f"{body}\n".encode():
        raise Malformed("not a checkpoint")
    return head, raw[:4], raw[4:]


def export(
    origin: str,
    *,
    at: datetime,
    keys: Sequence[dict],
    leaves: Iterable[bytes],
    checkpoints: Sequence[tuple[int, str]],
) -> Iterator[str]:
    """Yield the lines of the file that a council checks on its own machine.

    The first line names the register and its public keys; each leaf follows with its place and its
    hash, each checkpoint (size, note) after the last leaf that it covers. No personal data.
    """
    yield _line(
        {"register": origin, "v": EXPORT_VERSION, "at": at.isoformat(timespec="seconds"), "keys": list(keys)}
    )
    due = list(reversed(checkpoints))
    for index, leaf in enumerate(leaves):
        digest = hashlib.sha256(b"\x00" + leaf).hexdigest()
        yield _line({"i": index, "hash": digest, "leaf": leaf.decode()})
        while due and due[-1][0] <= index + 1:
            yield _line({"checkpoint": due.pop()[1]})


def _line(value: dict) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
