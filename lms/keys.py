"""Pure: the number of a row as a browser sends it."""

import re
from collections.abc import Iterable

_KEY = re.compile(r"[0-9]{1,18}")
"""As many digits as a column of keys takes; ``isdigit`` takes "²", too, of which ``int`` makes no number."""


def read_key(text: str) -> int | None:
    """The number that *text* is, or None where it is none: no row has that key."""
    return int(text) if _KEY.fullmatch(text) else None


def read_keys(texts: Iterable[str]) -> set[int]:
    """The keys among *texts*."""
    return {key for key in map(read_key, texts) if key is not None}
