"""The documents on security and personal data have their rows, and each test they name is there."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEXT = (ROOT / "docs" / "security.md").read_text()
ROWS = {row[0].strip(): row for row in re.findall(r"^\| (T\d\d) \|(.*)\|(.*)\|(.*)\|$", TEXT, re.MULTILINE)}
PRIVACY = (ROOT / "docs" / "privacy.md").read_text()
DUTIES = re.findall(r"^\| (.+) \| ((?:Law 91|Decree 356).*) \| (.+) \| (.+) \|$", PRIVACY, re.MULTILINE)
"""Duty, article, screen and proof of each row of the table of duties."""
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", TEXT + PRIVACY)))


def names_in(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def test_every_threat_has_its_row():
    assert list(ROWS) == [f"T{number:02}" for number in range(1, 57)]


@pytest.mark.parametrize("threat", ROWS)
def test_every_row_names_a_guard_and_a_test(threat):
    _number, _what, guard, proof = ROWS[threat]

    assert guard.strip()
    assert "::test_" in proof


def test_every_duty_of_the_law_names_a_screen_and_a_test():
    table = PRIVACY.partition("## Duty by duty")[2].partition("Not yet:")[0]

    assert len(DUTIES) == len([row for row in table.splitlines() if row.startswith("| ")]) - 1 >= 20
    assert all(screen.strip() and "::test_" in proof for _duty, _article, screen, proof in DUTIES)


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_named_test_exists(file, name):
    assert name in names_in(ROOT / "tests" / file)
