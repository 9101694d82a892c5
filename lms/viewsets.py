"""Wagtail admin screens whose rows are limited by ``lms.scope``; other apps' viewsets build on the mixins."""

from functools import wraps

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.views.generic.chooser import BaseChooseView, ChosenMultipleViewMixin, CreateView
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.viewsets.chooser import ChooserViewSet

from lms import scope
from lms.forms import FoldedFilterForm, ScopedModelForm, matching
from lms.policies import ScopedPolicy

__all__ = ["FoldedFilterForm", "ScopedChooserViewSet", "ScopedModelForm", "ScopedViewSetMixin"]


class ScopedListing:
    """Lists the rows that the user may see; searches a folded field where the viewset names one."""

    folded_field = None
    list_select_related: tuple[str, ...] = ()

    def get_base_queryset(self):
        rows = scope.limit(super().get_base_queryset(), self.request.user, "view")
        return rows.select_related(*self.list_select_related) if self.list_select_related else rows

    def search_queryset(self, queryset):
        if self.folded_field and self.is_searching:
            return matching(queryset, self.search_query, self.folded_field)
        return super().search_queryset(queryset)


class ScopedChoosing:
    """Offers the rows that the user may choose."""

    def get_object_list(self):
        return scope.limit(super().get_object_list(), self.request.user, scope.choosing_act(self.model_class))


class ScopedChosen:
    """Takes only rows that the user may choose."""

    def get_objects(self, pks):
        return scope.limit(super().get_objects(pks), self.request.user, scope.choosing_act(self.model_class))


_SCOPES = (
    (BaseListingView, ScopedListing),
    (BaseChooseView, ScopedChoosing),
    (ChosenMultipleViewMixin, ScopedChosen),
)


class ScopedViewSetMixin:
    """Put before ModelViewSet, SnippetViewSet or ChooserViewSet: every view of it is scoped.

    Lists and choosers show the user's rows. Every view that names a row answers 404 for a row
    that the user may not see, and refuses what he may not do to it. Wagtail's own views ask only
    whether somebody may change *some* row.
    """

    folded_field = None
    list_select_related: tuple[str, ...] = ()

    def construct_view(self, view_class, **kwargs):
        for base, scoping in _SCOPES:
            # The history of a row lists log entries, and the guard below has looked at the row.
            if issubclass(view_class, base) and not issubclass(view_class, (scoping, HistoryView)):
                view_class = type(view_class.__name__, (scoping, view_class), {})
        if issubclass(view_class, ScopedListing):
            kwargs.setdefault("folded_field", self.folded_field)
            kwargs.setdefault("list_select_related", self.list_select_related)
        return self._guarded(super().construct_view(view_class, **kwargs), view_class)

    def _guarded(self, view, view_class):
        seeing = scope.choosing_act(self.model) if isinstance(self, ChooserViewSet) else "view"
        required = getattr(view_class, "permission_required", None)
        act = ScopedPolicy.aliases.get(required, required)

        @wraps(view)
        def guarded(request, *args, **kwargs):
            if issubclass(view_class, CreateView) and isinstance(self, ChooserViewSet):
                # Our choosers choose; people are added on screens of their own.
                raise Http404
            pk = kwargs.get("pk", args[0] if args else None)
            if pk is not None:
                row = self.model._default_manager.filter(pk=unquote(str(pk)))
                try:
                    visible = scope.limit(row, request.user, seeing).exists()
                    refused = visible and act and not scope.limit(row, request.user, act).exists()
                except (ValueError, ValidationError):
                    visible = refused = False
                if not visible:
                    raise Http404
                if refused or required == "delete":
                    # People and places end or are merged; nobody deletes what history points at.
                    raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded


class ScopedChooserViewSet(ScopedViewSetMixin, ChooserViewSet):
    """A chooser of scoped rows with a search that ignores diacritics."""

    filter_form_class = None

    def get_common_view_kwargs(self, **kwargs):
        return super().get_common_view_kwargs(filter_form_class=self.filter_form_class, **kwargs)
