"""Guards for uploaded files: size, true type, and archives that would burst."""

import stat
import zipfile
import zlib
from typing import IO

from django.utils.translation import gettext as _

MEGABYTE = 1_000_000


class UploadRefused(Exception):
    """An uploaded file that is not taken; the message says why and what to do."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


def check_size(f, limit: int) -> int:
    """Return the size of *f* in bytes, or refuse an empty file or one above *limit* bytes."""
    size = getattr(f, "size", None)
    if size is None:
        place = f.tell()
        size = f.seek(0, 2)
        f.seek(place)
    if not size:
        raise UploadRefused(_("The file is empty. Please choose it again."))
    if size > limit:
        raise UploadRefused(
            _("The file has %(size).1f MB; at most %(limit).1f MB are taken. Please make it smaller.")
            % {"size": size / MEGABYTE, "limit": limit / MEGABYTE}
        )
    return size


_MAGIC: list[tuple[int, bytes, str]] = [
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"OggS", "application/ogg"),
    (0, b"ID3", "audio/mpeg"),
    *((0, first, "audio/mpeg") for first in (b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2")),
    (0, b"fLaC", "audio/flac"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-wmv"),
    (0, b"\x00\x00\x01\xba", "video/mpeg"),
    (0, b"\x00\x00\x01\xb3", "video/mpeg"),
    (0, b"#EXTM3U", "application/vnd.apple.mpegurl"),
    (0, b"MZ", "application/x-dosexec"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\x1f\x8b", "application/gzip"),
]
_RIFF = {b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo", b"WEBP": "image/webp"}
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_MARKUP = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<iframe", b"<!--")


def sniff(f: IO[bytes]) -> str:
    """Return the MIME type that the first bytes of *f* show; its name and its sender are not believed.

    ``application/octet-stream`` where nothing is recognised. Leaves the file at its beginning.
    """
    f.seek(0)
    head = f.read(4096)
    f.seek(0)
    for offset, magic, mime in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return mime
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "application/octet-stream")
    if head[4:8] == b"ftyp":
        return _ftyp(head[8:12])
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47:
        return "video/mp2t"
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _archive(f)
    return _text(head)


def _ftyp(brand: bytes) -> str:
    if brand == b"qt  ":
        return "video/quicktime"
    if brand[:3] in (b"M4A", b"M4B"):
        return "audio/mp4"
    if brand in (b"heic", b"heix", b"mif1", b"avif"):
        return "image/heif"
    return "video/3gpp" if brand[:2] == b"3g" else "video/mp4"


def _archive(f: IO[bytes]) -> str:
    try:
        names = zipfile.ZipFile(f).namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return "application/octet-stream"
    finally:
        f.seek(0)
    if "[Content_Types].xml" in names:
        for folder, mime in _OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return mime
    return "application/zip"


def _text(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in start[:1024]:
        return "image/svg+xml"
    if start.startswith(_MARKUP):
        return "text/html"
    if start.startswith(b"<?xml"):
        return "application/xml"
    if not start or b"\x00" in head:
        return "application/octet-stream"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A letter may have been cut at the end of what was read.
        return "text/plain" if error.start > len(head) - 4 else "application/octet-stream"
    return "text/plain"


def check_zip(
    f: IO[bytes],
    *,
    max_members: int = 200,
    max_bytes: int = 50 * MEGABYTE,
    max_ratio: int = 100,
) -> None:
    """Refuse an archive that would burst, lies about its sizes, hides or reaches outside.

    An XLSX of 826 kB once took 1.9 GB to open; its directory tells so in 0.01 ms. The bytes are
    counted as well while they are unpacked, since a directory may lie. Leaves the file at its beginning.
    """
    refused = UploadRefused(
        _(
            "The file cannot be read: it is damaged or it unpacks to far more than its size. Nothing was changed."
        )
    )
    try:
        with zipfile.ZipFile(f) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            packed = sum(member.compress_size for member in members)
            if len(members) > max_members or total > max_bytes or total > max_ratio * max(packed, 1024):
                raise refused
            if any(not _is_harmless(member) for member in members):
                raise refused
            _count(archive, members, max_bytes, refused)
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise refused from error
    finally:
        f.seek(0)


def _count(archive, members, max_bytes: int, refused: UploadRefused) -> None:
    left = max_bytes
    for member in members:
        seen = 0
        try:
            with archive.open(member) as stream:
                while chunk := stream.read(64 * 1024):
                    seen += len(chunk)
                    left -= len(chunk)
                    if left < 0 or seen > member.file_size:
                        raise refused
        except zlib.error as error:
            raise refused from error
        if seen != member.file_size:
            raise refused


def _is_harmless(member: zipfile.ZipInfo) -> bool:
    name = member.filename.replace("\\", "/")
    if stat.S_ISLNK(member.external_attr >> 16) or member.flag_bits & 0x1:
        return False
    parts = name.split("/")
    return not (name.startswith("/") or ":" in parts[0] or ".." in parts or "\x00" in name)
