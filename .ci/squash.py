"""Write anew the migration of each app that gives a new site all its tables at once (decision 27).

Run it after migrations were added. It replaces ``all_squashed_…`` of the four apps by one that contains them;
``tests/integration/test_migrations.py`` compares both ways.
"""

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "website.settings.base")
os.environ.setdefault("VUONXA_INSECURE_KEY", "1")

import django  # noqa: E402

django.setup()

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import migrations  # noqa: E402
from django.db.migrations.loader import MigrationLoader  # noqa: E402
from django.db.migrations.operations import CreateModel  # noqa: E402
from django.db.migrations.writer import MigrationWriter  # noqa: E402

from lms.tables import SHORT_CUT, CreateTables, StepByStep  # noqa: E402

LABELS = ("lms", "lms_content", "lms_courses", "lms_certificates")
SAYS = (
    "# All tables of a new site at once; a site that has some of the migrations replaced here goes through the"
    " rest of them.\n"
)
GUARDS = """

def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection)


class Migration"""
NO_PAGES = """
    # A host with its own base page defines its own classes from the mixins: no pages, which come last.
    if swapper.is_swapped("wagtailcore", "Page"):
        operations = operations[:1]
"""


def steps_of(loader: MigrationLoader, label: str) -> list[tuple[str, str]]:
    """The numbered migrations of an app, in order."""
    return sorted(key for key in loader.disk_migrations if key[0] == label and key[1][0].isdigit())


def needs_of(loader: MigrationLoader, steps) -> list:
    """The newest step of each other app that one of *steps* rests on."""
    newest: dict[str, str] = {}
    for app, name in {tuple(need) for step in steps for need in loader.disk_migrations[step].dependencies}:
        if app != steps[0][0] and not name.startswith("__"):
            newest[app] = max(newest.get(app, ""), name)
    return sorted(newest.items())


def tables_of(state, label: str) -> list[CreateTables]:
    """Records first, pages in a step of their own; each after the one it is built on."""
    models = {key: model for key, model in state.models.items() if key[0] == label}
    ordered: dict = {}

    def add(key):
        for base in models[key].bases:
            above = tuple(base.lower().split(".")) if isinstance(base, str) else None
            if above in models and above not in ordered:
                add(above)
        ordered.setdefault(key, models[key])

    for key in models:
        add(key)
    made: dict[bool, list[CreateModel]] = {False: [], True: []}
    for model in ordered.values():
        options = {
            name: value
            for name, value in model.options.items()
            if value or name not in ("indexes", "constraints")
        }
        step = CreateModel(model.name, list(model.fields.items()), options, model.bases, model.managers)
        made["wagtailcore.page" in model.bases].append(step)
    return [CreateTables(models=steps) for steps in made.values() if steps]


def text_of(label: str, name: str, steps, needs, tables) -> str:
    """The file, with what each app needs besides its tables."""
    values = {"initial": True, "replaces": steps, "dependencies": needs, "operations": tables}
    text = MigrationWriter(type("Migration", (migrations.Migration,), values)(name, label)).as_string()
    text = re.sub(r"^# Generated.*\n", SAYS, text)
    text = text.replace("import lms.tables\n", "").replace("lms.tables.CreateTables(", "CreateTables(")
    usual = "from django.db import migrations, models\n"
    text = text.replace(usual, f"{usual}from lms.tables import CreateTables\n")
    lines = "".join(f"        {step!r},\n" for step in steps)
    text = re.sub(r"    replaces = .*\n", lambda _found: f"    replaces = [\n{lines}    ]\n", text)
    user = "        migrations.swappable_dependency(settings.AUTH_USER_MODEL),\n"
    text = re.sub(
        r"(    dependencies = \[\n(?:        \(.*\n)*|    dependencies = \[)", _ending(user), text, count=1
    )
    if label == "lms_certificates":
        text = text.replace("from django.conf", "from certificates import guards\nfrom django.conf", 1)
        text = text.replace("\n\nclass Migration", GUARDS, 1)
        text = (
            text.rstrip().removesuffix("]").rstrip()
            + "\n        migrations.RunPython(install, remove),\n    ]\n"
        )
    if label == "lms_courses":
        text = text.replace("import uuid\n", "import swapper\nimport uuid\n", 1).rstrip() + "\n" + NO_PAGES
    return text


def _ending(line: str):
    """Put *line* at the end of a list of dependencies, also an empty one."""

    def put(found):
        return found[0] + (line if found[0].endswith("\n") else f"\n{line}    ")

    return put


def main() -> None:
    """Write the four files, and tell the website's, which comes before them, the name of the first."""
    assert settings.AUTH_USER_MODEL  # the site's own login stands for that of any host
    loader = StepByStep(None)
    state = loader.project_state()
    for label in LABELS:
        steps = steps_of(loader, label)
        name = SHORT_CUT + steps[-1][1]
        folder = Path(apps.get_app_config(label).path, "migrations")
        text = text_of(label, name, steps, needs_of(loader, steps), tables_of(state, label))
        for old in folder.glob(f"{SHORT_CUT}*.py"):
            if label == "lms":
                _rename_in_website(old.stem, name)
            old.unlink()
        # A new migration names what was the last; that file is about to go.
        for numbered in (path for other in LABELS for path in _numbered(other)):
            _replace(numbered, SHORT_CUT, "")
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        print(f"{label}: {len(steps)} migrations in {name}")


def _rename_in_website(old: str, new: str) -> None:
    for path in (ROOT / "website" / "migrations").glob(f"{SHORT_CUT}*.py"):
        _replace(path, old, new)


def _numbered(label: str) -> list[Path]:
    return sorted(Path(apps.get_app_config(label).path, "migrations").glob("0*.py"))


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    if old in text:
        path.write_text(text.replace(old, new), encoding="utf-8")


if __name__ == "__main__":
    main()
