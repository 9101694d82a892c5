"""The hub's desk during a session: numbers that keep themselves up to date, at two sites or at hundreds."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import courses
from courses.actions import attendance
from courses.actions.sessions import join_site, open_session
from courses.models import Presence, Session
from lms import clock
from tests.factories import cast as people
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated


@pytest.fixture
@repeated
def class_(cast):
    with clock.at(moment("13:50")):
        made = live.Class(cast, kinds=("session",))
        open_session(made.session, by=cast.hang.user)
        return made


def url(class_, name="hub_desk"):
    return reverse(f"lms_courses:{name}", args=[class_.session.uuid])


def asked(client, path, hour="14:10", **headers):
    with clock.at(moment(hour)):
        return client.get(path, headers=headers)


def tick(room, person, by, hour="14:05"):
    with clock.at(moment(hour)):
        attendance.tick(room, person=person, by=by)


def test_the_desk_counts_sites_people_lists_and_what_does_not_fit(cast, class_):
    hub = cast.client(cast.hang)
    empty = asked(hub, url(class_))
    assert (empty.context["sites_in"], empty.context["people"], len(empty.context["rooms"])) == (0, 0, 2)

    tick(class_.room, cast.lan, cast.ha.user)
    tick(class_.room, cast.my, cast.ha.user)
    with clock.at(moment("14:06")):
        attendance.tick(
            class_.other_room, person=people.person("Lò Thị Mai", works_at=cast.luc_yen), by=cast.po.user
        )
    page = asked(hub, url(class_))

    assert (page.context["sites_in"], page.context["people"], page.context["double"]) == (2, 3, 0)
    assert page.context["code"] in page.content.decode()
    assert class_.run.code in page.content.decode()
    Presence.objects.create(
        session=class_.session,
        site=class_.other_room,
        person=cast.my,
        source=Presence.Source.SELF_QR,
        since=moment("14:08"),
        recorded_at=moment("14:08"),
    )
    assert asked(hub, url(class_)).context["double"] == 1
    # Numbers only: who is there stands on the attendance desk, where looking is recorded.
    assert cast.lan.full_name not in page.content.decode()


def test_only_what_changed_is_sent(cast, class_):
    hub, path = cast.client(cast.hang), url(class_, "hub_desk_now")
    first = asked(hub, path)

    assert asked(hub, path, if_none_match=first["ETag"]).status_code == 304
    tick(class_.room, cast.lan, cast.ha.user)
    second = asked(hub, path, if_none_match=first["ETag"])
    assert (second.status_code, second["ETag"] == first["ETag"]) == (200, False)


def test_the_desk_asks_the_same_for_two_sites_and_for_forty(cast, class_):
    hub, path = cast.client(cast.hang), url(class_, "hub_desk_now")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert asked(hub, path).status_code == 200
        return len(captured)

    queries()  # the first reads the login too
    few = queries()
    for number in range(38):
        with clock.at(moment("14:00")):
            join_site(class_.session, site=people.site(cast.bac_ha, f"DC-{number}"), expected=8)
    assert queries() == few
    assert len(asked(hub, url(class_)).context["rooms"]) == 40


@pytest.mark.parametrize("who", ["lan", "trong", "mo", "po"])
def test_nobody_else_opens_the_desk(cast, class_, who):
    for name in ("hub_desk", "hub_desk_now"):
        assert asked(cast.client(getattr(cast, who)), url(class_, name)).status_code == 404


def test_without_a_script_a_link_does_it_and_the_script_is_small(cast, class_):
    page = asked(cast.client(cast.hang), url(class_)).content.decode()
    script = Path(courses.__file__).parent / "static/lms_courses/hub-desk.js"

    assert f'href="{url(class_)}"' in page
    assert script.stat().st_size < 5_000
    assert Session.objects.get().state == "live"
