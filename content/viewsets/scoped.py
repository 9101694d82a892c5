"""Listing, form and show screens of teaching content, held to the rows of the user's own facilities."""

from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView
from django.views.generic.detail import BaseDetailView
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import log

from content.actions import QuestionRefused, ReviewRefused, VideoRefused
from lms import scope
from lms.forms import holding
from lms.media import MediaUnwritable
from lms.viewsets import ScopedViewSetMixin

REFUSALS = (QuestionRefused, ReviewRefused, VideoRefused, MediaUnwritable)
"""What an action says no with; its message is meant for the page."""


class Index(generic.IndexView):
    """Lists what the user may see; its search folds diacritics."""

    any_permission_required = ["add", "change", "view"]

    def search_queryset(self, queryset):
        return holding(queryset, self.search_query, *self.search_fields) if self.is_searching else queryset


class Writes:
    """Saves through the form's ``write`` (an action) where it has one, and turns a refusal into words."""

    def save_instance(self):
        form = self.form
        saved = form.write(self.request.user) if hasattr(form, "write") else form.save()
        log(instance=saved, action=self.log_action, user=self.request.user)
        return saved

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except REFUSALS as refused:
            form.add_error("file" if "file" in form.fields else None, str(refused))
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)

    def get_success_buttons(self):
        return []


class Create(Writes, generic.CreateView):
    """A new row in one of the user's own facilities."""

    log_action = "wagtail.create"


class Edit(Writes, generic.EditView):
    """A row of the user's own facilities."""

    log_action = "wagtail.edit"


class Show(PermissionCheckedMixin, WagtailAdminTemplateMixin, DetailView):
    """One row to look at."""

    any_permission_required = ["view", "change"]
    index_url_name = None
    edit_url_name = None

    def get_page_subtitle(self):
        return str(self.object)

    def get_breadcrumbs_items(self):
        label = capfirst(self.model._meta.verbose_name_plural)
        items = [
            {"url": reverse(self.index_url_name), "label": label},
            {"url": "", "label": str(self.object)},
        ]
        return self.breadcrumbs_items + items

    def get_context_data(self, **kwargs):
        can_change = scope.can(self.request.user, "change", self.object)
        edit_url = reverse(self.edit_url_name, args=[self.object.pk]) if can_change else ""
        return super().get_context_data(can_change=can_change, edit_url=edit_url, **kwargs)


class Operation(PermissionCheckedMixin, BaseDetailView):
    """One verb on one row, by POST only."""

    http_method_names = ["post"]
    permission_required = "change"
    show_url_name = None

    def operate(self, row):
        """Do it, and return the sentence that says so."""
        raise NotImplementedError

    def post(self, request, **kwargs):
        row = self.get_object()
        try:
            sentence = self.operate(row)
        except REFUSALS as refused:
            messages.error(request, str(refused))
        else:
            log(instance=row, action="wagtail.edit", user=request.user)
            messages.success(request, sentence)
        return redirect(reverse(self.show_url_name, args=[row.pk]))


class ContentViewSet(ScopedViewSetMixin, ModelViewSet):
    """List, new and edit. Nothing is deleted: what learners have used must stay."""

    index_view_class = Index
    add_view_class = Create
    edit_view_class = Edit
    copy_view_enabled = False
    add_to_reference_index = False
    search_backend_name = None
    list_select_related = ("facility",)
    form_class = None
    create_template_name = edit_template_name = "lms_content/admin/form.html"

    def get_form_class(self, for_update=False):
        return self.form_class

    def get_common_view_kwargs(self, **kwargs):
        gone = {"history_url_name": None, "usage_url_name": None, "delete_url_name": None}
        return super().get_common_view_kwargs(**{**gone, **kwargs})

    def get_urlpatterns(self):
        kept = {"index", "index_results", "add", "edit"}
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in kept]

    def at(self, name: str, view_class):
        """A further screen on one row, named and reached by *name*."""
        view = self.construct_view(view_class, show_url_name=self.get_url_name("show"))
        return path(f"{name}/<int:pk>/", view, name=name)


def facility_column() -> Column:
    """The hospital of a row."""
    return Column("facility", label=_("Facility"), accessor="facility.name", sort_key="facility__name")
