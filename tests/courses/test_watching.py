"""Watched time: a union of buckets, paid for by the server's clock; forging is worth nothing."""

import math

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from courses import watching
from courses.watching import (
    BUCKET,
    BURST,
    CAP,
    EVERY,
    RATE,
    SLACK,
    BadRanges,
    accrue,
    clean,
    credit,
    mask_of,
    refill,
    save_up,
    too_soon,
    without_network,
)
from tests.examples import examples

ranges = st.lists(
    st.tuples(st.floats(0, 400), st.floats(0, 400)).map(lambda pair: tuple(sorted(pair))), max_size=12
)


def seconds_of(pairs, length):
    """The oracle: the whole seconds that ranges cover."""
    return {second for start, end in pairs for second in range(int(start), int(min(end, length)))}


@given(ranges, st.floats(5, 400))
def test_the_order_and_repetition_of_ranges_do_not_matter(pairs, length):
    once = mask_of(pairs, length)

    assert mask_of(list(reversed(pairs)), length) == once
    assert mask_of(pairs + pairs, length) == once


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)).map(lambda p: tuple(sorted(p)))),
    st.integers(5, 400),
)
def test_a_bucket_counts_when_four_fifths_of_its_seconds_were_played(pairs, length):
    played = seconds_of(pairs, length)

    mask = mask_of(pairs, length)

    for bucket in range(math.ceil(length / BUCKET)):
        whole = range(bucket * BUCKET, min((bucket + 1) * BUCKET, length))
        covered = sum(1 for second in whole if second in played)
        assert bool(mask >> bucket & 1) == (covered >= 0.8 * len(whole)), bucket


def test_seeking_to_the_end_watches_only_the_end():
    assert mask_of([(3590, 3600)], 3600).bit_count() == 2


def test_what_lies_beyond_the_end_counts_for_nothing():
    assert mask_of([(60, 10_000)], 60) == 0
    assert mask_of([(0, 9e8)], 60).bit_count() == 12


@pytest.mark.parametrize(
    "wrong",
    [None, "0-60", {"a": 1}, [[0]], [[0, 1, 2]], [[-1, 5]], [[9, 3]], [[0, math.nan]], [[0, math.inf]],
     [[0, "60"]], [[True, 5]], [[0, 10**400]], [[0, 5]] * 65],
)  # fmt: skip
def test_a_malformed_report_is_refused(wrong):
    with pytest.raises(BadRanges):
        clean(wrong)


@given(st.integers(0, 2**80), st.integers(0, 2**80), st.floats(0, 500))
def test_credit_only_adds_and_never_costs_more_than_the_account_holds(bits, mask, budget):
    paid = credit(bits, mask, budget)

    assert paid.bits & bits == bits
    assert paid.bits & ~(bits | mask) == 0
    assert paid.added == paid.bits.bit_count() - bits.bit_count()
    assert 0 <= paid.budget <= budget
    left = mask_of(paid.rest, 10_000)
    assert left == (mask & ~paid.bits)


@given(st.integers(0, 2**200))
def test_a_bitmap_survives_storage(bits):
    assert watching.from_bytes(watching.to_bytes(bits)) == bits


def test_a_clock_that_ran_back_pays_nothing():
    assert accrue(40, -3600) == 40


@given(st.lists(st.floats(-5, 60), max_size=80))
def test_reports_are_taken_one_in_five_seconds_but_for_a_few_at_once(waits):
    reports, taken, at = BURST, 0, 0.0
    for wait in waits:
        reports, at = refill(reports, wait), at + max(wait, 0)
        if not too_soon(reports):
            reports, taken = reports - 1, taken + 1
        assert taken <= BURST + at / EVERY + 1e-6
        assert too_soon(reports) <= EVERY


# --- the whole account, against a set of seconds --------------------------------------------------


MOST = 7200.0
"""Savings that a report from without a network may use, in these tests."""


class Account:
    """The rules as ``actions.watching`` and ``actions.offline`` apply them, without a database."""

    def __init__(self, lengths):
        self.bits = dict.fromkeys(lengths, 0)
        self.at, self.budget, self.savings = 0.0, SLACK, 0.0
        self.reports = {}

    def beat(self, video, pairs, now):
        self.budget, self.savings = save_up(self.budget, self.savings, now - self.at, most=MOST)
        paid = credit(self.bits[video], mask_of(pairs, video), self.budget)
        self.bits[video], self.budget, self.at = paid.bits, paid.budget, now
        return paid

    def offline(self, video, pairs, now, *, number, played, saved_at):
        self.budget, self.savings = save_up(self.budget, self.savings, now - self.at, most=MOST)
        before = self.reports.get(number, 0)
        allowed = without_network(
            self.budget, self.savings, played=played, since_saved=now - saved_at, paid=before * BUCKET
        )
        paid = credit(self.bits[video], mask_of(pairs, video), allowed)
        spent = paid.added * BUCKET
        self.budget -= max(spent - self.savings, 0)
        self.savings = max(self.savings - spent, 0)
        self.bits[video], self.at, self.reports[number] = paid.bits, now, before + paid.added
        return paid


class TrustsTheBrowser(Account):
    """Naive: believes whatever is claimed."""

    def beat(self, video, pairs, now):
        self.bits[video] |= mask_of(pairs, video)
        self.at = now


class OneAccountPerVideo(Account):
    """Naive: parallel tabs earn in parallel."""

    def __init__(self, lengths):
        super().__init__(lengths)
        self.accounts = dict.fromkeys(lengths, (0.0, SLACK))

    def beat(self, video, pairs, now):
        self.at, self.budget = self.accounts[video]
        super().beat(video, pairs, now)
        self.accounts[video] = (self.at, self.budget)


class CountsRepetitions(Account):
    """Naive: adds up reports instead of uniting them."""

    extra = 0

    def beat(self, video, pairs, now):
        again = mask_of(pairs, video) & self.bits[video]
        super().beat(video, pairs, now)
        self.extra += again.bit_count()


class SavesUpIdleTime(Account):
    """Naive: hours away from the screen may be cashed in at once."""

    def beat(self, video, pairs, now):
        budget = accrue(self.budget, now - self.at, cap=1e9)
        paid = credit(self.bits[video], mask_of(pairs, video), budget)
        self.bits[video], self.budget, self.at = paid.bits, paid.budget, now


class SpendsSavingsTwice(Account):
    """Naive: what a report from without a network costs is not taken off."""

    def offline(self, video, pairs, now, **told):
        budget, savings, at = self.budget, self.savings, self.at
        paid = super().offline(video, pairs, now, **told)
        self.budget, self.savings, self.at = budget, savings, at
        return paid


class PaysAReplayAgain(Account):
    """Naive: the same report, sent again, may claim its seconds again."""

    def offline(self, video, pairs, now, *, number, **told):
        return super().offline(video, pairs, now, number=object(), **told)


class TrustsTheDevice(Account):
    """Naive: a report from without a network is believed how long it played."""

    def offline(self, video, pairs, now, *, number, played, saved_at):
        return super().offline(video, pairs, now, number=number, played=1e6, saved_at=saved_at)


def machine_for(account):
    class Watching(RuleBasedStateMachine):
        lengths = (900, 207)

        @initialize()
        def begin(self):
            self.account = account(self.lengths)
            self.now = 0.0
            self.claimed = {video: set() for video in self.lengths}
            self.sent = []
            self.reports = []

        def credited(self):
            return sum(bits.bit_count() for bits in self.account.bits.values())

        def send(self, video, pairs):
            before = self.credited()
            self.claimed[video] |= seconds_of(pairs, video)
            self.account.beat(video, pairs, self.now)
            # One report is never worth more than the account can hold.
            assert (self.credited() - before) * BUCKET <= CAP

        def send_late(self, report):
            before = self.credited()
            self.claimed[report["video"]] |= seconds_of(report["pairs"], report["video"])
            self.account.offline(now=self.now, **{name: report[name] for name in report if name != "worth"})
            report["worth"] += (self.credited() - before) * BUCKET
            # However often it is sent: no more than twice what it was played, and twice the time since it was
            # saved; and one bucket, because nothing ends where a bucket does.
            assert report["worth"] <= report["played"] * RATE + BUCKET
            assert report["worth"] <= (self.now - report["saved_at"]) * RATE + BUCKET

        @rule(wait=st.integers(0, 6_000))
        def time_passes(self, wait):
            self.now += wait

        @rule(video=st.sampled_from(lengths), start=st.integers(0, 900), length=st.integers(0, 900))
        def claim(self, video, start, length):
            pairs = [(start, start + length)]
            self.sent.append((video, pairs))
            self.send(video, pairs)

        @precondition(lambda self: self.sent)
        @rule(data=st.data())
        def replay(self, data):
            self.send(*data.draw(st.sampled_from(self.sent)))

        @rule()
        def watch_honestly(self):
            self.now += 30
            self.send(900, [(self.now % 870, self.now % 870 + 30)])

        @rule(
            video=st.sampled_from(lengths),
            start=st.integers(0, 900),
            length=st.integers(0, 900),
            played=st.integers(0, 900),
            ago=st.integers(0, 4_000),
        )
        def come_back(self, video, start, length, played, ago):
            report = {
                "video": video,
                "pairs": [(start, start + length)],
                "number": len(self.reports),
                "played": played,
                "saved_at": max(self.now - ago, 0.0),
                "worth": 0,
            }
            self.reports.append(report)
            self.send_late(report)

        @precondition(lambda self: self.reports)
        @rule(data=st.data())
        def come_back_again(self, data):
            self.send_late(data.draw(st.sampled_from(self.reports)))

        @rule(minutes=st.integers(1, 15))
        def watch_without_a_network(self, minutes):
            seconds = minutes * 60
            report = {"video": 900, "pairs": [(0, seconds)], "number": len(self.reports), "played": seconds}
            report |= {"saved_at": self.now, "worth": 0}
            self.now += seconds
            self.reports.append(report)
            self.send_late(report)
            # Somebody who really watched gets everything, whatever else was sent before.
            assert self.account.bits[900] & mask_of(report["pairs"], 900) == mask_of(report["pairs"], 900)

        @invariant()
        def credit_is_bounded(self):
            total = self.credited() + getattr(self.account, "extra", 0)
            assert total * BUCKET <= self.now * RATE + SLACK
            for video, bits in self.account.bits.items():
                assert bits & ~mask_of([(s, s + 1) for s in self.claimed[video]], video) == 0

    Watching.TestCase.settings = settings(
        max_examples=500,
        stateful_step_count=25,
        deadline=None,
        report_multiple_bugs=False,
        phases=[Phase.generate],
    )
    return Watching


TestAccount = machine_for(Account).TestCase
TestAccount.settings = examples(500, stateful_step_count=15, report_multiple_bugs=False)

FAULTS = [TrustsTheBrowser, OneAccountPerVideo, CountsRepetitions, SavesUpIdleTime]
FAULTS += [SpendsSavingsTwice, PaysAReplayAgain, TrustsTheDevice]


@pytest.mark.slow
@pytest.mark.parametrize("naive", FAULTS)
def test_a_naive_account_is_found_out(naive):
    with pytest.raises(AssertionError):
        machine_for(naive).TestCase("runTest").runTest()


def test_somebody_who_really_watches_gets_everything():
    account = Account([3600])

    for now in range(30, 3601, 30):
        account.beat(3600, [(now - 30, now)], now)

    assert account.bits[3600].bit_count() == 720


def test_somebody_who_watches_at_double_speed_gets_everything():
    account = Account([3600])

    for step in range(1, 61):
        account.beat(3600, [((step - 1) * 60, step * 60)], step * 30)

    assert account.bits[3600].bit_count() == 720


def test_what_a_broken_connection_kept_back_is_paid_as_the_clock_goes_on():
    account = Account([3600])
    pending = [(0.0, 600.0)]

    # Ten minutes without a network, then a report every half minute.
    for now in range(600, 1200, 30):
        pending = account.beat(3600, pending, now).rest

    assert pending == []
    assert account.bits[3600].bit_count() == 120
