"""The ground app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LmsConfig(AppConfig):
    """Places, persons, roles and jobs, under the label ``lms``."""

    name = "lms"
    label = "lms"
    verbose_name = _("People and places")
    default_auto_field = "django.db.models.BigAutoField"
