"""Live sessions: planning, the hub's screen, the hub's desk."""

import uuid

import pytest
from django.urls import reverse

from courses import codes
from courses.actions import attendance, sessions, settling
from courses.actions.sessions import SessionRefused
from courses.models import Attendance, Presence, Session, SessionSite, SessionUse
from lms import clock, queue
from tests.factories import certificates as credits
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated


@pytest.fixture
@repeated
def class_(cast):
    with clock.at(moment("13:50")):
        return live.Class(cast, kinds=("session",))


def url(name, *args):
    return reverse(f"lms_courses:{name}", args=args)


def at(hour, call, *args, **values):
    with clock.at(moment(hour)):
        return call(*args, **values)


def test_the_calendar_shows_the_desk_of_a_session_to_its_own_hub_only(class_, cast):
    hub, desk = url("hub", class_.session.uuid), url("attendance", class_.session.uuid)

    with clock.at(moment("14:10")):
        assert hub in cast.client(cast.hang).get(url("calendar")).text
        assert hub not in cast.client(cast.trong).get(url("calendar")).text
    with clock.at(moment("23:00")):
        assert desk in cast.client(cast.hang).get(url("calendar")).text
        assert desk not in cast.client(cast.trong).get(url("calendar")).text


# --- verbs


def test_planning_the_same_session_twice_is_planning_it_once(class_, cast):
    again = live.session(cast.bach_mai, cast.ung.user)

    assert again == class_.session


def test_a_session_ends_after_it_begins(cast):
    with pytest.raises(SessionRefused):
        sessions.schedule(
            cast.bach_mai, title_vi="X", starts_at=moment("15:00"), ends_at=moment("15:00"), by=cast.ung.user
        )


def test_a_session_serves_only_live_lessons_of_the_same_course(class_, cast):
    other = live.course(cast.bach_mai, code="CT-01")
    wrong_kind = live.lesson(class_.course, "reading")
    for lesson in (live.lesson(other, "session"), wrong_kind):
        with pytest.raises(SessionRefused):
            sessions.use(class_.session, run=class_.run, lesson=lesson)


def test_joining_twice_keeps_one_site_and_the_newest_expectation(class_, cast):
    sessions.join_site(class_.session, site=cast.site_bac_ha, expected=9)

    assert SessionSite.objects.get(session=class_.session, site=cast.site_bac_ha).expected == 9


def test_a_settled_session_takes_no_more_sites(class_, cast):
    at("16:00", settling.settle, class_.session)

    with pytest.raises(SessionRefused):
        sessions.join_site(class_.session, site=cast.site_bac_ha)


def test_opening_and_ending_twice_is_harmless_but_not_backwards(class_, cast):
    assert sessions.open_session(class_.session, by=cast.ung.user).state == "live"
    assert sessions.end_session(class_.session).state == "ended"
    assert sessions.end_session(class_.session).state == "ended"

    with pytest.raises(SessionRefused):
        sessions.open_session(class_.session, by=cast.ung.user)


def test_a_session_that_was_forgotten_ends_and_settles_by_itself(class_, cast):
    with clock.at(moment("14:00")):
        attendance.tick(class_.room, person=cast.lan, by=cast.ha.user)

    def worker(hour):
        with clock.at(moment(hour)):
            queue.tick()
            queue.run_due()
        class_.session.refresh_from_db()
        return class_.session.state

    assert worker("15:50") == "live"
    assert worker("16:15") == "ended"
    assert worker("2026-11-26 15:00") == "ended"
    assert worker("2026-11-27 15:45") == "settled"
    assert Attendance.objects.get(person=cast.lan).state == "present"


# --- the hub's screen


def test_the_hubs_screen_shows_the_code_of_the_moment(class_, cast):
    code = codes.code_at(class_.session.secret, codes.step_at(moment("14:03:07").timestamp()))

    page = at("14:03:07", cast.client(cast.ung).get, url("hub", class_.session.uuid))
    now = at("14:03:07", cast.client(cast.ung).get, url("hub_now", class_.session.uuid)).json()

    assert now["code"].replace(" ", "") == code
    assert now["code"] in page.content.decode()
    assert now["seconds"] == 23


def test_before_it_is_opened_there_is_no_code(cast):
    session = live.session(cast.bach_mai, cast.ung.user)
    Session.objects.filter(pk=session.pk).update(state="scheduled")

    now = at("14:00", cast.client(cast.ung).get, url("hub_now", session.uuid)).json()

    assert now["code"] == now["qr"] == ""


def test_the_qr_picture_is_an_svg_of_the_check_in_page(class_, cast):
    answer = at("14:03", cast.client(cast.ung).get, url("hub_qr", class_.session.uuid))

    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg")


@pytest.mark.parametrize("name", ["hub", "hub_now", "hub_qr", "attendance"])
def test_codes_are_shown_to_the_hub_alone(class_, cast, name):
    for who in (cast.lan, cast.khanh, cast.ha, cast.hoa, cast.trong, cast.mo):
        assert at("14:03", cast.client(who).get, url(name, class_.session.uuid)).status_code == 404


def test_a_named_trainer_of_the_course_hosts_its_session(class_, cast):
    live.staff(class_.course, cast.khanh, "trainer")

    assert at("14:03", cast.client(cast.khanh).get, url("hub", class_.session.uuid)).status_code == 200
    assert cast.client(cast.khanh).post(url("settle", class_.session.uuid)).status_code == 404


def test_the_hub_opens_and_ends_by_post(cast):
    session = live.session(cast.bach_mai, cast.ung.user)
    Session.objects.filter(pk=session.pk).update(state="scheduled")
    client = cast.client(cast.ung)

    client.post(url("move_session", session.uuid), {"to": "open"})
    session.refresh_from_db()
    assert session.state == "live"
    client.post(url("move_session", session.uuid), {"to": "end"})
    session.refresh_from_db()
    assert session.state == "ended"
    assert client.post(url("move_session", session.uuid), {"to": "burn"}).status_code == 404


# --- the hub's desk


def desk(cast, class_, hour="16:00", query=""):
    return at(hour, cast.client(cast.hang).get, url("attendance", class_.session.uuid) + query)


def test_the_desk_puts_people_seen_in_two_places_first(class_, cast):
    with clock.at(moment("14:05")):
        attendance.tick(class_.room, person=cast.lan, by=cast.ha.user)
        attendance.tick(class_.room, person=cast.my, by=cast.ha.user)
        attendance.tick(class_.other_room, person=cast.my, by=cast.po.user)

    page = desk(cast, class_)

    assert [row["person"] for row in page.context["rows"]][0] == cast.my
    assert page.context["conflicts"] == 1
    assert {row["minutes"] for row in page.context["rows"]} == {100, 0}


def test_a_session_ended_and_settled_before_its_hour_shows_what_was_counted(class_, cast):
    with clock.at(moment("14:05")):
        attendance.tick(class_.room, person=cast.lan, by=cast.ha.user)
    running = desk(cast, class_, "14:30")
    with clock.at(moment("15:20")):
        sessions.end_session(class_.session, by=cast.hang.user)
        settling.settle(class_.session, by=cast.hang.user)
    settled = desk(cast, class_, "15:21")

    def minutes(page):
        return next(row["minutes"] for row in page.context["rows"] if row["person"] == cast.lan)

    assert (minutes(running), minutes(settled)) == (30, Attendance.objects.get(person=cast.lan).minutes)
    change, report = (url(name, class_.session.uuid) for name in ("change_session", "session_report"))
    assert (change in running.text, report in running.text) == (True, False)
    assert (change in settled.text, report in settled.text) == (False, True)


def test_a_stay_in_another_session_at_the_same_hour_is_a_conflict(class_, cast):
    other = live.session(cast.viet_duc, cast.hoa.user, title_vi="Buổi khác")
    room = sessions.join_site(other, site=cast.site_bac_ha)
    with clock.at(moment("14:05")):
        attendance.tick(class_.room, person=cast.lan, by=cast.ha.user)
        attendance.tick(room, person=cast.lan, by=cast.ha.user)

    assert desk(cast, class_).context["conflicts"] == 1


def test_the_hub_corrects_with_a_reason_and_settles(class_, cast):
    client = cast.client(cast.hang)
    data = {"person": cast.lan.pk, "since": "14:00", "until": "15:40", "reason": "Có ảnh danh sách ký"}

    at("16:00", client.post, url("override", class_.session.uuid), data)
    at("16:05", client.post, url("settle", class_.session.uuid))

    row = Presence.objects.get()
    assert (row.since, row.until, row.recorded_by) == (moment("14:00"), moment("15:40"), cast.hang.user)
    assert Attendance.objects.get(person=cast.lan).state == "present"


@pytest.mark.parametrize(
    "values", [{"reason": " "}, {"since": "xx"}, {"until": "25:99"}, {"since": "15:00", "until": "14:00"}]
)
def test_a_spoilt_correction_gets_a_plain_message(class_, cast, values):
    data = {"person": cast.lan.pk, "since": "14:00", "until": "15:40", "reason": "Lý do", **values}

    page = at("16:00", cast.client(cast.hang).post, url("override", class_.session.uuid), data)

    assert page.status_code == 400
    assert page.context["bad"]
    assert not Presence.objects.exists()


def test_a_correction_of_somebody_unrelated_finds_nobody(class_, cast):
    data = {"person": cast.khanh.pk, "since": "14:00", "until": "15:40", "reason": "Lý do"}

    assert (
        at("16:00", cast.client(cast.hang).post, url("override", class_.session.uuid), data).status_code
        == 404
    )


@pytest.mark.parametrize("name", ["override", "name_role"])
@pytest.mark.parametrize("person", ["²", "đ", "9" * 5000])
def test_a_sign_that_is_no_number_names_nobody(class_, cast, name, person):
    data = {"person": person, "since": "14:00", "until": "15:40", "reason": "Lý do", "role": "chair"}

    answer = at("16:00", cast.client(cast.hang).post, url(name, class_.session.uuid), data)

    assert answer.status_code == 404


def test_settling_too_early_says_so(class_, cast):
    page = at("15:00", cast.client(cast.hang).post, url("settle", class_.session.uuid))

    assert page.status_code == 409
    assert page.context["bad"]


def test_evidence_is_taken_back_by_post_with_a_reason(class_, cast):
    with clock.at(moment("14:05")):
        row = attendance.tick(class_.room, person=cast.lan, by=cast.ha.user)
    client = cast.client(cast.hang)

    refused = client.post(url("take_back", class_.session.uuid, row.pk), {"reason": ""})
    client.post(url("take_back", class_.session.uuid, row.pk), {"reason": "Không có mặt"})

    assert refused.status_code == 400
    assert Presence.objects.get(retracts=row).reason == "Không có mặt"
    assert client.post(url("take_back", class_.session.uuid, 10**9), {"reason": "x"}).status_code == 404


def test_trainers_see_the_desk_but_do_not_settle(class_, cast):
    client = cast.client(cast.ung)

    assert at("16:00", client.get, url("attendance", class_.session.uuid)).status_code == 200
    assert at("16:00", client.post, url("settle", class_.session.uuid)).status_code == 404


# --- planning and the calendar


def plan(cast, **values):
    return {
        "hub": cast.bach_mai.pk,
        "title_vi": "Giao ban đột quỵ",
        "title_en": "Stroke round",
        "starts_at": "2026-12-01T14:00",
        "ends_at": "2026-12-01T15:30",
        **values,
    }


def test_a_session_is_planned_for_a_class_in_one_form(class_, cast):
    uses = f"{class_.run.pk}:{class_.lessons['session'].pk}"

    answer = cast.client(cast.hang).post(url("plan_session"), plan(cast, uses=uses))

    session = Session.objects.get(title_vi="Giao ban đột quỵ")
    assert answer.url == url("hub", session.uuid)
    assert (session.starts_at, session.hub) == (moment("2026-12-01 14:00"), cast.bach_mai)
    assert SessionUse.objects.filter(session=session, run=class_.run).count() == 1


@pytest.mark.parametrize(
    "values", [{"ends_at": "2026-12-01T13:00"}, {"starts_at": "x"}, {"title_vi": ""}, {"uses": "9:9"}]
)
def test_a_spoilt_plan_saves_nothing(class_, cast, values):
    answer = cast.client(cast.hang).post(url("plan_session"), plan(cast, **values))

    assert answer.status_code == 400
    assert Session.objects.count() == 1


def test_the_rule_of_a_session_is_chosen_among_those_in_force(cast):
    credits.rules()
    hang, address = cast.client(cast.hang), reverse("lms_courses:plan_session")
    page = hang.get(address)
    assert '<option value="CONF_DELEGATE">' in page.text
    assert "CONF_DELEGATE · 1,5 giờ" in page.text
    begins = "2026-11-24T14:00"
    data = {
        "hub": cast.bach_mai.pk,
        "title_vi": "Giao ban",
        "starts_at": begins,
        "ends_at": "2026-11-24T15:00",
    }

    refused = hang.post(address, {**data, "rule_code": "CONF_DELEGAT"})
    assert (refused.status_code, Session.objects.count()) == (400, 0)

    hang.post(address, {**data, "rule_code": "CONF_DELEGATE"})
    assert Session.objects.get().rule_code == "CONF_DELEGATE"


def test_without_rules_the_code_is_typed(cast):
    page = cast.client(cast.hang).get(reverse("lms_courses:plan_session"))

    assert '<input type="text" name="rule_code"' in page.text


def test_nobody_plans_for_another_hospital(class_, cast):
    answer = cast.client(cast.trong).post(url("plan_session"), plan(cast))

    assert answer.status_code == 400
    assert cast.client(cast.lan).get(url("plan_session")).status_code == 404
    assert Session.objects.count() == 1


def test_the_calendar_is_public_and_tells_learners_what_is_theirs(class_, cast, client):
    public = at("14:00", client.get, url("calendar"))
    mine = at("14:00", cast.client(cast.lan).get, url("calendar"))

    assert public.context["live"] == [class_.session]
    assert (public.context["mine"], mine.context["mine"]) == (set(), {class_.session.pk})


def test_the_link_to_the_meeting_is_for_those_signed_in(class_, cast, client):
    Session.objects.update(join_url="https://meet.example.vn/abc")

    meeting = url("meeting", class_.session.uuid)

    assert meeting not in at("14:00", client.get, url("calendar")).content.decode()
    assert meeting in at("14:00", cast.client(cast.lan).get, url("calendar")).content.decode()
    assert "https://meet.example.vn/abc" in at("14:00", cast.client(cast.lan).get, meeting).content.decode()
    assert at("14:00", cast.client(cast.khanh).get, meeting).status_code == 404
    assert at("14:00", client.get, meeting).status_code == 302


def test_whoever_joins_is_told_the_name_by_which_the_report_will_know_him(class_, cast):
    Session.objects.update(join_url="https://us02web.zoom.us/j/123?pwd=abc")
    tag = codes.person_tag(class_.session.secret, cast.lan.pk)

    page = at("14:00", cast.client(cast.lan).get, url("meeting", class_.session.uuid))

    assert page.context["name"] == f"Nguyễn Thị Lan #{tag}"
    assert page.context["join_url"].endswith(f"pwd=abc&uname=Nguy%E1%BB%85n+Th%E1%BB%8B+Lan+%23{tag}")


def test_a_cancelled_session_has_no_meeting_to_join(class_, cast):
    Session.objects.update(join_url="https://meet.example.vn/abc")
    sessions.cancel_session(class_.session, by=cast.ung.user)

    assert cast.client(cast.lan).get(url("meeting", class_.session.uuid)).status_code == 404


def test_an_unknown_session_has_no_screen(cast):
    assert cast.client(cast.hang).get(url("hub", uuid.uuid4())).status_code == 404


def test_a_large_meeting_costs_no_more_queries_than_a_small_one(class_, cast, django_assert_max_num_queries):
    from tests.factories import cast as make

    def tick(count):
        with clock.at(moment("14:05")):
            for number in range(count):
                person = make.person(f"Người Học {count} {number}", works_at=cast.bac_ha)
                attendance.tick(class_.room, person=person, by=cast.ha.user)

    client = cast.client(cast.hang)
    address = url("attendance", class_.session.uuid)
    tick(2)
    with django_assert_max_num_queries(40) as few:
        at("16:00", client.get, address)
    tick(12)
    with django_assert_max_num_queries(len(few)):
        at("16:00", client.get, address)
