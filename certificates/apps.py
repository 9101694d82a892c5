"""The certificates app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LmsCertificatesConfig(AppConfig):
    """The certificates of the plugin set, under the label ``lms_certificates``."""

    name = "certificates"
    label = "lms_certificates"
    verbose_name = _("Certificates")
    default_auto_field = "django.db.models.BigAutoField"
