"""One world for all these tests, in a database of its own; every request in it is rolled back."""

import pytest


@pytest.fixture(scope="package")
def world(django_db_setup, django_db_blocker):
    """Two hospitals, two sites, everybody; what is the same for all is remembered as on a site that runs."""
    from django.template.base import Template
    from django.test import override_settings
    from django.utils import translation

    from tests import databases
    from tests.security.asking import patched
    from tests.security.world import World

    def render(template, context):
        """What Django does outside of tests: nobody here reads the notes that its test client takes of each template."""
        return template.nodelist.render(context)

    with (
        django_db_blocker.unblock(),
        databases.fresh("security"),
        translation.override("vi"),
        patched(Template, "_render", render),
    ):
        made = World()
        with override_settings(LMS_REMEMBER_SECONDS=30):
            yield made


@pytest.fixture(scope="package")
def asking():
    """The notes of which rows ask which checks."""
    from tests.security.addresses import walk
    from tests.security.asking import Asked

    # Every view is imported now: one imported while a check is being noted would keep the note for ever.
    assert list(walk())
    return Asked()


@pytest.fixture(scope="package")
def lines():
    """The lines that the log of the site holds after the walk, as they are written."""
    import logging

    from django.conf import settings

    from lms.logs import Discreet

    found: list[str] = []
    line = settings.LOGGING["formatters"]["line"]

    class Kept(logging.Handler):
        def emit(self, record):
            found.append(self.format(record))

    kept = Kept()
    kept.setFormatter(Discreet(line["format"], style=line["style"]))
    logging.getLogger().addHandler(kept)
    yield found
    logging.getLogger().removeHandler(kept)


def _knocking(world, asking, method):
    from functools import cache

    from django.core.cache import cache as django_cache

    from lms import memory
    from tests.security.doors import knock
    from tests.security.matrix import MATRIX

    @cache
    def knocked(name):
        # A test that asks at every door would use up what one caller may ask in a minute.
        django_cache.clear()
        memory.forget()
        with asking.by(name, method) as note:
            return knock(world, name, MATRIX[name].arguments, method, note=note)

    return knocked


@pytest.fixture(scope="package")
def looked(world, asking, lines):
    """What every role got by GET at an address of the matrix; asked once, read by several tests."""
    return _knocking(world, asking, "get")


@pytest.fixture(scope="package")
def acted(world, asking, lines):
    """The same by POST, without data."""
    return _knocking(world, asking, "post")


@pytest.fixture(scope="package")
def looked_at_wagtail(world):
    """What every role that has a column got by GET at a door of Wagtail's; asked once, read by several tests."""
    from functools import cache

    from tests.security.doors import knock
    from tests.security.wagtail_matrix import COLUMNS

    return cache(lambda door: knock(world, door.name, door.arguments, "get", COLUMNS))


@pytest.fixture(scope="package")
def shown(world, looked, looked_at_wagtail):
    """What was shown on these walks, by role and address: {role: {address: Answer}}."""
    from collections import defaultdict

    from tests.security.doors import SHOWN, address_of
    from tests.security.matrix import MATRIX
    from tests.security.wagtail_matrix import DOORS

    found = defaultdict(dict)
    walked = [(name, row.arguments, looked(name)) for name, row in MATRIX.items()]
    walked += [(door.name, door.arguments, looked_at_wagtail(door)) for door in DOORS]
    for name, arguments, answers in walked:
        address = address_of(world, name, arguments)
        for role, answer in answers.items():
            if answer.letter in SHOWN:
                found[role][address] = answer
    return found


@pytest.fixture(scope="package")
def asked(looked, acted, asking):
    """The notes, once every row has been walked."""
    from tests.security.matrix import MATRIX

    for name in MATRIX:
        looked(name)
        acted(name)
    return asking
