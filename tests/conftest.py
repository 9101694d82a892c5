"""The cast, the places, the clock and the databases that all tests share."""

import gc
import os
from contextlib import ExitStack

import pytest
from _pytest.runner import pytest_runtest_protocol as protocol
from django.core.cache import cache
from django.db import connection
from django.utils import translation
from hypothesis import settings as hypothesis

from lms import memory
from tests import inner_loop, kept
from tests.cast import Cast
from tests.examples import FEW, IS_QUICK
from tests.stack import unbroken

# A busy machine is no counter-example; the same examples each time keep a red suite reproducible.
hypothesis.register_profile("full", deadline=None, derandomize=True)
hypothesis.register_profile("quick", deadline=None, derandomize=True, max_examples=FEW)
hypothesis.load_profile("quick" if IS_QUICK else "full")

# What is imported by now stays; looking for garbage in it again and again costs a tenth of the suite.
gc.freeze()
gc.set_threshold(100_000, 50, 50)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """The session's database: a copy of the migrated template, so that it is never stale nor emptied."""
    from tests import databases

    with ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(databases.fresh("session"))
            kept.emptied()
        # Only who asks for ``db`` reaches it, and leaves nothing in it.
        yield
        with django_db_blocker.unblock():
            stack.close()


@pytest.fixture(autouse=True)
def _fresh_world():
    """Vietnamese, no rate limit and nothing remembered from another test."""
    cache.clear()
    memory.forget()
    with translation.override("vi"):
        yield
    kept.end()


@pytest.fixture
def unwritable(settings, tmp_path):
    """The private folder takes no file: a file stands in its place, so that not even root writes there."""
    place = tmp_path / "private"
    place.write_bytes(b"")
    entry = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(place), "base_url": None},
    }
    settings.STORAGES = {**settings.STORAGES, "lms_private": entry}


@pytest.fixture
def cast(db):
    """People and places that are made when a test first names them."""
    kept.begin()
    return Cast()


@pytest.fixture
def race_db(django_db_setup, django_db_blocker):
    """A database of its own for threads and other processes; see ``tests.races.RaceDatabase``."""
    from tests import databases
    from tests.races import RaceDatabase

    with django_db_blocker.unblock(), databases.fresh("race") as name:
        yield RaceDatabase(name)


@pytest.fixture
def race_cast(race_db):
    """The cast in the database of a race."""
    return Cast()


def pytest_configure(config):
    """Let Playwright's loop and Django's ORM live in one thread (only tests do that)."""
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def pytest_ignore_collect(collection_path):
    """In ``make quick`` pass over files of which nothing is run: to collect the matrix takes seconds."""
    return True if IS_QUICK and inner_loop.is_left_out(collection_path) else None


def pytest_collection_modifyitems(config, items):
    """Mark what drives a browser and what needs a database; in ``make quick`` leave only what the inner loop runs."""
    for item in items:
        if item.nodeid.startswith("tests/browser/"):
            item.add_marker(pytest.mark.browser)
        if inner_loop.needs_database(item):
            item.add_marker(pytest.mark.database)
    if connection.vendor == "sqlite":
        # To pass there without having run would say what is not so.
        elsewhere = [item for item in items if item.get_closest_marker("postgresql")]
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]
    if os.environ.get("PYTEST_XDIST_WORKER"):
        items.sort(key=_turn)
    if IS_QUICK:
        kept = inner_loop.chosen(items, inner_loop.changed(config.rootpath))
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept


TOGETHER = {
    "security": "security",
    "browser/test_story.py": "browser",
    "browser/test_authoring.py": "author",
    "browser/test_course_moves.py": "author",
    "browser/test_lectures.py": "author",
    "browser/test_readme.py": "author",
    "browser/test_roles.py": "author",
    "browser/test_versions.py": "author",
    "browser": "browser",
}
"""Files and folders that share a world that is dear to build."""

LONG = (
    "website/test_demo.py",
    "courses/test_archives.py",
    "content/test_videos.py",
    "lms/test_import.py",
    "website/test_limits.py",
    "certificates/test_api.py",
    "courses/test_waiting_list_machine.py",
    "lms/test_merging.py",
    "courses/test_editor_queries.py",
    "content/test_slideshow.py",
    "courses/test_page_life.py",
    "integration/test_growth.py",
)
"""Files that take long: begun last, one of them would go on alone while the other workers have nothing to do."""


def _worked_off_with(nodeid: str) -> str:
    """What a test is run together with, on one parallel worker: a group, or else its file."""
    path = nodeid.partition("::")[0].removeprefix("tests/")
    return TOGETHER.get(path) or TOGETHER.get(path.partition("/")[0]) or path


def _turn(item) -> int:
    """Where the group or file of a test stands in the line: groups, then what takes long, then all others."""
    order = [*dict.fromkeys(TOGETHER.values()), *LONG]
    group = _worked_off_with(item.nodeid)
    return order.index(group) if group in order else len(order)


def pytest_collection_finish(session):
    """The tests themselves stay, too."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """Run each test as pytest does, with room on the stack: else the walk through all addresses takes a fourth longer."""
    return unbroken(protocol)(item, nextitem)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep what shares a world, and the tests of one file, which build alike, on one parallel worker.

    The groups that xdist offers are written into node ids, which pytest 9.2 no longer lets it change.
    """
    from xdist.scheduler import LoadScopeScheduling

    class OneWorld(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return _worked_off_with(nodeid)

    return OneWorld(config, log)
