"""What changed between two releases is named, all of it, and nothing else."""

import copy
from decimal import Decimal
from itertools import combinations

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from courses.differences import differences
from courses.models import Release
from courses.wording import SENTENCES, changes_in_words


def _item(lesson, kind, **more):
    made = {
        "lesson": lesson, "key": f"k-{lesson}", "kind": kind, "purpose": "", "periods": "1.00",
        "title": {"vi": f"Bài {lesson}", "en": f"Lesson {lesson}"}, "content_hash": f"h{lesson}",
    }  # fmt: skip
    return made | more


def _question(number, **more):
    made = {"version": number, "question": number, "kind": "single", "stem": {"vi": f"Câu {number}"}}
    made |= {"options": [{"id": "a", "vi": "Có"}, {"id": "b", "vi": "Không"}], "why": {}, "key": ["a"]}
    return made | {"cite": [], "reviewed": True} | more


def _step(number, **more):
    made = {"id": str(number), "vi": f"Bước {number}", "en": f"Step {number}", "weight": 1, "critical": False}
    return made | more


def release() -> Release:
    """A version with one lesson of every kind."""
    blueprint = {
        "slots": [
            {"questions": [_question(1)], "draw": 1},
            {"questions": [_question(n) for n in (2, 3, 4)], "draw": 2},
        ],
        "shuffle_questions": True,
        "shuffle_options": False,
    }
    return Release(
        title_vi="Đột quỵ não", title_en="Stroke", form="blended", role="learner",
        rule_code="COURSE_LEARNER", periods=Decimal(4),
        policy={
            "min_attendance_pct": 80, "pass_pct": 70, "max_attempts": 3, "cooldown_minutes": 0,
            "require_survey": True, "require_checklist": False, "watch_pct": 90,
        },
        outline=[
            _item(11, "reading"),
            _item(12, "video", video=5, version=1, seconds=600),
            _item(13, "session"),
            _item(14, "checklist", checklist=7, pass_pct=80, items=[_step(n) for n in (1, 2, 3)]),
            _item(15, "quiz", purpose="posttest", periods="0.00", quiz=3, blueprint=blueprint,
                  time_limit_s=1200, review="passed"),
            _item(16, "survey", periods="0.00", survey=2, questionnaire={
                "title": {"vi": "Ý kiến", "en": "Opinion"}, "anonymous": True,
                "questions": [{"id": "8", "kind": "scale", "vi": "Có ích?", "en": "Useful?", "required": True}],
            }),
        ],
    )  # fmt: skip


def said(change) -> list[str]:
    """What is said, in Vietnamese, after *change* was made to a copy."""
    new = release()
    change(new)
    with override("vi"):
        return changes_in_words(release(), new)


def codes(old, new):
    return [one.code for one in differences(old, new)]


def move(source, target):
    return lambda one: one.outline.insert(target, one.outline.pop(source))


def put(place, **values):
    return lambda one: one.outline[place].update(values)


EDITS = {
    "lesson_added": lambda one: one.outline.insert(2, _item(99, "reading")),
    "lesson_removed": lambda one: one.outline.pop(2),
    "lesson_moved": move(0, 3),
    "retitled_vi": lambda one: one.outline[0]["title"].update(vi="Nhận biết đột quỵ"),
    "retitled_en": lambda one: one.outline[0]["title"].update(en="Spotting stroke"),
    "periods": put(0, periods="2.00"),
    "kind": put(2, kind="reading"),
    "purpose": put(4, purpose="practice"),
    "content_hash": put(0, content_hash="khác"),
    "video": put(1, version=2, seconds=720),
    "quiz": put(4, quiz=4),
    "questions_added": lambda one: one.outline[4]["blueprint"]["slots"][1]["questions"].append(_question(9)),
    "questions_removed": lambda one: one.outline[4]["blueprint"]["slots"][1]["questions"].pop(),
    "questions_changed": lambda one: one.outline[4]["blueprint"]["slots"][0]["questions"][0].update(
        key=["b"]
    ),
    "questions_reviewed": lambda one: one.outline[4]["blueprint"]["slots"][0]["questions"][0].update(
        reviewed=False
    ),
    "questions_asked": lambda one: one.outline[4]["blueprint"]["slots"][1].update(draw=3),
    "questions_arranged": lambda one: one.outline[4]["blueprint"]["slots"].reverse(),
    "shuffle_questions": lambda one: one.outline[4]["blueprint"].update(shuffle_questions=False),
    "shuffle_options": lambda one: one.outline[4]["blueprint"].update(shuffle_options=True),
    "time_limit": put(4, time_limit_s=600),
    "review": put(4, review="always"),
    "checklist": put(3, checklist=8),
    "step_added": lambda one: one.outline[3]["items"].append(_step(4)),
    "step_removed": lambda one: one.outline[3]["items"].pop(),
    "step_vi": lambda one: one.outline[3]["items"][0].update(vi="Gọi hỗ trợ"),
    "step_en": lambda one: one.outline[3]["items"][0].update(en="Call for help"),
    "step_weight": lambda one: one.outline[3]["items"][0].update(weight=2),
    "step_critical": lambda one: one.outline[3]["items"][0].update(critical=True),
    "steps_reordered": lambda one: one.outline[3]["items"].reverse(),
    "skill_pct": put(3, pass_pct=90),
    "survey": put(5, survey=4),
    "survey_anonymous": lambda one: one.outline[5]["questionnaire"].update(anonymous=False),
    "survey_edited": lambda one: one.outline[5]["questionnaire"]["questions"].pop(),
    "other": put(2, room="A"),
    "title_vi": lambda one: setattr(one, "title_vi", "Đột quỵ cấp"),
    "title_en": lambda one: setattr(one, "title_en", "Acute stroke"),
    "form": lambda one: setattr(one, "form", "live_session"),
    "role": lambda one: setattr(one, "role", "trainer"),
    "rule_code": lambda one: setattr(one, "rule_code", "WORKSHOP"),
    "hours": lambda one: setattr(one, "periods", Decimal(5)),
    "min_attendance_pct": lambda one: one.policy.update(min_attendance_pct=75),
    "pass_pct": lambda one: one.policy.update(pass_pct=75),
    "max_attempts": lambda one: one.policy.update(max_attempts=2),
    "cooldown_minutes": lambda one: one.policy.update(cooldown_minutes=30),
    "require_survey": lambda one: one.policy.update(require_survey=False),
    "require_checklist": lambda one: one.policy.update(require_checklist=True),
    "require_signoff": lambda one: one.policy.update(require_signoff=True),
    "max_excused": lambda one: one.policy.update(max_excused=2),
    "watch_pct": lambda one: one.policy.update(watch_pct=95),
}


def test_equal_releases_do_not_differ():
    assert differences(release(), release()) == []


def test_every_sentence_has_an_edit_that_leads_to_it():
    assert set(EDITS) == set(SENTENCES)


@pytest.mark.parametrize("code", EDITS)
def test_each_edit_is_named_by_its_own_statement_and_by_no_other(code):
    new = release()
    EDITS[code](new)

    assert codes(release(), new) == [code]


def leaves(value, path=()):
    """The path to every single value in a frozen release."""
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key))]
    if isinstance(value, list) and value:
        return [leaf for place, inner in enumerate(value) for leaf in leaves(inner, (*path, place))]
    return [path]


def _paths():
    one = release()
    return leaves({"outline": one.outline, "policy": one.policy})


@pytest.mark.parametrize("path", _paths(), ids=lambda path: ".".join(map(str, path)))
def test_no_value_anywhere_in_a_release_changes_unsaid(path):
    new = release()
    place = {"outline": new.outline, "policy": new.policy}
    for step in path[:-1]:
        place = place[step]
    old = place[path[-1]]
    if isinstance(old, bool):
        place[path[-1]] = not old
    elif path[-1] == "periods":
        place[path[-1]] = "7.50"
    else:
        place[path[-1]] = 77 if isinstance(old, int) else ["khác"] if isinstance(old, list) else "khác"

    found = differences(release(), new)

    assert found
    with override("vi"):
        assert all(changes_in_words(release(), new))


SINGLE = sorted(set(EDITS) - {"lesson_added", "lesson_removed", "lesson_moved"})
"""Edits that leave every lesson in its place, so that they can be made in any order."""


@given(st.lists(st.sampled_from(SINGLE), unique=True, max_size=8), st.randoms())
def test_the_order_in_which_edits_were_made_does_not_matter(names, random):
    one, other = release(), release()
    for name in names:
        EDITS[name](one)
    # Among the steps and slots themselves order is content, so these keep theirs.
    free = [name for name in names if not name.startswith(("step", "questions"))]
    bound = [name for name in names if name.startswith(("step", "questions"))]
    random.shuffle(free)
    for name in [*free, *bound]:
        EDITS[name](other)

    assert differences(release(), one) == differences(release(), other)
    assert set(free) <= set(codes(release(), one))


@given(st.permutations(range(6)))
def test_the_fewest_lessons_are_said_to_have_moved(order):
    new = release()
    new.outline = [new.outline[place] for place in order]
    moved = differences(release(), new)

    assert {one.code for one in moved} <= {"lesson_moved"}
    rest = [place for place in order if place not in {one.before - 1 for one in moved}]
    assert rest == sorted(rest)
    longest = max(n for n in range(1, 7) if any(list(c) == sorted(c) for c in combinations(order, n)))
    assert len(rest) == longest


@given(st.lists(st.sampled_from(SINGLE), unique=True, max_size=6))
def test_the_way_back_says_the_same_with_the_values_exchanged(names):
    new = release()
    for name in names:
        EDITS[name](new)
    plain = {"periods", "hours", "form", "pass_pct", "max_attempts", "watch_pct", "video", "content_hash"}
    forth = {(one.code, one.before, one.after) for one in differences(release(), new) if one.code in plain}
    back = {(one.code, one.after, one.before) for one in differences(new, release()) if one.code in plain}

    assert forth == back


def test_comparing_changes_neither():
    old, new = release(), release()
    EDITS["lesson_moved"](new)
    kept = copy.deepcopy((old.outline, new.outline))

    differences(old, new)

    assert (old.outline, new.outline) == kept


def test_the_words_are_plain_and_vietnamese():
    assert said(EDITS["periods"]) == ["Bài “Bài 11”: số tiết 1 → 2"]
    assert said(EDITS["video"]) == ["Bài “Bài 12”: thay bản ghi khác, 600 → 720 giây"]
    assert said(put(1, version=2, seconds=72.0)) == ["Bài “Bài 12”: thay bản ghi khác, 600 → 72 giây"]
    assert said(put(1, version=2, seconds=71.5)) == ["Bài “Bài 12”: thay bản ghi khác, 600 → 71,5 giây"]
    assert said(EDITS["pass_pct"]) == ["Điểm đạt bài kiểm tra cuối khóa: 70 % → 75 %"]
    assert said(EDITS["lesson_removed"]) == ["Bỏ bài “Bài 13”"]


def test_time_and_answers_of_a_test_are_told_in_minutes_and_words():
    assert said(EDITS["time_limit"]) == ["Bài “Bài 15”: thời gian làm bài kiểm tra: 20 phút → 10 phút"]
    assert said(put(4, time_limit_s=90)) == ["Bài “Bài 15”: thời gian làm bài kiểm tra: 20 phút → 1,5 phút"]
    assert said(put(4, time_limit_s=None)) == [
        "Bài “Bài 15”: thời gian làm bài kiểm tra: 20 phút → không giới hạn thời gian"
    ]
    assert said(EDITS["review"]) == [
        "Bài “Bài 15”: cho xem đáp án đúng: sau khi đạt hoặc sau lượt cuối → sau mỗi lượt"
    ]


@pytest.mark.parametrize(("place", "name"), [(4, "time_limit_s"), (4, "review"), (5, "questionnaire")])
def test_a_version_that_did_not_hold_a_value_yet_does_not_differ_by_it(place, name):
    old = release()
    del old.outline[place][name]

    assert differences(old, release()) == []


def test_a_survey_that_loses_its_anonymity_is_told_in_words():
    assert said(EDITS["survey_anonymous"]) == ["Bài “Bài 16”: phiếu khảo sát ẩn danh: có → không"]


def test_the_words_tell_no_question_and_no_key():
    text = " ".join(said(EDITS["questions_changed"]))

    assert "Câu" not in text.replace("câu hỏi", "")
    assert "“Bài 15”" in text
