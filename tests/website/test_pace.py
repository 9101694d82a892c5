"""How far one gets at the present pace."""

from datetime import date
from decimal import Decimal

from website.me.pace import pace

CYCLE = {"target": Decimal(120), "starts_on": date(2024, 1, 1), "ends_on": date(2028, 12, 31)}


def test_half_the_time_and_a_third_of_the_hours_says_how_many_will_be_missing():
    found = pace(hours=Decimal("41.5"), on=date(2026, 11, 21), **CYCLE)

    assert found.projected == 71
    assert found.missing == 49
    assert found.per_month == Decimal("3.1")
    assert not found.suffices


def test_the_forecast_is_never_rounded_up_and_the_need_never_down():
    found = pace(hours=Decimal("119.5"), on=date(2028, 12, 1), **CYCLE)

    assert found.projected == 121
    assert found.per_month == Decimal("0.5")


def test_hours_enough_at_this_pace_are_called_enough():
    assert pace(hours=Decimal(100), on=date(2026, 6, 30), **CYCLE).suffices


def test_the_first_month_and_the_time_after_the_end_get_no_forecast():
    assert pace(hours=Decimal(8), on=date(2024, 1, 20), **CYCLE) is None
    assert pace(hours=Decimal(8), on=date(2029, 1, 1), **CYCLE) is None
