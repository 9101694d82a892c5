"""After the check-in: answers, check-outs, posters, one phone for a room, cut lines; and what each comes to."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from courses import codes
from courses.actions import attendance, settling, staying
from courses.actions.sessions import SessionRefused, postpone, set_blocks
from courses.models import Attendance, Presence, Session
from lms import clock
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated


@pytest.fixture
@repeated
def class_(cast):
    with clock.at(moment("13:50")):
        return live.Class(cast, kinds=("session",))


def code_of(class_, hour):
    return codes.code_at(class_.session.secret, codes.step_at(moment(hour).timestamp()))


def check_in(class_, person, hour, **values):
    values = {"code": code_of(class_, hour), "session": class_.session, **values}
    with clock.at(moment(hour)):
        return attendance.check_in(person, by=person.user, **values)


def check_out(class_, person, hour, **values):
    with clock.at(moment(hour)):
        return staying.check_out(class_.session, person=person, by=person.user, **values)


def settle(class_):
    with clock.at(moment("15:45")):
        settling.settle(class_.session, by=class_.cast.hang.user)


def minutes(class_, person):
    return Attendance.objects.get(session=class_.session, person=person).minutes


def question(class_, number=0) -> datetime:
    since, until = class_.session.parts[0]
    asked = codes.prompts(class_.session.secret, since.timestamp(), until.timestamp(), every=1800)
    return datetime.fromtimestamp(asked[number][0] + 60, UTC)


# --- answering and leaving


def test_an_answer_reaches_the_stay_to_its_moment_and_one_pulse_further_and_counts_once(class_, cast):
    check_in(class_, cast.lan, "14:00", site=class_.room)
    at = question(class_, 2)

    for _ in range(2):
        with clock.at(at):
            row = staying.answer_prompt(class_.session, person=cast.lan, by=cast.lan.user)
    settle(class_)

    whole = (at + timedelta(minutes=30) - moment("14:00")).total_seconds() / 60
    assert (row.source, row.site) == ("self_prompt", class_.room)
    assert Presence.objects.filter(source="self_prompt").count() == 1
    assert float(minutes(class_, cast.lan)) == pytest.approx(min(whole, 100), abs=0.1)


def test_nobody_answers_who_has_not_checked_in_or_before_anything_is_asked(class_, cast):
    with clock.at(question(class_)), pytest.raises(staying.NothingAsked):
        staying.answer_prompt(class_.session, person=cast.lan, by=cast.lan.user)
    check_in(class_, cast.lan, "14:00")

    with clock.at(question(class_) + timedelta(minutes=5)), pytest.raises(staying.NothingAsked):
        staying.answer_prompt(class_.session, person=cast.lan, by=cast.lan.user)


@pytest.mark.parametrize(
    ("code", "left", "counted"),
    [("", "14:10", 10), ("", "15:38", 30), ("right", "15:38", 98), ("", "14:02", 2)],
)
def test_a_check_out_ends_the_stay_and_only_a_code_carries_it_to_now(class_, cast, code, left, counted):
    check_in(class_, cast.lan, "14:00")

    check_out(class_, cast.lan, left, code=code and code_of(class_, left))
    check_out(class_, cast.lan, "15:39")
    settle(class_)

    assert Presence.objects.filter(source="self_out").count() == 1
    assert minutes(class_, cast.lan) == counted


def test_whoever_left_by_mistake_takes_it_back_and_whoever_returns_checks_in_anew(class_, cast):
    check_in(class_, cast.lan, "14:00")
    check_out(class_, cast.lan, "14:03")
    back = check_in(class_, cast.lan, "14:04")
    check_in(class_, cast.minh, "14:00")
    check_out(class_, cast.minh, "14:10")
    with clock.at(moment("14:11")):
        staying.undo_check_out(class_.session, person=cast.minh, by=cast.minh.user)
    settle(class_)

    assert back.is_new
    assert minutes(class_, cast.lan) == 33
    assert minutes(class_, cast.minh) == 30


def test_checking_out_without_having_come_is_refused(class_, cast):
    with pytest.raises(staying.NothingAsked):
        check_out(class_, cast.lan, "14:30")


# --- the poster, and one phone for a room


def test_a_printed_code_counts_half_an_hour_a_scan_and_nothing_between(class_, cast):
    token = codes.site_token(class_.room.secret, str(class_.session.uuid), class_.room.pk, None)
    check_in(class_, cast.lan, "14:00", code=None, token=token)
    row = check_in(class_, cast.lan, "15:30", code=None, token=token)
    settle(class_)

    assert row.source == "self_poster"
    assert minutes(class_, cast.lan) == 40


def test_the_poster_leads_to_what_goes_on_at_its_site_and_writes_nothing(class_, cast, client, settings):
    address = reverse(
        "lms_courses:at_site", args=[codes.poster_token(settings.SECRET_KEY, cast.site_bac_ha.pk)]
    )
    pk = cast.site_bac_ha.pk
    forged = [
        reverse("lms_courses:at_site", args=[token])
        for token in (codes.poster_token("another", pk), f"{pk}.đ", f"{pk}.²", "².đ")
    ]

    with clock.at(moment("14:05")):
        live_now = client.get(address)
    with clock.at(moment("20:00")):
        over = client.get(address)

    assert live_now.url.startswith(reverse("lms_courses:check_in", args=[class_.session.uuid]) + "?t=")
    assert over.status_code == 200
    assert {client.get(one).status_code for one in forged} == {404}
    assert not Presence.objects.exists()


def test_a_poster_outlives_a_change_of_the_sites_secret_while_the_old_one_is_named(
    class_, cast, client, settings
):
    old = settings.SECRET_KEY
    address = reverse("lms_courses:at_site", args=[codes.poster_token(old, cast.site_bac_ha.pk)])
    settings.SECRET_KEY = "mot-khoa-moi-du-dai-0123456789"

    with clock.at(moment("14:05")):
        forgotten = client.get(address).status_code
        settings.SECRET_KEY_FALLBACKS = [old]
        named = client.get(address).status_code

    assert (forgotten, named) == (404, 302)


def test_one_phone_that_checks_in_four_people_is_shown_and_nobody_is_refused(class_, cast):
    for person in (cast.lan, cast.minh, cast.my, cast.xuan):
        check_in(class_, person, "14:03", site=class_.room, device="one phone")
    check_in(class_, cast.ha, "14:03", site=class_.room, device="another phone")

    with clock.at(moment("14:10")):
        page = cast.client(cast.hang).get(reverse("lms_courses:attendance", args=[class_.session.uuid]))

    devices = set(Presence.objects.values_list("device", flat=True))
    [room] = [one for one in page.context["rooms"] if one["room"] == class_.room]
    assert Presence.objects.count() == 5
    assert len(devices) == 2
    assert "one phone" not in devices
    assert any("phone" in str(text) or "điện thoại" in str(text) for text in room["oddities"])


# --- cut lines and blocks


def declare(class_, since="14:20", until="14:45", **values):
    values = {"reason": "Mất điện", "by": class_.cast.ha.user, **values}
    with clock.at(moment("14:50")):
        return staying.declare_outage(
            class_.session, since=moment(since), until=moment(until), **{"site": class_.room, **values}
        )


def tick(class_, person, room=None):
    with clock.at(moment("14:02")):
        attendance.tick(room or class_.room, person=person, by=class_.cast.ha.user)


@pytest.mark.parametrize(("credits", "counted"), [(False, 75), (True, 100)])
def test_minutes_of_a_cut_line_count_as_the_session_declared_and_at_that_site_only(
    class_, cast, credits, counted
):
    Session.objects.filter(pk=class_.session.pk).update(credits_outages=credits)
    class_.session.refresh_from_db()
    tick(class_, cast.my)
    tick(class_, cast.xuan, room=class_.other_room)
    for _ in range(2):
        declare(class_)
    settle(class_)

    assert class_.session.outages.count() == 1
    assert minutes(class_, cast.my) == counted
    assert minutes(class_, cast.xuan) == 100


def test_a_cut_line_declared_or_taken_back_after_settlement_weighs_everybody_again(class_, cast):
    tick(class_, cast.my)
    settle(class_)
    cut = declare(class_, at_hub=True)
    with_cut = minutes(class_, cast.my)
    staying.take_outage_back(cut, reason="Nhầm điểm cầu", by=cast.hang.user)

    assert (with_cut, minutes(class_, cast.my)) == (75, 100)


@pytest.mark.parametrize(
    "values", [{"reason": " "}, {"since": "14:45", "until": "14:20"}, {"since": "08:00", "until": "09:00"}]
)
def test_a_cut_line_that_cannot_be_is_refused(class_, values):
    with pytest.raises(attendance.ListRefused):
        declare(class_, **values)


@pytest.mark.parametrize("site", ["²", "đ", "9" * 5000])
def test_no_cut_line_is_declared_for_a_site_that_is_no_number(class_, cast, site):
    data = {"site": site, "since": "14:20", "until": "14:45", "reason": "Đứt cáp"}
    address = reverse("lms_courses:session_outage", args=[class_.session.uuid])

    assert cast.client(cast.hang).post(address, data).status_code == 404
    assert not class_.session.outages.exists()


def test_after_a_list_is_confirmed_only_the_hub_declares_a_cut_line(class_, cast):
    with clock.at(moment("14:40")):
        attendance.attest(class_.room, head_count=1, by=cast.ha.user)

    with pytest.raises(attendance.ListLocked):
        declare(class_)
    assert declare(class_, at_hub=True).pk


def test_a_pause_between_blocks_counts_for_nobody_and_is_missed_by_nobody(cast):
    with clock.at(moment("12:00")):
        session = live.schedule(
            cast.bach_mai,
            title_vi="Hai buổi",
            starts_at=moment("14:00"),
            ends_at=moment("16:00"),
            by=cast.ung.user,
        )
        blocks = [(moment("14:00"), moment("14:45")), (moment("15:00"), moment("16:00"))]
        set_blocks(session, blocks=blocks, by=cast.ung.user)
        postpone(
            session,
            starts_at=moment("14:10"),
            ends_at=moment("16:10"),
            reason="Trùng giao ban",
            by=cast.ung.user,
        )
        with pytest.raises(SessionRefused):
            set_blocks(session, blocks=[*blocks, (moment("15:30"), moment("16:10"))], by=cast.ung.user)
    session = Session.objects.get(pk=session.pk)

    assert session.parts[1] == (moment("15:10"), moment("16:10"))
    assert session.length == timedelta(minutes=105)


def test_a_phone_is_asked_answers_and_checks_out_on_its_page(class_, cast):
    client, address = cast.client(cast.lan), reverse("lms_courses:stay", args=[class_.session.uuid])
    check_in(class_, cast.lan, "14:00")
    page = reverse("lms_courses:check_in", args=[class_.session.uuid])

    with clock.at(question(class_)):
        assert client.get(address).json() == {"asks": True}
        assert client.get(page).context["asks"]
        client.post(address, {"act": "here"})
    with clock.at(moment("15:00")):
        wrong = client.post(address, {"act": "out", "code": "000000"})
        client.post(address, {"act": "out"})
        left = client.get(page).context["is_inside"]
        client.post(address, {"act": "back"})
        assert client.get(page).context["is_inside"]

    assert (wrong.status_code, left) == (409, False)
    assert list(Presence.objects.in_force().values_list("source", flat=True)) == ["self_code", "self_prompt"]


def test_coordinator_and_hub_declare_cut_lines_on_their_screens(class_, cast):
    ha, hang = cast.client(cast.ha), cast.client(cast.hang)
    hours = {"since": "14:20", "until": "14:45", "reason": "Mất mạng"}
    room = reverse("lms_courses:room_outage", args=[class_.room.pk])
    hub = reverse("lms_courses:session_outage", args=[class_.session.uuid])

    with clock.at(moment("14:50")):
        answers = [
            ha.post(room, hours).status_code,
            ha.post(room, {**hours, "since": "x"}).status_code,
            hang.post(hub, hours).status_code,
            hang.post(hub, {**hours, "site": class_.other_room.pk}).status_code,
            hang.post(hub, {**hours, "site": 10**9}).status_code,
            hang.post(hub, {**hours, "reason": ""}).status_code,
        ]
        cut = class_.session.outages.get(site=class_.room)
        hang.post(reverse("lms_courses:end_outage", args=[class_.session.uuid, cut.pk]), {"reason": "Nhầm"})
        assert hang.get(reverse("lms_courses:attendance", args=[class_.session.uuid])).status_code == 200
        assert ha.get(reverse("lms_courses:room", args=[class_.room.pk])).status_code == 200

    cut.refresh_from_db()
    assert answers == [302, 409, 302, 302, 404, 400]
    assert (cut.ended_by, class_.session.outages.filter(ended_at=None).count()) == (cast.hang.user, 2)
