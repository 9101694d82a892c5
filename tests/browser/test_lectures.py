"""A trainer looks after a lecture in the admin: its upload, what is being made, and its captions."""

import hashlib
import random
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils.translation import override

from content import reasons
from content.actions import set_captions, set_chapters
from content.models import Rendition, Upload, Video
from content.models.videos import TRANSCODE
from courses.models import Lesson, LessonPage, WatchClock, WatchRecord
from lms import clock
from lms.models import Facility, Job
from tests.browser.conftest import DESK, PHONE
from tests.factories import content as make

VTT = """WEBVTT

00:00:00.500 --> 00:00:03.500
Kính chào anh chị đồng nghiệp

00:00:04.000 --> 00:00:07.000
Hôm nay chúng ta học cách nhận biết đột quỵ trong mười phút đầu
"""


@pytest.fixture
def lecture(site):
    """A lecture that a worker is in the midst of."""
    at = Facility.objects.get(pk=site.cast.bach_mai.pk)
    video = Video.objects.create(
        facility=at, title="Nhận biết đột quỵ", state="processing", duration_ms=600_000
    )
    job = Job.objects.create(
        kind=TRANSCODE,
        key=video.job_key,
        queue="nobody",
        state="running",
        progress=30,
        run_at="2099-01-01T00:00Z",
    )
    set_captions(video, language="vi", vtt=VTT.encode())
    yield video
    job.delete()
    video.delete()


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_captions_are_written_and_moved_and_processing_is_cancelled(site, visit, lecture, size):
    trainer = visit(site.cast.ung, size=size)
    trainer.go(reverse("lms_content_videos:show", args=[lecture.pk]))
    assert trainer.page.locator("[data-form]").count() == 4
    trainer.shoot()
    trainer.assert_fits()
    trainer.press("Cancel processing")
    trainer.page.get_by_role("button", name=trainer.say("Process again")).wait_for()

    trainer.page.locator("main").get_by_role("link", name=trainer.say("Captions")).click()
    trainer.page.fill("[name=cue-1-text]", "Hôm nay học về đột quỵ")
    trainer.page.fill("[name=cue-1-start]", "3")
    trainer.press("Save the captions")
    assert trainer.page.locator(".error-message").count() == 1
    trainer.shoot()
    trainer.assert_fits()
    trainer.page.fill("[name=cue-1-start]", "3.6")
    trainer.press("Save the captions")
    trainer.press("+0,5")

    assert trainer.page.input_value("[name=cue-1-start]") == "00:00:04.100"
    assert "Hôm nay học về đột quỵ" in lecture.captions.get().transcript
    trainer.shoot()
    trainer.assert_fits()


# --- a recording over a line that is cut


@pytest.fixture
def recording(tmp_path):
    """A real recording of eight megabytes, more than a slow line carries while it is being cut."""
    clip = make.clip(3, tone=523)
    rest = random.Random(5).randbytes(8_000_000)
    path = tmp_path / "Buổi giảng ngày 12.mp4"
    path.write_bytes(clip + (len(rest) + 8).to_bytes(4, "big") + b"free" + rest)
    return path


def arrived(at_least=0):
    """Wait until more than *at_least* bytes are on the server's disk; how many."""
    deadline = time.monotonic() + 60
    while (found := Upload.objects.values_list("offset", flat=True).first() or 0) <= at_least:
        assert time.monotonic() < deadline, f"the upload stays at {found}"
        time.sleep(0.05)
    return found


def slow(visitor):
    """A line of 120 kB a second; call what is returned to cut it, to mend it, and to make it fast."""
    network = visitor.page.context.new_cdp_session(visitor.page)
    network.send("Network.enable")
    conditions = {
        "offline": False,
        "latency": 20,
        "downloadThroughput": -1,
        "uploadThroughput": 120_000,
    }
    network.send("Network.emulateNetworkConditions", conditions)
    return lambda offline, up=120_000: network.send(
        "Network.emulateNetworkConditions", {**conditions, "offline": offline, "uploadThroughput": up}
    )


def test_an_upload_survives_cuts_a_pause_and_a_reload_and_is_saved_whole(site, visit, recording):
    Upload.objects.all().delete()
    title = "Buổi giảng qua đường truyền yếu"
    trainer = visit(site.cast.ung)
    trainer.go(reverse("lms_content_videos:add"))
    cut = slow(trainer)
    page, panel = trainer.page, trainer.page.locator(".lms-upload")
    page.set_input_files("[name=file]", recording)
    got = arrived()
    for _number in range(3):
        cut(True)
        panel.get_by_text(
            trainer.say("The connection is cut. What has arrived is kept; the upload goes on by itself.")
        ).wait_for()
        cut(False)
        got = arrived(got)
    trainer.shoot()
    trainer.assert_fits()
    panel.get_by_role("button", name=trainer.say("Pause")).click()
    panel.get_by_text(trainer.say("Paused. What has arrived is kept.")).wait_for()
    trainer.shoot()
    kept = arrived()

    page.reload()
    assert panel.is_hidden()
    cut(False, up=-1)
    page.fill("[name=title]", title)
    page.check("[name=shows_patient][value=no]")
    begun = []
    page.on("request", lambda one: one.method == "PATCH" and begun.append(one.headers["upload-offset"]))
    page.set_input_files("input[type=file][data-lms-upload]", recording)
    page.locator("footer button[type=submit]").click()
    panel.get_by_text(
        trainer.say(
            "The lecture will be saved as soon as the recording has arrived. Please leave this page open."
        )
    ).wait_for()
    trainer.shoot()
    page.wait_for_url("**/show/**", timeout=60_000)

    assert int(begun[0]) >= kept > 0, "nothing was sent twice"
    video = Video.objects.get(title=title)
    assert video.source_sha256 == hashlib.sha256(recording.read_bytes()).hexdigest()
    assert video.source_name == recording.name
    assert not Upload.objects.exists()
    trainer.complaints.clear()  # the browser tells each cut as an error
    Job.objects.filter(key=video.job_key).delete()
    video.delete()


def test_a_file_that_is_no_video_is_refused_in_words_and_another_can_be_chosen(
    site, visit, tmp_path, recording
):
    trainer = visit(site.cast.ung, size=DESK)
    trainer.go(reverse("lms_content_videos:add"))
    wrong = tmp_path / "trang.mp4"
    wrong.write_bytes(b"<html><script>alert(1)</script>" * 100)
    panel = trainer.page.locator(".lms-upload")

    trainer.page.set_input_files("input[type=file][data-lms-upload]", wrong)
    with override("vi"):
        panel.get_by_text(reasons.words("not_video", {})).wait_for()
    trainer.shoot()
    trainer.page.set_input_files("input[type=file][data-lms-upload]", recording)
    panel.get_by_text(trainer.say("The recording has arrived. Please fill in the form and save.")).wait_for()
    trainer.shoot()
    with trainer.page.expect_response(lambda one: one.request.method == "DELETE"):
        panel.get_by_role("button", name=trainer.say("Discard")).click()
    panel.wait_for(state="hidden")

    assert not Upload.objects.exists()
    trainer.complaints.clear()


def test_without_scripts_the_form_takes_the_recording_itself(site, visit, recording):
    trainer = visit(site.cast.ung, scripts=False, size=DESK)
    trainer.go(reverse("lms_content_videos:add"))
    assert trainer.page.locator(".lms-upload").count() == 0
    trainer.page.fill("[name=title]", "Bài giảng gửi thẳng")
    trainer.page.check("[name=shows_patient][value=no]")
    trainer.page.set_input_files("[name=file]", recording)
    trainer.page.locator("footer button[type=submit]").click()
    trainer.page.wait_for_url("**/show/**")

    video = Video.objects.get(title="Bài giảng gửi thẳng")
    assert video.source_sha256 == hashlib.sha256(recording.read_bytes()).hexdigest()
    Job.objects.filter(key=video.job_key).delete()
    video.delete()


# --- chapters and poster


@pytest.fixture
def finished(site):
    """A lecture that has been processed, six seconds long."""
    at = Facility.objects.get(pk=site.cast.bach_mai.pk)
    with override_settings(LMS_CONTENT_VIDEO_PLAY_SECONDS=3):
        video = make.video(at, title="Xử trí 10 phút đầu", data=make.clip(6, size="640x360", tone=660))
    yield video
    Job.objects.filter(key=video.job_key).delete()
    video.delete()


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_a_trainer_gives_a_lecture_chapters_and_another_poster(site, visit, finished, size):
    trainer = visit(site.cast.ung, size=size)
    trainer.go(reverse("lms_content_videos:show", args=[finished.pk]))
    trainer.page.locator("main").get_by_role("link", name=trainer.say("Chapters")).click()
    for number, (at, title) in enumerate([("0:00", "Mở đầu"), ("0:09", "Nhận biết bằng BE-FAST")]):
        trainer.page.fill(f"[name=chapter-{number}-at]", at)
        trainer.page.fill(f"[name=chapter-{number}-title_vi]", title)
    trainer.press("Save the chapters")
    assert trainer.page.locator(".error-message").count() == 1
    trainer.shoot()
    trainer.assert_fits()
    trainer.page.fill("[name=chapter-1-at]", "0:03")
    trainer.press("Save the chapters")
    trainer.page.get_by_text(trainer.say("The chapters are stored.")).wait_for()
    trainer.page.locator("main").get_by_role("link", name=trainer.say("Back to the lecture")).click()

    before = finished.poster.sha256
    trainer.page.locator("main").get_by_role("link", name=trainer.say("Poster")).click()
    stills = trainer.page.locator(".lms-frames img")
    for number in range(6):
        stills.nth(number).scroll_into_view_if_needed()
        stills.nth(number).evaluate("one => one.decode()")
    trainer.shoot()
    trainer.assert_fits()
    trainer.page.locator(".lms-frames button").nth(4).click()
    trainer.page.get_by_text(trainer.say("The poster is stored.")).wait_for()
    trainer.shoot()

    fresh = Video.objects.get(pk=finished.pk)
    assert fresh.poster.sha256 != before
    assert [one.title for one in fresh.chapters.all()] == ["Mở đầu", "Nhận biết bằng BE-FAST"]


@pytest.fixture
def lesson(site, finished):
    """The lesson of Lan's course, with the bytes of a real lecture in the place of those that no player could show."""
    lesson = Lesson.objects.get(pk=site.course.lessons["video"].pk)
    held = Rendition.objects.filter(video=lesson.video)
    columns = ("name", "pieces", "pieces_name", "parts")
    kept = {one.pk: {name: getattr(one, name) for name in columns} for one in held}
    for form in held:
        held.filter(pk=form.pk).update(**finished.renditions.values(*columns).get(kind=form.kind))
    site.course.enrol(site.cast.khanh)
    set_chapters(lesson.video, chapters=[(0, "Mở đầu", ""), (3000, "Nhận biết bằng BE-FAST", "")])
    site.forget()
    yield LessonPage.objects.get(translation_key=lesson.key).get_url()
    set_chapters(lesson.video, chapters=[])
    for pk, values in kept.items():
        held.filter(pk=pk).update(**values)


def test_a_learner_goes_to_a_chapter_with_one_tap_and_on_another_device_on_where_she_stopped(
    site, visit, lesson
):
    learner = visit(site.cast.khanh)
    learner.go(lesson)
    learner.look()
    place = "document.querySelector('video').currentTime"
    learner.page.get_by_role("link", name="Nhận biết bằng BE-FAST").click()
    assert learner.page.wait_for_function(f"() => {place} > 3.3 && {place}").json_value() < 5.9
    # The first report comes too soon after others of hers: it is refused, kept, and sent again by itself.
    begun = {"at": clock.now(), "budget": 130, "reports": 0}
    WatchClock.objects.update_or_create(person=site.cast.khanh, defaults=begun)
    told = []
    learner.page.on("response", lambda one: "/watched/" in one.url and told.append(one.status))
    with learner.page.expect_response(lambda one: "/watched/" in one.url and one.status == 200):
        learner.page.evaluate("document.querySelector('video').pause()")
    assert told == [429, 200]
    learner.complaints.clear()
    stopped = learner.page.evaluate(place)
    learner.shoot()

    # On another device: only the server knows the place there.
    learner.page.goto("about:blank")
    learner = visit(site.cast.khanh, size=DESK)
    learner.go(lesson)
    learner.look()
    button = learner.page.locator(".play")
    words = learner.say("Go on from %%s").replace("%%s", f"0:0{int(stopped)}")
    assert button.inner_text().startswith(f"▶ {words} ·")
    button.click()
    learner.page.wait_for_function(f"() => {place} > 0")
    learner.page.wait_for_function(f"() => !document.querySelector('video').seeking && {place} > 0.1")

    assert int(stopped) <= learner.page.evaluate(place) <= 6.2


SAID = """
self.said = [];
new MutationObserver(() => self.said.push(document.querySelector("[data-saved]").textContent))
  .observe(document.querySelector("[data-saved]"), { childList: true, characterData: true, subtree: true });
"""


def test_a_lecture_in_order_holds_back_from_what_comes_later_and_lets_go_back(site, visit, lesson):
    record = Lesson.objects.get(pk=site.course.lessons["video"].pk)
    Lesson.objects.filter(pk=record.pk).update(no_skipping=True)
    site.course.enrol(site.cast.hoa)
    site.forget()
    learner = visit(site.cast.hoa)
    learner.go(lesson)
    learner.page.select_option("[data-rate]", "1.5")
    learner.page.locator(".play").click()
    place = "document.querySelector('video').currentTime"
    learner.page.wait_for_function(f"() => {place} > 0.6")
    assert learner.page.evaluate("document.querySelector('video').playbackRate") == 1.5

    # It stands still, so that a slow machine finds it where it was put; what is said is noted, as news follow each other.
    learner.page.evaluate("document.querySelector('video').pause()")
    learner.page.evaluate(SAID)
    learner.page.evaluate("document.querySelector('video').currentTime = 5")
    learner.page.wait_for_function(f"() => !document.querySelector('video').seeking && {place} < 4")
    words = learner.say("This part comes later: the lecture goes on from %%s.").partition("%")[0]
    learner.page.wait_for_function("words => self.said.some(one => one.startsWith(words))", arg=words)
    learner.look()
    learner.page.evaluate("document.querySelector('video').currentTime = 0")
    learner.page.wait_for_function(f"() => !document.querySelector('video').seeking && {place} < 0.6")

    Lesson.objects.filter(pk=record.pk).update(no_skipping=False)


@pytest.mark.parametrize("is_broken", [False, True], ids=["streams", "falls-back"])
def test_a_browser_that_streams_takes_pieces_and_parts_one_after_the_other_where_that_fails(
    site, visit, lesson, is_broken
):
    learner = visit(site.cast.khanh)
    fetched = []
    lecture = Lesson.objects.get(pk=site.course.lessons["video"].pk).video
    set_captions(lecture, language="vi", vtt=VTT.encode())
    mine = WatchRecord.objects.filter(video=lecture, enrolment__person=site.cast.khanh)
    mine.delete()
    # What other journeys of hers reported must not make these reports come too soon.
    WatchClock.objects.filter(person=site.cast.khanh).delete()
    site.forget()
    learner.page.on("request", lambda request: fetched.append(urlsplit(request.url).path.rpartition("/")[2]))
    if is_broken:
        learner.page.route("**/index.m3u8", lambda route: route.fulfill(status=500, body=""))
    learner.go(lesson)
    assert not [name for name in fetched if name.endswith((".m4s", ".m3u8", "360p", "part-1"))]

    learner.page.locator(".play").click()

    learner.page.wait_for_function("() => document.querySelector('video').currentTime > 0.5")
    assert "index.m3u8" in fetched
    assert ("part-1" in fetched) is is_broken
    assert ("1.m4s" in fetched) is not is_broken
    if is_broken:
        # Over the seam by itself; captions, the place and what counts stay in the time of the lecture.
        shown = "[...document.querySelector('track').track.cues || []].map(one => one.startTime).join()"
        learner.page.evaluate("document.querySelector('track').track.mode = 'showing'")
        learner.page.wait_for_function("() => document.querySelector('video').src.endsWith('/part-2')")
        learner.shoot()
        learner.page.wait_for_function(f"() => {shown} === '0,1'")
        # The first five seconds, of which the seam took none; the lecture of the course has fifty.
        learner.page.wait_for_function("() => document.querySelector('.bar').value === 10")
        learner.page.wait_for_function("() => document.querySelector('video').ended")
        deadline = time.monotonic() + 30
        while mine.get().position not in {5, 6}:
            assert time.monotonic() < deadline, mine.get().position
            time.sleep(0.1)
        assert mine.get().credited == 1
        assert "360p" not in fetched
    learner.page.evaluate("document.querySelector('video').pause()")
    lecture.captions.all().delete()
    assert bool(learner.complaints) is is_broken
    learner.complaints.clear()


# --- what was played and is not counted yet


@pytest.fixture
def watching(site, visit, lesson):
    """Khánh at her lecture with a clock that can be put forward; ``watching.mine`` is what counts of it."""
    video = Lesson.objects.get(pk=site.course.lessons["video"].pk).video
    learner = visit(site.cast.khanh)
    learner.mine = WatchRecord.objects.filter(video=video, enrolment__person=site.cast.khanh)
    learner.mine.delete()
    site.forget()
    learner.page.clock.install()
    learner.go(lesson)
    pay(learner, 130)
    return learner


def pay(learner, seconds):
    """What her account holds for the next report: nothing of a clock that runs behind, or all."""
    at = clock.now() if seconds else clock.now() + timedelta(hours=1)
    account = {"at": at, "budget": seconds, "savings": 0, "reports": 6}
    WatchClock.objects.update_or_create(person=learner.site.cast.khanh, defaults=account)


def told(learner, status=200):
    """The next report of the player, once it is answered."""
    return learner.page.expect_response(lambda one: "/watched/" in one.url and one.status == status)


def play_to_the_end(learner):
    learner.page.evaluate("document.querySelector('video').play()")
    learner.page.wait_for_function("() => document.querySelector('video').ended", timeout=30_000)


def half_a_minute(learner):
    learner.page.clock.fast_forward(31_000)


def test_what_time_does_not_pay_for_at_the_end_of_a_lecture_is_reported_until_it_is_counted(watching):
    pay(watching, 0)
    with told(watching) as first:
        play_to_the_end(watching)
    assert first.value.json()["rest"] == [[0, 5]]

    for _more in range(3):
        pay(watching, 0)
        with told(watching) as again:
            half_a_minute(watching)
        assert again.value.json()["credited"] == 0
    pay(watching, 130)
    with told(watching) as last:
        half_a_minute(watching)

    assert last.value.json()["rest"] == []
    assert watching.mine.get().credited == 1


def test_what_was_played_while_a_slow_report_was_under_way_is_reported_after_it(watching):
    held = []
    watching.page.route("**/watched/", lambda route: held.append(route), times=1)
    watching.page.locator(".play").click()
    watching.page.wait_for_function("() => document.querySelector('video').currentTime > 1")
    watching.page.evaluate("document.querySelector('video').pause()")
    play_to_the_end(watching)
    half_a_minute(watching)
    assert len(held) == 1, "one report at a time"
    with told(watching) as slow:
        held[0].continue_()
    assert slow.value.json()["credited"] == 0

    with told(watching):
        half_a_minute(watching)

    assert watching.mine.get().credited == 1


def test_a_counted_lecture_that_stands_at_its_end_reports_no_more(watching):
    reports = []
    watching.page.on("request", lambda one: "/watched/" in one.url and reports.append(one.url))
    with told(watching):
        play_to_the_end(watching)
    half_a_minute(watching)
    watching.page.wait_for_timeout(300)
    known = len(reports)

    for _more in range(3):
        half_a_minute(watching)
        watching.page.wait_for_timeout(300)

    assert (watching.mine.get().credited, len(reports)) == (1, known)


def test_what_a_page_grown_too_old_could_not_report_counts_after_it_is_loaded_again(watching):
    watching.page.evaluate("document.querySelector('[data-player]').dataset.token += 'x'")
    with told(watching, 403):
        play_to_the_end(watching)
    words = watching.say("This page is too old to report. Please load it again; what was counted is kept.")
    watching.page.locator("[data-saved]", has_text=words).wait_for()
    assert not watching.mine.exists()

    with told(watching) as answer:
        watching.page.reload()

    assert answer.value.json()["credited"] == watching.mine.get().credited == 1
    watching.complaints.clear()
