"""How a door answers: one letter per role, and which tables a request writes."""

import re
from contextlib import contextmanager
from functools import reduce
from urllib.parse import unquote

from django.db import connection, transaction
from django.urls import reverse

from tests.security.world import ROLES, World

LETTERS = {
    ".": "shown",
    ">": "sent elsewhere",
    "L": "sent to the login",
    "x": "refused (403, or Wagtail's way back to its front page)",
    "-": "not found",
    "m": "method not allowed",
    "!": "told what is wrong with the request",
    "E": "an error of ours; never right",
}
REFUSED = set("Lx-m")

MAY_ALWAYS_WRITE = {"django_session", "usersessions_usersession", "website_cache"}
"""Sessions and caches: rows that say nothing about the world."""

_WRITE = re.compile(
    r'\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE(?!\s+OF\b|\s+SKIP|\s+NOWAIT)|DELETE\s+FROM)\s+"?(\w+)"?',
    re.IGNORECASE,
)


def letter(response) -> str:
    """The letter of *response*."""
    code = response.status_code
    if code in {301, 302, 303}:
        target = unquote(response["Location"])
        if "/accounts/login/" in target:
            return "L"
        return "x" if re.fullmatch(r"(https?://[^/]+)?/admin/", target) else ">"
    known = {200: ".", 201: ".", 202: ".", 204: ".", 206: ".", 403: "x", 404: "-", 410: "-", 405: "m"}
    known |= {304: ".", 400: "!", 409: "!", 413: "!", 416: "!", 422: "!", 429: "!"}
    return known.get(code, "E")


@contextmanager
def writes():
    """Collect the names of the tables that statements write inside the block."""
    tables: set[str] = set()

    def note(execute, sql, params, many, context):
        # Compared to a digest of all rows, this also catches a write that changes nothing.
        tables.update(_WRITE.findall(sql if isinstance(sql, str) else str(sql)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield tables
    tables -= MAY_ALWAYS_WRITE


def arguments(world: World, words: str) -> dict:
    """``"pk=attempt.pk slug=:text"`` with each path looked up in *world*; ``:text`` stands for itself."""
    found = {}
    for word in words.split():
        name, path = word.split("=", 1)
        found[name] = path[1:] if path.startswith(":") else reduce(_step, path.split("."), world)
    return found


def _step(value, name: str):
    if isinstance(value, dict):
        return value[name]
    value = value[int(name)] if name.isdigit() else getattr(value, name)
    return value() if name in {"first", "last", "get"} else value


def knock(world: World, name: str, words: str, method: str, clients: dict) -> tuple[str, dict[str, set[str]]]:
    """What every role gets at one address: the letters in the order of ``ROLES``, and what was written."""
    address = reverse(name, kwargs=arguments(world, words))
    letters, written = "", {}
    for role in ROLES:
        client = clients.setdefault(role, world.client(role))
        client.raise_request_exception = False
        with transaction.atomic():
            with writes() as tables:
                response = getattr(client, method)(address)
                if response.streaming:
                    b"".join(response.streaming_content)
            transaction.set_rollback(True)
        letters += letter(response)
        written[role] = set(tables)
    return letters, written
