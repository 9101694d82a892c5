"""The worker of a site without a broker: threads that look for due jobs, claim them and run them."""

import logging
import threading
import time
from collections.abc import Callable, Iterable

from django.db import close_old_connections, connection

from lms import queue
from lms.conf import conf

log = logging.getLogger("lms.worker")


class Worker:
    """Runs due jobs in *threads* threads until it is told to stop.

    A stop takes no new job, waits for running ones and gives back those that do not end in time;
    a kill loses nothing either, because leases run out.
    """

    TICK_SECONDS = 5.0

    def __init__(
        self,
        *,
        threads: int | None = None,
        queues: Iterable[str] | None = None,
        poll: float | None = None,
        out: Callable[[str], None] = lambda line: None,
    ):
        self.threads = threads or conf.WORKER_THREADS
        self.queues = list(queues) if queues is not None else None
        self.poll = conf.WORKER_POLL_SECONDS if poll is None else poll
        self.out = out
        self.held: dict[int, queue.Running] = {}
        self._stopping = threading.Event()
        self._pool: list[threading.Thread] = []

    def start(self) -> None:
        """Start the threads and return."""
        for number in range(self.threads):
            thread = threading.Thread(target=self._work, name=f"lms-worker-{number}", daemon=True)
            thread.start()
            self._pool.append(thread)
        keeper = threading.Thread(target=self._keep_time, name="lms-worker-tick", daemon=True)
        keeper.start()
        self._pool.append(keeper)

    def stop(self) -> None:
        """Ask the worker to end; safe in a signal handler."""
        self._stopping.set()

    def join(self, grace: float = 30.0) -> int:
        """Wait until it was asked to stop and running jobs have ended, at most *grace* seconds; return how many were given back."""
        while not self._stopping.wait(1.0):
            pass
        until = time.monotonic() + grace
        for thread in self._pool:
            thread.join(max(0.0, until - time.monotonic()))
        left = list(self.held.values())
        for running in left:
            if queue.release(running):
                self.out(f"given back: {running.job}")
        return len(left)

    def run_once(self) -> int:
        """Run what is due now, and what that brings about, in this thread; return how many jobs ran."""
        queue.tick()
        done = 0
        while not self._stopping.is_set() and self._next():
            done += 1
        return done

    def _work(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    close_old_connections()
                    found = self._next()
                except Exception as error:  # noqa: BLE001 - whatever it was, the next job wants this thread
                    log.warning("The worker could not go on (%r); trying again.", error)
                    connection.close()
                    found = False
                if not found:
                    self._stopping.wait(self.poll)
        finally:
            self._ended()

    def _next(self) -> bool:
        """Claim and run one due job; return whether there was one."""
        # More than one candidate, since other threads want the first one too.
        for job_id in list(queue.due(self.queues).values_list("pk", flat=True)[: self.threads + 3]):
            if running := queue.claim(job_id):
                self._run(running)
                return True
        return False

    def _run(self, running: queue.Running) -> None:
        started = time.monotonic()
        self.held[running.job.pk] = running
        try:
            succeeded = queue.execute(running, keep_lease=True)
        finally:
            self.held.pop(running.job.pk, None)
        seconds = time.monotonic() - started
        self.out(f"{'done' if succeeded else 'failed'}: {running.job} ({seconds:.1f} s)")

    def _keep_time(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    queue.tick()
                    for running in list(self.held.values()):
                        if running.job.progress:
                            self.out(f"{running.job.progress:3d} % {running.job} {running.job.note}".rstrip())
                except Exception as error:  # noqa: BLE001 - as above
                    log.warning("Periodic work could not be queued (%r); trying again.", error)
                    connection.close()
                self._stopping.wait(self.TICK_SECONDS)
        finally:
            self._ended()

    def _ended(self) -> None:
        # A thread ends when the worker was told to stop. One that ends otherwise ends the worker too,
        # since a process of fewer threads looks well to whoever would start it anew.
        if not self._stopping.is_set():
            log.error("%s has died; the worker stops.", threading.current_thread().name)
        self.stop()
        connection.close()
