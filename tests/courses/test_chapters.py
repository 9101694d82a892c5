"""Chapters on the lesson page: those of the recording that the learner's class was approved with."""

import pytest

from content.actions import set_chapters
from content.models import Chapter, Video
from courses.models import LessonPage
from tests.factories.programme import programme_a


@pytest.fixture
def lesson(cast):
    course = programme_a(cast)
    assert course.enrol(cast.lan)
    set_chapters(course.video, chapters=[(0, "Mở đầu", "Opening"), (65_500, "Xử trí 10 phút đầu", "")])
    return course, LessonPage.objects.get(translation_key=course.lessons["video"].key).get_url()


def test_chapters_are_links_that_lead_to_their_place_without_scripts(cast, lesson):
    course, url = lesson

    text = cast.client(cast.lan).get(url).content.decode()

    form = course.video.renditions.get(kind="360p") if course.video.renditions.filter(kind="360p") else None
    place = (form or course.video.renditions.get(kind="240p")).url
    assert f'href="{place}#t=65.5" data-seek="65.5"' in text
    assert "1:05</span> Xử trí 10 phút đầu" in text


def test_a_replaced_recording_takes_no_chapter_from_those_who_learn_by_the_old_one(cast, lesson):
    course, url = lesson
    Video.objects.filter(pk=course.video.pk).update(version=2)
    Chapter.objects.create(video=course.video, version=2, at_ms=0, title_vi="Của bản ghi mới")

    text = cast.client(cast.lan).get(url).content.decode()

    assert "Xử trí 10 phút đầu" in text
    assert "Của bản ghi mới" not in text
