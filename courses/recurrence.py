"""Pure: the days of a regular appointment, by a rule of RFC 5545, without the days that are left out."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from dateutil.rrule import rrulestr

MOST = 120
"""Sessions made from one rule at most: two a week for a year, and some."""
SPAN = timedelta(days=400)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class BadRule(ValueError):
    """A rule that cannot be read, has no day, or has too many."""


def weekly(weekdays: Iterable[int], *, until: date, every: int = 1) -> str:
    """The rule for *weekdays* (0 is Monday) of each *every*-th week up to the day *until*, included."""
    chosen = [DAYS[number] for number in sorted(set(weekdays))]
    if not chosen or not 1 <= every <= 8:
        raise BadRule("no weekday")
    return f"FREQ=WEEKLY;INTERVAL={every};BYDAY={','.join(chosen)};UNTIL={until:%Y%m%d}T235959"


def days_of(rule: str, *, first: date, left_out: Collection[date] = ()) -> tuple[list[date], list[date]]:
    """The days of *rule* from *first* on, and those of them that are left out; raises BadRule."""
    if any(sign in rule for sign in "\n\r") or "FREQ=" not in rule:
        raise BadRule(rule)
    if not any(part in rule for part in ("FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY")):
        raise BadRule(rule)
    try:
        found = rrulestr(rule, dtstart=datetime(first.year, first.month, first.day))
        days: list[date] = []
        for moment in found:
            if moment.date() > first + SPAN or len(days) > MOST:
                break
            days.append(moment.date())
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise BadRule(rule) from error
    if not days or len(days) > MOST:
        raise BadRule(rule)
    skipped = [day for day in days if day in left_out]
    return [day for day in days if day not in left_out], skipped
