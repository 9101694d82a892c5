"""Many workers, double clicks and kill -9: no gap, no duplicate, nothing unsealed after the sweep."""

import os
import random
import secrets
import signal
import time
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.db import IntegrityError

from certificates.actions import approve_batch, freeze_batch, freeze_by_person, issue_for, post_credit, seal
from certificates.actions.assessing import assess
from certificates.actions.batches import BatchRefused
from certificates.actions.issuing import write_events
from certificates.actions.readiness import NotReady
from certificates.facts import new_code
from certificates.invariants import (
    credit_follows_completions,
    every_completion_is_certified,
    facts_are_untouched,
    files_are_untouched,
    log_tells_the_state,
    numbers_have_no_gap,
)
from certificates.models import (
    Batch,
    Certificate,
    CertificateActivity,
    CreditEntry,
    LogEntry,
    NumberSeries,
)
from courses.models import Enrolment
from courses.signals import enrolment_completed
from lms import clock, media, queue
from lms.crashpoints import crashpoint
from lms.models import Job
from tests import kept
from tests.factories import cast as people
from tests.factories import certificates as make

pytestmark = pytest.mark.race

IS_WHOLE = os.environ.get("RACES") == "whole"
"""Whether the full numbers are asked for; ``make services`` does."""

CRASHPOINTS = [
    "issue.locked",
    "issue.numbered",
    "issue.written",
    "issue.enqueued",
    "issue.committed",
    "seal.drawn",
    "seal.stored",
    "seal.recorded",
    "seal.committed",
    "job.worked",
]


def sound() -> bool:
    """Whether every invariant of the register holds."""
    checks = (
        numbers_have_no_gap,
        every_completion_is_certified,
        facts_are_untouched,
        files_are_untouched,
        log_tells_the_state,
        credit_follows_completions,
    )
    return [breach for check in checks for breach in check()] == []


def completions(world, count: int) -> list[int]:
    """The ids of *count* completed enrolments of Bạch Mai."""

    def build():
        run = make.ready(world.bach_mai)
        found = []
        for number in range(count):
            person = people.person(f"Lý Văn Thứ {'ABCDEFGH'[number % 8]}", works_at=world.bac_ha)
            found.append(make.completed(person, run).pk)
        return found

    return kept.world(world, ("completions", count), build)


def test_eight_workers_on_many_completions_give_numbers_without_gap(race_db, race_cast):
    each = 50 if IS_WHOLE else 12
    count = each * 4
    ids = completions(race_cast, count)

    def work(number):
        # Two workers go for each completion in the same order: they collide, and again at the counter.
        half = number // 2 * each
        for pk in ids[half : half + each]:
            enrolment = Enrolment.objects.get(pk=pk)
            issue_for(enrolment)
            post_credit(enrolment)

    assert race_db.threads(8, work) == [None] * 8

    assert sorted(Certificate.objects.values_list("sequence", flat=True)) == list(range(1, count + 1))
    assert CertificateActivity.objects.values("origin_key").distinct().count() == count
    assert CreditEntry.objects.count() == count
    assert NumberSeries.objects.get().last == count


def issue_and_seal(ids: list[int]) -> None:
    """In a process of its own, until it is killed: complete, issue, credit and seal one after the other."""
    from django.db import transaction

    for pk in ids:
        with transaction.atomic():
            enrolment_completed.send(Enrolment, enrolment=Enrolment.objects.get(pk=pk))
        print(pk, flush=True)
        queue.run_due()


def test_workers_killed_at_any_moment_leave_no_gap_and_nothing_unsealed_after_the_sweep(race_db, race_cast):
    """Twenty-five times where ``RACES=whole`` asks for it: not at a point we thought of, but anywhere."""
    kills, chance, done = (25 if IS_WHOLE else 2), random.Random(25), 0
    ids = completions(race_cast, kills * 8)
    for _kill in range(kills):
        worker, patience = race_db.process(issue_and_seal, ids[done:]), time.monotonic() + 30
        while not done and not worker.stdout and time.monotonic() < patience:
            time.sleep(0.005)
        time.sleep(0.02 + chance.random() * 0.3)
        worker.kill()
        assert worker.returncode == -signal.SIGKILL, worker.stderr
        done += len(worker.stdout.split())
    assert done, "no worker came to anything before it was killed"

    with clock.at(clock.now() + timedelta(hours=1)):
        for pk in ids:
            enrolment_completed.send(Enrolment, enrolment=Enrolment.objects.get(pk=pk))
        queue.enqueue("lms_certificates.sweep", "after")
        queue.run_due()
        queue.run_due()
        assert sorted(Certificate.objects.values_list("sequence", flat=True)) == list(range(1, len(ids) + 1))
        assert NumberSeries.objects.get().last == len(ids)
        assert not Certificate.objects.filter(sealed_at=None).exists()
        assert sound()


def test_counting_rows_for_the_next_number_collides(race_db, race_cast):
    """The naive way, without the locked counter: it must fail, or the race above proves nothing."""
    ids = completions(race_cast, 8)
    both_have_read = Barrier(8, timeout=30)

    def work(number):
        draft = assess(Enrolment.objects.get(pk=ids[number])).draft
        following = Certificate.objects.filter(issuer=draft.issuer).count() + 1
        both_have_read.wait()
        Certificate.objects.create(
            holder=draft.holder,
            issuer=draft.issuer,
            kind=draft.kind,
            year=2026,
            sequence=following,
            number=draft.issuer.format_number(following, 2026),
            code=new_code(secrets.token_bytes(10)),
            facts=b"{}",
            facts_sha256="0" * 64,
            hours=draft.hours,
            issued_at=clock.now(),
        )

    errors = [found for found in race_db.threads(8, work) if isinstance(found, IntegrityError)]

    assert len(errors) == 7
    assert Certificate.objects.count() == 1


def test_fifty_clicks_at_once_issue_one(race_db, race_cast):
    [pk] = completions(race_cast, 1)

    found = race_db.threads(50, lambda _n: issue_for(Enrolment.objects.get(pk=pk)).number)

    assert set(found) == {Certificate.objects.get().number}


def test_workers_that_seal_at_once_write_one_event(race_db, race_cast):
    [pk] = completions(race_cast, 1)
    certificate = issue_for(Enrolment.objects.get(pk=pk))

    race_db.threads(6, lambda _n: seal(Certificate.objects.get(pk=certificate.pk)).file_sha256)

    assert certificate.log.filter(event="sealed").count() == 1
    assert sound()


def complete_and_work(pk: int) -> None:
    """In a process of its own: announce the completion and do everything that follows."""
    from django.db import transaction

    enrolment = Enrolment.objects.get(pk=pk)
    with transaction.atomic():
        enrolment_completed.send(Enrolment, enrolment=enrolment)
    queue.run_due()


@pytest.mark.parametrize("point", CRASHPOINTS)
def test_a_worker_killed_anywhere_loses_and_doubles_nothing(race_db, race_cast, point):
    [pk] = completions(race_cast, 1)

    race_db.crash_at(point, complete_and_work, pk)

    the_next_worker_makes_it_whole()


def the_next_worker_makes_it_whole():
    """The lease of the killed worker runs out; another one goes on."""
    Job.objects.filter(state=Job.State.RUNNING).update(lease_until=make.NOON)
    queue.run_due()
    certificate = Certificate.objects.get()
    assert (certificate.sequence, NumberSeries.objects.get().last) == (1, 1)
    assert certificate.sealed_at
    assert CreditEntry.objects.get().certificate == certificate
    assert sound()


def promised(pk: int) -> Enrolment:
    """A completion whose jobs wait, as the naive ways below find it."""
    enrolment = Enrolment.objects.get(pk=pk)
    enrolment_completed.send(Enrolment, enrolment=enrolment)
    return enrolment


def number_then_write(pk: int) -> None:
    """The naive way: the number is taken in one transaction, the certificate written in another."""
    draft = assess(promised(pk)).draft
    NumberSeries.objects.create(issuer=draft.issuer, kind=draft.kind, year=clock.now().year, last=1)
    crashpoint("naive.numbered")
    issue_for(Enrolment.objects.get(pk=pk))


def mark_then_store(pk: int) -> None:
    """The naive way: the register says that the file is there, then the file is stored."""
    paper = issue_for(promised(pk))
    paper.sealed_at, paper.file, paper.file_size, paper.file_sha256 = clock.now(), "a.pdf", 1, "0" * 64
    paper.save()
    write_events([paper], LogEntry.Event.SEALED, at=paper.sealed_at)
    crashpoint("naive.marked")
    media.storage().save("a.pdf", ContentFile(b"%PDF"))


def write_then_promise(pk: int) -> None:
    """The naive way: the fact is committed, the work it needs is asked for afterwards."""
    enrolment = Enrolment.objects.get(pk=pk)
    crashpoint("naive.committed")
    enrolment_completed.send(Enrolment, enrolment=enrolment)
    queue.run_due()


@pytest.mark.parametrize(
    ("point", "naive"),
    [
        ("naive.numbered", number_then_write),
        ("naive.marked", mark_then_store),
        ("naive.committed", write_then_promise),
    ],
)
def test_two_transactions_would_leave_a_gap_a_missing_file_or_nothing_at_all(
    race_db, race_cast, point, naive
):
    [pk] = completions(race_cast, 1)

    race_db.crash_at(point, naive, pk)

    with pytest.raises((AssertionError, Certificate.DoesNotExist)):
        the_next_worker_makes_it_whole()


@pytest.fixture
def batch(race_db, race_cast):
    """Two completions frozen by the office, waiting for the signer."""
    ids = completions(race_cast, 2)
    run = Enrolment.objects.get(pk=ids[0]).run
    return freeze_batch(run, by=race_cast.hang.user, enrolments=ids)


def approve(batch: int, by: int) -> None:
    """In a process of its own: the signer approves."""
    approve_batch(Batch.objects.get(pk=batch), by=get_user_model().objects.get(pk=by))


def the_whole_batch_is_issued(batch: Batch, by) -> None:
    """All or nothing was left; approving once more and the next worker make it whole."""
    assert Certificate.objects.count() in (0, 2)
    approve(batch.pk, by.pk)
    queue.run_due()
    assert [one.sequence for one in Certificate.objects.exclude(sealed_at=None).order_by("pk")] == [1, 2]
    assert NumberSeries.objects.get().last == 2
    assert sound()


@pytest.mark.parametrize("point", ["issue.written", "issue.enqueued", "batch.committed"])
def test_a_server_killed_while_a_batch_is_approved_leaves_all_or_nothing(race_db, race_cast, batch, point):
    dao = race_cast.dao.user

    race_db.crash_at(point, approve, batch.pk, dao.pk)

    the_whole_batch_is_issued(batch, dao)


def approve_one_by_one(batch: int, by: int) -> None:
    """The naive way: each certificate of a batch in a transaction of its own."""
    for key in Batch.objects.get(pk=batch).origin_keys:
        issue_for(
            Enrolment.objects.get(pk=key.removeprefix("enrolment:")),
            by=get_user_model().objects.get(pk=by),
            batch=Batch.objects.get(pk=batch),
        )
        crashpoint("naive.one")


def test_one_transaction_for_each_would_leave_half_a_batch(race_db, race_cast, batch):
    dao = race_cast.dao.user

    race_db.crash_at("naive.one", approve_one_by_one, batch.pk, dao.pk)

    with pytest.raises(AssertionError):
        the_whole_batch_is_issued(batch, dao)


def test_one_person_in_two_classes_of_one_release_gets_one_certificate(race_db, race_cast):
    first = make.ready(race_cast.bach_mai)
    second = make.run(race_cast.bach_mai)
    second.release = first.release
    second.save()
    ids = [make.completed(race_cast.lan, run).pk for run in (first, second)]

    def work(number):
        enrolment = Enrolment.objects.get(pk=ids[number % 2])
        post_credit(enrolment)
        return issue_for(enrolment).pk

    found = race_db.threads(8, work)

    assert sum(isinstance(one, NotReady) for one in found) == 4
    assert Certificate.objects.count() == CreditEntry.objects.count() == 1


def test_one_activity_in_two_batches_approved_at_once_is_certified_once(race_db, race_cast):
    runs = [make.ready(race_cast.bach_mai), make.run(race_cast.bach_mai)]
    ids = [make.completed(race_cast.lan, run).pk for run in runs]
    one = freeze_batch(runs[0], by=race_cast.hang.user, enrolments=ids)
    both = freeze_by_person(one.issuer, by=race_cast.hang.user, enrolments=ids)
    dao = race_cast.dao.user

    found = race_db.threads(4, lambda n: approve_batch([one, both][n % 2], by=dao))

    assert sum(isinstance(row, BatchRefused) for row in found) == 2
    certificate = Certificate.objects.get()
    assert certificate.activities.count() == (2 if certificate.batch == both else 1)
    assert NumberSeries.objects.get().last == 1
