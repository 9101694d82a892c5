"""The check-in page: four plain answers, limits, a scanned link that survives signing in."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from courses import codes
from courses.actions import settling
from courses.models import Attendance, Presence
from lms import clock
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated


@pytest.fixture
@repeated
def class_(cast):
    with clock.at(moment("13:50")):
        return live.Class(cast, kinds=("session",))


@pytest.fixture
def lan(cast):
    return cast.client(cast.lan)


def address(class_, query=""):
    return reverse("lms_courses:check_in", args=[class_.session.uuid]) + query


def code_of(session, hour):
    return codes.code_at(session.secret, codes.step_at(moment(hour).timestamp()))


def post(client, class_, hour, *, code=None, json=False, **data):
    data = {"code": code if code is not None else code_of(class_.session, hour), **data}
    headers = {"Accept": "application/json"} if json else {}
    with clock.at(moment(hour)):
        return client.post(address(class_), data, headers=headers)


def test_a_check_in_is_recorded_and_said_so(lan, class_):
    answer = post(lan, class_, "14:03", site=class_.room.pk)

    row = Presence.objects.get()
    with clock.at(moment("14:03:02")):
        page = lan.get(answer.url)
    assert (row.person, row.site) == (class_.cast.lan, class_.room)
    assert page.context["told"]["state"] == "recorded"
    assert "14:03" in page.content.decode()


def test_a_second_check_in_says_that_it_was_done(lan, class_):
    post(lan, class_, "14:03")

    answer = post(lan, class_, "14:05")

    assert "already=" in answer.url
    assert lan.get(answer.url).context["told"]["state"] == "already"
    assert Presence.objects.count() == 1


def test_an_expired_code_says_so(lan, class_):
    answer = post(lan, class_, "14:10", code=code_of(class_.session, "14:03"))

    assert answer.status_code == 409
    assert answer.context["bad"]["title"]
    assert not Presence.objects.exists()


@pytest.mark.parametrize("code", ["000000", "12", "", "<b>1</b>", "9" * 500])
def test_a_wrong_code_gets_a_plain_message(lan, class_, code):
    answer = post(lan, class_, "14:03", code=code)

    assert answer.status_code in {400, 409}
    assert not Presence.objects.exists()


def test_the_pages_script_gets_the_same_answers_as_json(lan, class_):
    states = [
        post(lan, class_, "14:03", json=True).json()["state"],
        post(lan, class_, "14:04", json=True).json()["state"],
        post(lan, class_, "14:30", code=code_of(class_.session, "14:20"), json=True).json()["state"],
    ]

    assert states == ["recorded", "already", "refused"]


def test_a_check_in_kept_on_the_phone_is_sent_later_with_its_own_moment(lan, class_):
    typed = {"client_at": moment("14:03:10").isoformat(), "client_id": uuid.uuid4()}

    for _ in range(2):
        answer = post(lan, class_, "19:00", code=code_of(class_.session, "14:03"), json=True, **typed)

    assert answer.status_code == 200
    row = Presence.objects.get()
    assert (row.since, row.is_late) == (moment("14:03:00"), True)


@pytest.mark.parametrize(
    "values",
    [
        {"client_at": "rác"},
        {"client_at": "2026-99-99T00:00:00Z"},
        {"client_id": "x" * 99},
        {"site": "abc"},
        {"site": "999999999999999999999"},
        {"site": "²"},
        {"site": "9" * 5000},
        {"token": "1.p.x"},
        {"token": "١.p." + "a" * 22},
        {"token": "1.p." + "đ" * 22},
    ],
)
def test_spoilt_fields_never_break_the_page(lan, class_, values):
    assert post(lan, class_, "14:03", **values).status_code in {302, 400}


@pytest.mark.parametrize("said", ["²", "đ", "9" * 5000, "1e999"])
@pytest.mark.parametrize("name", ["recorded", "already"])
def test_an_answer_that_nobody_was_given_is_not_told(lan, class_, name, said):
    page = lan.get(address(class_), {name: said})

    assert (page.status_code, page.context["told"]) == (200, None)


ENDS = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:00:00Z"]
"""Hours at the ends of the calendar, the first two beyond them in UTC."""


@pytest.mark.parametrize("said", ENDS)
def test_a_phone_that_says_an_hour_at_the_end_of_the_calendar_says_none(lan, class_, said):
    wrong = post(lan, class_, "14:03", code="000000", client_at=said)
    right = post(lan, class_, "14:03", client_at=said)

    assert (wrong.status_code, right.status_code) == (400, 302)
    assert Presence.objects.get().client_at is None


@pytest.mark.parametrize("said", ENDS)
def test_no_hour_that_a_phone_says_keeps_a_session_from_being_settled(lan, class_, said):
    post(lan, class_, "14:03", client_at=said)

    with clock.at(moment("16:00")):
        settling.settle(class_.session, by=class_.cast.hang.user)

    assert Attendance.objects.get(person=class_.cast.lan).minutes > 0


def test_a_phone_that_lost_its_hour_is_still_told_to_set_its_clock(lan, class_):
    old = code_of(class_.session, "14:03")

    answer = post(lan, class_, "19:00", code=old, client_at="1970-01-01T07:00:00+07:00")

    assert answer.status_code == 400
    assert "01/01/1970" in answer.context["bad"]["text"]


def test_a_site_of_another_session_is_not_recorded(lan, class_):
    other = live.session(class_.cast.bach_mai, class_.cast.ung.user, title_vi="Buổi khác")
    room = live.join_site(other, site=class_.cast.site_luc_yen)

    post(lan, class_, "14:03", site=room.pk)

    assert Presence.objects.get().site is None


def test_five_tries_in_ten_minutes_and_no_more(lan, class_):
    for _ in range(5):
        assert post(lan, class_, "14:03", code="000000").status_code == 400

    refused = post(lan, class_, "14:03")

    assert refused.status_code == 429
    assert not Presence.objects.exists()


def test_a_whole_hospital_behind_one_address_checks_in(class_, cast):
    for number in range(40):
        person = live_person(cast, number)
        assert post(cast.client(person), class_, "14:03").status_code == 302

    assert Presence.objects.count() == 40


def live_person(cast, number):
    from tests.factories import cast as make

    return make.person(f"Người Học {number}", login=f"nguoi{number}", works_at=cast.bac_ha)


def test_a_get_records_nothing(lan, class_):
    """Chat programmes open links by themselves."""
    with clock.at(moment("14:03")):
        lan.get(address(class_, f"?c={code_of(class_.session, '14:03')}"))

    assert not Presence.objects.exists()


def test_a_post_without_the_forms_token_is_refused(class_, cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.lan.user, backend="website.accounts.backends.PasswordBackend")

    assert post(client, class_, "14:03").status_code == 403
    assert not Presence.objects.exists()


def test_a_scanned_link_survives_signing_in(class_, cast):
    """The code was on the screen when it was scanned; signing in took four minutes."""
    client, code = Client(), code_of(class_.session, "14:03")
    with clock.at(moment("14:03:10")):
        to_login = client.get(address(class_, f"?c={code}"))
    assert "/login/" in to_login.url
    client.force_login(cast.lan.user, backend="website.accounts.backends.PasswordBackend")

    with clock.at(moment("14:06")):
        page = client.get(address(class_))
    answer = post(client, class_, "14:07", code=code)

    assert f'value="{code}"' in page.content.decode()
    assert answer.status_code == 302
    assert Presence.objects.get().since == moment("14:03:10")


def test_a_link_sent_to_a_friend_later_is_worth_nothing(lan, class_):
    code = code_of(class_.session, "14:03")
    with clock.at(moment("14:20")):
        lan.get(address(class_, f"?c={code}"))

    assert post(lan, class_, "14:21", code=code).status_code == 409


def test_the_qr_code_of_a_room_fills_in_the_room(lan, class_):
    with clock.at(moment("14:03")):
        token = codes.site_token(
            class_.room.secret, str(class_.session.uuid), class_.room.pk, moment("14:03").timestamp()
        )
        page = lan.get(address(class_, f"?t={token}"))
    answer = post(lan, class_, "14:04", code="", token=token)

    assert page.context["site"] == class_.room
    assert answer.status_code == 302
    row = Presence.objects.get()
    assert (row.source, row.site) == ("self_qr", class_.room)


def test_my_own_site_is_chosen_beforehand(lan, class_):
    with clock.at(moment("14:03")):
        assert lan.get(address(class_)).context["site"] == class_.room


def test_the_page_without_a_session_finds_it_by_the_code(lan, class_):
    with clock.at(moment("14:03")):
        page = lan.get(reverse("lms_courses:check_in"))
        answer = lan.post(reverse("lms_courses:check_in"), {"code": code_of(class_.session, "14:03")})

    assert page.context["going_on"] == [class_.session]
    assert answer.url.startswith(address(class_))
    assert Presence.objects.get().session == class_.session


def test_a_login_without_a_person_is_told_what_to_do(class_, cast):
    from tests.factories import cast as make

    client = Client()
    client.force_login(make.user("khach"), backend="website.accounts.backends.PasswordBackend")

    assert post(client, class_, "14:03").status_code == 403


def test_an_unknown_session_is_not_found(lan):
    assert lan.get(reverse("lms_courses:check_in", args=[uuid.uuid4()])).status_code == 404
