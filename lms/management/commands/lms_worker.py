"""``manage.py lms_worker``: run background jobs without a broker."""

import os
import signal

from django.core.management.base import BaseCommand

from lms.conf import conf
from lms.worker import Worker


class Command(BaseCommand):
    """Runs background jobs until SIGTERM or Ctrl-C; killing it loses nothing."""

    help = "Runs background jobs until it is stopped; killing it loses nothing."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="Run what is due, then end.")
        parser.add_argument("--queues", default="", help="Only these queues, separated by commas.")
        parser.add_argument("--threads", type=int, default=None, help="How many jobs at a time.")
        parser.add_argument(
            "--grace", type=float, default=30, help="Seconds that running jobs get at the end."
        )

    def handle(self, *, once, queues, threads, grace, **options):
        worker = Worker(
            threads=threads,
            queues=[name.strip() for name in queues.split(",") if name.strip()] or None,
            out=lambda line: self.stdout.write(line),
        )
        if once:
            self.stdout.write(f"{worker.run_once()} jobs ran.")
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *args: worker.stop())
        self.stdout.write(
            f"Worker {os.getpid()} runs up to {worker.threads} jobs at a time"
            + (" beside Celery's workers." if conf.BROKER_URL else ".")
        )
        worker.start()
        given_back = worker.join(grace)
        self.stdout.write(f"Worker {os.getpid()} has stopped; {given_back} jobs were given back.")
        self.stdout.flush()
        if given_back:
            # Their threads still run; ending the process is what makes giving them back true.
            os._exit(0)
