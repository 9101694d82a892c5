"""A backup taken while people work is a whole site, and a second site runs on it."""

import contextlib
import sqlite3
import threading

import pytest
from django.core.management import call_command
from django.db import connection, connections

from certificates.models import Certificate
from courses.models import Enrolment
from lms.models import Person
from lms.queue import run_due
from tests import databases
from tests.factories.programme import programme_a

pytestmark = pytest.mark.race


def test_a_backup_taken_during_use_is_restored_and_used(race_db, race_cast, tmp_path):
    course = programme_a(race_cast)
    assert course.issuer
    course.complete(course.enrol(race_cast.lan))
    run_due()
    if connection.vendor != "sqlite":
        # There it is pg_dump's business; what we promise is that a copied database is whole.
        connection.close()
        return call_command("lms_verify")

    # People keep coming while the backup is made, as docs/operate.md describes it.
    stop = threading.Event()

    def keep_coming():
        number = 0
        while not stop.is_set():
            number += 1
            Person.objects.create(full_name=f"Nguyễn Văn Đến {number}")
        connections.close_all()

    busy = threading.Thread(target=keep_coming)
    busy.start()
    backup = tmp_path / "backup.sqlite3"
    with (
        contextlib.closing(sqlite3.connect(race_db.name)) as live,
        contextlib.closing(sqlite3.connect(backup)) as copy,
    ):
        live.backup(copy, pages=16, sleep=0.001)
    stop.set()
    busy.join()

    with databases.pointed_at(str(backup)):
        call_command("check")
        call_command("lms_verify")
        assert Certificate.objects.get().holder.full_name == "Nguyễn Thị Lan"
        course.complete(course.enrol(race_cast.minh))
        run_due()
        assert Enrolment.objects.filter(state="completed").count() == 2
        assert [c.sequence for c in Certificate.objects.order_by("sequence")] == [1, 2]
        call_command("lms_verify")
    assert Certificate.objects.count() == 1
