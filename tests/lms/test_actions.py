"""Verbs of the ground app: roles with their groups, persons, consent, access to personal data."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from wagtail.documents.models import Document
from wagtail.models import Collection
from wagtail.permissions import policy_registry

from lms import actions, clock, scope, signals
from lms.models import AccessLog, Consent, Licence, Person, RoleAssignment
from lms.verify import breaches
from tests.cast import Cast
from tests.examples import examples

Role = RoleAssignment.Role


@pytest.fixture
def heard():
    """Collects what is announced."""
    got = []

    def listen(signal, **kwargs):
        got.append(signal)

    for signal in (signals.role_granted, signals.role_ended, signals.role_group_made):
        signal.connect(listen)
    yield got
    for signal in (signals.role_granted, signals.role_ended, signals.role_group_made):
        signal.disconnect(listen)


def test_granting_writes_the_assignment_and_its_one_group(cast, heard):
    row = actions.grant_role(cast.khanh.user, role="trainer", facility=cast.bach_mai, by=cast.admin.user)

    group = cast.khanh.user.groups.get()
    assert group.name == f"lms:{cast.bach_mai.pk}:trainer"
    assert row.granted_by == cast.admin.user
    assert cast.khanh.user.has_perm("wagtailadmin.access_admin")
    assert heard == [signals.role_group_made, signals.role_granted]


def test_granting_twice_changes_nothing(cast, heard):
    first = actions.grant_role(cast.khanh.user, role="trainer", facility=cast.bach_mai)
    heard.clear()
    second = actions.grant_role(cast.khanh.user, role="trainer", facility=cast.bach_mai)

    assert first == second
    assert heard == []
    assert RoleAssignment.objects.filter(user=cast.khanh.user).count() == 1


def test_granting_with_children_widens_what_stands(cast):
    actions.grant_role(cast.khanh.user, role="province_officer", facility=cast.department)
    row = actions.grant_role(
        cast.khanh.user, role="province_officer", facility=cast.department, include_children=True
    )

    assert row.include_children
    assert scope.has_role(cast.khanh.user, "province_officer", facility=cast.bac_ha)


def test_a_role_given_at_once_is_held_at_once_though_one_from_a_later_day_stands(cast, heard):
    soon = clock.today() + timedelta(days=30)
    later = actions.grant_role(cast.khanh.user, role="trainer", facility=cast.bach_mai, valid_from=soon)
    heard.clear()

    row = actions.grant_role(cast.khanh.user, role="trainer", facility=cast.bach_mai)

    assert scope.has_role(cast.khanh.user, "trainer", facility=cast.bach_mai)
    assert cast.khanh.user.groups.count() == 1
    assert (row, row.valid_from) == (later, None)
    assert heard == [signals.role_granted]


def test_a_role_from_a_later_day_neither_delays_nor_doubles_the_one_that_is_held(cast, heard):
    held = actions.grant_role(cast.khanh.user, role="trainer", facility=cast.bach_mai)
    heard.clear()
    soon = clock.today() + timedelta(days=30)

    assert (
        actions.grant_role(cast.khanh.user, role="trainer", facility=cast.bach_mai, valid_from=soon) == held
    )

    assert scope.has_role(cast.khanh.user, "trainer")
    assert heard == []


BEGINS = st.none() | st.integers(-2, 4)


@examples(40)
@given(grants=st.lists(st.tuples(BEGINS, st.booleans()), min_size=1, max_size=4))
@pytest.mark.django_db(transaction=False)
def test_whoever_was_given_roles_reaches_on_each_day_as_far_as_one_of_them_says(grants):
    with transaction.atomic():
        cast, today = Cast(), clock.today()
        dated = [(None if day is None else today + timedelta(days=day), wide) for day, wide in grants]
        for begins, wide in dated:
            for _ in range(2):
                actions.grant_role(
                    cast.khanh.user,
                    role="province_officer",
                    facility=cast.department,
                    include_children=wide,
                    valid_from=begins,
                )

        for day in range(6):
            with clock.at(clock.now() + timedelta(days=day)):
                held = [wide for begins, wide in dated if begins is None or begins <= clock.today()]
                for place, expected in ((cast.department, bool(held)), (cast.bac_ha, any(held))):
                    assert scope.has_role(cast.khanh.user, "province_officer", facility=place) == expected
        transaction.set_rollback(True)


def test_an_unknown_role_is_refused(cast):
    with pytest.raises(ValueError, match="king"):
        actions.grant_role(cast.khanh.user, role="king", facility=cast.bach_mai)


def test_ending_takes_group_and_admin_away_at_once(cast, heard):
    row = actions.grant_role(cast.khanh.user, role="trainer", facility=cast.bach_mai)
    actions.end_role(row, by=cast.admin.user)
    again = actions.end_role(row, by=cast.hang.user)

    assert again.ended_by == cast.admin.user
    assert not cast.khanh.user.groups.exists()
    assert heard.count(signals.role_ended) == 1
    assert not scope.has_role(cast.khanh.user)


def test_a_role_ended_can_be_given_again(cast):
    actions.end_role(actions.grant_role(cast.khanh.user, role="trainer", facility=cast.bach_mai))
    actions.grant_role(cast.khanh.user, role="trainer", facility=cast.bach_mai)

    assert scope.has_role(cast.khanh.user, "trainer")
    assert RoleAssignment.objects.filter(user=cast.khanh.user).count() == 2


def test_groups_follow_the_days_of_the_roles(cast):
    soon = clock.today() + timedelta(days=1)
    actions.grant_role(
        cast.khanh.user, role="trainer", facility=cast.bach_mai, valid_from=soon, valid_to=soon
    )
    assert not cast.khanh.user.groups.exists()

    with clock.at(clock.now() + timedelta(days=1)):
        assert actions.sync_role_groups() == 1
        assert cast.khanh.user.groups.count() == 1
    with clock.at(clock.now() + timedelta(days=2)):
        assert actions.sync_role_groups() == 1
        assert not cast.khanh.user.groups.exists()
    assert actions.sync_role_groups() == 0


def test_a_hospital_that_gives_courses_has_one_private_collection(cast):
    from wagtail.models import Collection, CollectionViewRestriction

    cast.ung, cast.hang, cast.hoa  # noqa: B018 - trainer and office of A, trainer of B

    own = Collection.objects.filter(depth=2)
    assert own.count() == 2
    for restriction in CollectionViewRestriction.objects.all():
        assert restriction.restriction_type == "groups"
        places = {group.name.split(":")[1] for group in restriction.groups.all()}
        assert len(places) == 1
    assert Group.objects.get(name=f"lms:{cast.bach_mai.pk}:trainer").collection_permissions.count() == 6


def test_a_hospital_that_gives_courses_later_is_let_into_its_collection_too(cast):
    for one, role in ((cast.khanh, "org_admin"), (cast.lan, "trainer"), (cast.minh, "site_coordinator")):
        actions.grant_role(one.user, role=role, facility=cast.bac_ha)
    policy = policy_registry.get_by_type(Document)
    assert not policy.user_has_permission(cast.khanh.user, "add")
    assert list(breaches("lms.collections")) == []
    cast.bac_ha.is_provider = True
    cast.bac_ha.save()
    assert len(list(breaches("lms.collections"))) == 2

    for _ in range(2):
        actions.sync_role_groups()

    assert list(breaches("lms.collections")) == []
    own = Collection.objects.get(name__endswith=f"· {cast.bac_ha.pk}")
    for one, is_author in ((cast.khanh, True), (cast.lan, True), (cast.minh, False)):
        user = get_user_model().objects.get(pk=one.user.pk)
        assert set(policy.collections_user_has_permission_for(user, "add")) == ({own} if is_author else set())


def test_a_right_that_was_taken_from_authors_by_hand_is_not_given_back(cast):
    assert cast.ung
    group = Group.objects.get(name=f"lms:{cast.bach_mai.pk}:trainer")
    group.collection_permissions.filter(permission__codename="add_document").delete()

    actions.sync_role_groups()

    assert group.collection_permissions.count() == 5
    assert list(breaches("lms.collections")) == []


def test_a_coordinators_group_holds_no_collection(cast):
    assert not cast.ha.user.groups.get().collection_permissions.exists()


# --- persons


def test_a_person_is_added_with_workplace_and_licence(cast):
    person = actions.add_person(
        "  Sùng  Thị Dợ ",
        birth_year=1994,
        facility=cast.bac_ha,
        licence="001234/lca-cchn",
        email="DO@Example.vn",
    )

    assert person.full_name == "Sùng Thị Dợ"
    assert person.workplace() == cast.bac_ha
    assert person.licences.get().number == "001234/LCA-CCHN"
    assert person.email == "do@example.vn"


def test_two_persons_of_one_name_stay_two(cast):
    one, two = (actions.add_person("Nguyễn Thị Lan", facility=cast.bac_ha) for _ in range(2))

    assert one != two


def test_the_holder_of_a_licence_is_not_added_twice(cast):
    one = actions.add_person("Nguyễn Văn Hùng", licence="000777/LCA-CCHN")
    two = actions.add_person("NGUYỄN VĂN HÙNG", licence="000777 / LCA – CCHN")

    assert one == two


def test_somebody_elses_licence_is_refused_and_nothing_is_added(cast):
    actions.add_person("Nguyễn Văn Hùng", licence="000777/LCA-CCHN")
    before = Person.objects.count()

    with pytest.raises(actions.LicenceTaken) as refused:
        actions.add_person("Trần Thị Sáu", licence="000777/LCA-CCHN")

    assert "000777/LCA-CCHN" in str(refused.value)
    assert (Person.objects.count(), Licence.objects.count()) == (before, 1)


def test_a_login_has_one_person(cast):
    from tests.factories.cast import user

    login = user("moi")
    assert actions.add_person("Lù Seo Vảng", user=login) == actions.add_person("Lù Seo Vảng", user=login)


# --- privacy


def test_consent_is_a_row_per_answer_never_overwritten(cast):
    give = {"purpose": "tracking", "text_version": "2026-1"}
    first = actions.give_consent(cast.lan, given=True, **give)
    assert actions.give_consent(cast.lan, given=True, **give) == first
    assert actions.has_consented(cast.lan, "tracking")

    actions.give_consent(cast.lan, given=False, **give)

    assert Consent.objects.filter(person=cast.lan).count() == 2
    assert not actions.has_consented(cast.lan, "tracking")
    assert not actions.has_consented(cast.minh, "tracking")


def test_looking_at_somebodys_data_is_recorded_looking_at_ones_own_is_not(cast):
    assert actions.log_access(cast.ha.user, cast.lan, what="roster").person == cast.lan
    assert actions.log_access(cast.lan.user, cast.lan, what="my page") is None
    assert AccessLog.objects.count() == 1
