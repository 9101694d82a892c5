"""How fast lectures become their forms, and what an hour of each form weighs."""

import resource
import subprocess
import tempfile
import time
from pathlib import Path

MINUTES = 5
BUDGETS = {"audio": 15, "slides": 18, "240p": 30, "360p": 45, "480p": 80}
"""MB an hour that a learner's line is promised to bear."""
SLIDES = "testsrc=s=1280x720:r=1/20,fps=25"
"""Fifteen pictures that stand still for twenty seconds each."""
SPEAKER = "testsrc2=s=280x210:r=25,noise=alls=12:allf=t"
"""Somebody who moves in a corner all the time."""
VOICE = "anoisesrc=c=pink:a=0.2:r=44100,highpass=120,lowpass=3500,tremolo=f=4:d=0.9"


def transcode_speed(tell) -> None:
    """Real time per core and MB an hour, form by form, through the very calls of the job.

    The source is made here: slides, a moving speaker and something as busy as a voice. A camera that
    moves weighs more, up to the cap of each form; a real voice weighs less.
    """
    from content import transcode
    from content.conf import conf

    ffmpeg, seconds = transcode.find_ffmpeg(conf.FFMPEG), MINUTES * 60
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        source, sound = here / "source.mp4", here / "sound.m4a"
        argv = [ffmpeg, "-hide_banner", "-loglevel", "error", "-nostdin", "-y"]
        for one in (SLIDES, SPEAKER, VOICE):
            argv += ["-f", "lavfi", "-i", one]
        argv += ["-filter_complex", "[0][1]overlay=W-w-20:20[v]", "-map", "[v]", "-map", "2:a"]
        argv += ["-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-b:a", "96k"]
        subprocess.run([*argv, str(source)], check=True, timeout=1200)
        how = {"seconds": seconds, "timeout": 3600, "part": conf.VIDEO_PART_SECONDS}
        total = 0.0
        for kind, rung in transcode.RUNGS.items():
            target = here / f"{kind}{rung.suffix}" if rung.height else sound
            before = _spent()
            # The sound is made first and used by every form with a picture.
            transcode.encode(ffmpeg, rung, source, target, sound=sound if rung.height else None, **how)
            taken = _spent() - before
            total += taken if kind in conf.LADDER else 0
            tell(f"transcode_{kind}", seconds / taken, "× real time per core", None)
            size = target.stat().st_size
            tell(f"transcode_{kind}_weight", size / 1e6 * 3600 / seconds, "MB an hour", BUDGETS[kind])
        taken, heavy, found = _slides(ffmpeg, here, source, seconds)
        tell("slides", seconds / taken, "× real time per core", None)
        tell("slides_found", found, f"of {seconds // 20} slides", None)
        weight = (heavy + sound.stat().st_size) / 1e6 * 3600 / seconds
        tell("slides_and_sound_weight", weight, "MB an hour", BUDGETS["slides"])
        tell("transcode", seconds / (total + taken), "× real time per core, all forms", 6)


def _slides(ffmpeg: str, here: Path, source: Path, seconds: int) -> tuple[float, int, int]:
    """CPU seconds, bytes and number of the slides of *source*, found in its lightest form as the job does."""
    from content import slides, stills

    before, began = _spent(), time.process_time()
    frames = stills.grey(ffmpeg, here / "240p.mp4", here / "grey", seconds=seconds, timeout=3600)
    found, heavy = slides.find(frames), 0
    for _start, at in found:
        target, most = here / "still.webp", stills.allowance(seconds, len(found))
        stills.still(ffmpeg, source, target, at=at + 0.5, most=most)
        heavy += target.stat().st_size
    return _spent() - before + time.process_time() - began, heavy, len(found)


def _spent() -> float:
    """CPU seconds of all programs that have been started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
