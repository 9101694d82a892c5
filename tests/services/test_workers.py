"""The learner's journey with real Celery workers, and what a dead worker or an empty broker costs: nothing."""

import os

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from certificates.models import Certificate, CreditEntry
from courses.models import Enrolment
from lms import media, queue
from lms.models import Job
from tests.factories import cast as make
from tests.factories.programme import programme_a

pytestmark = pytest.mark.race


def sealed() -> int:
    return Certificate.objects.filter(sealed_at__isnull=False).count()


def finish_many(course, count: int) -> list[Enrolment]:
    """Let *count* people complete the course, each through the actions."""
    enrolments = []
    for number in range(count):
        person = make.person(f"Nguyễn Văn Số {number + 1}", works_at=course.cast.bac_ha)
        enrolments.append(course.enrol(person))
    return course.complete_all(enrolments)


def assert_register_is_whole(count: int) -> None:
    """*count* certificates, numbered without a gap, each with its file and its credit, all invariants hold."""
    rows = list(Certificate.objects.order_by("sequence"))
    assert [row.sequence for row in rows] == list(range(1, count + 1))
    assert all(media.storage().exists(row.file) for row in rows)
    assert CreditEntry.objects.filter(state="posted").count() == count
    call_command("lms_verify")


def test_these_are_the_servers_that_were_asked_for():
    assert connection.vendor == "postgresql"
    assert cache.get_or_set("who", "vuonxa") == "vuonxa"
    assert os.environ["BROKER_URL"].split(":")[0] in {"redis", "rediss", "amqp", "amqps"}


def test_who_completes_gets_the_certificate_from_a_worker(race_cast, workers):
    course = programme_a(race_cast)
    assert course.issuer
    workers.start()

    enrolment = course.complete(course.enrol(race_cast.lan))

    assert enrolment.state == Enrolment.State.COMPLETED
    workers.until(lambda: sealed() == 1, told="the certificate was not sealed")
    workers.until(lambda: CreditEntry.objects.count() == 1, told="no credit was posted")
    certificate = Certificate.objects.get()
    assert media.storage().open(certificate.file).read(5) == b"%PDF-"
    assert_register_is_whole(1)


def test_a_killed_worker_and_an_empty_broker_lose_nothing(race_cast, workers, forget_broker):
    course = programme_a(race_cast)
    assert course.issuer
    worker = workers.start()
    finish_many(course, 20)
    workers.until(lambda: sealed() >= 3, told="the first worker did nothing")

    workers.kill(worker)
    forget_broker()
    done_before = sealed()
    workers.start()

    workers.until(lambda: sealed() == 20, 180, told="work was lost")
    # A credit that the killed worker had begun to post waits until its lease is over.
    workers.until(
        lambda: CreditEntry.objects.filter(state="posted").count() == 20, 180, told="credit was lost"
    )
    assert done_before < 20
    assert_register_is_whole(20)
    assert not Job.objects.filter(state=Job.State.DEAD).exists()


def test_without_a_broker_work_waits_for_the_polling_worker(race_cast, settings):
    course = programme_a(race_cast)
    assert course.issuer
    settings.CELERY_BROKER_URL = ""

    course.complete(course.enrol(race_cast.lan))
    queue.run_due()

    assert_register_is_whole(1)
