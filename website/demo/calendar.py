"""When things happened: offsets in days from the day on which the demonstration was first loaded."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from lms import clock
from website.models import HomePage


def anchor() -> date:
    """The day of the first load, so that a later load finds what the first one made."""
    home = HomePage.objects.order_by("pk").first()
    moment = home.first_published_at if home and home.first_published_at else clock.nearly()
    return timezone.localdate(moment, timezone.get_default_timezone())


def day(offset: int) -> date:
    """The day *offset* days from the anchor."""
    return anchor() + timedelta(days=offset)


def at(offset: int, hour: int = 9, minute: int = 0) -> datetime:
    """The moment of a day at an hour of the site's clock."""
    return on(day(offset), hour, minute)


def on(which: date, hour: int, minute: int = 0) -> datetime:
    """The moment of a date at an hour of the site's clock."""
    return timezone.make_aware(datetime.combine(which, time(hour, minute)), timezone.get_default_timezone())
