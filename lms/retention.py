"""What is forgotten when: one rule per class of rows, each with a period that the site may change."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.module_loading import autodiscover_modules

from lms import clock


@dataclass(frozen=True)
class Rule:
    """Rows whose moment ``at`` lies longer ago than the period, and what becomes of them.

    ``due`` narrows the rows to those not dealt with yet and not needed by anybody; ``act`` gets at
    most a thousand and returns how many it dealt with. ``setting`` names the setting that holds
    the days; fewer than ``least`` are ``least``.
    """

    name: str
    what: str
    setting: str
    default_days: int
    at: str
    due: Callable[[], QuerySet]
    act: Callable[[QuerySet], int]
    least: int = 0

    @property
    def days(self) -> int:
        """The period of this site."""
        return max(self.least, int(getattr(settings, self.setting, self.default_days)))

    def rows(self, now: datetime) -> QuerySet:
        """What is due at *now*."""
        return self.due().filter(**{f"{self.at}__lt": now - timedelta(days=self.days)})


_RULES: dict[str, Rule] = {}


def rule(
    name: str, what: str, *, setting: str, days: int, at: str, due: Callable[[], QuerySet], least: int = 0
) -> Callable[[Callable[[QuerySet], int]], Callable[[QuerySet], int]]:
    """Declare the decorated function as what happens to the rows *due* when *days* have passed since *at*."""

    def declare(act):
        _RULES[name] = Rule(name, what, setting, days, at, due, act, least)
        return act

    return declare


def delete(rows: QuerySet) -> int:
    """Delete *rows* with what hangs on them; return how many rows of the model itself went."""
    gone = rows.model._base_manager.filter(pk__in=[row.pk for row in rows])
    count = gone.count()
    gone.delete()
    return count


def rules() -> list[Rule]:
    """Return every rule; reads each app's ``personal_data.py`` and ``forgetting.py`` first."""
    autodiscover_modules("personal_data", "forgetting")
    return [_RULES[name] for name in sorted(_RULES)]


def apply(one: Rule, *, dry_run: bool = False, step: int = 1000) -> int:
    """Deal with what is due by *one* rule, in transactions of *step* rows; return how many rows.

    A dry run counts and changes nothing.
    """
    now, total = clock.now(), 0
    if dry_run:
        return one.rows(now).count()
    while True:
        with transaction.atomic():
            rows = one.rows(now).order_by("pk")[:step]
            keys = [row.pk for row in rows]
            if not keys:
                return total
            model: type[Model] = rows.model
            done = one.act(model._base_manager.filter(pk__in=keys).order_by("pk"))
            total += done
        if not done:
            return total
