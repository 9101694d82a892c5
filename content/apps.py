"""The content app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LmsContentConfig(AppConfig):
    """The content of the plugin set, under the label ``lms_content``."""

    name = "content"
    label = "lms_content"
    verbose_name = _("Teaching content")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Register checks and who may do what."""
        from content import checks, permissions  # noqa: F401
        from lms.policies import register_scoped

        permissions.register()
        register_scoped(*permissions.SCOPED, permissions.Guideline)
