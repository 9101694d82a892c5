"""There is one way in, and it asks holders of a role twice."""

import pytest
from django.contrib.auth.views import LoginView, PasswordResetView
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver

from tests.factories.cast import PASSWORD


def every_view(resolver=None, route=""):
    """Yield (route, callback) of every pattern."""
    for item in (resolver or get_resolver()).url_patterns:
        here = route + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from every_view(item, here)
        else:
            yield here, item.callback


def login_doors() -> list[str]:
    """Routes without arguments whose view is, or descends from, one that takes a password."""
    found = ["admin/login/", "django-admin/login/", "admin/password_reset/"]
    for route, callback in every_view():
        view = getattr(callback, "view_class", None)
        if (
            view
            and issubclass(view, (LoginView, PasswordResetView))
            and "<" not in route
            and "^" not in route
        ):
            found.append(route)
    return found


@pytest.mark.parametrize("route", login_doors())
def test_no_other_door_takes_a_password(cast, route):
    user = cast.ung.user
    client = Client()
    data = {"username": user.username, "login": user.email, "email": user.email, "password": PASSWORD}

    client.post("/" + route, data)

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
