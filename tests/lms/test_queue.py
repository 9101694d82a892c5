"""Durable jobs: promised once, run whatever crashes, never finished by two."""

import time
from datetime import timedelta

import pytest
from celery import current_app
from django.db import IntegrityError, transaction

from lms import clock, queue
from lms.broker import celery_settings
from lms.models import Job
from lms.worker import Worker
from tests.factories.lms import abandoned, kind, periodic

State = Job.State
pytestmark = pytest.mark.django_db


# --- asking


def test_asking_twice_while_it_waits_is_one_job():
    with kind("test.a"):
        first, second = queue.enqueue("test.a", 7), queue.enqueue("test.a", "7")

    assert first == second
    assert Job.objects.filter(kind="test.a").count() == 1


def test_other_keys_and_kinds_are_other_jobs():
    with kind("test.a"), kind("test.b"):
        made = {queue.enqueue("test.a", 1).pk, queue.enqueue("test.a", 2).pk, queue.enqueue("test.b", 1).pk}

    assert len(made) == 3


def test_the_earlier_of_two_moments_counts():
    now = clock.now()
    with kind("test.a"):
        queue.enqueue("test.a", run_at=now + timedelta(hours=2))
        queue.enqueue("test.a", run_at=now + timedelta(hours=1))
        row = queue.enqueue("test.a", run_at=now + timedelta(hours=3))

    assert row.run_at == now + timedelta(hours=1)


def test_a_running_job_does_not_absorb_a_new_request():
    with kind(
        "test.a", lambda key, running: key == "1" and len(ran) == 1 and queue.enqueue("test.a", 1)
    ) as ran:
        queue.enqueue("test.a", 1)
        queue.run_due()

    assert ran == ["1", "1"]


def test_a_change_that_is_rolled_back_takes_its_job_with_it():
    with kind("test.a"), transaction.atomic():
        queue.enqueue("test.a")
        transaction.set_rollback(True)

    assert not Job.objects.filter(kind="test.a").exists()


def test_an_unknown_kind_is_an_error_at_once():
    with pytest.raises(KeyError):
        queue.enqueue("test.nobody_declared_this")


def test_the_database_itself_refuses_a_second_waiting_job():
    with kind("test.a"):
        row = queue.enqueue("test.a", 1)

    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind="test.a", key="1", run_at=row.run_at)


# --- doing


def test_a_job_that_is_due_runs_and_says_so():
    with kind("test.a") as ran:
        row = queue.enqueue("test.a", 5)
        assert queue.run_due() == 1

    row.refresh_from_db()
    assert ran == ["5"]
    assert (row.state, row.progress, row.attempts, row.lease_token) == (State.DONE, 100, 1, "")
    assert row.finished_at is not None


def test_a_job_for_later_waits_for_its_moment():
    later = clock.now() + timedelta(hours=1)
    with kind("test.a") as ran:
        queue.enqueue("test.a", run_at=later)
        assert queue.run_due() == 0
        with clock.at(later + timedelta(seconds=1)):
            assert queue.run_due() == 1

    assert ran == [""]


def test_only_the_queues_asked_for_are_worked():
    with kind("test.a", queue="video") as ran:
        queue.enqueue("test.a")
        assert queue.run_due(queues=["default"]) == 0
        assert queue.run_due(queues=["video"]) == 1

    assert ran == [""]


def test_progress_is_shown_and_renews_the_lease():
    seen = []

    def work(key, running):
        with clock.at(clock.now() + timedelta(seconds=50)):
            running.progress(43.7, "đang nén")
            seen.append(Job.objects.get(pk=running.job.pk))
            seen.append(clock.now())

    with kind("test.a", work, lease=60):
        queue.enqueue("test.a")
        queue.run_due()

    row, then = seen
    assert (row.progress, row.note, row.state) == (43, "đang nén", State.RUNNING)
    assert row.lease_until == then + timedelta(seconds=60)


# --- failing


def fail(message="hỏng"):
    def work(key, running):
        raise RuntimeError(message)

    return work


def test_a_failure_comes_back_after_a_growing_pause():
    pauses = []
    with kind("test.a", fail(), max_attempts=4):
        row, moment = queue.enqueue("test.a"), clock.now()
        for _ in range(3):
            with clock.at(moment):
                queue.run_due()
            row.refresh_from_db()
            pauses.append((row.run_at - moment).total_seconds())
            moment = row.run_at + timedelta(seconds=1)

    assert row.state == State.QUEUED
    assert 10 <= pauses[0] <= 12
    assert 20 <= pauses[1] <= 24
    assert 40 <= pauses[2] <= 48
    assert "RuntimeError: hỏng" in row.error


def test_after_its_last_try_a_job_is_dead_and_stays_so():
    with kind("test.a", fail(), max_attempts=2) as ran:
        row, moment = queue.enqueue("test.a"), clock.now()
        for _ in range(5):
            moment += timedelta(hours=2)
            with clock.at(moment):
                queue.run_due()

    row.refresh_from_db()
    assert len(ran) == 2
    assert row.state == State.DEAD
    assert row.finished_at is not None


def test_giving_up_ends_it_at_the_first_try():
    def work(key, running):
        raise queue.GiveUp("not a video")

    with kind("test.a", work):
        row = queue.enqueue("test.a")
        queue.run_due()

    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.DEAD, 1)
    assert "not a video" in row.error


def test_a_job_may_name_the_moment_of_its_next_try():
    def work(key, running):
        raise queue.Retry("the disk is full", after=600)

    moment = clock.now() + timedelta(seconds=1)
    with kind("test.a", work):
        row = queue.enqueue("test.a")
        with clock.at(moment):
            queue.run_due()

    row.refresh_from_db()
    assert row.run_at == moment + timedelta(seconds=600)


def test_a_dead_job_can_be_run_again_with_fresh_tries():
    with kind("test.a", fail(), max_attempts=1):
        dead = queue.enqueue("test.a", 3)
        queue.run_due()
        dead.refresh_from_db()
        again = queue.run_again(dead)

    assert (again.state, again.attempts, again.key) == (State.QUEUED, 0, "3")
    assert not Job.objects.filter(state=State.DEAD).exists()


def test_a_failure_gives_way_to_a_newer_request_for_the_same_work():
    def work(key, running):
        if len(ran) == 1:
            queue.enqueue("test.a", key)
            raise RuntimeError

    with kind("test.a", work) as ran:
        queue.enqueue("test.a", 1)
        queue.run_due()

    assert ran == ["1", "1"]
    assert set(Job.objects.filter(kind="test.a").values_list("state", flat=True)) == {State.DONE}


def test_an_error_in_one_job_leaves_the_next_alone():
    with kind("test.a", fail()), kind("test.b") as ran:
        queue.enqueue("test.a")
        queue.enqueue("test.b")
        assert queue.run_due() == 2

    assert ran == [""]


# --- leases


def test_a_job_whose_worker_died_is_taken_over():
    with kind("test.a") as ran:
        row = abandoned("test.a", "9")
        assert queue.run_due() == 1

    row.refresh_from_db()
    assert ran == ["9"]
    assert (row.state, row.attempts) == (State.DONE, 2)


def test_a_job_under_a_live_lease_is_left_alone():
    with kind("test.a") as ran:
        abandoned("test.a", minutes=-1)
        assert queue.run_due() == 0

    assert ran == []


def test_a_job_that_kills_its_worker_each_time_dies_itself():
    with kind("test.a", max_attempts=3) as ran:
        row = abandoned("test.a", attempts=3)
        queue.run_due(limit=1)

    row.refresh_from_db()
    assert ran == []
    assert row.state == State.DEAD


def test_who_lost_the_lease_cannot_finish():
    def work(key, running):
        Job.objects.filter(pk=running.job.pk).update(lease_token="somebody else's")

    with kind("test.a", work):
        row = queue.enqueue("test.a")
        queue.run_due(limit=1)

    row.refresh_from_db()
    assert (row.state, row.lease_token) == (State.RUNNING, "somebody else's")


def test_who_lost_the_lease_is_stopped_when_he_reports_progress():
    after = []

    def work(key, running):
        Job.objects.filter(pk=running.job.pk).update(lease_token="somebody else's")
        running.progress(50)
        after.append("went on")

    with kind("test.a", work):
        queue.enqueue("test.a")
        queue.run_due(limit=1)

    assert after == []


def test_a_stopping_process_gives_its_job_back_uncounted():
    with kind("test.a"):
        row = queue.enqueue("test.a")
        held = queue.claim(row.pk)
        assert queue.release(held)

    row.refresh_from_db()
    assert (row.state, row.attempts, row.lease_token) == (State.QUEUED, 0, "")


def test_one_key_does_not_run_twice_at_a_time():
    with kind("test.a") as ran:
        abandoned("test.a", "1", minutes=-1)
        queue.enqueue("test.a", "1")
        queue.enqueue("test.a", "2")
        queue.run_due()

    assert ran == ["2"]


def test_a_hint_for_a_waiting_job_starts_nothing_while_its_twin_runs():
    with kind("test.a") as ran:
        abandoned("test.a", "1", minutes=-1)
        row = queue.enqueue("test.a", "1")

        assert not queue.run(row.pk)
        with clock.at(clock.now() + timedelta(minutes=2)):
            assert queue.run(row.pk)

    assert ran == ["1"]


# --- periodic work


def test_a_periodic_kind_runs_once_in_each_span():
    with periodic("test.hourly", every=timedelta(hours=1)) as ran:
        start = clock.now().replace(minute=5, second=0, microsecond=0)
        for minutes in (0, 10, 20, 60, 61):
            with clock.at(start + timedelta(minutes=minutes)):
                queue.tick()
                queue.run_due()

    assert len(ran) == 2


def test_a_long_silence_is_not_made_up_for_in_a_burst():
    with periodic("test.hourly", every=timedelta(hours=1)):
        start = clock.now()
        for hours in range(5):
            with clock.at(start + timedelta(hours=hours)):
                queue.tick()

    assert Job.objects.filter(kind="test.hourly").count() == 1


def test_old_finished_jobs_are_forgotten_but_not_dead_ones():
    long_ago = clock.now() - timedelta(days=99)
    for key, state in (("a", State.DONE), ("b", State.DEAD)):
        Job.objects.create(kind="test.a", key=key, run_at=long_ago, state=state, finished_at=long_ago)
    Job.objects.create(kind="test.a", key="c", run_at=long_ago, state=State.DONE, finished_at=clock.now())

    assert queue.clean() == 1
    assert set(Job.objects.values_list("key", flat=True)) == {"b", "c"}


def test_the_health_of_the_queue_tells_a_missing_worker():
    with kind("test.a"):
        queue.enqueue("test.a", run_at=clock.now() - timedelta(minutes=10))
        health = queue.health()

    assert health.waiting == 1
    assert health.is_stuck


def test_a_worker_run_once_does_what_is_due_and_what_follows():
    with kind("test.b") as after, kind("test.a", lambda key, running: queue.enqueue("test.b", key)):
        queue.enqueue("test.a", 1)
        assert Worker(threads=1).run_once() >= 2

    assert after == ["1"]


# --- the broker


def test_a_dead_broker_is_asked_once_in_a_while_and_costs_no_job(
    settings, django_capture_on_commit_callbacks, monkeypatch
):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    options = celery_settings(settings.CELERY_BROKER_URL)
    monkeypatch.setattr(queue, "_broker_rests_until", 0.0)
    before = {name: current_app.conf[name] for name in ("broker_url", "broker_transport_options")}
    current_app.conf.update(
        broker_url=settings.CELERY_BROKER_URL,
        broker_transport_options=options["CELERY_BROKER_TRANSPORT_OPTIONS"],
        broker_connection_timeout=2,
    )
    try:
        with kind("test.a") as ran:
            with django_capture_on_commit_callbacks(execute=False) as hints:
                for number in range(20):
                    queue.enqueue("test.a", number)
            started = time.monotonic()
            hints[0]()
            first = time.monotonic() - started
            assert queue._broker_rests_until > time.monotonic()
            for hint in hints[1:]:
                hint()
            queue.run_due()
    finally:
        current_app.conf.update(before)

    # Two seconds at most, and room for a machine that is busy with other tests.
    assert first < 6
    assert len(ran) == 20
