"""The jobs of the ground app."""

from datetime import timedelta

from lms import media, queue
from lms.actions import sync_role_groups


@queue.periodic("lms.clean", every=timedelta(hours=6))
def clean(key: str, running: queue.Running) -> None:
    """Forget jobs that were done long ago, and files that a killed process left half-written."""
    queue.clean()
    media.sweep_temporary()


@queue.periodic("lms.role_groups", every=timedelta(minutes=10))
def role_groups(key: str, running: queue.Running) -> None:
    """Let the groups follow the dates of the role assignments."""
    sync_role_groups()
