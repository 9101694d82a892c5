"""Races and crashes of durable jobs: threads and processes against one database, on SQLite and PostgreSQL."""

import os
import signal
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from lms import clock, queue
from lms.crashpoints import crashpoint
from lms.models import Job
from lms.worker import Worker
from tests.factories.lms import kind

State = Job.State
pytestmark = pytest.mark.race


def note_key(key, running):
    """Leave one row per run of the job, so that runs can be counted from outside."""
    Job.objects.create(
        kind="test.trace", key=key, run_at=clock.now(), state=State.DONE, finished_at=clock.now()
    )


def traces():
    return Job.objects.filter(kind="test.trace").count()


def claim_naively(job_id):
    """What a claim without a conditional UPDATE looks like: look, then write."""
    row = Job.objects.get(pk=job_id)
    if row.state != State.QUEUED:
        return None
    time.sleep(0.01)
    Job.objects.filter(pk=job_id).update(state=State.RUNNING, lease_token="naive")
    return row


def test_of_twelve_workers_one_gets_the_job(race_db):
    with kind("test.race"):
        for round_ in range(10):
            row = queue.enqueue("test.race", round_)
            got = race_db.threads(12, lambda number, pk=row.pk: queue.claim(pk))
            assert [type(one) for one in got if one is not None] == [queue.Running]


def test_looking_before_writing_would_give_it_to_several(race_db):
    with kind("test.race"):
        doubled = 0
        for round_ in range(10):
            row = queue.enqueue("test.race", round_)
            got = race_db.threads(12, lambda number, pk=row.pk: claim_naively(pk))
            doubled += sum(one is not None for one in got) > 1

    assert doubled > 0


def test_many_askers_make_one_waiting_job(race_db):
    with kind("test.race"):
        rows = race_db.threads(12, lambda number: queue.enqueue("test.race", "same"))

    assert len({row.pk for row in rows}) == 1


def test_eight_threads_work_off_two_hundred_jobs_each_once(race_db):
    with kind("test.race", note_key):
        for number in range(200):
            queue.enqueue("test.race", number)
        race_db.threads(8, lambda number: queue.run_due())

    assert traces() == 200
    assert set(Job.objects.filter(kind="test.race").values_list("state", "attempts")) == {(State.DONE, 1)}


def look_for_change(key, running):
    """Leave a trace that says whether this run saw the change that asked for it."""
    time.sleep(0.01)
    seen = Job.objects.filter(kind="test.change", key=key).exists()
    Job.objects.create(
        kind="test.trace",
        key=key,
        run_at=clock.now(),
        state=State.DONE,
        finished_at=clock.now(),
        note="seen" if seen else "",
    )


def ask_naively(kind, key):
    """What asking looks like without touching the waiting row: it is absorbed by a job that may start now."""
    return Job.objects.filter(kind=kind, key=key, state=State.QUEUED).first() or queue.enqueue(kind, key)


def changes_nobody_saw(race_db, ask, rounds=12) -> int:
    """Make changes that ask for work, each while a worker starts that very work; count those never seen."""
    unseen = 0
    for number in range(rounds):
        key = f"{ask.__name__}-{number}"
        queue.enqueue("test.race", key)

        def act(thread, key=key):
            if thread:
                time.sleep(0.015)
                return queue.run_due()
            with transaction.atomic():
                Job.objects.create(
                    kind="test.change", key=key, run_at=clock.now(), state=State.DONE, finished_at=clock.now()
                )
                ask("test.race", key)
                time.sleep(0.05)

        results = race_db.threads(2, act)
        assert not [result for result in results if isinstance(result, Exception)], results
        queue.run_due()
        unseen += not Job.objects.filter(kind="test.trace", key=key, note="seen").exists()
    return unseen


def test_a_change_made_while_its_job_starts_is_always_seen_by_a_run(race_db):
    with kind("test.race", look_for_change):
        assert changes_nobody_saw(race_db, queue.enqueue) == 0


def test_asking_without_touching_the_waiting_job_would_lose_changes(race_db):
    with kind("test.race", look_for_change):
        lost = changes_nobody_saw(race_db, ask_naively)

    # SQLite lets one transaction write at a time, which hides the mistake.
    assert (lost > 0) == (connection.vendor == "postgresql")


def run_one(key):
    """Top of the module, so that another process can call it."""
    with kind("test.crash", note_key, lease=1):
        queue.enqueue("test.crash", key)
        queue.run_due()


@pytest.mark.parametrize("point", ["job.claimed", "job.worked"])
def test_a_kill_at_a_crash_point_leaves_the_job_to_others(race_db, point):
    race_db.crash_at(point, run_one, "k")
    assert Job.objects.get(kind="test.crash").state == State.RUNNING

    others_do_it(times=1 if point == "job.claimed" else 2)


def others_do_it(times):
    """What the killed worker had claimed is done by the next one; the work was done *times* in all."""
    left = Job.objects.get(kind="test.crash")
    with kind("test.crash", note_key), clock.at(clock.now() + timedelta(minutes=2)):
        assert queue.run_due() == 1
    left.refresh_from_db()
    assert (left.state, left.attempts) == (State.DONE, 2)
    assert traces() == times


def finish_then_work(key):
    """The naive way: a job is taken off the list before its work is done."""
    with kind("test.crash", note_key):
        row = queue.enqueue("test.crash", key)
        Job.objects.filter(pk=row.pk).update(state=State.DONE, finished_at=clock.now())
        crashpoint("naive.finished")
        note_key(key, None)


def claim_without_a_lease(key):
    """The naive way: a claim that never runs out."""
    with kind("test.crash", note_key):
        row = queue.enqueue("test.crash", key)
        Job.objects.filter(pk=row.pk).update(state=State.RUNNING, attempts=1)
        crashpoint("naive.claimed")
        note_key(key, None)


@pytest.mark.parametrize(
    ("point", "naive"), [("naive.finished", finish_then_work), ("naive.claimed", claim_without_a_lease)]
)
def test_without_a_lease_a_kill_would_lose_the_work(race_db, point, naive):
    race_db.crash_at(point, naive, "k")

    with pytest.raises(AssertionError):
        others_do_it(times=1)
    assert traces() == 0


def sleepy(seconds):
    """A worker with one long job, told to stop while it runs."""
    import threading

    with kind("test.long", lambda key, running: time.sleep(seconds), lease=1):
        queue.enqueue("test.long")
        worker = Worker(threads=1, poll=0.05)
        signal.signal(signal.SIGTERM, lambda *args: worker.stop())
        worker.start()
        while not worker.held:
            time.sleep(0.02)
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
        given_back = worker.join(grace=0.3 if seconds > 5 else 10)
        print(given_back, flush=True)
        os._exit(0)


@pytest.mark.parametrize(
    ("seconds", "state", "given_back"), [(0.5, State.DONE, "0"), (60, State.QUEUED, "1")]
)
def test_a_worker_told_to_stop_ends_its_job_or_gives_it_back(race_db, seconds, state, given_back):
    ended = race_db.run_python(sleepy, seconds)

    assert ended.stdout.strip() == given_back, ended.stderr
    assert Job.objects.get(kind="test.long").state == state


def outlast():
    """A job three times as long as its lease, beside a second worker that would take it over."""
    with kind("test.long", lambda key, running: (time.sleep(3), note_key(key, running)), lease=1):
        queue.enqueue("test.long")
        worker = Worker(threads=2, poll=0.05)
        worker.start()
        time.sleep(4)
        worker.stop()
        worker.join(5)
        os._exit(0)


def test_a_job_longer_than_its_lease_keeps_it_while_its_process_lives(race_db):
    race_db.run_python(outlast)

    assert traces() == 1
    assert Job.objects.get(kind="test.long").attempts == 1


def work_unheard():
    """A worker whose terminal is gone: each line it writes fails."""

    def gone(line):
        raise BrokenPipeError

    with kind("test.race", note_key):
        for number in range(3):
            queue.enqueue("test.race", number)
        worker = Worker(threads=1, poll=0.05, out=gone)
        worker.start()
        patience = time.monotonic() + 10
        while traces() < 3 and time.monotonic() < patience:
            time.sleep(0.05)
        worker.stop()
        worker.join(5)
        os._exit(0)


def test_a_worker_whose_lines_nobody_takes_works_on(race_db):
    race_db.run_python(work_unheard)

    assert traces() == 3


def die_at_work():
    """A job that ends its thread, in a worker of two that nobody tells to stop."""

    def end(key, running):
        raise SystemExit

    with kind("test.race", end):
        queue.enqueue("test.race")
        worker = Worker(threads=2, poll=0.05)
        worker.start()
        print(worker.join(5), flush=True)
        os._exit(0)


def test_a_worker_that_loses_a_thread_ends_so_that_it_is_started_anew(race_db):
    ended = race_db.run_python(die_at_work, timeout=20)

    assert ended.stdout.strip() == "0", ended.stderr
