"""The business rules of domain 7.8 that touch sessions, one test each; those proved elsewhere are named below."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.urls import reverse

from courses.actions import attendance, proof
from courses.models import Presence
from lms import clock
from lms.models import Person
from tests.courses.test_attendance import check_in, code_of, result, settle
from tests.courses.test_sheets import coded, file
from tests.factories import cast as make
from tests.factories import live
from tests.factories.live import moment

ELSEWHERE = {
    1: "certificates.test_credit.test_rule_1_eight_periods_bring_eight_hours_once_on_the_day_of_completion",
    2: "certificates.test_credit.test_rule_2_the_same_release_is_not_credited_or_certified_twice",
    3: "certificates.test_credit.test_rule_3_the_same_source_is_credited_in_one_role_only",
    4: "certificates.test_credit.test_rule_4_of_nine_cases_a_delegate_present_for_six_is_credited_six_hours",
    7: "certificates.test_credit.test_rule_7_an_entry_keeps_the_rule_of_its_day",
    9: "certificates.test_credit.test_rule_9_an_entry_before_the_cycle_is_kept_and_not_counted",
    12: "courses.test_after.test_rule_12_a_report_says_the_name_of_its_day_and_the_table_of_sites_joins_both",
    15: "courses.test_making_up.test_rule_15_a_power_cut_of_25_of_120_minutes_is_79_percent_and_watching_that_part_makes_100",
}
"""Rules on what a session earns or makes up for, by number, with the test that is named after each."""


@pytest.fixture
def class_(cast):
    with clock.at(moment("13:50")):
        return live.Class(cast, kinds=("session",))


@pytest.mark.parametrize("number", sorted(ELSEWHERE))
def test_a_rule_proved_elsewhere_has_its_test(number):
    module, _dot, name = ELSEWHERE[number].rpartition(".")
    assert f"_rule_{number}_" in name
    assert callable(getattr(import_module(f"tests.{module}"), name))


def test_rule_5_one_person_at_two_sites_from_14_to_15_is_counted_once_and_flagged(class_, cast):
    """5. Two sites, same person, overlapping 14:00–15:00 → counted once; flag."""
    with clock.at(moment("14:01")):
        attendance.tick(class_.room, person=cast.lan, by=cast.ha.user)
    with clock.at(moment("15:00")):
        attendance.override(
            class_.session,
            person=cast.lan,
            site=class_.other_room,
            since=moment("14:00"),
            until=moment("15:00"),
            reason="Đầu mối điểm cầu kia báo",
            by=cast.hang.user,
        )

    with clock.at(moment("15:45")):
        page = cast.client(cast.hang).get(reverse("lms_courses:attendance", args=[class_.session.uuid]))
    settle(class_, "15:50")

    assert result(class_, cast.lan).minutes == 100
    [row] = [row for row in page.context["rows"] if row["person"] == cast.lan]
    assert [clash.seconds for clash in row["clashes"]] == [3600]
    assert page.context["conflicts"] == 1


def test_rule_6_a_name_on_the_sheet_that_two_people_bear_is_given_to_neither(class_, cast):
    """6. Sheet lists "Nguyễn Thị Thu Hà" – two persons in province → goes to matching queue with birth year shown."""
    from courses.actions import sheets

    other = make.person("Nguyễn Thị Thu Hà", works_at=cast.luc_yen)
    assert cast.ha.full_name == other.full_name
    with clock.at(moment("13:55")):
        printed = sheets.print_sheet(class_.room, by=cast.ha.user)
    scan = file(coded(printed), class_, cast)

    with clock.at(moment("16:00")):
        new = sheets.add_signature(
            scan,
            full_name="NGUYỄN THỊ THU HÀ",
            birth_year=1991,
            phone_or_licence="0912 345 678",
            left=True,
            by=cast.ha.user,
        )

    assert new not in {cast.ha, other}
    assert (new.state, new.birth_year) == (Person.State.PROVISIONAL, 1991)
    assert not Presence.objects.filter(person__in=[cast.ha, other]).exists()


def test_rule_14_a_code_kept_without_a_network_is_taken_five_hours_later_and_marked(class_, cast):
    """14. Off-line token received 5 h later: accepted if signed, inside window ± skew, not contradicted; marked late."""
    kept = {"code": code_of(class_.session, "14:01"), "client_at": moment("14:03")}

    row = check_in(class_, cast.lan, "19:01", site=class_.room, **kept)

    assert row.is_late
    assert abs(row.since - moment("14:01")) < timedelta(seconds=30)
    assert row.recorded_at == moment("19:01")
    for spoilt in ({"code": "000000"}, {"client_at": moment("14:20")}):
        with pytest.raises(proof.CodeWrong):
            check_in(class_, cast.xuan, "19:01", **{**kept, **spoilt})
