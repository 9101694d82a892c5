"""Watched time: a union of buckets, paid for by the server's clock; forging is worth nothing."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from courses import watching
from courses.watching import BUCKET, CAP, RATE, SLACK, BadRanges, accrue, clean, credit, mask_of
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


# --- the whole account, against a set of seconds --------------------------------------------------


class Account:
    """The rules as ``actions.watching`` applies them, without a database."""

    def __init__(self, lengths):
        self.bits = dict.fromkeys(lengths, 0)
        self.at, self.budget = 0.0, SLACK

    def beat(self, video, pairs, now):
        budget = accrue(self.budget, now - self.at)
        paid = credit(self.bits[video], mask_of(pairs, video), budget)
        self.bits[video], self.budget = paid.bits, min(paid.budget, CAP)
        self.at = max(now, self.at)
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


def machine_for(account):
    class Watching(RuleBasedStateMachine):
        lengths = (3600, 607)

        @initialize()
        def begin(self):
            self.account = account(self.lengths)
            self.now = 0.0
            self.claimed = {video: set() for video in self.lengths}
            self.sent = []
            self.waits = []

        def send(self, video, pairs):
            before = sum(bits.bit_count() for bits in self.account.bits.values())
            self.claimed[video] |= seconds_of(pairs, video)
            self.account.beat(video, pairs, self.now)
            after = sum(bits.bit_count() for bits in self.account.bits.values())
            # One report is never worth more than the account can hold.
            assert (after - before) * BUCKET <= CAP

        @rule(wait=st.integers(0, 20_000))
        def time_passes(self, wait):
            self.now += wait

        @rule(
            video=st.sampled_from(lengths),
            start=st.integers(0, 3600),
            length=st.integers(0, 3600),
        )
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
            self.send(3600, [(self.now % 3500, self.now % 3500 + 30)])

        @invariant()
        def credit_is_bounded(self):
            credited = {video: bits.bit_count() for video, bits in self.account.bits.items()}
            total = sum(credited.values()) + getattr(self.account, "extra", 0)
            assert total * BUCKET <= self.now * RATE + SLACK
            for video, bits in self.account.bits.items():
                assert bits.bit_length() <= math.ceil(video / BUCKET)
                for bucket in range(bits.bit_length()):
                    if bits >> bucket & 1:
                        whole = set(range(bucket * BUCKET, min((bucket + 1) * BUCKET, video)))
                        assert len(whole & self.claimed[video]) >= 0.8 * len(whole)

    Watching.TestCase.settings = settings(
        max_examples=60, stateful_step_count=25, deadline=None, report_multiple_bugs=False
    )
    return Watching


TestAccount = machine_for(Account).TestCase
TestAccount.settings = examples(60, stateful_step_count=25, report_multiple_bugs=False)


@pytest.mark.slow
@pytest.mark.parametrize("naive", [TrustsTheBrowser, OneAccountPerVideo, CountsRepetitions, SavesUpIdleTime])
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
