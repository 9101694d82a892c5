"""System checks of courses; each names the fix."""

from django.conf import settings
from django.core.checks import Warning as CheckWarning
from django.core.checks import register
from django.utils.module_loading import import_string


@register("lms_courses")
def lesson_gate_is_importable(app_configs, **kwargs):
    """``LMS_COURSES_CAN_OPEN_LESSON`` must name a function."""
    path = getattr(settings, "LMS_COURSES_CAN_OPEN_LESSON", None)
    if not path:
        return []
    try:
        import_string(path)
    except ImportError as error:
        return [
            CheckWarning(
                f"LMS_COURSES_CAN_OPEN_LESSON cannot be imported: {error}",
                hint="Name a function f(user, enrolment, lesson) -> bool by its dotted path.",
                id="lms_courses.W001",
            )
        ]
    return []


@register("lms_courses")
def videos_ask_courses(app_configs, **kwargs):
    """Enrolled people can only play lectures when content asks courses who may watch."""
    if getattr(settings, "LMS_CONTENT_CAN_WATCH", None):
        return []
    return [
        CheckWarning(
            "Learners cannot play lectures: nothing tells the content app who may watch.",
            hint='Set LMS_CONTENT_CAN_WATCH = "courses.permissions.can_watch_video".',
            id="lms_courses.W002",
        )
    ]


@register("lms_courses")
def library_asks_courses(app_configs, **kwargs):
    """Pictures and documents of lessons reach learners only when content asks courses who may read."""
    if getattr(settings, "LMS_CONTENT_CAN_READ", None):
        return []
    return [
        CheckWarning(
            "Learners cannot see the pictures and documents of lessons: nothing tells the content app who may.",
            hint='Set LMS_CONTENT_CAN_READ = "courses.page_permissions.can_read".',
            id="lms_courses.W004",
        )
    ]


@register("lms_courses")
def unreviewed_only_in_demonstrations(app_configs, **kwargs):
    """Issuing tests that nobody reviewed is for demonstrations."""
    if not getattr(settings, "LMS_COURSES_ALLOW_UNREVIEWED", False) or getattr(settings, "DEMO", False):
        return []
    return [
        CheckWarning(
            "Releases may be issued with questions that no clinician has reviewed.",
            hint="Remove LMS_COURSES_ALLOW_UNREVIEWED outside a demonstration.",
            id="lms_courses.W003",
        )
    ]


@register("lms_courses")
def devices_hear_of_signing_out(app_configs, **kwargs):
    """Where lessons are kept on devices, signing out must take them away."""
    from courses.saving import worker_url

    if not worker_url() or "courses.middleware.signed_out" in settings.MIDDLEWARE:
        return []
    return [
        CheckWarning(
            "Lessons kept on a shared device stay there after signing out.",
            hint='Add "courses.middleware.signed_out" to MIDDLEWARE, or do not mount courses.worker_urls.',
            id="lms_courses.W005",
        )
    ]
