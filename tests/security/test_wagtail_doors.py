"""Wagtail's own doors: drafts, files and reports of one hospital are open to nobody of another."""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver

from tests.security.addresses import is_ours
from tests.security.doors import REFUSED, drawn, knock
from tests.security.wagtail_matrix import COLUMNS, DOORS, WITHOUT_SECRETS
from tests.security.world import CANARY_A, ROLES, SIDES

pytestmark = pytest.mark.slow

IDS = [f"{door.name} {door.arguments}".strip() for door in DOORS]


def names(resolver=None, namespace=""):
    """Yield the name of every address that Wagtail brings."""
    for item in (resolver or get_resolver()).url_patterns:
        if isinstance(item, URLResolver):
            yield from names(item, ":".join(part for part in (namespace, item.namespace) if part))
        elif item.name and not is_ours(item.callback):
            module = getattr(getattr(item.callback, "view_class", item.callback), "__module__", "")
            name = f"{namespace}:{item.name}" if namespace else item.name
            if module.startswith("wagtail") or name.startswith("wagtail"):
                yield name


def test_every_door_of_wagtail_has_a_row_or_a_reason():
    known = {door.name for door in DOORS} | set(WITHOUT_SECRETS)

    assert set(names()) - known == set(), "a new door of Wagtail's: decide who may enter, then add it"
    assert known - set(names()) == set(), "a row without a door"


@pytest.mark.parametrize("side", SIDES)
def test_no_row_of_wagtail_lets_a_stranger_read_a_secret(side):
    strangers = [place for place, role in enumerate(COLUMNS) if role not in SIDES[side]]

    for door in DOORS:
        assert not {door.get[place] for place in strangers} & {side, "*"}, door


def compare(answers, wanted: str) -> None:
    got = drawn(answers)
    assert "".join(w if w == "?" else g for g, w in zip(got, wanted, strict=True)) == wanted, (
        f"drawn now: {got}"
    )


@pytest.mark.parametrize("door", DOORS, ids=IDS)
def test_looking_through_a_door_of_wagtail(looked_at_wagtail, door):
    compare(looked_at_wagtail(door), door.get)


@pytest.mark.parametrize("door", DOORS, ids=IDS)
def test_acting_through_a_door_of_wagtail(world, door):
    asked = [role for role, letter in zip(COLUMNS, door.post, strict=True) if letter != "?"]
    answers = knock(world, door.name, door.arguments, "post", asked)

    compare(answers, door.post.replace("?", ""))
    for role, answer in answers.items():
        # Some doors answer strangers with a way back instead of a no; what they may not see they change neither.
        if answer.letter in REFUSED or door.get[COLUMNS.index(role)] in "Lx-":
            assert answer.writes == set(), (
                f"{door.name} refused {role} and wrote {answer.writes} all the same"
            )


def test_the_other_roles_hold_nothing_in_wagtail_but_the_way_in(world):
    # What makes "aA" speak for all of them in the table above.
    for role in set(ROLES) - set(COLUMNS) - {"ot"}:
        for group in world.users[role].user.groups.all():
            assert {one.codename for one in group.permissions.all()} == {"access_admin"}, role
            assert not group.page_permissions.exists(), role
            assert not group.collection_permissions.exists(), role


def test_a_document_of_a_hospital_is_served_to_its_own_authors_only(world):
    document = world.document
    path = reverse("wagtaildocs_serve", args=[document.pk, document.filename])
    opened = set()
    for role in ROLES:
        response = world.client(role).get(path)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        if CANARY_A.encode() in body:
            opened.add(role)

    assert opened == {"tA", "oA", "gA", "su"}


@pytest.mark.parametrize("role", ["an", "le", "tB", "su"])
def test_no_file_lies_open_below_media(world, role):
    for name in (world.document.file.name, world.image.file.name):
        assert world.client(role).get(f"/media/{name}").status_code == 404


def test_there_is_no_public_api(world):
    for path in ("/api/v2/pages/", "/api/v3/pages/", "/api/pages/", "/api/"):
        assert Client().get(path).status_code == 404
