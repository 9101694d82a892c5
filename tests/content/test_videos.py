"""A lecture from the upload to the phone: actions, the job, kills in between, who may fetch it."""

import functools
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import reverse

from content import reasons, transcode
from content.actions import (
    VideoRefused,
    add_video,
    cancel_processing,
    process_again,
    process_video,
    processing,
    replace_video,
    set_captions,
    sweep_pieces,
)
from content.conf import conf
from content.models import Rendition, Video
from content.models.videos import TRANSCODE
from lms import media, queue
from lms.models import Job
from lms.verify import breaches
from tests.factories import content as make


@pytest.fixture
def private(settings, tmp_path_factory):
    """A private folder of this test alone; always at one place, so that what many tests store can be repeated."""
    folder = tmp_path_factory.getbasetemp() / "private"
    shutil.rmtree(folder, ignore_errors=True)
    options = {"location": str(folder), "base_url": None}
    entry = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "lms_private": entry}
    return folder


def the_job():
    return Job.objects.get(kind=TRANSCODE)


def files(folder):
    return sorted(p for p in folder.rglob("*") if p.is_file()) if folder.exists() else []


@pytest.fixture
def video(cast, private):
    """A finished lecture of Bạch Mai."""
    return make.video(cast.bach_mai, by=cast.ung.user)


def test_an_upload_becomes_sound_two_pictures_and_a_poster(video):
    assert video.state == Video.State.READY
    assert [form.kind for form in video.ready_renditions()] == ["audio", "240p", "360p"]
    assert video.poster.size <= 12_000
    assert video.playable
    assert video.duration_ms == pytest.approx(4000, abs=100)
    assert list(breaches("lms_content")) == []


def test_the_job_waits_in_the_video_queue_and_tells_how_far_it_is(cast, private):
    video = make.video(cast.bach_mai, ready=False)
    assert the_job().queue == "video"
    seen = []

    process_video(video, version=1, progress=lambda pct, note="": seen.append((pct, note)))

    assert [pct for pct, _ in seen] == sorted(pct for pct, _ in seen)
    assert seen[-1][0] <= 100
    assert len({note for _, note in seen}) == 5


def test_the_same_upload_twice_is_one_lecture(cast, private):
    one = make.video(cast.bach_mai, ready=False)
    two = make.video(cast.bach_mai, ready=False)

    assert one == two
    assert len(files(private)) == 1
    assert make.video(cast.viet_duc, ready=False) != one


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"<svg onload=alert(1)>", "not_video"),
        (b"\x7fELF" + bytes(99), "not_video"),
        (b"#EXTM3U\nfile:///etc/passwd", "not_video"),
    ],
)
def test_what_is_no_video_is_refused_at_the_door_and_nothing_is_kept(cast, private, data, code):
    with pytest.raises(VideoRefused, match=re.escape(reasons.words(code, {}))):
        add_video(cast.bach_mai, title="x", file=make.upload(data), by=None)

    assert files(private) == []
    assert not Video.objects.exists()
    assert not Job.objects.filter(kind=TRANSCODE).exists()


def test_a_recording_above_the_limit_is_refused_with_both_figures(cast, private, settings):
    settings.LMS_CONTENT_VIDEO_MAX_BYTES = 1000

    with pytest.raises(VideoRefused):
        make.video(cast.bach_mai)


def test_a_hospital_that_has_used_its_room_is_told_the_figures_and_another_is_not_touched(
    cast, private, settings
):
    kept = make.video(cast.bach_mai, ready=False)
    size = kept.source_size
    settings.LMS_CONTENT_VIDEO_QUOTA_BYTES = 2 * size
    assert Video.objects.filter(facility=cast.bach_mai).bytes_kept() == size
    longer = make.upload(make.clip(6))
    before = files(private)

    with pytest.raises(VideoRefused) as refused:
        add_video(cast.bach_mai, title="Bài thứ hai", file=longer, by=None)
    with pytest.raises(VideoRefused):
        replace_video(kept, file=longer, by=None)

    assert str(2 * size // 1_000_000) in refused.value.message
    assert files(private) == before
    assert make.video(cast.viet_duc, ready=False).pk
    settings.LMS_CONTENT_VIDEO_QUOTA_BYTES = 4 * size
    assert add_video(cast.bach_mai, title="Bài thứ hai", file=longer, by=None).pk


def test_a_truncated_upload_fails_with_words_and_the_job_is_over(cast, private):
    whole = make.clip(20)
    video = make.video(cast.bach_mai, data=whole[: len(whole) // 2])

    assert video.state == Video.State.FAILED
    assert json.loads(video.error)[0] == "cut_short"
    assert "20" in video.reason
    assert not video.playable
    assert the_job().state == Job.State.DONE


def test_missing_ffmpeg_is_said_plainly_and_the_job_runs_again_later(cast, private, settings):
    settings.LMS_CONTENT_FFMPEG = "/nowhere/ffmpeg"
    video = make.video(cast.bach_mai)
    assert video.state == Video.State.FAILED
    assert "LMS_CONTENT_FFMPEG" in video.reason

    settings.LMS_CONTENT_FFMPEG = ""
    process_again(video, by=None)
    queue.run_due()

    video.refresh_from_db()
    assert (video.state, video.error) == (Video.State.READY, "")


def test_processing_again_changes_nothing_on_a_finished_lecture(video):
    process_again(video, by=None)

    assert video.state == Video.State.READY
    assert not Job.objects.filter(kind=TRANSCODE, state=Job.State.QUEUED).exists()


def test_an_unwritable_folder_fails_in_words_and_is_tried_again(cast, private, monkeypatch):
    video = make.video(cast.bach_mai, ready=False)
    blocked = private / "video" / str(video.uuid) / "1"
    for name in files(blocked):
        assert name.name.startswith("source")
    # A folder stands where the poster must go: writable for root as well would be a mere chmod.
    clash = blocked / f"poster-{video.source_sha256[:12]}.jpg"
    clash.mkdir()

    queue.run_due()

    video.refresh_from_db()
    assert video.state == Video.State.FAILED
    assert json.loads(video.error)[0] == "storage"
    assert the_job().state == Job.State.QUEUED
    clash.rmdir()
    Job.objects.filter(kind=TRANSCODE).update(run_at="2020-01-01T00:00Z")
    queue.run_due()
    video.refresh_from_db()
    assert video.state == Video.State.READY


def test_a_repeated_run_makes_nothing_twice(video, private):
    before = {path: path.stat().st_mtime_ns for path in files(private)}
    Video.objects.update(state=Video.State.UPLOADED)

    process_video(video, version=1, progress=lambda pct, note="": None)

    assert {path: path.stat().st_mtime_ns for path in files(private)} == before
    assert video.state == Video.State.READY


def test_a_form_whose_file_was_lost_is_made_again(video, private):
    form = video.renditions.get(kind="240p")
    media.storage().delete(form.name)
    assert [breach.what for _, breach in breaches("lms_content.renditions")] == [f"rendition {form.pk}"]
    Video.objects.update(state=Video.State.UPLOADED)

    process_video(video, version=1, progress=lambda pct, note="": None)

    assert list(breaches("lms_content")) == []


def test_a_lecture_called_ready_that_cannot_be_played_is_found(cast, private):
    waiting = make.video(cast.bach_mai, by=cast.ung.user, ready=False)
    assert list(breaches("lms_content")) == []
    Video.objects.update(state=Video.State.READY)

    assert [b.what for _, b in breaches("lms_content.ready_videos")] == [f"video {waiting.pk}"]


def test_a_new_recording_is_the_next_version_and_the_old_forms_stay(video, cast):
    replace_video(video, file=make.upload(make.clip(6, tone=880)), by=cast.ung.user)
    assert (video.version, video.state) == (2, Video.State.UPLOADED)
    assert not video.playable
    queue.run_due()

    video = Video.objects.get()
    assert video.duration_ms == pytest.approx(6000, abs=100)
    assert len(video.ready_renditions(1)) == len(video.ready_renditions(2)) == 3


def test_replacing_by_the_same_bytes_changes_nothing(video, cast):
    replace_video(video, file=make.upload(make.clip()), by=cast.ung.user)

    assert (video.version, video.state) == (1, Video.State.READY)


def replace_under_one_name(video, *, file):
    """The naive way: the next recording has one name, which whoever is refused deletes."""
    name, _size, sha256 = media.save(f"video/{video.uuid}/{video.version + 1}/source.mp4", file)
    here = Video.objects.filter(pk=video.pk, version=video.version)
    if not here.update(version=video.version + 1, source=name, source_sha256=sha256):
        media.storage().delete(name)


def replaced_by_four(race_db, cast, replace) -> Video:
    """A lecture of which four people saw the same version before each of them replaced it."""
    make.video(cast.bach_mai, ready=False)
    seen = [Video.objects.get() for _ in range(4)]
    clips = [make.clip(1, tone=300 + 100 * number) for number in range(4)]

    race_db.threads(4, lambda n: replace(seen[n], file=make.upload(clips[n])))

    return Video.objects.get()


@pytest.mark.race
def test_of_four_who_replace_a_recording_at_once_one_wins_and_keeps_the_recording(
    race_db, race_cast, private
):
    replace = functools.partial(replace_video, by=None)

    video = replaced_by_four(race_db, race_cast, replace)

    assert video.version == 2
    stored = files(private / "video" / str(video.uuid) / "2")
    assert stored == [private / video.source]
    assert hashlib.sha256(stored[0].read_bytes()).hexdigest() == video.source_sha256
    queue.run_due(queues=["video"])
    assert Video.objects.get().playable


@pytest.mark.race
def test_without_names_of_their_own_the_refused_take_the_winners_recording_away(race_db, race_cast, private):
    video = replaced_by_four(race_db, race_cast, replace_under_one_name)

    assert not (private / video.source).exists()


def test_sending_the_old_bytes_again_leaves_the_recording_that_came_meanwhile(cast, private):
    make.video(cast.bach_mai, ready=False)
    stale, fresh = Video.objects.get(), Video.objects.get()
    replace_video(fresh, file=make.upload(make.clip(2)), by=None)

    assert replace_video(stale, file=make.upload(make.clip()), by=None) == fresh

    assert (private / fresh.source).exists()


def test_a_job_of_a_replaced_version_does_nothing(cast, private):
    video = make.video(cast.bach_mai, ready=False)
    replace_video(video, file=make.upload(make.clip(2)), by=None)
    queue.run_due()

    assert set(Rendition.objects.values_list("version", flat=True)) == {2}


def test_a_lecture_without_sound_has_no_sound_form(cast, private):
    video = make.video(cast.bach_mai, data=make.clip(2, sound=False))

    assert [form.kind for form in video.ready_renditions()] == ["240p", "360p"]


def run_the_job():
    queue.run_due(queues=["video"])


@pytest.mark.race
@pytest.mark.parametrize("point", ["video.saved", "video.rendition", "video.cut", "video.split"])
def test_a_job_killed_anywhere_leaves_no_half_file_and_goes_on(race_db, race_cast, settings, point):
    settings.LMS_CONTENT_VIDEO_PLAY_SECONDS = 2
    video = make.video(race_cast.bach_mai, ready=False)

    race_db.crash_at(point, run_the_job)
    # A row never names a file that is not whole.
    assert list(breaches("lms_content.renditions")) == []
    made = list(Rendition.objects.values_list("kind", "name"))
    Job.objects.filter(state=Job.State.RUNNING).update(lease_until="2020-01-01T00:00Z")
    run_the_job()

    video.refresh_from_db()
    assert video.state == Video.State.READY
    assert set(made) <= set(video.renditions.values_list("kind", "name"))
    assert list(Path(tempfile.gettempdir()).glob(f"*{video.uuid}*")) == []
    assert list(breaches("lms_content")) == []


def test_a_worker_that_begins_leaves_the_folder_of_one_that_still_works_alone(cast, private):
    video, begun = make.video(cast.bach_mai, ready=False), []

    def stopped(pct, note):
        raise queue.LeaseLost

    def taken_over_once(pct, note):
        if not begun:
            begun.append(note)
            with pytest.raises(queue.LeaseLost):
                process_video(Video.objects.get(), version=1, progress=stopped)

    process_video(video, version=1, progress=taken_over_once)

    assert (begun != [], video.state, video.reason) == (True, Video.State.READY, "")
    assert list(Path(tempfile.gettempdir()).glob(f"*{video.uuid}*")) == []


# --- in parts


@pytest.fixture
def short_parts(settings):
    """Made in parts of two seconds, played in parts of eight at most."""
    settings.LMS_CONTENT_VIDEO_PART_SECONDS = 2
    settings.LMS_CONTENT_VIDEO_PLAY_SECONDS = 8


def stored_files():
    """The names of all files that rows know."""
    forms = {name for form in Rendition.objects.all() for name in form.stored_names}
    return forms | set(Video.objects.values_list("source", flat=True))


def facts(video, private):
    """Length, streams and pictures of each form and of its parts, as ffmpeg counts them."""
    told = {}
    for form in video.ready_renditions():
        for number, name in enumerate([form.name, *form.part_names]):
            argv = [transcode.find_ffmpeg(conf.FFMPEG), "-hide_banner", "-nostdin", "-i", str(private / name)]
            said = subprocess.run(
                [*argv, "-map", "0", "-c", "copy", "-f", "null", "-"], capture_output=True
            ).stderr
            text = said.decode()
            counted = re.findall(r"frame=\s*(\d+)", text)
            streams = re.findall(r"Stream #0:\d\S*: (\w+): (\w+)", text.partition("Output #0")[0])
            length = re.search(r"Duration: ([\d:.]+)", text)[1]
            told[form.kind + (f" {number}" if number else "")] = (length, streams, counted and counted[-1])
    return told


def test_joined_parts_hold_every_picture_once_and_leave_nothing_behind(cast, private, short_parts):
    video = make.video(cast.bach_mai, data=make.clip(9))

    found = facts(video, private)
    assert video.state == Video.State.READY
    # Nine seconds: parts of eight and one.
    pictures = {"": "45", " 1": "40", " 2": "5"}
    assert {kind: count for kind, (_, _, count) in found.items() if count} == {
        kind + part: count for kind in ("240p", "360p") for part, count in pictures.items()
    }
    assert [len(streams) for _, streams, _ in found.values()] == [1] * 3 + [2] * 6
    assert files(private / "video-parts") == []


def test_a_picture_that_stands_still_over_a_whole_part_keeps_its_place(cast, private, short_parts):
    # Two pictures, eight seconds apart, as a screen recorder writes them.
    video = make.video(cast.bach_mai, data=make.clip(12, rate="1/6"))

    assert video.state == Video.State.READY, video.error
    assert video.duration_ms == pytest.approx(12000, abs=600)


def test_each_form_shows_how_much_of_it_is_made():
    assert transcode.shares(["audio", "240p", "360p"], 0) == {"audio": 0, "240p": 0, "360p": 0}
    assert transcode.shares(["audio", "240p", "360p"], 100) == {"audio": 100, "240p": 100, "360p": 100}
    half = transcode.shares(["audio", "240p", "360p"], 50)
    assert half["audio"] == half["240p"] == 100
    assert 0 < half["360p"] < 10


def work_in_short_parts(private):
    """Run the queue as a worker with this private folder and parts of two seconds."""
    options = {"location": private, "base_url": None}
    entry = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    storages = {**settings.STORAGES, "lms_private": entry}
    with override_settings(
        STORAGES=storages, LMS_CONTENT_VIDEO_PART_SECONDS=2, LMS_CONTENT_VIDEO_PLAY_SECONDS=8
    ):
        queue.run_due(queues=["video"])


@pytest.mark.race
def test_after_random_kills_the_forms_are_the_same_and_no_file_is_left(
    race_db, race_cast, private, short_parts
):
    """KILLS says how many workers are killed; five in the suite. With ``-s`` it tells what it saw."""
    undisturbed = facts(make.video(race_cast.bach_mai, title="Không bị ngắt", data=make.clip(24)), private)
    seed, kills = random.Random(4), int(os.environ.get("KILLS", "5"))
    killed = died_at_work = 0
    lectures: list[Video] = []
    # A worker may have begun with an earlier lecture, too.
    jobs = Job.objects.filter(kind=TRANSCODE)
    while killed < kills:
        # A lecture that is finished before the last kill makes room for another one.
        video = make.video(
            race_cast.bach_mai, title=f"Bị ngắt {len(lectures)}", data=make.clip(24), ready=False
        )
        lectures.append(video)
        while killed < kills and not video.renditions.filter(kind="360p").exists():
            with race_db.process(work_in_short_parts, str(private)) as worker:
                # Every second one dies soon after it has finished something, the others anywhere before.
                before, patience = files(private), time.monotonic() + 30
                while killed % 2 == 0 and files(private) == before and time.monotonic() < patience:
                    time.sleep(0.05)
                time.sleep(seed.uniform(0, 0.5 if killed % 2 == 0 else 4))
                worker.kill()
            killed += 1
            died_at_work += jobs.filter(state=Job.State.RUNNING).exists()
            jobs.update(lease_until="2020-01-01T00:00Z", attempts=0)
    assert died_at_work >= kills // 3

    work_in_short_parts(str(private))

    for video in lectures:
        video.refresh_from_db()
        assert video.state == Video.State.READY
        assert facts(video, private) == undisturbed
        assert list(Path(tempfile.gettempdir()).glob(f"*{video.uuid}*")) == []
    media.sweep_temporary(older_than_seconds=-1)
    stored = stored_files()
    assert {str(path.relative_to(private)) for path in files(private)} == stored
    print(f"{killed} killed, {died_at_work} of them at work, {len(lectures)} lectures: {undisturbed}")


@pytest.mark.race
def test_a_worker_that_was_killed_costs_at_most_one_part(race_db, race_cast, private, short_parts):
    video = make.video(race_cast.bach_mai, data=make.clip(8), ready=False)
    race_db.crash_at("video.piece", work_in_short_parts, str(private))
    kept = files(private / "video-parts")
    assert len(kept) == 1
    before = kept[0].stat().st_mtime_ns

    Job.objects.filter(kind=TRANSCODE).update(lease_until="2020-01-01T00:00Z")
    race_db.crash_at("video.saved", work_in_short_parts, str(private))

    assert kept[0].stat().st_mtime_ns == before
    assert video.state == Video.State.UPLOADED


def test_cancelling_stops_the_worker_and_keeps_the_recording(cast, private, short_parts, monkeypatch):
    monkeypatch.setattr(processing, "LOOK_EVERY", 0)
    video = make.video(cast.bach_mai, data=make.clip(8), ready=False)

    def cancel_once(pct, note):
        if "240p" in note:
            cancel_processing(Video.objects.get(), by=None)

    process_video(video, version=1, progress=cancel_once)

    assert video.state == Video.State.FAILED
    assert video.reason == reasons.words("cancelled", {})
    assert [form.kind for form in video.ready_renditions()] == ["audio"]
    assert files(private / "video-parts") == []
    assert (private / video.source).exists()

    queue.run_due(queues=["video"])
    video.refresh_from_db()
    assert video.state == Video.State.FAILED, "the job that was promised before does nothing"

    process_again(video, by=None)
    queue.run_due(queues=["video"])
    video.refresh_from_db()
    assert video.playable


def test_processing_by_another_recipe_deletes_the_old_forms_once_the_new_ones_stand_and_never_before(
    cast, private, short_parts, settings, monkeypatch
):
    monkeypatch.setattr(processing, "LOOK_EVERY", 0)
    video = make.video(cast.bach_mai, data=make.clip(8))
    folder = private / "video" / str(video.uuid)
    (folder / "2").mkdir()
    other = folder / "2" / "240p-cu-000000000000.mp4"
    other.write_bytes(b"another version")
    before = set(files(folder))
    names = {form.kind: form.name for form in video.ready_renditions()}
    settings.LMS_CONTENT_VIDEO_PART_SECONDS = 3
    Video.objects.filter(pk=video.pk).update(state=Video.State.UPLOADED)

    def cancel_at_the_end(pct, note):
        if "360p" in note:
            cancel_processing(Video.objects.get(), by=None)

    process_video(video, version=1, progress=cancel_at_the_end)
    assert before <= set(files(folder)), "half of it is made: every old file is still there"

    process_again(video, by=None)
    queue.run_due(queues=["video"])

    video.refresh_from_db()
    assert video.state == Video.State.READY
    fresh = {form.kind: form.name for form in video.ready_renditions()}
    assert fresh["360p"] != names["360p"]
    assert set(files(folder)) == {private / name for name in stored_files()} | {other}


def test_a_finished_lecture_cannot_be_cancelled(video):
    assert cancel_processing(video, by=None).state == Video.State.READY


def test_a_lecture_whose_last_worker_died_can_be_processed_again(cast, private):
    video = make.video(cast.bach_mai, ready=False)
    Job.objects.filter(kind=TRANSCODE).update(state=Job.State.DEAD)
    Video.objects.update(state=Video.State.PROCESSING)
    video.refresh_from_db()
    assert not video.is_under_way

    process_again(video, by=None)
    queue.run_due(queues=["video"])

    video.refresh_from_db()
    assert video.state == Video.State.READY


def test_the_sweep_takes_pieces_nobody_waits_for_and_no_others(cast, private):
    video = make.video(cast.bach_mai, ready=False)
    media.save(f"video-parts/{video.pk}-1/x.mp4", b"x")
    media.save(f"video-parts/{video.pk}-7/x.mp4", b"x")

    assert sweep_pieces() == 1

    assert [path.parent.name for path in files(private / "video-parts")] == [f"{video.pk}-1"]


# --- who may fetch it


def test_the_hospitals_own_staff_fetch_a_part_of_it(video, cast):
    form = video.ready_renditions()[-1]

    answer = cast.client(cast.ung).get(form.url, headers={"range": "bytes=0-99"})

    assert answer.status_code == 206
    assert len(answer.getvalue()) == 100
    answer.close()
    assert answer["Content-Type"] == "video/mp4"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer["Cache-Control"]
    assert "sandbox" in answer["Content-Security-Policy"]


def streamed(client, form, *, upto=None):
    """The bytes that a browser has after it played the playlist of *form*."""
    playlist = client.get(form.playlist_url)
    assert playlist["Content-Type"] == "application/vnd.apple.mpegurl"
    named = re.findall(r'URI="([^"]+)"', playlist.content.decode())
    named += [line for line in playlist.content.decode().splitlines() if line[:1] != "#"]
    base = form.playlist_url.rpartition("/")[0]
    return b"".join(client.get(f"{base}/{name}").content for name in named[:upto])


def test_a_lecture_comes_in_pieces_that_make_the_same_lecture(video, cast, tmp_path):
    client = cast.client(cast.ung)
    form = video.ready_renditions()[-1]
    assert [bool(one.pieces) for one in video.renditions.order_by("kind")] == [
        *(True, True, True),
        *(False, False),
    ]

    target = tmp_path / "again.mp4"
    target.write_bytes(streamed(client, form))

    ffmpeg = transcode.find_ffmpeg(conf.FFMPEG)
    found = transcode.probe(ffmpeg, target, max_seconds=60)
    assert (found.seconds, found.height, found.has_sound) == (pytest.approx(4, abs=0.3), 240, True)
    # Much less than the whole is enough to begin.
    assert len(streamed(client, form, upto=2)) < form.size
    number = len(form.pieces)
    assert client.get(form.playlist_url.replace("index.m3u8", f"{number}.m4s")).status_code == 404


def test_a_long_lecture_comes_in_parts_that_are_played_by_themselves(cast, private, short_parts):
    video = make.video(cast.bach_mai, data=make.clip(9))
    client, form = cast.client(cast.ung), video.ready_renditions()[-1]
    assert list(breaches("lms_content")) == []
    assert form.part_starts == "0 8"

    first, second = (client.get(one["url"]) for one in form.shown_parts)

    assert (first["Content-Type"], first["Accept-Ranges"]) == ("video/mp4", "bytes")
    assert [len(one.getvalue()) for one in (first, second)] == [size for _start, _seconds, size in form.parts]
    assert "sandbox" in second["Content-Security-Policy"]
    for number in (0, 3):
        assert (
            client.get(reverse("lms_content:part", args=[video.uuid, 1, "360p", number])).status_code == 404
        )
    assert form.url_at(8.5) == f"{form.url}/part-2#t=0.5"
    before = Video.objects.all().bytes_kept()
    Rendition.objects.filter(pk=form.pk).update(parts_size=0)
    assert before - Video.objects.all().bytes_kept() == form.parts_size == sum(one[2] for one in form.parts)


def test_lost_parts_are_found_and_made_again(cast, private, short_parts):
    video = make.video(cast.bach_mai, data=make.clip(9))
    form = video.ready_renditions()[-1]
    (private / form.part_name(2)).unlink()
    assert [breach.what for _name, breach in breaches("lms_content.renditions")] == [f"rendition {form.pk}"]

    Video.objects.update(state=Video.State.UPLOADED)
    process_video(video, version=1, progress=lambda pct, note="": None)

    assert list(breaches("lms_content")) == []


def test_lost_pieces_are_found_and_made_again(video, private):
    form = video.ready_renditions()[-1]
    (private / form.pieces_name).unlink()
    assert [breach.what for _name, breach in breaches("lms_content.renditions")] == [f"rendition {form.pk}"]

    Video.objects.update(state=Video.State.UPLOADED)
    process_video(video, version=1, progress=lambda pct, note="": None)

    assert list(breaches("lms_content")) == []


def test_for_everybody_else_there_is_no_such_lecture(video, cast, subtests):
    for who in (None, "khanh", "hoa", "trong", "lan", "ha"):
        with subtests.test(who=who):
            client = cast.client(getattr(cast, who) if who else None)
            etag = cast.client(cast.ung).head(video.poster.url)["ETag"]
            set_captions(video, language="vi", vtt=b"WEBVTT\n\n00:00.000 --> 00:01.000\nXin")

            urls = [form.url for form in video.renditions.all()] + [video.captions.get().url]
            lists = [form.playlist_url for form in video.ready_renditions()]
            urls += lists + [each.replace("index.m3u8", "0.m4s") for each in lists]
            urls += [each.replace("index.m3u8", "part-1") for each in lists]
            for url in urls:
                for headers in ({}, {"range": "bytes=0-1"}, {"if-none-match": etag}):
                    assert client.get(url, headers=headers).status_code == 404
                assert client.head(url).status_code == 404


def let_lan_in(user, video):
    return user.username == "lan"


def test_the_host_says_who_else_may_watch(video, cast, settings):
    form = video.poster
    assert cast.client(cast.lan).head(form.url).status_code == 404

    settings.LMS_CONTENT_CAN_WATCH = "tests.content.test_videos.let_lan_in"

    assert cast.client(cast.lan).head(form.url).status_code == 200
    assert cast.client(cast.khanh).head(form.url).status_code == 404


def test_other_versions_kinds_and_methods_are_not_there(video, cast):
    client = cast.client(cast.ung)
    for version, kind in [(2, "240p"), (1, "720p"), (1, "source"), (0, "poster")]:
        assert client.get(reverse("lms_content:video", args=[video.uuid, version, kind])).status_code == 404
    assert client.post(video.poster.url).status_code == 405


def test_captions_come_as_text_that_runs_nothing(video, cast):
    caption = set_captions(
        video, language="vi", vtt="﻿1\r\n00:00:01,000 --> 00:00:02,500\r\nXin chào".encode()
    )

    answer = cast.client(cast.ung).get(caption.url)

    assert answer.content.decode() == "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.500\nXin chào\n"
    for start, shown in [("2", "00:00:00.000 --> 00:00:00.500"), ("-1", "00:00:01.000 --> 00:00:02.500")]:
        part = cast.client(cast.ung).get(f"{caption.url}?from={start}")
        assert f"{shown}\nXin chào" in part.content.decode()
    assert "Xin" not in cast.client(cast.ung).get(f"{caption.url}?from=3").content.decode()
    assert answer["Content-Type"] == "text/vtt; charset=utf-8"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_what_are_no_captions_is_refused(video, subtests):
    for vtt in (b"", b"hello", b"\xff\xfe1\x00", b"<script>alert(1)</script>", b"WEBVTT" + bytes(600_000)):
        with subtests.test(vtt=vtt[:30]), pytest.raises(VideoRefused):
            set_captions(video, language="vi", vtt=vtt)
