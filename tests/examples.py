"""How many examples a property is tried on: all of them, a handful in the inner loop, or ``EXAMPLES=10000``."""

import os

from hypothesis import settings

FEW = 5
ASKED = os.environ.get("EXAMPLES", "")
IS_QUICK = ASKED == "quick"


def examples(most: int, **more) -> settings:
    """Settings for *most* examples, a few in ``make quick``, as many as ``EXAMPLES`` says where it is a number."""
    if ASKED.isdigit():
        most = int(ASKED)
    return settings(max_examples=min(most, FEW) if IS_QUICK else most, deadline=None, **more)
