"""``manage.py lms_sweep``: what beat does, for cron."""

from django.core.management.base import BaseCommand

from lms import actions, media, queue
from lms.conf import conf


class Command(BaseCommand):
    """Queues periodic work, wakes workers for due jobs and tidies up; safe at any time."""

    help = "Queues periodic work, wakes Celery workers for due jobs and tidies up."

    def handle(self, **options):
        made = queue.tick()
        sent = queue.resend_hints() if conf.BROKER_URL else 0
        forgotten, files = queue.clean(), media.sweep_temporary()
        changed = actions.sync_role_groups()
        self.stdout.write(
            f"{made} periodic jobs queued, {sent} hints sent, {forgotten} old jobs forgotten, "
            f"{files} temporary files removed, {changed} group memberships changed."
        )
