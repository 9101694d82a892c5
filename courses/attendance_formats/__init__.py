"""Pure: what the rows of a meeting's attendance report say: who, from when, until when.

Every source is one module with its headers and habits. A row is read, or refused with a code that
says why; no row is dropped in silence. Layouts change from year to year and from language to
language, so columns are found by their headers, wherever they stand.
"""

from collections.abc import Iterable
from datetime import date, tzinfo

from courses.attendance_formats import bbb, meet, plain, teams, zoom
from courses.attendance_formats.lines import (
    COLUMNS,
    MOST_LINES,
    Layout,
    Line,
    NoHeader,
    Report,
    find_header,
    header_text,
    read_lines,
)

__all__ = ["COLUMNS", "MOST_LINES", "SOURCES", "Line", "NoHeader", "Report", "detect", "header_text", "read"]

SOURCES: dict[str, Layout] = {
    one.name: one for one in (zoom.LAYOUT, teams.LAYOUT, meet.LAYOUT, bbb.LAYOUT, plain.LAYOUT)
}
"""The layouts by the name that a file's sender gives."""


def detect(rows: list[list[str]]) -> str:
    """The source whose headers *rows* have; ``plain`` where none is recognised."""
    for name in ("teams", "zoom", "bbb", "meet"):
        layout = SOURCES[name]
        try:
            at, _columns = find_header(rows, layout)
        except NoHeader:
            continue
        # The headers that nobody else writes.
        if any(layout.is_sign(cell) for row in rows[: at + 1] for cell in row):
            return name
    return "plain"


def read(
    rows: Iterable[list[str]],
    source: str,
    *,
    on: date,
    zone: tzinfo,
    columns: dict[int, str] | None = None,
) -> Report:
    """Read *rows* (all cells as text) as a report of *source* about a meeting on the day *on*.

    Times without a day are of that day; of ``03/04/2026`` the reading nearer to it is taken; times
    without a zone are in *zone*. *columns* says what stands in which column (keys of ``COLUMNS``)
    where somebody has said so, the first row being headers. Raises NoHeader.
    """
    return read_lines(list(rows), SOURCES[source], on=on, zone=zone, columns=columns)
