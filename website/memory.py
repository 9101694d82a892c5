"""What every visitor sees alike, remembered for some seconds in this process."""

import time
from collections.abc import Callable, Hashable
from typing import Any

from django.conf import settings

_kept: dict[Hashable, tuple[float, Any]] = {}


def remembered(key: Hashable, make: Callable[[], Any]) -> Any:
    """Return what *make* returned at most ``WEBSITE_REMEMBER_SECONDS`` ago under *key*.

    For public things only, never for anything that depends on who looks. Not shared between
    processes: each may be some seconds behind, none has to be told.
    """
    until, value = _kept.get(key, (0.0, None))
    if time.monotonic() >= until:
        value = make()
        _kept[key] = (time.monotonic() + settings.WEBSITE_REMEMBER_SECONDS, value)
    return value
