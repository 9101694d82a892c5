"""How many examples a property is tried on: all of them, or a handful in the inner loop."""

import os

from hypothesis import settings

FEW = 5
IS_QUICK = os.environ.get("EXAMPLES") == "quick"


def examples(most: int, **more) -> settings:
    """Settings for *most* examples, a few in ``make quick``."""
    return settings(max_examples=min(most, FEW) if IS_QUICK else most, deadline=None, **more)
