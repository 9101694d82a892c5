"""Recordings that arrive part by part: opened, fed, dropped, swept. Whatever was acknowledged survives any cut."""

import fcntl
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from content.actions.videos import VideoRefused, check_room, refused, suffix_of
from content.conf import conf
from content.models import Upload
from content.models.uploads import FOLDER
from lms import clock, media
from lms.crashpoints import crashpoint

PIECE = 64 * 1024
CHECKPOINT = 1024 * 1024
"""Bytes after which what has arrived is brought to the disk and counted."""
HEAD = 64
"""Bytes that show whether a file is a video at all."""
IDLE = timedelta(hours=1)
"""An upload that got nothing for so long makes room for another one of its sender."""
SPARE = 500_000_000
"""Bytes of the disk that uploads leave to everything else."""
ORPHAN_SECONDS = 86400
SUFFIXES = {".mp4", ".m4v", ".mov", ".qt", ".mkv", ".webm", ".avi", ".3gp"}


class UploadBusy(Exception):
    """Another request is feeding this upload right now."""


class WrongOffset(Exception):
    """The part does not begin where the last one ended."""


class TooLong(Exception):
    """The part reaches beyond the length that was announced."""


class ChecksumWrong(Exception):
    """The part is not what its sender meant to send; nothing of it was kept."""


class TooManyUploads(VideoRefused):
    """This person has as many uploads under way as one may have."""


class NoSpace(VideoRefused):
    """The disk is full; what arrived before is kept."""


def open_upload(facility, *, by, name: str, length: int, fingerprint: str = "") -> Upload:
    """Begin an upload of *length* bytes for *facility*, or go on with the one of this *fingerprint*.

    Raises VideoRefused before a byte is sent where the finished file would not be taken.
    """
    name = os.path.basename(name.replace("\\", "/"))
    name = re.sub(r"[\x00-\x1f\x7f]", "", name).strip()
    stem, suffix = os.path.splitext(name)
    if suffix.lower() not in SUFFIXES:
        raise refused("not_video")
    name = stem[: 200 - len(suffix)] + suffix
    with transaction.atomic():
        # One after the other for one person, so that the limit holds.
        get_user_model().objects.select_for_update().get(pk=by.pk)
        own = Upload.objects.filter(by=by)
        begun = own.current().filter(fingerprint=fingerprint, facility=facility, length=length)
        if fingerprint and (found := begun.first()):
            return found
        promised = Upload.objects.current().filter(facility=facility).bytes_promised()
        check_room(facility, size=length, promised=promised)
        _make_way(own)
        if shutil.disk_usage(_folder()).free < length + SPARE:
            raise NoSpace(
                _("The server has no room for this recording just now. Please tell the administrator.")
            )
        upload = Upload(facility=facility, by=by, name=name, length=length, fingerprint=fingerprint[:300])
        upload.live_on()
        upload.save(force_insert=True)
    return upload


def _folder() -> Path:
    """The folder of all uploads, made where it is missing."""
    folder = Path(media.storage().path(FOLDER))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_space(error) from error
    return folder


def _no_space(error: OSError) -> NoSpace:
    return NoSpace(
        _(
            "The server could not store the recording (%(reason)s). What has arrived is kept. "
            "Please tell the administrator, then go on with the upload."
        )
        % {"reason": error.strerror or type(error).__name__}
    )


def _make_way(own) -> None:
    """Give up the sender's oldest idle upload where the limit is reached; refuse where all are at work."""
    waiting = list(own.order_by("touched_at"))
    if len(waiting) < conf.UPLOADS_AT_ONCE:
        return
    for old in waiting[: len(waiting) - conf.UPLOADS_AT_ONCE + 1]:
        if old.touched_at > clock.now() - IDLE:
            raise TooManyUploads(
                _("%(count)d uploads of yours are under way. Please finish or discard one of them first.")
                % {"count": len(waiting)}
            )
        with suppress(UploadBusy):
            drop_upload(old)


def write_upload(
    upload: Upload,
    *,
    offset: int,
    length: int,
    read: Callable[[int], bytes],
    checksum: tuple[str, bytes] | None = None,
) -> Upload:
    """Append the *length* bytes that *read* gives, which begin at *offset*; fewer where the line is cut.

    Bytes are counted after they are on the disk, a megabyte at a time, so whoever dies here leaves
    an upload that goes on where it was counted. With *checksum* (algorithm, digest) the part counts
    as a whole or not at all.
    """
    with _held(upload) as (file, row):
        if offset != row.offset:
            raise WrongOffset
        if offset + length > row.length:
            raise TooLong
        # What a killed writer left beyond the counted bytes is written again.
        file.truncate(offset)
        file.seek(offset)
        digest = hashlib.new(checksum[0]) if checksum else None
        written = counted = offset
        try:
            while written < offset + length and (piece := read(min(PIECE, offset + length - written))):
                rest = memoryview(piece)
                while rest:
                    rest = rest[file.write(rest) :]
                written += len(piece)
                if digest:
                    digest.update(piece)
                elif written - counted >= CHECKPOINT:
                    counted = _count(row, file, written)
                    crashpoint("upload.counted")
        except OSError as error:
            file.truncate(counted)
            raise _no_space(error) from error
        if checksum and (digest is None or digest.digest() != checksum[1]):
            file.truncate(offset)
            raise ChecksumWrong
        crashpoint("upload.written")
        _count(row, file, written)
        if offset < HEAD <= written or written == row.length:
            file.seek(0)
            try:
                suffix_of(file.read(HEAD))
            except VideoRefused:
                # Hours of sending would end in the same words.
                _delete(row)
                raise
    return row


def _count(row: Upload, file: Any, written: int) -> int:
    os.fsync(file.fileno())
    row.offset = written
    row.live_on()
    row.save(update_fields=["offset", "touched_at", "expires_at"])
    return written


@contextmanager
def _held(upload: Upload) -> Iterator[tuple[Any, Upload]]:
    """The file of *upload* and its row as it is now, for this process alone; a lock dies with its holder."""
    path = _folder() / str(upload.pk)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise _no_space(error) from error
    with os.fdopen(handle, "r+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UploadBusy from None
        row = Upload.objects.filter(pk=upload.pk).first()
        if row is None:
            with suppress(FileNotFoundError):
                path.unlink()
            raise Upload.DoesNotExist
        row.offset = row.received
        yield file, row


def drop_upload(upload: Upload) -> None:
    """Forget *upload* and what has arrived of it; raises UploadBusy while it is being fed."""
    with suppress(Upload.DoesNotExist), _held(upload) as (_file, row):
        _delete(row)


def _delete(row: Upload) -> None:
    # The row first: a file without a row is swept, a row without its file begins anew.
    Upload.objects.filter(pk=row.pk).delete()
    row.path.unlink(missing_ok=True)


def sweep_uploads() -> int:
    """Forget what nobody has fed for too long, and files without a row; return how many."""
    expired, swept = Upload.objects.filter(expires_at__lte=clock.now()), 0
    if not Upload.is_possible():
        return expired.delete()[0]
    for row in expired:
        with suppress(UploadBusy):
            drop_upload(row)
            swept += 1
    for path in Path(media.storage().path(FOLDER)).glob("*"):
        with suppress(OSError, ValueError):
            is_old = time.time() - path.stat().st_mtime > ORPHAN_SECONDS
            if is_old and not Upload.objects.filter(pk=UUID(path.name)).exists():
                path.unlink()
                swept += 1
    return swept
