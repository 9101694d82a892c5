"""Slides beside the sound: made with the other forms, looked through by a trainer, added to older lectures."""

import io
import json

import pytest
from django.core.management import call_command
from django.urls import reverse
from PIL import Image, ImageChops

from content import stills
from content.actions import (
    cancel_processing,
    complete_videos,
    process_again,
    process_video,
    processing,
    replace_video,
    set_chapters,
    set_slides,
)
from content.models import Rendition, SlideEdit, Slideshow, Video
from content.models.videos import CANCELLED, TRANSCODE
from lms import media, queue
from lms.models import Job
from lms.verify import breaches
from tests.content.test_videos import facts, files, private, run_the_job, stored_files
from tests.factories import content as make

__all__ = ["private"]


@pytest.fixture(autouse=True)
def short_ladder(settings):
    """One form with a picture is enough here."""
    settings.LMS_CONTENT_LADDER = ["audio", "240p"]


@pytest.fixture
def lecture(cast, private):
    """A real lecture of three slides of six seconds and a speaker in the corner."""
    return processed(cast, private)


_processed: dict = {}
"""What the job made of the lecture when it was first run here: it makes the same each time, which takes seconds."""


def processed(cast, private) -> Video:
    video = make.video(cast.bach_mai, data=make.deck(), by=cast.ung.user, ready=False)
    here, mark = private / "video" / str(video.uuid), str(video.uuid)
    if not _processed:
        queue.run_due(queues=["video"])
        video.refresh_from_db()
        rows = list(video.renditions.order_by("pk").values())
        for row in rows:
            del row["id"], row["video_id"], row["created_at"]
        _processed.update(
            rows=json.dumps(rows).replace(mark, "MARK"),
            files={path.relative_to(here): path.read_bytes() for path in files(here)},
            video={name: getattr(video, name) for name in ("state", "duration_ms", "width", "height")},
        )
        return video
    for place, data in _processed["files"].items():
        (here / place).write_bytes(data)
    for row in json.loads(_processed["rows"].replace("MARK", mark)):
        Rendition.objects.create(video=video, **row)
    Job.objects.filter(kind=TRANSCODE).delete()
    Video.objects.filter(pk=video.pk).update(**_processed["video"])
    return Video.objects.get()


def test_a_lecture_of_slides_is_offered_as_stills_beside_the_sound(lecture):
    show = Slideshow.of(lecture)

    assert [(slide.number, slide.clock) for slide in show.slides] == [
        (1, "0:00"),
        (2, "0:06"),
        (3, "0:12"),
    ]
    assert show.is_offered
    assert show.size == show.sound.size + show.form.size
    assert max(slide.size for slide in show.slides) <= stills.allowance(18, 3)
    assert list(breaches("lms_content")) == []
    assert "slides" not in [form.kind for form in lecture.ready_renditions()]


def test_each_still_is_the_slide_of_its_moment_as_sharp_as_the_recording(lecture, cast):
    client, seen = cast.client(cast.ung), []
    for slide in Slideshow.of(lecture).slides:
        answer = client.get(slide.url)
        assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/webp", "nosniff")
        assert "private" in answer["Cache-Control"]
        with Image.open(io.BytesIO(answer.content)) as picture:
            assert picture.size == (480, 270)
            seen.append(picture.convert("L").resize((32, 18)).tobytes())
    # The pattern is another at each slide; two pictures of one slide would differ by the speaker alone.
    for one, two in zip(seen, seen[1:], strict=False):
        assert sum(abs(a - b) > 12 for a, b in zip(one, two, strict=True)) > 10
    place = reverse("lms_content:slide", args=[lecture.uuid, 1, 4])
    assert client.get(place).status_code == 404
    assert cast.client(cast.khanh).get(Slideshow.of(lecture).slides[0].url).status_code == 404


def test_of_a_screen_that_wrote_a_picture_only_where_it_changed_each_slide_is_the_right_one(cast, private):
    video = make.video(cast.bach_mai, data=make.deck(speaker=False))

    slides = Slideshow.of(video).slides

    assert [slide.seconds for slide in slides] == [0, 6, 12]
    for number, slide in enumerate(slides):
        with Image.open(io.BytesIO(cast.client(cast.ung).get(slide.url).content)) as picture:
            shown = picture.convert("L").resize((48, 27))
        unlike = [
            sum(ImageChops.difference(shown, make.page(other).resize((48, 27))).tobytes())
            for other in range(3)
        ]
        assert min(unlike) == unlike[number]


def test_ordinary_moving_video_has_no_slides_and_is_not_searched_again(cast, private):
    video = make.video(cast.bach_mai)

    assert Slideshow.of(video) is None
    form = video.renditions.get(kind="slides")
    assert (form.size, form.stills) == (0, [])
    assert not video.lacks_forms
    assert list(breaches("lms_content")) == []


def test_a_lecture_without_sound_and_a_site_that_wants_none_have_no_slides(cast, private, settings):
    silent = make.video(cast.bach_mai, data=make.clip(2, sound=False), title="Không tiếng")
    settings.LMS_CONTENT_SLIDES = False
    plain = make.video(cast.bach_mai, data=make.deck(), title="Không slide")

    for video in (silent, plain):
        assert not video.renditions.filter(kind="slides").exists()
        assert not video.lacks_forms


def test_the_chapter_tells_what_a_slide_is_about_in_the_readers_language(lecture):
    set_chapters(lecture, chapters=[(6_400, "Nhận biết", "Signs")])

    titles = [slide.title for slide in Slideshow.of(lecture).slides]

    assert titles[0] == "Slide 1 / 3 · 0:00"
    assert titles[1:3] == ["Slide 2 / 3 · 0:06 · Nhận biết", "Slide 3 / 3 · 0:12 · Nhận biết"]


def test_stills_of_an_hour_stay_within_what_is_promised():
    for count in (2, 90, 600):
        assert count * stills.allowance(3600, count) <= stills.HOURLY_BYTES or count == 2
    assert stills.allowance(3600, 2) == stills.MOST_BYTES


# --- what a trainer changes


def test_a_slide_left_out_is_passed_over_and_stays_so_when_all_are_made_anew(lecture, private):
    whole = Slideshow.of(lecture).size
    set_slides(lecture, left_out=[6], is_off=False)
    show = Slideshow.of(lecture)
    assert [(slide.number, slide.count, slide.seconds) for slide in show.slides] == [
        (1, 2, 0),
        (2, 2, 12),
    ]
    assert show.size == whole - show.found[1].size

    media.storage().delete(show.form.name)
    Video.objects.update(state=Video.State.UPLOADED)
    process_video(lecture, version=1, progress=lambda pct, note="": None)

    again = Slideshow.of(lecture)
    assert again.slides == show.slides
    assert again.form.sha256 == show.form.sha256, "the same bytes again"
    assert list(breaches("lms_content")) == []


def test_switched_off_or_all_left_out_it_is_not_offered(lecture):
    set_slides(lecture, left_out=[], is_off=True)
    assert not Slideshow.of(lecture).is_offered

    set_slides(lecture, left_out=[0, 6, 12], is_off=False)
    assert not Slideshow.of(lecture).is_offered
    assert SlideEdit.objects.count() == 1


def test_a_new_recording_begins_without_what_was_changed_about_the_old_one(lecture, cast):
    set_slides(lecture, left_out=[6], is_off=True)
    replace_video(lecture, file=make.upload(make.deck(2)), by=None)
    queue.run_due(queues=["video"])
    video = Video.objects.get()

    assert len(Slideshow.of(video).slides) == 2
    assert Slideshow.of(video).is_offered
    assert len(Slideshow.of(video, 1).slides) == 2
    assert Slideshow.of(video, 1).is_off


def posted(client, url, **values):
    page = client.get(url).content.decode()
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    return client.post(url, {"seen": seen, **values}, follow=True)


def test_a_trainer_takes_the_mark_away_and_another_who_looked_before_is_told(lecture, cast):
    client, url = cast.client(cast.ung), reverse("lms_content_videos:slides", args=[lecture.pk])
    old = client.get(url).content.decode().partition('name="seen" value="')[2].partition('"')[0]

    answer = posted(client, url, is_on="1", shown=["0", "12"])

    assert answer.status_code == 200
    edit = SlideEdit.objects.get()
    assert (edit.left_out, edit.is_off) == ([6], False)
    client.post(url, {"seen": old, "shown": ["0"]})
    posted(client, url, is_on="1", shown=["0", "7"])
    edit.refresh_from_db()
    assert (edit.left_out, edit.is_off) == ([6], False), "what was not seen or is not there changes nothing"
    assert cast.client(cast.khanh).get(url).status_code == 404 or SlideEdit.objects.count() == 1
    shown = client.get(reverse("lms_content_videos:show", args=[lecture.pk])).content.decode()
    assert "2 slide" in shown


# --- room, and what breaks off


def test_slides_count_as_room_and_damage_is_found(lecture, private):
    form = lecture.renditions.get(kind="slides")
    before = Video.objects.all().bytes_kept()
    Rendition.objects.filter(pk=form.pk).update(size=0)
    assert before - Video.objects.all().bytes_kept() == form.size

    Rendition.objects.filter(pk=form.pk).update(size=form.size, stills=form.stills[:1])
    assert [breach.what for _name, breach in breaches("lms_content.renditions")] == [f"rendition {form.pk}"]


@pytest.mark.race
@pytest.mark.parametrize("point", ["video.slides", "video.still"])
def test_a_worker_killed_over_the_slides_leaves_nothing_half_and_another_makes_the_same(
    race_db, race_cast, private, point
):
    settled = make.video(race_cast.viet_duc, data=make.deck())
    video = make.video(race_cast.bach_mai, data=make.deck(), ready=False)

    race_db.crash_at(point, work_here, str(private))
    assert list(breaches("lms_content.renditions")) == []
    assert not video.renditions.filter(kind="slides").exists()
    Job.objects.filter(state=Job.State.RUNNING).update(lease_until="2020-01-01T00:00Z")
    run_the_job()

    video.refresh_from_db()
    assert video.state == Video.State.READY
    one, two = (each.renditions.get(kind="slides") for each in (video, settled))
    assert (one.sha256, one.stills) == (two.sha256, two.stills)
    media.sweep_temporary(older_than_seconds=-1)
    assert {str(path.relative_to(private)) for path in files(private)} == stored_files()


def work_here(folder):
    """Run the queue as a worker with this private folder."""
    from django.conf import settings
    from django.test import override_settings

    options = {"location": folder, "base_url": None}
    entry = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    with override_settings(STORAGES={**settings.STORAGES, "lms_private": entry}):
        queue.run_due(queues=["video"])


def test_ffmpeg_that_fails_over_a_still_leaves_the_lecture_without_slides_and_ready(
    cast, private, monkeypatch
):
    def broken(*args, **kwargs):
        raise processing.transcode.Unusable("unreadable")

    monkeypatch.setattr(stills, "still", broken)
    video = make.video(cast.bach_mai, data=make.deck())

    assert video.state == Video.State.READY
    assert not video.renditions.filter(kind="slides").exists()
    assert video.lacks_forms, "it can be asked for again"


# --- lectures of before


@pytest.fixture
def older(cast, private, settings):
    """A lecture processed when neither slides nor parts were made."""
    settings.LMS_CONTENT_SLIDES = False
    video = make.video(cast.bach_mai, data=make.deck())
    settings.LMS_CONTENT_SLIDES = True
    settings.LMS_CONTENT_VIDEO_PLAY_SECONDS = 10
    return video


def test_what_an_older_lecture_lacks_is_made_while_it_can_be_watched_and_no_form_is_made_anew(older, private):
    assert older.lacks_forms
    before = {form.kind: (form.name, form.sha256) for form in older.ready_renditions()}
    states = []

    process_again(older, by=None)
    process_video(older, version=1, progress=lambda pct, note="": states.append(Video.objects.get().state))

    assert set(states) == {"ready"}
    video = Video.objects.get()
    assert {form.kind: (form.name, form.sha256) for form in video.ready_renditions()} == before
    assert len(Slideshow.of(video).slides) == 3
    assert [form.part_starts for form in video.ready_renditions()] == ["0 10"] * 2
    # Key frames stand elsewhere, so each part carries some of the one before; it lasts as long as it should.
    lengths = {kind: length for kind, (length, _streams, _pictures) in facts(video, private).items()}
    assert [lengths[f"240p {number}"][:8] for number in (1, 2)] == ["00:00:10", "00:00:08"]
    assert list(breaches("lms_content")) == []
    assert not video.lacks_forms


def test_slides_are_made_of_a_lecture_whose_recording_was_deleted(older):
    media.storage().delete(older.source)

    process_again(older, by=None)
    queue.run_due(queues=["video"])

    video = Video.objects.get()
    assert len(Slideshow.of(video).slides) == 3
    assert video.state == Video.State.READY


def test_the_command_promises_what_is_missing_of_all_lectures_once(older, cast, capsys):
    whole = make.video(cast.viet_duc, ready=False)
    Job.objects.filter(key=whole.job_key).delete()
    call_command("lms_complete_videos")
    assert "1" in capsys.readouterr().out
    assert complete_videos() == 0, "it waits already"
    queue.run_due(queues=["video"])

    assert complete_videos() == 0
    assert not Video.objects.get(pk=older.pk).lacks_forms


def test_the_button_of_an_older_lecture_promises_it_and_is_gone_then(older, cast):
    client, url = cast.client(cast.ung), reverse("lms_content_videos:show", args=[older.pk])
    again = reverse("lms_content_videos:again", args=[older.pk])
    assert again in client.get(url).content.decode()

    client.post(again)

    assert Job.objects.filter(kind=TRANSCODE, state=Job.State.QUEUED).count() == 1
    page = client.get(url).content.decode()
    assert again not in page
    progress = client.get(reverse("lms_content_videos:progress", args=[older.pk])).json()
    assert (progress["state"], progress["waiting"]) == ("ready", True)


def test_making_what_is_missing_can_be_called_off_and_the_lecture_stays(older, monkeypatch):
    monkeypatch.setattr(processing, "LOOK_EVERY", 0)
    process_again(older, by=None)

    def cancel_once(pct, note):
        if pct > 50:
            cancel_processing(Video.objects.get(), by=None)

    process_video(older, version=1, progress=cancel_once)

    video = Video.objects.get()
    assert (video.state, video.error) == (Video.State.READY, CANCELLED)
    assert video.playable
    assert not video.renditions.filter(kind="slides").exists()
    queue.run_due(queues=["video"])
    assert not video.renditions.filter(kind="slides").exists(), "the job promised before does nothing"
    process_again(video, by=None)
    queue.run_due(queues=["video"])
    assert Slideshow.of(Video.objects.get())
