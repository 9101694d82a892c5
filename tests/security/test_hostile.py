"""Hostile texts: code and placeholders in every field, patterns that never end."""

import ast
import re
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, models, transaction
from django.db.models import Value
from django.db.models.functions import Concat

from content import markup
from lms import names, people_import, search
from tests.security.doors import REFUSED, address_of, letter
from tests.security.matrix import MATRIX
from tests.security.world import ROLES

pytestmark = pytest.mark.slow

CODE = "\"'><img src=x onerror=xss>"
RAW = "<img src=x onerror=xss"
FILLED = "{{777777|add:1}}{user.password}%(x)s%d${x}{0}"
"""Words that look like placeholders, to Django's templates, ``str.format``, ``%`` and ``string.Template``."""
SHORT = "{{777777|add:1}}{user.password}%d"
"""What of it a short column takes."""
FILLED_IN = re.compile(r"\b777778|pbkdf2|argon2|md5\$")
"""A sum that was done, a password that was read; in the midst of a longer number it is chance."""
OURS = ("lms", "lms_content", "lms_courses", "lms_certificates")
READERS = ("an", "le", "tA", "oA", "aA", "sA", "gA", "dA", "c1", "ve", "of", "su")
"""Who reads what others wrote; their counterparts at B see the same templates."""

NO_TEXT = re.compile(
    "sha256|hash|path|_file|attendance_check|rrule|number_pattern|source$|sort_key|name_folded|email|file|queue|^error$"
)
"""Columns that take words of the program only: digests, paths and names in the storage, keys, words of the code."""


def texts(model):
    """The columns of *model* into which somebody's words may come, long enough for the code."""
    unique = {name for names_ in model._meta.unique_together for name in names_}
    unique |= {n for c in model._meta.constraints for n in getattr(c, "fields", ())}
    for field in model._meta.local_concrete_fields:
        if (
            isinstance(field, (models.CharField, models.TextField))
            and not isinstance(field, (models.SlugField, models.FileField, models.URLField))
            and not field.choices
            and not field.unique
            and field.name not in unique
            and not NO_TEXT.search(field.name)
            and (field.max_length is None or field.max_length >= 60)
            and field.get_internal_type() in {"CharField", "TextField"}
        ):
            yield field


def poison() -> list[str]:
    """Append code and placeholders to every text of every row that is ours, and to the titles of pages and files."""
    done = []
    for model in [*(m for m in apps.get_models() if m._meta.app_label in OURS), *of_wagtail()]:
        for field in texts(model):
            code = CODE + (FILLED if (field.max_length or 10_000) >= 80 else SHORT)
            length = (field.max_length or 10_000) - len(code)
            short = models.functions.Left(field.name, length)
            # A check of the database may refuse it, which guards even better.
            with suppress(IntegrityError), transaction.atomic():
                model._base_manager.update(**{field.name: Concat(short, Value(code))})
                done.append(f"{model._meta.label}.{field.name}")
    return done


def of_wagtail():
    """Its models whose titles our people write."""
    from wagtail.documents import get_document_model
    from wagtail.images import get_image_model
    from wagtail.models import Page

    return [Page, get_document_model(), get_image_model()]


@contextmanager
def undone():
    """Whatever happens inside is rolled back, and nothing remembered survives it."""
    cache.clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    cache.clear()


def page_of(response) -> str:
    """What a browser would read as HTML in *response*."""
    kind = response.headers.get("Content-Type", "")
    if response.streaming:
        return ""
    if kind.startswith("application/json"):
        body = response.json()
        return str(body.get("html", "")) if isinstance(body, dict) else ""
    return response.content.decode(errors="replace") if "html" in kind else ""


def walk(world, roles):
    """Each page of the matrix as each role sees it that is let in, and as one that is refused: others get the same no."""
    for name, row in MATRIX.items():
        address = address_of(world, name, row.arguments)
        got = dict(zip(ROLES, row.get, strict=True))
        refused = [role for role in roles if got[role] in REFUSED]
        for role in [role for role in roles if role not in refused] + refused[:1]:
            with transaction.atomic():
                response = world.client(role).get(address)
                transaction.set_rollback(True)
            yield name, role, response


def signed_in(world, roles) -> None:
    """Sign everybody in: begun inside what is rolled back, a session would be lost."""
    for role in roles:
        world.client(role)


@dataclass(frozen=True)
class Seen:
    """What one role was shown of the texts at one address."""

    where: tuple[str, str]
    letter: str
    runs: bool
    holds_code: bool
    holds_words: bool
    fills_in: bool


@pytest.fixture(scope="module")
def seen(world):
    """What everybody is shown while each text holds code and placeholders; walked once."""
    signed_in(world, READERS)
    with undone():
        assert len(poison()) > 40
        found = []
        for name, role, response in walk(world, READERS):
            page = page_of(response)
            found.append(
                Seen(
                    (name, role),
                    letter(response),
                    runs=RAW in page,
                    holds_code="onerror=xss" in page,
                    holds_words="{user.password}" in page,
                    fills_in=bool(FILLED_IN.search(page)),
                )
            )
    return found


def test_no_hostile_text_breaks_a_page(seen):
    assert not [one.where for one in seen if one.letter == "E"]


def test_code_in_any_text_is_shown_and_never_run(seen):
    assert not [one.where for one in seen if one.runs]
    assert sum(one.holds_code for one in seen) > 50  # else nothing was shown at all, and nothing proved


def test_placeholders_in_any_text_are_letters(seen):
    assert not [one.where for one in seen if one.fills_in]
    assert sum(one.holds_words for one in seen) > 50


PACKAGES = ("lms", "content", "courses", "certificates", "website")
ENDLESS = re._constants.MAXREPEAT


def patterns():
    """Every pattern that our modules write down, with its place."""
    for package in PACKAGES:
        for path in sorted(Path(settings.BASE_DIR, package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Call(
                        func=ast.Attribute(value=ast.Name(id="re")),
                        args=[ast.Constant(value=str(text)), *_rest],
                    ):
                        yield f"{path.name}:{node.lineno}", text


def inside(item):
    """The parts of one item of a parsed pattern, each a list of items."""
    if isinstance(item, re._parser.SubPattern):
        yield list(item)
    elif isinstance(item, (tuple, list)):
        for part in item:
            yield from inside(part)


def endless_in_endless(items) -> bool:
    """Whether an endless repetition holds another that nothing fixed sets apart: the shape that goes back and forth."""
    for operator, detail in items:
        for body in inside(detail):
            endless = str(operator).startswith("MAX_REPEAT") and detail[1] == ENDLESS
            apart = bool(body) and starts_with_a_letter(body)
            if endless and not apart and any(_endless(part) for part in body):
                return True
            if endless_in_endless(body):
                return True
    return False


def starts_with_a_letter(body) -> bool:
    """Whether each round begins with one fixed letter, as ``.`` begins each part of a host name."""
    operator, detail = body[0]
    if str(operator) == "SUBPATTERN":
        return starts_with_a_letter(list(detail[-1]))
    return str(operator) == "LITERAL"


def _endless(item) -> bool:
    operator, detail = item
    if str(operator).endswith("_REPEAT") and detail[1] == ENDLESS:
        return True
    return any(_endless(part) for body in inside(detail) for part in body)


def test_no_pattern_repeats_a_repetition():
    found = dict(patterns())
    assert len(found) > 20
    assert endless_in_endless(re._parser.parse(r"^(a+)+$"))  # the check sees what it looks for
    assert endless_in_endless(re._parser.parse(r"^([a-z]+|\d*)*$"))

    assert [place for place, text in found.items() if endless_in_endless(re._parser.parse(text))] == []


class Steps:
    """How often Python calls something: the same on every machine, whatever else it does."""

    count = 0

    def __enter__(self):
        sys.setprofile(self._note)
        return self

    def _note(self, _frame, event, _arg):
        self.count += event in {"call", "c_call"}

    def __exit__(self, *_exc):
        sys.setprofile(None)


def steps(function, text) -> int:
    with Steps() as taken:
        function(text)
    return taken.count


@pytest.mark.parametrize("function", [names.clean, names.parse_licence, names.normal_phone, names.sort_key])
@pytest.mark.parametrize("letter_", ["a", "0", " ", "0/", "\u0301", "Đ ", "-", "<a "])
def test_no_text_makes_a_pattern_go_back_and_forth(function, letter_):
    once, twice = (steps(function, letter_ * size) for size in (2_000, 4_000))

    assert twice <= 2.2 * once + 200


@pytest.mark.parametrize("function", [people_import.read_day, markup.clean, markup.plain, search.searchable])
@pytest.mark.parametrize("letter_", ["1/", "<b>", "&lt;", "((", '"', "a.", "-", "\t"])
def test_no_text_of_a_list_or_a_search_costs_more_than_its_length(function, letter_):
    once, twice = (steps(function, letter_ * size) for size in (2_000, 4_000))

    assert twice <= 2.2 * once + 200
