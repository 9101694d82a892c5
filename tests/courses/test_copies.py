"""A class is opened again on other days: its sessions and sites go along, its learners do not."""

import datetime

import pytest
from django.urls import reverse

from courses.actions import copies, runs, sessions
from courses.actions.copies import Planned
from courses.models import Enrolment, Run, Session, SessionSite, SessionUse
from lms import clock
from tests.courses.test_moves import next_version
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated


@pytest.fixture
@repeated
def class_(cast):
    """A class from 23 November to 18 December 2026 with one session on Tuesday the 24th at two sites."""
    with clock.at(moment("08:00")):
        made = live.Class(cast, kinds=("session", "survey"))
    Run.objects.filter(pk=made.run.pk).update(
        starts_on="2026-11-23",
        ends_on="2026-12-18",
        enrol_until=moment("2026-11-20 17:00"),
        seats=30,
        seats_taken=2,
        contact="Phòng Đào tạo, 0243 869 3731",
    )
    made.run.refresh_from_db()
    return made


def naive(text):
    """A moment as a form shows it: local time."""
    return moment(text).replace(tzinfo=None)


def url(class_):
    return reverse("lms_courses_admin:copy_run", args=[class_.run.pk])


def days(**values):
    return {"starts_on": datetime.date(2027, 1, 4), "ends_on": datetime.date(2027, 1, 29), **values}


def copied(class_, *, at="2026-11-25 09:00", code="DQ-01-K2", begins="2027-01-05 14:00", **values):
    with clock.at(moment(at)):
        planned = [Planned(class_.session, moment(begins), moment(begins) + datetime.timedelta(minutes=100))]
        return copies.copy_run(
            class_.run, code=code, sessions=planned, by=class_.cast.hang.user, **days(**values)
        )


# --- the verb


def test_the_copy_has_the_sessions_and_sites_at_new_hours_and_no_learner(class_):
    made = copied(class_)

    new = Session.objects.get(uses__run=made)
    assert (new.starts_at, new.title_vi, new.hub) == (
        moment("2027-01-05 14:00"), class_.session.title_vi, class_.session.hub
    )  # fmt: skip
    assert new.secret != class_.session.secret
    assert SessionUse.objects.get(run=made).lesson == class_.lessons["session"]
    sites = SessionSite.objects.filter(session=new)
    assert set(sites.values_list("site", "expected")) == {
        (class_.cast.site_bac_ha.pk, 4), (class_.cast.site_luc_yen.pk, None)
    }  # fmt: skip
    assert not Enrolment.objects.filter(run=made).exists()
    assert made.seats_taken == 0


def test_the_class_that_was_copied_stays_as_it_is(class_):
    before = Run.objects.filter(pk=class_.run.pk).values().get()

    copied(class_)

    assert Run.objects.filter(pk=class_.run.pk).values().get() == before
    assert SessionUse.objects.filter(run=class_.run).count() == 1


def test_the_copy_learns_the_version_in_force(class_):
    to = next_version(class_.course)

    assert copied(class_).release == to


def test_a_session_whose_lesson_is_gone_is_not_held_again(class_):
    class_.course.lessons.filter(kind="session").update(is_open=False)
    live.lesson(class_.course, "reading", periods="1")
    to = next_version(class_.course)

    assert list(copies.lessons_of(class_.run, to).values()) == [[]]


def test_a_cancelled_session_is_not_held_again(class_):
    sessions.cancel_session(class_.session, by=class_.cast.hang.user)

    assert copies.lessons_of(class_.run, class_.run.release) == {}


def test_the_same_copy_asked_for_twice_is_one_class(class_):
    assert copied(class_) == copied(class_)

    assert Session.objects.count() == 2
    assert SessionUse.objects.count() == 2


def test_the_code_of_another_class_is_refused_and_that_class_gets_no_session(class_):
    other = live.run_of(class_.run.release, "DQ-01-K9")

    for code in (other.code, class_.run.code):
        with pytest.raises(runs.RunRefused, match=code):
            copied(class_, code=code)

    assert SessionUse.objects.count() == 1
    assert Session.objects.count() == 1


def test_a_session_in_the_past_leaves_nothing_half_done(class_):
    with pytest.raises(runs.RunRefused):
        copied(class_, begins="2026-11-03 14:00")

    assert not Run.objects.filter(code="DQ-01-K2").exists()
    assert Session.objects.count() == 1


# --- the screen


def shown(class_, who, first="2026-12-21"):
    with clock.at(moment("2026-11-25 09:00")):
        return class_.cast.client(who).get(url(class_), {"first": first} if first else {})


def test_all_days_are_shown_moved_before_anything_is_opened(class_):
    page = shown(class_, class_.cast.hang).context

    assert page["shift"] == 28
    form = page["form"]
    assert form["starts_on"].value() == datetime.date(2026, 12, 21)
    assert form["ends_on"].value() == datetime.date(2027, 1, 15)
    assert form["enrol_until"].value() == naive("2026-12-18 17:00")
    assert form["seats"].value() == 30
    assert [one["starts_at"].value() for one in page["forms"]] == [naive("2026-12-22 14:00")]
    assert Run.objects.count() == 1


def test_the_days_stand_in_the_fields_as_a_browser_reads_them(class_):
    text = shown(class_, class_.cast.hang).content.decode()

    assert 'value="2026-12-21"' in text
    assert 'value="2026-12-22T14:00"' in text


def test_without_a_day_the_next_same_weekday_is_offered(class_):
    page = shown(class_, class_.cast.hang, first="").context

    assert page["form"]["starts_on"].value() == datetime.date(2026, 12, 7)


@pytest.mark.parametrize(
    ("first", "marked"),
    [("2026-12-21", ""), ("2026-12-26", "Chủ nhật"), ("2026-12-31", "nghỉ lễ")],
)
def test_a_weekend_or_holiday_is_marked_and_left_to_the_person(class_, first, marked):
    page = shown(class_, class_.cast.hang, first=first).context

    (form,) = page["forms"]
    assert marked.lower() in form.remark.lower()
    assert bool(form.remark) == bool(marked)
    shift = datetime.date.fromisoformat(first) - datetime.date(2026, 11, 23)
    assert form["starts_at"].value() == naive("14:00") + shift


def sent(class_, **changes):
    key = f"session-{class_.session.pk}"
    return {
        "run-code": "DQ-01-K2",
        "run-mode": "self",
        "run-starts_on": "2026-12-21",
        "run-ends_on": "2027-01-15",
        f"{key}-take": "on",
        f"{key}-starts_at": "2026-12-23T14:00",
        f"{key}-ends_at": "2026-12-23T15:40",
        **changes,
    }


def posted(class_, who, **changes):
    with clock.at(moment("2026-11-25 09:00")):
        return class_.cast.client(who).post(url(class_), sent(class_, **changes))


def test_the_office_changes_a_day_and_opens_the_class(class_):
    answer = posted(class_, class_.cast.hang)

    assert answer.status_code == 302
    made = Run.objects.get(code="DQ-01-K2")
    assert Session.objects.get(uses__run=made).starts_at == moment("2026-12-23 14:00")


def test_a_session_left_out_is_not_planned(class_):
    posted(class_, class_.cast.hang, **{f"session-{class_.session.pk}-take": ""})

    assert Run.objects.filter(code="DQ-01-K2").exists()
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"run-code": ""},
        {"run-code": "DQ-01-K1"},
        {"run-ends_on": "2026-12-01"},
        {"run-starts_on": "hôm nay"},
        {"starts_at": "2026-12-23T16:00"},
        {"starts_at": ""},
        {"starts_at": "2026-11-01T14:00", "ends_at": "2026-11-01T15:40"},
    ],
)
def test_a_fault_shows_the_form_again_and_opens_nothing(class_, changes):
    key = f"session-{class_.session.pk}-"
    changes = {
        (key + name if name in {"starts_at", "ends_at"} else name): value for name, value in changes.items()
    }

    answer = posted(class_, class_.cast.hang, **changes)

    assert answer.status_code == 422
    assert Run.objects.count() == 1
    assert Session.objects.count() == 1


@pytest.mark.parametrize("who", ["ung", "trong", "thang", "lan"])
def test_whoever_does_not_open_classes_copies_none(class_, who):
    person = getattr(class_.cast, who)

    assert shown(class_, person).status_code in {302, 403, 404}
    assert posted(class_, person).status_code in {302, 403, 404}
    assert Run.objects.count() == 1


def test_a_session_of_another_hospitals_hub_is_named_and_left_out(class_):
    Session.objects.filter(pk=class_.session.pk).update(hub=class_.cast.viet_duc)

    page = shown(class_, class_.cast.hang).context

    assert page["forms"] == []
    assert page["left_out"] == [class_.session]


@pytest.mark.parametrize("first", ["x", "", "9999-12-31", "0001-01-01", "2026-02-30"])
def test_a_day_that_is_none_is_said_and_the_offer_stands(class_, first):
    with clock.at(moment("2026-11-25 09:00")):
        answer = class_.cast.client(class_.cast.hang).get(url(class_), {"first": first})

    assert answer.status_code == 200
    assert answer.context["asked"].errors
