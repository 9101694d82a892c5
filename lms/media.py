"""Private files: written so that a crash leaves nothing half, sent only after the caller checked who asks."""

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.core.exceptions import SuspiciousOperation
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header, http_date, parse_etags
from django.utils.translation import gettext as _

from lms.conf import conf

_CHUNK = 64 * 1024
_RANGE = re.compile(r"^bytes=([0-9]{0,18})-([0-9]{0,18})$")


class MediaUnwritable(Exception):
    """The private folder takes no file; the message says what to do and can be shown."""


def storage() -> Storage:
    """Return the storage of private files, outside MEDIA_ROOT."""
    return storages["lms_private"]


@contextmanager
def writing() -> Iterator[None]:
    """Raise MediaUnwritable where the disk, or what stands for it, refuses what is written inside."""
    try:
        yield
    except OSError as error:
        raise MediaUnwritable(
            _(
                "The file could not be stored (%(reason)s). Nothing was changed. "
                "Please tell the administrator to check the disk and the rights of the media folder."
            )
            % {"reason": error.strerror or type(error).__name__}
        ) from error


def save(name: str, data: bytes | File) -> tuple[str, int, str]:
    """Store *data* under exactly *name* and return (name, size in bytes, SHA-256).

    Replaces a file of that name. On a local disk the file appears whole or not at all, and is on
    the disk when this returns: temporary file, fsync, rename, fsync of the folder.
    """
    target = storage()
    chunks = [data] if isinstance(data, bytes) else data.chunks(_CHUNK * 16)
    digest, size = hashlib.sha256(), 0
    with writing():
        if not isinstance(target, FileSystemStorage):
            content = File(data) if not isinstance(data, bytes) else ContentFile(data)
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
            if not isinstance(data, bytes):
                data.seek(0)
            if target.exists(name):
                target.delete(name)
            return target.save(name, content), size, digest.hexdigest()
        path = Path(target.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                file.flush()
                os.fchmod(file.fileno(), target.file_permissions_mode or 0o640)
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        _sync_folder(path.parent)
    return name, size, digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep_temporary(older_than_seconds: int = 86400) -> int:
    """Delete temporary files that a killed process left behind; return how many."""
    target, removed = storage(), 0
    if not isinstance(target, FileSystemStorage):
        return 0
    for path in Path(target.location).rglob(".*.tmp"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > older_than_seconds:
                path.unlink()
                removed += 1
    return removed


class _Slice:
    """A part of an open file as an iterable of chunks, closed with the response."""

    def __init__(self, file, start: int, length: int):
        self.file, self.left = file, length
        file.seek(start)

    def __iter__(self):
        while self.left > 0 and (chunk := self.file.read(min(_CHUNK, self.left))):
            self.left -= len(chunk)
            yield chunk

    def close(self):
        self.file.close()


def serve(
    request: HttpRequest,
    name: str,
    *,
    content_type: str,
    filename: str = "",
    inline: bool = True,
    max_age: int = 0,
    source: Storage | None = None,
) -> HttpResponse:
    """Send the private file *name*; the caller has already checked that this user may have it.

    *source* is another storage than that of private files; nginx sends from it where it lies inside.

    Answers one byte range with 206 and If-None-Match with 304. With ``LMS_MEDIA_ACCEL`` nginx
    sends the bytes. Only the reader's own browser may keep a copy, for *max_age* seconds without
    asking again. Raises Http404 for a file that is not there.
    """
    target = source or storage()
    try:
        if isinstance(target, FileSystemStorage) and not Path(target.path(name)).is_file():
            raise FileNotFoundError(name)
        size, changed = target.size(name), target.get_modified_time(name)
    except (OSError, SuspiciousOperation, ValueError) as error:
        raise Http404(_("This file is not here.")) from error
    digest = hashlib.sha256(f"{name}:{size}:{changed.timestamp()}".encode()).hexdigest()
    etag = f'"{digest[:32]}"'
    headers = {
        "ETag": etag,
        "Last-Modified": http_date(changed.timestamp()),
        "Accept-Ranges": "bytes",
        "Cache-Control": f"private, max-age={max_age}" if max_age else "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": _policy(content_type),
    }
    if disposition := content_disposition_header(not inline, filename or Path(name).name):
        headers["Content-Disposition"] = disposition
    if etag in (known := parse_etags(request.headers.get("If-None-Match", ""))) or "*" in known:
        response = HttpResponse(status=304, headers=headers)
    elif conf.MEDIA_ACCEL and (inside := _inside(target, name)):
        headers["X-Accel-Redirect"] = conf.MEDIA_ACCEL.rstrip("/") + "/" + quote(inside)
        response = HttpResponse(content_type=content_type, headers=headers)
    else:
        response = _body(request, target, name, size, content_type, headers)
    patch_vary_headers(response, ["Cookie"])
    return response


def serve_part(
    request: HttpRequest, name: str, *, start: int, size: int, content_type: str, max_age: int
) -> HttpResponse:
    """Send *size* bytes of the private file *name* as a whole of its own; the caller has checked who asks.

    For parts of at most a few megabytes: they are read at once and never sent by nginx.
    """
    try:
        with storage().open(name, "rb") as file:
            file.seek(start)
            data = file.read(size)
    except (OSError, SuspiciousOperation, ValueError) as error:
        raise Http404(_("This file is not here.")) from error
    headers = {
        "Cache-Control": f"private, max-age={max_age}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": _policy(content_type),
    }
    response = HttpResponse(data, content_type=content_type, headers=headers)
    patch_vary_headers(response, ["Cookie"])
    return response


def _inside(target: Storage, name: str) -> str:
    """*name* as nginx knows it, below the private folder; empty where it lies elsewhere."""
    home = storage()
    if not isinstance(target, FileSystemStorage) or not isinstance(home, FileSystemStorage):
        return name if target is home else ""
    path, top = Path(target.path(name)), Path(home.location)
    return path.relative_to(top).as_posix() if path.is_relative_to(top) else ""


def _body(request, target, name, size, content_type, headers) -> HttpResponse:
    wanted = request.headers.get("Range", "").strip()
    if request.headers.get("If-Range", headers["ETag"]) not in (headers["ETag"], headers["Last-Modified"]):
        wanted = ""
    span = _span(wanted, size)
    if span is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = span
    headers["Content-Length"] = str(end - start)
    partial = _understood(wanted)
    if partial:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 206 if partial else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, content_type=content_type, headers=headers)
    parts = _Slice(target.open(name, "rb"), start, end - start)
    return StreamingHttpResponse(parts, status=status, content_type=content_type, headers=headers)


def _understood(wanted: str) -> bool:
    match = _RANGE.match(wanted)
    return bool(match) and match.groups() != ("", "")


def _span(wanted: str, size: int) -> tuple[int, int] | None:
    """Return the half-open byte range asked for, everything where none is understood, None where none fits."""
    if not _understood(wanted):
        return 0, size
    first, last = _RANGE.match(wanted).groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
    return (start, end) if start < end else None


def _policy(content_type: str) -> str:
    """What a browser may do with the file if it is opened as a page: nothing.

    PDF goes without ``sandbox``, in which browsers refuse to show it at all.
    """
    if content_type == "application/pdf":
        return "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
    return "sandbox; default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
