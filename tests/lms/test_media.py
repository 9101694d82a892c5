"""Private files: whole or not at all, sent in the parts asked for, kept by nobody else."""

import hashlib
import io
import os

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import File
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import Http404

from lms import media

BODY = bytes(range(256)) * 1000


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "lms_private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path), "base_url": None},
        },
    }
    # Closing an answer would look after the connection that an earlier test left open; none of these has a database.
    request_finished.disconnect(close_old_connections)
    try:
        yield tmp_path
        while SENT:
            SENT.pop().close()
    finally:
        request_finished.connect(close_old_connections)


SENT = []
"""Responses of this test, closed after it as a server would."""


@pytest.fixture
def stored():
    return media.save("videos/1/bai-giang.mp4", BODY)[0]


def send(rf, name, method="get", content_type="video/mp4", headers=None, **kwargs):
    request = getattr(rf, method)("/", headers=headers or {})
    SENT.append(media.serve(request, name, content_type=content_type, **kwargs))
    return SENT[-1]


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


# --- storing


@pytest.mark.parametrize("data", [b"x" * 10, File(io.BytesIO(b"x" * 10))])
def test_a_file_is_stored_under_its_name_with_size_and_hash(folder, data):
    assert media.save("a/b.bin", data) == ("a/b.bin", 10, hashlib.sha256(b"x" * 10).hexdigest())
    assert (folder / "a/b.bin").read_bytes() == b"x" * 10
    assert list(folder.rglob("*.tmp")) == []


def test_storing_again_replaces_the_file(folder):
    media.save("a.bin", b"old")
    media.save("a.bin", b"new")

    assert (folder / "a.bin").read_bytes() == b"new"
    assert len(list(folder.iterdir())) == 1


def test_a_failure_half_way_leaves_the_old_file_and_no_rest(folder):
    class Broken(File):
        def chunks(self, size=None):
            yield b"half"
            raise OSError(28, "No space left on device")

    media.save("a.bin", b"old")
    with pytest.raises(media.MediaUnwritable) as refused:
        media.save("a.bin", Broken(io.BytesIO()))

    assert "No space left on device" in str(refused.value)
    assert (folder / "a.bin").read_bytes() == b"old"
    assert [path.name for path in folder.iterdir()] == ["a.bin"]


def test_a_folder_that_takes_no_files_gives_a_readable_message(folder):
    # A file stands where the folder should be: unwritable for everybody, root included.
    (folder / "videos").write_bytes(b"")

    with pytest.raises(media.MediaUnwritable) as refused:
        media.save("videos/1.mp4", b"x")

    assert str(folder) not in str(refused.value)


@pytest.mark.parametrize("name", ["../outside.bin", "/etc/lms", "a/../../b"])
def test_a_name_cannot_leave_the_folder(name):
    with pytest.raises(SuspiciousFileOperation):
        media.save(name, b"x")


def test_rests_of_killed_processes_are_swept_after_a_day(folder):
    old, new = folder / ".abc.tmp", folder / ".def.tmp"
    for path in (old, new):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))

    assert media.sweep_temporary() == 1
    assert not old.exists()
    assert new.exists()


# --- sending


def test_the_whole_file_is_sent_privately_and_harmlessly(rf, stored):
    response = send(rf, stored)

    assert response.status_code == 200
    assert body(response) == BODY
    assert response["Content-Length"] == str(len(BODY))
    assert response["Cache-Control"].startswith("private")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Accept-Ranges"] == "bytes"
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=100-199", 100, 199),
        ("bytes=255990-", 255990, 255999),
        ("bytes=-5", 255995, 255999),
        ("bytes=-999999", 0, 255999),
        ("bytes=255999-999999", 255999, 255999),
        ("bytes=0-", 0, 255999),
    ],
)
def test_a_part_is_sent_as_asked(rf, stored, asked, first, last):
    response = send(rf, stored, headers={"Range": asked})

    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(BODY)}"
    assert body(response) == BODY[first : last + 1]
    assert response["Content-Length"] == str(last + 1 - first)


@pytest.mark.parametrize("asked", ["bytes=256000-", "bytes=9-3", "bytes=-0"])
def test_a_part_beyond_the_file_is_refused(rf, stored, asked):
    response = send(rf, stored, headers={"Range": asked})

    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(BODY)}"


NINES = f"bytes={'9' * 5000}-"


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=a-b", "bytes=²-", NINES, "x"]
)
def test_a_range_nobody_understands_gets_everything(rf, stored, asked):
    response = send(rf, stored, headers={"Range": asked})

    assert response.status_code == 200
    assert body(response) == BODY


def test_a_copy_already_held_is_not_sent_again(rf, stored):
    tag = send(rf, stored)["ETag"]

    assert send(rf, stored, headers={"If-None-Match": tag}).status_code == 304
    assert send(rf, stored, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_changed_file_has_another_tag_and_ends_a_resumed_download(rf, stored):
    tag = send(rf, stored)["ETag"]
    media.save(stored, BODY + b"more")

    response = send(rf, stored, headers={"Range": "bytes=5-9", "If-Range": tag})
    assert response.status_code == 200
    assert response["ETag"] != tag


def test_a_head_request_tells_without_sending(rf, stored):
    response = send(rf, stored, "head")

    assert response["Content-Length"] == str(len(BODY))
    assert response.content == b""


def test_a_vietnamese_file_name_arrives_whole(rf, stored):
    response = send(rf, stored, inline=False, filename="Giấy chứng nhận Đặng Quốc Ưng.pdf")

    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''Gi%E1%BA%A5y%20ch")


def test_a_file_name_cannot_add_a_header(rf, stored):
    response = send(rf, stored, filename='a"\r\nSet-Cookie: x=1.pdf')

    assert "\n" not in response["Content-Disposition"]
    assert "Set-Cookie" not in response.headers


def test_a_pdf_may_be_shown_by_the_browser_but_runs_nothing(rf, stored):
    policy = send(rf, stored, content_type="application/pdf")["Content-Security-Policy"]

    assert "sandbox" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("name", ["videos/none.mp4", "../../etc/passwd", "videos/1", ""])
def test_a_missing_file_is_a_404(rf, stored, name):
    with pytest.raises(Http404):
        send(rf, name)


def test_behind_nginx_the_file_is_named_not_sent(rf, stored, settings):
    settings.LMS_MEDIA_ACCEL = "/_private/"
    name = media.save("tài liệu/bài 1.pdf", b"x")[0]
    response = send(rf, name, headers={"Range": "bytes=0-0"})

    assert response["X-Accel-Redirect"] == "/_private/t%C3%A0i%20li%E1%BB%87u/b%C3%A0i%201.pdf"
    assert response.content == b""
    with pytest.raises(Http404):
        send(rf, "none.pdf")


def test_the_file_is_closed_when_the_reader_leaves(rf, stored, monkeypatch):
    opened = []
    storage = media.storage()
    really_open = storage._open
    monkeypatch.setattr(media, "storage", lambda: storage)
    monkeypatch.setattr(storage, "_open", lambda *args: opened.append(really_open(*args)) or opened[-1])

    send(rf, stored).close()

    assert [file.closed for file in opened] == [True]
