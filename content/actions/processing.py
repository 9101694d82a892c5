"""Making the forms of a lecture: a checkpoint every two minutes of it, safe to kill and to repeat anywhere."""

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.core.files import File
from django.utils.translation import gettext as _

from content import cutting, pieces, slides, stills, transcode
from content.conf import conf
from content.models import Rendition, Video
from content.models.videos import CANCELLED, TRANSCODE
from lms import media
from lms.crashpoints import crashpoint
from lms.models import Job

Progress = Callable[[float, str], None]
"""Takes per cent and what is being done; raising stops the work."""
PIECES = "video-parts"
"""Where finished pieces wait in private storage for the form they belong to."""
LOOK_EVERY = 1.0
"""Seconds between two looks whether somebody has cancelled."""


class Cancelled(Exception):
    """Somebody has called the processing off."""


def process_video(video: Video, *, version: int, progress: Progress) -> Video:
    """Make whatever forms of *version* are missing and say how it went in ``state`` and ``error``.

    A lecture that is ready stays so and keeps the forms it has, by whatever recipe: what is made of lectures
    since then is added.
    A form is finished when its row names a file made from these bytes by this recipe, and its
    finished pieces are kept until then, so a run after a kill goes on where the last one stopped. A recording that cannot be used ends as
    FAILED with its reason; only what may pass by itself (no space, ffmpeg shot) is raised again.
    """
    current = Video.objects.filter(pk=video.pk, version=version).exclude(error=CANCELLED)
    if current.exclude(state=Video.State.READY).update(state=Video.State.PROCESSING, error=""):
        current = current.filter(state=Video.State.PROCESSING)
    elif not current.exists():
        return video
    else:
        return _complete(video, version, current, progress)
    try:
        found = _make_all(video, version, _heeding(progress, current))
    except Cancelled:
        forget_pieces(video, version)
    except (transcode.EncoderStopped, media.MediaUnwritable, OSError) as error:
        _fail(current, getattr(error, "code", "storage"), getattr(error, "params", {}))
        raise
    except transcode.Unusable as unusable:
        forget_pieces(video, version)
        _fail(current, unusable.code, unusable.params)
    else:
        forget_pieces(video, version)
        # Before the row says "ready", after which no job comes back here: a kill in between is made up for.
        forget_old_forms(video, version)
        current.update(
            state=Video.State.READY,
            duration_ms=round(found.seconds * 1000),
            width=found.width,
            height=found.height,
        )
    video.refresh_from_db()
    return video


def _complete(video: Video, version: int, current, progress: Progress) -> Video:
    """Add to a ready lecture what it lacks; whatever comes in between, it can be watched."""
    try:
        _make_all(video, version, _heeding(progress, current), is_ready=True)
    except (transcode.EncoderStopped, media.MediaUnwritable, OSError):
        raise
    except (Cancelled, transcode.Unusable):
        # What there is is what counts; it can be asked for again.
        pass
    forget_pieces(video, version)
    video.refresh_from_db()
    return video


def forget_pieces(video: Video, version: int) -> None:
    """Delete the pieces kept for *version*."""
    _delete_folder(f"{PIECES}/{video.pk}-{version}")


def forget_old_forms(video: Video, version: int) -> int:
    """Delete the files of forms of *version* that no row names any more; return how many.

    They are left where a version is processed again by another recipe. Only once all its new forms
    stand: until then the rows name the old files, and learners are served by the rows. Recording,
    posters and other versions, which learners of earlier releases watch, are never touched.
    """
    store, folder = media.storage(), f"video/{video.uuid}/{version}"
    rows = Rendition.objects.filter(video=video, version=version)
    named = {name for row in rows for name in row.stored_names}
    forms = tuple(f"{kind}-" for kind in [*transcode.RUNGS, Rendition.Kind.SLIDES])
    gone = 0
    with suppress(FileNotFoundError):
        for name in store.listdir(folder)[1]:
            if name.startswith(forms) and f"{folder}/{name}" not in named:
                store.delete(f"{folder}/{name}")
                gone += 1
    return gone


def sweep_pieces() -> int:
    """Delete the pieces that no waiting or running job will join; return for how many versions."""
    store, swept = media.storage(), 0
    with suppress(FileNotFoundError):
        for folder in store.listdir(PIECES)[0]:
            waited_for = Job.objects.filter(
                kind=TRANSCODE, key=folder.replace("-", ":"), state__in=[Job.State.QUEUED, Job.State.RUNNING]
            )
            if not waited_for.exists():
                _delete_folder(f"{PIECES}/{folder}")
                swept += 1
    return swept


def _delete_folder(folder: str) -> None:
    store = media.storage()
    with suppress(FileNotFoundError):
        for name in store.listdir(folder)[1]:
            store.delete(f"{folder}/{name}")
        store.delete(folder)


def _heeding(progress: Progress, current) -> Progress:
    """*progress* that stops the work soon after somebody has cancelled it."""
    looked_at = time.monotonic()

    def heed(percent: float, note: str) -> None:
        nonlocal looked_at
        progress(percent, note)
        if time.monotonic() - looked_at >= LOOK_EVERY:
            looked_at = time.monotonic()
            if not current.exists():
                raise Cancelled

    return heed


def _fail(current, code: str, params: dict) -> None:
    current.update(state=Video.State.FAILED, error=json.dumps([code, params]))


def _make_all(video: Video, version: int, progress: Progress, *, is_ready: bool = False) -> transcode.Probe:
    ffmpeg = transcode.find_ffmpeg(conf.FFMPEG)
    with _scratch(f"lms-video-{video.uuid}-{version}-") as here:
        source = None
        if not is_ready or media.storage().exists(video.source):
            source = _local(video.source, here / "source")
            found = transcode.probe(ffmpeg, source, max_seconds=conf.VIDEO_MAX_SECONDS)
        else:
            has_sound = _has_form(video, version, Rendition.Kind.AUDIO)
            found = transcode.Probe(video.seconds, video.width, video.height, has_sound=has_sound)
        progress(1, _("looking at the recording"))
        name = _name(video, version, "poster", ".jpg")
        if source and not _has_form(video, version, Rendition.Kind.POSTER):
            target = here / "poster.jpg"
            transcode.poster(ffmpeg, source, target, seconds=found.seconds)
            _keep(video, version, Rendition.Kind.POSTER, target, name, "image/jpeg")
        kept = _pieces(video, version, here)
        sound = None
        part, before = conf.VIDEO_PART_SECONDS, transcode.BEFORE
        starts = pieces.part_starts(found.seconds, limit=conf.VIDEO_PLAY_SECONDS)
        rungs = [transcode.RUNGS[kind] for kind in conf.LADDER]
        total, done = sum(rung.weight for rung in rungs) + _slides_weight(), 0
        for rung in rungs:
            span = (100 - before) * rung.weight / total
            name = _name(video, version, f"{rung.kind}-{rung.recipe(part, starts[1:])}", rung.suffix)
            is_made = _is_made(video, version, rung.kind, name)
            if is_ready and not is_made:
                is_made = source is None or _has_form(video, version, rung.kind)
            if (rung.height or found.has_sound) and not is_made:
                note = _("making %(form)s") % {"form": Rendition.Kind(rung.kind).label}
                show = _part(progress, before + (100 - before) * done / total, span, note)
                how: dict[str, Any] = {"seconds": found.seconds, "timeout": conf.VIDEO_TIMEOUT, "part": part}
                if found.has_sound and sound is None:
                    sound = _sound(ffmpeg, source, kept, show if not rung.height else None, how)
                if rung.height:
                    target = here / f"out{rung.suffix}"
                    transcode.encode(
                        ffmpeg,
                        rung,
                        source,
                        target,
                        sound=sound,
                        cuts=starts[1:],
                        kept=kept,
                        progress=show,
                        **how,
                    )
                else:
                    target = sound
                _keep(video, version, rung.kind, target, name, rung.content_type)
            if _has_form(video, version, rung.kind):
                _cut(ffmpeg, video, version, rung.kind, here)
                _split(ffmpeg, video, version, rung.kind, here, found.seconds, starts, name)
            done += rung.weight
        if conf.SLIDES and _has_form(video, version, Rendition.Kind.AUDIO):
            show = _part(
                progress,
                before + (100 - before) * done / total,
                (100 - before) * _slides_weight() / total,
                _("looking for slides"),
            )
            _slides(ffmpeg, video, version, source, here, kept, found.seconds, show)
    return found


@contextmanager
def _scratch(prefix: str) -> Iterator[Path]:
    """A folder of this worker alone, locked while it lives; what killed ones left behind is deleted first.

    One whose lease ran out while its machine slept still works in its own, until it next reports.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with suppress(OSError), _locked(left):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix) as folder, _locked(Path(folder)):
        yield Path(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold *folder* until the block or the process ends; raise OSError where somebody holds it."""
    file = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(file)


def _slides_weight() -> int:
    return transcode.SLIDES_WEIGHT if conf.SLIDES else 0


def _sound(ffmpeg: str, source: Path, kept: transcode.Kept, show, how: dict) -> Path:
    """The sound, made once and used by every form."""
    rung = transcode.RUNGS["audio"]

    def make(target: Path) -> None:
        transcode.encode(ffmpeg, rung, source, target, progress=show or (lambda share: None), **how)

    return kept(f"sound-{rung.recipe()}{rung.suffix}", make)


def _part(progress: Progress, start: float, span: float, note: str) -> Callable[[float], None]:
    """The progress of one form as a part of the whole."""
    return lambda share: progress(start + share * span, note)


def _pieces(video: Video, version: int, here: Path) -> transcode.Kept:
    """Pieces in private storage, each whole or absent, found again by whoever takes the job over."""

    def kept(name: str, write: Callable[[Path], None]) -> Path:
        stored = f"{PIECES}/{video.pk}-{version}/{video.source_sha256[:12]}-{name}"
        if not media.storage().exists(stored):
            made = here / name
            write(made)
            with made.open("rb") as file:
                media.save(stored, File(file))
            made.unlink()
            crashpoint("video.piece")
        return _local(stored, here / name)

    return kept


def _name(video: Video, version: int, form: str, suffix: str) -> str:
    """Where a form lives: the name changes with the bytes it is made of and with the recipe."""
    return f"video/{video.uuid}/{version}/{form}-{video.source_sha256[:12]}{suffix}"


def _is_made(video: Video, version: int, kind: str, name: str) -> bool:
    made = Rendition.objects.filter(video=video, version=version, kind=kind, name=name).first()
    store = media.storage()
    return bool(made and store.exists(name) and store.size(name) == made.size)


def _has_form(video: Video, version: int, kind: str) -> bool:
    """Whether there is one by whatever recipe, or a poster, drawn by us or chosen by somebody."""
    form = Rendition.objects.filter(video=video, version=version, kind=kind).first()
    return form is not None and _is_made(video, version, kind, form.name)


def _keep(
    video: Video,
    version: int,
    kind: str,
    target: Path,
    name: str,
    content_type: str,
    shown: Sequence[pieces.Still] = (),
) -> None:
    """Put a finished file where it belongs, then write its row: a row never names half a file."""
    with target.open("rb") as file:
        name, size, sha256 = media.save(name, File(file))
    crashpoint("video.saved")
    made = {"name": name, "size": size, "sha256": sha256, "content_type": content_type}
    made |= {"pieces": [], "pieces_name": "", "pieces_size": 0, "parts": [], "parts_size": 0}
    made |= {"stills": list(shown)}
    Rendition.objects.update_or_create(video=video, version=version, kind=kind, defaults=made)
    crashpoint("video.rendition")


def _cut(ffmpeg: str, video: Video, version: int, kind: str, here: Path) -> None:
    """Keep a finished form a second time, cut into pieces for browsers that stream by themselves."""
    form = Rendition.objects.get(video=video, version=version, kind=kind)
    store = media.storage()
    if form.pieces and store.exists(form.pieces_name) and store.size(form.pieces_name) == form.pieces_size:
        return
    source = _local(form.name, here / f"whole{Path(form.name).suffix}")
    target = here / f"{kind}.m4s"
    try:
        found = cutting.cut(ffmpeg, source, target, timeout=conf.VIDEO_TIMEOUT)
    except transcode.EncoderStopped:
        raise
    except transcode.Unusable:
        # The whole file plays everywhere; it is what counts.
        return
    if found:
        with target.open("rb") as file:
            name, size, _sha256 = media.save(f"{form.name}.m4s", File(file))
        crashpoint("video.cut")
        Rendition.objects.filter(pk=form.pk, name=form.name).update(
            pieces=found, pieces_name=name, pieces_size=size
        )
    target.unlink(missing_ok=True)


def _split(
    ffmpeg: str,
    video: Video,
    version: int,
    kind: str,
    here: Path,
    seconds: float,
    starts: list[int],
    name: str,
) -> None:
    """Keep a long form a second time in parts, for browsers that do not stream; the row names all of them or none.

    *name* is that of a form by the recipe of today, which has key frames where parts begin.
    """
    form = Rendition.objects.get(video=video, version=version, kind=kind)
    store = media.storage()
    kept = all(store.exists(name) for name in form.part_names)
    if kept and [start for start, _seconds, _size in form.parts] == (starts if len(starts) > 1 else []):
        return
    made: list[pieces.Part] = []
    if len(starts) > 1:
        source = _local(form.name, here / f"whole{Path(form.name).suffix}")
        how: dict[str, Any] = {"has_keys": form.name == name, "timeout": conf.VIDEO_TIMEOUT}
        for part, path in cutting.split(ffmpeg, kind, source, here, seconds=seconds, starts=starts, **how):
            made.append(part)
            with path.open("rb") as file:
                media.save(form.part_name(len(made)), File(file))
            path.unlink()
        crashpoint("video.split")
    weight = sum(size for _start, _seconds, size in made)
    Rendition.objects.filter(pk=form.pk, name=form.name).update(parts=made, parts_size=weight)


def _slides(
    ffmpeg: str,
    video: Video,
    version: int,
    source: Path | None,
    here: Path,
    kept: transcode.Kept,
    seconds: float,
    progress: Callable[[float], None],
) -> None:
    """Keep the slides, found in the lightest form and drawn from the recording; without any, that there are none."""
    kind, recipe = Rendition.Kind.SLIDES, stills.recipe()
    name = _name(video, version, f"{kind}-{recipe}", ".webps")
    if _is_made(video, version, kind, name):
        return
    shown = [
        form
        for form in Rendition.objects.filter(video=video, version=version).order_by("size")
        if form.kind in transcode.RUNGS and transcode.RUNGS[form.kind].height
    ]
    if not shown:
        return
    light, heavy = (_local(form.name, here / f"{form.kind}.mp4") for form in (shown[0], shown[-1]))
    how: dict[str, Any] = {"seconds": seconds, "timeout": conf.VIDEO_TIMEOUT}
    parts: list[pieces.Still] = []
    whole = here / "slides.webps"
    try:
        frames = stills.grey(ffmpeg, light, here / "grey", progress=lambda share: progress(share / 3), **how)
        found = slides.find(frames)
        with whole.open("wb") as together:
            for number, (start, at) in enumerate(found):
                most = stills.allowance(seconds, len(found))
                moment = max(0.0, min(at + 0.5, seconds - 0.5))

                def draw(target: Path, moment=moment, most=most) -> None:
                    stills.still(ffmpeg, source or heavy, target, at=moment, most=most)

                crashpoint("video.still")
                data = kept(f"slide-{recipe}-{len(found)}-{at}.webp", draw).read_bytes()
                parts.append((start, together.tell(), len(data)))
                together.write(data)
                progress((1 + 2 * (number + 1) / len(found)) / 3)
    except transcode.EncoderStopped:
        raise
    except transcode.Unusable:
        # The lecture can be watched without; it is tried again when somebody asks for what is missing.
        return
    crashpoint("video.slides")
    _keep(video, version, kind, whole, name, "application/octet-stream", parts)


def _local(name: str, here: Path) -> Path:
    """A stored file as one on this machine; fetched to *here* first where the storage is elsewhere."""
    store = media.storage()
    if not store.exists(name):
        raise transcode.Unusable("source_missing")
    try:
        return Path(store.path(name))
    except NotImplementedError:
        with store.open(name, "rb") as remote, here.open("wb") as local:
            shutil.copyfileobj(remote, local, 1 << 20)
        return here
