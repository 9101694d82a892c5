"""Lectures of the demonstration: drawn, encoded and uploaded like a trainer's own recording."""

import tempfile
from pathlib import Path

from django.core.files import File

from content import transcode
from content.actions import add_video, set_captions, set_chapters
from content.conf import conf
from content.models import Video
from lms.models import Facility

from . import data, people, slides


def title_of(code: str, number: int) -> str:
    """The title under which the lecture of module *number* is found again."""
    return f"{code} · {data.programme(code)['modules'][number]['vi']}"[:200]


def numbers_of(code: str) -> list[int]:
    """The modules of a programme that are lectures."""
    return [n for n, module in enumerate(data.programme(code)["modules"]) if module["kind"] == "video"]


def find(code: str, number: int, facility: Facility) -> Video | None:
    """The lecture of a module, once it was uploaded."""
    return Video.objects.filter(facility=facility, title=title_of(code, number)).first()


def upload(code: str, number: int, facility: Facility) -> Video:
    """Make the lecture of a module and upload it, unless it is there; a job then makes its renditions."""
    if known := find(code, number, facility):
        return known
    deck = slides.slides_of(data.programme(code), number)
    # Another pitch for each lecture, so that one hears which file plays.
    pitch = 174 + 22 * number + 6 * data.PROGRAMMES.index(code)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{code.lower()}-{number + 1}.mp4"
        slides.encode(deck, source, ffmpeg=transcode.find_ffmpeg(conf.FFMPEG), pitch=pitch)
        with source.open("rb") as handle:
            video = add_video(
                facility,
                title=title_of(code, number),
                file=File(handle, name=source.name),
                by=people.user("giangvien.bachmai"),
            )
    # Drawn slides with a tone.
    video.shows_patient = False
    video.save(update_fields=["shows_patient"])
    set_captions(video, language="vi", vtt=slides.captions_of(deck).encode())
    parts = slides.times_of(deck)
    return set_chapters(
        video, chapters=[(since * 1000, one.heading[:120], one.note[:120]) for since, _until, one in parts]
    )
