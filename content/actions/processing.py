"""Making the forms of a lecture: one checkpoint per form, safe to kill and to repeat anywhere."""

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.core.files import File
from django.utils.translation import gettext as _

from content import transcode
from content.conf import conf
from content.models import Rendition, Video
from lms import media
from lms.crashpoints import crashpoint

Progress = Callable[[float, str], None]
"""Takes per cent and what is being done; raising stops the work."""


def process_video(video: Video, *, version: int, progress: Progress) -> Video:
    """Make whatever forms of *version* are missing and say how it went in ``state`` and ``error``.

    A form is finished when its row names a file made from these bytes by this recipe, so a run
    after a kill goes on where the last one stopped. A recording that cannot be used ends as
    FAILED with its reason; only what may pass by itself (no space, ffmpeg shot) is raised again.
    """
    current = Video.objects.filter(pk=video.pk, version=version)
    if not current.exclude(state=Video.State.READY).update(state=Video.State.PROCESSING, error=""):
        return video
    try:
        found = _make_all(video, version, progress)
    except (transcode.EncoderStopped, media.MediaUnwritable, OSError) as error:
        _fail(current, getattr(error, "code", "storage"), getattr(error, "params", {}))
        raise
    except transcode.Unusable as unusable:
        _fail(current, unusable.code, unusable.params)
    else:
        current.update(
            state=Video.State.READY,
            duration_ms=round(found.seconds * 1000),
            width=found.width,
            height=found.height,
        )
    video.refresh_from_db()
    return video


def _fail(current, code: str, params: dict) -> None:
    current.update(state=Video.State.FAILED, error=json.dumps([code, params]))


def _make_all(video: Video, version: int, progress: Progress) -> transcode.Probe:
    ffmpeg = transcode.find_ffmpeg(conf.FFMPEG)
    scratch = f"lms-video-{video.uuid}-{version}-"
    for stale in Path(tempfile.gettempdir()).glob(f"{scratch}*"):
        # Of a worker that was killed here; only the holder of the job comes to this line.
        shutil.rmtree(stale, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=scratch) as folder:
        source = _local(video.source, Path(folder))
        found = transcode.probe(ffmpeg, source, max_seconds=conf.VIDEO_MAX_SECONDS)
        progress(1, _("looking at the recording"))
        name = _name(video, version, "poster", ".jpg")
        if not _is_made(video, version, Rendition.Kind.POSTER, name):
            target = Path(folder) / "poster.jpg"
            transcode.poster(ffmpeg, source, target, seconds=found.seconds)
            _keep(video, version, Rendition.Kind.POSTER, target, name, "image/jpeg")
        rungs = [transcode.RUNGS[kind] for kind in conf.LADDER]
        rungs = [rung for rung in rungs if rung.height or found.has_sound]
        total, done = sum(rung.weight for rung in rungs), 0
        for rung in rungs:
            name = _name(video, version, f"{rung.kind}-{rung.recipe()}", rung.suffix)
            if not _is_made(video, version, rung.kind, name):
                target = Path(folder) / f"out{rung.suffix}"
                note = _("making %(form)s") % {"form": Rendition.Kind(rung.kind).label}
                part = _part(progress, 2 + 97 * done / total, 97 * rung.weight / total, note)
                timeout = conf.VIDEO_TIMEOUT
                transcode.encode(
                    ffmpeg, rung, source, target, seconds=found.seconds, timeout=timeout, progress=part
                )
                _keep(video, version, rung.kind, target, name, rung.content_type)
                target.unlink()
            done += rung.weight
    return found


def _part(progress: Progress, start: float, span: float, note: str) -> Callable[[float], None]:
    """The progress of one form as a part of the whole."""
    return lambda share: progress(start + share * span, note)


def _name(video: Video, version: int, form: str, suffix: str) -> str:
    """Where a form lives: the name changes with the bytes it is made of and with the recipe."""
    return f"video/{video.uuid}/{version}/{form}-{video.source_sha256[:12]}{suffix}"


def _is_made(video: Video, version: int, kind: str, name: str) -> bool:
    made = Rendition.objects.filter(video=video, version=version, kind=kind, name=name).first()
    store = media.storage()
    return bool(made and store.exists(name) and store.size(name) == made.size)


def _keep(video: Video, version: int, kind: str, target: Path, name: str, content_type: str) -> None:
    """Put a finished file where it belongs, then write its row: a row never names half a file."""
    with target.open("rb") as file:
        name, size, sha256 = media.save(name, File(file))
    crashpoint("video.saved")
    made = {"name": name, "size": size, "sha256": sha256, "content_type": content_type}
    Rendition.objects.update_or_create(video=video, version=version, kind=kind, defaults=made)
    crashpoint("video.rendition")


def _local(name: str, folder: Path) -> Path:
    """The recording as a file on this machine; fetched first where the storage is elsewhere."""
    store = media.storage()
    if not store.exists(name):
        raise transcode.Unusable("source_missing")
    try:
        return Path(store.path(name))
    except NotImplementedError:
        local = folder / "source"
        with store.open(name, "rb") as remote, local.open("wb") as here:
            shutil.copyfileobj(remote, here, 1 << 20)
        return local
