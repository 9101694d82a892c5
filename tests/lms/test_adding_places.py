"""A facility is added where its administrator administers, and only he who does so there makes it a provider."""

import pytest
from django.urls import reverse

from lms.models import Facility, RoleAssignment
from tests.factories import cast as make

Role = RoleAssignment.Role


@pytest.fixture
def sysop(cast):
    """The system administrator of Bắc Hà, who coordinates the site of Lục Yên and administers Tả Phìn's people."""
    who = make.person("Lù Seo Phà", login="pha", works_at=cast.bac_ha)
    make.role(who, Role.SYS_ADMIN, cast.bac_ha, include_children=True)
    make.role(who, Role.SITE_COORDINATOR, cast.luc_yen)
    make.role(who, Role.ORG_ADMIN, cast.ta_phin)
    return who


def add(cast, who, parent, **values):
    """The form of a new facility, sent; the facility, if one was made."""
    said = {"name": "Phòng khám Na Hối", "kind": Facility.Kind.OTHER, "parent": parent.pk if parent else ""}
    answer = cast.client(who).post(reverse("lms-facilities:add"), said | values)
    made = Facility.objects.filter(name=said["name"]).first()
    assert bool(made) == (answer.status_code == 302)
    return made


def test_a_facility_is_added_below_one_that_one_administers(cast, sysop):
    assert add(cast, sysop, cast.bac_ha).parent == cast.bac_ha


@pytest.mark.parametrize("name", ["luc_yen", "ta_phin", "bach_mai", "department"])
def test_none_is_added_below_a_facility_where_one_holds_another_role_or_none(cast, sysop, name):
    assert add(cast, sysop, getattr(cast, name)) is None


def test_none_is_added_below_nothing_where_its_maker_would_not_see_it(cast, sysop):
    assert add(cast, sysop, None) is None


def test_whoever_administers_a_whole_tree_begins_another_one(cast):
    ministry = make.person("Đỗ Thị Thoa", login="thoa", works_at=cast.ministry)
    make.role(ministry, Role.SYS_ADMIN, cast.ministry, include_children=True)

    assert add(cast, ministry, None).parent is None


def test_so_does_a_superuser(cast):
    assert add(cast, cast.admin, None).parent is None


def test_the_form_offers_only_places_that_one_administers(cast, sysop):
    form = cast.client(sysop).get(reverse("lms-facilities:add")).context["form"]

    assert set(form.fields["parent"].queryset) == set(Facility.objects.under(cast.bac_ha))


def edit(cast, who, facility):
    """The form of a facility, sent with the mark of a provider and whatever else it may ask for."""
    said = {"kind": facility.kind, "abbreviation": "PK", "is_provider": "on", "cme_code": "C1"}
    answer = cast.client(who).post(reverse("lms-facilities:edit", args=[facility.pk]), said)
    facility.refresh_from_db()
    return answer.status_code, facility.abbreviation, facility.is_provider, facility.cme_code


def test_a_provider_is_made_by_whoever_administers_the_system_there(cast, sysop):
    assert edit(cast, sysop, cast.bac_ha) == (302, "PK", True, "C1")


def test_who_administers_its_people_only_makes_no_provider_of_it(cast, sysop):
    """That he administers the system elsewhere gives him nothing here."""
    assert edit(cast, sysop, cast.ta_phin) == (302, "PK", False, "")
