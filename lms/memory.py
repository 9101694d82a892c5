"""What is the same whoever looks, remembered for some seconds in this process."""

import time
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from lms.conf import conf

MOST = 1000
"""Entries kept; beyond that everything is read anew."""
_kept: dict[Hashable, tuple[float, object]] = {}
Kept = TypeVar("Kept")
Key = TypeVar("Key", bound=Hashable)


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


def remembered_each(
    name: Hashable, keys: Iterable[Key], make: Callable[[list[Key]], dict[Key, Kept]]
) -> dict[Key, Kept]:
    """Return each of *keys* with its value, as ``remembered`` does; *make* is asked once, for those not known."""
    now, found, missing = time.monotonic(), {}, []
    for key in dict.fromkeys(keys):
        until, value = _kept.get((name, key), (0.0, None))
        if now < until:
            found[key] = value
        else:
            missing.append(key)
    for key, value in make(missing).items() if missing else ():
        found[key] = remembered((name, key), lambda value=value: value)
    return found  # type: ignore[return-value]


def forget() -> None:
    """Empty the memory of this process, so that everything is read anew."""
    _kept.clear()
