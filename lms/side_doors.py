"""Doors of Wagtail's own that ask too little, made to ask: the page chooser, bulk actions, the report of page types; and those that break over what is no key.

Wagtail has hooks for menus and for the chooser's lists, and none for these views, so their methods
are wrapped in place. Each can go when Wagtail asks by itself; the tests of the matrix will tell.
"""

from functools import wraps

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.chooser import BrowseView, ChosenMultipleView
from wagtail.admin.views.generic.chooser import ChosenMultipleViewMixin
from wagtail.admin.views.reports.page_types_usage import PageTypesUsageReportView
from wagtail.admin.widgets import BaseChooser
from wagtail.models import AbstractPage, Page
from wagtail.permissions import policy_registry

from lms.keys import read_keys

SEEING = ("add", "change", "publish", "bulk_delete", "lock", "unlock")
"""Rights on a page, any of which lets somebody see its drafts."""


def choosable(pages, user):
    """Return the pages that *user* may link to: what is published, and the drafts of one's own house."""
    if user.is_superuser:
        return pages
    own = policy_registry.get_by_type(AbstractPage).instances_user_has_any_permission_for(user, SEEING)
    return pages.filter(live=True) | pages.filter(pk__in=own.values("pk"))


def _browse(inner):
    @wraps(inner)
    def get(self, request, parent_page_id=None):
        if parent_page_id is not None:
            get_object_or_404(choosable(Page.objects.all(), request.user), pk=parent_page_id)
        return inner(self, request, parent_page_id)

    return get


def _chosen_multiple(inner):
    @wraps(inner)
    def get(self, request):
        asked = read_keys(request.GET.getlist("id"))
        found = choosable(Page.objects.filter(pk__in=asked), request.user).values_list("pk", flat=True)
        request.GET = request.GET.copy()
        request.GET.setlist("id", [str(pk) for pk in found])
        return inner(self, request)

    return get


def _bulk(inner):
    @wraps(inner)
    def get_context_data(self, **kwargs):
        context = inner(self, **kwargs)
        refused = context.get("items_with_no_access") or []
        if refused:
            # To say "you may not" with its title is to show it.
            acts = [*SEEING, "view", "choose", "delete"]
            policy = policy_registry.get_by_type(self.model)
            seen = policy.instances_user_has_any_permission_for(self.request.user, acts)
            keys = set(seen.filter(pk__in=[row.pk for row in refused]).values_list("pk", flat=True))
            context["items_with_no_access"] = [row for row in refused if row.pk in keys]
            if not context["items"] and not keys:
                raise Http404
        return context

    return get_context_data


def _keys_only(inner):
    """Of what stands behind ``id`` in the address leave what is a key of the model at all."""

    @wraps(inner)
    def get(self, request, *args, **kwargs):
        sent = request.GET.getlist("id")
        keys = [one for one in sent if one == "all" or _is_key(getattr(self, "model_class", self.model), one)]
        if keys != sent:
            request.GET = request.GET.copy()
            request.GET.setlist("id", keys)
        return inner(self, request, *args, **kwargs)

    return get


def _is_key(model, text: str) -> bool:
    try:
        model._meta.pk.to_python(text)
    except ValidationError:
        return False
    return True


def _instance(inner):
    @wraps(inner)
    def get_instance(self, value):
        try:
            return inner(self, value)
        except ValueError:
            # What was sent is no key: nothing is chosen, as where no row has it.
            return None

    return get_instance


def _for_superusers(inner):
    @wraps(inner)
    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_superuser:
            # It names the page last edited of each kind, whoever's it is.
            raise PermissionDenied
        return inner(self, request, *args, **kwargs)

    return dispatch


def close() -> None:
    """Let these views ask; called once when the app is ready."""
    BrowseView.get = _browse(BrowseView.get)
    ChosenMultipleView.get = _chosen_multiple(ChosenMultipleView.get)
    BaseChooser.get_instance = _instance(BaseChooser.get_instance)
    ChosenMultipleViewMixin.get = _keys_only(ChosenMultipleViewMixin.get)
    BulkAction.dispatch = _keys_only(BulkAction.dispatch)
    BulkAction.get_context_data = _bulk(BulkAction.get_context_data)
    PageTypesUsageReportView.dispatch = _for_superusers(PageTypesUsageReportView.dispatch)
