"""Threads and processes that go for one database at the same moment."""

import json
import os
import signal
import sys
import tempfile
import time
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier, Semaphore

from django.conf import settings
from django.core.cache import cache
from django.db import connections

from lms import memory

CONNECTIONS = 40


class Process:
    """A copy of this Python that calls one function: alone with its database, its memory and its death.

    Forked, since a Python that begins anew reads four seconds of modules for a test of a tenth of one.
    """

    def __init__(self, function, args: list, env: dict[str, str]):
        """Start it; what it says goes into files that are read once it has ended."""
        self.name, self.returncode = function.__name__, None
        self._said = [tempfile.TemporaryFile("w+", encoding="utf-8") for _stream in range(2)]  # noqa: SIM115
        connections.close_all()
        with warnings.catch_warnings():
            # Threads of a test that ran before may linger; none of them holds anything of ours.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if not self.pid:
            self._live(function, args, env)

    def _live(self, function, args: list, env: dict[str, str]) -> None:
        """Everything that the copy does; it never comes back."""
        code = 1
        try:
            for number, file in enumerate(self._said, start=1):
                os.dup2(file.fileno(), number)
            sys.stdout, sys.stderr = (open(fd, "w", encoding="utf-8", closefd=False) for fd in (1, 2))  # noqa: SIM115
            os.environ.update(env)
            cache.clear()
            memory.forget()
            function(*args)
            code = 0
        except BaseException:  # noqa: BLE001 - the code of its end says so, and its last words
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def __enter__(self) -> "Process":
        """Itself."""
        return self

    def __exit__(self, *error) -> None:
        """Not before it has ended, like every process of ours."""
        self.wait()

    def wait(self, timeout: float | None = None) -> int:
        """The code it ended with; killed where it takes longer than *timeout* seconds."""
        until = timeout and time.monotonic() + timeout
        while self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG if until else 0)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > until:
                self.kill()
                raise TimeoutError(f"{self.name} had not ended after {timeout} s")
            else:
                time.sleep(0.005)
        return self.returncode

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()

    @property
    def stdout(self) -> str:
        """What it printed."""
        return self._read(0)

    @property
    def stderr(self) -> str:
        """What it complained of."""
        return self._read(1)

    def _read(self, number: int) -> str:
        # By position: the copy writes on at the place that both share.
        file = self._said[number].fileno()
        return os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace")


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

    def process(self, function, *args, env: dict[str, str] | None = None) -> Process:
        """Start another process on this database that calls *function* with *args*, plain JSON values."""
        return Process(function, json.loads(json.dumps(args)), env or {})

    def run_python(self, function, *args, env: dict[str, str] | None = None, timeout=60) -> Process:
        """Like ``process``, and wait for its end; returns it with ``returncode, stdout, stderr``."""
        process = self.process(function, *args, env=env)
        process.wait(timeout)
        return process

    def crash_at(self, point: str, function, *args) -> None:
        """Let *function* run in another process that is killed (kill -9) at the crash point *point*."""
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
