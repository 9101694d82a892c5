"""The courses app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LmsCoursesConfig(AppConfig):
    """The courses of the plugin set, under the label ``lms_courses``."""

    name = "courses"
    label = "lms_courses"
    verbose_name = _("Courses")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Register policies and checks, listen to pages and roles."""
        from content.usage import register
        from courses import checks, permissions, receivers, slugs, usage, workflow_views  # noqa: F401
        from courses import session_permissions as sessions
        from courses.actions import bringing

        permissions.register()
        sessions.register()
        bringing.register()
        register(usage.of_video)
        slugs.register()
        workflow_views.register()
        receivers.connect()
