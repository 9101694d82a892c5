"""Reads on credit: which rule holds on a day, and where a person stands in the cycle."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import DecimalField
from django.utils.translation import gettext as _

from courses.hours import Rate
from courses.models import Enrolment
from lms import clock, sql

from .models import CreditEntry, Cycle, Rule, RuleSet, Scheme
from .models.credits import CreditEntryQuerySet


class NoRule(Exception):
    """No conversion table in force on that day knows the code; the message says which and when."""


def rule_for(code: str, on: date) -> Rule:
    """Return the rule *code* of the youngest table in force on the day *on*; raise :class:`NoRule`."""
    for ruleset in RuleSet.objects.in_force(on):
        if rule := ruleset.rules.filter(code=code).select_related("ruleset").first():
            return rule
    raise NoRule(
        _("No table of credit rules in force on %(date)s has the rule “%(code)s”.")
        % {"date": f"{on:%d/%m/%Y}", "code": code}
    )


def rates_of(codes: Collection[str] | None, on: date) -> dict[str, Rate]:
    """What the rules *codes* (None: all) are worth on the day *on*, each by the youngest table that has it; one query."""
    tables = RuleSet.objects.in_force(on).values("pk")
    rows = Rule.objects.filter(ruleset__in=tables).order_by("ruleset__effective_from")
    rows = rows if codes is None else rows.filter(code__in=codes)
    return {rule.code: Rate(rule.hours_for, rule.mode == Rule.Mode.PER_PERIOD) for rule in rows}


def entries_for(person: int, release: int) -> CreditEntryQuerySet:
    """Every entry of *person* for one version of a course, whatever class it came from: one counts (``domain`` 7.8, 2)."""
    learnt = Enrolment.objects.filter(person=person, run__release=release).values_list("pk", flat=True)
    return CreditEntry.objects.filter(person=person, source_key__in=[f"enrolment:{pk}" for pk in learnt])


@dataclass(frozen=True)
class Standing:
    """Where a person stands in one cycle; hours are exact and never rounded up.

    ``outside`` are posted hours whose activity falls in no part of the cycle: kept and shown,
    not counted. Without a cycle, ``hours`` are all posted hours and ``target`` is None.
    """

    cycle: Cycle | None
    hours: Decimal
    outside: Decimal
    target: Decimal | None
    starts_on: date | None
    ends_on: date | None
    on: date

    @property
    def remaining(self) -> Decimal:
        """Hours still to collect."""
        return Decimal(0) if self.target is None else max(Decimal(0), self.target - self.hours)

    @property
    def is_reached(self) -> bool:
        """Whether the target is met to the last hundredth of an hour."""
        return self.target is not None and self.hours >= self.target

    @property
    def percent(self) -> int:
        """Whole per cent of the target, cut and not rounded: 119.5 of 120 is 99."""
        if not self.target:
            return 0
        return min(100, int(self.hours * 100 / self.target))

    @property
    def is_at_risk(self) -> bool:
        """Less than 70 % of the target and less than six months left (``domain`` 1.4)."""
        if self.target is None or self.ends_on is None or self.is_reached:
            return False
        return self.hours * 10 < self.target * 7 and self.ends_on - self.on < timedelta(days=183)


# ``Cycle.current`` and the posted hours by hand: my page asks at each look.
_CYCLE = """
SELECT * FROM lms_certificates_cycle WHERE person_id = %s AND starts_on <= %s AND ends_on >= %s
ORDER BY starts_on DESC LIMIT 1"""
_SCHEME = "SELECT * FROM lms_certificates_scheme WHERE id = %s"
_HOURS = """
SELECT CAST(SUM(hours) AS NUMERIC),
CAST(SUM(CASE WHEN activity_on BETWEEN %s AND %s THEN hours END) AS NUMERIC)
FROM lms_certificates_creditentry WHERE person_id = %s AND state = 'posted'"""


def standing(person, on: date | None = None) -> Standing:
    """Return where *person* stands on the day *on* (today by default); three queries."""
    on = on or clock.today()
    day = sql.stored(Cycle, "starts_on", on)
    cycle = sql.one(Cycle, _CYCLE, [person.pk, day, day])
    first, last = (cycle.starts_on, cycle.ends_on) if cycle else (on, on)
    span = [sql.stored(Cycle, "starts_on", end) for end in (first, last)]
    [sums] = sql.rows(_HOURS, [*span, person.pk], [DecimalField(), DecimalField()])
    every, inside = (hours or Decimal(0) for hours in sums)
    if cycle is None:
        return Standing(None, every, Decimal(0), None, None, None, on)
    [cycle.scheme] = sql.many(Scheme, _SCHEME, [cycle.scheme_id])
    return Standing(cycle, inside, every - inside, cycle.scheme.target, first, last, on)
