"""Numbers, bilingual texts and the way to the login for templates."""

from decimal import ROUND_DOWN, ROUND_UP, Decimal, InvalidOperation

from django import template
from django.conf import settings
from django.shortcuts import resolve_url
from django.utils.translation import get_language

from lms.languages import pick

register = template.Library()


def plain(value: Decimal) -> str:
    """Return *value* without trailing zeros, with a decimal comma in Vietnamese."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") if (get_language() or "vi").startswith("vi") else text


def _decimal(value) -> Decimal | None:
    try:
        return Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None


@register.filter
def hours(value):
    """Credit hours with at most two decimals, never rounded up: what is shown was earned."""
    number = _decimal(value)
    return "" if number is None else plain(number.quantize(Decimal("0.01"), ROUND_DOWN))


@register.filter
def percent(value):
    """A percentage with at most one decimal, never rounded up: 79.96 is not 80."""
    number = _decimal(value)
    return "" if number is None else f"{plain(number.quantize(Decimal('0.1'), ROUND_DOWN))} %"


@register.filter
def megabytes(value):
    """Bytes as megabytes, rounded up: nobody's data plan is charged more than was announced."""
    number = _decimal(value)
    if number is None:
        return ""
    millions = number / 1_000_000
    step = Decimal("0.1") if millions < 10 else Decimal("1")
    return f"{plain(millions.quantize(step, ROUND_UP))} MB"


@register.filter
def iso_day(value):
    """A day that was frozen as "2026-06-17", as it is read here: 17/06/2026."""
    return "/".join(reversed(str(value or "").split("-")))


@register.filter
def duration(value):
    """Seconds as ``m:ss`` or ``h:mm:ss``."""
    number = _decimal(value)
    if number is None:
        return ""
    minutes, seconds = divmod(int(number), 60)
    whole, minutes = divmod(minutes, 60)
    return f"{whole}:{minutes:02d}:{seconds:02d}" if whole else f"{minutes}:{seconds:02d}"


@register.simple_tag
def login_url():
    """Where one signs in on this site: its ``LOGIN_URL``, a name or an address."""
    return resolve_url(settings.LOGIN_URL)


@register.filter
def bilingual(row, field):
    """The text of ``field_vi`` or ``field_en`` of *row* in the reader's language, else whichever exists."""
    return pick(getattr(row, f"{field}_vi", "") or "", getattr(row, f"{field}_en", "") or "")
