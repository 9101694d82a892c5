"""The demonstration loaded for real: what stands when the site opens, and that a second load changes nothing."""

import hashlib
import socket
from contextlib import closing
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from certificates.credit import standing
from certificates.models import Certificate
from courses.models import Attempt, Enrolment, Presence, Release, Run, Session
from lms import clock
from lms.models import Job, Person, TeleSite
from website.demo import load, people, rooms, stories


def digests() -> dict[str, tuple[int, str]]:
    """Rows and a digest of each table."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = sorted(map(repr, cursor.fetchall()))
            found[table] = len(rows), hashlib.sha256("".join(rows).encode()).hexdigest()
    return found


def hours(username: str) -> Decimal:
    """What the credit ledger says of somebody today."""
    return standing(people.person(username), clock.today()).hours


@pytest.mark.slow
@pytest.mark.race
def test_the_demonstration_stands_and_a_second_load_changes_nothing(race_db, settings):
    settings.LMS_COURSES_ALLOW_UNREVIEWED = True
    settings.LMS_CERTIFICATES_SAMPLE = True
    said = []

    load.load("fast", out=said.append)

    assert len(said) > 5
    assert Person.objects.filter(is_fictional=True).count() >= 300
    assert not Person.objects.filter(is_fictional=False).exists()
    assert TeleSite.objects.count() == 40
    assert set(Certificate.objects.values_list("state", flat=True)) == {"issued", "superseded", "revoked"}
    assert not Certificate.objects.filter(is_sample=False).exists()
    assert Session.objects.going_on(clock.now()).filter(state="live").count() == 1
    assert Enrolment.objects.filter(state="withdrawn").count() == 1
    assert Person.objects.filter(state="provisional").count() == 1
    stuck = Enrolment.objects.get(person=people.person("hocvien.thacba"), run__code="DQ-01.K2")
    tries = Attempt.objects.filter(enrolment=stuck, lesson__purpose="posttest")
    assert [(one.passed, one.allowance) for one in tries] == [(False, 3), (False, 3)]
    # What happened in the past is dated in the past.
    assert Certificate.objects.filter(issued_at__gt=clock.now()).count() == 0
    assert Presence.objects.filter(recorded_at__gt=clock.now()).count() == 0

    before = digests()
    load.load("fast", out=said.append, again=True)

    assert {name for name, value in digests().items() if value != before[name]} == set()

    for key in rooms.past_keys(near=False):
        rooms.hold_past(key)
    assert hours("giangvien.bachmai") == Decimal(140)
    assert hours("hocvien.taphin") == Decimal("31.5")

    stories.completed("DQ-01.K1", lambda pct, note="": None)
    run = Run.objects.get(code="DQ-01.K1")
    assert run.enrolments.filter(state="completed").count() == run.enrolments.count() == 20
    assert Release.objects.filter(state="issued").count() == 2
    assert Job.objects.filter(kind="website.demo_course", state="queued").count() == 4
    call_command("lms_verify", verbosity=0)


def test_a_port_in_use_is_named_and_nothing_is_changed(settings):
    settings.DEMO = True
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(CommandError, match=f"Port {port} .* PORT="):
            call_command("demo", port=port)


def test_the_command_refuses_a_site_that_is_no_demonstration(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="never touches"):
        call_command("demo", no_serve=True)
