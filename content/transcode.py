"""Everything about ffmpeg: finding it, reading a recording's head, the ladder, running one rung.

Knows no database. Files are named by the caller; nothing of the uploader's reaches an argument
but the bytes themselves. Sizes and rates: measurements behind the ladder are in ``docs``.
"""

import contextlib
import errno
import hashlib
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

CONTAINERS = "mov,matroska,webm,avi"
"""Demuxers that may open an upload; playlists, image sequences and concat scripts are not among them."""
LARGEST_FRAME = (3840, 2160)
FASTEST = 120
SLACK = 0.5
"""Seconds by which a rendition may differ whatever its length: one slow frame and the audio's padding."""
STANDING = "tpad=stop=-1:stop_mode=clone"
"""Where the picture stands still, a screen recorder writes none: the one before stays on, at the end too."""
ON_SCREEN = f"{STANDING},fps=10:start_time=0:round=up"
"""The filter that goes with ``standing_at``."""
STALLED = 120
"""Seconds without any sign of progress after which ffmpeg is stopped."""
POSTER_BYTES = 12_000
STRIP = ["-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-movflags", "+faststart"]
"""Whatever the phone wrote beside picture and sound stays behind; the index comes first."""
EARLY = "2,4,6"
"""Seconds at which the first minute has key frames beside those every ten seconds: short first pieces begin sooner."""
HEAD_BYTES = 2_000_000
"""What ffmpeg may write while it only reads a head: its own complaints."""


Kept = Callable[[str, Callable[[Path], None]], Path]
"""Gives the finished piece of a name, made by the function given where it is not there yet."""
SLIDES_WEIGHT = 15
"""What finding and drawing slides is of the work, as ``Rung.weight``."""
BEFORE = 2
"""Per cent of the work that is done when the first form begins."""


class Unusable(Exception):
    """The recording cannot become a lecture; ``code`` and ``params`` name the sentence in ``reasons``."""

    def __init__(self, code: str, **params):
        super().__init__(code)
        self.code = code
        self.params = params


class FfmpegMissing(Unusable):
    """This server has no ffmpeg."""

    def __init__(self):
        super().__init__("ffmpeg_missing")


class EncoderStopped(Unusable):
    """ffmpeg was stopped by us or fell over: trying again may help."""


@dataclass(frozen=True)
class Probe:
    """What a recording says of itself."""

    seconds: float
    width: int = 0
    height: int = 0
    fps: float = 0
    has_sound: bool = False


@dataclass(frozen=True)
class Rung:
    """One form of a lecture and how it is made."""

    kind: str
    suffix: str
    content_type: str
    weight: int
    """Its share of the work, for the progress shown."""
    height: int = 0
    fps: int = 0
    crf: int = 0
    cap_kbps: int = 0
    profile: str = "baseline"
    extra: list[str] = field(default_factory=list)

    def recipe(self, part: int = 0, cuts: Sequence[int] = ()) -> str:
        """A short hash that changes when the rung, made in parts of *part* seconds, would come out differently."""
        keys = [EARLY, *cuts] if self.height else [""]
        told = json.dumps([self.output_options(), part, *keys], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:8]

    def output_options(self) -> list[str]:
        """ffmpeg's options between input and output: the sound alone, or the picture alone."""
        if not self.height:
            # Sound that starts late or pauses keeps its place beside the picture.
            sound = ["-af", "aresample=async=1:first_pts=0", "-c:a", "aac", "-b:a", "24k", "-ac", "1"]
            return ["-map", "0:a:0", "-vn", *sound, "-ar", "16000", *STRIP]
        # Ten seconds between key frames: slides stand still, and 2 s would triple the size.
        picture = [
            *("-vf", f"fps={self.fps}:start_time=0,scale=-2:'trunc(min({self.height},ih)/2)*2'"),
            *("-c:v", "libx264", "-preset", "medium", "-profile:v", self.profile, "-pix_fmt", "yuv420p"),
            *("-crf", str(self.crf), "-maxrate", f"{self.cap_kbps}k", "-bufsize", f"{2 * self.cap_kbps}k"),
            *("-g", str(10 * self.fps)),
        ]
        return ["-map", "0:v:0", "-an", *picture, *STRIP]


RUNGS = {
    rung.kind: rung
    for rung in (
        Rung("audio", ".m4a", "audio/mp4", 5),
        Rung("240p", ".mp4", "video/mp4", 30, height=240, fps=5, crf=28, cap_kbps=120),
        Rung("360p", ".mp4", "video/mp4", 40, height=360, fps=5, crf=27, cap_kbps=250),
        Rung("480p", ".mp4", "video/mp4", 90, height=480, fps=12, crf=26, cap_kbps=500, profile="main"),
    )
}


def find_ffmpeg(setting: str = "") -> str:
    """Return the absolute path of ffmpeg: *setting*, else the PATH, else the ``imageio-ffmpeg`` package."""
    if setting:
        if found := shutil.which(setting):
            return os.path.abspath(found)
        raise FfmpegMissing
    if found := shutil.which("ffmpeg"):
        return os.path.abspath(found)
    try:
        import imageio_ffmpeg

        found = shutil.which(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        raise FfmpegMissing from None
    if not found:
        # What IMAGEIO_FFMPEG_EXE names is handed on unseen.
        raise FfmpegMissing
    return found


def container_of(head: bytes) -> str:
    """Return the suffix for a recording that begins with *head*, or refuse what is no video file."""
    if not head:
        raise Unusable("empty")
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return ".mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return ".mkv"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return ".avi"
    raise Unusable("not_video")


def probe(ffmpeg: str, source: Path, *, max_seconds: int) -> Probe:
    """Read the head of *source* and refuse what cannot become a lecture."""
    with source.open("rb") as file:
        container_of(file.read(64))
    ran = run(
        [ffmpeg, "-hide_banner", "-nostdin", *reading(source)],
        largest_file=HEAD_BYTES,
        seconds=60,
        deadline=60,
    )
    found = parse_probe(ran)
    if not found.width:
        raise Unusable("no_picture" if found.seconds else "unreadable")
    if not found.seconds:
        raise Unusable("unreadable")
    if found.seconds > max_seconds:
        raise Unusable("too_long", minutes=int(found.seconds // 60), limit=max_seconds // 60)
    if max(found.width, found.height) > LARGEST_FRAME[0] or min(found.width, found.height) > LARGEST_FRAME[1]:
        raise Unusable("too_large_frame", width=found.width, height=found.height, limit="3840 × 2160")
    if found.fps > FASTEST:
        raise Unusable("too_fast", fps=int(found.fps), limit=FASTEST)
    return found


def parse_probe(text: str) -> Probe:
    """Read what ``ffmpeg -i`` printed under ``LC_ALL=C``; there is no ffprobe in every build."""
    seconds = 0.0
    if match := re.search(r"Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", text):
        seconds = int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3])
    width = height = 0
    fps = 0.0
    for line in text.splitlines():
        if not re.match(r"\s*Stream #\d+:\d+.*: Video: ", line) or "attached pic" in line or width:
            continue
        if match := re.search(r", (\d{2,5})x(\d{2,5})\b", line):
            width, height = int(match[1]), int(match[2])
        if match := re.search(r"([\d.]+)(k?) fps", line):
            fps = float(match[1]) * (1000 if match[2] else 1)
    has_sound = bool(re.search(r"Stream #\d+:\d+.*: Audio: ", text))
    return Probe(seconds, width, height, fps, has_sound)


def encode(
    ffmpeg: str,
    rung: Rung,
    source: Path,
    target: Path,
    *,
    seconds: float,
    timeout: int,
    part: int = 120,
    cuts: Sequence[int] = (),
    sound: Path | None = None,
    kept: Kept | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> float:
    """Make *rung* of *source* at *target* and return its length in seconds.

    A picture is made in parts of *part* seconds that *kept* may remember, then joined with the
    finished *sound*; it has key frames at the seconds *cuts*, beside its own. *progress* gets the share done, 0 to 1, about once a second; what it raises
    stops ffmpeg. A rendition that is shorter or longer than *seconds* by more than 0.5 % is
    refused: the upload was cut.
    """
    if rung.height:
        pieces = []
        starts = parts_of(seconds, part)
        for number, start in enumerate(starts):
            length = part if number + 1 < len(starts) else seconds - start
            piece = _Piece(ffmpeg, rung, source, start, length, number + 1 == len(starts), timeout)
            piece.keys = [at - start for at in cuts if start < at < start + length]
            piece.progress = _span(progress, start / seconds, length / seconds)
            name = f"{rung.kind}-{rung.recipe(part, cuts)}-{number}{rung.suffix}"
            pieces.append((start, (kept or _beside(target))(name, piece.make)))
        _join(ffmpeg, pieces, sound, target, seconds=seconds, timeout=timeout)
    else:
        piece = _Piece(ffmpeg, rung, source, 0, seconds, True, timeout)
        piece.progress = progress
        piece.make(target)
    got = _length(ffmpeg, target)
    if abs(got - seconds) > max(0.005 * seconds, SLACK):
        raise Unusable("cut_short", said=round(seconds), got=round(got))
    return got


def parts_of(seconds: float, part: int) -> list[int]:
    """Where the parts of a recording begin; the last has between a half and one and a half times the length."""
    return [number * part for number in range(max(1, round(seconds / part)))]


def shares(kinds: list[str], percent: float) -> dict[str, int]:
    """What per cent of each form is made when *percent* of all is: they are made one after the other.

    *kinds* are rungs of the ladder, and slides.
    """
    weights = {kind: RUNGS[kind].weight if kind in RUNGS else SLIDES_WEIGHT for kind in kinds}
    done = (percent - BEFORE) / (100 - BEFORE) * sum(weights.values())
    told = {}
    for kind, weight in weights.items():
        told[kind] = max(0, min(100, round(100 * done / weight)))
        done -= weight
    return told


@dataclass
class _Piece:
    """One run of ffmpeg over a stretch of the source."""

    ffmpeg: str
    rung: Rung
    source: Path
    start: float
    length: float
    is_last: bool
    timeout: int
    keys: list[int] = field(default_factory=list)
    progress: Callable[[float], None] = lambda share: None

    def make(self, target: Path) -> None:
        """Write the stretch to *target*; a stretch without a single picture gives a file without any."""
        rung, seconds = self.rung, self.length
        cap = int((rung.cap_kbps + 64) * 1000 / 8 * (seconds + 60) * 4) + 10_000_000
        argv = [self.ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "error", "-stats_period", "1", "-y"]
        argv += ["-progress", "pipe:1"]
        if self.start:
            argv += ["-ss", f"{self.start}"]
        options = rung.output_options()
        keys = [*([] if self.start else [EARLY]), *map(str, self.keys)]
        if rung.height and keys:
            options += ["-force_key_frames", ",".join(keys)]
        if not self.is_last:
            argv += ["-t", f"{seconds}"]
            # Rounding must not give the seam a picture twice.
            options += ["-frames:v", str(int(seconds * rung.fps))]
        run(
            [*argv, *reading(self.source), *options, f"file:{target}"],
            largest_file=cap,
            seconds=(self.timeout + 60) * (os.cpu_count() or 1),
            deadline=self.timeout,
            wanted=seconds,
            progress=self.progress,
            must=True,
        )


def _join(
    ffmpeg: str,
    pieces: list[tuple[int, Path]],
    sound: Path | None,
    target: Path,
    *,
    seconds: float,
    timeout: int,
) -> None:
    """Put finished pieces one after the other without touching a picture, and the sound beside them."""
    # Where the picture stands still for minutes, a screen recorder writes none: the one before stays on.
    shown = [(start, path) for start, path in pieces if _length(ffmpeg, path)]
    if not shown:
        raise Unusable("unreadable")
    lines = ["ffconcat version 1.0"]
    for (start, path), after in zip(shown, [*shown[1:], None], strict=True):
        quoted = str(path).replace("'", r"'\''")
        lines.append(f"file '{quoted}'")
        if after:
            lines.append(f"duration {after[0] - start}")
    listed = target.with_suffix(".ffconcat")
    listed.write_text("\n".join(lines) + "\n")
    argv = [ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-protocol_whitelist", "file"]
    argv += ["-format_whitelist", "concat,mov", "-f", "concat", "-safe", "0", "-i", f"file:{listed}"]
    argv += [*reading(sound), "-map", "0:v:0", "-map", "1:a:0"] if sound else ["-map", "0:v:0"]
    size = sum(path.stat().st_size for _, path in shown) + (sound.stat().st_size if sound else 0)
    run(
        [*argv, "-c", "copy", *STRIP, f"file:{target}"],
        largest_file=2 * size + 10_000_000,
        seconds=timeout + 60,
        deadline=timeout,
        must=True,
    )
    listed.unlink()


def _length(ffmpeg: str, path: Path) -> float:
    """Seconds that a file made here can be played; 0 where it holds nothing."""
    argv = [ffmpeg, "-hide_banner", "-nostdin", *reading(path)]
    return parse_probe(run(argv, largest_file=HEAD_BYTES, seconds=60, deadline=60)).seconds


def _beside(target: Path) -> Kept:
    """Pieces in the folder of *target*, remembered by nobody."""

    def make(name: str, write: Callable[[Path], None]) -> Path:
        write(target.with_name(name))
        return target.with_name(name)

    return make


def _span(progress: Callable[[float], None], start: float, width: float) -> Callable[[float], None]:
    """The progress of a stretch as a part of the whole."""
    return lambda share: progress(min(1.0, start + share * width))


def poster(ffmpeg: str, source: Path, target: Path, *, seconds: float, at: float | None = None) -> None:
    """Write the still of *source* at second *at* as a JPEG of at most 12 kB where any size of it allows."""
    second = min(3.0, seconds / 2) if at is None else max(0.0, min(at, seconds - 0.5))
    for width, quality in ((640, 6), (640, 12), (480, 10), (480, 18), (320, 14), (320, 31)):
        argv = [
            ffmpeg,
            "-hide_banner",
            "-nostdin",
            "-loglevel",
            "error",
            "-y",
            *standing_at(source, second),
        ]
        argv += ["-vf", f"{ON_SCREEN},scale='min({width},iw)':-2"]
        argv += ["-map_metadata", "-1", "-pix_fmt", "yuvj420p", "-q:v", str(quality), "-f", "image2"]
        argv += ["-update", "1", f"file:{target}"]
        run(argv, largest_file=5_000_000, seconds=120, deadline=120, must=True)
        if not target.exists():
            raise Unusable("unreadable")
        if target.stat().st_size <= POSTER_BYTES:
            return


def reading(source: Path) -> list[str]:
    """ffmpeg's arguments for the input with everything but that one local file shut off."""
    whitelist = ["-protocol_whitelist", "file", "-format_whitelist", CONTAINERS]
    return [*whitelist, "-i", f"file:{source}"]


def standing_at(source: Path, second: float) -> list[str]:
    """ffmpeg's arguments for the one picture on the screen at *second*; ``ON_SCREEN`` comes first among its filters."""
    # From the key frame before: the picture of a moment may have begun minutes ago.
    return ["-noaccurate_seek", "-ss", f"{second:.2f}", *reading(source), "-map", "0:v:0", "-frames:v", "1"]


def run(
    argv: list[str],
    *,
    largest_file: int,
    seconds: int,
    deadline: float,
    wanted: float = 0,
    progress: Callable[[float], None] = lambda share: None,
    must: bool = False,
) -> str:
    """Run ffmpeg under limits in its own session and return what it said on standard error.

    *largest_file* are bytes, *seconds* of its processor, *deadline* of the clock. With *must* it has to
    succeed: EncoderStopped where trying again may help, OSError for a full disk, else Unusable.
    """
    launcher = [sys.executable, "-I", "-S", str(Path(__file__).with_name("confined.py"))]
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                [*launcher, str(largest_file), str(seconds), *argv],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                start_new_session=True,
                env={"LC_ALL": "C"},
                cwd="/",
            )
        except OSError as error:
            raise EncoderStopped("encoder") from error
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        try:
            with process.stdout as pipe:
                finished = _watch(pipe, deadline=deadline, wanted=wanted, progress=progress)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=30 if finished else 0)
            finished = finished and process.poll() is not None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        said.seek(0)
        text = said.read(1_000_000).decode("utf-8", "replace")
    if not finished:
        raise EncoderStopped("stopped")
    if must and process.returncode < 0:
        raise EncoderStopped("encoder")
    if must and "No space left on device" in text:
        raise OSError(errno.ENOSPC, "No space left on device")
    if must and process.returncode:
        raise Unusable("unreadable")
    return text


def _watch(pipe: IO[bytes], *, deadline: float, wanted: float, progress: Callable[[float], None]) -> bool:
    """Read ffmpeg's progress until it closes *pipe*; False when it ran out of time or stalled."""
    started = last_sign = time.monotonic()
    pending = b""
    where = -1
    while True:
        ready, _, _ = select.select([pipe], [], [], 1.0)
        now = time.monotonic()
        if ready:
            chunk = os.read(pipe.fileno(), 65536)
            if not chunk:
                return True
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                name, _, value = line.partition(b"=")
                if name == b"out_time_us" and value.strip().isdigit() and int(value) > where:
                    where = int(value)
                    last_sign = now
                    if wanted:
                        progress(min(1.0, where / 1e6 / wanted))
        if now - started > deadline or now - last_sign > STALLED:
            return False
