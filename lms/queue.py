"""Durable work: a row written with the change that needs it, held by a lease, safe to run twice."""

import logging
import secrets
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.db.models.functions import Least

from lms import clock
from lms.conf import conf
from lms.crashpoints import crashpoint
from lms.logs import hidden
from lms.models import Job

log = logging.getLogger("lms.queue")

LONGEST_PAUSE = 3600
_PROGRESS_EVERY = 0.5


class Retry(Exception):
    """Raised by a job that wants another try, after *after* seconds or the usual pause."""

    def __init__(self, message: str = "", *, after: float | None = None):
        super().__init__(message)
        self.after = after


class GiveUp(Exception):
    """Raised by a job that can never succeed: it fails for good at once."""


class LeaseLost(Exception):
    """Raised where a job reports progress after another worker has taken it over."""


@dataclass(frozen=True)
class Kind:
    """A declared kind of work. ``lease`` is in seconds; ``every`` marks a periodic kind."""

    name: str
    run: Callable[[str, "Running"], None]
    queue: str = "default"
    lease: int = 60
    max_attempts: int = 8
    every: timedelta | None = None


_KINDS: dict[str, Kind] = {}


def job(name: str, *, queue: str = "default", lease: int = 60, max_attempts: int = 8):
    """Declare ``f(key, running)`` as the work of kind *name*; the name is a contract kept across releases."""

    def declare(function):
        _KINDS[name] = Kind(name, function, queue, lease, max_attempts)
        return function

    return declare


def periodic(name: str, *, every: timedelta, queue: str = "default", lease: int = 60, max_attempts: int = 3):
    """Declare ``f(key, running)`` as work to be done once in each span of *every*; the key names the span."""

    def declare(function):
        _KINDS[name] = Kind(name, function, queue, lease, max_attempts, every)
        return function

    return declare


def kinds() -> dict[str, Kind]:
    """Return the declared kinds by name."""
    return dict(_KINDS)


# --- asking ----------------------------------------------------------------------------------------


def enqueue(kind: str, key: object = "", *, run_at: datetime | None = None) -> Job:
    """Promise that *kind* will run for *key*; call it inside the transaction of the change.

    Idempotent while such a job waits: the waiting one is returned, moved forward to *run_at* if
    that is earlier. A running job does not absorb a new request, because it may have read the
    world before this change.
    """
    declared = _KINDS[kind]
    key, run_at = str(key), run_at or clock.now()
    for _ in range(10):
        waiting = Job.objects.filter(kind=kind, key=key, state=Job.State.QUEUED)
        # An UPDATE, not a SELECT: its row lock keeps a worker from starting the waiting job
        # before this transaction has committed what the job must see.
        if waiting.update(run_at=Least(F("run_at"), run_at)) and (row := waiting.first()):
            break
        try:
            with transaction.atomic():
                row = Job.objects.create(kind=kind, key=key, run_at=run_at, queue=declared.queue)
            break
        except IntegrityError:
            continue
    else:
        raise RuntimeError(f"Could not queue {kind} {key}.")
    if conf.BROKER_URL:
        transaction.on_commit(lambda: _send_hint(row.pk, row.queue))
    return row


def enqueue_all(kind: str, keys: Iterable[object]) -> None:
    """Promise that *kind* will run for each of *keys*, as :func:`enqueue` does for one.

    For keys made in the same transaction: a waiting job for one of them is left as it is.
    """
    declared, now = _KINDS[kind], clock.now()
    wanted = [str(key) for key in keys]
    Job.objects.bulk_create(
        (Job(kind=kind, key=key, run_at=now, queue=declared.queue) for key in wanted), ignore_conflicts=True
    )
    if conf.BROKER_URL:
        rows = Job.objects.filter(kind=kind, key__in=wanted, state=Job.State.QUEUED)
        for pk in rows.values_list("pk", flat=True):
            transaction.on_commit(partial(_send_hint, pk, declared.queue))


_broker_rests_until = 0.0


def _send_hint(job_id: int, queue: str) -> bool:
    """Wake a Celery worker. A lost hint costs time, never work: the sweep sends it again."""
    global _broker_rests_until
    if time.monotonic() < _broker_rests_until:
        return False
    from celery import current_app

    try:
        current_app.send_task("lms.run_job", (job_id,), queue=queue, retry=False, ignore_result=True)
    except Exception as error:  # noqa: BLE001 - whatever the broker's client raises, the row is safe
        _broker_rests_until = time.monotonic() + 10
        log.warning("The broker took no hint for job %s (%s); the sweep will send it.", job_id, error)
        return False
    return True


def tick() -> int:
    """Enqueue each periodic kind whose present span has no job yet; return how many."""
    now, made = clock.now(), 0
    for kind in _KINDS.values():
        if kind.every is None:
            continue
        seconds = int(kind.every.total_seconds())
        span = str(int(now.timestamp()) // seconds * seconds)
        busy = Q(state__in=[Job.State.QUEUED, Job.State.RUNNING]) | Q(key=span)
        if not Job.objects.filter(busy, kind=kind.name).exists():
            enqueue(kind.name, span)
            made += 1
    return made


def resend_hints(limit: int = 1000) -> int:
    """Send a hint for every job that is due; return how many were sent."""
    rows = due().values_list("pk", "queue")[:limit]
    return sum(_send_hint(pk, queue) for pk, queue in rows)


# --- doing -----------------------------------------------------------------------------------------


def due(queues: Iterable[str] | None = None):
    """Return the jobs a worker may start now, oldest first."""
    found = _startable(clock.now()).filter(kind__in=list(_KINDS))
    if queues is not None:
        found = found.filter(queue__in=list(queues))
    return found.order_by("run_at", "pk")


def _startable(now: datetime):
    """The jobs that wait and are due, and those whose worker died.

    One (kind, key) is not started while another of it runs: not for safety, only to spare work.
    """
    waits = Q(state=Job.State.QUEUED, run_at__lte=now) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    twin = Job.objects.filter(
        kind=OuterRef("kind"), key=OuterRef("key"), state=Job.State.RUNNING, lease_until__gte=now
    ).exclude(pk=OuterRef("pk"))
    return Job.objects.filter(waits, ~Exists(twin))


@dataclass
class Running:
    """A job held by this process under a lease."""

    job: Job
    kind: Kind
    token: str
    _wrote_at: float = field(default=0.0, repr=False)

    def progress(self, pct: float, note: str = "") -> None:
        """Show how far the work is and renew the lease; raise LeaseLost where it was taken over.

        Cheap to call often: between two writes at least half a second passes.
        """
        if time.monotonic() - self._wrote_at < _PROGRESS_EVERY and pct < 100:
            return
        self._wrote_at = time.monotonic()
        self.job.progress, self.job.note = max(0, min(100, int(pct))), str(note)[:200]
        self.renew(progress=self.job.progress, note=self.job.note)

    def renew(self, **fields) -> None:
        """Lengthen the lease by its full span from now."""
        until = clock.now() + timedelta(seconds=self.kind.lease)
        if not self._mine().update(lease_until=until, **fields):
            raise LeaseLost(f"Job {self.job.pk} was taken over.")

    def _mine(self):
        # Finishing compares the token, so that a worker that slept through its lease changes nothing.
        return Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING, lease_token=self.token)


def claim(job_id: int) -> Running | None:
    """Take the job for this process by one conditional UPDATE; None where it is not to be had.

    A job whose worker died at its last allowed try fails for good here.
    """
    row = Job.objects.filter(pk=job_id).first()
    if row is None or row.kind not in _KINDS:
        return None
    kind, now, token = _KINDS[row.kind], clock.now(), secrets.token_hex(16)
    startable = _startable(now).filter(pk=job_id)
    if row.state == Job.State.RUNNING and row.attempts >= kind.max_attempts:
        startable.filter(attempts__gte=kind.max_attempts).update(
            state=Job.State.DEAD,
            finished_at=now,
            lease_until=None,
            lease_token="",
            error=(row.error + "\nThe worker died while it ran this.").strip(),
        )
        return None
    taken = startable.update(
        state=Job.State.RUNNING,
        lease_until=now + timedelta(seconds=kind.lease),
        lease_token=token,
        attempts=F("attempts") + 1,
        progress=0,
        note="",
    )
    if not taken:
        return None
    row.refresh_from_db()
    crashpoint("job.claimed")
    return Running(row, kind, token)


def run(job_id: int, *, keep_lease: bool = False) -> bool:
    """Claim and run one job; return whether it was ours to run, not whether it succeeded."""
    running = claim(job_id)
    if running is not None:
        execute(running, keep_lease=keep_lease)
    return running is not None


def execute(running: Running, *, keep_lease: bool = False) -> bool:
    """Run a claimed job and write down how it ended; return whether it succeeded.

    With *keep_lease* a thread renews the lease meanwhile, so that the lease says "this process
    lives" and may be shorter than the work.
    """
    try:
        with _kept(running) if keep_lease else nullcontext():
            running.kind.run(running.job.key, running)
    except LeaseLost as lost:
        log.warning("%s", lost)
        return False
    except Exception as error:  # noqa: BLE001 - a job may fail in any way; its row says how
        _fail(running, error)
        return False
    crashpoint("job.worked")
    finished = running._mine().update(
        state=Job.State.DONE,
        progress=100,
        finished_at=clock.now(),
        lease_until=None,
        lease_token="",
        error="",
    )
    if not finished:
        log.warning("%s was finished by another worker.", running.job)
    return bool(finished)


def release(running: Running) -> bool:
    """Give a job back unfinished, at once and without counting the try: its process is stopping."""
    try:
        with transaction.atomic():
            return bool(
                running._mine().update(
                    state=Job.State.QUEUED,
                    run_at=clock.now(),
                    lease_until=None,
                    lease_token="",
                    attempts=F("attempts") - 1,
                )
            )
    except IntegrityError:
        # A newer request waits for the same work; this one may as well expire.
        return bool(running._mine().update(lease_until=clock.now()))


def run_due(*, limit: int | None = None, queues: Iterable[str] | None = None) -> int:
    """Run in this process everything that is due, and what that brings about; return how many jobs ran."""
    done = 0
    while limit is None or done < limit:
        job_id = due(queues).values_list("pk", flat=True).first()
        if job_id is None:
            break
        done += run(job_id)
    return done


def run_again(row: Job) -> Job:
    """Queue once more a job that failed for good, with fresh tries; a waiting twin is kept instead."""
    with transaction.atomic():
        again = enqueue(row.kind, row.key)
        Job.objects.filter(pk=row.pk, state=Job.State.DEAD).delete()
    return again


@dataclass(frozen=True)
class Health:
    """How the queue does: counts by state, since when the oldest due job waits and for how many seconds."""

    waiting: int
    running: int
    dead: int
    oldest_due_at: datetime | None
    oldest_due_seconds: int
    last_finished_at: datetime | None

    @property
    def is_stuck(self) -> bool:
        """Whether work lies about as if no worker ran."""
        return self.oldest_due_seconds > 120


def health() -> Health:
    """Return how the queue does, for the status page and monitoring."""
    counts = dict(Job.objects.values_list("state").annotate(Count("pk")))
    oldest = due().values_list("run_at", flat=True).first()
    waited = int((clock.now() - oldest).total_seconds()) if oldest else 0
    return Health(
        counts.get(Job.State.QUEUED, 0),
        counts.get(Job.State.RUNNING, 0),
        counts.get(Job.State.DEAD, 0),
        oldest,
        max(0, waited),
        Job.objects.aggregate(last=Max("finished_at"))["last"],
    )


def clean(keep_days: int | None = None) -> int:
    """Delete jobs done longer ago than they are kept; return how many. Failed ones stay."""
    before = clock.now() - timedelta(days=conf.JOB_KEEP_DAYS if keep_days is None else keep_days)
    return Job.objects.filter(state=Job.State.DONE, finished_at__lt=before).delete()[0]


def _fail(running: Running, error: Exception) -> None:
    row, kind, now = running.job, running.kind, clock.now()
    fields = {"error": _explain(error), "lease_until": None, "lease_token": ""}
    if isinstance(error, GiveUp) or row.attempts >= kind.max_attempts:
        log.error("%s failed for good: %s", row, error)
        running._mine().update(state=Job.State.DEAD, finished_at=now, **fields)
        return
    log.warning("%s failed (try %s of %s): %s", row, row.attempts, kind.max_attempts, error)
    pause = getattr(error, "after", None)
    if pause is None:
        pause = min(LONGEST_PAUSE, conf.JOB_BACKOFF_SECONDS * 2 ** (row.attempts - 1))
        pause *= 1 + secrets.randbelow(100) / 500  # so that jobs that failed together do not return together
    try:
        with transaction.atomic():
            running._mine().update(state=Job.State.QUEUED, run_at=now + timedelta(seconds=pause), **fields)
    except IntegrityError:
        # A newer request for the same work waits already; it does what this one could not.
        running._mine().update(state=Job.State.DONE, finished_at=now, **fields)


def _explain(error: Exception) -> str:
    frames = "".join(traceback.format_tb(error.__traceback__)[-4:])
    # Whoever looks after the jobs of all hospitals reads it.
    return hidden(f"{type(error).__name__}: {str(error)[:1000]}\n\n{frames}"[:4000])


@contextmanager
def _kept(running: Running):
    stop = threading.Event()

    def keep():
        try:
            while not stop.wait(running.kind.lease / 3):
                try:
                    running.renew()
                except LeaseLost:
                    return
                except Exception as error:  # noqa: BLE001 - a busy database; the next round tries again
                    log.warning("Could not renew the lease of %s: %s", running.job, error)
        finally:
            connection.close()

    thread = threading.Thread(target=keep, name=f"lease-{running.job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
