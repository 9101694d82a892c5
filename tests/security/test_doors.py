"""There is one way in, and it asks holders of a role twice."""

import re

import pytest
from allauth.account import views as account
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.contrib.admin.sites import AdminSite
from django.contrib.auth import views as auth
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django.urls.resolvers import URLResolver
from django.views.generic import RedirectView

from tests.factories.cast import PASSWORD

TAKES_PASSWORD = (auth.LoginView, auth.PasswordResetView, auth.PasswordResetConfirmView)
"""What Django, Wagtail (its own, private pages) and the Django admin build their doors from."""

WAYS_IN = (
    account.LoginView,
    account.SignupView,
    account.RequestLoginCodeView,
    account.ConfirmLoginCodeView,
    account.PasswordResetView,
    account.ConfirmPasswordResetCodeView,
    account.CompletePasswordResetView,
    AuthenticateView,
    LoginWebAuthnView,
)
"""What the one door consists of: password, code by text message or mail, passkey, second factor, sign-up, forgotten password."""

ONE_DOOR = {
    "account_login",
    "account_signup",
    "account_request_login_code",
    "account_confirm_login_code",
    "account_reset_password",
    "account_confirm_password_reset_code",
    "account_complete_password_reset",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "oidc_login",
    "oidc_callback",
}
"""Each way in by name; a new one is limited, tested and then added here."""


def every_view(resolver=None, route=""):
    """Yield (route, name, callback) of every pattern."""
    for item in (resolver or get_resolver()).url_patterns:
        here = route + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from every_view(item, here)
        else:
            yield here, item.name, item.callback


def is_built_from(callback, classes) -> bool:
    view = getattr(callback, "view_class", None)
    return view is not None and issubclass(view, classes)


def address(route: str) -> str:
    """An address that a route of ``path()`` answers."""
    return "/" + re.sub(r"<[^>]+>", "1", route)


def other_doors() -> list[str]:
    """Every address whose pattern belongs to a door that is not ours: by class, wherever it is mounted."""
    return [
        address(route)
        for route, _name, callback in every_view()
        if is_built_from(callback, TAKES_PASSWORD) or getattr(callback, "__func__", None) is AdminSite.login
    ] + ["/django-admin/login/", "/_util/login/"]


def test_wagtail_brings_doors_of_its_own():
    # Without these the next test would prove nothing.
    assert {"/admin/login/", "/admin/password_reset/", "/_util/login/"} <= set(other_doors())


@pytest.mark.parametrize("path", other_doors())
def test_every_other_door_only_shows_the_way_to_the_one(cast, path):
    user = cast.ung.user
    data = {"username": user.username, "login": user.email, "email": user.email, "password": PASSWORD}
    client = Client()

    response = client.post(path, data)

    assert "_auth_user_id" not in client.session
    if path != "/django-admin/login/":
        assert resolve(path).func.view_class is RedirectView
        assert response["Location"].startswith("/accounts/")


def test_the_ways_in_are_known_one_by_one():
    found = {
        name
        for _route, name, callback in every_view()
        # The views of passkeys and of providers are wrapped beyond recognition, but not their names.
        if is_built_from(callback, WAYS_IN)
        or (name or "").startswith("mfa_login")
        or re.fullmatch("(oidc|openid|social).*_(login|callback)", name or "")
    }

    assert found == ONE_DOOR


def test_no_other_address_lets_anybody_in_with_a_password(cast):
    # By what it does, whatever it is built from: the right name and password, posted to every address.
    user = cast.lan.user
    names = {"username": user.username, "login": user.email, "email": user.email, "password": PASSWORD}
    opened = []
    for route, name, _callback in every_view():
        if "(" in route or name == "account_login":
            continue
        client = Client(raise_request_exception=False)
        client.post(address(route), names)
        if "_auth_user_id" in client.session:
            opened.append(route)

    assert opened == []


def test_a_password_of_a_document_or_a_page_opens_no_session(cast):
    from lms.actions import provider_collection

    restriction = provider_collection(cast.bach_mai).view_restrictions.get()
    restriction.restriction_type, restriction.password = restriction.PASSWORD, PASSWORD
    restriction.save()
    client = Client()
    path = reverse("wagtaildocs_authenticate_with_password", args=[restriction.pk])

    client.post(path, {"password": PASSWORD, "return_url": "/", "username": cast.lan.user.username})

    assert "_auth_user_id" not in client.session


def test_the_one_door_takes_a_learner_with_the_right_password_only(cast):
    wrong, right = Client(), Client()

    wrong.post(reverse("account_login"), {"login": cast.lan.user.email, "password": PASSWORD + "x"})
    right.post(reverse("account_login"), {"login": cast.lan.user.email, "password": PASSWORD})

    assert "_auth_user_id" not in wrong.session
    assert right.session["_auth_user_id"] == str(cast.lan.user.pk)


def test_a_password_alone_opens_no_office(cast):
    client = Client()
    client.post(reverse("account_login"), {"login": cast.ung.user.email, "password": PASSWORD})

    for path in ("/admin/", reverse("me"), reverse("lms_certificates:batches")):
        response = client.get(path)
        assert response.status_code == 302
        assert "/accounts/2fa/" in response["Location"], path


def test_a_learner_meets_no_second_factor(cast):
    client = Client()
    client.post(reverse("account_login"), {"login": cast.lan.user.email, "password": PASSWORD})

    assert client.get(reverse("me")).status_code == 200


def test_guessing_one_account_is_stopped_and_the_neighbours_are_not(cast):
    lan, minh = cast.lan.user.email, cast.minh.user.email
    guesser = Client()
    for _guess in range(6):
        guesser.post(reverse("account_login"), {"login": lan, "password": "sai"})

    refused, neighbour = Client(), Client()
    refused.post(reverse("account_login"), {"login": lan, "password": PASSWORD})
    neighbour.post(reverse("account_login"), {"login": minh, "password": PASSWORD})

    assert "_auth_user_id" not in refused.session
    assert "_auth_user_id" in neighbour.session


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_signing_in_leads_nowhere_else(cast, target):
    client = Client()
    address = f"{reverse('account_login')}?next={target}"

    response = client.post(address, {"login": cast.lan.user.email, "password": PASSWORD, "next": target})

    assert "evil" not in response["Location"]
