"""Slides beside the sound: in the lesson, without scripts, and in the trainer's hands."""

import pytest
from django.urls import reverse

from content.actions import set_captions
from content.models import Rendition, SlideEdit, Slideshow
from courses.models import Lesson, LessonPage, WatchClock, WatchRecord
from lms.models import Facility, Job
from tests.browser.conftest import DESK, PHONE
from tests.factories import content as make

VTT = b"WEBVTT\n\n00:00:00.500 --> 00:00:17.500\nXin ch\xc3\xa0o\n"


@pytest.fixture
def lecture(site):
    """A real lecture of three slides of six seconds, processed."""
    at = Facility.objects.get(pk=site.cast.bach_mai.pk)
    video = make.video(at, title="Huyết áp trong mười phút đầu", data=make.deck())
    yield video
    Job.objects.filter(key=video.job_key).delete()
    video.delete()


@pytest.fixture
def lesson(site, lecture):
    """The lesson of Lan's course with the forms and slides of that lecture."""
    lesson = Lesson.objects.get(pk=site.course.lessons["video"].pk)
    held = Rendition.objects.filter(video=lesson.video)
    columns = ("name", "size", "sha256", "pieces", "pieces_name", "parts", "stills")
    kept = {one.pk: {name: getattr(one, name) for name in columns} for one in held}
    for form in held:
        held.filter(pk=form.pk).update(**lecture.renditions.values(*columns).get(kind=form.kind))
    found = lecture.renditions.values(*columns, "content_type").get(kind="slides")
    slides = Rendition.objects.create(video=lesson.video, version=1, kind="slides", **found)
    set_captions(lesson.video, language="vi", vtt=VTT)
    site.course.enrol(site.cast.khanh)
    WatchRecord.objects.filter(video=lesson.video, enrolment__person=site.cast.khanh).delete()
    # What other journeys of hers reported must not make these reports come too soon.
    WatchClock.objects.filter(person=site.cast.khanh).delete()
    site.forget()
    yield LessonPage.objects.get(translation_key=lesson.key).get_url()
    slides.delete()
    lesson.video.captions.all().delete()
    for pk, values in kept.items():
        held.filter(pk=pk).update(**values)


PLACE = "document.querySelector('video').currentTime"
STILL = "document.querySelector('video').poster"
SAID = """[...document.querySelectorAll("[data-slide], [data-slides] [aria-current]")].map(one => one.innerText.trim())"""


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_the_slide_changes_with_the_sound_and_what_is_heard_counts(site, visit, lesson, size):
    learner, fetched = visit(site.cast.khanh, size=size), []
    page = learner.page
    page.on("request", lambda request: fetched.append(request.url))
    learner.go(lesson)
    first = page.evaluate(STILL)
    page.check("[data-kind=slides]")
    page.select_option("[data-rate]", "2")
    page.locator("[data-slides] summary").click()
    learner.look()
    assert not [url for url in fetched if ".webp" in url or ".m4s" in url or url.endswith("/audio")]

    page.locator(".play").click()
    assert page.wait_for_function(f"() => {STILL}.includes('/slides/1.webp') && {SAID}").json_value() == [
        "Slide 1 / 3 · 0:00",
        "Slide 1 / 3 · 0:00",
    ]
    page.evaluate("document.querySelector('video').textTracks[0].mode = 'showing'")
    # Read in the moment in which it turns: on a slow machine the third is there before the next question.
    place, *said = page.wait_for_function(
        f"() => {STILL}.includes('/slides/2.webp') && [{PLACE}, ...{SAID}]"
    ).json_value()
    assert 6 <= place < 9
    assert said == ["Slide 2 / 3 · 0:06", "Slide 2 / 3 · 0:06"]
    page.wait_for_function("() => document.querySelector('video').textTracks[0].activeCues.length === 1")
    with page.expect_response(lambda one: "/watched/" in one.url and one.status == 200):
        page.evaluate("document.querySelector('video').pause()")
    learner.look()
    record = WatchRecord.objects.get(enrolment__person=site.cast.khanh, video__renditions__kind="slides")
    assert (record.credited, record.bits[0] & 1) == (1, 1)
    assert not [url for url in fetched if url.endswith(("240p", "360p"))]

    # Back to a slide by its link, then sound alone: the slide is gone.
    page.locator("[data-slides] a").first.press("Enter")
    page.wait_for_function(f"() => {STILL}.includes('/slides/1.webp')")
    page.check("[data-kind=audio]")
    page.wait_for_function(f"() => !{STILL}.includes('/slides/')")
    assert page.evaluate(STILL) == first
    assert page.locator("[data-slide]").inner_text() == ""
    page.check("[data-kind=slides]")
    page.evaluate("document.querySelector('video').pause()")

    # The choice is remembered, and the lecture goes on where it stopped.
    page.reload()
    assert page.is_checked("[data-kind=slides]")


def test_without_scripts_there_are_the_sound_and_the_slides_with_their_times(site, visit, lesson):
    learner = visit(site.cast.khanh, scripts=False)
    learner.go(lesson)
    details = learner.page.locator("details[data-slides]")
    details.locator("summary").click()

    assert details.locator("audio").get_attribute("src").endswith("/audio")
    assert details.locator("a").all_inner_texts() == [
        f"Slide {n} / 3 · 0:{6 * (n - 1):02}" for n in (1, 2, 3)
    ]
    learner.look()
    with learner.page.expect_navigation() as opened:
        details.locator("a").nth(1).click()
    assert opened.value.headers["content-type"] == "image/webp"


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_a_trainer_looks_through_the_slides_and_leaves_one_out(site, visit, lecture, size):
    trainer = visit(site.cast.ung, size=size)
    page = trainer.page
    trainer.go(reverse("lms_content_videos:show", args=[lecture.pk]))
    trainer.shoot()
    trainer.assert_fits()
    page.locator("main").get_by_role("link", name="Slide", exact=True).click()
    for number in range(3):
        page.locator(".lms-slides img").nth(number).evaluate("one => one.decode()")
    page.locator("[name=shown]").nth(1).uncheck()
    trainer.look()
    trainer.press("Save the slides")
    page.get_by_text(trainer.say("The slides are stored.")).wait_for()

    assert SlideEdit.objects.get(video=lecture).left_out == [6]
    assert [one.seconds for one in Slideshow.of(lecture).slides] == [0, 12]
    assert not page.locator("[name=shown]").nth(1).is_checked()
