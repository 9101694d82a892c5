"""Pure: when a message may leave the site: not at night, not too many a day, together where people want that."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Rules:
    """The quiet hours of a site (they may pass midnight), how many may leave a day, the hour of the digest."""

    zone: ZoneInfo
    quiet_from: time = time(21)
    quiet_until: time = time(6)
    most: int = 5
    digest_at: time = time(7)

    def is_quiet(self, moment: datetime) -> bool:
        """Whether *moment* lies in the quiet hours; the first moment does, the last does not."""
        clock = moment.astimezone(self.zone).time()
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= clock < self.quiet_until
        return clock >= self.quiet_from or clock < self.quiet_until

    def day(self, moment: datetime) -> date:
        """The day of *moment* where people live."""
        return moment.astimezone(self.zone).date()


def may_leave(
    now: datetime, *, rules: Rules, gone: Iterable[datetime] = (), urgent: bool = False
) -> datetime:
    """Return the first moment from *now* on at which a message may leave.

    ``gone`` are the moments at which others left to the same person by the same channel. An
    *urgent* one, which the law asks for, is not held back by their number; it waits for the morning too.
    """
    moment = _awake(now, rules)
    if urgent:
        return moment
    left = Counter(map(rules.day, gone))
    while left[rules.day(moment)] >= max(1, rules.most):
        moment = _awake(_at(rules.day(moment) + timedelta(days=1), time(), rules), rules)
    return moment


def next_digest(now: datetime, *, rules: Rules) -> datetime:
    """Return the first moment after *now* at which what has gathered is sent in one."""
    today = _at(rules.day(now), rules.digest_at, rules)
    if today > now:
        return today
    return _at(rules.day(now) + timedelta(days=1), rules.digest_at, rules)


def _awake(moment: datetime, rules: Rules) -> datetime:
    if not rules.is_quiet(moment):
        return moment
    morning = _at(rules.day(moment), rules.quiet_until, rules)
    if morning <= moment:
        morning = _at(rules.day(moment) + timedelta(days=1), rules.quiet_until, rules)
    return morning


def _at(day: date, clock: time, rules: Rules) -> datetime:
    return datetime.combine(day, clock, rules.zone)
