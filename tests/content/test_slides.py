"""Slides found in a lecture, from grey pictures made here, where it is known what they show."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content import slides
from content.slides import HEIGHT, WIDTH, find
from tests.examples import examples

PAPER = 240


def page(seed: int) -> list[int]:
    """A slide of some lines of text, unlike any other."""
    luck = random.Random(seed)
    cells = [PAPER] * (WIDTH * HEIGHT)
    for line in luck.sample(range(2, HEIGHT - 2), 7):
        for column in range(3, luck.randint(30, WIDTH - 3)):
            cells[line * WIDTH + column] = luck.randint(120, 220)
    return cells


def lecture(script, *, seed=0, speaker=False, pointer=False, fades=False, noise=2) -> list[bytes]:
    """A picture a second of *script*, pairs of a slide's number and the seconds it stands."""
    luck, frames, before = random.Random(seed), [], None
    for number, seconds in script:
        whole = page(number)
        for second in range(seconds):
            cells = list(whole)
            if fades and second == 0 and before:
                cells = [(one + two) // 2 for one, two in zip(before, whole, strict=True)]
            cells = [
                one + grain % (2 * noise + 1) - noise
                for one, grain in zip(cells, luck.randbytes(len(cells)), strict=True)
            ]
            if speaker:
                stir(cells, luck)
            if pointer:
                point(cells, luck)
            frames.append(bytes(cells))
        before = whole
    return frames


def stir(cells, luck):
    """Somebody in the corner who moves a little all the time, and now and then much."""
    shift = luck.randint(0, 3) if luck.random() < 0.7 else luck.randint(0, 40)
    for row in range(1, 12):
        for column in range(48, 63):
            if luck.random() < 0.5:
                cells[row * WIDTH + column] = 60 + (row * 7 + column * 5 + shift * 13) % 120


def point(cells, luck):
    """A pointer that is somewhere else each second."""
    row, column = luck.randint(0, HEIGHT - 3), luck.randint(0, WIDTH - 3)
    for place in ((0, 0), (0, 1), (1, 0), (1, 1)):
        cells[(row + place[0]) * WIDTH + column + place[1]] = 0


def beginnings(script) -> list[int]:
    """The oracle: when each slide of *script* begins."""
    at, found = 0, []
    for _number, seconds in script:
        found.append(at)
        at += seconds
    return found


def naive(frames) -> list[int]:
    """Each second that is much unlike the one before: what a scene filter does."""
    found = [0]
    for second in range(1, len(frames)):
        other = sum(abs(a - b) > 12 for a, b in zip(frames[second - 1], frames[second], strict=True))
        if other > slides.CHANGED * WIDTH * HEIGHT:
            found.append(second)
    return found


SCRIPTS = st.lists(st.integers(6, 30), min_size=2, max_size=8).map(
    lambda lengths: [(number, seconds) for number, seconds in enumerate(lengths, start=1)]
)
WAYS = {
    "nothing else": {},
    "a speaker in the corner": {"speaker": True},
    "a pointer": {"pointer": True},
    "fades": {"fades": True},
    "all of it": {"speaker": True, "pointer": True, "fades": True},
}


@pytest.mark.parametrize("way", WAYS)
@examples(10)
@given(script=SCRIPTS, seed=st.integers(0, 10_000))
def test_each_slide_is_found_once_at_the_second_at_which_it_begins(way, script, seed):
    frames = lecture(script, seed=seed, **WAYS[way])

    found = find(frames)

    assert len(found) == len(script)
    for (start, best), begins, (_number, seconds) in zip(found, beginnings(script), script, strict=True):
        assert abs(start - begins) <= 1
        assert begins <= best < begins + seconds


def test_a_filter_of_scenes_takes_a_speaker_for_slides_and_this_does_not():
    script = [(1, 30), (2, 30)]
    frames = lecture(script, speaker=True)

    assert len(naive(frames)) > 10
    assert [start for start, _best in find(frames)] == [0, 30]


def test_a_line_more_on_a_slide_is_a_slide_more():
    whole = page(1)
    frames = [bytes(whole)] * 20
    for column in range(4, 45):
        whole[30 * WIDTH + column] = 150
    frames += [bytes(whole)] * 20 + [bytes(page(2))] * 20

    assert [start for start, _best in find(frames)] == [0, 20, 40]


def test_slides_flicked_past_are_not_shown_and_going_back_shows_the_slide_again():
    script = [(1, 20), (2, 1), (3, 1), (4, 20), (1, 20)]

    assert [start for start, _best in find(lecture(script))] == [0, 20, 42]


def test_a_speaker_who_is_put_into_another_corner_is_no_slide():
    luck, frames = random.Random(3), lecture([(1, 60), (2, 60)], speaker=True)
    for second in range(120):
        cells = list(frames[second])
        if second >= 75:
            cells = list(page(2))
            stir(moved := [PAPER] * len(cells), luck)
            for row in range(1, 12):
                cells[(row + 22) * WIDTH + 2 : (row + 22) * WIDTH + 16] = moved[
                    row * WIDTH + 48 : row * WIDTH + 62
                ]
        frames[second] = bytes(cells)

    starts = [start for start, _best in find(frames)]

    assert starts[:2] == [0, 60]
    assert len(starts) <= 3, "at most once more, when the picture changes place"


def film(seconds, seed=1) -> list[bytes]:
    """Ordinary moving video: everything moves all the time."""
    luck = random.Random(seed)
    return [
        bytes(
            (row * 5 + column * 3 + second * 17 + luck.randint(0, 9)) % 256
            for row in range(HEIGHT)
            for column in range(WIDTH)
        )
        for second in range(seconds)
    ]


NO_SLIDES = {
    "moving video": lambda: film(120),
    "one picture all the time": lambda: lecture([(1, 120)], speaker=True),
    "cuts of three seconds": lambda: lecture([(number, 3) for number in range(40)]),
    "mostly moving": lambda: film(90) + lecture([(1, 20), (2, 20)]),
    "nothing": list,
    "one": lambda: [bytes(WIDTH * HEIGHT)],
}


@pytest.mark.parametrize("what", NO_SLIDES)
def test_what_is_no_slide_show_has_no_slides(what):
    assert find(NO_SLIDES[what]()) == []


def test_a_film_within_the_lecture_gives_some_pictures_and_the_slides_around_it_stay():
    frames = lecture([(1, 60)]) + film(50) + lecture([(2, 90), (3, 60)])

    starts = [start for start, _best in find(frames)]

    assert {0, 110, 200} <= set(starts)
    assert 1 <= len([start for start in starts if 60 <= start < 110]) <= 3


def test_black_at_the_beginning_and_blinking_once_are_no_slides_of_their_own():
    black = [bytes(WIDTH * HEIGHT)]
    frames = black + lecture([(1, 20)]) + black + lecture([(1, 20), (2, 20)])

    assert [start for start, _best in find(frames)] == [0, 42]


def test_an_hour_is_searched_within_seconds_of_the_processor():
    frames = lecture([(number, 60) for number in range(5)], speaker=True) * 12
    before = time.process_time()

    assert len(find(frames)) == 60
    assert time.process_time() - before < 5
