"""Chapters and posters of lectures: written by the hospital's trainers, kept per version, seen by learners."""

import io
import itertools

import pytest
from django.urls import reverse
from PIL import Image

from content import reasons, transcode
from content.actions import VideoRefused, process_video, replace_video, set_chapters, set_poster
from content.actions.posters import moments
from content.models import Chapter, Video
from lms import media
from lms.verify import breaches
from tests.content.test_videos import files, private, video  # noqa: F401
from tests.factories import content as make

THREE = [(0, "Mở đầu", "Opening"), (1500, "Nhận biết", ""), (3_725_000, "Tóm tắt", "Summary")]


def rows(*chapters, initial=0, seen=""):
    told = {"chapter-TOTAL_FORMS": len(chapters), "chapter-INITIAL_FORMS": initial, "seen": seen}
    for number, values in enumerate(chapters):
        told |= {f"chapter-{number}-{name}": value for name, value in values.items()}
    return told


def seen_of(page) -> str:
    return page.context["seen"]


def picture(size=(900, 900), kind="JPEG", **more) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(out, kind, **more)
    return out.getvalue()


def poster_bytes(video) -> bytes:  # noqa: F811
    with media.storage().open(Video.objects.get(pk=video.pk).poster.name) as file:
        return file.read()


# --- chapters


def test_chapters_are_stored_in_order_and_replaced_as_a_whole(video):  # noqa: F811
    set_chapters(video, chapters=THREE[::-1])
    set_chapters(video, chapters=THREE)

    stored = list(video.chapters.all())
    assert [(one.at_ms, one.title_vi, one.title_en) for one in stored] == THREE
    assert [one.clock for one in stored] == ["0:00", "0:01", "1:02:05"]
    assert str(stored[1]) == "Nhận biết"


def test_a_trainer_writes_chapters_in_any_order_and_takes_one_away(cast, video):  # noqa: F811
    client, url = cast.client(cast.ung), reverse("lms_content_videos:chapters", args=[video.pk])
    written = [
        {"at": "0:02", "title_vi": "Xử trí", "title_en": ""},
        {"at": "0", "title_vi": "Mở đầu", "title_en": "Opening"},
        {},
    ]
    client.post(url, rows(*written, seen=seen_of(client.get(url))))
    assert [(one.at_ms, one.title_vi) for one in video.chapters.all()] == [(0, "Mở đầu"), (2000, "Xử trí")]

    kept = [
        {"at": "0:00", "title_vi": "Mở đầu", "title_en": "Opening", "DELETE": "on"},
        {"at": "0:02", "title_vi": "Xử trí ban đầu", "title_en": ""},
    ]
    client.post(url, rows(*kept, initial=2, seen=seen_of(client.get(url))))

    assert [(one.at_ms, one.title_vi) for one in video.chapters.all()] == [(2000, "Xử trí ban đầu")]


def test_a_wrong_chapter_is_marked_and_nothing_is_stored(cast, video, subtests):  # noqa: F811
    for wrong in (
        {"at": "abc", "title_vi": "Bài", "title_en": ""},
        {"at": "0:01", "title_vi": "", "title_en": "Only English"},
        {"at": "0:00", "title_vi": "Trùng", "title_en": ""},
        {"at": "9:00", "title_vi": "Sau khi hết", "title_en": ""},
        {"at": "0:01", "title_vi": "x" * 121, "title_en": ""},
    ):
        with subtests.test(title=wrong["title_vi"][:20]):
            client, url = cast.client(cast.ung), reverse("lms_content_videos:chapters", args=[video.pk])
            first = {"at": "0:00", "title_vi": "Mở đầu", "title_en": ""}

            page = client.post(url, rows(first, wrong, seen=seen_of(client.get(url))))

            assert page.status_code == 200
            assert page.context["rows"].total_error_count() == 1
            assert not Chapter.objects.exists()


def test_two_trainers_at_once_do_not_undo_each_other(cast, video):  # noqa: F811
    client, url = cast.client(cast.ung), reverse("lms_content_videos:chapters", args=[video.pk])
    seen = seen_of(client.get(url))
    set_chapters(video, chapters=[(0, "Của người khác", "")])

    client.post(url, rows({"at": "0:01", "title_vi": "Của tôi", "title_en": ""}, seen=seen))

    assert [one.title_vi for one in video.chapters.all()] == ["Của người khác"]


def test_a_new_recording_begins_without_chapters_and_the_old_ones_stay(cast, video):  # noqa: F811
    set_chapters(video, chapters=THREE)
    replace_video(video, file=make.upload(make.clip(6, tone=880)), by=cast.ung.user)

    assert video.chapters.filter(version=1).count() == 3
    assert not video.chapters.filter(version=2).exists()


# --- posters


def test_a_still_of_any_moment_becomes_the_poster_and_the_old_file_goes(
    video,  # noqa: F811
    private,  # noqa: F811
    django_capture_on_commit_callbacks,
):
    before, url, count = poster_bytes(video), video.poster.url, len(files(private))

    with django_capture_on_commit_callbacks(execute=True):
        set_poster(video, at=moments(video)[-1])

    fresh = Video.objects.get(pk=video.pk)
    assert poster_bytes(video) != before
    assert fresh.poster.url != url, "browsers keep a poster for a week"
    assert fresh.poster.size <= transcode.POSTER_BYTES
    assert len(files(private)) == count
    assert list(breaches("lms_content")) == []


@pytest.mark.parametrize(("kind", "size"), [("JPEG", (900, 900)), ("PNG", (60, 2000)), ("WEBP", (3000, 300))])
def test_a_picture_becomes_a_light_poster_that_has_forgotten_where_it_was_taken(video, kind, size):  # noqa: F811
    exif = Image.Exif()
    exif[0x010E] = "Phòng cấp cứu 22.3356"
    set_poster(video, picture=io.BytesIO(picture(size, kind, exif=exif)))

    stored = poster_bytes(video)
    assert len(stored) <= transcode.POSTER_BYTES
    assert b"22.3356" not in stored
    made = Image.open(io.BytesIO(stored))
    assert made.format == "JPEG"
    assert made.width * 9 == pytest.approx(made.height * 16, rel=0.01)


def test_what_is_no_picture_is_refused_and_the_poster_stays(video, subtests):  # noqa: F811
    for data in (
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        b"\xff\xd8\xff" + bytes(500),
        b"\x89PNG\r\n\x1a\n" + bytes(500),
        b"\xff\xd8\xff\xe0<html><script>alert(1)</script>",
        b"GIF89a" + bytes(100),
    ):
        with subtests.test(data=data[:30]):
            before = poster_bytes(video)

            with pytest.raises(VideoRefused) as refused:
                set_poster(video, picture=io.BytesIO(data))

            assert refused.value.message == reasons.words("not_picture", {})
            assert poster_bytes(video) == before


def test_a_picture_of_a_billion_points_is_not_unpacked(video):  # noqa: F811
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    bomb.seek(0)

    with pytest.raises(VideoRefused, match="40"):
        set_poster(video, picture=bomb)
    with pytest.raises(VideoRefused, match="10"):
        set_poster(video, picture=io.BytesIO(bytes(10_000_001)))


def test_processing_again_keeps_the_poster_that_somebody_chose(video):  # noqa: F811
    set_poster(video, picture=io.BytesIO(picture()))
    chosen = poster_bytes(video)
    Video.objects.update(state=Video.State.UPLOADED)

    process_video(video, version=1, progress=lambda pct, note="": None)

    assert poster_bytes(video) == chosen


def test_a_trainer_chooses_a_still_or_sends_a_picture(cast, video):  # noqa: F811
    client, url = cast.client(cast.ung), reverse("lms_content_videos:poster", args=[video.pk])
    frames = client.get(url).context["frames"]
    assert len(frames) == 6
    still = client.get(frames[2]["url"])
    assert (still.status_code, still["Content-Type"]) == (200, "image/jpeg")

    assert client.post(url, {"at": frames[2]["at"]}).status_code == 302
    assert poster_bytes(video) == still.content
    assert client.post(url, {"picture": make.upload(picture(), "p.jpg")}).status_code == 302
    assert poster_bytes(video) != still.content
    for nothing in ({}, {"picture": make.upload(b"<svg/>", "p.jpg")}, {"at": "nan"}, {"at": "-1"}):
        assert client.post(url, nothing).status_code == 200


def test_there_is_no_still_outside_the_lecture(cast, video, subtests):  # noqa: F811
    client, url = cast.client(cast.ung), reverse("lms_content_videos:frame", args=[video.pk])
    for at in ("-1", "1e9", "nan", "x", "inf"):
        with subtests.test(at=at):
            assert client.get(url, {"at": at}).status_code == 400


def test_for_another_hospital_there_is_nothing_to_write_on(cast, video, subtests):  # noqa: F811
    for who, name in itertools.product(("hoa", "trong"), ("chapters", "poster", "frame")):
        with subtests.test(msg=f"{who} {name}"):
            client = cast.client(getattr(cast, who))
            url = reverse(f"lms_content_videos:{name}", args=[video.pk])

            assert client.get(url).status_code == 404
            assert client.post(url, {"at": "1"}).status_code == 404
