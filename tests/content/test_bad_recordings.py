"""Recordings that are damaged, gigantic, disguised or malicious, through the whole way from the form to the phone."""

import json
import os
import subprocess
import tempfile
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from django.urls import reverse

from content import reasons, transcode
from content.actions import VideoRefused
from content.conf import conf
from content.models import Upload, Video
from content.models.videos import TRANSCODE
from lms import media
from lms.models import Job
from tests.content.test_videos import files, private  # noqa: F401
from tests.factories import content as make

HTML = b"<!doctype html><script>alert(document.domain)</script>"


def box(kind: bytes, data: bytes) -> bytes:
    return (len(data) + 8).to_bytes(4, "big") + kind + data


@cache
def matroska_with_attachment() -> bytes:
    """An MKV that carries a page with a script and captions with another."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "clip.mp4").write_bytes(make.clip())
        (folder / "page.html").write_bytes(HTML)
        (folder / "words.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\n<script>alert(2)</script>\n")
        argv = [
            transcode.find_ffmpeg(conf.FFMPEG),
            "-loglevel",
            "error",
            "-nostdin",
            "-i",
            folder / "clip.mp4",
        ]
        argv += [
            "-i",
            folder / "words.srt",
            "-attach",
            folder / "page.html",
            "-metadata:s:t",
            "mimetype=text/html",
        ]
        argv += ["-c", "copy", "-c:s", "srt", "-map", "0", "-map", "1", folder / "out.mkv"]
        subprocess.run(argv, check=True, timeout=60)
        return (folder / "out.mkv").read_bytes()


def archive() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("../../bai.mp4", make.clip())
    return out.getvalue()


def nothing_is_left(private, video=None):  # noqa: F811
    """Neither a piece nor a temporary file; of *video* only what its rows name."""
    forms = video.renditions.all() if video else ()
    known = {name for form in forms for name in form.stored_names} | ({video.source} if video else set())
    left = {str(path.relative_to(private)) for path in files(private)}
    scratch = Path(tempfile.gettempdir()).glob(f"lms-video-{video.uuid}*") if video else ()
    return left == known and not list(scratch)


DISGUISED = {
    "random bytes": lambda: os.urandom(50_000),
    "an SVG with a script": lambda: (
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    ),
    "a page": lambda: HTML,
    "a PDF": lambda: b"%PDF-1.7\n" + bytes(1000),
    "a ZIP that reaches outside": archive,
    "a program": lambda: b"\x7fELF\x02\x01\x01" + bytes(2000),
    "a playlist of files": lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "a playlist of addresses": lambda: b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
    "a concat script": lambda: b"ffconcat version 1.0\nfile /etc/passwd\n",
    "a DASH manifest": lambda: b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/</BaseURL></MPD>',
    "an image": lambda: b"\x89PNG\r\n\x1a\n" + bytes(500),
    "captions": lambda: b"WEBVTT\n\n00:00.000 --> 00:01.000\nXin",
    "a page before a recording": lambda: HTML + make.clip(),
}


@pytest.mark.parametrize("sample", DISGUISED)
def test_what_only_calls_itself_a_recording_is_refused_by_every_door(cast, private, sample):  # noqa: F811
    data, client = DISGUISED[sample](), cast.client(cast.ung)
    words = reasons.words("not_video", {})
    form = {"facility": cast.bach_mai.pk, "title": "Bài", "transcript": "", "shows_patient": "no"}

    with pytest.raises(VideoRefused, match=r"MP4, MOV"):
        make.video(cast.bach_mai, data=data)
    page = client.post(reverse("lms_content_videos:add"), {**form, "file": make.upload(data)})

    assert page.status_code == 200
    assert words in page.content.decode()
    assert nothing_is_left(private)
    assert not Video.objects.exists()
    assert not Upload.objects.exists()


GIGANTIC = {
    "8192 by 8192 points": (lambda: make.clip(0.2, size="8192x8192", sound=False), "too_large_frame"),
    "a thousand pictures a second": (lambda: make.clip(1, size="64x64", rate=1000, sound=False), "too_fast"),
    "twenty thousand seconds": (
        lambda: make.clip(20_000, size="64x64", rate="1/100", sound=False),
        "too_long",
    ),
    "no index": (lambda: make.clip().replace(b"moov", b"xxxx"), "unreadable"),
    "nothing but a head": (lambda: make.clip()[:40], "unreadable"),
    "cut in the midst": (lambda: make.clip(20)[: len(make.clip(20)) // 2], "cut_short"),
    "a head with a playlist behind it": (
        lambda: box(b"ftyp", b"mp42" + bytes(4) + b"mp42") + b"#EXTM3U\nfile:///etc/passwd\n",
        "unreadable",
    ),
    "an index of lies": (
        lambda: box(b"ftyp", b"mp42" + bytes(4)) + box(b"moov", b"\xff" * 4000),
        "unreadable",
    ),
    "boxes in boxes in boxes": (
        lambda: box(b"ftyp", b"mp42" + bytes(4)) + b"".join(b"\x7f\xff\xff\xffmoov" for _ in range(5000)),
        "unreadable",
    ),
}


@pytest.mark.parametrize("sample", GIGANTIC)
def test_what_cannot_become_a_lecture_ends_in_its_own_words_and_leaves_nothing(cast, private, sample):  # noqa: F811
    make_data, code = GIGANTIC[sample]

    video = make.video(cast.bach_mai, data=make_data())

    assert video.state == Video.State.FAILED
    assert json.loads(video.error)[0] == code, video.reason
    assert video.reason
    assert "%(" not in video.reason
    assert Job.objects.get(kind=TRANSCODE).state == Job.State.DONE, "it is not tried for ever"
    assert nothing_is_left(private, video)


def test_a_recording_that_was_damaged_on_its_way_becomes_a_lecture_of_full_length(cast, private):  # noqa: F811
    whole = bytearray(make.clip(10))
    start = whole.index(b"mdat") + 5000
    for place in range(start, len(whole) - 1000, 997):
        whole[place] ^= 0xFF

    video = make.video(cast.bach_mai, data=bytes(whole))

    assert video.state == Video.State.READY, video.reason
    assert video.duration_ms == pytest.approx(10_000, abs=500)
    assert nothing_is_left(private, video)


@pytest.mark.parametrize(
    "data",
    [
        lambda: make.clip() + box(b"free", HTML),
        lambda: make.clip() + b"%PDF-1.7 " + HTML,
        lambda: make.clip() + archive(),
        matroska_with_attachment,
    ],
    ids=["a page inside", "a PDF behind it", "an archive behind it", "an attachment and captions"],
)
def test_what_rides_along_in_a_recording_reaches_nobody(cast, private, data):  # noqa: F811
    data = data()
    video = make.video(cast.bach_mai, data=data)

    assert video.state == Video.State.READY, video.reason
    for form in video.renditions.all():
        with media.storage().open(form.name) as file:
            sent = file.read()
        assert not any(mark in sent for mark in (b"<script", b"alert(", b"%PDF", b"PK\x03\x04"))
    client = cast.client(cast.ung)
    for kind in ("source", "original", Path(video.source).name.partition(".")[0]):
        assert client.get(reverse("lms_content:video", args=[video.uuid, 1, kind])).status_code == 404
    assert nothing_is_left(private, video)
