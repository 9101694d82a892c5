"""The one clock of every fact: the database's now, frozen by tests and by whoever replays history."""

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone

_frozen: ContextVar[datetime | None] = ContextVar("lms_clock", default=None)


def now() -> datetime:
    """Return the database's present moment, aware, in UTC.

    PostgreSQL is asked, because several servers share it and their own clocks drift apart; the
    answer moves on inside a transaction. SQLite lives in this process and shares its clock.
    """
    if moment := _frozen.get():
        return moment
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            return cursor.fetchone()[0].astimezone(UTC)
    return datetime.now(UTC)


def frozen() -> datetime | None:
    """Return the moment at which the clock is frozen, or None: for SQL that reads the time itself."""
    return _frozen.get()


def nearly() -> datetime:
    """Return this process's moment without a query: for days, rate limits and lists, never for a deadline."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """Return the day it is in the site's time zone, whatever zone the reader has chosen for screens."""
    return timezone.localdate(nearly(), timezone.get_default_timezone())


def end_of(day: date) -> datetime:
    """Return the moment at which *day* ends in the site's time zone."""
    midnight = datetime.combine(day + timedelta(days=1), time(), timezone.get_default_timezone())
    return midnight.astimezone(UTC)


@contextmanager
def at(moment: datetime):
    """Freeze the clock at *moment* (aware) in this thread or task; nested uses restore the outer one."""
    if timezone.is_naive(moment):
        raise ValueError("The clock needs an aware moment.")
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield moment
    finally:
        _frozen.reset(token)
