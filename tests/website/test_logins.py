"""What a facility's administrator may do with the logins of the own people, and with nobody else's."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Permission
from django.urls import reverse

from courses.models import ClassCode
from lms import clock, scope
from lms.actions import end_role
from lms.models import RoleAssignment
from tests.factories import cast as make
from tests.factories import live
from website.accounts import logins
from website.accounts.backends import PasswordBackend

Role = RoleAssignment.Role


@pytest.fixture
def nga(cast):
    """Bùi Thị Nga administers Bệnh viện Bạch Mai."""
    who = make.person("Bùi Thị Nga", login="nga", works_at=cast.bach_mai)
    make.role(who, Role.ORG_ADMIN, cast.bach_mai)
    return who


@pytest.fixture
def colleague(cast):
    """Hồ Văn Tài works at Bạch Mai and only learns."""
    return make.person("Hồ Văn Tài", login="tai", works_at=cast.bach_mai)


def desk(user) -> str:
    return reverse("lms-logins:desk", args=[user.pk])


def press(client, user, do, reason="Đã nghỉ việc"):
    return client.post(desk(user), {"do": do, "reason": reason})


def state(user):
    return get_user_model().objects.get(pk=user.pk)


def test_the_list_shows_the_logins_of_ones_own_facility_only(cast, nga, colleague):
    cast.hoa  # noqa: B018 - works at the other hospital
    text = cast.client(nga).get(reverse("lms-logins:index")).content.decode()

    assert "Hồ Văn Tài" in text
    assert "Lê Thị Phương Hoa" not in text


def test_a_login_is_found_without_diacritics(cast, nga, colleague):
    text = cast.client(nga).get(reverse("lms-logins:index"), {"q": "ho tai"}).content.decode()

    assert "Hồ Văn Tài" in text
    assert "Bùi Thị Nga" not in text.split("<main")[1]


def test_a_closed_login_is_signed_out_at_its_next_request_and_the_person_stays(cast, nga, colleague):
    his = cast.client(colleague)
    assert his.get(reverse("me")).status_code == 200

    assert press(cast.client(nga), colleague.user, "close").status_code == 302

    assert not state(colleague.user).is_active
    assert his.get(reverse("me")).status_code == 302
    colleague.refresh_from_db()
    assert colleague.user_id


def test_a_closed_login_can_be_opened_again(cast, nga, colleague):
    press(cast.client(nga), colleague.user, "close")
    press(cast.client(nga), colleague.user, "reopen", "Trở lại làm việc")

    assert state(colleague.user).is_active


def test_nothing_happens_without_a_reason(cast, nga, colleague):
    assert press(cast.client(nga), colleague.user, "close", reason=" ").status_code == 400
    assert state(colleague.user).is_active


def test_an_unknown_verb_is_refused(cast, nga, colleague):
    assert press(cast.client(nga), colleague.user, "make_superuser").status_code == 400


def test_signing_out_everywhere_ends_each_known_session(cast, nga, colleague, rf):
    his = cast.client(colleague)
    UserSession.objects.create(
        user=colleague.user, session_key=his.session.session_key, ip="192.0.2.1", user_agent="Chromium"
    )

    press(cast.client(nga), colleague.user, "sign_out", "Mất điện thoại")

    assert his.get(reverse("me")).status_code == 302
    assert state(colleague.user).is_active


def test_a_lost_second_step_is_removed_by_somebody_else_and_asked_for_anew(cast, nga):
    trainer = cast.ung
    Authenticator.objects.create(user=trainer.user, type=Authenticator.Type.TOTP, data={"secret": "x"})

    press(cast.client(nga), trainer.user, "reset", "Đã gặp trực tiếp")

    assert not Authenticator.objects.filter(user=trainer.user).exists()


def test_nobody_resets_his_own_second_step_here(cast, nga):
    Authenticator.objects.create(user=nga.user, type=Authenticator.Type.TOTP, data={"secret": "x"})

    press(cast.client(nga), nga.user, "reset")

    assert Authenticator.objects.filter(user=nga.user).exists()


def test_the_other_hospitals_login_is_not_found(cast, nga):
    assert cast.client(nga).get(desk(cast.hoa.user)).status_code == 404
    assert press(cast.client(nga), cast.hoa.user, "close").status_code == 404
    assert state(cast.hoa.user).is_active


def test_a_manager_does_not_lock_out_somebody_whose_role_he_could_not_give(cast, nga):
    signer = cast.dao  # signs certificates: given by a superuser only
    answer = cast.client(nga).get(desk(signer.user)).content.decode()

    assert press(cast.client(nga), signer.user, "close").status_code == 302

    assert state(signer.user).is_active
    assert str(cast.bach_mai) in answer
    with pytest.raises(logins.LoginRefused):
        logins.close_login(signer.user, by=nga.user, reason="Thử")


def test_a_superuser_working_at_the_facility_is_not_found(cast, nga):
    boss = make.person("Trương Công Định", login="dinh", works_at=cast.bach_mai)
    get_user_model().objects.filter(pk=boss.user_id).update(is_superuser=True)

    assert press(cast.client(nga), boss.user, "close").status_code == 404
    assert state(boss.user).is_active


def test_posted_flags_and_groups_change_nothing(cast, nga, colleague):
    cast.client(nga).post(
        desk(colleague.user),
        {
            "do": "sign_out",
            "reason": "Thử",
            "is_superuser": "1",
            "is_staff": "1",
            "groups": ["1"],
            "username": "doi",
        },
    )

    user = state(colleague.user)
    assert not user.is_superuser
    assert not user.is_staff
    assert not user.groups.exists()
    assert user.username == "tai"


def test_the_right_ends_with_the_role(cast, nga, colleague):
    client = cast.client(nga)
    assert client.get(desk(colleague.user)).status_code == 200

    end_role(nga.user.role_assignments.get())

    assert client.get(desk(colleague.user)).status_code in (302, 403, 404)


@pytest.mark.parametrize("who", ["hang", "ung", "thang", "dao", "ha", "mo", "sen"])
def test_no_other_office_reaches_logins(cast, who, colleague):
    client = cast.client(getattr(cast, who))

    assert client.get(reverse("lms-logins:index")).status_code in (302, 403)
    assert client.get(desk(colleague.user)).status_code in (302, 403, 404)


def test_what_was_done_stands_in_the_log_with_its_reason(cast, nga, colleague):
    from wagtail.models import ModelLogEntry

    press(cast.client(nga), colleague.user, "close", "Chuyển công tác")

    entry = ModelLogEntry.objects.get(action="website.login_closed")
    assert entry.user == nga.user
    assert entry.data["reason"] == "Chuyển công tác"


def test_a_login_that_acted_in_records_is_not_deleted_and_the_other_is(cast):
    idle, acted, admin = cast.khanh.user, cast.lan.user, cast.client(cast.admin)
    now = clock.now()
    run = live.run(live.course(cast.bach_mai))
    ClassCode.objects.create(run=run, code="ABCDEFGH", expires_at=now, made_at=now, made_by=acted)

    answers = [admin.post(reverse("wagtailusers_users:delete", args=[user.pk])) for user in (idle, acted)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert set(get_user_model().objects.filter(pk__in=[idle.pk, acted.pk])) == {acted}


def test_who_never_held_a_role_costs_no_question_for_roles_and_a_role_counts_at_once(
    cast, django_assert_num_queries
):
    login = PasswordBackend().get_user(cast.lan.user_id)

    with django_assert_num_queries(0):
        assert scope.assignments(login) == []
    make.role(cast.lan, "org_admin", cast.bac_ha)

    assert [one.role for one in scope.assignments(login)] == ["org_admin"]
    assert [one.role for one in scope.assignments(PasswordBackend().get_user(login.pk))] == ["org_admin"]


def test_what_a_login_may_is_what_django_reads_group_by_group(cast):
    office, learner, closed, chief = cast.hang.user, cast.lan.user, cast.ung.user, cast.nga.user
    own = Permission.objects.get(codename="add_tag", content_type__app_label="taggit")
    office.user_permissions.add(own)
    closed.is_active, chief.is_superuser = False, True
    closed.save()
    chief.save()

    for login in (office, learner, closed, chief, AnonymousUser()):
        # What is found is kept on the login: each way of reading is given one that nobody has asked yet.
        one, other = (
            login if login.is_anonymous else login._meta.model.objects.get(pk=login.pk) for _ in "ab"
        )
        assert PasswordBackend().get_all_permissions(one) == ModelBackend().get_all_permissions(other)
    office = PasswordBackend().get_user(office.pk)
    assert office.has_perm("taggit.add_tag")
    assert office.has_perm("wagtailadmin.access_admin")
    assert not learner.has_perm("wagtailadmin.access_admin")
    assert not closed.has_perm("wagtailadmin.access_admin")


def test_a_page_of_the_workbench_asks_once_what_the_login_may(cast, django_assert_num_queries):
    office = PasswordBackend().get_user(cast.hang.user.pk)

    with django_assert_num_queries(1):
        assert office.has_perm("wagtailadmin.access_admin")
        assert not office.has_perm("website.change_user")
