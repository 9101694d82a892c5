"""Keys of sorting and filtering, and placeholders in a message: text to us, whatever they say."""

import re
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings
from django.db import transaction

from lms.messages import hand_over, queue_message
from tests.security.doors import REFUSED, address_of, letter
from tests.security.matrix import MATRIX
from tests.security.test_hostile import FILLED, page_of, undone
from tests.security.wagtail_matrix import DOORS
from tests.security.world import ROLES

pytestmark = pytest.mark.slow

USUAL = (
    "ordering",
    "q",
    "p",
    "page",
    "search",
    "locale",
    "collection_id",
    "per_page",
    "state",
    "kind",
    "fields",
)
"""What lists are sorted, filtered and turned by; what a list offers besides is read from its page."""
CONTROL = re.compile(r'<(?:input|select)[^>]*\bname="([\w-]+)"')
ROW = re.compile(r'href="(/[^"?#]*\d[^"?#]*)"')
HOSTILE = (
    "password",
    "-user__password",
    "latest__key",
    "created_by__password",
    "pk; DROP TABLE lms_person--",
    "' OR '1'='1",
    "(SELECT password FROM website_user)",
    "pk__in",
    "?",
    "-",
    "title_vi__startswith",
    "%s%(x)s{0.__class__}",
    "9" * 400,
    "ế" * 2000,
    "../../etc/passwd",
    "__class__",
    "-999999999999999999999",
    "2026-99-99",
    "[]",
)
ORDERINGS = ("user__password", "-latest__key", "created_by__password", "pk; DROP TABLE lms_person--")
LOOKUPS = {
    "user__password__startswith": "pbkdf2",
    "latest__key__contains": "a",
    "created_by__email": "a@b.vn",
    "pk__in": "1,2",
    "person__phone__startswith": "0977",
    "extra": "1=1",
    "select": "password",
    "_raw": "1",
}
"""Keys that a list taking its query for a filter would obey; unknown to ours, they change nothing."""


def lists():
    """Every list of the site and of its workplace: (name, arguments) of addresses that are found by GET."""
    ours = [(name, row.arguments) for name, row in MATRIX.items() if row.get.replace(" ", "")[-1] in ".ab*"]
    return ours + [(row.name, row.arguments) for row in DOORS if row.get[-1] in ".ab*"]


def get(world, role, address, query):
    client = world.client(role)  # begun inside what is rolled back, a session would be lost
    parts = urlsplit(address)
    with transaction.atomic():
        # An address may have a query of its own, which stays beside ours.
        response = client.get(parts.path, {**dict(parse_qsl(parts.query)), **query})
        if response.streaming:
            b"".join(response.streaming_content)
        transaction.set_rollback(True)
    return response


@pytest.fixture(scope="module")
def found(world, shown):
    """The addresses whose page has a form or a link that sorts, filters or turns it, with its keys."""
    pages = {}
    for name, arguments in lists():
        address = address_of(world, name, arguments)
        known = shown["su"].get(address)
        text = known.page if known and known.page else page_of(get(world, "su", address, {}))
        is_list = re.search(
            r'method="get"|[?&;](?:ordering|p|page|q)=|name="q"|role="search"', text, re.IGNORECASE
        )
        if is_list or name.endswith(("index", "listing", "results", "search")):
            keys = [key for key in CONTROL.findall(text) if key != "csrfmiddlewaretoken"]
            pages[f"{name} {arguments}".strip()] = (address, dict.fromkeys([*USUAL, *keys]), text)
    for name, (_address, keys, _text) in pages.items():
        if (other := twin_of(name)) in pages:
            keys |= pages[other][1]
    return pages


def twin_of(name: str) -> str:
    """The other address of the view *name*: Wagtail's lists answer whole, and without the page around the rows."""
    view, space, arguments = name.partition(" ")
    other = view.removesuffix("_results") if view.endswith("_results") else f"{view}_results"
    return other + space + arguments


def share(found, name: str, words):
    """Those of *words* that the list *name* is asked: a list and its twin, one view in our code, take turns."""
    return words[name.partition(" ")[0].endswith("_results") :: 2] if twin_of(name) in found else words


def test_the_walk_finds_the_lists(found):
    names = " ".join(found)

    assert len(found) > 40
    for name in ("lms-persons:index", "lms_courses_admin:index", "lms_content_questions:index", "explore"):
        assert name in names


def test_no_hostile_key_breaks_a_list(world, found):
    broken = []
    for name, (address, keys, _text) in found.items():
        for turn in share(found, name, range(0, len(HOSTILE), 3)):
            query = dict(zip(keys, islice(cycle(HOSTILE), turn, None), strict=False))
            response = get(world, "su", address, query)
            if letter(response) == "E":
                said = {key: word[:20] for key, word in query.items()}
                broken.append(f"{name}: {response.status_code} {said}")

    assert not broken, "\n".join(broken)


def test_no_list_is_asked_for_nul(world, found):
    """One wall for all: on PostgreSQL each of them would break."""
    let_in = [
        name
        for name, (address, keys, _text) in found.items()
        if get(world, "su", address, dict.fromkeys(keys, "\0")).status_code != 400
    ]

    assert let_in == []


FIELDS = re.compile(r"""\b(?:GET|POST|posted|given)(?:\.get(?:list)?\(|\[)"(\w+)\"""")
PACKAGES = ("lms", "content", "courses", "certificates", "website")
SIGNS = ("²", "9" * 5000, "9999-12-31T23:59:59-14:00")
"""What a test for a number or a clock may not be ready for."""


@cache
def fields():
    """Every field that a view of ours reads by its name."""
    views = [path for package in PACKAGES for path in (Path(settings.BASE_DIR) / package).rglob("*.py")]
    return sorted({name for path in views for name in FIELDS.findall(path.read_text())})


def test_the_views_read_many_fields():
    assert len(fields()) > 60
    assert {"site", "person", "run", "nonce", "pending", "client_at", "go"} <= set(fields())


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign[:8])
def test_no_sign_in_any_field_breaks_an_act(world, sign):
    broken = []
    for name, row in MATRIX.items():
        acts = dict(zip(ROLES, row.post.replace(" ", ""), strict=True))
        role = next((role for role, mark in acts.items() if mark not in REFUSED), None)
        if role is None:
            continue
        client = world.client(role)  # begun inside what is rolled back, a session would be lost
        with undone():
            response = client.post(address_of(world, name, row.arguments), dict.fromkeys(fields(), sign))
        if letter(response) == "E":
            broken.append(f"{name} as {role}: {response.status_code}")

    assert not broken, "\n".join(broken)


def test_what_is_no_key_is_left_aside_where_several_are_chosen(world):
    several = [name for name in MATRIX if name.endswith("chosen_multiple")]
    addresses = [address_of(world, name, MATRIX[name].arguments) for name in several]
    doors = [door for door in DOORS if door.name.endswith(("chosen_multiple", "bulk_action"))]
    addresses += [address_of(world, door.name, door.arguments) for door in doors]
    assert len(addresses) >= 12

    answers = {
        (address, sign): letter(get(world, "su", urlsplit(address).path, {"id": sign}))
        for address in addresses
        for sign in ("²", "x", "")
    }

    assert not [asked for asked, mark in answers.items() if mark == "E"]


def test_no_list_is_sorted_by_what_it_does_not_offer(world, found):
    differing = []
    for name, (address, _keys, text) in found.items():
        for hostile in share(found, name, ORDERINGS):
            response = get(world, "su", address, {"ordering": hostile})
            if letter(response) not in "!>" and ROW.findall(page_of(response)) != ROW.findall(text):
                differing.append(f"{name}: {hostile}")

    assert not differing, "\n".join(differing)


def test_no_list_obeys_a_key_that_it_does_not_offer(world, found):
    differing = []
    for name, (address, _keys, text) in found.items():
        response = get(world, "su", address, LOOKUPS)
        if letter(response) not in "!>" and set(ROW.findall(page_of(response))) != set(ROW.findall(text)):
            differing.append(name)

    assert not differing, "\n".join(differing)


# --- placeholders


def test_placeholders_in_a_message_arrive_letter_by_letter(world, mailoutbox):
    with undone():
        who = world.cast.lan
        who.email = "lan@example.vn"
        who.save()
        row = queue_message(who, event="try", key="try", subject=FILLED, text=f"Chào {FILLED}")
        hand_over(str(row.pk), last_try=False)

    assert [(mail.subject, FILLED in mail.body) for mail in mailoutbox] == [(FILLED, True)]
