"""Facilities that are renamed and merged: old names stay known, nothing is lost."""

import datetime

import pytest

from lms import actions, clock, scope
from lms.models import Affiliation, Facility, RoleAssignment
from tests.factories import cast as make

JULY = datetime.date(2025, 7, 1)


def found(text):
    return set(Facility.objects.matching(text))


# --- names


def test_a_renamed_facility_is_found_by_both_names(cast):
    actions.rename_facility(cast.luc_yen, name="Bệnh viện Đa khoa Lục Yên", since=JULY)

    assert found("trung tam y te luc yen") == found("BENH VIEN da khoa luc yen") == {cast.luc_yen}


def test_the_former_name_held_until_the_day_before(cast):
    actions.rename_facility(cast.luc_yen, name="Trạm A", since=JULY)
    actions.rename_facility(cast.luc_yen, name="Trạm B", since=datetime.date(2026, 1, 1))

    days = [(row.name, row.valid_from, row.valid_to) for row in cast.luc_yen.names.order_by("valid_to")]
    assert days == [
        ("Trung tâm Y tế khu vực Lục Yên", None, datetime.date(2025, 6, 30)),
        ("Trạm A", JULY, datetime.date(2025, 12, 31)),
    ]


def test_rule_12_a_certificate_keeps_the_name_of_its_day(cast):
    actions.rename_facility(cast.luc_yen, name="Trạm A", since=JULY)

    assert cast.luc_yen.name_on(datetime.date(2025, 6, 30)) == "Trung tâm Y tế khu vực Lục Yên"
    assert cast.luc_yen.name_on(JULY) == "Trạm A"


def test_the_same_name_again_changes_nothing(cast):
    actions.rename_facility(cast.luc_yen, name="Trung  tâm Y tế khu vực Lục Yên ")

    assert not cast.luc_yen.names.exists()


def test_a_misspelt_name_leaves_no_former_name(cast):
    actions.rename_facility(cast.luc_yen, name="Trung tâm Y tế khu vực Lục Yến", was_misspelt=True)

    assert not cast.luc_yen.names.exists()
    assert Facility.objects.get(pk=cast.luc_yen.pk).name.endswith("Yến")


@pytest.mark.parametrize("name", ["", "   ", "Trạm " * 50])
def test_an_empty_or_endless_name_is_refused(cast, name):
    with pytest.raises(actions.PlaceRefused):
        actions.rename_facility(cast.luc_yen, name=name)


def test_a_name_of_the_future_or_before_the_last_one_is_refused(cast):
    actions.rename_facility(cast.luc_yen, name="Trạm A", since=JULY)

    for since in (clock.today() + datetime.timedelta(days=1), JULY):
        with pytest.raises(actions.PlaceRefused):
            actions.rename_facility(cast.luc_yen, name="Trạm B", since=since)


# --- merges


# --- another body above


def test_where_a_facility_stood_is_kept_from_day_to_day(cast):
    home = cast.ta_phin.parent
    actions.move_facility(cast.ta_phin, under=cast.luc_yen, since=JULY)
    actions.move_facility(cast.ta_phin, under=cast.bac_ha, since=datetime.date(2026, 1, 1))

    assert [(row.parent, row.valid_from, row.valid_to) for row in cast.ta_phin.former_parents.all()] == [
        (cast.luc_yen, JULY, datetime.date(2025, 12, 31)),
        (home, None, datetime.date(2025, 6, 30)),
    ]


@pytest.mark.parametrize(
    ("day", "above"),
    [
        (datetime.date(2025, 6, 30), "home"),
        (JULY, "luc_yen"),
        (datetime.date(2026, 1, 1), "bac_ha"),
        (None, "bac_ha"),
    ],
)
def test_a_report_of_a_day_finds_a_facility_and_all_below_where_it_stood_then(cast, day, above):
    cast.home = cast.ta_phin.parent
    room = make.facility("Phân trạm Tả Phìn 2", parent=cast.ta_phin)
    assert cast.luc_yen != cast.bac_ha
    actions.move_facility(cast.ta_phin, under=cast.luc_yen, since=JULY)
    actions.move_facility(cast.ta_phin, under=cast.bac_ha, since=datetime.date(2026, 1, 1))
    moved = {cast.ta_phin, room}

    for name in {"luc_yen", "bac_ha", above}:
        below = moved & set(Facility.objects.under(getattr(cast, name), on=day))
        assert below == (moved if name == above else set()), name


def test_a_move_of_the_future_or_before_the_last_one_is_refused(cast):
    actions.move_facility(cast.ta_phin, under=cast.luc_yen, since=JULY)

    for day in (clock.today() + datetime.timedelta(days=1), JULY - datetime.timedelta(days=1)):
        with pytest.raises(actions.PlaceRefused):
            actions.move_facility(cast.ta_phin, under=cast.bac_ha, since=day)
    assert cast.ta_phin.former_parents.count() == 1


def test_a_move_that_is_corrected_the_same_day_leaves_one_row(cast):
    actions.move_facility(cast.ta_phin, under=cast.luc_yen)
    actions.move_facility(cast.ta_phin, under=cast.bac_ha)

    assert cast.ta_phin.former_parents.get().parent != cast.luc_yen


def merge(cast, gone=None, into=None, **values):
    return actions.merge_facilities(
        gone or cast.luc_yen, into=into or cast.bac_ha, by=cast.admin.user, **values
    )


def test_people_go_over_with_dated_rows(cast):
    assert cast.minh
    merge(cast, on=JULY)

    rows = cast.minh.affiliations.order_by("pk").values_list("facility", "valid_from", "valid_to")
    assert list(rows) == [(cast.luc_yen.pk, None, datetime.date(2025, 6, 30)), (cast.bac_ha.pk, JULY, None)]
    assert cast.minh.workplace() == cast.bac_ha
    assert cast.minh.workplace(datetime.date(2025, 6, 1)) == cast.luc_yen


def test_who_works_at_both_already_gets_no_second_row(cast):
    Affiliation.objects.create(person=cast.minh, facility=cast.bac_ha, is_primary=False)
    merge(cast)

    assert cast.minh.affiliations.in_force().count() == 1


def test_roles_rooms_and_children_go_over(cast):
    assert cast.po
    assert cast.site_luc_yen
    below = make.facility("Trạm Y tế xã Mường Lai", parent=cast.luc_yen)
    merge(cast)

    assert scope.has_role(cast.po.user, "site_coordinator", facility=cast.bac_ha)
    assert not RoleAssignment.objects.in_force().filter(facility=cast.luc_yen).exists()
    cast.site_luc_yen.refresh_from_db()
    below.refresh_from_db()
    assert cast.site_luc_yen.facility == below.parent == cast.bac_ha


def test_a_role_that_one_could_not_give_ends_instead_of_growing(cast):
    officer = make.person("Lù Seo Phà", login="pha")
    make.role(officer, "sys_admin", cast.department, include_children=True)
    make.role(cast.po, "certificate_signer", cast.luc_yen)
    left = actions.roles_left_behind(cast.luc_yen, into=cast.bac_ha, by=officer.user)
    actions.merge_facilities(cast.luc_yen, into=cast.bac_ha, by=officer.user)

    assert [row.role for row in left] == ["certificate_signer"]
    assert scope.has_role(cast.po.user, "site_coordinator", facility=cast.bac_ha)
    assert not scope.has_role(cast.po.user, "certificate_signer")


def test_a_merge_keeps_where_both_stood_until_the_day_before(cast):
    child = make.facility("Trạm Y tế xã Mường Lai", parent=cast.luc_yen)
    above = cast.luc_yen.parent
    merge(cast, on=JULY)

    for row, stood in ((child, cast.luc_yen), (cast.luc_yen, above)):
        kept = row.former_parents.get()
        assert (kept.parent, kept.valid_to) == (stood, datetime.date(2025, 6, 30))


def test_nothing_is_deleted_and_the_old_place_lies_closed_below_the_new(cast):
    merge(cast, on=JULY)
    old = Facility.objects.get(pk=cast.luc_yen.pk)

    assert (old.replaced_by, old.parent, old.valid_to) == (
        cast.bac_ha,
        cast.bac_ha,
        datetime.date(2025, 6, 30),
    )
    assert old not in Facility.objects.in_force()


def test_the_successor_is_found_by_every_old_name(cast):
    actions.rename_facility(cast.luc_yen, name="Bệnh viện Lục Yên", since=JULY)
    merge(cast)
    merge(cast, gone=cast.bac_ha, into=cast.ta_phin)

    for text in ("trung tam y te khu vuc luc yen", "benh vien luc yen", "khu vuc bac ha"):
        assert cast.ta_phin in found(text)
        assert list(Facility.objects.in_force().matching(text)) == [cast.ta_phin]


def test_the_sign_up_field_finds_the_successor_by_the_old_name(client, cast):
    merge(cast)

    names = client.get("/accounts/workplaces/", {"q": "luc yen"}).json()["names"]
    assert names == ["Bệnh viện Đa khoa khu vực Bắc Hà"]


def test_merging_twice_is_merging_once(cast):
    assert cast.minh
    merge(cast)
    merge(cast)

    assert cast.minh.affiliations.count() == 2


def test_a_merge_that_would_make_a_circle_is_refused(cast):
    below = make.facility("Trạm Y tế xã Mường Lai", parent=cast.luc_yen)
    merge(cast, gone=cast.ta_phin, into=cast.luc_yen)

    for gone, into in [
        (cast.luc_yen, cast.luc_yen),
        (cast.luc_yen, below),
        (cast.luc_yen, cast.ta_phin),
        (cast.ta_phin, cast.bac_ha),
    ]:
        gone.refresh_from_db()
        into.refresh_from_db()
        with pytest.raises(actions.PlaceRefused):
            merge(cast, gone=gone, into=into)


def test_a_hospital_that_gives_courses_is_not_merged_away(cast):
    with pytest.raises(actions.PlaceRefused, match="khóa học"):
        merge(cast, gone=cast.viet_duc, into=cast.bach_mai)


# --- workplaces and licences of a person


def test_a_new_main_workplace_makes_the_old_one_lesser(cast):
    actions.affiliate(cast.lan, facility=cast.ta_phin)

    assert cast.lan.workplace() == cast.ta_phin
    assert cast.lan.affiliations.in_force().count() == 2


def test_a_workplace_ended_today_is_seen_no_more(cast):
    row = cast.lan.affiliations.get()
    actions.affiliate(cast.lan, facility=cast.ta_phin, is_primary=False)
    actions.end_affiliation(row)

    assert cast.lan.workplace() == cast.ta_phin
    assert list(cast.lan.affiliations.in_force().values_list("is_primary", flat=True)) == [True]


def test_an_odd_licence_is_kept_with_a_warning(cast):
    row = actions.record_licence(cast.lan, raw=" số 77 – Sở Y tế ")

    assert not row.is_well_formed
    assert row.number == "SỐ 77-SỞ Y TẾ"


def test_a_licence_of_another_person_is_refused_without_saying_whose(cast):
    assert cast.lan
    with pytest.raises(actions.LicenceTaken) as refused:
        actions.record_licence(cast.minh, raw="001111 / LCA - CCHN")

    assert "Lan" not in str(refused.value)
    assert not cast.minh.licences.filter(number="001111/LCA-CCHN").exists()
