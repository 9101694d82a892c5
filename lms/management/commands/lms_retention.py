"""``manage.py lms_retention``: forget what is older than its period."""

from django.core.management.base import BaseCommand

from lms import retention


class Command(BaseCommand):
    """Applies every retention rule, or with ``--dry-run`` only says what is due."""

    help = "Forgets what is older than its period; with --dry-run only counts."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Change nothing.")
        parser.add_argument("--only", default="", help="Only rules whose name starts with this.")

    def handle(self, *, dry_run, only, **options):
        for one in retention.rules():
            if one.name.startswith(only):
                count = retention.apply(one, dry_run=dry_run)
                verb = "due" if dry_run else "done"
                self.stdout.write(f"{one.name}: {count} {verb} ({one.what}; {one.setting}={one.days} days)")
