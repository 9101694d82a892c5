"""Evidence taken back after a completion: a review, a decision with a reason, and a sound verification."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from courses import invariants, jobs
from courses.actions import attempts, attendance, reviews, settling, skills
from courses.actions.reviews import ReviewRefused
from courses.models import (
    Attempt,
    CompletionReview,
    Enrolment,
    LessonProgress,
    Observation,
    Presence,
    WatchRecord,
)
from lms import clock, queue
from lms.models import AccessLog, Job
from tests.factories import cast as make
from tests.factories import courses, live
from tests.factories.live import moment

State = CompletionReview.State


class Progress:
    """Stands for the running job, which is told how far it is."""

    def progress(self, pct, note=""):
        self.pct = pct


@pytest.fixture
def class_(cast):
    with clock.at(moment("13:50")):
        return live.Class(cast, kinds=("session",))


@pytest.fixture
def done(class_):
    """Lan's completion, by one tick in the room."""
    with clock.at(moment("14:02")):
        class_.tick = attendance.tick(class_.room, person=class_.cast.lan, by=class_.cast.ha.user)
    with clock.at(moment("15:45")):
        settling.settle(class_.session, by=class_.cast.hang.user)
    class_.lan.refresh_from_db()
    assert class_.lan.state == Enrolment.State.COMPLETED
    return class_


def take_back(class_, row=None):
    with clock.at(moment("17:00")):
        attendance.take_back(row or class_.tick, reason="Điểm danh hộ", by=class_.cast.hang.user)


def work():
    """Let the worker do what waits."""
    with clock.at(moment("17:30")):
        while queue.run_due():
            pass


def opened(class_):
    take_back(class_)
    work()
    return CompletionReview.objects.get()


def breaches(*checks):
    checks = checks or (
        invariants.completions_follow_from_evidence,
        invariants.progress_follows_from_evidence,
    )
    return [breach.detail for check in checks for breach in check()]


# --- opening


def test_taking_evidence_back_opens_one_review_and_leaves_the_completion(done):
    before = (done.lan.state, done.lan.completed_at, done.lan.completion)

    review = opened(done)

    done.lan.refresh_from_db()
    assert (done.lan.state, done.lan.completed_at, done.lan.completion) == before
    assert (review.enrolment, review.state) == (done.lan, State.OPEN)
    rule = review.result.rule("attendance")
    assert (rule.met, rule.value, rule.needed) == (False, 0, 80)


def test_evidence_that_others_carry_opens_none(done):
    with clock.at(moment("16:00")):
        attendance.override(
            done.session,
            person=done.cast.lan,
            since=moment("14:00"),
            until=moment("15:40"),
            reason="Ảnh chụp phòng",
            by=done.cast.hang.user,
        )

    take_back(done)
    work()

    assert not CompletionReview.objects.exists()
    assert breaches() == []


def test_looking_again_and_again_keeps_one_review(done):
    review = opened(done)

    for _ in range(3):
        assert reviews.reconsider(done.lan) == review

    assert CompletionReview.objects.count() == 1


def test_the_database_refuses_a_second_open_review(done):
    review = opened(done)

    with pytest.raises(IntegrityError), transaction.atomic():
        CompletionReview.objects.create(enrolment=done.lan, found=review.found, opened_at=clock.now())


def test_whoever_still_learns_gets_no_review_but_the_lesson_opens_again(cast):
    with clock.at(moment("13:50")):
        class_ = live.Class(cast, kinds=("session", "survey"))
    with clock.at(moment("14:02")):
        row = attendance.tick(class_.room, person=cast.lan, by=cast.ha.user)
    with clock.at(moment("15:45")):
        settling.settle(class_.session, by=cast.hang.user)
    progress = LessonProgress.objects.get(enrolment=class_.lan, lesson=class_.lessons["session"])
    assert progress.met_at

    take_back(class_, row)
    work()

    progress.refresh_from_db()
    assert (progress.met_at, progress.evidence["state"]) == (None, "absent")
    assert not CompletionReview.objects.exists()
    assert breaches() == []


def test_presence_proved_otherwise_meets_the_lesson_again(done):
    review = opened(done)
    with clock.at(moment("18:00")):
        attendance.override(
            done.session,
            person=done.cast.lan,
            since=moment("14:00"),
            until=moment("15:40"),
            reason="Tìm thấy danh sách ký",
            by=done.cast.hang.user,
        )

    reviews.reconsider(done.lan)

    review.refresh_from_db()
    assert review.is_open, "somebody still has to say so"
    assert review.result.complete
    assert LessonProgress.objects.get(enrolment=done.lan).met_at == moment("18:00")


def finished(cast, kind):
    """Lan's completion of a class whose one rule is *kind*, and what takes its evidence away."""
    if kind == "video":
        with clock.at(moment("08:00")):
            enrolment = courses.enrolment(cast, kinds=("video",))
            item = enrolment.run.release.outline[0]
            WatchRecord.objects.create(
                enrolment=enrolment,
                video_id=item["video"],
                version=item["version"],
                buckets=12,
                bits=b"\xff\x0f",
                credited=12,
                updated_at=clock.now(),
            )
            reviews.progress.refresh(enrolment)
        return enrolment, lambda: WatchRecord.objects.update(bits=b"\x01", credited=1)
    with clock.at(moment("08:00")):
        class_ = live.Class(cast, kinds=(kind,))
    lesson = class_.lessons[kind]
    if kind == "quiz":
        with clock.at(moment("09:00")):
            attempt = attempts.start(class_.lan, lesson=lesson, by=cast.lan.user)
            for slot in attempt.frozen:
                attempts.save_answer(attempt, slot=slot["slot"], value=slot["key"])
            attempts.submit(attempt, nonce=attempt.nonce)
        return class_.lan, Attempt.objects.all().delete
    with clock.at(moment("09:00")):
        steps = skills.frozen_checklist(class_.lan, lesson)["items"]
        skills.observe(
            class_.lan,
            lesson=lesson,
            ratings={step["id"]: True for step in steps},
            by=cast.xuan.user,
            client_id="5f0c0e0e-5d0a-4a3f-9d0e-1d2f3a4b5c6d",
        )
    return class_.lan, Observation.objects.all().delete


@pytest.mark.parametrize(
    ("kind", "rule"), [("video", "attendance"), ("quiz", "posttest"), ("checklist", "checklist")]
)
def test_evidence_corrected_past_the_actions_is_found_by_the_nightly_look(cast, kind, rule):
    enrolment, lose = finished(cast, kind)
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.COMPLETED
    jobs.reconsider_all("", Progress())
    assert not CompletionReview.objects.exists()

    lose()
    assert any("the evidence does not carry" in text for text in breaches())
    jobs.reconsider_all("", Progress())

    assert not CompletionReview.objects.get().result.rule(rule).met
    assert breaches() == []


# --- verification


def test_verification_accepts_what_waits_and_what_was_decided(done):
    take_back(done)
    assert breaches() == [], "the job that opens the review is on its way"
    work()
    assert breaches() == []

    reviews.decide(
        CompletionReview.objects.get(), uphold=True, reason="Có ảnh phòng họp", by=done.cast.hang.user
    )

    assert breaches() == []
    work()
    assert reviews.reconsider(done.lan) is None


def test_verification_finds_a_completion_that_nobody_looks_at(done):
    take_back(done)
    Job.objects.all().delete()

    assert breaches() == ["is completed, but the evidence does not carry: attendance"]


def test_a_decision_covers_only_what_was_lacking_then(cast):
    with clock.at(moment("08:00")):
        class_ = live.Class(cast, kinds=("quiz", "checklist"))
        lan = class_.lan
        skills_lesson, quiz_lesson = class_.lessons["checklist"], class_.lessons["quiz"]
        steps = skills.frozen_checklist(lan, skills_lesson)["items"]
        skills.observe(
            lan,
            lesson=skills_lesson,
            ratings={step["id"]: True for step in steps},
            by=cast.xuan.user,
            client_id="5f0c0e0e-5d0a-4a3f-9d0e-1d2f3a4b5c6d",
        )
        attempt = attempts.start(lan, lesson=quiz_lesson, by=cast.lan.user)
        for slot in attempt.frozen:
            attempts.save_answer(attempt, slot=slot["slot"], value=slot["key"])
        attempts.submit(attempt, nonce=attempt.nonce)
    Observation.objects.all().delete()
    first = reviews.reconsider(lan)
    reviews.decide(first, uphold=True, reason="Bảng kiểm giấy còn lưu", by=cast.hang.user)
    assert reviews.reconsider(lan) is None

    Attempt.objects.all().delete()

    assert breaches(invariants.completions_follow_from_evidence)
    second = reviews.reconsider(lan)
    assert second.pk != first.pk
    assert second.result.unmet == {skills_lesson.pk, quiz_lesson.pk}
    assert breaches() == []


# --- deciding


def test_upholding_keeps_reason_and_name(done):
    review = opened(done)

    with clock.at(moment("18:00")):
        decided = reviews.decide(review, uphold=True, reason="  Có ảnh   phòng họp ", by=done.cast.hang.user)

    assert (decided.state, decided.reason) == (State.UPHELD, "Có ảnh phòng họp")
    assert (decided.decided_by, decided.decided_at) == (done.cast.hang.user, moment("18:00"))
    assert (
        reviews.decide(review, uphold=True, reason="lần nữa thôi", by=done.cast.hang.user).reason
        == decided.reason
    )


def test_what_was_decided_is_not_decided_otherwise(done):
    review = opened(done)
    reviews.decide(review, uphold=False, reason="Không có mặt", by=done.cast.hang.user)

    with pytest.raises(ReviewRefused):
        reviews.decide(review, uphold=True, reason="Đổi ý kiến", by=done.cast.hang.user)

    done.lan.refresh_from_db()
    assert done.lan.state == Enrolment.State.COMPLETED, "the completion stays an event"


@pytest.mark.parametrize("reason", ["", "   ", "ừ"])
def test_a_decision_needs_a_reason_in_words(done, reason):
    review = opened(done)

    with pytest.raises(ReviewRefused):
        reviews.decide(review, uphold=True, reason=reason, by=done.cast.hang.user)

    assert CompletionReview.objects.get().is_open


def test_nobody_decides_about_their_own_completion(done):
    review = opened(done)
    make.role(done.cast.lan, make.RoleAssignment.Role.PROGRAMME_MANAGER, done.cast.bach_mai)

    with pytest.raises(ReviewRefused):
        reviews.decide(review, uphold=True, reason="Tôi có mặt", by=done.cast.lan.user)


# --- screens


def url(name, *args):
    return reverse(f"lms_courses_admin:{name}", args=args)


def test_the_training_office_reads_and_decides(done):
    review = opened(done)
    client = done.cast.client(done.cast.hang)

    listed = client.get(url("reviews")).content.decode()
    read = client.get(url("review", review.pk)).content.decode()
    answer = client.post(url("decide", review.pk), {"decision": "uphold", "reason": "Có ảnh phòng họp"})

    assert "Nguyễn Thị Lan" in listed
    assert "Tham dự: 0" in read
    assert answer.status_code == 302
    assert CompletionReview.objects.get().state == State.UPHELD
    assert AccessLog.objects.filter(person=done.cast.lan, user=done.cast.hang.user).exists()
    assert "Có ảnh phòng họp" in client.get(url("review", review.pk)).content.decode()


@pytest.mark.parametrize(
    "data", [{}, {"decision": "maybe", "reason": "Lý do dài"}, {"decision": "revoke", "reason": ""}]
)
def test_a_decision_without_verdict_or_reason_changes_nothing(done, data):
    review = opened(done)

    assert done.cast.client(done.cast.hang).post(url("decide", review.pk), data).status_code == 302

    assert CompletionReview.objects.get().is_open


def test_looking_never_decides(done):
    review = opened(done)

    assert done.cast.client(done.cast.hang).get(url("decide", review.pk)).status_code == 405
    assert CompletionReview.objects.get().is_open


def test_the_other_hospital_finds_nothing(done):
    review = opened(done)
    client = done.cast.client(done.cast.trong)

    assert "Nguyễn Thị Lan" not in client.get(url("reviews")).content.decode()
    assert client.get(url("review", review.pk)).status_code == 404
    answer = client.post(url("decide", review.pk), {"decision": "uphold", "reason": "Của viện khác"})

    assert answer.status_code == 404
    assert CompletionReview.objects.get().is_open


def test_a_signer_reads_and_a_trainer_does_not(done):
    review = opened(done)
    verdict = {"decision": "uphold", "reason": "Không phải việc của tôi"}

    assert done.cast.client(done.cast.dao).get(url("review", review.pk)).status_code == 200
    assert done.cast.client(done.cast.ung).get(url("review", review.pk)).status_code == 404
    for who in (done.cast.dao, done.cast.ung):
        assert done.cast.client(who).post(url("decide", review.pk), verdict).status_code == 404

    assert CompletionReview.objects.get().is_open


def test_the_learner_is_told_in_plain_words(cast):
    enrolment, lose = finished(cast, "video")
    page = courses.CoursePage.objects.get(translation_key=enrolment.run.release.course.key)
    client = cast.client(cast.lan)
    assert "xem xét lại" not in client.get(page.get_url()).content.decode()

    lose()
    review = reviews.reconsider(enrolment)
    waiting = client.get(page.get_url()).content.decode()
    reviews.decide(review, uphold=True, reason="Máy chủ ghi nhận thiếu", by=cast.hang.user)
    decided = client.get(page.get_url()).content.decode()

    assert "xem xét lại" in waiting
    assert "Máy chủ ghi nhận thiếu" in decided


def test_a_result_reads_back_as_it_was_kept(done):
    review = opened(done)

    assert review.result.as_json() == review.found
    assert review.result.rule("attendance").value == Decimal(0)
    assert Presence.objects.filter(retracts__isnull=False).count() == 1
