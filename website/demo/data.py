"""The YAML files of this folder as plain Python."""

from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent
PROGRAMMES = ("DQ-01", "BM-01", "TELE-01", "KSNK-01", "CC-01", "SS-01")
"""Codes of the six programmes; the first two are there before the site opens."""
FAST = PROGRAMMES[:2]


@cache
def rows(name: str) -> list[dict]:
    """The list in ``<name>.yaml``."""
    return _read(name)[name]


@cache
def programme(code: str) -> dict:
    """One programme with its modules, checklist and questions."""
    return _read(f"programme_{code.lower()}")["programme"]


def _read(name: str) -> dict:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
