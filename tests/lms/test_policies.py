"""Wagtail's own doors under the scopes: pages, collections, documents, registers."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, GroupPagePermission, Page
from wagtail.permissions import policy_registry

from lms import clock
from lms.actions import provider_collection, role_groups
from lms.models import AccessLog, Facility, Person, RoleAssignment, TeleSite
from lms.policies import DatedOwnershipPolicy, DatedPagePolicy, ScopedPolicy
from tests.factories import cast as make
from tests.factories.cast import role, site

Role = RoleAssignment.Role


def fresh(person):
    """The login as the next request reads it, without anything cached on it."""
    return get_user_model().objects.get(pk=person.user_id)


@pytest.fixture
def own_page(cast):
    """A page on which the trainers of Bạch Mai may work."""
    page = Page.get_first_root_node().add_child(instance=Page(title="Bạch Mai", slug="bach-mai"))
    cast.ung  # noqa: B018
    group = role_groups(cast.bach_mai)["trainer"]
    for codename in ("add_page", "change_page"):
        GroupPagePermission.objects.create(
            group=group, page=page, permission=Permission.objects.get(codename=codename)
        )
    return page


def test_the_registry_holds_the_dated_policies():
    assert isinstance(policy_registry.get_by_type(Page), DatedPagePolicy)
    assert isinstance(policy_registry.get_by_type(get_document_model()), DatedOwnershipPolicy)
    assert isinstance(policy_registry.get_by_type(get_image_model()), DatedOwnershipPolicy)
    assert isinstance(policy_registry.get_by_type(Person), ScopedPolicy)


def test_a_page_permission_ends_with_the_role_though_the_group_stays(cast, own_page):
    assert own_page.permissions_for_user(fresh(cast.ung)).can_edit()
    assert cast.client(cast.ung).get(f"/admin/pages/{own_page.pk}/edit/").status_code == 200

    # Its last day was yesterday; nothing has taken the user out of the group.
    cast.ung.user.role_assignments.update(valid_to=clock.today() - timedelta(days=1))

    assert cast.ung.user.groups.exists()
    assert not own_page.permissions_for_user(fresh(cast.ung)).can_edit()
    assert cast.client(cast.ung).get(f"/admin/pages/{own_page.pk}/edit/").status_code == 302


def test_a_hosts_own_groups_are_left_as_they_are(cast, own_page):
    from django.contrib.auth.models import Group

    editors = Group.objects.create(name="Ban biên tập")
    GroupPagePermission.objects.create(
        group=editors, page=own_page, permission=Permission.objects.get(codename="change_page")
    )
    cast.khanh.user.groups.add(editors)

    assert own_page.permissions_for_user(fresh(cast.khanh)).can_edit()


def test_documents_of_the_other_hospital_are_neither_listed_nor_read(cast):
    cast.ung, cast.hoa  # noqa: B018 - their groups and collections
    documents = [
        get_document_model().objects.create(
            title=f"Phác đồ {place.abbreviation}",
            file=ContentFile(b"%PDF-1.4", name="phac-do.pdf"),
            collection=provider_collection(place),
        )
        for place in (cast.bach_mai, cast.viet_duc)
    ]
    own, foreign = documents

    listed = cast.client(cast.ung).get("/admin/documents/").content.decode()
    assert own.title in listed
    assert foreign.title not in listed
    assert cast.client(cast.ung).get(own.url).status_code == 200
    # Refused with a redirect to the login door, as Wagtail does.
    assert cast.client(cast.ung).get(foreign.url).status_code in (302, 403)
    assert cast.client().get(own.url).status_code in (302, 403)
    assert Collection.objects.filter(name__startswith="BVBM").count() == 1


# --- the people's register


def admin(cast, who, path, **data):
    client = cast.client(who)
    return client.post(f"/admin/{path}", data) if data else client.get(f"/admin/{path}")


def test_the_register_lists_the_persons_of_ones_own_facilities(cast):
    cast.lan, cast.minh  # noqa: B018
    role(cast.khanh, Role.ORG_ADMIN, cast.bac_ha)

    page = admin(cast, cast.khanh, "lms-persons/").content.decode()

    assert "Nguyễn Thị Lan" in page
    assert "Trần Văn Minh" not in page


def test_the_register_is_searched_without_diacritics(cast):
    cast.lan, cast.my  # noqa: B018
    role(cast.khanh, Role.ORG_ADMIN, cast.bac_ha)

    page = admin(cast, cast.khanh, "lms-persons/results/?q=giang+my").content.decode()

    assert "Giàng Thị Mỷ" in page
    assert "Nguyễn Thị Lan" not in page


@pytest.mark.parametrize("view", ["edit/{}/", "inspect/{}/", "history/{}/", "usage/{}/", "delete/{}/"])
def test_a_foreign_person_is_not_there_through_any_view(cast, view):
    role(cast.khanh, Role.ORG_ADMIN, cast.bac_ha)

    assert admin(cast, cast.khanh, f"lms-persons/{view.format(cast.minh.pk)}").status_code == 404


def test_looking_into_a_record_is_allowed_at_home_and_written_down(cast):
    role(cast.khanh, Role.ORG_ADMIN, cast.bac_ha)

    assert admin(cast, cast.khanh, f"lms-persons/inspect/{cast.lan.pk}/").status_code == 200
    assert AccessLog.objects.get().person == cast.lan


def test_who_may_look_may_not_change(cast):
    assert admin(cast, cast.ha, f"lms-persons/inspect/{cast.lan.pk}/").status_code == 200
    assert admin(cast, cast.ha, f"lms-persons/edit/{cast.lan.pk}/").status_code == 302
    assert admin(cast, cast.ha, "lms-persons/new/").status_code == 302


def test_who_may_look_here_and_change_there_changes_nothing_here(cast):
    # Wagtail asks only whether somebody may change some row.
    role(cast.khanh, Role.UNIT_MANAGER, cast.luc_yen)
    role(cast.khanh, Role.ORG_ADMIN, cast.bac_ha)

    assert admin(cast, cast.khanh, f"lms-persons/inspect/{cast.minh.pk}/").status_code == 200
    assert admin(cast, cast.khanh, f"lms-persons/edit/{cast.minh.pk}/").status_code in {302, 403}
    assert admin(cast, cast.khanh, f"lms-persons/edit/{cast.lan.pk}/").status_code == 200


def test_wagtail_is_told_of_ones_own_rows_only(cast):
    role(cast.khanh, Role.ORG_ADMIN, cast.bac_ha)
    assert cast.minh

    found = ScopedPolicy(Person).instances_user_has_any_permission_for(cast.khanh.user, {"change"})

    assert cast.lan in found
    assert cast.minh not in found


PERSON = {"full_name": "Lù Seo Vảng", "language": "vi", "state": "active", "birth_year": "1991"}


def test_a_person_is_added_at_ones_own_facility(cast):
    role(cast.khanh, Role.ORG_ADMIN, cast.bac_ha)
    answer = admin(
        cast, cast.khanh, "lms-persons/new/", **PERSON, facility=cast.bac_ha.pk, licence="000321/LCA-CCHN"
    )

    assert answer.status_code == 302
    assert Person.objects.get(full_name="Lù Seo Vảng").workplace() == cast.bac_ha


def test_a_person_is_not_added_at_somebody_elses(cast):
    role(cast.khanh, Role.ORG_ADMIN, cast.bac_ha)
    answer = admin(cast, cast.khanh, "lms-persons/new/", **PERSON, facility=cast.luc_yen.pk)

    assert answer.status_code == 200
    assert not Person.objects.filter(full_name="Lù Seo Vảng").exists()


def test_a_room_is_not_moved_to_another_hospital(cast):
    role(cast.khanh, Role.ORG_ADMIN, cast.bac_ha)
    data = {"code": "bac-ha-1", "name": "Phòng họp", "capacity": "20", "is_active": "on"}
    path = f"lms-sites/edit/{cast.site_bac_ha.pk}/"

    assert admin(cast, cast.khanh, path, **data, facility=cast.luc_yen.pk).status_code == 200
    assert TeleSite.objects.get(code="bac-ha-1").facility == cast.bac_ha
    assert admin(cast, cast.khanh, path, **data, facility=cast.bac_ha.pk).status_code == 302
    assert TeleSite.objects.get(code="bac-ha-1").name == "Phòng họp"


def test_an_administrator_of_a_hospital_does_not_make_it_a_provider(cast):
    role(cast.khanh, Role.ORG_ADMIN, cast.bac_ha)
    admin(
        cast,
        cast.khanh,
        f"lms-facilities/edit/{cast.bac_ha.pk}/",
        abbreviation="BVBH",
        is_provider="on",
        kind="central_hospital",
    )

    place = Facility.objects.get(pk=cast.bac_ha.pk)
    assert place.abbreviation == "BVBH"
    assert not place.is_provider
    assert place.kind == Facility.Kind.REGIONAL_HOSPITAL


def test_a_hospital_that_is_made_a_provider_on_screen_has_its_collection_at_once(cast):
    role(cast.lan, Role.ORG_ADMIN, cast.bac_ha)
    role(cast.khanh, Role.SYS_ADMIN, cast.bac_ha)
    group = Group.objects.get(name=f"lms:{cast.bac_ha.pk}:org_admin")

    admin(
        cast,
        cast.khanh,
        f"lms-facilities/edit/{cast.bac_ha.pk}/",
        is_provider="on",
        kind="regional_hospital",
    )

    assert Facility.objects.get(pk=cast.bac_ha.pk).is_provider
    assert group.collection_permissions.count() == 6


def test_a_role_is_given_and_ended_on_screen(cast):
    role(cast.khanh, Role.ORG_ADMIN, cast.bac_ha)
    answer = admin(
        cast,
        cast.khanh,
        "lms-roles/new/",
        person=cast.lan.pk,
        role="site_coordinator",
        facility=cast.bac_ha.pk,
    )
    given = RoleAssignment.objects.get(user=cast.lan.user)
    assert (answer.status_code, given.granted_by) == (302, cast.khanh.user)

    page = admin(cast, cast.khanh, "lms-roles/").content.decode()
    assert "Nguyễn Thị Lan" in page
    assert f"/admin/lms-roles/end/{given.pk}/" in page
    assert cast.client(cast.khanh).get(f"/admin/lms-roles/end/{given.pk}/").status_code == 200
    assert RoleAssignment.objects.in_force().filter(user=cast.lan.user).exists()  # GET ends nothing

    cast.client(cast.khanh).post(f"/admin/lms-roles/end/{given.pk}/")
    assert not RoleAssignment.objects.in_force().filter(user=cast.lan.user).exists()


@pytest.mark.parametrize(
    ("office", "place"),
    [
        ("sys_admin", "bac_ha"),
        ("certificate_signer", "bac_ha"),
        ("trainer", "luc_yen"),
        ("org_admin", "bac_ha"),
    ],
)
def test_a_role_beyond_ones_own_is_not_given(cast, office, place):
    role(cast.khanh, Role.ORG_ADMIN, cast.bac_ha)
    facility = getattr(cast, place)
    admin(cast, cast.khanh, "lms-roles/new/", person=cast.lan.pk, role=office, facility=facility.pk)

    assert not RoleAssignment.objects.filter(user=cast.lan.user).exists()


def test_no_role_is_given_to_somebody_of_another_hospital(cast):
    role(cast.khanh, Role.ORG_ADMIN, cast.bac_ha)
    admin(cast, cast.khanh, "lms-roles/new/", person=cast.minh.pk, role="trainer", facility=cast.bac_ha.pk)

    assert not RoleAssignment.objects.filter(user=cast.minh.user).exists()


def test_nobody_gives_roles_to_himself(cast):
    role(cast.lan, Role.ORG_ADMIN, cast.bac_ha)
    admin(cast, cast.lan, "lms-roles/new/", person=cast.lan.pk, role="trainer", facility=cast.bac_ha.pk)

    assert not RoleAssignment.objects.filter(user=cast.lan.user, role="trainer").exists()


def test_a_foreign_role_is_neither_seen_nor_ended(cast):
    role(cast.khanh, Role.ORG_ADMIN, cast.bac_ha)
    foreign = cast.po.user.role_assignments.get()

    assert "Lò Văn Pớ" not in admin(cast, cast.khanh, "lms-roles/").content.decode()
    assert cast.client(cast.khanh).post(f"/admin/lms-roles/end/{foreign.pk}/").status_code == 404
    assert RoleAssignment.objects.in_force().filter(pk=foreign.pk).exists()


def test_nobody_ends_a_role_that_he_could_not_give(cast):
    role(cast.khanh, Role.ORG_ADMIN, cast.bach_mai)
    signer = cast.dao.user.role_assignments.get()

    cast.client(cast.khanh).post(f"/admin/lms-roles/end/{signer.pk}/")

    assert RoleAssignment.objects.in_force().filter(pk=signer.pk).exists()


@pytest.mark.parametrize("view", ["edit", "delete", "history", "inspect"])
def test_roles_have_no_side_doors(cast, view):
    given = cast.po.user.role_assignments.get()
    assert admin(cast, cast.admin, f"lms-roles/{view}/{given.pk}/").status_code == 404


def test_choosers_offer_and_take_only_ones_own(cast):
    cast.lan, cast.minh  # noqa: B018
    role(cast.khanh, Role.ORG_ADMIN, cast.bac_ha)

    offered = admin(cast, cast.khanh, "lms_person_chooser/results/").content.decode()
    assert "Nguyễn Thị Lan" in offered
    assert "Trần Văn Minh" not in offered
    assert (
        "Nguyễn Thị Lan" in admin(cast, cast.khanh, "lms_person_chooser/results/?q=thi+lan").content.decode()
    )
    assert admin(cast, cast.khanh, f"lms_person_chooser/chosen/{cast.lan.pk}/").status_code == 200
    assert admin(cast, cast.khanh, f"lms_person_chooser/chosen/{cast.minh.pk}/").status_code == 404
    several = admin(
        cast, cast.khanh, f"lms_person_chooser/chosen-multiple/?id={cast.minh.pk}"
    ).content.decode()
    assert "Minh" not in several


@pytest.mark.parametrize("path", ["lms-sites/", "lms-persons/", "lms-facilities/", "lms-roles/"])
def test_a_list_asks_as_many_questions_for_two_rows_as_for_twelve(cast, path):
    role(cast.khanh, Role.ORG_ADMIN, cast.department, include_children=True)
    client, counts = cast.client(cast.khanh), []
    for size in (2, 12):
        for number in range(size):
            place = make.facility(f"Trạm Y tế {size}-{number}", parent=cast.department)
            site(place, f"tram-{size}-{number}")
            role(
                make.person(f"Sùng A {size}-{number}", login=f"a{size}-{number}", works_at=place),
                Role.TRAINER,
                place,
            )
        client.get(f"/admin/{path}")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/admin/{path}")
        counts.append(len(queries))

    assert counts[0] == counts[1]
