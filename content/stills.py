"""The slides of a lecture as pictures: small grey ones to find them by, light ones to learn from."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from content import slides
from content.transcode import ON_SCREEN, STANDING, Unusable, reading, run, standing_at

SIZES = ((1280, 40), (1280, 25), (960, 25), (720, 20), (480, 20), (480, 10))
"""Width and quality of WebP, tried one after the other until a still is light enough."""
HOURLY_BYTES = 6_000_000
"""What the stills of an hour weigh together at most."""
MOST_BYTES = 64_000
"""What one of them weighs at most."""


def recipe() -> str:
    """A short hash that changes when slides would be found or drawn differently."""
    rules = [getattr(slides, name) for name in sorted(vars(slides)) if name.isupper()]
    told = repr([rules, STANDING, SIZES, HOURLY_BYTES, MOST_BYTES])
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def grey(
    ffmpeg: str,
    source: Path,
    target: Path,
    *,
    seconds: float,
    timeout: int,
    progress: Callable[[float], None] = lambda share: None,
) -> list[bytes]:
    """What ``slides.find`` looks at: the picture of each second of *source*; *target* is overwritten."""
    size = slides.WIDTH * slides.HEIGHT
    # Rounded up: the picture of a second is the one that stands at its beginning.
    shrink = (
        f"{STANDING},fps=1:start_time=0:round=up,scale={slides.WIDTH}:{slides.HEIGHT}:flags=area,format=gray"
    )
    argv = [ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "error", "-stats_period", "1", "-y"]
    argv += ["-progress", "pipe:1", *reading(source), "-map", "0:v:0", "-an", "-vf", shrink]
    argv += ["-frames:v", str(max(1, int(seconds)))]
    run(
        [*argv, "-f", "rawvideo", f"file:{target}"],
        largest_file=size * (int(seconds) + 600),
        seconds=timeout + 60,
        deadline=timeout,
        wanted=seconds,
        progress=progress,
        must=True,
    )
    data = target.read_bytes() if target.exists() else b""
    return [data[at : at + size] for at in range(0, len(data) - size + 1, size)]


def allowance(seconds: float, count: int) -> int:
    """Bytes that each of *count* stills of a lecture may have."""
    return min(MOST_BYTES, int(HOURLY_BYTES * seconds / 3600 / count))


def still(ffmpeg: str, source: Path, target: Path, *, at: float, most: int) -> None:
    """Write the picture of *source* at second *at* as a WebP of at most *most* bytes where any size of it allows."""
    drawn = target.with_suffix(".png")
    argv = [ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "error", "-y"]
    argv += [
        *standing_at(source, at),
        "-vf",
        f"{ON_SCREEN},scale='min({SIZES[0][0]},iw)':-2",
        "-map_metadata",
        "-1",
        "-pix_fmt",
        "rgb24",
    ]
    argv += ["-c:v", "png", "-f", "image2", "-update", "1", f"file:{drawn}"]
    run(argv, largest_file=20_000_000, seconds=120, deadline=120, must=True)
    if not drawn.exists():
        raise Unusable("unreadable")
    with Image.open(drawn, formats=["PNG"]) as opened:
        whole = opened.convert("RGB")
    drawn.unlink()
    for width, quality in SIZES:
        width = min(width, whole.width)
        smaller = whole.resize(
            (width, max(1, round(whole.height * width / whole.width))), Image.Resampling.LANCZOS
        )
        smaller.save(target, "WEBP", quality=quality, method=4)
        if target.stat().st_size <= most:
            return
