"""Freezing and grading against a scorer written apart from them."""

import copy
import itertools
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.grading import (
    AnswerRefused,
    BankTooSmall,
    ForeignOption,
    TooManyChosen,
    check_answer,
    freeze,
    grade,
    is_satisfiable,
    without_keys,
)
from tests.examples import examples

LETTERS = "abcdef"


@st.composite
def questions(draw, number):
    kind = draw(st.sampled_from(["single", "multiple", "true_false"]))
    count = 2 if kind == "true_false" else draw(st.integers(2, 6))
    ids = list(LETTERS[:count])
    most = count - 1 if kind == "multiple" else 1
    key = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=most, unique=True))
    return {
        "version": number * 10,
        "question": number,
        "kind": kind,
        "stem": {"vi": f"câu {number}", "en": f"item {number}"},
        "options": [{"id": i, "vi": f"{number}{i}", "en": f"{number}{i} en"} for i in ids],
        "why": {"vi": "vì thế", "en": "because"},
        "key": key,
        "cite": ["3312/QĐ-BYT"],
        "reviewed": True,
    }


@st.composite
def blueprints(draw):
    count = draw(st.integers(1, 6))
    bank = [draw(questions(number)) for number in range(1, count + 1)]
    cut = draw(st.integers(0, count))
    slots = [{"questions": [question], "draw": 1} for question in bank[:cut]]
    if rest := bank[cut:]:
        slots.append({"questions": rest, "draw": draw(st.integers(1, len(rest)))})
    return {
        "slots": slots,
        "shuffle_questions": draw(st.booleans()),
        "shuffle_options": draw(st.booleans()),
    }


def any_answers(draw, frozen):
    answers = {}
    for item in frozen:
        ids = [option["id"] for option in item["options"]]
        most = len(ids) if item["kind"] == "multiple" else 1
        if draw(st.booleans()):
            answers[item["slot"]] = draw(st.lists(st.sampled_from(ids), max_size=most, unique=True))
    return answers


def oracle(frozen, answers):
    """The same rules in other words: option by option, in hundredths of a sixtieth."""
    earned = 0
    for item in frozen:
        ticked = answers.get(item["slot"], [])
        if item["kind"] == "multiple":
            balance = 0
            for option in item["options"]:
                if option["id"] in ticked:
                    balance += 1 if option["id"] in item["key"] else -1
            earned += 60 * max(0, balance) // len(item["key"])
        elif len(ticked) == 1 and ticked[0] == item["key"][0]:
            earned += 60
    # 60 divides by every number of right options up to 6, so all of this is exact.
    return earned * 10000 // (60 * len(frozen))


@examples(200)
@given(st.data(), blueprints(), st.integers(0, 2**31))
def test_grading_agrees_with_the_reference_scorer(data, blueprint, seed):
    frozen = freeze(blueprint, seed=seed)
    answers = any_answers(data.draw, frozen)

    result = grade(frozen, answers)

    assert result.pct == Decimal(oracle(frozen, answers)) / 100
    assert 0 <= result.points <= result.out_of == len(frozen)
    assert 0 <= result.pct <= 100
    json.dumps(result.per_slot)


@examples(100)
@given(st.data(), blueprints(), st.integers(0, 2**31))
def test_the_order_of_questions_options_and_ticks_changes_no_score(data, blueprint, seed):
    frozen = freeze(blueprint, seed=seed)
    answers = any_answers(data.draw, frozen)
    other = copy.deepcopy(data.draw(st.permutations(frozen)))
    for item in other:
        item["options"] = data.draw(st.permutations(item["options"]))
        item["key"] = data.draw(st.permutations(item["key"]))
    ticks = {slot: data.draw(st.permutations(value)) for slot, value in answers.items()}

    assert grade(other, ticks).pct == grade(frozen, answers).pct


@examples(100)
@given(blueprints(), st.integers(0, 2**31))
def test_a_seed_always_gives_the_same_questions_without_repetition(blueprint, seed):
    frozen = freeze(blueprint, seed=seed)

    assert freeze(copy.deepcopy(blueprint), seed=seed) == frozen
    assert (
        len({item["version"] for item in frozen}) == len(frozen) == sum(s["draw"] for s in blueprint["slots"])
    )
    ids = [option["id"] for item in frozen for option in item["options"]]
    assert len(set(ids)) == len(ids)
    assert [item["slot"] for item in frozen] == list(range(1, len(frozen) + 1))


@examples(100)
@given(blueprints(), st.integers(0, 2**31))
def test_all_right_is_a_hundred_and_nothing_answered_is_nothing(blueprint, seed):
    frozen = freeze(blueprint, seed=seed)

    assert grade(frozen, {item["slot"]: item["key"] for item in frozen}).pct == 100
    assert grade(frozen, {}).pct == 0


@examples(100)
@given(st.data(), blueprints(), st.integers(0, 2**31))
def test_what_a_learner_sees_is_the_same_whichever_option_is_right(data, blueprint, seed):
    other = copy.deepcopy(blueprint)
    for slot in other["slots"]:
        for question in slot["questions"]:
            ids = [option["id"] for option in question["options"]]
            question["key"] = data.draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
            question["why"] = {"vi": "khác", "en": "other"}
            question["cite"] = []

    one, two = (json.dumps(without_keys(freeze(b, seed=seed))) for b in (blueprint, other))

    assert one == two
    assert "vì thế" not in one
    assert "3312" not in one


def item(kind="multiple", key=("a", "b"), options="abcd"):
    return {
        "version": 1,
        "question": 1,
        "kind": kind,
        "stem": {"vi": "câu", "en": ""},
        "options": [{"id": i, "vi": i, "en": ""} for i in options],
        "key": list(key),
    }


def frozen_of(*items):
    return freeze({"slots": [{"questions": [i], "draw": 1} for i in items]}, seed=7)


def chosen(frozen, *words):
    return [option["id"] for option in frozen[0]["options"] if option["vi"] in words]


@pytest.mark.parametrize(
    ("words", "pct"),
    [
        ("ab", "100.00"),
        ("a", "50.00"),
        ("ac", "0.00"),
        ("abc", "50.00"),
        ("abcd", "0.00"),
        ("cd", "0.00"),
        ("", "0.00"),
    ],
)
def test_a_wrong_tick_takes_back_a_right_one(words, pct):
    frozen = frozen_of(item())

    assert grade(frozen, {1: chosen(frozen, *words)}).pct == Decimal(pct)


def test_a_score_is_cut_and_never_rounded_up_to_the_pass_mark():
    frozen = frozen_of(*({**item(key=("a", "b", "c")), "question": n} for n in range(1, 4)))
    answers = {1: frozen[0]["key"], 2: frozen[1]["key"], 3: []}

    assert grade(frozen, answers).pct == Decimal("66.66")


def test_options_of_another_attempt_are_refused():
    one, two = frozen_of(item()), freeze({"slots": [{"questions": [item()], "draw": 1}]}, seed=8)

    with pytest.raises(ForeignOption):
        grade(one, {1: two[0]["key"]})
    with pytest.raises(ForeignOption):
        grade(one, {1: ["a"]})
    with pytest.raises(ForeignOption):
        grade(one, {2: []})


def test_two_ticks_where_one_is_right_are_refused():
    frozen = frozen_of(item(kind="single", key=("a",)))

    with pytest.raises(TooManyChosen):
        check_answer(frozen, 1, chosen(frozen, "a", "b"))
    assert check_answer(frozen, 1, chosen(frozen, "a") * 3) == chosen(frozen, "a")


@pytest.mark.parametrize("value", ["a", None, {"a": 1}, [1], [["a"]]])
def test_what_is_no_list_of_ids_is_no_answer(value):
    with pytest.raises(AnswerRefused):
        check_answer(frozen_of(item()), 1, value)


def pool(*numbers):
    return [{**item(), "question": n, "version": n} for n in numbers]


def test_a_bank_that_is_too_small_is_named():
    with pytest.raises(BankTooSmall):
        freeze({"slots": [{"questions": pool(1, 2), "draw": 3}]}, seed=1)
    assert not is_satisfiable([{"questions": pool(1), "draw": 1}, {"questions": pool(1), "draw": 1}])
    assert is_satisfiable([])


@examples(150)
@given(st.lists(st.tuples(st.sets(st.integers(1, 5), min_size=1), st.integers(1, 2)), min_size=1, max_size=3))
def test_overlapping_draws_fail_only_where_no_choice_would_do(wanted):
    slots = [{"questions": pool(*sorted(numbers)), "draw": draw} for numbers, draw in wanted]
    seats = [sorted(numbers) for numbers, draw in wanted for _ in range(draw)]
    possible = any(len(set(pick)) == len(seats) for pick in itertools.product(*seats))

    assert is_satisfiable(slots) == possible
    for seed in range(5):
        if possible:
            versions = [i["version"] for i in freeze({"slots": slots}, seed=seed)]
            assert len(set(versions)) == len(seats)


def test_every_question_of_a_pool_is_drawn_about_equally_often():
    counts = dict.fromkeys(range(1, 6), 0)
    for seed in range(1000):
        for drawn in freeze({"slots": [{"questions": pool(1, 2, 3, 4, 5), "draw": 2}]}, seed=seed):
            counts[drawn["version"]] += 1

    assert all(330 < count < 470 for count in counts.values()), counts
