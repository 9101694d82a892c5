"""Reads: what the version of a class promised of its tests, by an item of its outline.

Where the outline does not say it, in versions frozen before it did and in previews, what holds now is promised.
"""

from content.models import Quiz


def time_limit(item: dict) -> int | None:
    """Seconds that an attempt at the test *item* may take; None without a limit."""
    return item["time_limit_s"] if "time_limit_s" in item else _now(item, "time_limit_s")


def review(item: dict) -> str:
    """When learners see the right answers of the test *item*: one of ``Quiz.Review``."""
    return item["review"] if "review" in item else _now(item, "review")


def _now(item: dict, name: str):
    return Quiz.objects.filter(pk=item.get("quiz")).values_list(name, flat=True).first()
