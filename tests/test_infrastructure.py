"""The test machinery itself: the cast, fresh databases, threads and processes."""

import os

import pytest
from django.db import connection, transaction

from lms.models import Facility, Person, Province
from tests.cast import Cast


def test_every_member_of_the_cast_can_be_made(cast):
    for name in [n for n in dir(Cast) if not n.startswith("_") and n != "client"]:
        assert getattr(cast, name).pk

    assert Person.objects.get(name_folded="dang quoc ung").user.role_assignments.count() == 1


def test_a_test_starts_with_wagtails_root_and_nobody(db):
    from wagtail.models import Page

    assert Page.objects.filter(depth=1).count() == 1
    assert not Person.objects.exists()


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
