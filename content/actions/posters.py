"""The still that stands for a lecture: drawn from it at a moment that somebody chose, or a picture of theirs."""

import hashlib
import io
import tempfile
from pathlib import Path
from typing import IO

from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from PIL import Image, ImageOps

from content import transcode
from content.actions.videos import refused
from content.conf import conf
from content.models import Rendition, Video
from lms import media, uploads

FRAMES = 6
"""How many stills of a lecture are offered."""
PICTURE_BYTES = 10_000_000
PICTURE_PIXELS = 40_000_000
PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
SIZES = ((640, 60), (640, 40), (640, 25), (480, 25), (320, 25), (320, 10))
"""Width and quality, tried one after the other until the poster is light enough."""


def moments(video: Video) -> list[float]:
    """The seconds at which stills are offered: the middle of each of ``FRAMES`` equal parts."""
    return [round((number + 0.5) * video.seconds / FRAMES, 2) for number in range(FRAMES)]


def draw_frame(video: Video, *, at: float) -> bytes:
    """The still of the current version at second *at* as JPEG; raises VideoRefused where none can be drawn."""
    store = media.storage()
    made = [form for form in video.ready_renditions() if form.kind != Rendition.Kind.AUDIO]
    try:
        ffmpeg = transcode.find_ffmpeg(conf.FFMPEG)
        with tempfile.TemporaryDirectory(prefix="lms-poster-") as folder:
            target = Path(folder, "frame.jpg")
            # The heaviest form looks best; the recording itself may have been deleted.
            source = _local(store, made[-1].name if made else video.source, Path(folder))
            transcode.poster(ffmpeg, source, target, seconds=video.seconds, at=at)
            return target.read_bytes()
    except transcode.Unusable as unusable:
        raise refused(unusable.code, **unusable.params) from None
    except (OSError, SuspiciousOperation):
        raise refused("source_missing") from None


def _local(store, name: str, folder: Path) -> Path:
    try:
        return Path(store.path(name))
    except NotImplementedError:
        local = folder / "source"
        with store.open(name, "rb") as remote:
            local.write_bytes(remote.read())
        return local


def set_poster(video: Video, *, at: float | None = None, picture: IO[bytes] | None = None) -> Rendition:
    """Let the current version be shown by its still at second *at*, or by *picture*, made light and stripped."""
    data = _light(picture) if picture is not None else draw_frame(video, at=at or 0)
    version, kind = video.version, Rendition.Kind.POSTER
    old = video.renditions.filter(version=version, kind=kind).values_list("name", flat=True).first()
    stem = f"video/{video.uuid}/{version}/poster"
    name, size, sha256 = media.save(f"{stem}-{hashlib.sha256(data).hexdigest()[:12]}.jpg", data)
    with transaction.atomic():
        made = {"name": name, "size": size, "sha256": sha256, "content_type": "image/jpeg"}
        row, _created = Rendition.objects.update_or_create(
            video=video, version=version, kind=kind, defaults=made
        )
        if old and old != name:
            transaction.on_commit(lambda: media.storage().delete(old))
    return row


def _light(picture: IO[bytes]) -> bytes:
    """*picture* as a small JPEG in 16:9 without anything else that the file carried."""
    limits = {"limit": PICTURE_BYTES // 1_000_000, "pixels": PICTURE_PIXELS // 1_000_000}
    data = picture.read(PICTURE_BYTES + 1)
    if len(data) > PICTURE_BYTES:
        raise refused("picture_too_big", **limits)
    kind = PICTURES.get(uploads.sniff(io.BytesIO(data)))
    if kind is None:
        raise refused("not_picture")
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as opened:
            if opened.width * opened.height > PICTURE_PIXELS:
                raise refused("picture_too_big", **limits)
            whole = ImageOps.exif_transpose(opened).convert("RGB")
    except Image.DecompressionBombError:
        raise refused("picture_too_big", **limits) from None
    except (OSError, ValueError, SyntaxError):
        raise refused("not_picture") from None
    for width, quality in SIZES:
        out = io.BytesIO()
        ImageOps.fit(whole, (width, width * 9 // 16)).save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= transcode.POSTER_BYTES:
            break
    return out.getvalue()
