"""The ground app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class LmsConfig(AppConfig):
    """Places, persons, roles and jobs, under the label ``lms``."""

    name = "lms"
    label = "lms"
    verbose_name = _("People and places")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Register checks and policies, then what every installed app declares."""
        from lms import checks, guards, permissions, policies  # noqa: F401
        from lms.models import (
            AccessLog,
            DataRequest,
            Facility,
            Job,
            PeopleImport,
            Person,
            RoleAssignment,
            TeleSite,
        )

        pre_migrate.connect(guards.before_migrate, sender=self)
        post_migrate.connect(guards.after_migrate, sender=self)
        permissions.register()
        policies.register()
        policies.register_scoped(
            AccessLog, DataRequest, Facility, Job, PeopleImport, Person, RoleAssignment, TeleSite
        )
        autodiscover_modules("jobs")
        autodiscover_modules("merging")
