"""``manage.py lms_breach_scope``: whose data were shown to whom within a span of time."""

import csv
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Max, Min
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lms import clock
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
        rows = AccessLog.objects.filter(at__gte=start, at__lt=end)
        if user:
            rows = rows.filter(user__username=user)
        found = (
            rows.order_by()
            .values("person", "person__uuid", "person__full_name", "person__phone", "person__email")
            .annotate(looks=Count("pk"), logins=Count("user", distinct=True), first=Min("at"), last=Max("at"))
            .order_by("person__sort_key", "person")
        )
        table = csv.writer(self.stdout, lineterminator="\n")
        table.writerow(
            ["person", "uuid", "name", "phone", "e-mail", "looks", "logins", "first", "last", "what"]
        )
        for row in found:
            what = rows.filter(person=row["person"]).order_by("what").values_list("what", flat=True)
            table.writerow(
                [
                    row["person"],
                    row["person__uuid"],
                    harmless(row["person__full_name"]),
                    harmless(row["person__phone"]),
                    harmless(row["person__email"]),
                    row["looks"],
                    row["logins"],
                    f"{timezone.localtime(row['first']):%Y-%m-%d %H:%M}",
                    f"{timezone.localtime(row['last']):%Y-%m-%d %H:%M}",
                    "; ".join(dict.fromkeys(what)),
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
