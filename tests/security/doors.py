"""How a door answers: one letter per role, and which tables a request writes."""

import html
import json
import re
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import reduce
from io import BytesIO
from itertools import islice
from urllib.parse import unquote, urlencode, urljoin, urlsplit

from django.core.cache import cache
from django.db import connection, transaction
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from tests.security.world import ROLES, World

LETTERS = {
    ".": "shown, with no secret of either hospital",
    "a": "shown with secrets of hospital A, site 1 or Lan",
    "b": "shown with secrets of hospital B, site 2 or Minh",
    "*": "shown with secrets of both",
    ">": "sent elsewhere, nothing changed",
    "+": "sent elsewhere after something was changed",
    "L": "sent to the login",
    "x": "refused (403, or Wagtail's way back to its front page)",
    "-": "not found",
    "m": "method not allowed",
    "k": "asked for a token (401); who is signed in does not count",
    "!": "told what is wrong with the request",
    "E": "an error of ours; never right",
}
REFUSED = set("Lx-mk")
SHOWN = set(".ab*")

GROUPS = (3, 8, 8, 5, 3)
"""How the roles stand together in a row: public, the hospitals' work, their offices, the sites, above."""

INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)[^>]*>|<style[\s>]|\sstyle=|\son\w+=", re.I
)
"""Code inside a page, which the strict policy of public pages forbids."""

LINK = re.compile(r'(?:href|src|data-url|data-href|action)="([^"#]+)|"url": "(/[^"#]+)')
"""What a page names, and what the menu of the workplace is drawn from."""

MAY_ALWAYS_WRITE = {"django_session", "usersessions_usersession", "website_cache"}
"""Sessions and caches: rows that say nothing about the world."""

RECORDS = {"lms_accesslog", "lms_courses_caselook"}
"""Tables that note who looked or tried: to write there changes nothing."""

_OPTION = re.compile(r"<option[^>]*>([^<]*)</option>")

_WRITE = re.compile(
    r'\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE(?!\s+OF\b|\s+SKIP|\s+NOWAIT)|DELETE\s+FROM)\s+"?(\w+)"?',
    re.IGNORECASE,
)


def text_of(response) -> str:
    """What a reader finds in *response*: the words of pages, JSON, sheets and PDF files."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    if kind == "application/pdf" and body.startswith(b"%PDF-"):
        return "\n".join(page.extract_text() for page in PdfReader(BytesIO(body)).pages)
    if kind.endswith("spreadsheetml.sheet"):
        rows = load_workbook(BytesIO(body), read_only=True).active.iter_rows(values_only=True)
        return "\n".join(str(row) for row in rows)
    text = body.decode(errors="replace")
    return json.dumps(json.loads(text), ensure_ascii=False) if kind == "application/json" else text


def links(response, address: str) -> list[str]:
    """The addresses of this site that *response* names, and where it leads."""
    found = [where] if (where := response.headers.get("Location")) else []
    if response.headers.get("Content-Type", "").startswith("text/html"):
        named = (
            urlsplit(urljoin(address, html.unescape(link)))
            for link in map("".join, LINK.findall(response.text))
        )
        found[:0] = [
            f"{one.path}?{one.query}" if one.query else one.path
            for one in named
            if one.scheme in {"", "http"} and one.netloc in {"", "testserver", "localhost"}
        ]
    return found


def letter(response) -> str:
    """The letter of *response*, whatever it shows."""
    code = response.status_code
    if code in {301, 302, 303}:
        target = unquote(response["Location"])
        if "/accounts/login/" in target:
            return "L"
        return "x" if re.fullmatch(r"(https?://[^/]+)?/admin/", target) else ">"
    known = {200: ".", 201: ".", 202: ".", 204: ".", 206: ".", 403: "x", 404: "-", 410: "-", 405: "m"}
    known |= {401: "k", 304: ".", 400: "!", 409: "!", 412: "!", 413: "!", 416: "!", 422: "!", 429: "!"}
    return known.get(code, "E")


@contextmanager
def undone():
    """Whatever happens inside is rolled back, limits included."""
    cache.clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def writes():
    """Collect the names of the tables that statements write inside the block."""
    tables: set[str] = set()

    def note(execute, sql, params, many, context):
        # Compared to a digest of all rows, this also catches a write that changes nothing.
        if not (text := str(sql)).startswith("SELECT"):
            tables.update(_WRITE.findall(text))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield tables
    tables -= MAY_ALWAYS_WRITE


def address_of(world: World, name: str, words: str) -> str:
    """The address *name* with the arguments *words*, such as ``pk=attempt.pk slug=:text ?q=:word``.

    Each path is looked up in *world*; ``:text`` stands for itself; what begins with ``?`` is asked
    for in the query.
    """
    found: dict[bool, dict] = {True: {}, False: {}}
    for word in words.split():
        key, path = word.split("=", 1)
        value = path[1:] if path.startswith(":") else reduce(_step, path.split("."), world)
        found[key.startswith("?")][key.lstrip("?")] = value
    return reverse(name, kwargs=found[False]) + (f"?{urlencode(found[True])}" if found[True] else "")


def _step(value, name: str):
    if isinstance(value, dict):
        return value[name]
    value = value[int(name)] if name.isdigit() else getattr(value, name)
    return value() if name in {"first", "last", "get"} else value


@dataclass
class Answer:
    """What one role got at one address."""

    letter: str
    writes: set[str]
    headers: dict[str, str]
    inline: list[str]
    silent: bool = False
    """Lan's name was shown to somebody else, and the access log says nothing of it."""
    strange: frozenset[str] = frozenset()
    """Facilities that a form offers to somebody of the other side."""
    links: tuple[str, ...] = ()
    """What a page that is shown names, or where it leads."""
    page: str = ""
    """The page that the superuser is shown; those of all roles would fill the memory."""


def knock(
    world: World, name: str, words: str, method: str, roles=tuple(ROLES), note=None
) -> dict[str, Answer]:
    """What each of *roles* gets at one address; *note* is told each letter."""
    address = address_of(world, name, words)
    answers = {}
    for role in roles:
        client = world.client(role)
        before = deepcopy(client.cookies)  # a message kept in a cookie would be shown at the next door
        with transaction.atomic():
            with writes() as tables:
                response = getattr(client, method)(address)
                found = letter(response)
                text = text_of(response) if found == "." and method == "get" else ""
            if found == ">" and method == "post" and tables - RECORDS:
                found = "+"
            silent = world.cast.lan.full_name in text and not world.has_recorded(role)
            transaction.set_rollback(True)
        client.cookies = before
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        inline = INLINE.findall(text) if is_page else []
        found = world.side(text) if text else found
        if note:
            note(found)
        strange = frozenset(world.strange(role, _OPTION.findall(text))) if is_page else frozenset()
        named = tuple(links(response, address)) if text else ()
        page = text if is_page and role == "su" else ""
        answers[role] = Answer(
            found, set(tables), dict(response.headers), inline, silent, strange, named, page
        )
    return answers


def drawn(answers: dict[str, Answer]) -> str:
    """The letters of *answers* as a row of the matrix has them."""
    letters = iter(answer.letter for answer in answers.values())
    sizes = GROUPS if len(answers) == len(ROLES) else (len(answers),)
    return " ".join("".join(islice(letters, size)) for size in sizes)
