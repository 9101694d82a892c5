"""Pure: the archive in which a course travels: one ZIP of a manifest, plain JSON and media, read behind guards."""

import hashlib
import json
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any

FORMAT = "vuonxa-course"
VERSION = 3
"""What is written. A version more wherever a reader of the one before would refuse the file."""
READ = (1, 2, 3)
"""What is read. Version 1 may lack guidelines: the document, the key of a course and the citations of a question.

Version 2 says nothing of the slides of a lecture.
"""
MANIFEST = "manifest.json"
DOCUMENTS = (
    "course",
    "videos",
    "quizzes",
    "questions",
    "checklists",
    "surveys",
    "guidelines",
    "pictures",
    "documents",
)
"""The kinds of plain JSON, each ``<kind>.json`` beside the manifest."""
MOST_MEMBERS = 5_000
MOST_RATIO = 200
MOST_DOCUMENT = 16_000_000
CHUNK = 1024 * 1024
_MEDIA = re.compile(r"media/[0-9a-f]{64}\.[a-z0-9]{1,8}")
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Unusable(Exception):
    """An archive that is not taken: ``code`` names the reason, ``params`` fill its sentence."""

    def __init__(self, code: str, /, **params: Any):
        super().__init__(code)
        self.code, self.params = code, params


def canonical(value: Any) -> bytes:
    """*value* as JSON with one form only, so that equal content has equal bytes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest_of(files: dict[str, dict]) -> str:
    """SHA-256 of what the archive holds, by name and hash: equal for equal content, whoever packed it."""
    return hashlib.sha256(canonical({name: one["sha256"] for name, one in files.items()})).hexdigest()


def media_name(sha256: str, suffix: str) -> str:
    """Where a medium lies: named by its own hash, so that each is carried once."""
    return f"media/{sha256}{suffix.lower()}"


# --- writing ---------------------------------------------------------------------------------------


class Writer:
    """Writes an archive piece by piece; the manifest comes last. The same pieces give the same bytes."""

    def __init__(self, file: IO[bytes]):
        self._zip = zipfile.ZipFile(file, "w")
        self.files: dict[str, dict] = {}

    def document(self, kind: str, value: Any) -> None:
        """Add one kind of plain JSON."""
        self._write(f"{kind}.json", iter([canonical(value)]), zipfile.ZIP_DEFLATED)

    def media(self, name: str, chunks: Iterator[bytes]) -> None:
        """Add one medium; Unusable where its bytes are no longer those that it is named by."""
        if name not in self.files and self._write(name, chunks, zipfile.ZIP_STORED) != name[6:70]:
            raise Unusable("changed", name=name)

    def close(self) -> str:
        """Write the manifest and return the digest of the content."""
        digest = digest_of(self.files)
        manifest = {"format": FORMAT, "version": VERSION, "digest": digest, "files": self.files}
        self._zip.writestr(zipfile.ZipInfo(MANIFEST, _EPOCH), canonical(manifest), zipfile.ZIP_DEFLATED)
        self._zip.close()
        return digest

    def _write(self, name: str, chunks: Iterator[bytes], how: int) -> str:
        info = zipfile.ZipInfo(name, _EPOCH)
        info.compress_type = how
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as target:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        self.files[name] = {"size": size, "sha256": digest.hexdigest()}
        return digest.hexdigest()


# --- reading ---------------------------------------------------------------------------------------


class Archive:
    """An archive that was found whole; ``open_archive`` makes it."""

    def __init__(self, opened: zipfile.ZipFile, manifest: dict):
        self._zip = opened
        self.files: dict[str, dict] = manifest["files"]
        self.digest: str = manifest["digest"]
        self.version: int = manifest["version"]
        self._read: dict[str, Any] = {}

    def document(self, kind: str) -> Any:
        """The plain JSON of one kind, as the newest version writes it."""
        if kind not in self._read:
            name = f"{kind}.json"
            if name not in self.files:
                self._read[kind] = []
                return self._read[kind]
            with self._zip.open(name) as stream:
                found = _json(stream.read(MOST_DOCUMENT + 1), name)
            self._read[kind] = _from_version_1(kind, found) if self.version == 1 else found
        return self._read[kind]

    def size(self, name: str) -> int:
        """How many bytes one medium has."""
        return self.files[name]["size"]

    def open(self, name: str) -> IO[bytes]:
        """One medium as a stream."""
        return self._zip.open(name)

    def bytes_of(self, name: str) -> bytes:
        """One small medium."""
        with self.open(name) as stream:
            return stream.read()


def open_archive(
    file: IO[bytes],
    *,
    most_bytes: int,
    verify: bool = True,
    progress: Callable[[float], None] = lambda pct: None,
) -> Archive:
    """Return the archive in *file*, or raise Unusable with the first thing that is wrong.

    Nothing is ever unpacked to a name that stands in the archive. With *verify* every byte is read
    and compared with the manifest; without, only what the directory of the ZIP says.
    """
    file.seek(0)
    try:
        opened = zipfile.ZipFile(file)
        members = _members(opened, most_bytes)
        manifest = _manifest(opened, members)
        _compare(members, manifest)
        if digest_of(manifest["files"]) != manifest["digest"]:
            raise Unusable("changed", name=MANIFEST)
        if verify:
            _verify(opened, manifest["files"], progress)
        archive = Archive(opened, manifest)
        for kind in DOCUMENTS:
            archive.document(kind)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise Unusable("damaged") from error
    except (ValueError, RecursionError) as error:
        raise Unusable("damaged") from error
    return archive


def _members(opened: zipfile.ZipFile, most_bytes: int) -> dict[str, zipfile.ZipInfo]:
    members = opened.infolist()
    if len(members) > MOST_MEMBERS:
        raise Unusable("too_many", most=MOST_MEMBERS)
    found: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        name = member.orig_filename
        if _reaches_outside(name):
            raise Unusable("outside", name=_shown(name))
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind and kind != stat.S_IFREG:
            raise Unusable("link", name=_shown(name))
        if member.flag_bits & 0x1:
            raise Unusable("encrypted", name=_shown(name))
        same = unicodedata.normalize("NFC", name).casefold()
        if same in found:
            raise Unusable("twice", name=_shown(name))
        found[same] = member
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if total > most_bytes:
        raise Unusable("too_big", size=total // 1_000_000, limit=most_bytes // 1_000_000)
    if total > MOST_RATIO * max(packed, 65_536):
        raise Unusable("bomb")
    return {member.orig_filename: member for member in members}


def _reaches_outside(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return not name or name[0] in "/\\" or "\\" in name or ":" in name or "\0" in name or ".." in parts


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:120]


def _manifest(opened: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> dict:
    if MANIFEST not in members:
        raise Unusable("no_manifest")
    with opened.open(MANIFEST) as stream:
        manifest = _json(stream.read(MOST_DOCUMENT + 1), MANIFEST)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Unusable("other_format")
    version = manifest.get("version")
    if version not in READ or isinstance(version, bool):
        raise Unusable("other_version", version=_shown(str(version)), known=VERSION)
    one = {"size": int, "sha256": str}
    if not fits(manifest, {"format": str, "version": int, "digest": str, "files": {str: one}}):
        raise Unusable("malformed", name=MANIFEST)
    return manifest


def _from_version_1(kind: str, document: Any) -> Any:
    """*document* with what version 1 did not say yet; what does not fit is left for ``check`` to refuse."""
    if kind == "course" and isinstance(document, dict):
        return {"guidelines": [], **document}
    if kind == "questions" and isinstance(document, list):
        for row in document:
            versions = row.get("versions") if isinstance(row, dict) else None
            for one in versions if isinstance(versions, list) else ():
                if isinstance(one, dict):
                    one.setdefault("citations", [])
    return document


def _compare(members: dict[str, zipfile.ZipInfo], manifest: dict) -> None:
    files = manifest["files"]
    documents = {f"{kind}.json" for kind in DOCUMENTS}
    needed = documents - {"guidelines.json"} if manifest["version"] == 1 else documents
    for name in sorted(needed | set(files)):
        if name not in members or name not in files:
            raise Unusable("missing", name=_shown(name))
        if members[name].file_size != files[name]["size"]:
            raise Unusable("changed", name=_shown(name))
    for name in members:
        if (
            name not in files
            and name != MANIFEST
            or name not in documents | {MANIFEST}
            and not _is_media(name)
        ):
            raise Unusable("unlisted", name=_shown(name))


def _is_media(name: str) -> bool:
    return bool(_MEDIA.fullmatch(name))


def _verify(opened: zipfile.ZipFile, files: dict[str, dict], progress: Callable[[float], None]) -> None:
    total, done = max(1, sum(one["size"] for one in files.values())), 0
    for name, one in files.items():
        digest, seen = hashlib.sha256(), 0
        with opened.open(name) as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                seen += len(chunk)
                done += len(chunk)
                # A directory may lie about sizes; nothing is read on and on.
                if seen > one["size"]:
                    raise Unusable("bomb")
                progress(100 * done / total)
        is_named = not _is_media(name) or name[6:70] == one["sha256"]
        if digest.hexdigest() != one["sha256"] or seen != one["size"] or not is_named:
            raise Unusable("changed", name=name)


def _json(data: bytes, name: str) -> Any:
    if len(data) > MOST_DOCUMENT:
        raise Unusable("bomb")

    def refuse(word: str):
        raise ValueError(word)

    try:
        found = json.loads(data.decode(), parse_constant=refuse)
        # Half letters and NUL: no database keeps them, and nobody writes them.
        if any("\0" in text or not text.encode() and text for text in _texts(found)):
            raise ValueError(name)
    except (ValueError, RecursionError) as error:
        raise Unusable("malformed", name=name) from error
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        yield from value
        for one in value.values():
            yield from _texts(one)


# --- shapes ----------------------------------------------------------------------------------------


def fits(value: Any, shape: Any) -> bool:
    """Whether *value* has the *shape*: a type, a tuple of shapes, ``[shape]``, ``{str: shape}`` or named keys.

    Named keys are all there and no others. A bool is no int.
    """
    if isinstance(shape, tuple):
        return any(fits(value, one) for one in shape)
    if shape is None:
        return value is None
    if shape is object:
        return True
    if isinstance(shape, type):
        return isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(one, shape[0]) for one in value)
    if not isinstance(value, dict):
        return False
    if set(shape) == {str}:
        return all(fits(one, shape[str]) for one in value.values())
    return set(value) == set(shape) and all(fits(value[name], one) for name, one in shape.items())


def check(value: Any, shape: Any, kind: str) -> Any:
    """Return *value*, or raise Unusable naming the document that is not as the format says."""
    if not fits(value, shape):
        raise Unusable("malformed", name=f"{kind}.json")
    return value
