"""The people's register on screen: who changes what, finds whom, and is refused."""

import datetime

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from lms import actions, queue, spreadsheets
from lms.models import (
    AccessLog,
    Affiliation,
    DistinctPersons,
    Facility,
    Invitation,
    PeopleImport,
    Person,
    PersonMerge,
    TeleSite,
)
from lms.people_import import PEOPLE
from tests.factories import cast as make

BORN = datetime.date(1990, 3, 8)


@pytest.fixture
def office(cast):
    """The administrator of Bắc Hà."""
    who = make.person("Hoàng Thị Nhung", login="nhung", works_at=cast.bac_ha)
    make.role(who, "org_admin", cast.bac_ha)
    return who


@pytest.fixture
def desk(cast, office):
    """Her browser."""
    assert cast.lan
    return cast.client(office)


@pytest.fixture
def sysop(cast):
    """The system administrator of the province."""
    who = make.person("Lù Seo Phà", login="pha", works_at=cast.department)
    make.role(who, "sys_admin", cast.department, include_children=True)
    return who


def sent(page) -> dict:
    """What the forms of an edit page would send unchanged."""
    form = page.context["form"]
    data = {}
    for one in [
        form,
        *[sub for formset in page.context["formsets"] for sub in [formset.management_form, *formset]],
    ]:
        for field in one:
            value = field.value()
            if value not in (None, False):
                data[field.html_name] = value.isoformat() if hasattr(value, "isoformat") else value
    return data


# --- one person


def edit(desk, person, **changes):
    address = reverse("lms-persons:edit", args=[person.pk])
    return desk.post(address, {**sent(desk.get(address)), **changes}, follow=True)


def test_licences_and_workplaces_are_changed_with_the_person(cast, desk):
    edit(
        desk,
        cast.lan,
        **{
            "academic_title": "ThS.",
            "licences-0-status": "confirmed",
            "licences-1-raw": "005555/LCA-GPHN",
            "works-0-unit": "Khoa Nhi",
            "works-0-valid_from": "2020-09-01",
        },
    )

    lan = Person.objects.get(pk=cast.lan.pk)
    assert lan.academic_title == "ThS."
    assert dict(lan.licences.values_list("number", "status")) == {
        "001111/LCA-CCHN": "confirmed",
        "005555/LCA-GPHN": "unchecked",
    }
    work = lan.affiliations.get()
    assert (work.unit, work.valid_from) == ("Khoa Nhi", datetime.date(2020, 9, 1))


def test_an_odd_licence_is_kept_and_said_to_be_odd(cast, desk):
    page = edit(desk, cast.lan, **{"licences-1-raw": "số 77"})

    assert cast.lan.licences.filter(number="SỐ 77").exists()
    assert "SỐ 77" in page.content.decode()


def test_somebody_elses_licence_is_refused_and_nothing_is_saved(cast, desk):
    assert cast.minh
    page = edit(desk, cast.lan, **{"academic_title": "ThS.", "licences-1-raw": "002222/YB-CCHN"})

    assert "Minh" not in page.content.decode()
    assert cast.lan.licences.count() == 1
    assert Person.objects.get(pk=cast.lan.pk).academic_title == ""


def test_a_workplace_is_added_only_at_ones_own_facilities(cast, desk):
    edit(desk, cast.lan, **{"works-1-facility": cast.luc_yen.pk})

    assert not cast.luc_yen.affiliations.exists()


def test_a_workplace_elsewhere_is_neither_shown_nor_touched(cast, desk):
    elsewhere = Affiliation.objects.create(person=cast.lan, facility=cast.viet_duc, is_primary=False)
    page = desk.get(reverse("lms-persons:edit", args=[cast.lan.pk])).content.decode()
    edit(desk, cast.lan, **{"works-1-id": elsewhere.pk, "works-1-valid_to": "2020-01-01"})

    assert "Việt Đức" not in page
    elsewhere.refresh_from_db()
    assert elsewhere.valid_to is None


def test_who_signs_in_is_not_reached_elsewhere_by_a_clerks_hand(cast, desk):
    edit(desk, cast.lan, phone="0999999999", email="ke.xau@example.vn")

    lan = Person.objects.get(pk=cast.lan.pk)
    assert (lan.phone, lan.email) == ("0912000111", "")


@pytest.mark.parametrize("state", ["merged", "erased"])
def test_no_form_closes_a_record(cast, desk, state):
    edit(desk, cast.lan, state=state)

    assert Person.objects.get(pk=cast.lan.pk).state == "active"


# --- finding


def found(client, text) -> set[str]:
    page = client.get(reverse("lms-persons:index_results"), {"q": text})
    return {row.full_name for row in page.context["object_list"]}


def test_people_are_found_without_accents_and_by_number(cast, desk):
    assert found(desk, "thi lan") == {"Nguyễn Thị Lan"}
    assert found(desk, "0912 000 111") == {"Nguyễn Thị Lan"}
    assert found(desk, "001111/lca") == {"Nguyễn Thị Lan"}


def test_three_digits_find_nobody(desk):
    assert found(desk, "111") == set()


def test_a_number_finds_nobody_of_another_hospital(cast, desk):
    assert cast.minh
    assert found(desk, "0912000222") == set()
    assert found(desk, "002222/YB-CCHN") == set()


def test_a_search_for_a_number_is_recorded_with_whom_it_found(cast, desk, office):
    found(desk, "0912000111")

    assert AccessLog.objects.filter(
        user=office.user, person=cast.lan, what="found by phone or licence number"
    ).exists()


def test_numbers_are_not_collected_by_trying(cast, desk, monkeypatch):
    monkeypatch.setattr("lms.people_admin.NUMBERS_AN_HOUR", 2)
    monkeypatch.setattr("lms.people_admin.NUMBERS_SHOWN", 1)
    make.person("Lò Thị Én", works_at=cast.bac_ha, phone="0912000999")

    assert len(found(desk, "0912000")) == 1
    assert len(found(desk, "0912000")) == 1
    assert found(desk, "0912000111") == set()
    assert found(desk, "lan") == {"Nguyễn Thị Lan"}


def test_people_stand_in_the_order_of_their_given_names(cast, desk):
    make.person("Trần Văn An", works_at=cast.bac_ha)
    page = desk.get(reverse("lms-persons:index_results"))

    names = [row.full_name for row in page.context["object_list"]]
    assert names == ["Trần Văn An", "Nguyễn Thị Lan", "Hoàng Thị Nhung"]


# --- places


def test_a_facility_gets_another_name_on_its_own_screen_only(cast, desk):
    desk.post(reverse("lms-facilities:edit", args=[cast.bac_ha.pk]), {"name": "Lén đổi"})
    desk.post(reverse("lms-facilities:rename", args=[cast.bac_ha.pk]), {"name": "Bệnh viện Bắc Hà"})

    row = Facility.objects.get(pk=cast.bac_ha.pk)
    assert row.name == "Bệnh viện Bắc Hà"
    assert row.names.get().name == "Bệnh viện Đa khoa khu vực Bắc Hà"


def test_a_foreign_facility_is_not_renamed(cast, desk):
    answer = desk.post(reverse("lms-facilities:rename", args=[cast.luc_yen.pk]), {"name": "X"})

    assert answer.status_code == 404
    assert not cast.luc_yen.names.exists()


def test_a_merge_is_shown_before_it_is_made(cast, sysop):
    assert cast.minh
    client = cast.client(sysop)
    address = reverse("lms-facilities:merge", args=[cast.luc_yen.pk])
    data = {"into": cast.bac_ha.pk, "on": "2026-01-01"}
    shown = client.post(address, data)
    assert shown.context["preview"]["people"] == 1
    assert not Facility.objects.get(pk=cast.luc_yen.pk).replaced_by

    client.post(address, {**data, "sure": "1"})
    assert Facility.objects.get(pk=cast.luc_yen.pk).replaced_by == cast.bac_ha


def test_a_hospitals_administrator_merges_no_facilities(cast, desk):
    answer = desk.post(
        reverse("lms-facilities:merge", args=[cast.bac_ha.pk]),
        {"into": cast.luc_yen.pk, "on": "2026-01-01", "sure": "1"},
    )

    assert answer.status_code in {302, 403}
    assert not Facility.objects.get(pk=cast.bac_ha.pk).replaced_by


def test_a_facility_comes_to_lie_below_another_body_and_is_seen_from_there(cast, sysop):
    centre = make.facility("Trung tâm Y tế khu vực Văn Bàn", parent=cast.ta_phin)
    assert cast.lan

    before, client = cast.ta_phin.parent, cast.client(sysop)
    shown = client.post(
        reverse("lms-facilities:move", args=[cast.ta_phin.pk]),
        {"under": cast.luc_yen.pk, "since": "2025-07-01"},
    )

    assert shown.status_code == 302
    page = client.get(reverse("lms-facilities:edit", args=[cast.ta_phin.pk])).text
    assert f"{before} (đến 30/06/2025)" in page
    assert f"{cast.luc_yen} (từ 01/07/2025)" in page
    for row in (cast.ta_phin, centre):
        assert Facility.objects.under(cast.luc_yen).filter(pk=row.pk).exists()


def test_a_facility_is_not_put_below_itself_nor_below_what_one_does_not_watch_over(cast, sysop):
    client, before = cast.client(sysop), cast.bac_ha.parent
    below = make.facility("Trạm Y tế xã Na Hối", parent=cast.bac_ha)

    for under in (cast.bac_ha, below, cast.bach_mai):
        answer = client.post(
            reverse("lms-facilities:move", args=[cast.bac_ha.pk]), {"under": under.pk, "since": "2025-07-01"}
        )
        assert answer.status_code == 400
    with pytest.raises(actions.PlaceRefused, match="vòng|circle"):
        actions.move_facility(cast.bac_ha, under=below)
    assert Facility.objects.get(pk=cast.bac_ha.pk).parent == before


def test_a_hospitals_administrator_moves_no_facility(cast, desk):
    answer = desk.post(reverse("lms-facilities:move", args=[cast.bac_ha.pk]), {"under": cast.luc_yen.pk})

    assert answer.status_code in {302, 403}
    assert Facility.objects.get(pk=cast.bac_ha.pk).parent == cast.department


def test_list_and_chooser_find_a_facility_by_its_old_name(cast, desk):
    actions.rename_facility(cast.bac_ha, name="Bệnh viện Hoa Mận", since=datetime.date(2025, 7, 1))

    for name in ("lms-facilities:index_results", "lms_facility_chooser:choose_results"):
        assert "Hoa Mận" in desk.get(reverse(name), {"q": "khu vuc bac ha"}).content.decode(), name


@pytest.mark.parametrize("words", ["bac ha", "diem cau BAC", "hội trường lớn"])
def test_a_room_is_found_without_accents_by_its_name_and_its_facility(cast, desk, words):
    TeleSite.objects.create(facility=cast.bac_ha, code="bac-ha-2", name="Điểm cầu hội trường lớn")

    found = desk.get(reverse("lms-sites:index_results"), {"q": words}).context["object_list"]

    assert [row.name for row in found] == ["Điểm cầu hội trường lớn"]
    assert not desk.get(reverse("lms-sites:index_results"), {"q": "luc yen"}).context["object_list"]


# --- duplicates


@pytest.fixture
def twin(cast):
    """A second record of Lan at Bắc Hà."""
    return make.person("Nguyen Thi Lan", birth_date=BORN, works_at=cast.bac_ha, state="provisional")


def pair_url(one, other):
    return reverse("lms-duplicates:pair", args=[one.pk, other.pk])


def test_two_records_are_compared_merged_and_parted_again(cast, desk, twin):
    assert "Nguyen Thi Lan" in desk.get(reverse("lms-duplicates:index")).content.decode()
    assert desk.get(pair_url(cast.lan, twin)).status_code == 200
    desk.post(pair_url(cast.lan, twin), {"keep": cast.lan.pk, "reason": "hỏi qua điện thoại"})
    merge = PersonMerge.objects.get()
    assert (merge.gone, merge.kept) == (twin, cast.lan)

    desk.post(reverse("lms-duplicates:undo", args=[merge.pk]))
    twin.refresh_from_db()
    assert twin.state == Person.State.PROVISIONAL


def test_both_are_told_that_somebody_compared_them(cast, desk, twin, office):
    desk.get(pair_url(cast.lan, twin))

    seen = AccessLog.objects.filter(user=office.user, what="compared with another record")
    assert set(seen.values_list("person", flat=True)) == {cast.lan.pk, twin.pk}


def test_a_merge_needs_a_reason(cast, desk, twin):
    assert desk.post(pair_url(cast.lan, twin), {"keep": cast.lan.pk}).status_code == 400
    assert not PersonMerge.objects.exists()


def test_two_people_are_told_apart_once_and_for_all(cast, desk, twin):
    desk.post(pair_url(cast.lan, twin), {"apart": "1"})

    assert DistinctPersons.objects.count() == 1
    assert "Nguyen Thi Lan" not in desk.get(reverse("lms-duplicates:index")).content.decode()


def test_a_name_alone_opens_no_comparison(cast, desk):
    other = make.person("Nguyễn Thị Lan", birth_date=None, works_at=cast.bac_ha)

    assert desk.get(pair_url(cast.lan, other)).status_code == 404
    assert desk.post(pair_url(cast.lan, other), {"keep": cast.lan.pk, "reason": "x"}).status_code == 404


def test_a_record_of_another_hospital_is_not_drawn_in(cast, desk):
    foreign = make.person("Nguyễn Thị Lan", birth_date=BORN, works_at=cast.luc_yen)

    assert "Lục Yên" not in desk.get(reverse("lms-duplicates:index")).content.decode()
    answer = desk.post(pair_url(cast.lan, foreign), {"keep": cast.lan.pk, "reason": "x"})
    assert answer.status_code == 404


def test_a_foreign_merge_is_not_taken_back(cast, desk):
    foreign = make.person("Trần Văn Minh", birth_date=cast.minh.birth_date, works_at=cast.luc_yen)
    merge = actions.merge_persons(foreign, into=cast.minh, by=cast.admin.user, reason="x")

    assert desk.post(reverse("lms-duplicates:undo", args=[merge.pk])).status_code == 404
    merge.refresh_from_db()
    assert merge.undone_at is None


def test_a_coordinator_merges_nobody(cast, twin):
    answer = cast.client(cast.ha).post(pair_url(cast.lan, twin), {"keep": cast.lan.pk, "reason": "x"})

    assert answer.status_code in {302, 403}
    assert not PersonMerge.objects.exists()


# --- lists


def lists(**row) -> ContentFile:
    header = [column.header for column in PEOPLE]
    cells = {"Họ và tên": "Vàng A Dơ", "Ngày sinh": "02/09/1988", **row}
    data = spreadsheets.write_rows(header, [[cells.get(title, "") for title in header]], title="x")
    return ContentFile(data, name="ds.xlsx")


def test_a_list_is_handed_in_checked_and_written(cast, desk):
    answer = desk.post(
        reverse("lms-imports:add"), {"kind": "people", "facility": cast.bac_ha.pk, "file": lists()}
    )
    assert answer.status_code == 302, answer.context["form"].errors
    row = PeopleImport.objects.get()
    assert answer["Location"] == reverse("lms-imports:inspect", args=[row.pk])
    assert desk.get(answer["Location"])["Refresh"] == "3"
    queue.run_due()
    assert "Refresh" not in desk.get(answer["Location"])
    assert not Person.objects.filter(full_name="Vàng A Dơ").exists()

    desk.post(answer["Location"])
    queue.run_due()
    assert Person.objects.get(full_name="Vàng A Dơ").workplace() == cast.bac_ha


def test_the_rows_not_taken_are_fetched_by_their_office_only(cast, desk):
    desk.post(
        reverse("lms-imports:add"),
        {"kind": "people", "facility": cast.bac_ha.pk, "file": lists(**{"Ngày sinh": "hôm qua"})},
    )
    queue.run_due()
    address = reverse("lms-imports:errors", args=[PeopleImport.objects.get().pk])

    assert b"".join(desk.get(address).streaming_content).startswith(b"PK")
    assert cast.client(cast.hang).get(address).status_code == 404


def test_no_list_is_handed_in_for_another_hospital(cast, desk):
    desk.post(reverse("lms-imports:add"), {"kind": "people", "facility": cast.luc_yen.pk, "file": lists()})

    assert not PeopleImport.objects.exists()


def test_a_hospitals_administrator_hands_in_no_facilities(cast, desk):
    desk.post(reverse("lms-imports:add"), {"kind": "facilities", "facility": cast.bac_ha.pk, "file": lists()})

    assert not PeopleImport.objects.exists()
    assert desk.get(reverse("lms-imports:template", args=["facilities"])).status_code in {302, 403}
    assert desk.get(reverse("lms-imports:template", args=["people"])).content.startswith(b"PK")


# --- slips and claims


@pytest.fixture
def my(cast):
    """Somebody without a login."""
    return make.person(
        "Giàng Thị Mỷ", works_at=cast.bac_ha, birth_date=datetime.date(1992, 4, 5), state="provisional"
    )


def slip(cast, my) -> str:
    page = cast.client(cast.ha).post(reverse("lms-persons:invite", args=[my.pk]))
    assert "no-store" in page["Cache-Control"]
    return page.context["code"]


def test_a_coordinator_prints_a_slip_and_its_holder_takes_the_record_over(cast, my):
    code = slip(cast, my)
    khanh = cast.client(cast.khanh)
    shown = khanh.post(reverse("lms:claim"), {"code": code.lower(), "birth_year": "1992"})
    text = shown.content.decode()
    assert "G. T. Mỷ" in text
    assert "Giàng" not in text

    Person.objects.filter(pk=cast.khanh.pk).update(birth_date=None, birth_year=None)
    done = khanh.post(reverse("lms:claim"), {"seen": shown.context["seen"]})
    assert done.status_code == 302
    my.refresh_from_db()
    assert my.merged_into == cast.khanh


def test_a_slip_names_the_workplace_of_whoever_makes_it(cast):
    both = make.person("Lò Văn Hai", works_at=cast.luc_yen)
    Affiliation.objects.create(person=both, facility=cast.bac_ha, is_primary=False)

    cast.client(cast.ha).post(reverse("lms-persons:invite", args=[both.pk]))

    assert Invitation.objects.get().facility == cast.bac_ha


def test_a_comparison_shows_no_workplace_elsewhere(cast, desk, twin):
    Affiliation.objects.create(person=twin, facility=cast.luc_yen, is_primary=False)

    page = desk.get(pair_url(cast.lan, twin)).content.decode()

    assert cast.bac_ha.name in page
    assert cast.luc_yen.name not in page


def test_a_coordinator_invites_nobody_of_another_site(cast):
    other = make.person("Lò Văn Xa", works_at=cast.luc_yen)

    assert cast.client(cast.ha).post(reverse("lms-persons:invite", args=[other.pk])).status_code == 404
    assert not Invitation.objects.exists()


def test_what_one_login_has_seen_another_does_not_take(cast, my):
    shown = cast.client(cast.khanh).post(reverse("lms:claim"), {"code": slip(cast, my), "birth_year": "1992"})
    answer = cast.client(cast.minh).post(reverse("lms:claim"), {"seen": shown.context["seen"]})

    assert answer.status_code == 400
    my.refresh_from_db()
    assert my.state == "provisional"


@pytest.mark.parametrize("seen", ["", "1:1", "1:1:x:y"])
def test_a_forged_sight_takes_nothing(cast, my, seen):
    slip(cast, my)

    assert cast.client(cast.khanh).post(reverse("lms:claim"), {"seen": seen}).status_code == 400


def test_a_mistyped_code_is_told_from_the_form_and_costs_no_try(cast, my):
    client, code = cast.client(cast.khanh), slip(cast, my)
    for _try in range(8):
        assert client.post(reverse("lms:claim"), {"code": "ABCD", "birth_year": "1992"}).status_code == 400

    assert client.post(reverse("lms:claim"), {"code": code, "birth_year": "1992"}).status_code == 200


def test_after_five_wrong_codes_even_the_right_one_waits(cast, my):
    from lms import codes

    client, code = cast.client(cast.khanh), slip(cast, my)
    for _try in range(5):
        assert client.post(reverse("lms:claim"), {"code": codes.new_code()}).status_code == 400

    assert client.post(reverse("lms:claim"), {"code": code, "birth_year": "1992"}).status_code == 429
    other = cast.client(cast.minh).post(reverse("lms:claim"), {"code": code, "birth_year": "1992"})
    assert other.status_code == 200, "the neighbour behind the same address still gets in"


def test_a_visitor_is_sent_to_the_login(client):
    assert "/accounts/login/" in client.get(reverse("lms:claim"))["Location"]
