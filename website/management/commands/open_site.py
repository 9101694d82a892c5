"""Makes the first pages of a new site and points it at the address it is reached by."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand

from website.opening import open_site


class Command(BaseCommand):
    """``manage.py open_site``: safe to run again."""

    help = "Makes home and catalogue in both languages; the address is that of WAGTAILADMIN_BASE_URL."

    def handle(self, *args, **options):
        """Open the site and say where."""
        address = urlsplit(settings.WAGTAILADMIN_BASE_URL)
        port = address.port or (443 if address.scheme == "https" else 80)
        home = open_site(host=address.hostname or "localhost", port=port, name=settings.WAGTAIL_SITE_NAME)
        self.stdout.write(f"{home.full_url}\n")
