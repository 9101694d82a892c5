"""``manage.py lms_breach_scope``: whose data were shown to whom within a span of time."""

import csv
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lms import breach, clock
from lms.models import AccessLog
from lms.spreadsheets import harmless


class Command(BaseCommand):
    """Lists the persons affected by a breach, from the access log, as CSV; for the notice within 72 hours."""

    help = "Lists whose data were shown within a span of time, as CSV."

    def add_arguments(self, parser):
        parser.add_argument("--since", required=True, help="For example 2026-11-20T08:00")
        parser.add_argument("--until", help="For example 2026-11-20T18:00; now if left out.")
        parser.add_argument("--user", default="", help="Only what this login was shown (user name).")

    def handle(self, *, since, until, user, **options):
        start = _moment(since)
        end = _moment(until) if until else clock.now() + timedelta(seconds=1)
        if end <= start:
            raise CommandError("--until must lie after --since.")
        table = csv.writer(self.stdout, lineterminator="\n")
        table.writerow(
            ["person", "uuid", "name", "phone", "e-mail", "looks", "logins", "first", "last", "what"]
        )
        for one in breach.affected(breach.shown_between(AccessLog.objects.all(), start, end, user)):
            table.writerow(
                [
                    one.person,
                    one.uuid,
                    harmless(one.full_name),
                    harmless(one.phone),
                    harmless(one.email),
                    one.looks,
                    one.logins,
                    f"{timezone.localtime(one.first):%Y-%m-%d %H:%M}",
                    f"{timezone.localtime(one.last):%Y-%m-%d %H:%M}",
                    "; ".join(one.what),
                ]
            )


def _moment(text: str):
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"{text!r} is no date and time such as 2026-11-20T08:00.")
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
