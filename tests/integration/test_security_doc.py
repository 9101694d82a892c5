"""The security document has a row for every threat, and each test it names is there."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEXT = (ROOT / "docs" / "security.md").read_text()
ROWS = {row[0].strip(): row for row in re.findall(r"^\| (T\d\d) \|(.*)\|(.*)\|(.*)\|$", TEXT, re.MULTILINE)}
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", TEXT)))


def names_in(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def test_every_threat_has_its_row():
    assert list(ROWS) == [f"T{number:02}" for number in range(1, 57)]


@pytest.mark.parametrize("threat", ROWS)
def test_every_row_names_a_guard_and_a_test(threat):
    _number, _what, guard, proof = ROWS[threat]

    assert guard.strip()
    assert "::test_" in proof


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_named_test_exists(file, name):
    assert name in names_in(ROOT / "tests" / file)
