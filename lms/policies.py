"""Wagtail's permission policies, made to respect scopes and the dates of role assignments."""

import re

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Model, Q, QuerySet
from wagtail.models import AbstractPage, Collection, GroupCollectionPermission
from wagtail.permission_policies import BasePermissionPolicy
from wagtail.permission_policies.collections import (
    CollectionManagementPermissionPolicy,
    CollectionOwnershipPermissionPolicy,
)
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import page_permission_policy, register_permission_policy

from lms import scope
from lms.models import Facility, RoleAssignment


class DatedGroups:
    """Ignores the groups of role assignments that are not in force today, whoever still sits in them."""

    def get_all_permissions_for_user(self, user):
        return super().get_all_permissions_for_user(user).filter(scope.groups_in_force(user))


class DatedPagePolicy(DatedGroups, PagePermissionPolicy):
    """Page permissions of the groups in force today."""


class DatedCollectionPolicy(DatedGroups, CollectionManagementPermissionPolicy):
    """Collection permissions of the groups in force today."""


class DatedOwnershipPolicy(DatedGroups, CollectionOwnershipPermissionPolicy):
    """Image and document permissions of the groups in force today."""


class ScopedPolicy(BasePermissionPolicy):
    """Wagtail's questions about a model of ours, answered by ``lms.scope``.

    Wagtail's actions are our acts; ``aliases`` names an act for an action that has another word.
    """

    aliases = {"inspect": "view", "copy": "add"}

    def _act(self, action: str) -> str:
        return self.aliases.get(action, action)

    def user_has_permission(self, user, action):
        return scope.can(user, self._act(action), self.model)

    def user_has_permission_for_instance(self, user, action, instance):
        return scope.can(user, self._act(action), instance)

    def user_has_any_permission_for_instance(self, user, actions, instance):
        return any(self.user_has_permission_for_instance(user, action, instance) for action in actions)

    def instances_user_has_any_permission_for(self, user, actions):
        rows, found = self.model._default_manager.all(), Q(pk__in=[])
        for action in actions:
            found |= Q(pk__in=scope.limit(rows, user, self._act(action)).values("pk"))
        return rows.filter(found)

    def users_with_any_permission(self, actions):
        acts = scope.policy_of(self.model).acts
        roles = set().union(*(acts.get(self._act(action), frozenset()) for action in actions))
        holders = RoleAssignment.objects.in_force().filter(role__in=roles).values("user")
        return get_user_model().objects.filter(Q(is_superuser=True) | Q(pk__in=holders), is_active=True)


def register_scoped(*models: type[Model]) -> None:
    """Let Wagtail's screens of *models* ask ``lms.scope``; call it in ``ready()`` after ``scope.register``."""
    for model in models:
        register_permission_policy(model, ScopedPolicy(model))


def register() -> None:
    """Put the dated policies in the place of Wagtail's own.

    For exact classes, because other apps register theirs later.
    """
    register_permission_policy(AbstractPage, DatedPagePolicy(page_permission_policy._model_or_name))
    register_permission_policy(Collection, DatedCollectionPolicy(Collection), exact_class=True)
    if apps.is_installed("wagtail.images"):
        from wagtail.images import get_image_model
        from wagtail.images.models import Image

        _own(get_image_model(), Image)
    if apps.is_installed("wagtail.documents"):
        from wagtail.documents import get_document_model
        from wagtail.documents.models import Document

        _own(get_document_model(), Document)


def _own(model, auth_model) -> None:
    policy = DatedOwnershipPolicy(model, auth_model=auth_model, owner_field_name="uploaded_by_user")
    register_permission_policy(model, policy, exact_class=True)


def mark_of(facility: Facility) -> str:
    """How the name of the collection of *facility* ends, whatever else it is called."""
    return f"· {facility.pk}"


_MARK = re.compile("· ([0-9]{1,18})$")


def keepers_of(collection: Collection) -> QuerySet[Facility]:
    """Return the hospitals that keep *collection* or one above it; none where it is shared by the whole site.

    Known by the mark in its name (``provider_collection``), as nobody need hold a role there yet, and by the
    role groups that may use it, as a superuser may give it another name or open it to a second hospital.
    """
    above = collection.get_ancestors(inclusive=True)
    keys = {mark[1] for one in above if (mark := _MARK.search(one.name))}
    held = GroupCollectionPermission.objects.filter(
        collection__in=above, group__name__startswith=scope.GROUP_PREFIX
    )
    keys |= {name.split(":")[1] for name in held.values_list("group__name", flat=True).distinct()}
    return Facility.objects.filter(pk__in=keys)
