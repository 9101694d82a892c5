"""Pure: one row of a report, and the reading of rows by the headers of their layout."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from courses.attendance_formats.times import read_length, read_moment
from lms import names

COLUMNS = ("name", "first_name", "last_name", "email", "phone", "licence", "joined", "left", "length")
"""What a column may hold; names of columns in a mapping somebody saved."""
MOST_LINES = 5_000
"""More rows than any meeting has people and reconnections."""
MOST_TEXT = 200
NEVER = r"(?!)"
HEADER_WITHIN = 60
"""Reports have up to so many rows before the table."""


class NoHeader(Exception):
    """No row has the headers of the layout; ``header`` is the first row that could be one."""

    def __init__(self, header: list[str]):
        super().__init__(", ".join(header))
        self.header = header


@dataclass(frozen=True)
class Line:
    """One stay at the meeting as the report says it, or ``refused``: the code of why it is not one.

    ``number`` is that of the row in the file, from 1. Moments are UTC.
    """

    number: int
    name: str
    email: str = ""
    phone: str = ""
    licence: str = ""
    since: datetime | None = None
    until: datetime | None = None
    refused: str = ""


@dataclass(frozen=True)
class Report:
    """All rows of people in a report, in the order of the file."""

    source: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Layout:
    """How one source writes: headers by column (folded), signs that only it has, where its table ends."""

    name: str
    headers: dict[str, tuple[str, ...]]
    signs: tuple[str, ...] = ()
    ends_at: str = NEVER
    tidy: Callable[[str], str] = str

    def is_sign(self, cell: str) -> bool:
        """Whether *cell* is a header or heading that only this source writes."""
        return header_text(cell) in self.signs

    def column_of(self, cell: str) -> str | None:
        """Which column the header *cell* names."""
        text = header_text(cell)
        return next((key for key, texts in self.headers.items() if text in texts), None)


def header_text(cell: str) -> str:
    """A header without case, diacritics, signs and what stands in brackets: "Thời gian vào (UTC+7)"."""
    return re.sub(r"[^a-z0-9]+", " ", names.fold(re.sub(r"\([^)]*\)", " ", names.clean(cell)))).strip()


def find_header(rows: list[list[str]], layout: Layout) -> tuple[int, dict[int, str]]:
    """Which row holds the headers, and what stands in which column; raises NoHeader.

    Of several tables the first is taken that has names and times; else the first with names.
    """
    found: tuple[int, dict[int, str]] | None = None
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        columns: dict[int, str] = {}
        for position, cell in enumerate(row):
            key = layout.column_of(cell)
            if key and key not in columns.values():
                columns[position] = key
        named = "name" in columns.values() or {"first_name", "last_name"} <= set(columns.values())
        if named and len(columns) >= 2:
            if "joined" in columns.values():
                return at, columns
            found = found or (at, columns)
    if found:
        return found
    raise NoHeader(
        next((row for row in rows[:HEADER_WITHIN] if sum(bool(cell.strip()) for cell in row) >= 2), [])
    )


def read_lines(
    rows: list[list[str]], layout: Layout, *, on: date, zone: tzinfo, columns: dict[int, str] | None = None
) -> Report:
    """The people of *rows*: everything below the headers until the table ends."""
    at, columns = (0, columns) if columns else find_header(rows, layout)
    report = Report(layout.name)
    for number, row in enumerate(rows[at + 1 :], at + 2):
        if not any(cell.strip() for cell in row):
            # Zoom and Teams leave an empty row before the next table; others leave one anywhere.
            if layout.ends_at != NEVER and _ends(rows, number, layout):
                break
            continue
        if re.match(layout.ends_at, header_text(row[0]) if row else ""):
            break
        if len(report.lines) >= MOST_LINES:
            report.lines.append(Line(number, "", refused="too_many"))
            break
        report.lines.append(_line(number, row, columns, layout, on=on, zone=zone))
    return report


def _ends(rows: list[list[str]], number: int, layout: Layout) -> bool:
    following = next((row for row in rows[number:] if any(cell.strip() for cell in row)), None)
    return following is None or bool(re.match(layout.ends_at, header_text(following[0])))


def _line(
    number: int, row: list[str], columns: dict[int, str], layout: Layout, *, on: date, zone: tzinfo
) -> Line:
    cells = {
        key: names.clean(row[position])[: MOST_TEXT + 1] if position < len(row) else ""
        for position, key in columns.items()
    }
    name = layout.tidy(
        cells.get("name") or f"{cells.get('last_name', '')} {cells.get('first_name', '')}".strip()
    )
    who = {
        "name": name[:MOST_TEXT],
        "email": cells.get("email", "").lower()[:254],
        "phone": names.normal_phone(cells.get("phone", "")),
        "licence": names.normal_licence(cells.get("licence", ""))[:60],
    }
    if "@" not in who["email"]:
        who["email"] = ""
    since, until, refused = _stay(cells, set(columns.values()), on=on, zone=zone)
    if not any(who.values()):
        refused = "nobody"
    elif any(len(text) > MOST_TEXT for text in cells.values()):
        refused = "too_long"
    elif any(sign in name for sign in "<>{}\\\ufffd") or name.startswith(("=", "+", "@")):
        refused = "mangled"
    return Line(number, **who, since=since, until=until, refused=refused)


def _stay(
    cells: dict[str, str], known: set[str], *, on: date, zone: tzinfo
) -> tuple[datetime | None, datetime | None, str]:
    if "joined" not in known:
        return None, None, "no_times"
    since = read_moment(cells["joined"], on=on, zone=zone)
    if since is None:
        return None, None, "time"
    if cells.get("left"):
        until = read_moment(cells["left"], on=on, zone=zone)
    else:
        length = read_length(cells.get("length", ""))
        until = since + length if length is not None else None
    if until is None:
        return since, None, "time"
    if until < since and not re.search(r"\d{1,4}[-/.]\d{1,2}[-/.]\d", cells.get("left", "")):
        # Times without a day: the meeting ran past midnight.
        until += timedelta(days=1)
    if until < since:
        return since, until, "backwards"
    if until - since > timedelta(hours=24):
        return since, until, "too_long_stay"
    return since, until, ""
