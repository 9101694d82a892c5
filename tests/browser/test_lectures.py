"""A trainer looks after a lecture in the admin: what is being made, and its captions."""

import pytest
from django.urls import reverse

from content.actions import set_captions
from content.models import Video
from content.models.videos import TRANSCODE
from lms.models import Facility, Job
from tests.browser.conftest import DESK, PHONE

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
    assert trainer.page.locator("[data-form]").count() == 3
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
