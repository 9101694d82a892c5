"""Skills at the bedside: who may observe, nothing unrated, the true result kept."""

import uuid
from decimal import Decimal

import pytest
from django.urls import reverse

from courses.actions import skills
from courses.models import LessonProgress, Observation
from lms import clock
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
