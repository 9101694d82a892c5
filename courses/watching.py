"""Watched buckets and the time that pays for them; pure.

A lecture is cut into buckets of five seconds. What was watched is a bitmap; adding to it is a
union, so duplicates, reordering and replays change nothing. Only *new* buckets cost budget, and
budget grows with the server's clock at twice its pace, one account per person over all lectures
and devices: a forged report is worth no more than watching at double speed would have been.

On line the account holds two minutes. What it cannot hold goes to savings, from which only a report
of a lecture that was saved for learning without a network is paid, and of that no more than the time
it says it was played for and the time since it was saved.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BUCKET = 5
"""Seconds of media in one bucket."""

RATE = 2.0
"""Seconds of media that one second of the server's clock pays for."""

SLACK = 10.0
"""Seconds that a person may be credited at once on the very first report."""

CAP = 130.0
"""Seconds that may lie in the account: two reports of 30 s at double speed, and the slack."""

FULL = 0.8
"""Share of a bucket that must have been played."""

MAX_RANGES = 64
"""Ranges in one report."""

EVERY = 5.0
"""Seconds of the server's clock that earn the right to one more report on line."""

BURST = 6.0
"""Reports that a person may send at once: tabs closed together, a pause and its end, one sent again."""

LONGEST = 1e9
"""No time in a report may be larger; finite, so that arithmetic stays possible."""


class BadRanges(ValueError):
    """The report does not have the shape that our player sends."""


@dataclass(frozen=True, slots=True)
class Credit:
    """What a report brought: the new bitmap, how many buckets are new, what is left of the budget.

    ``rest`` are the ranges that time has not paid for yet; the player sends them again later.
    """

    bits: int
    added: int
    budget: float
    rest: list[tuple[int, int]]


def buckets_in(seconds: float) -> int:
    """Buckets of a lecture of *seconds*; the last may be short."""
    return max(math.ceil(seconds / BUCKET - 1e-9), 0)


def clean(ranges: object) -> list[tuple[float, float]]:
    """The ranges of a report as pairs of seconds; whatever else raises ``BadRanges``."""
    if not isinstance(ranges, list | tuple) or len(ranges) > MAX_RANGES:
        raise BadRanges(f"at most {MAX_RANGES} ranges")
    pairs = []
    for pair in ranges:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise BadRanges("a range is a pair of seconds")
        start, end = pair
        for value in pair:
            # bool is an int, NaN is a float: neither is a time.
            if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LONGEST:
                raise BadRanges("a range is a pair of seconds")
        if start < 0 or end < start:
            raise BadRanges("a range runs forwards from zero")
        pairs.append((float(start), float(end)))
    return pairs


def mask_of(ranges: Iterable[tuple[float, float]], seconds: float) -> int:
    """The buckets of a lecture of *seconds* of which *ranges* together cover at least four fifths.

    What lies beyond the end counts for nothing.
    """
    played: dict[int, float] = {}
    last = buckets_in(seconds)
    for start, end in _merged(ranges):
        stop = min(end, seconds)
        bucket = int(start // BUCKET)
        while bucket < last and bucket * BUCKET < stop:
            low, high = max(start, bucket * BUCKET), min(stop, (bucket + 1) * BUCKET)
            played[bucket] = played.get(bucket, 0.0) + max(high - low, 0.0)
            bucket += 1
    mask = 0
    for bucket, covered in played.items():
        length = min(BUCKET, seconds - bucket * BUCKET)
        if covered >= FULL * length - 1e-6:
            mask |= 1 << bucket
    return mask


def accrue(budget: float, elapsed: float, *, cap: float = CAP) -> float:
    """The account after *elapsed* seconds of the server's clock. A clock that ran back pays nothing."""
    return max(min(budget + max(elapsed, 0.0) * RATE, cap), 0.0)


def save_up(budget: float, savings: float, elapsed: float, *, most: float) -> tuple[float, float]:
    """Account and savings after *elapsed* seconds; what the account cannot hold is saved, up to *most*."""
    account = accrue(budget, elapsed)
    return account, max(min(savings + budget + max(elapsed, 0.0) * RATE - account, most), 0.0)


def refill(reports: float, elapsed: float) -> float:
    """How many reports a person may send after *elapsed* seconds, whole ones at once; never more than ``BURST``."""
    return min(reports + max(elapsed, 0.0) / EVERY, BURST)


def too_soon(reports: float) -> float:
    """Seconds until the next report is taken; 0 where one may be sent now."""
    return max(1.0 - reports, 0.0) * EVERY


def without_network(
    budget: float, savings: float, *, played: float, since_saved: float, paid: float = 0.0
) -> float:
    """What a report from a device without a network may still cost; all in seconds, *paid* is what it cost before.

    One bucket more than was played, because a lecture and a range seldom end where a bucket does.
    """
    worth = max(min(played, since_saved), 0.0) * RATE + BUCKET
    return min(budget + savings, max(worth - paid, 0.0))


def credit(bits: int, mask: int, budget: float) -> Credit:
    """Pay for the buckets of *mask* that *bits* lacks, from the front, as far as *budget* goes."""
    wanted = mask & ~bits
    room = int(budget // BUCKET)
    added = 0
    rest: list[int] = []
    bucket = 0
    while wanted >> bucket:
        if wanted >> bucket & 1:
            if added < room:
                bits |= 1 << bucket
                added += 1
            else:
                rest.append(bucket)
        bucket += 1
    return Credit(bits, added, budget - added * BUCKET, _as_ranges(rest))


def to_bytes(bits: int) -> bytes:
    """A bitmap as it is stored: bucket 0 at bit 0 of byte 0."""
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def from_bytes(data: bytes) -> int:
    """A stored bitmap as a number."""
    return int.from_bytes(bytes(data), "little")


def parts_of(bits: int) -> list[tuple[int, int]]:
    """What a bitmap holds, as disjoint ranges of seconds in order."""
    return _as_ranges([bucket for bucket in range(bits.bit_length()) if bits >> bucket & 1])


def reaches(credited: int, buckets: int, watch_pct: int) -> bool:
    """Whether the share asked for is watched; compared exactly, never rounded."""
    return bool(buckets) and credited * 100 >= watch_pct * buckets


def _merged(ranges: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _as_ranges(buckets: Sequence[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for bucket in buckets:
        start, end = bucket * BUCKET, (bucket + 1) * BUCKET
        if ranges and ranges[-1][1] == start:
            ranges[-1] = (ranges[-1][0], end)
        else:
            ranges.append((start, end))
    return ranges
