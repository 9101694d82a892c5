"""Who sees and does what where: the two hospitals, the province above its facilities, and the days."""

from datetime import timedelta

import pytest
from django.db.models import Q

from lms import actions, clock, permissions, scope
from lms.models import Facility, Person, RoleAssignment, TeleSite
from tests.factories.cast import role, site

Role = RoleAssignment.Role


def names(queryset):
    return {str(row) for row in queryset}


def test_a_role_reaches_its_own_facility_only(cast):
    site(cast.viet_duc, "viet-duc-1")
    assert names(scope.limit(Facility.objects.all(), cast.hang.user, "view")) == {"Bệnh viện Bạch Mai"}
    assert not scope.limit(TeleSite.objects.all(), cast.hang.user, "view").exists()


def test_a_role_with_children_reaches_everything_below(cast):
    cast.site_bac_ha, cast.site_luc_yen, cast.bach_mai  # noqa: B018 - made when named

    seen = scope.limit(TeleSite.objects.all(), cast.sen.user, "view")

    assert set(seen) == {cast.site_bac_ha, cast.site_luc_yen}
    assert set(scope.facilities(cast.sen.user, [Role.PROVINCE_OFFICER])) == {
        cast.department,
        cast.bac_ha,
        cast.luc_yen,
    }


def test_a_facility_whose_path_begins_alike_is_not_below(cast):
    for _ in range(12):  # ids 1 and 12: their paths share their first letters
        Facility.objects.create(name="Trạm Y tế xã")
    first = Facility.objects.order_by("pk").first()
    role(cast.khanh, Role.TRAINER, first, include_children=True)

    assert list(scope.facilities(cast.khanh.user, [Role.TRAINER])) == list(Facility.objects.under(first))
    assert not scope.has_role(
        cast.khanh.user, Role.TRAINER, facility=Facility.objects.order_by("-pk").first()
    )


@pytest.mark.parametrize("include_children", [False, True])
def test_only_who_holds_a_role_at_the_very_top_heads_the_tree(cast, include_children):
    top = Facility.objects.create(name="Bộ Y tế")
    middle = Facility.objects.create(name="Cục Quản lý Khám, chữa bệnh", parent=top)
    roles = {Role.SYS_ADMIN}
    role(cast.khanh, Role.SYS_ADMIN, middle, include_children=include_children)
    assert not scope.heads_a_tree(cast.khanh.user, roles)

    middle.parent = None
    middle.save()

    # The place is read with the roles, once a request.
    user = type(cast.khanh.user).objects.get(pk=cast.khanh.user_id)
    assert scope.heads_a_tree(user, roles)
    assert not scope.heads_a_tree(user, {Role.TRAINER})
    assert scope.facilities(user, roles).filter(parent=None).exists(), (
        "what the path says is what the tree says"
    )


def test_a_stranger_and_a_visitor_see_nothing(cast):
    from django.contrib.auth.models import AnonymousUser

    cast.site_bac_ha  # noqa: B018
    for user in (cast.khanh.user, AnonymousUser(), None):
        assert not scope.limit(TeleSite.objects.all(), user, "view").exists()
        assert not scope.can(user, "view", cast.site_bac_ha)
        assert not scope.has_role(user)
        assert not scope.heads_a_tree(user, scope.ALL_ROLES)


def test_a_closed_login_holds_no_role(cast):
    cast.hang.user.is_active = False

    assert not scope.has_role(cast.hang.user, Role.PROGRAMME_MANAGER)
    assert not scope.limit(Facility.objects.all(), cast.hang.user, "view").exists()


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [(None, None, True), (-5, 5, True), (0, 0, True), (1, None, False), (None, -1, False), (-9, -1, False)],
)
def test_the_days_of_a_role_are_checked_on_each_request(cast, first, last, holds):
    today = clock.today()
    actions.grant_role(
        cast.khanh.user,
        role=Role.TRAINER,
        facility=cast.bach_mai,
        valid_from=None if first is None else today + timedelta(days=first),
        valid_to=None if last is None else today + timedelta(days=last),
    )

    assert scope.has_role(cast.khanh.user, Role.TRAINER, facility=cast.bach_mai) is holds


def test_a_role_runs_out_by_itself_without_anybody_doing_anything(cast):
    actions.grant_role(
        cast.khanh.user, role=Role.TRAINER, facility=cast.bach_mai, valid_to=clock.today() + timedelta(days=1)
    )
    assert scope.has_role(cast.khanh.user, Role.TRAINER)

    with clock.at(clock.now() + timedelta(days=2)):
        assert not scope.has_role(cast.khanh.user, Role.TRAINER)


def test_an_ended_role_is_gone_for_a_user_object_already_in_hand(cast):
    user = cast.hang.user
    assert scope.has_role(user, Role.PROGRAMME_MANAGER)

    actions.end_role(user.role_assignments.get())

    assert not scope.has_role(user, Role.PROGRAMME_MANAGER)


def test_the_superuser_does_everything_but_sign(cast):
    boss = cast.admin.user

    assert scope.has_role(boss, Role.PROGRAMME_MANAGER, facility=cast.viet_duc)
    assert scope.limit(Facility.objects.all(), boss, "change").count() == Facility.objects.count()
    assert not scope.has_role(boss, Role.CERTIFICATE_SIGNER)
    assert not scope.facilities(boss, [Role.CERTIFICATE_SIGNER]).exists()


@pytest.fixture
def policy():
    """Register a policy for the length of a test and put the old one back."""
    before = dict(scope._POLICIES)
    yield scope.register
    scope._POLICIES.clear()
    scope._POLICIES.update(before)


def test_an_act_only_signers_may_do_is_closed_to_superusers_too(cast, policy):
    policy(TeleSite, acts={"sign": {Role.CERTIFICATE_SIGNER}, "view": {Role.TRAINER}})
    role(cast.dao, Role.CERTIFICATE_SIGNER, cast.bac_ha)

    assert not scope.can(cast.admin.user, "sign", cast.site_bac_ha)
    assert not scope.limit(TeleSite.objects.all(), cast.admin.user, "sign").exists()
    assert scope.can(cast.admin.user, "view", cast.site_bac_ha)
    assert scope.can(cast.dao.user, "sign", cast.site_bac_ha)


def test_an_extra_condition_adds_rows_for_the_acts_it_names(cast, policy):
    policy(
        TeleSite,
        acts={"view": {Role.TRAINER}, "change": {Role.TRAINER}},
        extra={"view": lambda user: Q(code="bac-ha-1")},
    )

    assert scope.can(cast.khanh.user, "view", cast.site_bac_ha)
    assert not scope.can(cast.khanh.user, "change", cast.site_bac_ha)
    assert not scope.can(cast.khanh.user, "view", cast.site_luc_yen)


def test_a_path_through_many_rows_doubles_nothing(cast, policy):
    policy(Facility, path="sites__facility", acts={"view": {Role.SITE_COORDINATOR}})
    for number in range(3):
        site(cast.bac_ha, f"phong-{number}")

    assert list(scope.limit(Facility.objects.all(), cast.ha.user, "view")) == [cast.bac_ha]


def test_rows_of_no_facility_are_still_only_for_their_roles(cast, policy):
    policy(TeleSite, path=lambda nodes: Q(), acts={"view": {Role.SYS_ADMIN}})
    role(cast.khanh, Role.SYS_ADMIN, cast.viet_duc)

    assert scope.can(cast.khanh.user, "view", cast.site_bac_ha)
    assert not scope.can(cast.ha.user, "view", cast.site_bac_ha)


def test_a_model_without_a_policy_is_refused_loudly(cast):
    from lms.models import Province

    with pytest.raises(LookupError, match="Province has no policy"):
        scope.limit(Province.objects.all(), cast.admin.user, "view")


def test_a_misspelt_role_is_refused_when_it_is_declared(policy):
    with pytest.raises(ValueError, match="trianer"):
        policy(TeleSite, acts={"view": {"trianer"}})


def test_an_act_nobody_declared_is_for_nobody(cast):
    assert not scope.can(cast.ha.user, "paint", cast.site_bac_ha)


def test_a_row_not_saved_yet_is_judged_by_the_facility_it_names(cast):
    assert scope.can(cast.hang.user, "add", TeleSite(facility=cast.bach_mai, code="x"))
    assert not scope.can(cast.hang.user, "add", TeleSite(facility=cast.viet_duc, code="x"))


def test_a_persons_record_is_seen_where_he_works_today_and_by_himself(cast):
    assert scope.can(cast.ha.user, "view", cast.lan)
    assert not scope.can(cast.po.user, "view", cast.lan)
    assert scope.can(cast.lan.user, "view", cast.lan)
    assert not scope.can(cast.lan.user, "change", cast.lan)

    cast.lan.affiliations.update(valid_to=clock.today() - timedelta(days=1))
    assert not scope.can(cast.ha.user, "view", cast.lan)


def test_roles_cost_one_query_a_request_however_often_they_are_asked(cast, django_assert_num_queries):
    from django.contrib.auth import get_user_model

    user = get_user_model().objects.get(pk=cast.sen.user.pk)
    with django_assert_num_queries(1):
        for _ in range(5):
            scope.has_role(user, Role.PROVINCE_OFFICER, facility=cast.department)
            scope.facilities(user, [Role.PROVINCE_OFFICER])


# --- giving roles


def test_an_organisation_gives_its_own_roles_at_its_own_place(cast):
    role(cast.khanh, Role.ORG_ADMIN, cast.bach_mai)
    user = cast.khanh.user

    assert permissions.can_grant(user, Role.TRAINER, cast.bach_mai)
    assert not permissions.can_grant(user, Role.TRAINER, cast.viet_duc)
    assert not permissions.can_grant(user, Role.TRAINER, cast.bach_mai, include_children=True)
    assert not permissions.can_grant(user, Role.SYS_ADMIN, cast.bach_mai)
    assert not permissions.can_grant(user, Role.CERTIFICATE_SIGNER, cast.bach_mai)
    assert not permissions.can_grant(cast.ung.user, Role.TRAINER, cast.bach_mai)
    assert permissions.can_grant(cast.admin.user, Role.CERTIFICATE_SIGNER, cast.bach_mai)


def test_the_person_behind_a_login_is_found(cast, rf):
    from django.contrib.auth.models import AnonymousUser

    assert permissions.person_of(cast.lan.user) == cast.lan
    assert permissions.person_of(AnonymousUser()) is None
    assert permissions.is_staff_role(cast.ung.user)
    assert not permissions.is_staff_role(cast.lan.user)
    assert Person.objects.filter(user__isnull=True).count() == 0
