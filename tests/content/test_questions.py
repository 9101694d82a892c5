"""The bank: immutable versions, review by somebody else, tests that draw from it, keys that stay."""

import json

import pytest
from django.db import IntegrityError, transaction

from content import grading, markup
from content.actions import (
    QuestionRefused,
    ReviewRefused,
    add_question,
    approve_question,
    ask_review,
    retire_question,
    revise_question,
)
from content.models import Question, QuestionVersion
from lms.verify import breaches
from tests.factories import content as make

State = Question.State


def test_a_new_question_waits_for_review(cast):
    question = make.question(cast.bach_mai, by=cast.ung.user)

    assert (question.state, question.latest.number, question.is_reviewed) == (State.REVIEW, 1, False)
    assert question.tags == ["đột quỵ"]
    assert list(breaches("lms_content")) == []


def test_the_same_question_again_is_the_one_that_is_there(cast):
    one = make.question(cast.bach_mai)

    assert make.question(cast.bach_mai) == one
    assert make.question(cast.viet_duc) != one
    with pytest.raises(QuestionRefused):
        make.question(cast.bach_mai, stem="Câu khác, cùng mã")
    assert QuestionVersion.objects.count() == 2


def test_a_revision_is_the_next_version_and_the_old_one_stays_word_for_word(cast):
    question = make.question(cast.bach_mai, by=cast.ung.user, reviewed_by=cast.hang.user)
    first = question.latest

    revise_question(question, body=make.body("Câu hỏi đã sửa"), key=["b"], by=cast.hang.user)

    question.refresh_from_db()
    assert (question.latest.number, question.latest.key, question.state) == (2, ["b"], State.REVIEW)
    assert not question.is_reviewed
    first.refresh_from_db()
    assert (first.key, first.plain_stem) == (["a"], "Mốc nào tính cửa sổ tái tưới máu?")
    assert list(breaches("lms_content")) == []


def test_revising_to_the_same_words_writes_nothing_and_keeps_the_review(cast):
    question = make.question(cast.bach_mai, by=cast.ung.user, reviewed_by=cast.hang.user)

    for _ in range(2):
        revise_question(question, body=make.body(), key=["a"], tags=["mới"], by=cast.ung.user)

    question.refresh_from_db()
    assert (question.latest.number, question.state, question.tags) == (1, State.APPROVED, ["mới"])


def test_a_version_cannot_be_rewritten(cast):
    version = make.question(cast.bach_mai).latest
    version.key = ["b"]

    with pytest.raises(ValueError, match="immutable"):
        version.save()
    with pytest.raises(ValueError, match="immutable"):
        version.save(update_fields=["key"])


def test_an_author_never_reviews_the_own_words_and_a_colleague_does(cast):
    question = make.question(cast.bach_mai, by=cast.ung.user)

    with pytest.raises(ReviewRefused):
        approve_question(question, version=1, by=cast.ung.user)
    approve_question(question, version=1, by=cast.hang.user)
    approve_question(question, version=1, by=cast.thang.user)

    question.refresh_from_db()
    assert (question.state, question.latest.reviewed_by) == (State.APPROVED, cast.hang.user)


def test_a_review_counts_for_the_version_that_was_read_and_for_no_later_one(cast):
    question = make.question(cast.bach_mai, by=cast.ung.user)
    revise_question(question, body=make.body("Câu hỏi đã sửa"), key=["b"], by=cast.ung.user)

    with pytest.raises(ReviewRefused):
        approve_question(question, version=1, by=cast.hang.user)
    assert not QuestionVersion.objects.filter(reviewed_at__isnull=False).exists()
    approve_question(question, version=2, by=cast.hang.user)

    question.refresh_from_db()
    assert (question.state, question.latest.reviewed_by) == (State.APPROVED, cast.hang.user)


def test_a_draft_is_not_reviewed_before_its_author_hands_it_over(cast):
    draft = add_question(
        cast.bach_mai, code="N", body=make.body(), key=["a"], as_draft=True, by=cast.ung.user
    )

    with pytest.raises(ReviewRefused):
        approve_question(draft, version=1, by=cast.hang.user)
    assert not Question.objects.get().is_reviewed
    ask_review(draft, by=cast.ung.user)

    assert approve_question(draft, version=1, by=cast.hang.user).state == State.APPROVED


def test_words_that_were_checked_before_they_became_a_draft_need_no_second_check(cast):
    question = make.question(cast.bach_mai, by=cast.ung.user)
    approve_question(question, version=1, by=cast.hang.user)
    same = {"body": question.latest.body, "key": question.latest.key}
    draft = revise_question(question, **same, as_draft=True, by=cast.ung.user)
    assert draft.state == State.DRAFT

    assert ask_review(draft, by=cast.ung.user).state == State.APPROVED


def test_the_database_refuses_a_self_review_too(cast):
    version = make.question(cast.bach_mai, by=cast.ung.user).latest

    with pytest.raises(IntegrityError), transaction.atomic():
        QuestionVersion.objects.filter(pk=version.pk).update(reviewed_by=cast.ung.user)


def test_drafts_are_handed_over_and_retired_questions_are_not_reviewed(cast):
    draft = add_question(
        cast.bach_mai, code="N", body=make.body(), key=["a"], as_draft=True, by=cast.ung.user
    )
    assert draft.state == State.DRAFT
    assert ask_review(draft, by=cast.ung.user).state == State.REVIEW

    retire_question(draft, by=cast.ung.user)
    with pytest.raises(ReviewRefused):
        approve_question(draft, version=1, by=cast.hang.user)
    assert ask_review(draft, by=cast.ung.user).state == State.RETIRED


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"kind": "essay"}, ["a"]),
        ({"stem": {"vi": " ", "en": "<p></p>"}}, ["a"]),
        ({"options": []}, ["a"]),
        ({"options": [{"id": "a", "vi": "một"}]}, ["a"]),
        ({"options": [{"id": str(n), "vi": f"{n}"} for n in range(11)]}, ["1"]),
        ({"options": [{"id": "a", "vi": "x"}, {"id": "a", "vi": "y"}]}, ["a"]),
        ({"options": [{"id": "a", "vi": "Có"}, {"id": "b", "vi": " có "}]}, ["a"]),
        ({"options": [{"id": "a", "vi": "x"}, {"id": "b", "vi": ""}]}, ["a"]),
        ({}, []),
        ({}, ["z"]),
        ({}, ["a", "b"]),
        ({"kind": "true_false"}, ["a"]),
        ({"kind": "multiple"}, ["a", "b", "c", "d"]),
        ({"stem": {"vi": "dài" * 2000}}, ["a"]),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_and_nothing_is_kept(cast, change, key):
    with pytest.raises(QuestionRefused):
        add_question(cast.bach_mai, code="X", body=make.body() | change, key=key, by=None)

    assert not Question.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("SpO2 < 94 % & mạch > 120", "SpO2 &lt; 94 % &amp; mạch &gt; 120"),
        ("10<sup>9</sup>/L <b onclick=x>đậm</b>", "10<sup>9</sup>/L <b>đậm</b>"),
        ('<p data-block-key="a1">một</p><p>hai</p>', "<p>một</p><p>hai</p>"),
        ("<p>một mình</p>", "một mình"),
        ("<p>đầu</p><ul><li>mục</li></ul>", "<p>đầu</p><ul><li>mục</li></ul>"),
        ("<p></p>", ""),
        ("<script>alert(1)</script>x", "x"),
        ("<img src=x onerror=alert(1)>y", "y"),
        ('<a href="javascript:x">z</a>', "z"),
        ("Đột quỵ", "Đột quỵ"),
    ],
)
def test_markup_keeps_a_little_and_drops_the_rest(typed, kept):
    assert markup.clean(typed) == kept
    assert markup.clean(kept) == kept


def test_plain_words_come_back_from_markup():
    assert markup.plain(markup.clean("SpO2 < 94 % & mạch > 120")) == "SpO2 < 94 % & mạch > 120"
    assert markup.plain("<p>một</p><p>hai<br>ba</p>") == "một hai ba"


# --- tests


def test_a_test_asks_fixed_questions_and_draws_the_rest_by_tag(cast):
    fixed = make.question(cast.bach_mai, "Q0", tags=["mở đầu"])
    for number in range(1, 5):
        make.question(cast.bach_mai, f"Q{number}", stem=f"Câu {number}")
    make.question(cast.viet_duc, "Q9", stem="Của bệnh viện khác")
    retire_question(make.question(cast.bach_mai, "Q5", stem="Đã bỏ"), by=None)
    add_question(
        cast.bach_mai, code="Q6", body=make.body("Nháp"), key=["a"], tags=["đột quỵ"], as_draft=True, by=None
    )
    quiz = make.quiz(cast.bach_mai, [fixed], tag="đột quỵ", count=2)

    frozen = grading.freeze(quiz.blueprint(), seed=3)

    assert quiz.question_count == len(frozen) == 3
    assert {q.code for q in quiz.questions()} == {"Q0", "Q1", "Q2", "Q3", "Q4"}
    assert quiz.is_satisfiable
    assert fixed.latest.pk in {item["version"] for item in frozen}


def test_unreviewed_questions_of_a_test_are_named(cast):
    done = make.question(cast.bach_mai, "Q1", by=cast.ung.user, reviewed_by=cast.hang.user)
    open_ = make.question(cast.bach_mai, "Q2", stem="Chưa duyệt", tags=["chờ"])
    quiz = make.quiz(cast.bach_mai, [done], tag="chờ")

    assert list(quiz.unreviewed()) == [open_]
    approve_question(open_, version=1, by=cast.hang.user)
    assert not quiz.unreviewed().exists()


def test_a_test_that_asks_more_than_the_bank_holds_any_more_breaks_no_rule_and_says_so(cast):
    retire_question(make.question(cast.bach_mai), by=cast.ung.user)
    make.question(cast.bach_mai)
    quiz = make.quiz(cast.bach_mai, tag="đột quỵ", count=2)

    assert not quiz.is_satisfiable
    # A question may be retired: versions that were issued ask on, and the next is refused until the bank has more.
    assert not list(breaches("lms_content"))


def test_a_blueprint_cites_its_guidelines_and_a_learner_gets_neither_key_nor_reason(cast):
    guideline = make.guideline()
    question = add_question(
        cast.bach_mai, code="Q", body=make.body(), key=["c"], citations=[guideline], by=cast.ung.user
    )
    quiz = make.quiz(cast.bach_mai, [question])

    frozen = grading.freeze(quiz.blueprint(), seed=1)
    shown = json.dumps(grading.without_keys(frozen), ensure_ascii=False)

    assert frozen[0]["cite"] == [
        "Hướng dẫn chẩn đoán và điều trị đột quỵ não (3312/QĐ-BYT, 05/11/2024, Bộ Y tế)"
    ]
    assert frozen[0]["reviewed"] is False
    for secret in ("key", "why", "cite", "3312", "cuối còn bình thường"):
        assert secret not in shown
    assert "Phương án C" in shown


def test_a_broken_key_or_a_gap_in_versions_is_found(cast):
    question = make.question(cast.bach_mai, by=cast.ung.user)
    QuestionVersion.objects.update(key=["z"], number=3)

    assert {name for name, _ in breaches("lms_content")} == {
        "lms_content.keys",
        "lms_content.question_versions",
    }
    Question.objects.filter(pk=question.pk).update(state=State.APPROVED)
    QuestionVersion.objects.update(key=["a"], number=1)
    assert [b.detail for _, b in breaches("lms_content")] == [f"{question} is approved without a review"]


@pytest.mark.race
def test_of_two_revisions_at_once_each_gets_its_own_number(race_db, race_cast):
    question = make.question(race_cast.bach_mai)

    done = race_db.threads(
        6, lambda n: revise_question(question, body=make.body(f"Bản {n}"), key=["a"], by=None)
    )

    assert [one for one in done if isinstance(one, Exception)] == []

    assert sorted(QuestionVersion.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6, 7]
    assert list(breaches("lms_content")) == []
