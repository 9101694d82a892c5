"""What role groups may do with provider pages, and who may read what pages show."""

from django.contrib.auth.models import Permission
from wagtail.models import GroupPagePermission

from content.library import belongs_to, pages_showing
from courses.links import base_page
from courses.models import Lesson
from courses.models.pages import LessonPageMixin, ProviderPageMixin, page_models, provider_above
from courses.permissions import can, can_open_lesson, get_open_enrolment
from lms.actions import role_groups
from lms.models import Facility, RoleAssignment

RIGHTS = {
    RoleAssignment.Role.TRAINER: ("add", "change"),
    RoleAssignment.Role.PROGRAMME_MANAGER: ("add", "change", "publish"),
}
"""Trainers write drafts; the training office publishes."""
TRANSLATING = {"content_type__app_label": "simple_translation", "codename": "submit_translation"}
"""Copying a page for another language, where the site has that; the pages themselves are asked for beside it."""


def grant_pages(facility_id: int) -> int:
    """Give trainers and training office of a facility their rights on its provider pages; idempotent."""
    facility = Facility.objects.get(pk=facility_id)
    groups = role_groups(facility)
    roots = [
        page for model in page_models(ProviderPageMixin) for page in model.objects.filter(facility=facility)
    ]
    made = 0
    base = base_page()._meta
    for role, acts in RIGHTS.items():
        group = groups.get(role)
        if group is None:
            continue
        codenames = [f"{act}_{base.model_name}" for act in acts]
        group.permissions.add(*Permission.objects.filter(**TRANSLATING))
        permissions = Permission.objects.filter(
            content_type__app_label=base.app_label, codename__in=codenames
        )
        for permission in permissions:
            for page in roots:
                _row, is_new = GroupPagePermission.objects.get_or_create(
                    group=group, page_id=page.pk, permission=permission
                )
                made += is_new
    return made


def can_read(user, thing) -> bool:
    """Whether a live page that *user* may open shows the picture or document *thing*.

    Named by ``LMS_CONTENT_CAN_READ``; its keepers are asked for before. A lesson is open to those
    who learn it and to the staff who read along; every other page of ours to everybody. A page of one
    hospital opens nothing of another's library, however it came to name it: by a script, a copy, a move.
    """
    return any(_is_at_home(thing, page) and _can_open(user, page) for page in pages_showing(thing))


def _is_at_home(thing, page) -> bool:
    provider = provider_above(page)
    return belongs_to(thing, provider.facility if provider else None)


def _can_open(user, page) -> bool:
    if not isinstance(page, LessonPageMixin):
        return not page.get_view_restrictions().exists()
    if not user.is_authenticated:
        return False
    row = Lesson.objects.filter(key=page.translation_key, is_open=True).select_related("course").first()
    if row is None:
        return False
    enrolment = get_open_enrolment(user, row.course)
    return can_open_lesson(user, enrolment, row) or can(user, "view", row.course)
