"""What calls deeply in and out asks the system for its stack once."""

import resource
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.stack import unbroken

DEPTHS, TURNS = 400, 200


def turn() -> None:
    """The innermost call of a loop."""


def loop_at(depth: int) -> None:
    """A loop of calls that stands *depth* calls deeper than whoever asks."""
    if depth:
        return loop_at(depth - 1)
    for _turn in range(TURNS):
        turn()
    return None


def loop_at_each_depth() -> int:
    """How many pages of memory the system had to find for such loops at every depth."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for depth in range(DEPTHS):
        loop_at(depth)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_a_loop_at_the_edge_of_a_stretch_of_stack_asks_for_memory_at_every_turn_unless_it_has_room():
    # A test begins with room already (tests/conftest.py): only a thread begins without.
    naive, roomy = in_a_thread(loop_at_each_depth), in_a_thread(unbroken(loop_at_each_depth))

    assert naive > TURNS
    assert roomy < TURNS


def test_what_is_given_is_handed_on_and_what_comes_back_or_breaks_comes_out():
    @unbroken
    def divided(one: int, *, by: int) -> float:
        """A quotient."""
        return one / by

    assert divided(3, by=2) == 1.5
    assert (divided.__name__, divided.__doc__) == ("divided", "A quotient.")
    with pytest.raises(ZeroDivisionError):
        divided(3, by=0)


def in_a_thread(count) -> int:
    """What *count* returns in a thread of its own."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(count).result()
