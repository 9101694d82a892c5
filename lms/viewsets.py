"""Wagtail admin screens whose rows are limited by ``lms.scope``; other apps' viewsets build on the mixins."""

from functools import wraps

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils.translation import gettext_noop
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.views.generic.chooser import BaseChooseView, ChosenMultipleViewMixin, CreateView
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.viewsets.chooser import ChooserViewSet

from lms import scope
from lms.actions import log_access, log_accesses
from lms.forms import FoldedFilterForm, ScopedModelForm, matching
from lms.models import Person
from lms.policies import ScopedPolicy

__all__ = ["FoldedFilterForm", "ScopedChooserViewSet", "ScopedModelForm", "ScopedViewSetMixin"]


LOOKS = (gettext_noop("a list of people"), gettext_noop("the whole record"))
"""What is written in the access log for a list and for one row, where a viewset says nothing else."""


def person_at(row, subject: str) -> int | None:
    """The key of the person whom *row* is about; *subject* is the attribute, empty where it is the person."""
    found = row
    for name in filter(None, subject.split("__")):
        found = getattr(found, name, None)
    return found.pk if found is not None else None


class ScopedListing:
    """Lists the rows that the user may see; searches a folded field where the viewset names one.

    Of rows about people, that they were shown is recorded.
    """

    folded_field = None
    list_select_related: tuple[str, ...] = ()
    subject: str | None = None
    looks = LOOKS

    def get_context_data(self, *args, **kwargs):
        context = super().get_context_data(*args, **kwargs)
        if self.subject is not None:
            shown = {person_at(row, self.subject) for row in context["object_list"]}
            log_accesses(self.request.user, shown, what=self.looks[0])
        return context

    def get_base_queryset(self):
        rows = scope.limit(super().get_base_queryset(), self.request.user, "view")
        return rows.select_related(*self.list_select_related) if self.list_select_related else rows

    def search_queryset(self, queryset):
        if self.folded_field and self.is_searching:
            return matching(queryset, self.search_query, self.folded_field)
        return super().search_queryset(queryset)


class ScopedChoosing:
    """Offers the rows that the user may choose; of rows about people, that they were shown is recorded."""

    subject: str | None = None
    looks = LOOKS

    def get_results_page(self, request):
        page = super().get_results_page(request)
        if self.subject is not None:
            shown = {person_at(row, self.subject) for row in page.object_list}
            log_accesses(request.user, shown, what=self.looks[0])
        return page

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

    ``subject`` is the way from a row to the person it is about (empty where it is the person
    itself). Where it is given, every look is written into the access log: a list once an hour for
    each person shown, a row each time; ``looks`` are the words for both.
    """

    folded_field: str | None = None
    list_select_related: tuple[str, ...] = ()
    subject: str | None = None
    looks = LOOKS

    def construct_view(self, view_class, **kwargs):
        for base, scoping in _SCOPES:
            # The history of a row lists log entries, and the guard below has looked at the row.
            if issubclass(view_class, base) and not issubclass(view_class, (scoping, HistoryView)):
                view_class = type(view_class.__name__, (scoping, view_class), {})
        if issubclass(view_class, ScopedListing):
            kwargs.setdefault("folded_field", self.folded_field)
            kwargs.setdefault("list_select_related", self.list_select_related)
        if issubclass(view_class, (ScopedListing, ScopedChoosing)):
            kwargs.setdefault("subject", self.subject)
            kwargs.setdefault("looks", self.looks)
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
            if not scope.can(request.user, seeing, self.model):
                # Wagtail asks nothing before it opens a chooser: an empty one is still a door.
                raise PermissionDenied
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
                if self.subject is not None and request.method in {"GET", "HEAD"}:
                    self._record(request, row.get())
            return view(request, *args, **kwargs)

        return guarded

    def _record(self, request, row) -> None:
        key = person_at(row, self.subject)
        if key is not None:
            log_access(request.user, Person.objects.get(pk=key), what=self.looks[1])


class ScopedChooserViewSet(ScopedViewSetMixin, ChooserViewSet):
    """A chooser of scoped rows with a search that ignores diacritics."""

    filter_form_class = None

    def get_common_view_kwargs(self, **kwargs):
        return super().get_common_view_kwargs(filter_form_class=self.filter_form_class, **kwargs)
