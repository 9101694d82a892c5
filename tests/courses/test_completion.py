"""Whether a course is completed follows from evidence alone, rule by rule."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.completion import (
    Attended,
    Facts,
    Observed,
    Tried,
    Watched,
    before_test,
    evaluate,
    share,
)

POLICY = {
    "min_attendance_pct": 80,
    "pass_pct": 70,
    "max_attempts": 3,
    "cooldown_minutes": 0,
    "require_survey": True,
    "require_checklist": False,
    "watch_pct": 90,
}


def item(lesson, kind, *, periods="0.00", purpose="", critical=None):
    made = {"lesson": lesson, "kind": kind, "purpose": purpose, "periods": periods}
    if critical is not None:
        made["items"] = [{"id": "1", "critical": critical}, {"id": "2", "critical": False}]
    return made


STROKE = [
    *(item(n, "video", periods="1.00") for n in (1, 2, 3, 4)),
    item(5, "session", periods="2.00"),
    item(6, "session", periods="1.00"),
    item(7, "checklist", periods="1.00", critical=True),
    item(8, "quiz", purpose="posttest"),
    item(9, "survey"),
]
"""DQ-01: eight periods."""

SEEN = Watched(credited=90, buckets=100)
PRESENT = Attended(1, "present", Decimal(100), Decimal(100))
ABSENT = Attended(1, "absent", Decimal(10), Decimal(100))
SKILLED = Observed(1, Decimal(100), 0, True)


def facts(**changes):
    """Everything done, 100 %; *changes* replace a kind of evidence."""
    full = {
        "watched": {1: SEEN, 2: SEEN, 3: SEEN, 4: SEEN},
        "attended": {5: [PRESENT], 6: [PRESENT]},
        "observed": {7: [SKILLED]},
        "attempts": {8: [Tried(1, Decimal(88))]},
        "surveyed": frozenset({9}),
    }
    return Facts(**{**full, **changes})


def test_everything_done_completes():
    result = evaluate(POLICY, STROKE, facts())

    assert result.complete
    assert [rule.code for rule in result.rules] == ["attendance", "posttest", "checklist", "survey"]
    assert result.attendance_pct == 100


def test_rule_1_eighty_five_per_cent_and_the_test_at_the_second_go():
    # 7 of 8 periods: the nearest that eight whole periods come to 85 %.
    done = facts(attended={5: [PRESENT]}, attempts={8: [Tried(1, Decimal(68)), Tried(2, Decimal(74))]})

    first = evaluate(POLICY, STROKE, facts(attended={5: [PRESENT]}, attempts={8: [Tried(1, Decimal(68))]}))
    second = evaluate(POLICY, STROKE, done)

    assert not first.complete
    assert (first.rule("posttest").value, first.rule("posttest").needed) == (68, 70)
    assert second.complete
    assert second.rule("attendance").value == Decimal("87.50")
    assert second.rule("posttest").evidence["attempts"] == 2


def test_rule_8_what_is_just_below_is_never_rounded_up():
    outline = [item(1, "reading", periods="119.5"), item(2, "reading", periods="0.5")]
    policy = {**POLICY, "min_attendance_pct": 100}

    result = evaluate(policy, outline, Facts(read=frozenset({1})))

    assert not result.complete
    assert result.attendance_pct == Decimal("99.58")
    assert share(Decimal("79.999"), 100) == Decimal("79.99")


def test_seventy_nine_per_cent_of_a_lecture_in_buckets_is_not_met():
    just_below = evaluate(POLICY, STROKE, facts(watched={1: Watched(899, 1000)}))

    assert not just_below.lesson(1).met
    assert just_below.lesson(1).pct == Decimal("89.90")


def test_a_partly_present_person_has_not_met_the_session():
    partly = Attended(1, "partial", Decimal(79), Decimal(100))

    result = evaluate(POLICY, STROKE, facts(attended={5: [partly], 6: [ABSENT]}))

    assert not result.lesson(5).met
    assert result.lesson(5).pct == 79


def test_the_better_of_two_sessions_for_one_lesson_counts():
    result = evaluate(POLICY, STROKE, facts(attended={5: [ABSENT, PRESENT], 6: [PRESENT]}))

    assert result.lesson(5).met


def test_a_missed_critical_step_fails_the_skill_whatever_the_score():
    missed = Observed(1, Decimal(95), 1, False)

    result = evaluate(POLICY, STROKE, facts(observed={7: [missed]}))

    assert not result.complete
    assert not result.rule("checklist").met
    assert result.rule("checklist").evidence["missing"] == [7]
    # Seven of eight periods remain: attendance alone would have sufficed.
    assert result.rule("attendance").met


def test_a_checklist_without_critical_steps_is_a_rule_only_where_the_course_says_so():
    outline = [item(1, "reading", periods="4"), item(2, "checklist", periods="1", critical=False)]
    read = Facts(read=frozenset({1}))

    assert evaluate(POLICY, outline, read).complete
    assert not evaluate({**POLICY, "require_checklist": True}, outline, read).complete


def test_the_better_observation_counts():
    failed = Observed(1, Decimal(50), 2, False)

    assert evaluate(POLICY, STROKE, facts(observed={7: [failed, Observed(2, Decimal(80), 0, True)]})).complete


def test_a_pretest_never_blocks():
    outline = [item(1, "reading", periods="1"), item(2, "quiz", purpose="pretest")]

    result = evaluate(POLICY, outline, Facts(read=frozenset({1}), attempts={2: [Tried(1, Decimal(0))]}))

    assert result.complete
    assert result.rule("posttest") is None


def test_a_survey_that_is_not_required_does_not_block():
    unanswered = facts(surveyed=frozenset())

    assert not evaluate(POLICY, STROKE, unanswered).complete
    assert evaluate({**POLICY, "require_survey": False}, STROKE, unanswered).complete


def test_a_waived_lesson_asks_nothing_any_more():
    result = evaluate(POLICY, STROKE, facts(observed={}, waived=frozenset({7})))

    assert result.complete
    assert result.lesson(7).evidence == {"waived": True}


def test_a_waiver_gives_nobody_periods_that_were_not_learnt():
    outline = [item(number, "reading", periods="1") for number in range(1, 11)]
    three = Facts(read=frozenset({1, 2, 3}), waived=frozenset({6, 7, 8, 9, 10}))

    result = evaluate(POLICY, outline, three)

    assert result.rule("attendance").evidence == {"periods": "3", "of": "5"}
    assert not result.complete


def test_what_was_learnt_before_its_waiver_still_counts():
    outline = [item(number, "reading", periods="1") for number in range(1, 4)]

    result = evaluate(POLICY, outline, Facts(read=frozenset({1, 2}), waived=frozenset({2, 3})))

    assert result.rule("attendance").evidence == {"periods": "2", "of": "2"}
    assert result.complete


def test_a_course_of_which_more_than_half_was_waived_completes_nobody():
    outline = [item(number, "reading", periods="1") for number in range(1, 5)]
    learnt = frozenset({1, 2})

    assert evaluate(POLICY, outline, Facts(read=learnt, waived=frozenset({3, 4}))).complete
    gone = evaluate(POLICY, outline, Facts(read=frozenset({1}), waived=frozenset({2, 3, 4})))
    assert not gone.complete
    assert gone.rule("attendance").evidence == {"periods": "1", "of": "1", "promised": "4"}


def test_a_course_of_which_everything_was_waived_completes_nobody():
    everything = frozenset(one["lesson"] for one in STROKE)

    assert not evaluate(POLICY, STROKE, Facts(waived=everything)).complete
    unread = [item(1, "quiz", purpose="posttest"), item(2, "survey")]
    assert not evaluate(POLICY, unread, Facts(waived=frozenset({1, 2}))).complete


def test_a_waiver_lowers_nobodys_share():
    before = evaluate(POLICY, STROKE, facts(watched={1: SEEN}))
    for lesson in (one["lesson"] for one in STROKE):
        after = evaluate(POLICY, STROKE, facts(watched={1: SEEN}, waived=frozenset({lesson})))
        assert after.attendance_pct >= before.attendance_pct


def test_what_was_met_stays_met_when_evidence_goes():
    result = evaluate(POLICY, STROKE, facts(watched={}, met={n: {"credited": 90} for n in (1, 2, 3, 4)}))

    assert result.complete
    assert result.lesson(1).evidence == {"credited": 90, "earlier": True}


def test_an_outline_without_rules_completes_nobody():
    assert not evaluate(POLICY, [], Facts()).complete
    assert not evaluate({**POLICY, "require_survey": False}, [item(1, "reading")], Facts()).complete


def test_an_unknown_kind_is_refused_loudly():
    with pytest.raises(KeyError):
        evaluate(POLICY, [item(1, "hologram")], Facts())


def test_the_test_opens_without_waiting_for_the_observer():
    waiting = evaluate(POLICY, STROKE, facts(observed={}, attempts={}, surveyed=frozenset()))
    early = evaluate(POLICY, STROKE, Facts(watched={1: SEEN, 2: SEEN}))

    assert before_test(POLICY, STROKE, waiting) == (7, 7, True)
    assert before_test(POLICY, STROKE, early) == (2, 7, False)


# --- against a simple oracle ---------------------------------------------------------------------

KINDS = ["reading", "video", "session", "quiz", "checklist", "survey"]


@st.composite
def courses(draw):
    count = draw(st.integers(1, 7))
    outline, evidence = [], {}
    for number in range(1, count + 1):
        kind = draw(st.sampled_from(KINDS))
        outline.append(
            item(
                number,
                kind,
                periods=str(draw(st.sampled_from(["0", "0.5", "1", "2", "3.25"]))),
                purpose=draw(st.sampled_from(["pretest", "practice", "posttest"])) if kind == "quiz" else "",
                critical=draw(st.booleans()) if kind == "checklist" else None,
            )
        )
        evidence[number] = draw(st.integers(0, 100)) if draw(st.booleans()) else None
    policy = {
        **POLICY,
        "min_attendance_pct": draw(st.integers(0, 100)),
        "pass_pct": draw(st.integers(0, 100)),
        "watch_pct": draw(st.integers(1, 100)),
        "require_survey": draw(st.booleans()),
        "require_checklist": draw(st.booleans()),
    }
    return policy, outline, evidence


def as_facts(outline, evidence):
    found = {"watched": {}, "attended": {}, "attempts": {}, "observed": {}}
    read, surveyed = set(), set()
    for one in outline:
        value, lesson = evidence[one["lesson"]], one["lesson"]
        if value is None:
            continue
        if one["kind"] == "reading":
            read.add(lesson)
        if one["kind"] == "survey":
            surveyed.add(lesson)
        if one["kind"] == "video":
            found["watched"][lesson] = Watched(value, 100)
        if one["kind"] == "session":
            state = "present" if value >= 80 else "absent"
            found["attended"][lesson] = [Attended(1, state, Decimal(value), Decimal(100))]
        if one["kind"] == "quiz":
            found["attempts"][lesson] = [Tried(1, Decimal(value))]
        if one["kind"] == "checklist":
            found["observed"][lesson] = [Observed(1, Decimal(value), 0, value >= 70)]
    return Facts(read=frozenset(read), surveyed=frozenset(surveyed), **found)


def oracle(policy, outline, evidence):
    """The rules once more, as one would tell them."""

    def met(one):
        value = evidence[one["lesson"]]
        if value is None:
            return False
        return {
            "reading": True,
            "survey": True,
            "video": value >= policy["watch_pct"],
            "session": value >= 80,
            "quiz": one["purpose"] != "posttest" or value >= policy["pass_pct"],
            "checklist": value >= 70,
        }[one["kind"]]

    total = sum(Fraction(one["periods"]) for one in outline)
    done = sum(Fraction(one["periods"]) for one in outline if met(one))
    demands = []
    if total:
        demands.append(done / total >= Fraction(policy["min_attendance_pct"], 100))
    demands += [met(one) for one in outline if one["purpose"] == "posttest"]
    demands += [
        met(one)
        for one in outline
        if one["kind"] == "checklist"
        and (policy["require_checklist"] or any(step["critical"] for step in one["items"]))
    ]
    demands += [met(one) for one in outline if one["kind"] == "survey" and policy["require_survey"]]
    return bool(demands) and all(demands), {one["lesson"] for one in outline if met(one)}


@given(courses(), st.sets(st.integers(1, 7)))
def test_no_waiver_undoes_a_completion_or_lowers_a_share(course, waived):
    policy, outline, evidence = course
    before = evaluate(policy, outline, as_facts(outline, evidence))

    after = evaluate(policy, outline, replace(as_facts(outline, evidence), waived=frozenset(waived)))

    assert after.complete or not before.complete
    assert after.attendance_pct >= before.attendance_pct


@given(courses(), st.sets(st.integers(1, 7)), st.integers(0, 3), st.data())
def test_no_excuse_lowers_a_share_and_more_evidence_or_excuses_never_do(course, excused, most, data):
    policy, outline, evidence = course
    policy = {**policy, "max_excused": most}
    before = evaluate(policy, outline, as_facts(outline, evidence))
    few = dict.fromkeys(excused, 1)
    after = evaluate(policy, outline, replace(as_facts(outline, evidence), excused=few))
    more = {
        lesson: data.draw(st.integers(value or 0, 100)) if data.draw(st.booleans()) else value
        for lesson, value in evidence.items()
    }
    last = evaluate(policy, outline, replace(as_facts(outline, more), excused=few))

    assert after.met == before.met
    assert sum(one.is_excused for one in after.lessons) <= most
    assert last.attendance_pct >= after.attendance_pct >= before.attendance_pct
    assert last.complete or not after.complete
    assert after.complete or not before.complete


@given(courses())
def test_the_rules_agree_with_a_simple_telling(course):
    policy, outline, evidence = course

    result = evaluate(policy, outline, as_facts(outline, evidence))

    complete, met = oracle(policy, outline, evidence)
    assert result.complete == complete
    assert {one.lesson for one in result.lessons if one.met} == met


@given(courses(), st.data())
def test_more_evidence_never_takes_anything_away(course, data):
    policy, outline, evidence = course
    before = evaluate(policy, outline, as_facts(outline, evidence))
    more = {
        lesson: data.draw(st.integers(value or 0, 100)) if data.draw(st.booleans()) else value
        for lesson, value in evidence.items()
    }

    after = evaluate(policy, outline, as_facts(outline, more))

    assert after.attendance_pct >= before.attendance_pct
    assert {one.lesson for one in before.lessons if one.met} <= {
        one.lesson for one in after.lessons if one.met
    }
    assert after.complete or not before.complete
