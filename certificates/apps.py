"""The certificates app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LmsCertificatesConfig(AppConfig):
    """The certificates of the plugin set, under the label ``lms_certificates``."""

    name = "certificates"
    label = "lms_certificates"
    verbose_name = _("Certificates")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Register policies, checks and receivers; jobs and invariants are found by ``lms``."""
        from courses import hours
        from lms.policies import register_scoped

        from . import checks, credit, permissions, receivers  # noqa: F401
        from .models import Batch, Certificate, Issuer, RuleSet

        permissions.register()
        register_scoped(Certificate, Issuer, Batch, RuleSet)
        receivers.connect()
        hours.register(credit.rates_of)
