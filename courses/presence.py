"""Pure: from pieces of evidence to minutes in a session, a verdict, and conflicts.

The result never depends on the order of the evidence, on repeats, or on how an interval was cut
up; what one kind of evidence says stays counted once when another kind is taken back
(``domain`` 2.5).
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby, pairwise

POINTS = frozenset({"self_code", "self_qr", "self_prompt"})
"""Codes, QR codes of a screen and answers to "are you still there": moments at which somebody was there."""
OUT = "self_out"
"""Checking out: speaks for no minute, and ends what codes say."""
POSTER = "self_poster"
"""A printed QR code proves no moment but its own, so nothing between two scans of it."""
LISTS = frozenset({"coord_roster", "sheet_scan"})
"""A coordinator's word: without an end it holds until the session's end."""
HUB = "hub_override"
"""The hub's word with a reason stands even where a line was cut: a person decided that the minutes are known."""
PULSE = timedelta(minutes=30)
"""How long a single proof counts, and for how long after the last one."""
NEAR = timedelta(minutes=5)
"""How close to a cut line somebody must have been seen for its minutes to be theirs."""
MANY = 4
"""How many people at the least make a coincidence worth a look."""
SKEW = timedelta(minutes=5)
"""How far the clock of a phone may be off before somebody looks."""

Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class Outage:
    """That the line of a site (of the whole session, where ``site`` is None) was cut."""

    since: datetime
    until: datetime
    site: int | None = None


@dataclass(frozen=True)
class Hours:
    """When a session was: its blocks with pauses between them, and the cut lines.

    ``credits_outages`` is the rule that the session declared beforehand: minutes of a cut line
    count for whoever was there before and after, or for nobody.
    """

    since: datetime
    until: datetime
    blocks: tuple[Interval, ...] = ()
    outages: tuple[Outage, ...] = ()
    credits_outages: bool = False

    @classmethod
    def of(cls, window: "Interval | Hours") -> "Hours":
        """*window* as hours: a plain interval is one block without a cut line."""
        return window if isinstance(window, Hours) else cls(*window)

    def until_now(self, now: datetime) -> "Hours":
        """The part of them that lies before *now*."""
        return replace(self, until=min(max(now, self.since), self.until))

    @property
    def parts(self) -> list[Interval]:
        """The blocks within the hours, joined and in order."""
        whole = self.blocks or ((self.since, self.until),)
        return _union((max(since, self.since), min(until, self.until)) for since, until in whole)

    @property
    def minutes(self) -> Fraction:
        """How long the blocks last together."""
        return total(self.parts)


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


def intervals(
    evidence: Iterable[Evidence], window: Interval | Hours, *, pulse: timedelta = PULSE
) -> list[Interval]:
    """The disjoint intervals, within the blocks of *window* and in order, that *evidence* proves.

    Codes prove everything from the first to the last of them and one *pulse* more, so a
    forgotten check-out never counts to the end; a check-out ends them there. A coordinator's tick
    without an end counts until the end of the window. What the evidence of a site says of minutes
    at which its line was cut counts only where the session credits them, and then also bridges.
    """
    hours, rows = Hours.of(window), in_force(evidence)
    pieces = _pieces(rows, hours, pulse)
    if hours.credits_outages or not hours.outages:
        found = _union((since, until) for since, until, _site, _source in pieces)
        found = _union([*found, *_bridges(found, hours.outages, {row.site for row in rows})])
    else:
        found = _union(
            part
            for since, until, site, source in pieces
            for part in _less([(since, until)], _cut(hours.outages, site, source))
        )
    return _within(found, hours.parts)


def _pieces(
    rows: list[Evidence], hours: Hours, pulse: timedelta
) -> list[tuple[datetime, datetime, int | None, str]]:
    """From, until, site and source of what *rows* say, not yet cut to the hours."""
    found = []
    moments: dict[str, list[Evidence]] = {}
    outs = sorted(row.since for row in rows if row.source == OUT)
    for row in rows:
        if row.source == OUT:
            continue
        if row.until is not None:
            found.append((row.since, row.until, row.site, row.source))
        elif row.source in LISTS:
            found.append((row.since, max(hours.until, row.since), row.site, row.source))
        elif row.source == POSTER:
            end = next((out for out in outs if out >= row.since), row.since + pulse)
            found.append((row.since, min(row.since + pulse, end), row.site, row.source))
        else:
            # A phone's codes and QR codes are one kind: in by QR and out by code is one stay.
            kind = f"points {bisect_left(outs, row.since)}" if row.source in POINTS else row.source
            moments.setdefault(kind, []).append(row)
    for kind, points in moments.items():
        last = max(point.since for point in points)
        end = last + pulse
        if kind.startswith("points "):
            end = next((min(out, end) for out in outs[int(kind[7:]) :]), end)
        sites = {point.site for point in points if point.site is not None}
        site = sites.pop() if len(sites) == 1 else None
        found.append((min(point.since for point in points), end, site, points[0].source))
    return found


def _cut(outages: Iterable[Outage], site: int | None, source: str) -> list[Interval]:
    """The cut lines that take minutes from a piece of evidence of *site*."""
    if source == HUB:
        return []
    return [(one.since, one.until) for one in outages if one.site is None or one.site == site]


def _bridges(found: list[Interval], outages: Iterable[Outage], sites: set[int | None]) -> list[Interval]:
    """The parts of cut lines that lie in gaps, for whoever was seen close before and close after."""
    return [
        (max(one[1], cut.since), min(other[0], cut.until))
        for one, other in pairwise(found)
        for cut in outages
        if (cut.site is None or cut.site in sites)
        and one[1] >= cut.since - NEAR
        and other[0] <= cut.until + NEAR
        and max(one[1], cut.since) < min(other[0], cut.until)
    ]


def _less(found: list[Interval], cuts: list[Interval]) -> list[Interval]:
    """*found* without *cuts*."""
    for begins, ends in cuts:
        left = []
        for since, until in found:
            left += [(since, min(until, begins)), (max(since, ends), until)]
        found = [(since, until) for since, until in left if since < until]
    return found


def _within(found: list[Interval], parts: list[Interval]) -> list[Interval]:
    """What of *found* lies in *parts*."""
    both = [(max(a, c), min(b, d)) for a, b in found for c, d in parts]
    return sorted((since, until) for since, until in both if since < until)


def _union(found: Iterable[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for since, until in sorted(found):
        if joined and since <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(until, joined[-1][1]))
        elif until > since:
            joined.append((since, until))
    return joined


def minutes(evidence: Iterable[Evidence], window: Interval | Hours, *, pulse: timedelta = PULSE) -> Fraction:
    """Minutes within *window* that *evidence* proves, exactly."""
    return total(intervals(evidence, window, pulse=pulse))


def holds(found: Iterable[Interval], moment: datetime) -> bool:
    """Whether *moment* lies in one of the intervals, ends included."""
    return any(since <= moment <= until for since, until in found)


def total(found: Iterable[Interval]) -> Fraction:
    """Minutes of disjoint intervals, exactly."""
    return sum((_minutes(until - since) for since, until in found), Fraction(0))


def _minutes(length: timedelta) -> Fraction:
    return Fraction(length // timedelta(microseconds=1), 60_000_000)


def made_up(
    present: Iterable[Interval], watched: Iterable[Interval], window: Interval | Hours, *, most_pct: int
) -> Fraction:
    """Minutes that *watched* parts of a recording add to *present*, both on the session's clock.

    What was both seen and watched counts once; at most *most_pct* of the session is made up for.
    More of either never makes the sum smaller.
    """
    hours, present = Hours.of(window), list(present)
    added = total(_within(_union([*present, *watched]), hours.parts)) - total(present)
    return min(max(added, Fraction(0)), hours.minutes * most_pct / 100)


def missed(
    present: Iterable[Interval], recorded: Iterable[Interval], window: Interval | Hours
) -> list[Interval]:
    """What of *window* was *recorded* and is not in *present*, in order."""
    return _within(_less(_union(recorded), list(present)), Hours.of(window).parts)


def verdict(minutes: Fraction, window: Interval | Hours, present_pct: int, partial_pct: int) -> str:
    """``present``, ``partial`` or ``absent`` by the shares of the window, never rounded up."""
    share = 100 * Fraction(minutes) / Hours.of(window).minutes
    if minutes > 0 and share >= present_pct:
        return "present"
    return "partial" if minutes > 0 and share >= partial_pct else "absent"


def stays(
    session: int, evidence: Iterable[Evidence], window: Interval | Hours, *, pulse: timedelta = PULSE
) -> list[Stay]:
    """What *evidence* proves of each site by itself, to be compared with :func:`conflicts`."""
    rows = sorted(in_force(evidence), key=lambda row: (row.site is not None, row.site or 0))
    outs = [row for row in rows if row.source == OUT]
    return [
        Stay(session, site, since, until)
        for site, group in groupby((row for row in rows if row.source != OUT), key=lambda row: row.site)
        for since, until in intervals([*group, *outs], window, pulse=pulse)
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


@dataclass(frozen=True)
class Said:
    """One piece of evidence of a room as it came in, to be looked at for what is odd about it."""

    person: int
    source: str
    since: datetime
    recorded_at: datetime
    client_at: datetime | None = None
    is_late: bool = False
    device: str = ""
    is_added: bool = False


def oddities(rows: Iterable[Said], *, capacity: int, head_count: int | None, shared_by: int = 3) -> list[str]:
    """What the evidence of a room makes one look twice at, as codes; information, never a verdict (``domain`` 2.5, rule 7).

    ``crowded``: more people than seats; ``uncounted``: more names than heads; ``hasty``: at least
    four people, all ticked within ten seconds; ``rushed``: the same by phone, or four who answered
    in one second; ``shared``: one phone for more than *shared_by* people; ``skewed``: a phone whose
    clock was off by more than five minutes; ``added``: somebody who was put on the list by hand, and
    for whom nothing but that tick speaks.
    """
    rows = list(rows)
    present = len({row.person for row in rows})
    ticked = [row for row in rows if row.source in LISTS and row.source != "sheet_scan"]
    own = [row for row in rows if row.source in {"self_code", "self_qr", POSTER} and not row.is_late]
    answers = Counter(row.recorded_at.replace(microsecond=0) for row in rows if row.source == "self_prompt")
    # Ticks made without a network all arrive at once; when they were made the device says.
    tests = {
        "crowded": present > capacity,
        "uncounted": head_count is not None and present > head_count,
        "hasty": _at_once([row.client_at or row.recorded_at for row in ticked]),
        "rushed": _at_once([row.recorded_at for row in own]) or max(answers.values(), default=0) >= MANY,
        "shared": any(
            len(people) > shared_by
            for people in people_by_device((row.device, row.person) for row in rows).values()
        ),
        "skewed": any(_is_skewed(row) for row in rows),
        "added": bool(
            {row.person for row in rows if row.is_added} - {row.person for row in rows if not row.is_added}
        ),
    }
    return [name for name, is_so in tests.items() if is_so]


def _at_once(moments: list[datetime]) -> bool:
    return len(moments) >= MANY and max(moments) - min(moments) < timedelta(seconds=10)


def _is_skewed(row: Said) -> bool:
    """Whether the clock of the phone that sent *row* was off; a tick may have waited, but never for the past."""
    if row.client_at is None:
        return False
    if row.source in POINTS:
        return abs(row.client_at - (row.since if row.is_late else row.recorded_at)) > SKEW
    return row.client_at - row.recorded_at > SKEW


def people_by_device(devices: Iterable[tuple[str, int]]) -> dict[str, set[int]]:
    """Who checked in with each phone; an unknown one is nobody's."""
    found: dict[str, set[int]] = {}
    for device, person in devices:
        if device:
            found.setdefault(device, set()).add(person)
    return found
