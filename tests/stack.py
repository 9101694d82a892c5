"""One long stretch of Python's own stack for a test, which goes deep."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Got = TypeVar("Got")

SLOTS = 34_000
"""The size of one frame, in slots of eight bytes; a little more than half of the 512 kB that Python takes for it."""


def unbroken(function: Callable[Given, Got]) -> Callable[Given, Got]:
    """Return *function*, with room on the stack for all that it calls; some 15 µs for each call from outside.

    Since 3.11 CPython keeps the frames of Python functions in stretches of 16 kB, which it takes from the
    system when a call does not fit any more and gives back when that call returns. A loop that happens to stand
    at such an edge asks for memory and returns it at every turn, and Django under pytest stands deep enough to meet
    several edges in each request: a fifth of the walk through all addresses (``docs/decisions/0035-one-stretch-of-stack.md``). A frame that
    is larger than a stretch gets one of the next power of two, and what it does not use is for those it calls.
    What is never touched is never filled with memory.
    """

    @wraps(function)
    def called(*args: Given.args, **kwargs: Given.kwargs) -> Got:
        return function(*args, **kwargs)

    called.__code__ = called.__code__.replace(co_stacksize=SLOTS)  # type: ignore[attr-defined]
    return called
