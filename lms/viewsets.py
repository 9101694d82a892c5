"""Wagtail admin screens whose rows are limited by ``lms.scope``; other apps' viewsets build on the mixins."""

from functools import wraps

from django import forms
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.views.generic.chooser import BaseChooseView, ChosenMultipleViewMixin
from wagtail.admin.viewsets.chooser import ChooserViewSet

from lms import scope
from lms.names import fold
from lms.policies import ScopedPolicy


def matching(queryset, text: str, field: str):
    """Return the rows whose folded *field* contains each word of *text*, diacritics ignored."""
    for word in fold(text).split():
        queryset = queryset.filter(**{f"{field}__contains": word})
    return queryset


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
        return scope.limit(super().get_object_list(), self.request.user, _choosing(self.model_class))


class ScopedChosen:
    """Takes only rows that the user may choose."""

    def get_objects(self, pks):
        return scope.limit(super().get_objects(pks), self.request.user, _choosing(self.model_class))


def _choosing(model) -> str:
    return "choose" if "choose" in scope.policy_of(model).acts else "view"


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
            if issubclass(view_class, base) and not issubclass(view_class, scoping):
                view_class = type(view_class.__name__, (scoping, view_class), {})
        if issubclass(view_class, ScopedListing):
            kwargs.setdefault("folded_field", self.folded_field)
            kwargs.setdefault("list_select_related", self.list_select_related)
        return self._guarded(super().construct_view(view_class, **kwargs), view_class)

    def _guarded(self, view, view_class):
        seeing = _choosing(self.model) if isinstance(self, ChooserViewSet) else "view"
        required = getattr(view_class, "permission_required", None)
        act = ScopedPolicy.aliases.get(required, required)

        @wraps(view)
        def guarded(request, *args, **kwargs):
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
                if refused:
                    raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded


class ScopedModelForm(WagtailAdminModelForm):
    """Offers in each select only rows that the user may choose, and keeps a new row inside his scope."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.for_user is None:
            return
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and scope.is_registered(field.queryset.model):
                act = _choosing(field.queryset.model)
                field.queryset = scope.limit(field.queryset, self.for_user, act)

    def _post_clean(self):
        super()._post_clean()
        model = self._meta.model
        if self.errors or self.for_user is None or not scope.is_registered(model):
            return
        # The row as it would be saved: moving one into another hospital is adding it there.
        path = scope.policy_of(model).path
        act = "add" if self.instance._state.adding else "change"
        if isinstance(path, str) and path and not scope.covers_row(self.for_user, act, self.instance):
            field = path.split("__")[0]
            self.add_error(
                field if field in self.fields else None,
                _("You hold no role there that allows this. Please choose one of your own facilities."),
            )


class FoldedFilterForm(BaseFilterForm):
    """The search field of a chooser, diacritics ignored."""

    q = forms.CharField(
        label=_("Search term"), required=False, widget=forms.TextInput(attrs={"placeholder": _("Search")})
    )
    folded_field = "name_folded"

    def filter(self, objects):
        objects = super().filter(objects)
        if text := self.cleaned_data.get("q"):
            self.is_searching, self.search_query = True, text
            objects = matching(objects, text, self.folded_field)
        return objects


class ScopedChooserViewSet(ScopedViewSetMixin, ChooserViewSet):
    """A chooser of scoped rows with a search that ignores diacritics."""

    filter_form_class = None

    def get_common_view_kwargs(self, **kwargs):
        return super().get_common_view_kwargs(filter_form_class=self.filter_form_class, **kwargs)
