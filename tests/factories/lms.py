"""Jobs and declared kinds for tests of the ground app; people and places stand in ``tests.factories.cast``."""

from contextlib import contextmanager
from datetime import timedelta

from lms import clock, queue
from lms.models import Job


@contextmanager
def kind(name: str, run=None, **options):
    """Declare a kind of job for the length of a test; yields the list of keys it ran for."""
    ran: list[str] = []

    def work(key, running):
        ran.append(key)
        if run is not None:
            run(key, running)

    queue.job(name, **options)(work)
    try:
        yield ran
    finally:
        queue._KINDS.pop(name)


@contextmanager
def periodic(name: str, **options):
    """Declare a periodic kind for the length of a test; yields the list of keys it ran for."""
    ran: list[str] = []
    queue.periodic(name, **options)(lambda key, running: ran.append(key))
    try:
        yield ran
    finally:
        queue._KINDS.pop(name)


def abandoned(kind: str, key: str = "", *, attempts: int = 1, minutes: int = 5) -> Job:
    """A job whose worker was killed: it runs on paper, its lease ended *minutes* ago."""
    now = clock.now()
    return Job.objects.create(
        kind=kind,
        key=key,
        state=Job.State.RUNNING,
        run_at=now - timedelta(hours=1),
        lease_until=now - timedelta(minutes=minutes),
        lease_token="t" * 32,
        attempts=attempts,
    )
