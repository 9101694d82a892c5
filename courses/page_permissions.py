"""What the role groups of a hospital may do with its provider pages in the page editor."""

from django.contrib.auth.models import Permission
from wagtail.models import GroupPagePermission

from courses.links import base_page
from courses.models.pages import ProviderPageMixin
from courses.sync import page_models
from lms.actions import role_groups
from lms.models import Facility, RoleAssignment

RIGHTS = {
    RoleAssignment.Role.TRAINER: ("add", "change"),
    RoleAssignment.Role.PROGRAMME_MANAGER: ("add", "change", "publish"),
}
"""Trainers write drafts; the training office publishes."""


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
