"""Pure: moments and lengths of time as meeting programs write them, in English and in Vietnamese."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

FAR = timedelta(days=3)
"""How far from the day of the meeting one of two readings of a day may lie to be preferred."""

_HALF = re.compile(r"(?<![a-z])(am|pm|sa|ch|a\.m\.|p\.m\.|sang|chieu)(?![a-z])", re.IGNORECASE)
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:h](\d{2})(?:[:m](\d{2})(?:[.,]\d+)?)?(?!\d)", re.IGNORECASE)
_ZONE = re.compile(r"(?:\b(?:UTC|GMT)\s*)?([+-])(\d{2}):?(\d{2})$|(?<=\d)\s*(Z)$|\b(UTC|GMT)$")
_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?!\d)")
_WORDS = re.compile(
    r"(?:(\d{1,2})\s+)?([a-z]{3,9})\.?\s+(?:(\d{1,2})(?:st|nd|rd|th)?\s*,?\s+)?(\d{4})", re.IGNORECASE
)
_VIETNAMESE = re.compile(
    r"(\d{1,2})\s+(?:th[aá]ng|thg)\s+(\d{1,2})\s*,?\s+(?:n(?:a|ă)m\s+)?(\d{4})", re.IGNORECASE
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def read_moment(text: str, *, on: date, zone: tzinfo) -> datetime | None:
    """The moment that *text* means, in UTC, or None where it means none.

    A time alone is on the day *on*, or after midnight on the next where that is nearer to it.
    """
    text = " ".join(text.replace("SA", "AM").replace("CH", "PM").split())
    clock = _CLOCK.search(text)
    if clock is None:
        return None
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if half := _HALF.search(text):
        afternoon = half[1].lower()[0] in "pc"
        if not 1 <= hour <= 12:
            # "14:05 PM" is written by some; a thirteenth hour of the morning is not.
            if not (afternoon and 13 <= hour <= 23):
                return None
        else:
            hour = hour % 12 + (12 if afternoon else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    rest = text[: clock.start()] + " " + text[clock.end() :]
    day = _read_day(rest, on)
    if day is None:
        if re.search(r"\d{1,2}[-/.]\d{1,2}|\d{4}", _ZONE.sub("", rest)):
            return None
        day = on
    offset = _offset(text)
    moment = datetime.combine(day, time(hour, minute, second), tzinfo=offset or zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def _offset(text: str) -> tzinfo | None:
    found = _ZONE.search(text)
    if found is None:
        return None
    if found[1] is None:
        return UTC
    hours, minutes = int(found[2]), int(found[3])
    if hours > 14 or minutes > 59:
        return None
    length = timedelta(hours=hours, minutes=minutes)
    return timezone(length if found[1] == "+" else -length)


def _read_day(text: str, on: date) -> date | None:
    if match := _ISO.search(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY.search(text):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        year += 2000 if year < 100 else 0
        readings = [found for found in (_day(year, second, first), _day(year, first, second)) if found]
        # The day of the meeting says whether the month stands first; alone, the Vietnamese way holds.
        return min(readings, key=lambda day: abs(day - on) if abs(day - on) <= FAR else FAR * 2, default=None)
    if match := _VIETNAMESE.search(text):
        return _day(int(match[3]), int(match[2]), int(match[1]))
    if match := _WORDS.search(text):
        month = match[2].lower()[:3]
        number = match[1] or match[3]
        if month in _MONTHS and number:
            return _day(int(match[4]), _MONTHS.index(month) + 1, int(number))
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


_UNITS = {"h": 3600, "m": 60, "p": 60, "s": 1, "g": 3600}
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+)", re.IGNORECASE)


def read_length(text: str) -> timedelta | None:
    """How long *text* says ("1h 27m 51s", "1 hr 2 min", "1 giờ 2 phút", "01:27:51", "87"): None where nothing.

    A bare number is minutes, as Zoom writes them.
    """
    text = " ".join(text.split()).lower()
    if re.fullmatch(r"\d{1,3}:\d{2}(:\d{2})?", text):
        parts = [int(part) for part in text.split(":")]
        clock = parts if len(parts) == 3 else [0, *parts]
        return timedelta(hours=clock[0], minutes=clock[1], seconds=clock[2])
    if re.fullmatch(r"\d{1,5}(?:[.,]\d+)?", text):
        return timedelta(minutes=float(text.replace(",", ".")))
    found = _PART.findall(text)
    if not found or _PART.sub("", text).strip(" ,"):
        return None
    seconds = 0.0
    for number, unit in found:
        # giờ, hours, hr, h; phút, min, m; giây, sec, s. "giây" and "giờ" differ by the third letter.
        factor = 1 if unit.startswith(("giâ", "gia")) else _UNITS.get(unit[0])
        if factor is None or len(number) > 8:
            return None
        seconds += float(number.replace(",", ".")) * factor
    return timedelta(seconds=seconds) if seconds < 10 * 86400 else None
