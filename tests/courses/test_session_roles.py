"""Chairs, speakers, secretaries and case presenters: named by the office, credited each by a rule of its own."""

from decimal import Decimal

import pytest
from django.urls import reverse

from certificates.models import CreditEntry
from courses.actions import attendance, session_roles, settling
from courses.actions.sessions import SessionRefused, schedule
from courses.models import SessionRole
from lms import clock, queue
from tests.factories import certificates as make
from tests.factories.live import moment
from tests.kept import repeated

TABLE = {
    "CONF_CHAIR": ("fixed", "2"),
    "CONF_SPEAKER": ("fixed", "2"),
    "CONF_DELEGATE": ("fixed", "1.5"),
    "CASE_MEETING": ("fixed", "1"),
    "TEACHING": ("per_period", "1"),
}


@pytest.fixture
@repeated
def session(cast):
    make.rules(values=TABLE)
    with clock.at(moment("13:00")):
        return schedule(
            cast.bach_mai,
            title_vi="Hội chẩn ca bệnh",
            starts_at=moment("14:00"),
            ends_at=moment("15:40"),
            rule_code="CONF_DELEGATE",
            by=cast.hang.user,
        )


def name(session, person, role="speaker", hour="13:30", **values):
    with clock.at(moment(hour)):
        return session_roles.name_role(
            session, person=person, role=role, by=session_office(session), **values
        )


def session_office(session):
    return session.hub.role_assignments.get(role="programme_manager").user


@pytest.fixture(autouse=True)
def office(cast):
    return cast.hang


def settle(session, hour="15:50"):
    with clock.at(moment(hour)):
        settling.settle(session, by=session_office(session))
        queue.run_due()


def hours(person):
    return {row.rule_code: row.hours for row in CreditEntry.objects.of(person).posted()}


def test_each_role_is_credited_by_its_own_rule_when_the_session_is_settled(session, cast):
    name(session, cast.ung, "speaker")
    name(session, cast.thang, "chair")
    name(session, cast.lan, "presenter")
    name(session, cast.xuan, "secretary")
    assert not CreditEntry.objects.exists()

    settle(session)

    assert hours(cast.ung) == {"CONF_SPEAKER": Decimal("2.00")}
    assert hours(cast.thang) == {"CONF_CHAIR": Decimal("2.00")}
    assert hours(cast.lan) == {"CASE_MEETING": Decimal("1.00")}
    assert hours(cast.xuan) == {}, "a secretary has a rule only where the office names one"


def test_rule_3_periods_taught_are_credited_and_not_also_as_a_delegate(session, cast):
    """domain 7.8, rule 3: taught 2 periods, TEACHING 2.00 h; listening to oneself earns nothing more."""
    name(session, cast.ung, rule_code="teaching", periods=2)
    with clock.at(moment("14:00")):
        attendance.override(
            session,
            person=cast.ung,
            since=moment("14:00"),
            until=moment("15:40"),
            reason="có mặt",
            by=cast.hang.user,
        )

    settle(session)

    assert hours(cast.ung) == {"TEACHING": Decimal("2.00")}


def test_a_role_named_after_settlement_is_credited_at_once_and_replaces_the_delegates_hours(session, cast):
    with clock.at(moment("14:00")):
        attendance.override(
            session,
            person=cast.ung,
            since=moment("14:00"),
            until=moment("15:40"),
            reason="có mặt",
            by=cast.hang.user,
        )
    settle(session)
    assert list(hours(cast.ung)) == ["CONF_DELEGATE"]

    name(session, cast.ung, hour="16:00")
    with clock.at(moment("16:01")):
        queue.run_due()

    assert list(hours(cast.ung)) == ["CONF_SPEAKER"]


def test_a_role_named_twice_is_one_and_credited_once(session, cast):
    assert name(session, cast.ung) == name(session, cast.ung)
    settle(session)
    settle(session)

    assert SessionRole.objects.count() == 1
    assert CreditEntry.objects.of(cast.ung).count() == 1


def test_a_role_named_by_mistake_ends_with_its_reason_and_its_credit_is_void(session, cast):
    row = name(session, cast.ung)
    settle(session)

    with clock.at(moment("16:00")):
        session_roles.end_session_role(row, reason="nhầm người", by=cast.hang.user)
        queue.run_due()

    entry = CreditEntry.objects.of(cast.ung).get()
    assert (entry.state, entry.void_reason) == ("void", "nhầm người")
    assert SessionRole.objects.get().reason == "nhầm người"


@pytest.mark.parametrize("values", [{"role": "king"}, {"periods": 0}, {"periods": 99}])
def test_a_role_that_cannot_be_is_refused(session, cast, values):
    with pytest.raises(SessionRefused):
        name(session, cast.ung, **{"role": "speaker", **values})


def test_an_end_needs_a_reason(session, cast):
    with pytest.raises(SessionRefused):
        session_roles.end_session_role(name(session, cast.ung), reason=" ", by=cast.hang.user)


def url(name, *args):
    return reverse(f"lms_courses:{name}", args=args)


def test_the_office_finds_names_and_ends_on_its_desk(session, cast):
    client, desk = cast.client(cast.hang), url("attendance", session.uuid)
    assert cast.ung

    assert "Đặng Quốc Ưng" in client.get(desk, {"who": "ung"}).content.decode()
    client.post(url("name_role", session.uuid), {"person": cast.ung.pk, "role": "chair", "periods": "1"})
    row = SessionRole.objects.get()
    assert (row.rule_code, row.named_by) == ("CONF_CHAIR", cast.hang.user)
    bad = client.post(url("name_role", session.uuid), {"person": cast.ung.pk, "role": "x", "periods": "1"})
    assert bad.status_code == 400
    client.post(url("end_session_role", session.uuid, row.pk), {"reason": "nhầm"})

    assert "nhầm" in client.get(desk).content.decode()


def test_somebody_from_elsewhere_is_neither_found_nor_named(session, cast):
    client = cast.client(cast.hang)
    assert cast.khanh

    assert (
        "Đặng Văn Khánh" not in client.get(url("attendance", session.uuid), {"who": "khanh"}).content.decode()
    )
    posted = {"person": cast.khanh.pk, "role": "chair", "periods": "1"}
    assert client.post(url("name_role", session.uuid), posted).status_code == 404
