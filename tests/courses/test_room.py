"""The coordinator's desk: my rooms, one tap, a stranger in ten seconds, a locked list."""

import uuid

import pytest
from django.urls import reverse

from courses.actions import attendance
from courses.actions.sessions import join_site
from courses.models import Presence, Session, SessionSite
from lms import clock
from lms.models import Person
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated


@pytest.fixture
@repeated
def class_(cast):
    with clock.at(moment("13:50")):
        return live.Class(cast, kinds=("session",))


@pytest.fixture
def ha(cast):
    return cast.client(cast.ha)


def url(name, *args):
    return reverse(f"lms_courses:{name}", args=args)


def at(hour, call, *args, **values):
    with clock.at(moment(hour)):
        return call(*args, **values)


def tick(client, class_, person, wanted="1", hour="14:05", room=None, **values):
    room = room or class_.room
    data = {"set": f"{person.pk}:{wanted}", **values.pop("data", {})}
    return at(hour, client.post, url("tick", room.pk), data, **values)


def names(page):
    return [row["person"].full_name for row in page.context["rows"]]


def test_the_desk_shows_the_people_of_the_room_by_given_name(ha, class_, cast):
    people = [cast.lan, cast.my, cast.xuan, cast.minh]

    page = at("14:02", ha.get, url("room", class_.room.pk))

    assert people
    assert names(page) == ["Nguyễn Thị Thu Hà", "Nguyễn Thị Lan", "Giàng Thị Mỷ", "Lý Thị Xuân"]


def test_one_tap_ticks_and_another_takes_it_back(ha, class_, cast):
    answer = tick(ha, class_, cast.my)
    assert answer.url == url("room", class_.room.pk) + f"#p{cast.my.pk}"
    assert at("14:06", ha.get, url("room", class_.room.pk)).context["present"] == 1

    tick(ha, class_, cast.my, "0", "14:07")

    assert at("14:08", ha.get, url("room", class_.room.pk)).context["present"] == 0
    assert Presence.objects.count() == 2


def test_the_pages_script_gets_the_new_line_and_the_count(ha, class_, cast):
    answer = tick(ha, class_, cast.my, headers={"Accept": "application/json"})

    assert 'aria-checked="true"' in answer.json()["row"]
    assert "14:05" in answer.json()["row"]
    assert answer.json()["count"].startswith("1 ")


def test_a_tick_sent_twice_is_one_tick(ha, class_, cast):
    client_id = str(uuid.uuid4())

    for _ in range(2):
        tick(ha, class_, cast.my, data={"client_id": client_id})

    assert Presence.objects.count() == 1


def test_a_tick_that_was_taken_back_is_not_ticked_again_by_a_replay(ha, class_, cast):
    """The phone sends again what it does not know to have arrived."""
    client_id = str(uuid.uuid4())
    tick(ha, class_, cast.my, data={"client_id": client_id})
    tick(ha, class_, cast.my, "0", "14:06")

    tick(ha, class_, cast.my, hour="14:07", data={"client_id": client_id})

    assert Presence.objects.in_force().count() == 0


def test_who_checked_in_by_phone_is_shown_as_present_but_not_ticked(ha, class_, cast):
    from tests.courses.test_checkin import code_of

    with clock.at(moment("14:01")):
        attendance.check_in(
            cast.lan,
            code=code_of(class_.session, "14:01"),
            session=class_.session,
            site=class_.room,
            by=cast.lan.user,
        )

    page = at("14:02", ha.get, url("room", class_.room.pk))

    [row] = [row for row in page.context["rows"] if row["person"] == cast.lan]
    assert (row["checked"], row["is_ticked"]) == ("mixed", False)
    assert "14:01" in row["tags"][0]["text"]


def test_a_person_of_another_facility_cannot_be_ticked(ha, class_, cast):
    for person in (cast.minh, cast.hang):
        assert tick(ha, class_, person).status_code == 404
    assert not Presence.objects.exists()


@pytest.mark.parametrize("value", ["", "x", "1", "1:2", ":1", "99999999:1", "1:1:1", "²:1", "đ:1"])
def test_spoilt_taps_find_nobody(ha, class_, value):
    assert at("14:05", ha.post, url("tick", class_.room.pk), {"set": value}).status_code == 404


@pytest.mark.parametrize("name", ["site", "session"])
def test_no_room_is_joined_by_a_sign_that_is_no_number(ha, class_, name):
    data = {"session": class_.session.pk, "site": class_.cast.site_bac_ha.pk, name: "²"}

    assert at("13:00", ha.post, url("join_room"), data).status_code == 404


def test_joining_reads_no_other_number_from_what_is_none(ha, cast):
    session = live.session(cast.bach_mai, cast.ung.user, title_vi="Buổi khác")
    data = {"session": session.pk, "site": cast.site_bac_ha.pk, "expected": "²", "room": "²"}

    assert at("13:00", ha.post, url("join_room"), data).url == url("rooms")
    assert SessionSite.objects.get(session=session).expected is None


def stranger(**values):
    return {"full_name": "Sùng A Páo", "birth_year": "1994", "contact": "0987 654 321", **values}


def test_a_stranger_is_added_and_ticked_at_once(ha, class_):
    answer = at("14:10", ha.post, url("add_stranger", class_.room.pk), stranger())

    assert answer.status_code == 302
    page = at("14:10", ha.get, url("room", class_.room.pk))
    assert "Sùng A Páo" in names(page)
    assert Presence.objects.get().person.state == Person.State.PROVISIONAL


@pytest.mark.parametrize(
    "values",
    [
        {"full_name": ""},
        {"full_name": "<b>Sùng</b> A Páo"},
        {"full_name": "Sùng " + "A" * 300},
        {"contact": ""},
        {"birth_year": "94"},
        {"birth_year": "abcd"},
        {"birth_year": "9999"},
    ],
)
def test_a_refused_stranger_keeps_what_was_typed(ha, class_, values):
    page = at("14:10", ha.post, url("add_stranger", class_.room.pk), stranger(**values))

    assert page.status_code == 409
    assert page.context["bad"]
    assert page.context["posted"]["contact"] == stranger(**values)["contact"]
    assert not Presence.objects.exists()


def test_confirming_locks_the_list(ha, class_, cast):
    tick(ha, class_, cast.my)
    assert at("15:41", ha.post, url("attest", class_.room.pk), {"head_count": "1"}).status_code == 302

    refused = tick(ha, class_, cast.lan, hour="15:45")

    assert refused.status_code == 409
    assert refused.context["bad"]
    assert Presence.objects.count() == 1
    room = SessionSite.objects.get(pk=class_.room.pk)
    assert (room.head_count, room.attested_by) == (1, cast.ha.user)


@pytest.mark.parametrize("heads", ["", "-1", "x", "1000", "３"])
def test_confirming_needs_a_number_of_people(ha, class_, heads):
    assert at("15:41", ha.post, url("attest", class_.room.pk), {"head_count": heads}).status_code == 409
    assert SessionSite.objects.get(pk=class_.room.pk).attested_at is None


def test_what_looks_odd_is_said_and_changes_nothing(ha, class_, cast):
    class_.room.site.capacity = 2
    class_.room.site.save()
    for person in (cast.lan, cast.my, cast.xuan, cast.ha):
        tick(ha, class_, person)

    page = at("14:06", ha.get, url("room", class_.room.pk))

    assert len(page.context["oddities"]) == 2
    assert page.context["present"] == 4


# --- whose desk it is


@pytest.mark.parametrize("name", ["room", "room_qr", "room_qr_now", "room_qr_picture", "sheet"])
def test_the_room_belongs_to_its_coordinator_alone(class_, cast, name):
    assert at("14:05", cast.client(cast.ha).get, url(name, class_.room.pk)).status_code == 200
    for who in (cast.po, cast.lan, cast.khanh, cast.hoa, cast.mo, cast.sen):
        assert at("14:05", cast.client(who).get, url(name, class_.room.pk)).status_code == 404


def test_a_coordinator_of_another_room_changes_nothing(class_, cast):
    client = cast.client(cast.po)

    assert tick(client, class_, cast.my).status_code == 404
    assert at("14:05", client.post, url("add_stranger", class_.room.pk), stranger()).status_code == 404
    assert at("15:41", client.post, url("attest", class_.room.pk), {"head_count": "1"}).status_code == 404
    assert not Presence.objects.exists()


def test_a_coordinator_whose_office_has_ended_reaches_nothing(class_, cast):
    from lms.actions import end_role

    client = cast.client(cast.ha)
    at("13:55", end_role, cast.ha.user.role_assignments.get(), by=cast.admin.user)

    assert at("14:05", client.get, url("room", class_.room.pk)).status_code == 404


# --- the list of rooms


def test_the_desk_lists_today_what_is_unconfirmed_and_what_to_join(ha, class_, cast):
    other = live.session(cast.viet_duc, cast.hoa.user, begins="15:00", ends="16:00", title_vi="Buổi khác")

    today = at("13:55", ha.get, url("rooms"))
    later = at("2026-11-25 08:00", ha.get, url("rooms"))

    assert list(today.context["today"]) == [class_.room]
    assert [session for session, _sites in today.context["joinable"]] == [other]
    assert list(later.context["unconfirmed"]) == [class_.room]


def test_a_site_joins_with_the_number_of_people_expected(ha, cast, class_):
    other = live.session(cast.viet_duc, cast.hoa.user, begins="15:00", ends="16:00", title_vi="Buổi khác")
    data = {"session": other.pk, "site": cast.site_bac_ha.pk, "expected": "12"}

    for _ in range(2):
        assert at("13:00", ha.post, url("join_room"), data).status_code == 302

    assert SessionSite.objects.get(session=other).expected == 12


def test_a_coordinator_changes_the_expected_number_and_hears_of_too_few_seats(ha, cast, class_):
    live.session(cast.viet_duc, cast.hoa.user, begins="15:00", ends="16:00", title_vi="Buổi khác")
    other = Session.objects.get(title_vi="Buổi khác")
    room = join_site(other, site=cast.site_bac_ha, expected=12)
    seats = cast.site_bac_ha.capacity
    page = at("13:00", ha.get, url("room", room.pk))
    assert f'name="site" value="{room.site_id}"' in page.text
    assert 'value="12"' in page.text

    data = {"session": other.pk, "site": room.site_id, "room": room.pk, "expected": str(seats + 1)}
    answer = at("13:00", lambda: ha.post(url("join_room"), data, follow=True))

    assert answer.redirect_chain == [(url("room", room.pk), 302)]
    assert f"Phòng có {seats} chỗ." in answer.text
    room.refresh_from_db()
    assert room.expected == seats + 1
    page = at("15:01", ha.get, url("room", room.pk))
    assert 'name="expected"' not in page.text


@pytest.mark.parametrize(("link", "shown"), [("https://hop.vuonxa.example/1", True), ("", False)])
def test_the_desk_and_the_connection_test_lead_into_the_meeting(ha, class_, link, shown):
    Session.objects.filter(pk=class_.session.pk).update(join_url=link)

    for name in ("room", "connection"):
        page = at("13:45", ha.get, url(name, class_.room.pk))
        assert (url("meeting", class_.session.uuid) in page.text) is shown


def test_a_coordinator_joins_only_with_own_rooms(ha, cast, class_):
    other = live.session(cast.viet_duc, cast.hoa.user, begins="15:00", ends="16:00", title_vi="Buổi khác")
    data = {"session": other.pk, "site": cast.site_luc_yen.pk}

    assert ha.post(url("join_room"), data).status_code == 404
    assert not SessionSite.objects.filter(session=other).exists()


def test_whoever_keeps_no_room_has_no_desk(cast, class_):
    assert cast.client(cast.lan).get(url("rooms")).status_code == 404


def test_a_long_list_costs_no_more_queries_than_a_short_one(ha, class_, cast, django_assert_max_num_queries):
    from tests.factories import cast as make

    with django_assert_max_num_queries(40) as few:
        at("14:05", ha.get, url("room", class_.room.pk))
    for number in range(15):
        make.person(f"Người Nhà {number}", works_at=cast.bac_ha)
    with django_assert_max_num_queries(len(few) + 2):
        at("14:05", ha.get, url("room", class_.room.pk))


# --- what the page's script sends when the network is back


JSON = {"HTTP_ACCEPT": "application/json"}


def test_a_stranger_sent_late_twice_is_one_person_with_one_tick(ha, class_):
    data = {
        "full_name": "Vàng Thị Pà",
        "birth_year": "1990",
        "contact": "0912999888",
        "client_id": uuid.uuid4(),
    }
    for hour in ("14:40", "14:41"):
        answer = at(hour, ha.post, url("add_stranger", class_.room.pk), data, **JSON).json()

    person = Person.objects.get(full_name="Vàng Thị Pà")
    assert answer["person"] == person.pk
    assert f'id="p{person.pk}"' in answer["row"]
    assert Presence.objects.filter(person=person).count() == 1


def test_a_stranger_who_is_refused_is_told_to_the_script_with_the_reason(ha, class_):
    data = {"full_name": "Vàng Thị Pà", "birth_year": "90", "contact": "0912999888"}

    answer = at("14:40", ha.post, url("add_stranger", class_.room.pk), data, **JSON)

    assert answer.status_code == 409
    assert answer.json()["text"]


def test_a_confirmation_sent_twice_locks_once(ha, class_):
    for hour in ("15:41", "15:42"):
        answer = at(hour, ha.post, url("attest", class_.room.pk), {"head_count": "3"}, **JSON)
        assert answer.json()["locked"]

    assert SessionSite.objects.get(pk=class_.room.pk).attested_at == moment("15:41")
