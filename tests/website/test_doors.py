"""One way in for everybody, and a second step for those who act for others."""

import pytest
from allauth.account.views import LoginView as AllauthLogin
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.mfa.totp.internal import auth as totp
from django.contrib.admin import AdminSite
from django.contrib.auth import views as django_auth
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from lms.models import RoleAssignment
from tests.factories import cast as make
from website.accounts.middleware import passed

PASSWORD = "con-suối-mùa-lũ-26"
DOORS = (
    django_auth.LoginView,
    django_auth.PasswordResetView,
    django_auth.PasswordResetConfirmView,
    AdminSite,
)


def views(patterns=None, prefix=""):
    """Every address with its view, as text."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(entry.pattern).lstrip("^").rstrip("$")
        if isinstance(entry, URLResolver):
            yield from views(entry.url_patterns, path)
        elif isinstance(entry, URLPattern):
            yield "/" + path, entry.callback


def is_a_door(view) -> bool:
    """Whether the view signs people in or resets passwords, whoever wrote it."""
    found = getattr(view, "view_class", None) or getattr(view, "__self__", None).__class__
    return isinstance(found, type) and issubclass(found, DOORS)


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.fixture
def lan(cast):
    cast.lan.user.set_password(PASSWORD)
    cast.lan.user.save()
    return cast.lan.user


def test_no_other_door_than_ours_signs_anybody_in(lan):
    doors = [path for path, view in views() if is_a_door(view)] + ["/admin/login/", "/django-admin/login/"]
    assert "/admin/login/" in doors

    for path in doors:
        client = Client()
        path = path.replace("<uidb64>", "x").replace("<token>", "y")
        data = {"username": "lan", "password": PASSWORD, "login": "lan", "email": "lan@example.vn"}
        answer = client.post(path, data)
        assert not signed_in(client), path
        assert answer.status_code in {302, 404}, path


def test_wagtails_own_login_leads_to_ours_and_keeps_the_way_back(client):
    answer = client.get("/admin/login/?next=/admin/pages/")

    assert answer.url == reverse("account_login") + "?next=/admin/pages/"
    assert client.get("/admin/password_reset/").url == reverse("account_reset_password")
    assert client.get("/admin/password_reset/confirm/MQ/abc/").url == reverse("account_reset_password")


def test_our_door_is_the_one_of_allauth():
    ours = [view for path, view in views() if path.lstrip("/") == "accounts/login/"]
    assert ours
    assert all(issubclass(view.view_class, AllauthLogin) for view in ours)


def test_a_learner_signs_in_by_user_name_or_by_email(lan, client):
    lan.email = "lan@example.vn"
    lan.save()

    for login in ("lan", "lan@example.vn"):
        client = Client()
        answer = client.post(reverse("account_login"), {"login": login, "password": PASSWORD})
        assert answer.url == reverse("me")
        assert client.get(reverse("me")).status_code == 200


def test_a_wrong_password_says_so_and_signs_nobody_in(lan, client):
    answer = client.post(reverse("account_login"), {"login": "lan", "password": "sai"})

    assert answer.status_code == 200
    assert not signed_in(client)
    assert 'role="alert"' in answer.content.decode()


def test_only_who_asks_stays_signed_in_for_ninety_days(lan, client):
    client.post(reverse("account_login"), {"login": "lan", "password": PASSWORD})
    assert client.session.get_expire_at_browser_close()

    other = Client()
    other.post(reverse("account_login"), {"login": "lan", "password": PASSWORD, "remember": "on"})
    assert other.session.get_expiry_age() == 90 * 24 * 3600


def test_the_session_key_changes_at_sign_in(lan, client):
    session = client.session
    session["seen"] = 1
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before

    client.post(reverse("account_login"), {"login": "lan", "password": PASSWORD})

    assert client.session.session_key != before


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
    ],
)
def test_sign_in_never_leads_to_another_site(lan, client, target):
    answer = client.post(reverse("account_login"), {"login": "lan", "password": PASSWORD, "next": target})

    assert answer.url == reverse("me")


def test_five_wrong_passwords_lock_the_password_but_not_the_open_session(lan, client):
    client.post(reverse("account_login"), {"login": "lan", "password": PASSWORD})
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    for _try in range(6):
        stranger.post(reverse("account_login"), {"login": "lan", "password": "sai"})

    refused = stranger.post(reverse("account_login"), {"login": "lan", "password": PASSWORD})

    assert not signed_in(stranger)
    assert refused.status_code in {200, 429}
    assert client.get(reverse("me")).status_code == 200
    assert reverse("account_request_login_code") in stranger.get(reverse("account_login")).content.decode()


@pytest.mark.slow
def test_sixty_people_of_one_hospital_sign_in_from_one_address(cast):
    for number in range(60):
        user = make.user(f"hoc-vien-{number}")
        user.set_password(PASSWORD)
        user.save()

    for number in range(60):
        client = Client(REMOTE_ADDR="203.0.113.7")
        answer = client.post(reverse("account_login"), {"login": f"hoc-vien-{number}", "password": PASSWORD})
        assert answer.status_code == 302, number


def test_too_many_tries_are_refused_in_plain_words(db, client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    client.post(reverse("account_login"), {"login": "khong-co", "password": "sai"})

    answer = client.post(reverse("account_login"), {"login": "khong-co", "password": "sai"})

    assert answer.status_code == 429
    assert "vuonxa" in answer.content.decode()


# --- the second step


def without_second_step(user) -> Client:
    client = Client()
    client.force_login(user, backend="website.accounts.backends.PasswordBackend")
    return client


@pytest.mark.parametrize("role", RoleAssignment.Role.values)
def test_every_office_is_sent_to_set_up_the_second_step_first(cast, role):
    who = make.person("Vàng Seo Páo", login=f"pao-{role}", works_at=cast.bach_mai)
    make.role(who, role, cast.bach_mai)
    client = without_second_step(who.user)

    for path in ("/admin/", reverse("me"), "/"):
        assert client.get(path).url == reverse("mfa_activate_totp"), path
    assert client.get(reverse("account_logout")).status_code == 200
    assert client.get(reverse("privacy")).status_code == 200


def test_the_superuser_is_sent_there_too(cast):
    assert without_second_step(cast.admin.user).get("/admin/").url == reverse("mfa_activate_totp")


def test_a_learner_meets_no_wall(cast):
    assert without_second_step(cast.lan.user).get(reverse("me")).status_code == 200


def test_who_has_shown_the_second_step_gets_through(cast):
    assert cast.client(cast.ung).get(reverse("me")).status_code == 200


def test_an_office_that_has_ended_asks_for_nothing(cast):
    from lms.actions import end_role

    client = without_second_step(cast.ha.user)
    assert client.get(reverse("me")).status_code == 302

    end_role(cast.ha.user.role_assignments.get(), by=cast.admin.user)

    assert client.get(reverse("me")).status_code == 200


def test_an_office_given_now_counts_at_the_next_request(cast):
    client = without_second_step(cast.khanh.user)
    assert client.get(reverse("me")).status_code == 200

    make.role(cast.khanh, "trainer", cast.bach_mai)

    assert client.get(reverse("me")).status_code == 302


def test_who_has_an_app_but_did_not_show_it_is_asked_for_it(cast):
    totp.TOTP.activate(cast.ung.user, totp.generate_totp_secret())

    answer = without_second_step(cast.ung.user).get("/admin/pages/?p=2")

    assert answer.url.startswith(reverse("mfa_reauthenticate") + "?next=")
    assert "p%3D2" in answer.url


def test_setting_up_the_app_opens_the_way_and_removing_it_closes_it(cast, rf):
    user = cast.ung.user
    request = rf.get("/")
    request.user, request.session = user, SessionStore()
    given = {"sender": Authenticator, "request": request, "user": user}
    app = totp.TOTP.activate(user, totp.generate_totp_secret()).instance
    assert not passed(request)

    authenticator_added.send(authenticator=app, **given)
    assert passed(request)

    app.delete()
    authenticator_removed.send(authenticator=app, **given)
    assert not passed(request)


def test_the_page_that_sets_up_the_app_shows_a_code_to_scan(cast):
    user = cast.ung.user
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    client.post(reverse("account_login"), {"login": "ung", "password": PASSWORD})

    page = client.get(reverse("mfa_activate_totp")).content.decode()

    assert 'class="qr"' in page
    assert client.session["mfa.totp.secret"] in page


def test_setting_up_the_app_asks_for_the_password_again_when_the_sign_in_is_long_ago(cast):
    answer = without_second_step(cast.ung.user).get(reverse("mfa_activate_totp"))

    assert answer.url.startswith(reverse("account_reauthenticate"))


def test_the_password_alone_does_not_let_a_protected_account_in(cast):
    user = cast.ung.user
    user.set_password(PASSWORD)
    user.save()
    totp.TOTP.activate(user, totp.generate_totp_secret())
    client = Client()

    answer = client.post(reverse("account_login"), {"login": "ung", "password": PASSWORD})

    assert answer.url.startswith(reverse("mfa_authenticate"))
    assert not signed_in(client)


def test_a_learner_who_opens_the_admin_is_refused_not_sent_in_circles(cast):
    answer = cast.client(cast.lan).get("/admin/pages/")

    assert answer.status_code == 403
    assert reverse("me") in answer.content.decode()


def test_six_digits_of_the_app_are_good_once(cast):
    secret = totp.generate_totp_secret()
    user = cast.ung.user
    user.set_password(PASSWORD)
    user.save()
    totp.TOTP.activate(user, secret)
    code = totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))
    first, second = Client(), Client()

    for client in (first, second):
        client.post(reverse("account_login"), {"login": "ung", "password": PASSWORD})
        client.post(reverse("mfa_authenticate"), {"code": code})

    assert signed_in(first)
    assert not signed_in(second)


def test_a_passkey_is_two_steps_in_one(cast, monkeypatch):
    from allauth.mfa.webauthn.internal import auth as webauthn

    trainer = cast.ung.user
    key = Authenticator.objects.create(
        user=trainer, type=Authenticator.Type.WEBAUTHN, data={"name": "Vân tay"}
    )
    # A device makes the signature; everything behind its check is the real thing.
    monkeypatch.setattr(webauthn, "parse_authentication_response", lambda credential: None)
    monkeypatch.setattr(webauthn, "complete_authentication", lambda user, credential: key)
    monkeypatch.setattr(webauthn, "extract_user_from_response", lambda credential: trainer)
    client = Client()

    client.post(reverse("mfa_login_webauthn"), {"credential": '{"id": "x"}'})

    assert client.get(reverse("me")).status_code == 200
    assert client.get("/admin/").status_code == 200
