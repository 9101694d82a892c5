"""A backup taken while people work is a whole site, and a second site runs on it: the commands of docs/operate.md."""

import contextlib
import os
import sqlite3
import subprocess
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


def back_up(name: str, folder) -> str:
    """The database first, as the document says; the address of the copy."""
    if connection.vendor == "sqlite":
        copy = str(folder / "backup.sqlite3")
        with contextlib.closing(sqlite3.connect(name)) as live:
            live.execute("VACUUM INTO ?", (copy,))
        return copy
    dump = str(folder / "backup.dump")
    subprocess.run(["pg_dump", "--format", "custom", "--file", dump, os.environ["DATABASE_URL"]], check=True)
    return dump


@contextlib.contextmanager
def restored(backup: str):
    """A second site's database, put back from *backup* over what stood there."""
    if connection.vendor == "sqlite":
        with databases.pointed_at(backup):
            yield
        return
    with databases.fresh("restored") as name:
        connection.close()
        how = ["--clean", "--if-exists", "--no-owner", "--single-transaction"]
        subprocess.run(["pg_restore", *how, "--dbname", databases.url(name), backup], check=True)
        yield


@contextlib.contextmanager
def people_keep_coming():
    """Somebody writes without a pause."""
    stop = threading.Event()

    def come():
        number = 0
        while not stop.is_set():
            number += 1
            Person.objects.create(full_name=f"Nguyễn Văn Đến {number}")
        connections.close_all()

    busy = threading.Thread(target=come)
    busy.start()
    try:
        yield
    finally:
        stop.set()
        busy.join()


def keep_private_files_in(folder, settings) -> None:
    options = {"location": str(folder / "private"), "base_url": None}
    entry = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "lms_private": entry}


def test_a_backup_taken_during_use_is_restored_and_used(race_db, race_cast, tmp_path, settings):
    first, second = tmp_path / "first", tmp_path / "second"
    (first / "media").mkdir(parents=True)
    second.mkdir()
    keep_private_files_in(first, settings)
    course = programme_a(race_cast)
    assert course.issuer
    course.complete(course.enrol(race_cast.lan))
    run_due()

    with people_keep_coming():
        backup = back_up(race_db.name, tmp_path)
    files = str(tmp_path / "files.tar")
    subprocess.run(["tar", "-C", first, "-cf", files, "private", "media"], check=True)
    subprocess.run(["tar", "-C", second, "-xf", files], check=True)

    keep_private_files_in(second, settings)
    with restored(backup):
        call_command("check")
        call_command("lms_verify")
        assert Certificate.objects.get().holder.full_name == "Nguyễn Thị Lan"
        course.complete(course.enrol(race_cast.minh))
        run_due()
        assert Enrolment.objects.filter(state="completed").count() == 2
        assert [c.sequence for c in Certificate.objects.order_by("sequence")] == [1, 2]
        call_command("lms_verify")
    assert Certificate.objects.count() == 1
