"""What is the same whoever looks, remembered for some seconds in this process."""

import time
from collections.abc import Callable, Hashable
from typing import TypeVar

from lms.conf import conf

MOST = 1000
"""Entries kept; beyond that everything is read anew."""
_kept: dict[Hashable, tuple[float, object]] = {}
Kept = TypeVar("Kept")


def remembered(key: Hashable, make: Callable[[], Kept]) -> Kept:
    """Return what *make* returned at most ``LMS_REMEMBER_SECONDS`` ago under *key*.

    Never for anything that depends on who looks, and asked only after the permission was. Texts
    differ by language and addresses by host: both belong in the key. Not shared between
    processes: each may be some seconds behind, none has to be told.
    """
    until, value = _kept.get(key, (0.0, None))
    if time.monotonic() >= until:
        value = make()
        if len(_kept) >= MOST:
            _kept.clear()
        _kept[key] = (time.monotonic() + conf.REMEMBER_SECONDS, value)
    return value  # type: ignore[return-value]


def forget() -> None:
    """Empty the memory of this process, so that everything is read anew."""
    _kept.clear()
