"""The reference site as an app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebsiteConfig(AppConfig):
    """Accounts, home, look and demo of the reference site."""

    name = "website"
    label = "website"
    verbose_name = _("Website")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Connect what listens to allauth; declare who administers logins."""
        from website.accounts import logins, receivers  # noqa: F401

        logins.register()
