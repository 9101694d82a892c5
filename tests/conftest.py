"""The cast, the places, the clock and the databases that all tests share."""

import gc
import os

import pytest
from _pytest.runner import pytest_runtest_protocol as protocol
from django.core.cache import cache
from django.db import connection
from django.utils import translation
from hypothesis import settings as hypothesis

from lms import memory
from lms.stack import unbroken
from tests import inner_loop, kept
from tests.cast import Cast
from tests.examples import FEW, IS_QUICK

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

    with django_db_blocker.unblock(), databases.fresh("session"):
        kept.emptied()
        yield


@pytest.fixture(autouse=True)
def _fresh_world():
    """Vietnamese, no rate limit and nothing remembered from another test."""
    cache.clear()
    memory.forget()
    with translation.override("vi"):
        yield
    kept.end()


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
    if IS_QUICK:
        kept = inner_loop.chosen(items, inner_loop.changed(config.rootpath))
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept


TOGETHER = {
    "browser/test_authoring.py": "author",
    "browser/test_course_moves.py": "author",
    "browser/test_lectures.py": "author",
    "browser/test_readme.py": "author",
    "browser/test_roles.py": "author",
    "browser/test_versions.py": "author",
    "browser": "browser",
    "security/test_headers.py": "matrix",
    "security/test_logs.py": "matrix",
    "security/test_looks.py": "matrix",
    "security/test_matrix.py": "matrix",
    "security/test_planted.py": "matrix",
    "security": "security",
    "website/test_demo.py": "security",
}
"""What shares a world that is dear to build, by folder or file; the largest are dealt out first."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """Run each test as pytest does, with room on the stack: else it takes a fifth longer."""
    return unbroken(protocol)(item, nextitem)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep each group of ``TOGETHER`` on one parallel worker, and deal out every other test by itself.

    The groups that xdist offers are written into node ids, which pytest 9.2 no longer lets it change.
    """
    from xdist.scheduler import LoadScopeScheduling

    class OneWorld(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            path = nodeid.partition("::")[0].removeprefix("tests/")
            return TOGETHER.get(path) or TOGETHER.get(path.partition("/")[0]) or nodeid

    return OneWorld(config, log)
