"""Reads: what the version of a class promised of its tests and surveys, by an item of its outline.

Where the outline does not say it, in versions frozen before it did and in previews, what holds now is promised.
See ``docs/decisions/0037-what-a-class-was-promised.md``.
"""

import hashlib
import json

from content.models import Quiz, Survey


def time_limit(item: dict) -> int | None:
    """Seconds that an attempt at the test *item* may take; None without a limit."""
    return item["time_limit_s"] if "time_limit_s" in item else _now(item, "time_limit_s")


def review(item: dict) -> str:
    """When learners see the right answers of the test *item*: one of ``Quiz.Review``."""
    return item["review"] if "review" in item else _now(item, "review")


def _now(item: dict, name: str):
    return Quiz.objects.filter(pk=item.get("quiz")).values_list(name, flat=True).first()


def questionnaire(item: dict) -> dict:
    """What the survey *item* asks, and whether anonymously, in the shape of ``Survey.freeze``."""
    return item.get("questionnaire") or Survey.objects.get(pk=item["survey"]).freeze()


def mark(form: dict) -> str:
    """What a page sends back to say which *form* it showed."""
    text = json.dumps(form, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
