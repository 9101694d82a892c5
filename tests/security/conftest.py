"""One world for all these tests, in a database of its own; every request in it is rolled back."""

import pytest


@pytest.fixture(scope="package")
def world(django_db_setup, django_db_blocker):
    """Two hospitals, two sites, everybody."""
    from django.utils import translation

    from tests import databases
    from tests.security.world import World

    with django_db_blocker.unblock(), databases.fresh("security"), translation.override("vi"):
        yield World()


@pytest.fixture(scope="package")
def clients():
    """A signed-in client per role, made on first use."""
    return {}
