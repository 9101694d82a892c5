"""When a message may leave: never at night, never too many a day, never earlier nor later than it must."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.pacing import Rules, may_leave, next_digest

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
QUARTERS = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
MOMENTS = st.datetimes(datetime(2026, 2, 26), datetime(2026, 3, 3)).map(
    lambda one: one.replace(second=0, microsecond=0, minute=one.minute // 15 * 15, tzinfo=UTC)
)


@st.composite
def rules(draw):
    return Rules(HANOI, draw(QUARTERS), draw(QUARTERS), draw(st.integers(1, 3)), draw(QUARTERS))


def quiet(moment: datetime, how: Rules) -> bool:
    """The quiet hours as a person reads them off a clock, by walking round it from the evening."""
    hand, clock = how.quiet_from, moment.astimezone(HANOI).time()
    while hand != how.quiet_until:
        following = (datetime.combine(datetime(2026, 1, 1), hand) + timedelta(minutes=15)).time()
        if hand <= clock < following or (following == time() and clock >= hand):
            return True
        hand = following
    return False


def first_by_walking(now, how, gone, urgent):
    """The oracle: try every quarter of an hour from now on until one will do."""
    moment = now
    while True:
        day = moment.astimezone(HANOI).date()
        full = sum(one.astimezone(HANOI).date() == day for one in gone) >= how.most
        if not quiet(moment, how) and (urgent or not full):
            return moment
        moment += timedelta(minutes=15)


def check(decide, now, how, gone, urgent):
    assert decide(now, rules=how, gone=gone, urgent=urgent) == first_by_walking(now, how, gone, urgent)


@given(MOMENTS, rules(), st.lists(MOMENTS, max_size=6), st.booleans())
def test_a_message_leaves_at_the_first_moment_that_the_night_and_the_number_of_the_day_allow(
    now, how, gone, urgent
):
    check(may_leave, now, how, gone, urgent)


@pytest.mark.parametrize(
    ("planted", "now", "how", "gone"),
    [
        # Takes a night that passes midnight for none.
        (
            lambda now, rules, gone, urgent: now,
            datetime(2026, 3, 1, 16, tzinfo=UTC),
            Rules(HANOI),
            [],
        ),
        # Counts days by the server's clock: 23:30 UTC is the next morning in Hanoi.
        (
            lambda now, rules, gone, urgent: (
                now if sum(one.date() == now.date() for one in gone) < rules.most else now + timedelta(days=1)
            ),
            datetime(2026, 3, 1, 23, 30, tzinfo=UTC),
            Rules(HANOI, most=1),
            [datetime(2026, 3, 1, 10, tzinfo=UTC)],
        ),
    ],
)
def test_the_oracle_catches_a_planted_fault(planted, now, how, gone):
    with pytest.raises(AssertionError):
        check(planted, now, how, gone, False)


@given(MOMENTS, rules())
def test_a_digest_comes_at_its_hour_within_a_day_and_never_at_once(now, how):
    at = next_digest(now, rules=how)

    assert at.astimezone(HANOI).time() == how.digest_at
    assert timedelta() < at - now <= timedelta(days=1)


@pytest.mark.parametrize(
    ("said", "leaves"),
    [
        ("20:59", "20:59"),
        ("21:00", "06:00"),
        ("23:59", "06:00"),
        ("00:00", "06:00"),
        ("05:59", "06:00"),
        ("06:00", "06:00"),
    ],
)
def test_the_night_goes_from_nine_to_six(said, leaves):
    now = datetime.combine(datetime(2026, 3, 1), time.fromisoformat(said), HANOI)

    at = may_leave(now, rules=Rules(HANOI))

    assert at.astimezone(HANOI).time() == time.fromisoformat(leaves)
    assert at >= now
