"""What every answer carries, and what no page of ours contains."""

import re

import pytest
from django.urls import reverse

from tests.factories.cast import PASSWORD
from tests.security.addresses import walk
from tests.security.doors import arguments
from tests.security.matrix import MATRIX

INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)[^>]*>|<style[\s>]|\sstyle=|\son\w+=", re.I
)


def shown_pages(world, clients):
    """Yield (name, role, response) for each HTML page outside the admin that a role is shown."""
    from tests.security.world import ROLES

    routes = {address.name: address.route for address in walk()}
    for name, row in MATRIX.items():
        if routes.get(name, "admin/").startswith("admin/"):
            continue
        address = reverse(name, kwargs=arguments(world, row.arguments))
        for position, role in enumerate(ROLES):
            if row.get[position] == ".":
                response = clients.setdefault(role, world.client(role)).get(address)
                if response.headers.get("Content-Type", "").startswith("text/html"):
                    yield name, role, response


@pytest.mark.slow
def test_public_pages_are_strict_and_carry_no_inline_code(world, clients):
    seen = 0
    for name, role, response in shown_pages(world, clients):
        policy = response.headers.get("Content-Security-Policy", "")
        where = f"{name} as {role}"
        assert "script-src 'self'" in policy, where
        assert "unsafe" not in policy, where
        assert "default-src 'none'" in policy, where
        assert response.headers["X-Content-Type-Options"] == "nosniff", where
        assert response.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, where
        assert not INLINE.findall(response.text), f"{where}: {INLINE.findall(response.text)[:3]}"
        seen += 1
    assert seen > 20


def test_pages_of_a_person_are_not_kept_by_caches(world, clients):
    response = clients.setdefault("le", world.client("le")).get(reverse("me"))

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
