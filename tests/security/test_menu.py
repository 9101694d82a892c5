"""The workplace menu of each role offers what the role may use, and nothing else."""

import json
import re

import pytest
from django.db import transaction

from tests.security.doors import letter
from tests.security.world import ROLES

pytestmark = pytest.mark.slow

PROPS = re.compile(r'<script id="wagtail-sidebar-props" type="application/json">(.*?)</script>', re.DOTALL)
WORKERS = [role for role in ROLES if role not in {"an", "le", "ot", "ob"}]
OWN = {"/admin/account/", "/admin/logout/", "/admin/", "/admin/pages/search/"}
"""What belongs to everybody who works here."""


def addresses(tree):
    """Yield each address that the menu's data names."""
    if isinstance(tree, dict):
        if isinstance(tree.get("url"), str) and tree["url"].startswith("/admin/"):
            yield tree["url"]
        for value in tree.values():
            yield from addresses(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from addresses(value)


def menu(world, role: str) -> set[str]:
    return set(addresses(json.loads(PROPS.search(world.client(role).get("/admin/").text).group(1))))


@pytest.mark.parametrize("role", WORKERS)
def test_everything_in_the_menu_opens(world, shown, role):
    closed = []
    for address in sorted(menu(world, role) - OWN - set(shown[role])):
        with transaction.atomic():
            response = world.client(role).get(address)
            transaction.set_rollback(True)
        if letter(response) not in {".", ">"}:
            closed.append(address)

    assert closed == []


@pytest.mark.parametrize(
    ("role", "word"),
    [
        ("c1", "courses"),
        ("ve", "lms-sites"),
        ("eA", "lms-persons"),
        ("tA", "lms-facilities"),
        ("sA", "lms-jobs"),
    ],
)
def test_what_a_role_has_no_business_with_is_not_offered(world, role, word):
    assert not [address for address in menu(world, role) if f"/{word}/" in address]


@pytest.mark.parametrize(
    ("role", "word"),
    [
        ("tA", "courses"),
        ("c1", "lms-sites"),
        ("gA", "lms-roles"),
        ("sA", "lms-certificates"),
        ("yA", "lms-rulesets"),
    ],
)
def test_what_a_role_works_with_is_offered(world, role, word):
    assert [address for address in menu(world, role) if f"/{word}/" in address]
