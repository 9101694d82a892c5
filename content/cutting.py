"""A finished form of a lecture once more, without touching a picture: pieces for streaming, parts for playing."""

from pathlib import Path

from content import pieces
from content.pieces import Part, Piece
from content.transcode import RUNGS, STRIP, reading, run

QUIET = ["-hide_banner", "-nostdin", "-loglevel", "error", "-y"]


def cut(ffmpeg: str, source: Path, target: Path, *, timeout: int) -> list[Piece]:
    """Cut a finished form at its key frames, without touching a picture: one file, and where its pieces lie.

    Empty where ffmpeg found nothing to cut.
    """
    listed = target.with_suffix(".m3u8")
    argv = [ffmpeg, *QUIET, *reading(source), "-c", "copy"]
    argv += ["-map_metadata", "-1", "-f", "hls", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]
    # Each key frame after two seconds begins a piece; sound alone could be cut anywhere.
    is_sound = source.suffix == RUNGS["audio"].suffix
    argv += ["-hls_time", "10" if is_sound else "2", "-hls_flags", "single_file"]
    argv += ["-hls_segment_filename", f"file:{target}", f"file:{listed}"]
    size = source.stat().st_size
    run(argv, largest_file=2 * size + 10_000_000, seconds=timeout + 60, deadline=timeout, must=True)
    return pieces.parse(listed.read_text()) if listed.exists() and target.exists() else []


def split(
    ffmpeg: str,
    kind: str,
    source: Path,
    folder: Path,
    *,
    seconds: float,
    starts: list[int],
    timeout: int,
    has_keys: bool = True,
) -> list[tuple[Part, Path]]:
    """Cut a finished form of *seconds* where its parts begin: files in *folder*, each to be played by itself.

    A picture needs key frames at *starts*; where it stood still and has none, the one before is carried along.
    Without *has_keys* it has them anywhere: each part carries what lies between and players skip it.
    """
    made, rung = [], RUNGS[kind]
    for start, end in zip(starts, [*starts[1:], seconds], strict=True):
        target, length, is_last = folder / f"part-{start}{rung.suffix}", end - start, start == starts[-1]
        argv = [ffmpeg, *QUIET, "-ss", str(start), *([] if is_last else ["-t", str(length)])]
        argv += [*reading(source), "-map", "0", "-c", "copy"]
        if rung.height and has_keys and not is_last:
            # Stored not in the order in which they are shown: counted, so that no picture is on both sides of the seam.
            argv += ["-frames:v", str(int(length * rung.fps))]
        size = source.stat().st_size
        argv += [*STRIP, f"file:{target}"]
        run(argv, largest_file=2 * size + 10_000_000, seconds=timeout + 60, deadline=timeout, must=True)
        made.append(((start, round(length, 3), target.stat().st_size), target))
    return made
