"""What is due on my page: every date that asks something of me, the soonest first, and nobody else's."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.models import Cycle
from courses.actions import applications, attempts, cases
from courses.actions.enrolments import withdraw
from courses.models import Lesson, LessonProgress, Run
from lms import clock
from lms.models import Licence
from tests.courses.test_cases import SAID, VALUES
from tests.courses.test_making_up import evening
from tests.factories import certificates as make_certificates
from tests.factories import live, programme

DAY = datetime.timedelta(days=1)


@pytest.fixture
def programme_a(cast):
    found = programme.programme_a(cast)
    Run.objects.filter(pk=found.run.pk).update(ends_on=clock.today() + 10 * DAY)
    return found


def due(cast, person, at=None) -> list:
    with clock.at(at or clock.now()):
        context = cast.client(person).get(reverse("me")).context
    return [*context["due"], *context["due_later"]]


def test_a_learner_sees_test_session_and_the_end_of_the_class_the_soonest_first(cast, programme_a):
    enrolment = programme_a.enrol(cast.lan)
    assert programme_a.session
    now = timezone.localtime(clock.now()).replace(hour=9, minute=0, second=0)
    with clock.at(now):
        attempts.start(enrolment, lesson=programme_a.lessons["pretest"], by=cast.lan.user)
    lesson = programme_a.lessons["pretest"]
    enrolment.attempts.filter(lesson=lesson).update(deadline=now + datetime.timedelta(minutes=1))
    programme_a.session.starts_at, programme_a.session.ends_at = now + 2 * DAY, now + 3 * DAY
    programme_a.session.save()

    found = due(cast, cast.lan, now)

    words = ["Nộp bài kiểm tra", "Dự buổi trực tuyến"]
    assert [one.what for one in found[:2]] == words
    assert found[2].what.startswith("Còn: ")
    assert [one.left for one in found] == ["hôm nay", "còn 2 ngày", "còn 10 ngày"]
    assert [one.tag for one in found] == [" warn", " warn", ""]
    assert found[0].url == reverse("lms_courses:attempt", args=[enrolment.attempts.get().pk])
    assert found[1].when.endswith("09:00")
    assert found[2].url == programme_a.page.url


def test_what_is_done_left_or_somebody_elses_is_not_due(cast, programme_a):
    enrolment = programme_a.enrol(cast.lan)
    assert due(cast, cast.minh) == []
    assert len(due(cast, cast.lan)) == 1
    for lesson in Lesson.objects.filter(course=programme_a.course).exclude(kind="survey"):
        LessonProgress.objects.create(enrolment=enrolment, lesson=lesson, value=100, met_at=clock.now())
    assert [one.what for one in due(cast, cast.lan)] == ["Trả lời khảo sát"]

    withdraw(enrolment, by=cast.lan.user)

    assert due(cast, cast.lan) == []


def test_a_seat_that_is_held_and_a_decision_that_others_owe_are_named_with_their_hour(cast):
    course = live.course(cast.bach_mai)
    live.lesson(course, "reading", periods="1")
    run = live.run(course)
    Run.objects.filter(pk=run.pk).update(mode=Run.Mode.APPROVAL, chain=Run.Chain.OFFICE)
    run.refresh_from_db()
    asked = applications.apply_for(run, person=cast.lan, by=cast.lan.user)

    waits = due(cast, cast.lan)
    assert [one.what for one in waits] == ["Chờ duyệt: phòng đào tạo"]
    assert waits[0].day == timezone.localdate(asked.due_at)
    assert "Duyệt 1 đơn đăng ký" in [one.what for one in due(cast, cast.hang)]

    now = clock.now()
    asked.state, asked.step, asked.queued_at, asked.due_at = "offered", "", now, now + DAY
    asked.save()

    held = due(cast, cast.lan)
    assert [(one.what, one.left) for one in held] == [("Nhận chỗ đang giữ cho anh/chị", "ngày mai")]
    assert due(cast, cast.lan, now + 2 * DAY) == []


def test_a_presenter_is_asked_for_the_patient_after_a_week_and_a_month_until_it_is_said(cast):
    with clock.at(live.moment("09:00")):
        class_ = live.Class(cast, kinds=("session",))
        case = cases.submit(class_.room, presenter=cast.xuan, values=VALUES, by=cast.ha.user)
        cases.accept(case, rank=1, by=cast.ung.user)
        part = due(cast, cast.xuan, live.moment("09:00"))
    with clock.at(live.moment("15:00")):
        cases.conclude(case, **SAID, by=cast.ung.user)

    assert [one.what for one in part] == ["Anh/chị là người trình bệnh"]
    with clock.at(live.moment("15:00") + 9 * DAY):
        late = due(cast, cast.xuan)
        assert [(one.left, one.tag) for one in late] == [("quá hạn 2 ngày", " bad"), ("còn 21 ngày", "")]
        assert VALUES["complaint"] not in "".join(one.what + one.about for one in late)
        cases.follow_up(case.follow_ups.get(day=7), outcome="better", by=cast.xuan.user)
        assert len(due(cast, cast.xuan)) == 1


def test_the_end_of_a_cycle_and_of_a_licence_are_due_while_hours_are_missing(cast):
    today = clock.today()
    cycle = {"person": cast.lan, "scheme": make_certificates.scheme(), "starts_on": today - 400 * DAY}
    Cycle.objects.create(ends_on=today + 600 * DAY, **cycle)
    Licence.objects.create(person=cast.lan, raw="012345/BYT-GPHN", valid_to=today + 100 * DAY)
    Licence.objects.create(person=cast.lan, raw="012346/BYT-GPHN", valid_to=today + 900 * DAY)

    found = due(cast, cast.lan)

    assert [one.day for one in found] == [today + 100 * DAY, today + 600 * DAY]
    assert found[1].when == f"{today + 600 * DAY:%d/%m/%Y}"
    cycle["scheme"].target = Decimal(0)
    cycle["scheme"].save()
    assert len(due(cast, cast.lan)) == 1


def test_what_can_be_made_up_for_with_a_recording_is_due_on_its_last_day_and_not_after_it_or_when_made_up(
    cast,
):
    held = evening(cast)
    last = timezone.localdate(held.recording.until - datetime.timedelta(seconds=1))

    found = due(cast, cast.lan, live.moment("17:00"))

    assert [(one.what, one.day) for one in found] == [("Xem bản ghi để bù phần đã vắng", last)]
    assert found[0].url == reverse("lms_courses:watch_again", args=[held.lan.pk, held.session.uuid])
    assert due(cast, cast.lan, held.recording.until) == []
    held.watch(20, 45)
    assert due(cast, cast.lan, live.moment("17:00") + 2 * DAY) == []
