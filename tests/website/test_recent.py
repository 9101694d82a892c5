"""Before something weighty the site asks for a fresh proof of who one is, and then does what was asked."""

import time

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import get_user_model
from django.urls import reverse

from tests.factories import cast as make

PASSWORD = "con-suối-mùa-lũ-26"
SECRET = totp.generate_totp_secret()


def grow_old(client, minutes=16):
    """Let the proofs of this session be as old as that."""
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] = time.time() - minutes * 60
    session.save()
    return client


@pytest.fixture
def manager(cast):
    """Đoàn Văn Phúc administers Bạch Mai; he signed in a quarter of an hour ago."""
    cast.phuc.user.set_password(PASSWORD)
    cast.phuc.user.save()
    totp.TOTP.activate(cast.phuc.user, SECRET)
    return grow_old(cast.client(cast.phuc))


@pytest.fixture
def colleague(cast):
    return make.person("Hồ Văn Tài", login="tai", works_at=cast.bach_mai).user


def close(client, user):
    return client.post(reverse("lms-logins:desk", args=[user.pk]), {"do": "close", "reason": "Đã nghỉ việc"})


def is_open(user) -> bool:
    return get_user_model().objects.get(pk=user.pk).is_active


def test_a_fresh_sign_in_is_not_asked_again(cast, colleague):
    assert close(cast.client(cast.phuc), colleague).status_code == 302
    assert not is_open(colleague)


def test_an_old_sign_in_is_asked_first_and_the_form_is_kept(manager, colleague):
    asked = close(manager, colleague)

    assert asked.url.startswith(reverse("account_reauthenticate") + "?next=")
    assert is_open(colleague)

    manager.post(asked.url, {"password": PASSWORD})
    assert not is_open(colleague)


def test_a_wrong_password_does_nothing(manager, colleague):
    asked = close(manager, colleague)

    assert manager.post(asked.url, {"password": "sai"}).status_code == 200
    assert is_open(colleague)


def test_the_app_on_the_phone_is_proof_too(manager, colleague):
    close(manager, colleague)
    code = totp.format_hotp_value(totp.hotp_value(SECRET, next(totp.yield_hotp_counters_from_time())))

    here = reverse("lms-logins:desk", args=[colleague.pk])
    manager.post(f"{reverse('mfa_reauthenticate')}?next={here}", {"code": code})

    assert not is_open(colleague)


def test_a_stranger_is_refused_not_asked(cast, colleague):
    stranger = grow_old(cast.client(cast.hang))

    assert close(stranger, colleague).status_code in (302, 403, 404)
    assert is_open(colleague)


@pytest.mark.parametrize(
    "name",
    ["account_email", "mfa_activate_totp", "mfa_add_webauthn"],
)
def test_every_change_of_how_one_signs_in_asks(cast, name):
    cast.lan.user.set_password(PASSWORD)
    cast.lan.user.save()
    client = grow_old(cast.client(cast.lan))

    answer = client.post(
        reverse(name),
        {"phone": "0912345678", "email": "a@b.vn", "action_add": "1"},
    )

    assert answer.status_code == 302, name
    assert answer.url.startswith(reverse("account_reauthenticate")), name


def test_the_administration_changes_no_address_that_opens_the_account(cast):
    # Wagtail's own panel would take an unproved address without asking anything.
    office = grow_old(cast.client(cast.hang))
    page = office.get(reverse("wagtailadmin_account")).content.decode()
    before = cast.hang.user.email, cast.hang.user.first_name

    office.post(
        reverse("wagtailadmin_account"),
        {
            "name_email-first_name": "A",
            "name_email-last_name": "B",
            "name_email-email": "ke.gian@example.vn",
            "locale-preferred_language": "en",
            "locale-current_time_zone": "Asia/Ho_Chi_Minh",
            "theme-theme": "system",
            "theme-contrast": "system",
            "theme-density": "default",
        },
    )

    cast.hang.user.refresh_from_db()
    assert "name_email" not in page
    assert (cast.hang.user.email, cast.hang.user.first_name) == before
    assert cast.hang.user.wagtail_userprofile.preferred_language == "en", "and no name is asked for first"
