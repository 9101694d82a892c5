"""Skills at the bedside: who may observe, nothing unrated, the true result kept."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from courses.actions import skills
from courses.activities import checklist
from courses.facts import result_of
from courses.models import CompletionReview, Enrolment, LessonProgress, Observation
from lms import clock, queue
from lms.verify import breaches
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated


@pytest.fixture
@repeated
def class_(cast):
    with clock.at(moment("08:00")):
        made = live.Class(cast, kinds=("checklist",))
    live.staff(made.course, cast.xuan)
    return made


def steps(class_):
    return [step["id"] for step in class_.run.release.outline[0]["items"]]


def observe(class_, *, done=4, missed=(), by=None, enrolment=None, **values):
    ids = steps(class_)
    ratings = {step: position < done and position not in missed for position, step in enumerate(ids)}
    with clock.at(moment("10:00")):
        return skills.observe(
            enrolment or class_.lan,
            lesson=class_.lessons["checklist"],
            by=by or class_.cast.xuan.user,
            **{"ratings": ratings, "client_id": uuid.uuid4(), **values},
        )


def page_of(class_, enrolment=None):
    return reverse("lms_courses:observe", args=[(enrolment or class_.lan).pk, class_.lessons["checklist"].pk])


def test_a_passed_skill_counts_as_met(class_):
    row = observe(class_)

    assert (row.pct, row.passed, row.number) == (Decimal("100.00"), True, 1)
    assert LessonProgress.objects.get(enrolment=class_.lan).met_at


def test_one_critical_step_missed_fails_the_skill_whatever_the_share(class_):
    row = observe(class_, missed=(0,))

    assert (row.pct, row.critical_missed, row.passed) == (Decimal("75.00"), 1, False)
    assert not LessonProgress.objects.filter(met_at__isnull=False).exists()


def test_a_better_observation_follows_and_the_first_stays(class_):
    observe(class_, done=1)
    second = observe(class_)

    assert second.number == 2
    assert Observation.objects.count() == 2
    assert LessonProgress.objects.get(enrolment=class_.lan).met_at


def test_a_worse_observation_later_takes_nothing_away(class_):
    observe(class_)
    observe(class_, done=0)

    assert LessonProgress.objects.get(enrolment=class_.lan).met_at


def test_the_same_request_is_one_observation(class_):
    client_id = uuid.uuid4()

    assert observe(class_, client_id=client_id).pk == observe(class_, done=0, client_id=client_id).pk
    assert Observation.objects.count() == 1


def test_a_page_used_for_somebody_else_is_refused(class_):
    client_id = uuid.uuid4()
    observe(class_, client_id=client_id)

    with pytest.raises(skills.ObservationRefused):
        observe(class_, client_id=client_id, enrolment=class_.minh)


def test_nothing_is_left_unrated(class_):
    with pytest.raises(skills.NotRatedYet) as refusal:
        observe(class_, ratings={steps(class_)[0]: True})

    assert refusal.value.missing == steps(class_)[1:]
    assert not Observation.objects.exists()


@pytest.mark.parametrize("ratings", [{"9999": True}, {"x": "yes"}])
def test_ratings_of_another_checklist_are_refused(class_, ratings):
    full = dict.fromkeys(steps(class_), True)

    with pytest.raises(skills.ObservationRefused):
        observe(class_, ratings={**full, **ratings})


def test_nobody_observes_themselves(class_):
    with pytest.raises(skills.OwnSkill):
        observe(class_, by=class_.cast.lan.user)


def test_later_edits_of_the_checklist_change_no_observation(class_):
    row = observe(class_)

    class_.lessons["checklist"].checklist.items.all().delete()

    row.refresh_from_db()
    assert len(row.frozen["items"]) == 4


# --- recorded wrongly


def take_back(row, hour="11:00", *, reason="Chấm nhầm người", by=None):
    with clock.at(moment(hour)):
        return skills.take_back(row, reason=reason, by=by or row.observer)


def test_a_skill_that_was_recorded_of_the_wrong_learner_does_not_count_any_more(class_):
    row = take_back(observe(class_))

    assert (row.taken_back_by, row.taken_back_why) == (class_.cast.xuan.user, "Chấm nhầm người")
    assert (row.passed, row.pct) == (True, Decimal("100.00")), "what was recorded stays to be read"
    assert not LessonProgress.objects.get(enrolment=class_.lan).met_at
    assert not result_of(class_.lan).lessons[0].met
    assert list(breaches("lms_courses.progress")) == []


def test_another_observation_that_was_passed_still_carries_the_skill(class_):
    row = observe(class_)
    observe(class_)

    take_back(row)

    assert LessonProgress.objects.get(enrolment=class_.lan).met_at


def test_after_one_was_taken_back_the_next_is_counted_on(class_):
    take_back(observe(class_))

    assert observe(class_).number == 2
    assert LessonProgress.objects.get(enrolment=class_.lan).met_at


def test_taking_back_twice_is_once_and_the_first_reason_stays(class_):
    row = observe(class_)
    first = take_back(row)

    again = take_back(row, "12:00", reason="Một lý do khác")

    assert (again.taken_back_at, again.taken_back_why) == (first.taken_back_at, "Chấm nhầm người")


@pytest.mark.parametrize("reason", ["", "   "])
def test_nothing_is_taken_back_without_a_reason(class_, reason):
    row = observe(class_)

    with pytest.raises(skills.ObservationRefused):
        take_back(row, reason=reason)
    with pytest.raises(IntegrityError), transaction.atomic():
        Observation.objects.update(taken_back_at=moment("11:00"), taken_back_by=class_.cast.xuan.user)


def test_nobody_takes_back_what_was_seen_of_themselves(class_):
    with pytest.raises(skills.OwnSkill):
        take_back(observe(class_), by=class_.cast.lan.user)


def test_a_completion_it_led_to_stays_and_gets_a_second_look(cast):
    with clock.at(moment("08:00")):
        class_ = live.Class(cast, kinds=("checklist",), require_survey=False)
    live.staff(class_.course, cast.xuan)
    row = observe(class_)
    assert Enrolment.objects.get(pk=class_.lan.pk).state == "completed"

    take_back(row)
    with clock.at(moment("11:05")):
        queue.run_due()

    assert Enrolment.objects.get(pk=class_.lan.pk).state == "completed"
    assert CompletionReview.objects.get().enrolment == class_.lan


# --- pages


def test_an_observer_sees_who_waits_until_it_is_passed(class_, cast):
    client = cast.client(cast.xuan)
    before = client.get(reverse("lms_courses:skills"))
    observe(class_)

    after = client.get(reverse("lms_courses:skills"))

    assert [line["enrolment"] for line in before.context["lines"]] == [class_.lan, class_.minh]
    assert [line["enrolment"] for line in after.context["lines"]] == [class_.minh]


def test_the_observers_form_saves_every_rating(class_, cast):
    data = {f"step-{step}": "yes" for step in steps(class_)}

    answer = cast.client(cast.xuan).post(
        page_of(class_), {**data, "client_id": uuid.uuid4(), "comment": "Làm đúng trình tự"}
    )

    assert answer.url == reverse("lms_courses:skills")
    row = Observation.objects.get()
    assert (row.observer, row.comment, row.passed) == (cast.xuan.user, "Làm đúng trình tự", True)


def test_a_form_with_a_step_unrated_keeps_what_was_rated(class_, cast):
    first, *rest = steps(class_)
    data = {f"step-{step}": "no" for step in rest}

    page = cast.client(cast.xuan).post(page_of(class_), {**data, "client_id": uuid.uuid4()})

    assert page.status_code == 400
    assert [step["is_missing"] for step in page.context["steps"]] == [True, False, False, False]
    assert [step["rating"] for step in page.context["steps"]] == ["", "no", "no", "no"]
    assert not Observation.objects.exists()


def test_only_observers_of_the_course_reach_the_form(class_, cast):
    for who in (cast.lan, cast.minh, cast.khanh, cast.ha, cast.hoa, cast.trong):
        client = cast.client(who)
        assert client.get(page_of(class_)).status_code == 404
        assert client.post(page_of(class_), {}).status_code == 404
    assert not Observation.objects.exists()


def test_an_observer_who_learns_in_the_class_cannot_reach_their_own_form(class_, cast):
    own = live.enrolment(class_.run, cast.xuan)

    assert cast.client(cast.xuan).get(page_of(class_, own)).status_code == 404


def test_an_observer_whose_time_is_over_reaches_nothing(class_, cast):
    class_.course.staff.update(valid_to="2020-01-01")

    assert cast.client(cast.xuan).get(page_of(class_)).status_code == 404


def wrong_one(class_, cast, who, hour):
    """What *who* gets for taking back by the page what Xuân recorded at ten."""
    row = observe(class_)
    with clock.at(moment(hour)):
        answer = cast.client(who).post(
            reverse("lms_courses:take_observation_back", args=[row.pk]), {"reason": "Chấm nhầm người"}
        )
    row.refresh_from_db()
    return answer, row


def test_an_observer_takes_back_her_own_mistake_of_the_day_on_her_page(cast):
    with clock.at(moment("08:00")):
        class_ = live.Class(cast, kinds=("checklist", "session"))
    live.staff(class_.course, cast.xuan)
    client, page = cast.client(cast.xuan), reverse("lms_courses:skills")

    answer, row = wrong_one(class_, cast, cast.xuan, "11:00")

    assert (answer.url, row.taken_back_by) == (page, cast.xuan.user)
    with clock.at(moment("11:01")):
        shown = client.get(page)
    assert "Chấm nhầm người" in shown.content.decode()
    assert "/take-back/" not in shown.content.decode()
    assert class_.lan in [line["enrolment"] for line in shown.context["lines"]], "the learner waits again"

    row = observe(class_)
    with clock.at(moment("11:02")):
        shown = client.get(page)
    assert reverse("lms_courses:take_observation_back", args=[row.pk]) in shown.content.decode()
    assert class_.lan not in [line["enrolment"] for line in shown.context["lines"]]


def test_an_observer_takes_nothing_back_a_day_later_the_training_office_does(class_, cast):
    row = observe(class_)
    address = reverse("lms_courses:take_observation_back", args=[row.pk])
    later = row.observed_at + timedelta(hours=24, minutes=1)
    with clock.at(later):
        assert cast.client(cast.xuan).post(address, {"reason": "Chấm nhầm người"}).status_code == 404
        office = cast.client(cast.hang)
        page = reverse("lms_courses_admin:learner", args=[class_.lan.pk])
        assert address in office.get(page).content.decode()
        assert office.post(address, {"reason": "Chấm nhầm người"}).url == page
        shown = office.get(page).content.decode()

    assert "Chấm nhầm người" in shown
    assert address not in shown
    assert Observation.objects.get().taken_back_by == cast.hang.user


@pytest.mark.parametrize("who", ["ung", "lan", "minh", "trong"])
def test_nobody_else_takes_an_observation_back(class_, cast, who):
    answer, row = wrong_one(class_, cast, getattr(cast, who), "11:00")

    assert answer.status_code == 404
    assert row.taken_back_at is None


def test_the_learner_reads_that_it_was_taken_back_and_why(class_, cast):
    take_back(observe(class_))

    panel = checklist.panel(None, class_.lan, class_.lessons["checklist"], None)
    text = render_to_string("lms_courses/activities/checklist.html", panel)

    assert "Chấm nhầm người" in text
    assert "✓" not in text
