"""Lectures, questions, tests, checklists and surveys, made through the actions that trainers use."""

import functools
import io
import subprocess
import tempfile
from pathlib import Path

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from content import transcode
from content.actions import add_question, add_video, approve_question
from content.conf import conf
from content.models import (
    Checklist,
    ChecklistItem,
    Guideline,
    Quiz,
    QuizSlot,
    Rendition,
    Survey,
    SurveyQuestion,
    Video,
)
from lms import media, queue
from tests.kept import repeated


@functools.cache
def clip(seconds: float = 4, *, size="320x240", rate=10, sound=True, suffix=".mp4", tone=440) -> bytes:
    """The bytes of a small real recording, made once per kind and run."""
    argv = [transcode.find_ffmpeg(conf.FFMPEG), "-hide_banner", "-loglevel", "error", "-nostdin", "-y"]
    argv += ["-f", "lavfi", "-i", f"testsrc=d={seconds}:s={size}:r={rate}"]
    if sound:
        argv += ["-f", "lavfi", "-i", f"sine=f={tone}:d={seconds}", "-c:a", "aac", "-b:a", "32k"]
    argv += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    argv += ["-metadata", "comment=+22.3356+103.8438/", "-metadata", "title=Cuộc gọi riêng"]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"clip{suffix}"
        subprocess.run([*argv, str(target)], check=True, timeout=60)
        return target.read_bytes()


@functools.cache
def deck(slides: int = 3, *, each: int = 6, speaker=True) -> bytes:
    """The bytes of a small real lecture: *slides* that stand *each* seconds, somebody moving in a corner, sound.

    Without *speaker* it has a picture only where a slide begins, as screen recorders write it.
    """
    argv = [transcode.find_ffmpeg(conf.FFMPEG), "-hide_banner", "-loglevel", "error", "-y"]
    argv += ["-f", "rawvideo", "-pix_fmt", "gray", "-s", "480x270", "-r", f"1/{each}", "-i", "pipe:0"]
    argv += ["-f", "lavfi", "-i", "sine=f=300", "-f", "lavfi", "-i", "testsrc2=s=104x78:r=5"]
    corner = "[0]fps=5[s];[s][2]overlay=W-w-8:8[v]" if speaker else "[0]null[v]"
    argv += ["-filter_complex", corner, "-map", "[v]", "-map", "1:a", "-t", str(slides * each)]
    argv += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "32k"]
    pages = b"".join(page(number).tobytes() for number in range(slides))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "deck.mp4"
        subprocess.run([*argv, str(target)], input=pages, check=True, timeout=60)
        return target.read_bytes()


def page(number: int) -> Image.Image:
    """A slide with lines of its own, as text looks from afar."""
    drawn = Image.new("L", (480, 270), 245)
    pen = ImageDraw.Draw(drawn)
    for line in range(4):
        top = 90 + 40 * line + 12 * (number % 3)
        for word in range((line + number) % 4 + 3):
            pen.rectangle((30 + 60 * word, top, 76 + 60 * word, top + 9), fill=40 + 20 * word)
    pen.rectangle((30, 30, 120 + 60 * (number % 4), 52), fill=30)
    return drawn


def slides(video: Video, *, at=(0, 10, 20)) -> Rendition:
    """Slides of the current version of a lecture whose forms are none that a player could show."""
    stills, data = [], b""
    for second in at:
        drawn = io.BytesIO()
        Image.new("RGB", (64, 36), (200, 200, (40 * second) % 255)).save(drawn, "WEBP")
        stills.append((second, len(data), len(drawn.getvalue())))
        data += drawn.getvalue()
    name, size, sha256 = media.save(f"video/{video.uuid}/{video.version}/slides.webps", data)
    values = {"name": name, "size": size, "sha256": sha256, "stills": stills}
    return Rendition.objects.create(
        video=video, version=video.version, kind="slides", content_type="application/octet-stream", **values
    )


def upload(data: bytes, name="bai-giang.mp4") -> ContentFile:
    """*data* as a browser would send it."""
    return ContentFile(data, name=name)


@repeated
def video(at, *, title="Nhận biết đột quỵ", by=None, data: bytes | None = None, ready=True) -> Video:
    """A lecture of the facility *at*; with *ready* its job has run."""
    made = add_video(at, title=title, file=upload(clip() if data is None else data), by=by)
    if ready:
        queue.run_due(queues=["video"])
        made.refresh_from_db()
    return made


def body(
    stem="Mốc nào tính cửa sổ tái tưới máu?", *, kind="single", options=4, en="Which time starts the window?"
):
    """The words of a question with options a, b, c …"""
    return {
        "kind": kind,
        "stem": {"vi": stem, "en": en},
        "options": [
            {"id": letter, "vi": f"Phương án {letter.upper()}", "en": f"Option {letter.upper()}"}
            for letter in "abcdefghij"[:options]
        ],
        "why": {"vi": "Vì dùng thời điểm cuối còn bình thường.", "en": "Because last known well counts."},
    }


def question(at, code="DQ-01", *, key=("a",), by=None, reviewed_by=None, tags=("đột quỵ",), **words):
    """A question of the bank of *at*; reviewed if somebody is named."""
    made = add_question(at, code=code, body=body(**words), key=list(key), tags=tags, by=by)
    if reviewed_by:
        return approve_question(made, version=made.latest.number, by=reviewed_by)
    return made


def quiz(at, questions=(), *, tag="", count=1, title="Bài kiểm tra cuối khóa", **values) -> Quiz:
    """A test of fixed *questions*, or of *count* drawn by *tag*."""
    made = Quiz.objects.create(facility=at, title_vi=title, title_en="Post-test", **values)
    for position, each in enumerate(questions):
        QuizSlot.objects.create(quiz=made, position=position, question=each)
    if tag:
        QuizSlot.objects.create(quiz=made, position=99, tag=tag, count=count)
    return made


def checklist(at, *, steps=3, critical=(0,), pass_pct=70, title="Xử trí 10 phút đầu") -> Checklist:
    """A checklist whose steps numbered in *critical* are critical."""
    made = Checklist.objects.create(
        facility=at, title_vi=title, title_en="First ten minutes", pass_pct=pass_pct
    )
    for number in range(steps):
        ChecklistItem.objects.create(
            checklist=made,
            position=number,
            text_vi=f"Bước {number + 1}",
            text_en=f"Step {number + 1}",
            is_critical=number in critical,
        )
    return made


def survey(at, *, title="Ý kiến sau khóa học", is_anonymous=True) -> Survey:
    """A survey of one scale and one free text."""
    made = Survey.objects.create(
        facility=at, title_vi=title, title_en="After the course", is_anonymous=is_anonymous
    )
    SurveyQuestion.objects.create(survey=made, position=0, text_vi="Nội dung có ích?", text_en="Useful?")
    SurveyQuestion.objects.create(
        survey=made, position=1, kind="text", text_vi="Góp ý thêm", text_en="More", is_required=False
    )
    return made


def guideline(key="QD3312-2024", **values) -> Guideline:
    """A guideline of the registry; the same one when asked again."""
    defaults = {
        "number": "3312/QĐ-BYT",
        "issued_on": "2024-11-05",
        "issuer": "Bộ Y tế",
        "title": "Hướng dẫn chẩn đoán và điều trị đột quỵ não",
        **values,
    }
    made = Guideline.objects.get_or_create(key=key, defaults=defaults)[0]
    made.refresh_from_db()
    return made
