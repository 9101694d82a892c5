"""Pure: working days in Vietnam, for clocks that the law counts in them."""

from collections.abc import Collection
from datetime import date, timedelta

FIXED = {(1, 1), (4, 30), (5, 1), (9, 2)}
"""New Year, Reunification, Labour Day, National Day: month and day (Labour Code 45/2019/QH14, Article 112)."""

MOVING = {
    # Tết (five days), the Hùng kings (10th day of the 3rd lunar month), the second day of National Day.
    2025: ["01-27", "01-28", "01-29", "01-30", "01-31", "04-07", "09-01"],
    2026: ["02-16", "02-17", "02-18", "02-19", "02-20", "04-26", "09-01"],
    2027: ["02-05", "02-06", "02-07", "02-08", "02-09", "04-16", "09-03"],
    2028: ["01-25", "01-26", "01-27", "01-28", "01-29", "04-04", "09-01"],
}
"""Holidays that move, by year. The government announces them each autumn: where a year is missing here,
or announced otherwise, ``LMS_HOLIDAYS`` adds days. A missing holiday makes a deadline earlier, never later."""


def holidays(year: int) -> set[date]:
    """Return the public holidays of *year*, with the working day that makes up for one on a weekend."""
    days = {date(year, month, day) for month, day in FIXED}
    days |= {date.fromisoformat(f"{year}-{text}") for text in MOVING.get(year, [])}
    for day in sorted(days):
        if day.weekday() >= 5:
            instead = day + timedelta(days=1)
            while instead.weekday() >= 5 or instead in days:
                instead += timedelta(days=1)
            days.add(instead)
    return days


def is_workday(day: date, more: Collection[date] = ()) -> bool:
    """Return whether offices work on *day*: no weekend, no public holiday, none of *more* holidays."""
    return day.weekday() < 5 and day not in more and day not in holidays(day.year)


def after(day: date, count: int, more: Collection[date] = ()) -> date:
    """Return the *count*-th working day after *day*; the day itself is not counted."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_workday(day, more)
    return day
