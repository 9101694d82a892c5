"""Real Celery workers on the database of a test, killed and counted by us alone."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connections


class Workers:
    """Starts workers on one database; ``until`` waits for what they do."""

    def __init__(self, race_db, folder):
        """*folder* keeps their logs."""
        self.race_db, self.folder, self.running = race_db, folder, []

    def start(self, *, beat: bool = True, **env) -> subprocess.Popen:
        """Start a worker of two processes, with the beat that sends lost hints again."""
        log = self.folder / f"worker-{len(self.running)}.log"
        command = [sys.executable, "-m", "celery", "-A", "website", "worker", "-c", "2", "-l", "INFO"]
        command += ["-n", f"w{len(self.running)}-{os.getpid()}@%h", "-Q", "default,slow,video,celery"]
        schedule = str(self.folder / f"beat-{len(self.running)}")
        with log.open("w") as out:
            worker = self._spawn(command, out, schedule if beat else "", env)
        self.running.append(worker)
        return worker

    def _spawn(self, command, out, schedule, env) -> subprocess.Popen:
        return subprocess.Popen(
            [*command, *(["-B", "-s", schedule] if schedule else [])],
            cwd=settings.BASE_DIR,
            env={**self.race_db.environment(), "DJANGO_SETTINGS_MODULE": "tests.services.settings", **env},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def kill(self, worker: subprocess.Popen) -> None:
        """kill -9 of the worker and its children, as a power cut would."""
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(20)

    def until(self, what, seconds: float = 90, told: str = "") -> None:
        """Wait until *what* () is true; fail with the workers' last words when it never is."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            connections.close_all()
            if what():
                return
            if self.running and all(worker.poll() is not None for worker in self.running):
                break
            time.sleep(0.2)
        logs = "\n".join(path.read_text()[-3000:] for path in sorted(self.folder.glob("worker-*.log")))
        pytest.fail(f"After {seconds} s: {told or 'it did not happen'}\n{logs}")


@pytest.fixture
def workers(race_db, tmp_path):
    """Workers that end with the test."""
    made = Workers(race_db, tmp_path)
    yield made
    for worker in made.running:
        made.kill(worker)


@pytest.fixture
def forget_broker():
    """Make the broker forget every message, as a restart without disk does."""

    def forget():
        url = os.environ["BROKER_URL"]
        if url.startswith("redis"):
            import redis

            redis.Redis.from_url(url).flushdb()
        else:
            from website.celery import app

            with app.connection_for_write() as connection:
                connection.default_channel.queue_purge("default")

    return forget
