"""What the documents promise is there: files, targets, settings, languages."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_to_a_file(path):
    broken = [link for link in LINK.findall(path.read_text()) if not (path.parent / unquote(link)).exists()]

    assert broken == []


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in DOCUMENTS:
        named = set(re.findall(r"(?:`|^\s*(?:\$ )?)make ([a-z][a-z-]+)\b", path.read_text(), re.MULTILINE))
        assert named - targets == set(), path


def test_locks_hold_hashes_and_no_host():
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--index|--find-links|file:", text)


def test_each_module_that_calls_itself_pure_is_held_to_it():
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    [held] = [one for one in tools["importlinter"]["contracts"] if one["name"] == "Pure modules stay pure"]
    says = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in tools["importlinter"]["root_packages"]
        for path in (ROOT / package).rglob("*.py")
        if path.read_text().startswith('"""Pure:')
    }

    assert len(says) > 30
    # What lies inside a package that is held is held with it.
    assert {
        name for name in says if not any(f"{name}.".startswith(f"{one}.") for one in held["source_modules"])
    } == set()


def tracked() -> list[Path]:
    """The files of the project; of an unpacked archive, where there is no git, all of them."""
    if not shutil.which("git"):
        folders = [*ROOT.glob("*"), ROOT / ".ci"]
        return [
            path for one in folders if one.name != "var" for path in [one, *one.rglob("*")] if path.is_file()
        ]
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_no_tracked_file_names_a_machines_folder_or_holds_a_secret():
    suspicious = re.compile(r"/work/(?:main|shared)|/root/|BEGIN (?:RSA |EC )?PRIVATE KEY")
    for path in tracked():
        if (
            path.suffix
            in {
                ".py",
                ".md",
                ".html",
                ".txt",
                ".toml",
                ".yaml",
                ".css",
                ".js",
                ".in",
                ".service",
                ".conf",
            }
            and path.name != "test_docs.py"
            and path.exists()
        ):
            assert not suspicious.search(path.read_text()), path
