"""The README keeps its word: each row of its table, walked by the words it names, shows what it promises.

Bold words in the third column are pressed one after the other, digits between backticks are
typed, and the bold words of the last column then stand on the screen.
"""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import TimeoutError as TookTooLong

from lms import clock
from lms.models import Job
from tests import databases
from tests.browser.conftest import DESK, Site, Visitor, free_port, wait_until_said, wait_until_up
from website.demo import classes, register
from website.demo.accounts import ACCOUNTS, PASSWORD, totp_code
from website.demo_role import slug_of

ROOT = Path(settings.BASE_DIR)
READMES = {"README.md": "/en/", "README.vi.md": "/"}
PRESSED = re.compile(r"\*\*(.+?)\*\*|`(\d+)`")
ON_HOME = {account.username: account for account in ACCOUNTS}


@dataclass(frozen=True)
class Row:
    """One row of a table: who, what is pressed or typed, and what is then seen."""

    start: str
    login: str
    steps: tuple[str, ...]
    promised: tuple[str, ...]


def rows(name: str) -> list[Row]:
    """The rows of the table in a README that name a login."""
    found = []
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and re.fullmatch(r"`[a-z]+\.[a-z]+`", cells[1]):
            steps = tuple(words or digits for words, digits in PRESSED.findall(cells[2]))
            promised = tuple(re.findall(r"\*\*(.+?)\*\*", cells[3]))
            found.append(Row(READMES[name], cells[1].strip("`"), steps, promised))
    return found


ROWS = [row for name in READMES for row in rows(name)]


def put_off(folder: Path) -> None:
    """Let the worker leave aside the courses that no promised word needs: their lectures take a minute of both processors."""
    with databases.pointed_at(str(folder / "db.sqlite3")):
        courses = Job.objects.filter(kind="website.demo_course", state=Job.State.QUEUED)
        later = courses.exclude(key=classes.WAITING).update(run_at=clock.now() + timedelta(hours=1))
    assert later, "the rows were to be walked while the worker goes on loading"


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """The process that ``make demo`` starts, leader of a session like one of a terminal, with its log and address."""
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    env = {**os.environ, "VUONXA_DEMO": "1", "VUONXA_VAR": str(folder), "LOG_LEVEL": "ERROR"}
    env["DJANGO_SETTINGS_MODULE"] = "website.settings.base"
    for name in ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "BASE_URL"):
        env.pop(name, None)
    log, url = folder / "log.txt", f"http://127.0.0.1:{port}"
    with log.open("w") as out:
        command = [sys.executable, "manage.py", "demo", "--port", str(port)]
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            wait_until_up(f"{url}/healthz", process, log, seconds=400)
            yield process, log, url
        finally:
            process.terminate()
            process.wait(60)


@pytest.fixture(scope="module")
def demonstration(django_db_blocker, started):
    """The demonstration, its worker loading on while we look."""
    process, log, url = started
    with django_db_blocker.unblock():
        put_off(log.parent)
    wait_until_said(f"done: class {register.WAITING}", process, log, seconds=400)
    return Site(url, None, log=log)


@pytest.fixture(scope="module")
def signed_in() -> dict:
    """The cookies of who signed in already: the six digits are taken once each."""
    return {}


def test_both_tables_tell_of_the_same_people_and_each_row_of_a_path_and_a_promise():
    english, vietnamese = rows("README.md"), rows("README.vi.md")

    assert len(english) >= 12
    assert [row.login for row in english] == [row.login for row in vietnamese]
    assert all(2 <= len(row.steps) <= 4 and row.promised for row in ROWS)


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.start}{row.login}:{row.steps[-1]}")
def test_a_row_of_the_readme_leads_to_what_it_promises(demonstration, chromium, signed_in, row):
    language = "vi-VN" if row.start == "/" else "en-GB"
    context = chromium.new_context(
        viewport=DESK, locale=language, storage_state=signed_in.get((row.start, row.login))
    )
    context.set_default_timeout(20_000)
    visitor = Visitor(demonstration, context.new_page())
    if (row.start, row.login) not in signed_in:
        enter(visitor, row)
        signed_in[row.start, row.login] = context.storage_state()
    visitor.go(row.start)

    for step in row.steps:
        if step.isdigit():
            visitor.page.locator("main input.code").fill(step)
        else:
            press(visitor, step)

    for words in row.promised:
        shown = visitor.page.locator("body").get_by_text(words).locator("visible=true").first
        shown.wait_for()
    context.close()
    assert not visitor.foreign


def enter(visitor: Visitor, row: Row) -> None:
    """Sign in: by one press on the front page for readers of English, else by password and digits."""
    account = ON_HOME.get(row.login)
    if account and row.start != "/":
        visitor.go(row.start)
        visitor.page.locator(f"form[action$='/try/{slug_of(account)}/'] button").click()
        visitor.page.wait_for_load_state()
        return
    visitor.go(f"{row.start}accounts/login/")
    visitor.page.fill("#id_login", row.login)
    visitor.page.fill("#id_password", PASSWORD)
    visitor.page.keyboard.press("Enter")
    if account and account.needs_code:
        field = visitor.page.locator("input[name=code]")
        field.wait_for()
        field.fill(totp_code())
        visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(re.compile(r"/me/$"))


def press(visitor: Visitor, words: str) -> None:
    """Press what begins with *words*; what is not there yet may still be loading."""
    pattern = re.compile(rf"^\W*{re.escape(words)}")
    for _try in range(10):
        found = visitor.page.locator("a, button, summary").filter(has_text=pattern).locator("visible=true")
        try:
            found.first.click()
        except TookTooLong:
            visitor.page.reload()
        else:
            visitor.page.wait_for_load_state()
            return
    pytest.fail(f"Nothing on {visitor.page.url} begins with “{words}”.")


def of_session(leader: int) -> list[int]:
    """The processes that belong to the session of *leader* and still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _parent, _group, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(session) == leader and state != "Z":
            found.append(int(folder.name))
    return found


@pytest.mark.slow
def test_ctrl_c_ends_the_web_server_and_the_worker(started):
    """Last in this file: it ends what the others look at."""
    process, _log, url = started
    assert len(of_session(process.pid)) >= 3

    # A terminal sends it to every process of the group in front.
    os.killpg(process.pid, signal.SIGINT)

    assert process.wait(30) == 0
    assert of_session(process.pid) == []
    with closing(socket.socket()) as port:
        port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port.bind(("127.0.0.1", int(url.rpartition(":")[2])))
