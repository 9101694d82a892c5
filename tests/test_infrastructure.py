"""The test machinery itself: the cast, fresh databases, threads and processes."""

import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from courses.models import Course
from lms import clock, scope
from lms.models import Facility, Person, Province
from tests import browsers, kept
from tests.cast import Cast
from tests.factories.cast import role
from tests.factories.programme import programme_a
from tests.inner_loop import belongs, chosen, is_left_out


def test_every_member_of_the_cast_can_be_made(cast):
    for name in [n for n in dir(Cast) if not n.startswith("_") and n != "client"]:
        assert getattr(cast, name).pk

    assert Person.objects.get(name_folded="dang quoc ung").user.role_assignments.count() == 1


def test_a_test_starts_with_wagtails_root_and_nobody(db):
    from wagtail.models import Page

    assert Page.objects.filter(depth=1).count() == 1
    assert not Person.objects.exists()


def rows() -> dict[str, list]:
    """Everything that stands in the database."""
    found = {}
    with connection.cursor() as cursor:
        for table in [*connection.introspection.table_names(cursor), "sqlite_sequence"]:
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def in_a_test_of_its_own(build) -> tuple[dict, object]:
    """What *build* leaves in the database, and what it returned."""
    with transaction.atomic():
        kept.begin()
        made = build(Cast())
        found = rows()
        transaction.set_rollback(True)
    return found, made


def opened(cast):
    """An open class, and somebody who is not in it."""
    programme = programme_a(cast)
    assert programme.run
    assert cast.lan
    return programme


needs_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="elsewhere everything is built anew")


@needs_sqlite
def test_what_is_repeated_is_what_was_built(db):
    in_a_test_of_its_own(opened)  # what is read once in a process, such as kinds of rows, is read
    kept.emptied()
    with CaptureQueriesContext(connection) as building:
        built, one = in_a_test_of_its_own(opened)
    with CaptureQueriesContext(connection) as repeating:
        repeated, other = in_a_test_of_its_own(opened)

    assert repeated == built
    asked, again = (sum(q["sql"].startswith("SELECT") for q in one) for one in (building, repeating))
    assert asked - again > 300, "else it was built twice"
    assert other is not one
    assert vars(other).keys() == vars(one).keys()
    assert vars(other.cast).keys() == vars(one.cast).keys()
    assert other.run.release == one.release
    assert other.author is other.cast.ung


@needs_sqlite
def test_a_role_that_is_repeated_counts_at_once(db):
    def asked_before_and_after(cast):
        login = cast.lan.user
        before = scope.assignments(login)
        role(cast.lan, "org_admin", cast.bac_ha)
        return before, [one.role for one in scope.assignments(login)]

    for _ in ("built", "repeated"):
        assert in_a_test_of_its_own(asked_before_and_after)[1] == ([], ["org_admin"])


@needs_sqlite
def test_after_another_write_nothing_is_repeated(cast):
    in_a_test_of_its_own(opened)
    kept.begin()
    programme = programme_a(cast)
    Course.objects.update(min_attendance_pct=55)

    assert programme.release.policy["min_attendance_pct"] == 55


@needs_sqlite
def test_what_was_built_at_another_time_is_not_repeated(cast):
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    in_a_test_of_its_own(opened)
    kept.begin()
    with clock.at(moment):
        assert programme_a(cast).release.issued_at == moment


@needs_sqlite
def test_what_was_built_under_other_settings_is_not_repeated(db, settings):
    built = []

    @kept.repeated
    def hospital():
        built.append(settings.SITE_WORD)
        return Facility.objects.create(name=f"Bệnh viện {settings.SITE_WORD}")

    for word in ("A", "A", "B", ["A"], ["A"], object, object):
        settings.SITE_WORD = word
        with transaction.atomic():
            kept.begin()
            assert hospital().name == f"Bệnh viện {word}"
            transaction.set_rollback(True)

    # What cannot be compared by what it holds is never taken to be the same.
    assert built == ["A", "B", ["A"], object, object]


def test_a_test_that_asks_for_no_database_reaches_none():
    # What it wrote would stay, and nothing would be repeated after it.
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        Facility.objects.exists()


@pytest.mark.race
def test_threads_share_one_fresh_database(race_db):
    made = race_db.threads(6, lambda i: Province.objects.create(code=f"{i:02}", name=f"Tỉnh {i}").pk)

    assert len(set(made)) == 6
    assert Province.objects.count() == 6


def _add_facility(name):
    Facility.objects.create(name=name)


def _die_before_commit(name):
    with transaction.atomic():
        Facility.objects.create(name=name)
        os.kill(os.getpid(), 9)


@pytest.mark.race
def test_another_process_uses_the_same_database(race_db):
    ended = race_db.run_python(_add_facility, "Bệnh viện K")
    killed = race_db.run_python(_die_before_commit, "Bệnh viện E")

    assert ended.returncode == 0, ended.stderr
    assert killed.returncode == -9
    assert [f.name for f in Facility.objects.all()] == ["Bệnh viện K"]


@pytest.mark.race
def test_a_race_starts_empty_whatever_ran_before(race_db, race_cast):
    assert not Facility.objects.exists()
    assert race_cast.lan.workplace() == race_cast.bac_ha
    assert connection.settings_dict["NAME"] == race_db.name


def test_at_every_named_crash_point_a_test_lets_the_power_fail():
    point = re.compile(r'crashpoint\("([a-z_.]+)"\)')
    root = Path(settings.BASE_DIR)
    ours = [
        path for app in ("lms", "content", "courses", "certificates") for path in (root / app).rglob("*.py")
    ]
    named = {name for path in ours for name in point.findall(path.read_text(encoding="utf-8"))}
    tests = "".join(path.read_text(encoding="utf-8") for path in (root / "tests").rglob("test_*.py"))

    assert len(named) > 30
    assert {name for name in named if f'"{name}"' not in tests} == set()


@pytest.mark.parametrize(
    ("test", "is_run"),
    [
        ("tests/courses/test_room.py", True),
        ("tests/courses/test_room_offline.py", True),
        ("tests/courses/test_rooms.py", False),
        ("tests/lms/test_room.py", False),
        ("tests/lms/test_names.py", True),
    ],
)
def test_the_inner_loop_runs_the_tests_of_what_is_being_changed(test, is_run):
    assert belongs(test, {"courses/actions/room.py", "tests/lms/test_names.py"}) == is_run


@pytest.mark.parametrize(
    ("said", "is_out"),
    [
        ("pytestmark = pytest.mark.slow\n", True),
        ("pytestmark = pytest.mark.race\n", True),
        ("pytestmark = pytest.mark.django_db\n", False),
        ("@pytest.mark.slow\ndef test_one(): ...\n", False),
    ],
)
def test_the_inner_loop_does_not_read_a_file_of_which_it_runs_nothing(tmp_path, said, is_out):
    (tmp_path / "test_it.py").write_text(f"import pytest\n\n{said}")

    assert is_left_out(tmp_path / "test_it.py") == is_out


def test_the_inner_loop_runs_one_test_of_each_file_that_needs_the_database():
    class Needing:
        """A test of the database, as pytest collects it."""

        def __init__(self, number, *marks):
            self.nodeid, self.marks, self.fixturenames = f"tests/lms/test_x.py::{number}", marks, ["db"]

        def get_closest_marker(self, name):
            return name in self.marks

    slow, first, second = Needing(0, "slow"), Needing(1), Needing(2)

    assert chosen([slow, first, second], set()) == [first]
    assert chosen([slow, first, second], {"lms/x.py"}) == [first, second]


@pytest.fixture
def need(tmp_path):
    """Runs ``.ci/need`` on a machine that has only the programs given by their scripts; asked for them, what it did."""

    def run(program: str, *, on: str = "debian", python: str = "exit 1", **programs: str):
        tools, asked, system = tmp_path / "tools", tmp_path / "asked", tmp_path / "os-release"
        system.write_text(f"ID={on}\n")
        (tmp_path / ".venv/bin").mkdir(parents=True)
        tools.mkdir()
        places = {tools / name.replace("_", "-"): script for name, script in programs.items()}
        for path, script in {**places, tmp_path / ".venv/bin/python": python}.items():
            path.write_text(f'#!/bin/sh\necho "{path.name} $*" >> {asked}\n{script}\n')
            path.chmod(0o755)
        script = Path(settings.BASE_DIR, ".ci/need")
        ended = subprocess.run(
            ["/bin/sh", script, *program.split()],
            cwd=tmp_path,
            env={"PATH": str(tools), "OS_RELEASE": str(system)},
            capture_output=True,
            text=True,
            timeout=20,
        )
        done = asked.read_text().splitlines() if asked.exists() else []
        return ended, [line for line in done if not line.startswith("id ")]

    return run


ROOT, NOT_ROOT = "echo 0", "echo 1000"


@pytest.mark.parametrize("name", ["chromium", "chromium_browser", "google_chrome"])
def test_a_browser_on_the_path_is_taken_as_it_is(need, name):
    ended, done = need("chromium", id=ROOT, apt_get="exit 0", **{name: "exit 0"})

    assert ended.returncode == 0, ended.stderr
    assert done == [f"{name.replace('_', '-')} --version"]


def test_root_on_debian_gets_the_browser_by_apt(need):
    ended, done = need("chromium", on="debian", id=ROOT, apt_get="exit 0")

    assert ended.returncode == 0, ended.stderr
    assert done == [
        "apt-get -qq update",
        "apt-get -qq -y install --no-install-recommends chromium-headless-shell",
    ]


def test_ubuntus_door_to_a_snap_is_no_browser_and_root_gets_playwrights_own(need):
    ended, done = need(
        "chromium", on="ubuntu", id=ROOT, apt_get="exit 0", chromium_browser="exit 1", python="exit 0"
    )

    assert ended.returncode == 0, ended.stderr
    assert done == [
        "chromium-browser --version",
        "apt-get -qq update",
        "apt-get -qq -y install --no-install-recommends libatomic1",
        "python -m playwright install --with-deps chromium",
    ]


@pytest.mark.parametrize(("who", "apt"), [(NOT_ROOT, "exit 0"), (ROOT, "exit 100")])
def test_who_may_not_or_cannot_use_apt_gets_playwrights_own_browser(need, who, apt):
    ended, done = need("chromium", on="debian", id=who, apt_get=apt, python="exit 0")

    assert ended.returncode == 0, ended.stderr
    assert done[-1] == "python -m playwright install chromium"
    assert ("apt-get -qq update" in done) == (who == ROOT)


def test_the_browser_that_tests_start_is_one_that_runs(tmp_path, monkeypatch):
    for name, code in {"chromium-browser": 1, "google-chrome": 0}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert browsers.installed() == str(tmp_path / "google-chrome")
    (tmp_path / "google-chrome").unlink()
    assert browsers.installed() is None, "Playwright then takes its own"


def test_what_may_be_missing_is_named_and_does_not_stop_the_rest(need):
    ended, _done = need("--where-possible qpdf", id=NOT_ROOT)

    assert ended.returncode == 0
    assert "sudo apt install qpdf" in ended.stderr


@pytest.mark.parametrize(
    ("program", "command"),
    [
        ("chromium", "sudo apt install chromium"),
        ("chromium", "sudo .venv/bin/python -m playwright install --with-deps chromium"),
        ("gettext", "sudo apt install gettext"),
        ("nginx", "sudo apt install nginx"),
        ("psql:postgresql", "sudo apt install postgresql"),
    ],
)
def test_what_cannot_be_had_is_named_with_the_command_to_run(need, program, command):
    ended, _done = need(program, id=NOT_ROOT)

    assert ended.returncode == 1
    assert command in ended.stderr
