"""Threads and processes that go for one database at the same moment."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier, Semaphore

from django.conf import settings
from django.db import connections

CONNECTIONS = 40


@dataclass
class RaceDatabase:
    """A fresh migrated database that threads and other processes may use at once."""

    name: str

    def threads(self, count: int, function) -> list:
        """Call ``function(i)`` in *count* threads that start together; what each returned or raised.

        At most ``CONNECTIONS`` of them are at the database at once, as with a pool: the server has a
        hundred places, and another parallel worker may race beside this one.
        """
        barrier, places = Barrier(count, timeout=30), Semaphore(CONNECTIONS)

        def run(number):
            try:
                barrier.wait()
                with places:
                    try:
                        return function(number)
                    finally:
                        connections.close_all()
            except Exception as error:  # noqa: BLE001 - the test looks at it
                return error

        connections.close_all()
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(run, range(count)))

    def process(self, function, *args, env: dict[str, str] | None = None) -> subprocess.Popen:
        """Start another Python on this database that calls *function* of a test module with *args*.

        *function* is at the top of its module, *args* are plain JSON values.
        """
        code = (
            "import django, importlib, json, sys; django.setup();"
            f"getattr(importlib.import_module({function.__module__!r}), {function.__name__!r})"
            "(*json.loads(sys.argv[1]))"
        )
        connections.close_all()
        return subprocess.Popen(
            [sys.executable, "-c", code, json.dumps(args)],
            cwd=settings.BASE_DIR,
            env={**self.environment(), **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run_python(self, function, *args, env: dict[str, str] | None = None, timeout=60):
        """Like ``process``, and wait for its end; returns it with ``returncode, stdout, stderr``."""
        process = self.process(function, *args, env=env)
        out, err = process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def crash_at(self, point: str, function, *args) -> None:
        """Let *function* run in another Python that is killed (kill -9) at the crash point *point*."""
        ended = self.run_python(function, *args, env={"LMS_CRASHPOINT": point})
        assert ended.returncode == -signal.SIGKILL, (
            f"{function.__name__} never came to the crash point {point}: "
            f"ended with {ended.returncode}\n{ended.stderr[-2000:]}"
        )

    def environment(self) -> dict[str, str]:
        """What another process needs to use this database and these files."""
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "website.settings.test"),
            "VUONXA_VAR": str(settings.VAR_DIR),
        }
