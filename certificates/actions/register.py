"""Checkpoints of the register: entries get their place in the tree, the tree is signed, councils take it home."""

import base64
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from certificates import signing
from certificates.conf import conf
from certificates.facts import sha256
from certificates.models import Checkpoint, LogEntry, SigningKey
from certificates.transparency import Head, Malformed, Tree, export, note, read_note
from lms import clock, media
from lms.crashpoints import crashpoint

MOST_AT_ONCE = 5000


class RegisterDiffers(Exception):
    """The register is not what an earlier checkpoint signed: a backup was restored, or it was rewritten."""


def origin() -> str:
    """The name of this register in its checkpoints: the public address it had when the first was signed.

    It stays when the site moves to another address, so that councils go on comparing one register.
    """
    born = Checkpoint.objects.order_by("size").values_list("note", flat=True).first()
    if born is not None:
        return born.partition("\n")[0]
    found = urlsplit(conf.BASE_URL)
    return f"{found.netloc}{found.path}/register".replace(" ", "")


def take_checkpoint() -> Checkpoint | None:
    """Give each new entry its place in the tree and sign the tree; return the last checkpoint, if any.

    Idempotent: without new entries, or without a key to sign with, nothing is written. Several may run
    at once, one wins. The note
    is kept beside the database too, so that a database that was put back is noticed: then, and
    where the rows do not agree with it, :class:`RegisterDiffers`, and nothing is signed.
    """
    crashpoint("checkpoint.begins")
    try:
        with transaction.atomic():
            last = Checkpoint.objects.first()
            rows = list(LogEntry.objects.filter(index__isnull=True).order_by("pk")[:MOST_AT_ONCE])
            agree_with_kept(last)
            now = clock.now()
            key = SigningKey.objects.to_sign(SigningKey.Purpose.CHECKPOINTS, now)
            if not rows or key is None:
                return last
            taken = _write(last, rows, key, now)
    except IntegrityError:
        # Another worker placed the same entries first; what it left out is the next run's work.
        return Checkpoint.objects.first()
    crashpoint("checkpoint.committed")
    media.save(kept_name(), taken.note.encode())
    return taken


def _write(last: Checkpoint | None, rows: list[LogEntry], key: SigningKey, now: datetime) -> Checkpoint:
    tree = Tree(last.size, [bytes.fromhex(peak) for peak in last.peaks]) if last else Tree()
    for row in rows:
        row.index = tree.size
        tree.append(bytes.fromhex(row.leaf_hash))
    LogEntry.objects.bulk_update(rows, ["index"], batch_size=200)
    crashpoint("checkpoint.placed")
    head = Head(origin(), tree.size, tree.root, now)
    signature = signing.signer(key).sign(head.text)
    return Checkpoint.objects.create(
        size=tree.size,
        root=tree.root.hex(),
        peaks=[peak.hex() for peak in tree.peaks],
        at=now,
        note=note(head, public_key=signing.raw_public_key(key), signature=signature),
    )


def kept_name() -> str:
    """The file of the newest note, named by the first entry: another register keeps another file."""
    first = LogEntry.objects.filter(index=0).values_list("leaf_hash", flat=True).first()
    return f"register/{first}.note"


def kept() -> Head | None:
    """What the note beside the database says, or None where there is none that can be read."""
    try:
        with media.storage().open(kept_name()) as file:
            return read_note(file.read(10_000).decode())[0]
    except (OSError, UnicodeError, Malformed):
        return None


def agree_with_kept(last: Checkpoint | None) -> None:
    """Raise :class:`RegisterDiffers` where the rows are older than, or not what, the kept note says."""
    head = kept()
    if head is None:
        return
    row = Checkpoint.objects.filter(size=head.size).values_list("root", flat=True).first()
    if row == head.root.hex():
        return
    raise RegisterDiffers(
        _(
            "The register has %(size)s entries, but a checkpoint of %(kept)s entries was signed at %(at)s. "
            "A backup was put back, or rows were changed. Nothing is signed until this is settled; "
            "see docs/operate.md, “The register”."
        )
        % {"size": last.size if last else 0, "kept": head.size, "at": f"{head.at:%d/%m/%Y %H:%M} UTC"}
    )


def set_kept_aside() -> str:
    """Let the register go on from a backup that was put back: the kept note moves aside, and is never lost.

    The council still holds what it was given, and its check will name the first entry that differs.
    Returns the name under which the note is kept from now on.
    """
    head, name = kept(), kept_name()
    if head is None:
        return ""
    aside = name.replace(".note", f"-{head.size}-{head.at:%Y%m%dT%H%M%S}.aside")
    with media.storage().open(name) as file:
        media.save(aside, file.read())
    media.storage().delete(name)
    return aside


def export_lines(last: Checkpoint) -> Iterator[str]:
    """Yield the export up to *last*, line by line; hashes and numbers only, no personal data.

    Rows are read in pieces, so that memory does not grow with the register.
    """
    keys = [
        {
            "kid": key.kid,
            "ed25519": base64.b64encode(signing.raw_public_key(key)).decode(),
            "from": key.valid_from.isoformat(timespec="seconds"),
            "compromised": key.compromised_at and key.compromised_at.isoformat(timespec="seconds"),
        }
        for key in SigningKey.objects.filter(purpose=SigningKey.Purpose.CHECKPOINTS)
    ]
    placed = LogEntry.objects.filter(index__lt=last.size).order_by("index").values_list("leaf", flat=True)
    notes = Checkpoint.objects.filter(size__lte=last.size).order_by("size").values_list("size", "note")
    leaves = (bytes(leaf) for leaf in placed.iterator(chunk_size=2000))
    return export(origin(), at=last.at, keys=keys, leaves=leaves, checkpoints=list(notes))


def fingerprints() -> list[tuple[int, str]]:
    """Return (key number, SHA-256 of the raw public key) of each key of checkpoints, to be read out to councils."""
    keys = SigningKey.objects.filter(purpose=SigningKey.Purpose.CHECKPOINTS)
    return [(key.kid, sha256(signing.raw_public_key(key))) for key in keys]
