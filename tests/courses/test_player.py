"""The player of lectures: what it weighs, and what a browser without scripts or without streaming is given."""

import gzip

import pytest
from django.contrib.staticfiles import finders

from content.actions import set_chapters, set_slides
from content.models import Rendition, Video
from courses.models import LessonPage
from lms import memory
from tests.factories import content as make
from tests.factories.programme import programme_a

BUDGET = 5_000
"""Bytes of our own script, packed, beside the browser's own controls."""


def test_the_script_of_the_player_stays_within_its_budget():
    sizes = {}
    for name in ("player", "played"):
        with open(finders.find(f"lms_courses/{name}.js"), "rb") as file:
            sizes[name] = len(gzip.compress(file.read()))
    print(f"player of lectures: {sum(sizes.values())} of {BUDGET} bytes gz {sizes}")
    assert sum(sizes.values()) <= BUDGET


@pytest.fixture
def page(cast):
    """Lan's lesson, whose 240p has parts of thirty seconds; the lecture itself has fifty."""
    course = programme_a(cast)
    assert course.enrol(cast.lan)
    return lambda: cast.client(cast.lan).get(
        LessonPage.objects.get(translation_key=course.lessons["video"].key).get_url()
    )


def test_a_lecture_in_parts_is_a_list_of_links_with_minutes_and_weight(page):
    form = Rendition.objects.get(kind="240p")

    text = page().content.decode()

    assert 'data-parts="0 30"' in text
    for number, start in ((1, 0), (2, 30)):
        assert (
            f'<a href="{form.url}/part-{number}" data-seek="{start}">Phần {number} (0–1 phút, 0,1 MB)' in text
        )


def test_without_scripts_the_player_begins_with_the_first_part_and_a_short_form_stays_whole(page):
    whole = Rendition.objects.get(kind="360p")
    assert f'src="{whole.url}"' in page().content.decode()

    whole.delete()

    assert f'src="{Rendition.objects.get(kind="240p").url}/part-1"' in page().content.decode()


def test_slides_stand_beside_the_sound_with_what_both_weigh_and_are_a_list_of_their_times(page):
    video = Video.objects.get()
    assert "data-slides" not in page().content.decode()
    slides, sound = make.slides(video, at=(0, 20, 40)), video.renditions.get(kind="audio")
    set_chapters(video, chapters=[(20_000, "Nhận biết", "")])
    set_slides(video, left_out=[40], is_off=False)
    memory.forget()

    text = page().content.decode()

    weight = sound.size + sum(size for _second, _start, size in slides.stills[:2])
    assert f'value="{sound.url}" data-kind="slides" data-size="{weight}"> Slide + tiếng 0,3 MB' in text
    assert text.index('data-kind="audio"') < text.index('data-kind="slides"') < text.index('data-kind="240p"')
    assert f'<a href="{slides.still_url(1)}" data-seek="0">Slide 1 / 2 · 0:00</a>' in text
    assert f'<a href="{slides.still_url(2)}" data-seek="20">Slide 2 / 2 · 0:20 · Nhận biết</a>' in text
    assert slides.still_url(3) not in text
    # Without scripts the sound is there to be played.
    assert f'<audio controls preload="none" src="{sound.url}"></audio>' in text


def test_slides_that_are_switched_off_are_no_choice(page):
    video = Video.objects.get()
    make.slides(video)
    set_slides(video, left_out=[], is_off=True)
    memory.forget()

    assert "data-slides" not in page().content.decode()
