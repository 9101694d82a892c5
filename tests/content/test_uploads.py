"""Recordings sent part by part: cuts, kills, strangers, limits; at the end the very bytes that were sent."""

import base64
import hashlib
import os
import random
import time
from datetime import timedelta
from itertools import pairwise

import pytest
from django.conf import settings
from django.core.files.storage import InMemoryStorage
from django.db import IntegrityError, connection, transaction
from django.test import Client, override_settings
from django.urls import reverse

from content import reasons
from content.actions import VideoRefused, drop_upload, open_upload, sweep_uploads, uploads, write_upload
from content.actions.uploads import NoSpace, TooManyUploads, UploadBusy, WrongOffset
from content.models import Upload, Video
from lms import clock, media
from lms.actions import end_role
from tests.content.test_videos import files, private  # noqa: F401
from tests.factories import content as make
from tests.factories.cast import role

PART = "application/offset+octet-stream"
VERSION = {"Tus-Resumable": "1.0.0"}
NOBODY = {"shows_patient": "no"}
"""What the form asks about patients."""


def bytes_of(*, size=300_000, seed=1) -> bytes:
    """Bytes that begin like an MP4 file."""
    return b"\x00\x00\x00\x18ftypmp42" + random.Random(seed).randbytes(size - 12)


def metadata(**told) -> str:
    return ",".join(f"{key} {base64.b64encode(str(text).encode()).decode()}" for key, text in told.items())


def begin(client, at, length, *, name="bai-giang.mp4", **more):
    told = {"Upload-Length": str(length), "Upload-Metadata": metadata(filename=name, facility=at.pk, **more)}
    return client.post(reverse("lms_content_videos:uploads"), headers={**VERSION, **told})


def place(client, at, length, **more) -> str:
    answer = begin(client, at, length, **more)
    assert answer.status_code == 201, answer.content.decode()
    return answer["Location"]


def send(client, url, data: bytes, offset: int, **headers):
    told = {**VERSION, "Upload-Offset": str(offset), **headers}
    return client.generic("PATCH", url, data, PART, headers=told)


def offset_of(client, url) -> int:
    answer = client.head(url, headers=VERSION)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return int(answer["Upload-Offset"])


def ung_begins(cast, data, **values) -> Upload:
    return open_upload(cast.bach_mai, by=cast.ung.user, name="bai.mp4", length=len(data), **values)


def reader(data: bytes, *, upto: int | None = None):
    """What reads *data* as it comes over a line that is cut after *upto* bytes."""
    rest = data if upto is None else data[:upto]

    def read(size):
        nonlocal rest
        piece, rest = rest[:size], rest[size:]
        return piece

    return read


def feed(upload, data, offset=0, **more):
    return write_upload(upload, offset=offset, length=len(data) - offset, read=reader(data[offset:], **more))


# --- whole, whatever happens


def test_an_upload_cut_ten_times_arrives_whole(cast, private):  # noqa: F811
    data, client = bytes_of(), cast.client(cast.ung)
    url = place(client, cast.bach_mai, len(data))
    cuts = sorted(random.Random(7).sample(range(1, len(data)), 10))
    upload = Upload.objects.get()
    for start, end in pairwise([0, *cuts]):
        # Everything up to the end is announced, and the line is cut after a part of it.
        assert offset_of(client, url) == start
        feed(upload, data, start, upto=end - start)
    last = send(client, url, data[cuts[-1] :], cuts[-1])

    assert last.status_code == 204
    assert last["Upload-Offset"] == str(len(data))
    assert hashlib.sha256(upload.path.read_bytes()).digest() == hashlib.sha256(data).digest()


def test_the_form_takes_what_has_arrived_and_leaves_no_second_copy(cast, private):  # noqa: F811
    data, client = make.clip(), cast.client(cast.ung)
    url = place(client, cast.bach_mai, len(data), name="Bài giảng số 1.mp4")
    send(client, url, data, 0)
    form = {"facility": cast.bach_mai.pk, "title": "Nhận biết đột quỵ", "transcript": "", **NOBODY}

    incomplete = client.post(
        reverse("lms_content_videos:add"), {**form, "title": "", "uploaded": url.split("/")[-2]}
    )
    assert incomplete.status_code == 200
    assert "Bài giảng số 1.mp4" in incomplete.content.decode()
    assert Upload.objects.exists(), "a form with a mistake does not cost the upload"
    saved = client.post(reverse("lms_content_videos:add"), {**form, "uploaded": url.split("/")[-2]})

    video = Video.objects.get()
    assert saved.status_code == 302
    assert (video.source_size, video.source_name) == (len(data), "Bài giảng số 1.mp4")
    assert video.source_sha256 == hashlib.sha256(data).hexdigest()
    assert not Upload.objects.exists()
    assert [path.read_bytes() for path in files(private)] == [data]


def test_a_new_recording_that_came_in_parts_replaces_the_old_one(cast, private):  # noqa: F811
    video, client = make.video(cast.bach_mai, by=cast.ung.user, ready=False), cast.client(cast.ung)
    data = make.clip(6, tone=880)
    url = place(client, cast.bach_mai, len(data))
    send(client, url, data, 0)

    client.post(
        reverse("lms_content_videos:edit", args=[video.pk]),
        {"title": video.title, "transcript": "", "uploaded": url.split("/")[-2], **NOBODY},
    )

    video.refresh_from_db()
    assert (video.version, video.source_sha256) == (2, hashlib.sha256(data).hexdigest())


def test_an_upload_that_is_not_whole_or_somebody_elses_is_no_recording(cast, private):  # noqa: F811
    data, client = bytes_of(), cast.client(cast.ung)
    half = ung_begins(cast, data)
    feed(half, data, upto=1000)
    other = open_upload(cast.viet_duc, by=cast.hoa.user, name="x.mp4", length=len(data))
    feed(other, data)

    for upload in (half, other):
        form = {
            "facility": cast.bach_mai.pk,
            "title": "Bài",
            "transcript": "",
            "uploaded": upload.pk,
            **NOBODY,
        }
        page = client.post(reverse("lms_content_videos:add"), form)
        assert page.status_code == 200
        assert "chọn lại" in page.content.decode()
    assert not Video.objects.exists()
    assert Upload.objects.count() == 2


def test_the_same_file_chosen_again_goes_on_where_it_was(cast, private):  # noqa: F811
    data, client = bytes_of(), cast.client(cast.ung)
    first = place(client, cast.bach_mai, len(data), fingerprint="bai.mp4|300000|1")
    send(client, first, data[:1000], 0)

    assert place(client, cast.bach_mai, len(data), fingerprint="bai.mp4|300000|1") == first
    assert offset_of(client, first) == 1000
    assert place(client, cast.bach_mai, len(data), fingerprint="bai.mp4|300000|2") != first
    assert place(cast.client(cast.hang), cast.bach_mai, len(data), fingerprint="bai.mp4|300000|1") != first


def test_a_checksum_keeps_a_damaged_part_out(cast, private):  # noqa: F811
    data, client = bytes_of(), cast.client(cast.ung)
    url = place(client, cast.bach_mai, len(data))
    good = base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()

    bad = send(client, url, data[:-1] + b"?", 0, **{"Upload-Checksum": f"sha1 {good}"})
    assert (bad.status_code, offset_of(client, url)) == (460, 0)
    assert send(client, url, data, 0, **{"Upload-Checksum": "md9 AAAA"}).status_code == 400
    sent = send(client, url, data, 0, **{"Upload-Checksum": f"sha1 {good}"})

    assert (sent.status_code, offset_of(client, url)) == (204, len(data))


# --- what is refused


def test_a_wrong_offset_is_a_conflict_and_changes_nothing(cast, private):  # noqa: F811
    data, client = bytes_of(), cast.client(cast.ung)
    url = place(client, cast.bach_mai, len(data))
    send(client, url, data[:1000], 0)

    for offset in (0, 999, 1001):
        assert send(client, url, data[1000:2000], offset).status_code == 409
    assert offset_of(client, url) == 1000
    assert Upload.objects.get().path.read_bytes() == data[:1000]


def test_more_than_was_announced_is_refused_before_a_byte_is_kept(cast, private):  # noqa: F811
    data, client = bytes_of(), cast.client(cast.ung)
    url = place(client, cast.bach_mai, len(data) - 1)

    assert send(client, url, data, 0).status_code == 413
    assert offset_of(client, url) == 0
    assert send(client, url, data[:-1], 0).status_code == 204
    assert send(client, url, b"x", len(data) - 1).status_code == 413
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.update(offset=len(data))


@pytest.mark.parametrize(
    ("length", "name", "told"),
    [
        (5000, "bai.mp4", "too_big"),
        (100, "bai.svg", "not_video"),
        (100, "bai", "not_video"),
        (100, "../../etc/passwd", "not_video"),
    ],
)
def test_what_would_not_be_taken_is_refused_before_it_is_sent(
    cast,
    private,  # noqa: F811
    settings,
    length,
    name,
    told,
):
    settings.LMS_CONTENT_VIDEO_MAX_BYTES = 4000
    with override_settings(LANGUAGE_CODE="vi"):
        answer = begin(cast.client(cast.ung), cast.bach_mai, length, name=name)

    assert answer.status_code == 413
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode() == reasons.words(told, {"size": 0, "limit": 0})
    assert not Upload.objects.exists()


def test_a_name_cannot_lead_anywhere(cast, private):  # noqa: F811
    for name in ("../../x.mp4", "C:\\Users\\x.mp4", "a\r\nb/x.mp4", "\x00x.mp4"):
        assert open_upload(cast.bach_mai, by=cast.ung.user, name=name, length=9).name == "x.mp4"
        Upload.objects.all().delete()
    assert len(open_upload(cast.bach_mai, by=cast.ung.user, name="ê" * 500 + ".mp4", length=9).name) == 200


@pytest.mark.parametrize(
    "headers", [{}, {"Upload-Length": "-1"}, {"Upload-Length": "1e3"}, {"Upload-Length": "²"}]
)
def test_a_request_that_says_no_length_begins_nothing(cast, private, headers):  # noqa: F811
    told = {"Upload-Metadata": metadata(filename="x.mp4", facility=cast.bach_mai.pk)}
    client, url = cast.client(cast.ung), reverse("lms_content_videos:uploads")

    assert client.post(url, headers={**VERSION, **told, **headers}).status_code == 400
    assert (
        client.post(
            url, headers={**VERSION, "Upload-Length": "9", "Upload-Metadata": "filename ***"}
        ).status_code
        == 400
    )
    assert client.post(url, headers={"Upload-Length": "9", **told}).status_code == 412
    assert not Upload.objects.exists()


def test_what_begins_like_no_video_is_given_up_at_its_first_part(cast, private):  # noqa: F811
    client = cast.client(cast.ung)
    url = place(client, cast.bach_mai, 10_000)

    answer = send(client, url, b"<svg onload=alert(1)>" * 50, 0)

    assert answer.status_code == 413
    assert answer.content.decode() == reasons.words("not_video", {})
    assert client.head(url, headers=VERSION).status_code == 404
    assert files(private) == []


def test_uploads_under_way_take_room_of_the_hospital(cast, private, settings):  # noqa: F811
    settings.LMS_CONTENT_VIDEO_QUOTA_BYTES = 1_000_000
    ung_begins(cast, bytes_of(size=600_000))

    with pytest.raises(VideoRefused) as refused:
        open_upload(cast.bach_mai, by=cast.hang.user, name="x.mp4", length=600_000)

    assert "1 MB" in refused.value.message
    assert open_upload(cast.viet_duc, by=cast.hoa.user, name="x.mp4", length=600_000)


def test_a_person_has_few_uploads_and_an_idle_one_makes_room(cast, private, settings):  # noqa: F811
    settings.LMS_CONTENT_UPLOADS_AT_ONCE = 2
    data = bytes_of()
    old, new = ung_begins(cast, data), ung_begins(cast, data)
    feed(old, data, upto=1000)
    feed(new, data, upto=1000)

    with pytest.raises(TooManyUploads):
        ung_begins(cast, data)
    assert open_upload(cast.bach_mai, by=cast.hang.user, name="x.mp4", length=9)
    with clock.at(clock.now() + timedelta(hours=2)):
        feed(new, data, 1000, upto=1)
        ung_begins(cast, data)

    assert not Upload.objects.filter(pk=old.pk).exists()
    assert not old.path.exists()
    assert new.path.exists()


def test_a_full_disk_is_told_before_and_meanwhile_and_what_came_is_kept(cast, private, monkeypatch):  # noqa: F811
    data = bytes_of(size=3 * 1024 * 1024)
    upload = ung_begins(cast, data)
    calls = iter([None, OSError(28, "No space left on device")])

    def fsync(handle):
        if error := next(calls, None):
            raise error

    with monkeypatch.context() as patch:
        patch.setattr(uploads.os, "fsync", fsync)
        with pytest.raises(NoSpace, match="No space left"):
            feed(upload, data)
        patch.setattr(uploads.shutil, "disk_usage", lambda path: type("U", (), {"free": 1000}))
        with pytest.raises(NoSpace):
            ung_begins(cast, data, fingerprint="another")

    upload.refresh_from_db()
    assert upload.received == uploads.CHECKPOINT
    feed(upload, data, uploads.CHECKPOINT)
    assert upload.path.read_bytes() == data


def test_a_disk_that_lost_something_is_believed_more_than_the_row(cast, private):  # noqa: F811
    data, client = bytes_of(), cast.client(cast.ung)
    url = place(client, cast.bach_mai, len(data))
    send(client, url, data, 0)
    upload = Upload.objects.get()
    os.truncate(upload.path, 500)

    assert offset_of(client, url) == 500
    assert send(client, url, data[500:], 500).status_code == 204
    assert upload.path.read_bytes() == data


# --- who


@pytest.mark.parametrize("who", ["hoa", "trong", "hang", "admin"])
def test_for_everybody_else_there_is_no_such_upload(cast, private, who):  # noqa: F811
    data = bytes_of()
    url = place(cast.client(cast.ung), cast.bach_mai, len(data))
    client = cast.client(getattr(cast, who))

    assert client.head(url, headers=VERSION).status_code == 404
    assert send(client, url, data, 0).status_code == 404
    assert client.delete(url, headers=VERSION).status_code == 404
    assert Upload.objects.get().received == 0


@pytest.mark.parametrize("who", ["hoa", "trong"])
def test_nobody_uploads_for_a_hospital_that_is_not_the_own(cast, private, who):  # noqa: F811
    assert begin(cast.client(getattr(cast, who)), cast.bach_mai, 1000).status_code == 404
    assert begin(cast.client(cast.ung), cast.bach_mai, 1000).status_code == 201


def test_a_trainer_whose_role_has_ended_uploads_no_more(cast, private):  # noqa: F811
    data, client = bytes_of(), cast.client(cast.ung)
    url = place(client, cast.bach_mai, len(data))
    cast.ung.user.role_assignments.all().delete()
    cast.ung.user.groups.clear()

    assert send(client, url, data, 0).status_code in {302, 403, 404}
    assert Upload.objects.get().received == 0


def test_who_went_to_another_hospital_goes_on_with_nothing_of_the_old_one(cast, private):  # noqa: F811
    url = place(cast.client(cast.ung), cast.bach_mai, 1000)
    end_role(cast.ung.user.role_assignments.get(), by=cast.admin.user)
    role(cast.ung, "trainer", cast.viet_duc)

    assert cast.client(cast.ung).head(url, headers=VERSION).status_code == 404


def test_a_foreign_page_can_send_nothing(cast, private):  # noqa: F811
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = cast.client(cast.ung).cookies
    data = bytes_of()
    url = place(cast.client(cast.ung), cast.bach_mai, len(data))

    assert begin(strict, cast.bach_mai, 1000).status_code == 403
    assert send(strict, url, data, 0).status_code == 403
    strict.get(reverse("lms_content_videos:add"))
    token = {"X-CSRFToken": strict.cookies["csrftoken"].value}
    assert send(strict, url, data, 0, **token).status_code == 204


def test_networks_that_know_only_post_are_served(cast, private):  # noqa: F811
    data, client = bytes_of(), cast.client(cast.ung)
    url = place(client, cast.bach_mai, len(data))
    told = {**VERSION, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}

    assert client.generic("POST", url, data, PART, headers=told).status_code == 204
    assert client.post(url, headers={**VERSION, "X-HTTP-Method-Override": "GET"}).status_code == 405
    assert client.get(url, headers=VERSION).status_code == 405
    assert client.options(url)["Tus-Extension"] == "creation,expiration,termination,checksum"


# --- the end


def test_discarding_leaves_nothing(cast, private):  # noqa: F811
    data, client = bytes_of(), cast.client(cast.ung)
    url = place(client, cast.bach_mai, len(data))
    send(client, url, data[:1000], 0)

    assert client.delete(url, headers=VERSION).status_code == 204
    assert client.delete(url, headers=VERSION).status_code == 404
    assert files(private) == []


def test_the_sweep_forgets_abandoned_uploads_and_files_without_a_row(cast, private):  # noqa: F811
    data = bytes_of()
    old = ung_begins(cast, data)
    feed(old, data, upto=1000)
    with clock.at(clock.now() + timedelta(hours=71)):
        fresh = ung_begins(cast, data)
        feed(fresh, data, upto=1000)
    stray = old.path.with_name("00000000-0000-4000-8000-000000000000")
    stray.write_bytes(b"x")
    os.utime(stray, (time.time() - 90_000, time.time() - 90_000))
    assert sweep_uploads() == 1, "the stray file alone"

    with clock.at(clock.now() + timedelta(hours=73)):
        assert cast.client(cast.ung).head(
            reverse("lms_content_videos:upload", args=[old.pk]), headers=VERSION
        ).status_code in {302, 404}
        assert sweep_uploads() == 1

    assert files(private) == [fresh.path]
    assert list(Upload.objects.all()) == [fresh]


def test_an_upload_that_is_being_fed_is_neither_swept_nor_discarded(cast, private):  # noqa: F811
    data = bytes_of()
    upload = ung_begins(cast, data)
    told = []

    def read(size):
        with clock.at(clock.now() + timedelta(days=9)):
            told.append(sweep_uploads())
        with pytest.raises(UploadBusy):
            drop_upload(upload)
        with pytest.raises(UploadBusy):
            feed(upload, data)
        return b""

    write_upload(upload, offset=0, length=10, read=read)

    assert told == [0]
    assert Upload.objects.get() == upload


def test_a_writer_that_comes_after_the_end_leaves_no_file(cast, private):  # noqa: F811
    upload = ung_begins(cast, bytes_of())
    drop_upload(upload)

    with pytest.raises(Upload.DoesNotExist):
        feed(upload, bytes_of())

    assert files(private) == []


# --- races and kills


def with_private(folder):
    options = {"location": folder, "base_url": None}
    entry = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    return override_settings(STORAGES={**settings.STORAGES, "lms_private": entry})


def feed_slowly(folder, pk, size, pause):
    """Send the whole of an upload from where it stands, as another process."""
    with with_private(folder):
        upload = Upload.objects.get(pk=pk)
        data, start = bytes_of(size=size), upload.received
        give = reader(data[start:])

        def read(wanted):
            time.sleep(pause)
            return give(wanted)

        write_upload(upload, offset=start, length=size - start, read=read)


@pytest.mark.race
def test_of_two_writers_at_once_one_is_refused_and_the_bytes_are_right(race_db, race_cast, private):  # noqa: F811
    data = bytes_of(size=2_000_000)
    upload = ung_begins(race_cast, data)

    def write(number):
        slow = reader(data)

        def read(size):
            time.sleep(0.01)
            return slow(size)

        return write_upload(Upload.objects.get(), offset=0, length=len(data), read=read)

    told = race_db.threads(4, write)

    assert sum(isinstance(one, Upload) for one in told) == 1
    assert sum(isinstance(one, UploadBusy | WrongOffset) for one in told) == 3
    assert upload.path.read_bytes() == data


@pytest.mark.race
def test_without_the_lock_two_writers_would_spoil_the_file(race_db, race_cast, private):  # noqa: F811
    """The naive way that the lock stands for: look at the size, then append."""
    data = bytes_of(size=400_000)
    path = ung_begins(race_cast, data).path

    def naive(number):
        with path.open("ab") as file:
            for start in range(0, len(data), 50_000):
                time.sleep(0.01)
                file.write(data[start : start + 50_000])

    race_db.threads(4, naive)

    assert path.read_bytes() != data


@pytest.mark.race
@pytest.mark.parametrize("point", ["upload.counted", "upload.written"])
def test_a_server_killed_amid_a_part_has_kept_what_it_counted(race_db, race_cast, private, point):  # noqa: F811
    size = 2_500_000
    upload = ung_begins(race_cast, bytes_of(size=size))

    race_db.crash_at(point, feed_slowly, str(private), str(upload.pk), size, 0)

    upload.refresh_from_db()
    assert upload.received == upload.offset
    assert upload.offset == {"upload.counted": 1, "upload.written": 2}[point] * uploads.CHECKPOINT
    assert upload.path.stat().st_size >= upload.offset
    # What lies beyond is not believed: it is written anew, even with other bytes in its place.
    with upload.path.open("ab") as file:
        file.write(b"\x00" * 1000)
    feed_slowly(str(private), str(upload.pk), size, 0)
    assert upload.path.read_bytes() == bytes_of(size=size)


@pytest.mark.race
def test_ten_servers_killed_at_random_cost_no_byte(race_db, race_cast, private):  # noqa: F811
    size, luck = 8_000_000, random.Random(3)
    upload = ung_begins(race_cast, bytes_of(size=size))
    reached = [0]
    for _number in range(10):
        with race_db.process(feed_slowly, str(private), str(upload.pk), size, 0.03) as server:
            before, patience = reached[-1], time.monotonic() + 30
            while Upload.objects.get().offset == before and time.monotonic() < patience:
                time.sleep(0.02)
            time.sleep(luck.uniform(0, 0.3))
            server.kill()
        connection.close()
        upload.refresh_from_db()
        assert upload.offset >= reached[-1], "what was counted stays counted"
        reached.append(upload.offset)
        if upload.is_whole:
            break
    assert len(set(reached)) > 4

    feed_slowly(str(private), str(upload.pk), size, 0)

    assert hashlib.sha256(upload.path.read_bytes()).digest() == hashlib.sha256(bytes_of(size=size)).digest()


def test_where_private_files_lie_in_no_folder_the_plain_form_is_what_there_is(cast, private, monkeypatch):  # noqa: F811
    upload, client = ung_begins(cast, bytes_of()), cast.client(cast.ung)
    monkeypatch.setattr(media, "storage", InMemoryStorage)

    form = client.get(reverse("lms_content_videos:add")).content.decode()
    assert "data-lms-upload=" not in form
    assert begin(client, cast.bach_mai, 1000).status_code == 404
    with clock.at(clock.now() + timedelta(hours=73)):
        assert sweep_uploads() == 1
    assert not Upload.objects.filter(pk=upload.pk).exists()
