"""Scores of skills checklists."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.checking import RatingMissing, RatingRefused, score


def checklist(*steps, pass_pct=70):
    """Steps as (weight, critical)."""
    items = [
        {"id": str(n), "vi": "", "en": "", "weight": weight, "critical": critical}
        for n, (weight, critical) in enumerate(steps)
    ]
    return {"title": {"vi": "x", "en": ""}, "pass_pct": pass_pct, "items": items}


def test_one_missed_critical_step_fails_whatever_the_points():
    frozen = checklist((9, False), (1, True))

    assert score(frozen, {"0": True, "1": False}) == (Decimal("90.00"), 1, False)
    assert score(frozen, {"0": True, "1": True}) == (Decimal("100.00"), 0, True)


def test_the_pass_mark_itself_passes_and_just_below_does_not():
    frozen = checklist((70, False), (30, False))
    assert score(frozen, {"0": True, "1": False}) == (Decimal("70.00"), 0, True)

    frozen = checklist((699, False), (301, False))
    assert score(frozen, {"0": True, "1": False}) == (Decimal("69.90"), 0, False)


def test_a_step_left_unrated_is_named():
    with pytest.raises(RatingMissing) as raised:
        score(checklist((1, False), (1, False)), {"0": True})
    assert raised.value.item_ids == ["1"]


@pytest.mark.parametrize("ratings", [{"0": True, "7": True}, {"0": "yes"}, {"0": None}, {"0": 1}])
def test_foreign_steps_and_odd_ratings_are_refused(ratings):
    with pytest.raises(RatingRefused):
        score(checklist((1, False)), ratings)


def test_a_checklist_without_steps_passes_nobody():
    assert score(checklist(), {}) == (Decimal("0.00"), 0, False)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.booleans()), min_size=1, max_size=12),
    st.integers(0, 100),
)
def test_scores_agree_with_a_count_by_hand(steps, pass_pct):
    frozen = checklist(*((weight, critical) for weight, critical, _ in steps), pass_pct=pass_pct)
    ratings = {str(n): done for n, (_, _, done) in enumerate(steps)}

    pct, missed, passed = score(frozen, ratings)

    spread = [done for weight, _, done in steps for _ in range(weight)]
    assert pct * len(spread) <= 100 * sum(spread) < (pct + Decimal("0.01")) * len(spread)
    assert missed == sum(critical and not done for _, critical, done in steps)
    assert passed == (missed == 0 and sum(spread) * 100 >= pass_pct * len(spread))
