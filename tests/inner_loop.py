"""What ``make quick`` runs: what needs no database, one test of each file that does, and all of what is being changed."""

import re
import shutil
import subprocess
from pathlib import Path, PurePath

from django.test import TransactionTestCase

LEFT_OUT = ("browser", "race", "slow")
"""Marks of tests that are never for the inner loop."""
WHOLLY = re.compile(rf"^pytestmark = pytest\.mark\.({'|'.join(LEFT_OUT)})\b", re.MULTILINE)
"""How a file says that this goes for each of its tests."""
DATABASE = {"db", "transactional_db", "django_db_setup"}


def needs_database(item) -> bool:
    """Whether a collected test asks for a database; without asking it is refused one."""
    return (
        bool(DATABASE & set(item.fixturenames))
        or item.get_closest_marker("django_db") is not None
        or issubclass(getattr(item, "cls", None) or object, TransactionTestCase)
    )


def is_left_out(path: Path) -> bool:
    """Whether no test of the file is for the inner loop, so that it need not even be read as Python."""
    return (
        path.suffix == ".py"
        and path.name.startswith("test_")
        and bool(WHOLLY.search(path.read_text("utf-8")))
    )


def changed(root: Path) -> set[str]:
    """Files that differ from ``main``, committed or not; from the last commit where there is no such branch.

    Nothing differs where there is no git, as in an unpacked archive.
    """
    if not shutil.which("git"):
        return set()

    def git(*words: str) -> str:
        ended = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
        return ended.stdout

    base = git("merge-base", "HEAD", "main").strip() or "HEAD"
    found = git("diff", "--name-only", base) + git("ls-files", "--others", "--exclude-standard")
    return {line for line in found.splitlines() if line.endswith(".py")}


def belongs(test: str, files: set[str]) -> bool:
    """Whether the test file *test* is one of *files* or bears the name of one: ``courses/actions/room.py`` is
    followed by ``tests/courses/test_room.py`` and ``test_room_….py``.
    """
    if test in files:
        return True
    own = PurePath(test)
    names = {PurePath(f).stem for f in files if PurePath(f).parts[0] == own.parent.name}
    return any(f"{own.stem}_".startswith(f"test_{name}_") for name in names)


def chosen(items: list, files: set[str]) -> list:
    """Those of the collected *items* that the inner loop runs while *files* are being changed."""
    found, met = [], set()
    for item in items:
        path = item.nodeid.partition("::")[0]
        if any(item.get_closest_marker(name) for name in LEFT_OUT):
            continue
        is_plain = not needs_database(item)
        if is_plain or path not in met or belongs(path, files):
            found.append(item)
        if not is_plain:
            met.add(path)
    return found
