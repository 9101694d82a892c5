"""The jobs of the ground app."""

from datetime import timedelta

from lms import actions, media, messages, queue, retention
from lms.actions import sync_role_groups
from lms.models import DataRequest, PeopleImport


@queue.periodic("lms.clean", every=timedelta(hours=6))
def clean(key: str, running: queue.Running) -> None:
    """Forget jobs that were done long ago, and files that a killed process left half-written."""
    queue.clean()
    media.sweep_temporary()


@queue.periodic("lms.role_groups", every=timedelta(minutes=10))
def role_groups(key: str, running: queue.Running) -> None:
    """Let the groups follow the dates of the role assignments."""
    sync_role_groups()


@queue.job("lms.message", max_attempts=messages.TRIES)
def message(key: str, running: queue.Running) -> None:
    """Hand one message over, at most once."""
    messages.hand_over(key, last_try=running.job.attempts >= running.kind.max_attempts)


@queue.job("lms.import_check", lease=300)
def import_check(key: str, running: queue.Running) -> None:
    """Say what a list that was handed in would do."""
    actions.check_import(_import(key), running=running)


@queue.job("lms.import_apply", lease=300)
def import_apply(key: str, running: queue.Running) -> None:
    """Write what a checked list says."""
    actions.apply_import(_import(key), running=running)


def _import(key: str) -> PeopleImport:
    row = PeopleImport.objects.select_related("facility", "by").filter(pk=key).first()
    if row is None:
        raise queue.GiveUp(f"No import {key}.")
    return row


@queue.job("lms.export", lease=300)
def export(key: str, running: queue.Running) -> None:
    """Make the copy of their data that a person asked for."""
    row = DataRequest.objects.select_related("person__user").filter(pk=key).first()
    if row is None:
        raise queue.GiveUp(f"No request {key}.")
    actions.make_export(row, progress=running.progress)


@queue.job("lms.drop_export")
def drop_export(key: str, running: queue.Running) -> None:
    """Delete a copy that was fetched."""
    for row in DataRequest.objects.filter(pk=key, fetched_at__isnull=False).exclude(file=""):
        media.storage().delete(row.file)
        DataRequest.objects.filter(pk=row.pk).update(file="", file_expires_at=None)


@queue.periodic("lms.retention", every=timedelta(days=1), lease=300)
def forget(key: str, running: queue.Running) -> None:
    """Forget what is older than its period."""
    rules = retention.rules()
    for number, rule in enumerate(rules):
        running.progress(100 * number / len(rules), rule.what)
        retention.apply(rule)


@queue.periodic("lms.data_requests", every=timedelta(hours=1))
def remind(key: str, running: queue.Running) -> None:
    """Tell the data protection officers which requests are due."""
    actions.remind()
