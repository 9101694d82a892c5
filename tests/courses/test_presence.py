"""Minutes from evidence, beside an oracle that counts seconds one by one."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses import presence
from courses.presence import Evidence, Stay
from tests.examples import examples

BEGIN = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
WINDOW = (BEGIN, BEGIN + timedelta(minutes=100))
PULSE = timedelta(minutes=30)


def at(minute: float) -> datetime:
    return BEGIN + timedelta(minutes=minute)


def code(ident, minute, **values):
    return Evidence(ident, "self_code", at(minute), **values)


def tick(ident, minute, until=None, **values):
    return Evidence(ident, "coord_roster", at(minute), None if until is None else at(until), **values)


def minutes(*rows):
    return presence.minutes(rows, WINDOW, pulse=PULSE)


def test_codes_prove_what_lies_between_the_first_and_the_last():
    assert minutes(code(1, 1), code(2, 95)) == 99


def test_a_single_code_counts_one_pulse_and_never_to_the_end():
    assert minutes(code(1, 10)) == 30


def test_a_forgotten_check_out_counts_to_the_last_code_and_one_pulse():
    assert minutes(code(1, 0), code(2, 40)) == 70


def test_in_by_qr_and_out_by_code_is_one_stay():
    assert minutes(Evidence(1, "self_qr", at(0)), code(2, 90)) == 100


def test_a_tick_without_end_counts_until_the_end():
    assert minutes(tick(1, 20)) == 80


def test_a_tick_before_the_start_counts_from_the_start():
    assert minutes(tick(1, -20)) == 100


def test_two_devices_count_once():
    assert minutes(code(1, 0), code(2, 0.1), code(3, 90), tick(4, 0)) == 100


def test_evidence_after_the_end_counts_nothing():
    assert minutes(code(1, 110)) == 0
    assert minutes(tick(1, 110)) == 0


def test_a_code_before_the_start_counts_what_reaches_into_the_window():
    assert minutes(code(1, -10)) == 20


def test_taking_one_kind_back_leaves_the_other_counted_once():
    both = [code(1, 0), tick(2, 0)]

    without_tick = minutes(*both, tick(3, 0, retracts=2))
    without_code = minutes(*both, code(4, 0, retracts=1))

    assert minutes(*both) == 100
    assert without_tick == 30
    assert without_code == 100
    assert minutes(*both, tick(3, 0, retracts=2), code(4, 0, retracts=1)) == 0


def test_a_power_cut_of_twenty_five_minutes_falls_below_the_threshold_and_is_made_up():
    """domain 7.8, rule 15: 95 of 120 minutes are 79 %, the recorded part raises them to 100 %."""
    window = (BEGIN, BEGIN + timedelta(minutes=120))
    rows = [tick(1, 0, until=20), tick(2, 45, until=120)]
    made_up = [*rows, Evidence(3, "hub_override", at(20), at(45))]

    present = presence.minutes(rows, window)

    assert present == 95
    assert presence.verdict(present, window, 80, 40) == "partial"
    assert presence.minutes(made_up, window) == 120
    assert presence.verdict(Fraction(120), window, 80, 40) == "present"


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (0, "absent"),
        (2399, "absent"),
        (2400, "partial"),
        (4799, "partial"),
        (4800, "present"),
        (6000, "present"),
    ],
)
def test_thresholds_are_reached_never_rounded_to(seconds, verdict):
    assert presence.verdict(Fraction(seconds, 60), WINDOW, 80, 40) == verdict


def test_nobody_without_evidence_is_present_whatever_the_threshold():
    assert presence.verdict(Fraction(0), WINDOW, 0, 0) == "absent"


# --- conflicts


def stay(session, site, since, until):
    return Stay(session, site, at(since), at(until))


def test_two_sites_at_the_same_hour_are_counted_once_and_flagged():
    """domain 7.8, rule 5."""
    rows = [tick(1, 0, site=1), tick(2, 0, site=2)]

    clashes = presence.conflicts(presence.stays(9, rows, WINDOW))

    assert presence.minutes(rows, WINDOW) == 100
    assert [clash.seconds for clash in clashes] == [6000]


def test_two_sessions_at_the_same_hour_are_flagged():
    assert len(presence.conflicts([stay(1, 5, 0, 60), stay(2, None, 30, 90)])) == 1


def test_a_few_minutes_of_overlap_are_no_conflict():
    assert presence.conflicts([stay(1, 5, 0, 60), stay(1, 6, 56, 100)]) == []


def test_evidence_without_a_site_agrees_with_any_site():
    assert presence.conflicts([stay(1, None, 0, 60), stay(1, 6, 0, 60)]) == []


def test_one_long_stay_clashes_with_each_short_one():
    assert len(presence.conflicts([stay(1, 1, 0, 100), stay(2, 2, 10, 20), stay(3, 3, 40, 60)])) == 2


# --- properties

moments = st.integers(-20 * 60, 120 * 60).map(lambda s: BEGIN + timedelta(seconds=s))


@st.composite
def evidence(draw):
    rows = []
    for ident in range(draw(st.integers(0, 9))):
        source = draw(
            st.sampled_from(
                ["self_code", "self_qr", "coord_roster", "sheet_scan", "platform_log", "hub_override"]
            )
        )
        since = draw(moments)
        length = draw(st.one_of(st.none(), st.integers(0, 6000)))
        until = None if length is None else since + timedelta(seconds=length)
        site = draw(st.sampled_from([None, 1, 2]))
        rows.append(Evidence(ident, source, since, until, None, site))
    for ident in draw(st.lists(st.integers(0, 9), unique=True, max_size=3)):
        if ident < len(rows):
            rows.append(
                Evidence(100 + ident, rows[ident].source, rows[ident].since, rows[ident].until, ident)
            )
    return rows


def oracle(rows) -> int:
    """Seconds present, one by one."""
    gone = {row.retracts for row in rows}
    rows = [row for row in rows if row.retracts is None and row.id not in gone]
    seconds = set()
    length = int((WINDOW[1] - WINDOW[0]).total_seconds())

    def add(since, until):
        begin = int((since - BEGIN).total_seconds())
        end = int((until - BEGIN).total_seconds())
        seconds.update(range(max(begin, 0), min(end, length)))

    for kind in ({"self_code", "self_qr"}, {"platform_log"}, {"hub_override"}):
        points = [row.since for row in rows if row.source in kind and row.until is None]
        if points:
            add(min(points), max(points) + PULSE)
    for row in rows:
        if row.until is not None:
            add(row.since, row.until)
        elif row.source in {"coord_roster", "sheet_scan"}:
            add(row.since, WINDOW[1])
    return len(seconds)


@examples(300)
@given(evidence())
def test_minutes_equal_a_count_of_seconds(rows):
    assert minutes(*rows) == Fraction(oracle(rows), 60)


@examples(150)
@given(evidence(), st.randoms())
def test_order_and_repetition_change_nothing(rows, rng):
    shuffled = rows + [row for row in rows if rng.random() < 0.5]
    rng.shuffle(shuffled)

    assert presence.intervals(shuffled, WINDOW, pulse=PULSE) == presence.intervals(rows, WINDOW, pulse=PULSE)


@examples(150)
@given(evidence(), st.floats(0, 1))
def test_splitting_an_interval_changes_nothing(rows, share):
    cut_up = []
    gone = {row.retracts for row in rows}
    for row in rows:
        if row.until is None or row.retracts is not None or row.id in gone:
            cut_up.append(row)
            continue
        middle = row.since + timedelta(seconds=int((row.until - row.since).total_seconds() * share))
        cut_up.append(Evidence(row.id + 1000, row.source, row.since, middle, None, row.site))
        cut_up.append(Evidence(row.id + 2000, row.source, middle, row.until, None, row.site))

    assert presence.intervals(cut_up, WINDOW, pulse=PULSE) == presence.intervals(rows, WINDOW, pulse=PULSE)


@examples(150)
@given(evidence(), moments)
def test_more_evidence_never_means_fewer_minutes(rows, moment):
    more = [*rows, Evidence(999, "self_code", moment)]

    assert minutes(*more) >= minutes(*rows)


@examples(150)
@given(evidence())
def test_intervals_are_disjoint_ordered_and_inside_the_window(rows):
    found = presence.intervals(rows, WINDOW, pulse=PULSE)

    assert all(WINDOW[0] <= since < until <= WINDOW[1] for since, until in found)
    assert all(one[1] < other[0] for one, other in zip(found, found[1:], strict=False))


@examples(150)
@given(evidence(), st.sampled_from([{"self_code", "self_qr"}, {"coord_roster"}, {"hub_override"}]))
def test_taking_back_one_kind_leaves_exactly_what_the_others_say(rows, kind):
    taken = {row.retracts for row in rows}
    standing = [row for row in rows if row.retracts is None and row.id not in taken]
    back = [
        Evidence(5000 + row.id, row.source, row.since, row.until, row.id)
        for row in standing
        if row.source in kind
    ]

    assert minutes(*rows, *back) == minutes(*[row for row in standing if row.source not in kind])


# --- blocks, cut lines, posters, check-outs: beside the same oracle

HOURS = presence.Hours(
    WINDOW[0],
    WINDOW[1],
    ((at(0), at(40)), (at(55), at(100))),
    (presence.Outage(at(10), at(25), 1), presence.Outage(at(60), at(70))),
)


@st.composite
def phone_evidence(draw):
    rows = draw(evidence())
    for ident in range(draw(st.integers(0, 4))):
        source = draw(st.sampled_from(["self_prompt", "self_poster", "self_out"]))
        rows.append(
            Evidence(500 + ident, source, draw(moments), None, None, draw(st.sampled_from([None, 1, 2])))
        )
    return rows


def slow_minutes(rows) -> int:
    """Seconds present within the blocks and outside the cut lines, one by one."""
    gone = {row.retracts for row in rows}
    rows = {row.id: row for row in rows if row.retracts is None and row.id not in gone}.values()
    outs = sorted(row.since for row in rows if row.source == "self_out")
    seconds = set()

    def add(since, until, site, is_hub=False):
        for second in range(
            max(int((since - BEGIN).total_seconds()), 0), min(int((until - BEGIN).total_seconds()), 6000)
        ):
            moment = BEGIN + timedelta(seconds=second)
            in_block = any(one <= moment < other for one, other in HOURS.blocks)
            is_cut = any(
                cut.since <= moment < cut.until and cut.site in {None, site} for cut in HOURS.outages
            )
            if in_block and (is_hub or not is_cut):
                seconds.add(second)

    stays = {}
    for row in rows:
        hub = row.source == "hub_override"
        leaves = [out for out in outs if out >= row.since]
        if row.source == "self_out":
            continue
        if row.until is not None:
            add(row.since, row.until, row.site, hub)
        elif row.source in {"coord_roster", "sheet_scan"}:
            add(row.since, WINDOW[1], row.site)
        elif row.source == "self_poster":
            add(row.since, min([row.since + PULSE, *leaves]), row.site)
        else:
            kind = ("phone", len(leaves)) if row.source in presence.POINTS else (row.source, None)
            stays.setdefault(kind, []).append(row)
    for (source, left), points in stays.items():
        last = max(point.since for point in points)
        end = min([last + PULSE, *([out for out in outs if out >= last] if left is not None else [])])
        sites = {point.site for point in points} - {None}
        add(
            min(point.since for point in points),
            end,
            sites.pop() if len(sites) == 1 else None,
            source == "hub_override",
        )
    return len(seconds)


@examples(100)
@given(phone_evidence(), st.randoms())
def test_minutes_in_blocks_around_cut_lines_equal_a_count_of_seconds_in_any_order(rows, rng):
    shuffled = rows + [row for row in rows if rng.random() < 0.5]
    rng.shuffle(shuffled)

    assert presence.minutes(shuffled, HOURS, pulse=PULSE) == Fraction(slow_minutes(rows), 60)


@examples(100)
@given(phone_evidence())
def test_crediting_cut_lines_never_takes_minutes_and_never_gives_more_than_were_cut(rows):
    credited = presence.replace(HOURS, credits_outages=True)
    with_cut, without = (presence.minutes(rows, one, pulse=PULSE) for one in (HOURS, credited))
    plain = presence.minutes(rows, presence.replace(HOURS, outages=()), pulse=PULSE)

    assert with_cut <= plain <= without <= plain + 25


def test_a_line_that_was_cut_is_bridged_for_whoever_came_back_at_once():
    hours = presence.Hours(*WINDOW, outages=(presence.Outage(at(20), at(45), 1),), credits_outages=True)
    rows = [
        Evidence(1, "platform_log", at(0), at(20), None, 1),
        Evidence(2, "platform_log", at(46), at(100), None, 1),
    ]
    late = [rows[0], Evidence(2, "platform_log", at(60), at(100), None, 1)]

    assert presence.minutes(rows, hours) == 99
    assert presence.minutes(late, hours) == 60
