"""What people decide by hand: sign-offs, and sessions that were made up for; the rules in words."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from courses import journey
from courses.actions.judgements import JudgementRefused, decide_make_up, propose_make_up, sign_off
from courses.actions.progress import mark_read, refresh
from courses.explaining import todo
from courses.facts import proved, recorded, result_of
from courses.models import Enrolment, MakeUp
from lms.verify import breaches
from tests.factories import live
from tests.kept import repeated

WHY = "Đã quan sát tại khoa, thao tác thành thạo"


@pytest.fixture
def signed(cast):
    """A class of one reading that a trainer signs off; Lan has read it."""
    course = live.course(cast.bach_mai, require_signoff=True, require_survey=False)
    lesson = live.lesson(course, "reading", periods="1")
    enrolment = live.enrolment(live.run(course), cast.lan)
    mark_read(enrolment, lesson=lesson)
    return enrolment


@pytest.fixture
@repeated
def missed(cast):
    """Lan missed the only session of her class, which is two of its three periods."""
    one = live.Class(cast, kinds=("session",), require_survey=False)
    live.staff(one.course, cast.ung, role="trainer")
    return one


def state_of(enrolment):
    return Enrolment.objects.get(pk=enrolment.pk).state


def test_nobody_completes_before_a_trainer_has_signed_off(cast, signed):
    assert state_of(signed) == "active"
    assert [rule.code for rule in result_of(signed).rules if not rule.met] == ["signoff"]

    sign_off(signed, reason=WHY, by=cast.ung.user)

    assert state_of(signed) == "completed"
    assert proved(signed).complete
    assert recorded([signed])[0][signed.pk].rule("signoff").met
    assert list(breaches("lms_courses.completion")) == []


def test_a_sign_off_is_given_once_with_a_reason_and_never_to_oneself(cast, signed):
    with pytest.raises(JudgementRefused):
        sign_off(signed, reason="ok", by=cast.ung.user)
    with pytest.raises(JudgementRefused):
        sign_off(signed, reason=WHY, by=cast.lan.user)

    first = sign_off(signed, reason=WHY, by=cast.ung.user)

    assert sign_off(signed, reason="Lần thứ hai bấm nhầm", by=cast.hang.user) == first


def test_a_course_that_asks_for_no_sign_off_takes_none(cast, missed):
    with pytest.raises(JudgementRefused):
        sign_off(missed.lan, reason=WHY, by=cast.ung.user)


def test_a_make_up_counts_once_another_person_agreed(cast, missed):
    lesson = missed.lessons["session"]
    made = propose_make_up(missed.lan, lesson=lesson, reason="Đã xem lại toàn bộ ghi hình", by=cast.ung.user)
    assert propose_make_up(missed.lan, lesson=lesson, reason="Bấm lại lần nữa", by=cast.ung.user) == made
    refresh(missed.lan)
    assert state_of(missed.lan) == "active"

    with pytest.raises(JudgementRefused):
        decide_make_up(made, approve=True, by=cast.ung.user)
    decide_make_up(made, approve=True, by=cast.hang.user)

    assert state_of(missed.lan) == "completed"
    assert result_of(missed.lan).lesson(lesson.pk).evidence["made_up"] == made.pk
    assert list(breaches("lms_courses.completion")) == []


def test_a_refused_make_up_counts_nothing_and_says_why(cast, missed):
    lesson = missed.lessons["session"]
    made = propose_make_up(missed.lan, lesson=lesson, reason="Đã xem lại ghi hình", by=cast.ung.user)
    with pytest.raises(JudgementRefused):
        decide_make_up(made, approve=False, by=cast.hang.user)

    decide_make_up(made, approve=False, by=cast.hang.user, answer="Chưa làm bài kiểm tra bù")

    assert decide_make_up(made, approve=True, by=cast.hang.user).state == "refused"
    assert state_of(missed.lan) == "active"
    assert propose_make_up(missed.lan, lesson=lesson, reason="Đã kiểm tra bù", by=cast.ung.user) != made


def test_the_database_itself_wants_two_persons(cast, missed):
    made = propose_make_up(missed.lan, lesson=missed.lessons["session"], reason="Đã xem", by=cast.ung.user)

    with pytest.raises(IntegrityError), transaction.atomic():
        MakeUp.objects.filter(pk=made.pk).update(
            state="approved", decided_by=cast.ung.user, decided_at=made.proposed_at
        )


def test_what_is_no_session_cannot_be_made_up_for(cast):
    one = live.Class(cast, kinds=("session", "quiz"))
    with pytest.raises(JudgementRefused):
        propose_make_up(one.lan, lesson=one.lessons["quiz"], reason="Đã học bù", by=cast.ung.user)


def test_each_rule_that_is_not_met_says_what_to_do(cast):
    one = live.Class(cast, require_signoff=True)
    way = journey.of_many([one.lan], None)[0]

    said = {rule.code: " ".join(todo(rule, way.rows, way.release)) for rule in way.result.rules}

    assert set(said) == {"attendance", "posttest", "checklist", "survey", "signoff"}
    assert all(said.values())
    assert "2,4" in said["attendance"]
    assert "Bài 3" in said["checklist"]
    assert "Mở khi xong 80 %" in said["posttest"]


def test_trainer_and_office_judge_on_the_screen_of_the_learner(cast, missed):
    trainer, office = cast.client(cast.ung), cast.client(cast.hang)
    where = reverse("lms_courses_admin:learner", args=[missed.lan.pk])
    lesson = missed.lessons["session"].pk
    trainer.post(
        reverse("lms_courses_admin:make_up", args=[missed.lan.pk]), {"lesson": lesson, "reason": "Đã xem lại"}
    )
    spoilt = {"lesson": "²", "reason": "Đã xem lại"}
    assert trainer.post(reverse("lms_courses_admin:make_up", args=[missed.lan.pk]), spoilt).status_code == 404
    made = MakeUp.objects.get()
    decide = reverse("lms_courses_admin:decide_make_up", args=[made.pk])
    assert trainer.post(decide, {"answer": "approve"}).status_code == 404
    assert decide in office.get(where).content.decode()
    assert decide not in trainer.get(where).content.decode()

    office.post(decide, {"answer": "approve"})

    assert state_of(missed.lan) == "completed"
