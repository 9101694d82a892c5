"""How far one gets at the present pace: pure arithmetic on hours and days."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, ROUND_UP, Decimal

DAYS_A_MONTH = Decimal("30.4375")


@dataclass(frozen=True)
class Pace:
    """``projected`` whole hours at the end, never rounded up; ``per_month`` what is needed, never rounded down."""

    projected: Decimal
    missing: Decimal
    per_month: Decimal

    @property
    def suffices(self) -> bool:
        """Whether the target is reached without hurrying."""
        return self.missing <= 0


def pace(*, hours: Decimal, target: Decimal, starts_on: date, ends_on: date, on: date) -> Pace | None:
    """Carry on the hours so far to the end of the cycle; None in its first month and after its end.

    In the first month one course decides everything, so that a forecast would only frighten.
    """
    elapsed, left = (on - starts_on).days, (ends_on - on).days
    if elapsed < 30 or left <= 0:
        return None
    whole = Decimal(elapsed + left) * hours / Decimal(elapsed)
    projected = whole.quantize(Decimal(1), ROUND_FLOOR)
    months = max(Decimal(left) / DAYS_A_MONTH, Decimal(1))
    remaining = max(Decimal(0), target - hours)
    per_month = (remaining / months).quantize(Decimal("0.1"), ROUND_UP)
    return Pace(projected, max(Decimal(0), target - projected), per_month)
