"""Working days in Vietnam: weekends, public holidays, Tết, and the days that make up for a holiday on a weekend."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms import workdays


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 20), True),  # a Friday
        (date(2026, 11, 21), False),  # a Saturday
        (date(2026, 1, 1), False),
        (date(2026, 2, 17), False),  # the first day of Tết Bính Ngọ
        (date(2026, 4, 26), False),  # the Hùng kings, a Sunday …
        (date(2026, 4, 27), False),  # … made up for on Monday
        (date(2026, 4, 28), True),
        (date(2026, 4, 30), False),
        (date(2026, 5, 1), False),
        (date(2026, 9, 2), False),
        (date(2027, 2, 10), False),  # for Tết's Saturday
        (date(2027, 2, 12), True),
    ],
)
def test_offices_work_on_workdays_only(day, works):
    assert workdays.is_workday(day) is works


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (date(2026, 11, 18), date(2026, 11, 20)),
        (date(2026, 11, 20), date(2026, 11, 24)),  # over a weekend
        (date(2026, 4, 24), date(2026, 4, 29)),  # over a weekend and the Hùng kings
        (date(2026, 2, 13), date(2026, 2, 24)),  # over Tết
        (date(2026, 4, 29), date(2026, 5, 5)),
    ],
)
def test_two_working_days_are_counted_from_the_day_after(asked, answered):
    assert workdays.after(asked, 2) == answered


def test_a_holiday_that_the_government_announces_is_added():
    assert workdays.after(date(2026, 11, 18), 2, {date(2026, 11, 19)}) == date(2026, 11, 23)


@given(st.dates(date(2024, 1, 1), date(2040, 1, 1)), st.integers(0, 30))
def test_the_last_day_is_a_workday_with_exactly_so_many_between(day, count):
    end = workdays.after(day, count)

    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(map(workdays.is_workday, between)) == count
    assert count == 0 or workdays.is_workday(end)
