"""Skills checklists as pure arithmetic: ratings of frozen steps become a score and a verdict."""

from decimal import ROUND_DOWN, Decimal


class RatingMissing(ValueError):
    """A step was left unrated; ``item_ids`` says which."""

    def __init__(self, item_ids: list[str]):
        super().__init__(f"unrated: {', '.join(item_ids)}")
        self.item_ids = item_ids


class RatingRefused(ValueError):
    """A rating of a step that the checklist does not have, or that is neither yes nor no."""


def score(frozen: dict, ratings: dict[str, bool]) -> tuple[Decimal, int, bool]:
    """Return the share of points in per cent (cut, not rounded), critical steps missed, and passed.

    *frozen* is what ``Checklist.freeze()`` returned. Nothing may be left unrated, and one critical
    step missed fails the skill whatever the share.
    """
    items = frozen["items"]
    known = {item["id"] for item in items}
    if foreign := set(ratings) - known:
        raise RatingRefused(f"no such step: {', '.join(map(str, sorted(foreign, key=str)))}")
    if not all(isinstance(rating, bool) for rating in ratings.values()):
        raise RatingRefused("a rating is true or false")
    if missing := [item["id"] for item in items if item["id"] not in ratings]:
        raise RatingMissing(missing)
    total = sum(item["weight"] for item in items)
    done = sum(item["weight"] for item in items if ratings[item["id"]])
    cut = done * 10000 // total if total else 0
    pct = (Decimal(cut) / 100).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
    critical_missed = sum(1 for item in items if item["critical"] and not ratings[item["id"]])
    passed = bool(items) and critical_missed == 0 and done * 100 >= total * frozen["pass_pct"]
    return pct, critical_missed, passed
