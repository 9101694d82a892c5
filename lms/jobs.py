"""The jobs of the ground app."""

from datetime import timedelta

from lms import queue
from lms.actions import sync_role_groups


@queue.periodic("lms.clean_jobs", every=timedelta(hours=6))
def clean_jobs(key: str, running: queue.Running) -> None:
    """Forget jobs that were done long ago."""
    queue.clean()


@queue.periodic("lms.role_groups", every=timedelta(minutes=10))
def role_groups(key: str, running: queue.Running) -> None:
    """Let the groups follow the dates of the role assignments."""
    sync_role_groups()
