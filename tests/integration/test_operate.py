"""What an operator copies: the compose file, the units, the commands and variables that the documents name."""

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from lms import queue

ROOT = Path(settings.BASE_DIR)
INTERNAL = {"VUONXA_INSECURE_KEY"}
"""Asked for by checks and tests alone; a site that set it would have no secret."""
COPIED = ["docs/operate.md", "compose.yaml", "docs/vuonxa-web.service", "docs/vuonxa-worker.service"]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def compose() -> dict:
    return yaml.safe_load(text_of("compose.yaml"))


def described() -> set[str]:
    """The variables in the first column of the first table of docs/settings.md."""
    table = text_of("docs/settings.md").partition("## The reference site")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([A-Z][A-Z_]+)`", row)}


def test_every_variable_of_the_environment_is_described_and_no_other():
    source = text_of("website/settings/base.py")
    read = set(re.findall(r'(?:environ\.get|envbool|envlist|envsecret)\("([A-Z_]+)"', source)) - INTERNAL

    assert {name for name in described() if not name.endswith("_FILE")} == read


def test_the_compose_file_sets_only_what_is_read_and_asks_only_for_what_its_example_names():
    example = set(re.findall(r"^([A-Z_]+)=", text_of("docs/operate.env.example"), re.MULTILINE))
    asked = set(re.findall(r"\$\{([A-Z_]+):\?", text_of("compose.yaml")))

    assert set(compose()["x-app"]["environment"]) - {"DJANGO_SETTINGS_MODULE"} <= described()
    assert asked <= example
    assert example <= described() | {"POSTGRES_PASSWORD"}


def test_the_services_of_the_compose_file_find_each_other():
    services = compose()["services"]
    commands = {name: str(one.get("command", "")) for name, one in services.items()}
    environment = compose()["x-app"]["environment"]

    assert set(re.findall(r"docker compose exec (?:-T )?(\w+)", text_of("docs/operate.md"))) <= set(services)
    assert {
        re.search(r"[@/]([a-z]+):\d+/", environment[name])[1] for name in ("DATABASE_URL", "CACHE_URL")
    } == {
        "db",
        "redis",
    }
    host, port = re.search(r"server (\w+):(\d+)", text_of("docs/nginx.conf")).groups()
    assert f"--port {port}" in commands[host]
    worked = {name for one in commands.values() for name in re.findall(r"--queues (\w+)", one)}
    assert worked == {kind.queue for kind in queue.kinds().values()}


@pytest.mark.parametrize("name", COPIED)
def test_every_command_that_is_named_exists(name):
    named = set(
        re.findall(r"(?:manage\.py|`vuonxa|^vuonxa|&& vuonxa) ([a-z][a-z_]+)", text_of(name), re.MULTILINE)
    )

    assert named
    assert named <= set(get_commands())


@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_the_readme_says_things_in_the_order_in_which_a_newcomer_asks(name):
    """What it is, how it looks, how to start it, what to press, what to verify, how to take it, what is missing."""
    text = text_of(name)
    places = [
        text.index("Wagtail"),
        text.index("!["),
        text.index("make demo"),
        text.index("make test"),
        text.index("|---|---|---|---|"),
        text.index("/V/"),
        text.index("INSTALLED_APPS"),
        text.index("DICOM"),
    ]

    assert places == sorted(places)
