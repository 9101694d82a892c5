"""Pure: from pieces of evidence to minutes in a session, a verdict, and conflicts.

The result never depends on the order of the evidence, on repeats, or on how an interval was cut
up; what one kind of evidence says stays counted once when another kind is taken back
(``domain`` 2.5).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby

POINTS = frozenset({"self_code", "self_qr"})
"""Codes and site QR codes: moments at which somebody proved to be there."""
LISTS = frozenset({"coord_roster", "sheet_scan"})
"""A coordinator's word: without an end it holds until the session's end."""
PULSE = timedelta(minutes=30)
"""How long a single proof counts, and for how long after the last one."""

Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence of one person in one session. ``until`` is None for a moment."""

    id: int
    source: str
    since: datetime
    until: datetime | None = None
    retracts: int | None = None
    site: int | None = None


@dataclass(frozen=True)
class Stay:
    """That a person was at one site of one session for an interval; compared for conflicts."""

    session: int
    site: int | None
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Conflict:
    """Two stays of one person at the same time in different places."""

    one: Stay
    other: Stay
    seconds: int


def in_force(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Evidence that says something and was not taken back."""
    evidence = list(evidence)
    gone = {row.retracts for row in evidence if row.retracts is not None}
    return [row for row in evidence if row.retracts is None and row.id not in gone]


def intervals(evidence: Iterable[Evidence], window: Interval, *, pulse: timedelta = PULSE) -> list[Interval]:
    """The disjoint intervals, within *window* and in order, that *evidence* proves.

    Codes prove everything from the first to the last of them and one *pulse* more, so a
    forgotten check-out never counts to the end. A coordinator's tick without an end counts until
    the end of the window.
    """
    begins, ends = window
    found: list[Interval] = []
    moments: dict[str, list[datetime]] = {}
    for row in in_force(evidence):
        if row.until is not None:
            found.append((row.since, row.until))
        elif row.source in LISTS:
            found.append((row.since, max(ends, row.since)))
        else:
            # A phone's codes and QR codes are one kind: in by QR and out by code is one stay.
            kind = "points" if row.source in POINTS else row.source
            moments.setdefault(kind, []).append(row.since)
    found += [(min(points), max(points) + pulse) for points in moments.values()]
    return _union(
        (max(since, begins), min(until, ends)) for since, until in found if since < ends and until > begins
    )


def _union(found: Iterable[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for since, until in sorted(found):
        if joined and since <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(until, joined[-1][1]))
        elif until > since:
            joined.append((since, until))
    return joined


def minutes(evidence: Iterable[Evidence], window: Interval, *, pulse: timedelta = PULSE) -> Fraction:
    """Minutes within *window* that *evidence* proves, exactly."""
    return sum(
        (_minutes(until - since) for since, until in intervals(evidence, window, pulse=pulse)), Fraction(0)
    )


def _minutes(length: timedelta) -> Fraction:
    return Fraction(length // timedelta(microseconds=1), 60_000_000)


def verdict(minutes: Fraction, window: Interval, present_pct: int, partial_pct: int) -> str:
    """``present``, ``partial`` or ``absent`` by the shares of the window, never rounded up."""
    share = 100 * Fraction(minutes) / _minutes(window[1] - window[0])
    if minutes > 0 and share >= present_pct:
        return "present"
    return "partial" if minutes > 0 and share >= partial_pct else "absent"


def stays(
    session: int, evidence: Iterable[Evidence], window: Interval, *, pulse: timedelta = PULSE
) -> list[Stay]:
    """What *evidence* proves of each site by itself, to be compared with :func:`conflicts`."""
    rows = sorted(in_force(evidence), key=lambda row: (row.site is not None, row.site or 0))
    return [
        Stay(session, site, since, until)
        for site, group in groupby(rows, key=lambda row: row.site)
        for since, until in intervals(group, window, pulse=pulse)
    ]


def conflicts(found: Iterable[Stay], *, tolerance: timedelta = timedelta(minutes=5)) -> list[Conflict]:
    """Pairs of stays in different places that overlap by more than *tolerance*.

    Evidence that names no site agrees with any site of the same session.
    """
    ordered = sorted(set(found), key=lambda s: (s.since, s.until, s.session, s.site is not None, s.site or 0))
    clashes = []
    for position, one in enumerate(ordered):
        for other in ordered[position + 1 :]:
            if other.since >= one.until:
                break
            same = one.session == other.session
            if same and (one.site == other.site or one.site is None or other.site is None):
                continue
            overlap = min(one.until, other.until) - other.since
            if overlap > tolerance:
                clashes.append(Conflict(one, other, int(overlap.total_seconds())))
    return clashes


def oddities(
    ticked_at: Iterable[datetime], *, present: int, capacity: int, head_count: int | None
) -> list[str]:
    """What a list of a room makes one look twice at, as codes; information, never a verdict.

    ``crowded``: more people than seats; ``uncounted``: more names than heads; ``hasty``: at least
    four people all ticked within ten seconds (``domain`` 2.5, rule 7).
    """
    ticked = sorted(ticked_at)
    found = []
    if present > capacity:
        found.append("crowded")
    if head_count is not None and present > head_count:
        found.append("uncounted")
    if len(ticked) >= 4 and ticked[-1] - ticked[0] < timedelta(seconds=10):
        found.append("hasty")
    return found
