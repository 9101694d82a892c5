"""Bring the Vietnamese catalogues up to date, or with ``--check`` say where they are not.

Each app carries its own catalogue; ``website/translations`` carries what the libraries under us
do not translate, so it is checked for completeness but not extracted.
"""

import ast
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
APPS = ["lms", "content", "courses", "certificates", "website"]
BORROWED = [
    ROOT / "website" / "translations" / "vi" / "LC_MESSAGES" / name for name in ("django.po", "djangojs.po")
]
HEADER = {
    "Project-Id-Version": "vuonxa",
    "Language": "vi",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_]*\}", re.IGNORECASE)


def extract(app: str) -> polib.POFile:
    """The messages that the code and templates of *app* ask for now."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / app
        keep = {".py", ".html", ".txt"}
        for path in sorted((ROOT / app).rglob("*")):
            if path.suffix in keep and "migrations" not in path.parts:
                target = copy / path.relative_to(ROOT / app)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
        (copy / "locale").mkdir(exist_ok=True)
        subprocess.run(
            [sys.executable, "-P", "-m", "django", "makemessages", "--all", "--keep-pot", "--verbosity", "0"]
            + ["--add-location", "file", "--no-wrap"],
            cwd=copy,
            check=True,
        )
        pot = copy / "locale" / "django.pot"
        return polib.pofile(str(pot), wrapwidth=0) if pot.exists() else polib.POFile(wrapwidth=0)


def name(entry) -> str:
    """A message as a complaint quotes it."""
    return repr(entry.msgid if len(entry.msgid) < 70 else entry.msgid[:67] + "…")


def faults(po: polib.POFile) -> list[str]:
    """What keeps a catalogue from being complete."""
    found = []
    for entry in po:
        if entry.obsolete:
            continue
        texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        if entry.fuzzy:
            found.append(f"fuzzy: {name(entry)}")
        elif not all(text.strip() for text in texts):
            found.append(f"not translated: {name(entry)}")
        elif any(set(PLACEHOLDER.findall(text)) != wanted for text in texts):
            found.append(f"placeholders differ: {name(entry)}")
    return found


def key(entry) -> tuple[str, str]:
    """What identifies a message."""
    return entry.msgctxt or "", entry.msgid


def compiled(po: polib.POFile, path: Path) -> bool:
    """Whether the binary catalogue beside *path* says the same."""
    mo = path.with_suffix(".mo")
    return mo.exists() and mo.read_bytes() == po.to_binary()


def disputes() -> list[str]:
    """Messages that two catalogues translate differently: a site has one of the two, everywhere.

    What means two things gets a context (``pgettext``) or words of its own. Words of scripts are a catalogue apart.
    """
    said: dict[tuple[str, str], dict[str, str]] = {}
    for path in [*sorted(ROOT.glob("*/locale/vi/LC_MESSAGES/django.po")), BORROWED[0]]:
        for entry in polib.pofile(str(path)) if path.exists() else []:
            if not entry.obsolete:
                word = entry.msgstr or str(entry.msgstr_plural)
                said.setdefault(key(entry), {}).setdefault(word, str(path.relative_to(ROOT)))
    return [f"translated differently: {k[1]!r}: {words}" for k, words in said.items() if len(words) > 1]


def hidden() -> list[str]:
    """Messages inside f-strings, which the extractor of Debian 12 and Ubuntu 24.04 does not see."""
    found = []
    for path in sorted(path for app in APPS for path in (ROOT / app).rglob("*.py")):
        strings = [one for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.JoinedStr)]
        for call in (call for one in strings for call in ast.walk(one) if isinstance(call, ast.Call)):
            if isinstance(call.func, ast.Name) and (call.func.id == "_" or "gettext" in call.func.id):
                found.append(f"{path.relative_to(ROOT)}:{call.lineno}: a message inside an f-string")
    return found


def check() -> int:
    """Print every fault; the exit code."""
    bad = 0
    for line in [*disputes(), *hidden()]:
        print(line)
        bad += 1
    paths = [(app, ROOT / app / "locale" / "vi" / "LC_MESSAGES" / "django.po") for app in APPS]
    for app, path in [*paths, *(("", path) for path in BORROWED if path.exists())]:
        po = polib.pofile(str(path), wrapwidth=0) if path.exists() else polib.POFile(wrapwidth=0)
        lines = faults(po)
        if app:
            asked = {key(entry): entry for entry in extract(app)}
            have = {key(entry) for entry in po if not entry.obsolete}
            lines += [f"missing: {name(entry)}" for k, entry in asked.items() if k not in have]
            lines += [f"no longer used: {k[1]!r}" for k in have - asked.keys()]
        if not lines and not compiled(po, path):
            lines = ["the .mo file is older than the .po file"]
        for line in lines:
            print(f"{path.relative_to(ROOT)}: {line}")
        bad += len(lines)
    print(f"{bad} faults in the catalogues; make messages updates them." if bad else "Catalogues complete.")
    return 1 if bad else 0


def update() -> int:
    """Merge new messages, drop unused ones, compile."""
    for app in APPS:
        path = ROOT / app / "locale" / "vi" / "LC_MESSAGES" / "django.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        po = polib.pofile(str(path), wrapwidth=0) if path.exists() else polib.POFile(wrapwidth=0)
        po.merge(extract(app))
        for entry in po:
            if entry.msgid_plural:
                # Vietnamese has one form; merging adds an empty second one.
                entry.msgstr_plural = {0: entry.msgstr_plural.get(0, "")}
        for entry in po.obsolete_entries():
            po.remove(entry)
        po.metadata = HEADER
        po.save(str(path))
        path.with_suffix(".mo").write_bytes(po.to_binary())
        print(f"{path.relative_to(ROOT)}: {len(po)} messages, {len(faults(po))} to translate")
    for path in filter(Path.exists, BORROWED):
        path.with_suffix(".mo").write_bytes(polib.pofile(str(path)).to_binary())
    return 0


if __name__ == "__main__":
    sys.exit(check() if "--check" in sys.argv else update())
