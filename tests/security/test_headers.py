"""What every answer carries, and what no page of ours contains."""

import re

import pytest
from django.urls import reverse

from tests.factories.cast import PASSWORD
from tests.security.addresses import walk
from tests.security.doors import SHOWN
from tests.security.matrix import MATRIX


def shown_pages(looked):
    """Yield (where, answer) for each HTML page outside the admin that a role is shown."""
    routes = {address.name: address.route for address in walk()}
    for name in MATRIX:
        if routes.get(name, "admin/").startswith("admin/"):
            continue
        for role, answer in looked(name).items():
            if answer.letter in SHOWN and answer.headers.get("Content-Type", "").startswith("text/html"):
                yield f"{name} as {role}", answer


@pytest.mark.slow
def test_public_pages_are_strict_and_carry_no_inline_code(looked):
    seen = 0
    for where, answer in shown_pages(looked):
        policy = answer.headers.get("Content-Security-Policy", "")
        assert "script-src 'self'" in policy, where
        assert "unsafe" not in policy, where
        assert "default-src 'none'" in policy, where
        assert answer.headers["X-Content-Type-Options"] == "nosniff", where
        assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, where
        assert answer.inline == [], where
        seen += 1
    assert seen > 20


def test_pages_of_a_person_are_not_kept_by_caches(world):
    response = world.client("le").get(reverse("me"))

    assert "private" in response.headers["Cache-Control"] or "no-store" in response.headers["Cache-Control"]


def test_the_session_cookie_is_closed_to_scripts(cast, client):
    data = {"login": cast.lan.user.email, "password": PASSWORD}
    cookie = client.post(reverse("account_login"), data).cookies["sessionid"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("path", ["/", "/khoa-hoc/", "/accounts/login/", "/khong-co-trang-nay/"])
def test_no_page_names_another_host(world, client, path):
    text = client.get(path).text

    assert not re.findall(
        r'(?:src|href|action)="(?:https?:)?//(?!localhost|127\.0\.0\.1|testserver)[^"]+', text
    )
