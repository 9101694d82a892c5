"""How views of people at work answer: a page, or JSON for the page's own script."""

import uuid
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime, parse_time
from django.utils.formats import date_format

from courses.models import Session


def wants_json(request: HttpRequest) -> bool:
    """Whether the page's script asks, not the browser itself."""
    return request.headers.get("Accept", "").startswith("application/json")


def refused(
    request: HttpRequest, *, title: str, text: str, status: int = 400, back: str = "", label: str = ""
) -> HttpResponse:
    """Say plainly what was refused, with a way on."""
    if wants_json(request):
        return JsonResponse({"title": title, "text": text}, status=status)
    context = {"title": title, "text": text, "back": back, "label": label}
    return render(request, "lms_courses/refused.html", context, status=status)


def clock_time(moment: datetime) -> str:
    """The hour as the reader's wall clock shows it."""
    return date_format(timezone.localtime(moment), "H:i")


def read_uuid(text: str) -> uuid.UUID | None:
    """The id a page made for its request, or None where it made none."""
    try:
        return uuid.UUID(text)
    except (ValueError, TypeError, AttributeError):
        return None


YEARS = range(1970, 2100)
"""What a clock may say, however wrong it goes: beyond the calendar's ends no database and no sum can follow."""


def read_moment(text: str) -> datetime | None:
    """The moment a phone says, in UTC, or None where it says none."""
    try:
        moment = parse_datetime(text or "")
        moment = moment.astimezone(UTC) if moment and timezone.is_aware(moment) else None
    except (ValueError, OverflowError):
        return None
    return moment if moment and moment.year in YEARS else None


def kept_for(request: HttpRequest) -> dict:
    """When a page's script made the request by the device's clock, and how long the device then kept it.

    Both ends of the wait are of one clock, so one that is wrong makes no wait longer.
    """
    made_at = read_moment(request.POST.get("client_at", ""))
    sent_at = read_moment(request.headers.get("X-Sent-At", ""))
    waited = max(sent_at - made_at, timedelta(0)) if made_at and sent_at else timedelta(0)
    return {"client_at": made_at, "waited": waited}


def on_the_day(session: Session, text: str) -> datetime | None:
    """The moment of an hour that somebody typed: of the session's day; of the next one where the session runs past midnight."""
    try:
        hour = parse_time(text)
    except ValueError:
        return None
    if hour is None:
        return None
    begins = timezone.localtime(session.starts_at)
    moment = datetime.combine(begins.date(), hour, tzinfo=begins.tzinfo)
    crosses = timezone.localtime(session.ends_at).date() > begins.date()
    return moment + timedelta(days=1) if crosses and hour < begins.time() else moment


def told(data: dict, *, status: int = 200) -> JsonResponse:
    """*data* for a script, about one person: kept by no cache."""
    return JsonResponse(data, status=status, headers={"Cache-Control": "private, no-store"})
