"""The Celery side of durable jobs: messages are hints, the rows are the truth."""

from celery import shared_task
from django.db import close_old_connections


@shared_task(name="lms.run_job", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def run_job(job_id: int) -> None:
    """Run one job if it is still to be had."""
    from lms import queue

    close_old_connections()
    try:
        queue.run(job_id, keep_lease=True)
    finally:
        close_old_connections()


@shared_task(name="lms.sweep", ignore_result=True)
def sweep() -> None:
    """Enqueue periodic work and send a hint again for everything that is due."""
    from lms import queue

    queue.tick()
    queue.resend_hints()
