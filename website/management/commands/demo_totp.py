"""``manage.py demo_totp``: the six digits that demonstration staff type after the password."""

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from website.demo import accounts


class Command(BaseCommand):
    """Print the code of this half-minute."""

    help = "Print the second factor of the demonstration accounts."
    requires_system_checks = []

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("Only the demonstration prints codes.")
        self.stdout.write(accounts.totp_code())
