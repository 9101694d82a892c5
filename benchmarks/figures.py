"""How a benchmark prints: figures on one stream, progress on the other."""

import json
import sys


def say(line: str) -> None:
    """Progress goes to the other stream, so that the lines of figures stay clean."""
    print(line, file=sys.stderr, flush=True)


def tell(name: str, value: float, unit: str, reference: float | None) -> None:
    """Print one figure."""
    ratio = round(value / reference, 3) if reference else None
    row = {"name": name, "value": round(value, 3), "unit": unit}
    row |= {"reference": round(reference, 3) if reference is not None else None, "ratio": ratio}
    print(json.dumps(row), flush=True)
