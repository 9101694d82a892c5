"""Wagtail's listing and form screens, held to the rows of the user's own facilities."""

from django.http import Http404, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView, View
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import log

from content.actions import QuestionRefused, ReviewRefused, VideoRefused
from lms import scope
from lms.media import MediaUnwritable

REFUSALS = (QuestionRefused, ReviewRefused, VideoRefused, MediaUnwritable)
"""What an action says no with; its message is meant for the page."""


class ScopedIndex(generic.IndexView):
    """Lists what the user may see; other hospitals' rows do not exist for him."""

    any_permission_required = ["add", "change", "view"]

    def get_base_queryset(self):
        return scope.limit(super().get_base_queryset(), self.request.user, "view")


class Writes:
    """Saves through the form's ``write`` (an action) where it has one, and turns a refusal into words."""

    def save_instance(self):
        if hasattr(self.form, "write"):
            saved = self.form.write(self.request.user)
        else:
            saved = self.form.save()
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


class ScopedCreate(Writes, generic.CreateView):
    """A new row in one of the user's own facilities."""

    log_action = "wagtail.create"


class ScopedEdit(Writes, generic.EditView):
    """A row of the user's own facilities; 404 for any other."""

    log_action = "wagtail.edit"

    def get_queryset(self):
        return scope.limit(self.model._default_manager.all(), self.request.user, "change")


class Show(PermissionCheckedMixin, WagtailAdminTemplateMixin, DetailView):
    """One row to look at."""

    any_permission_required = ["view", "change"]
    index_url_name = None
    edit_url_name = None

    def get_queryset(self):
        return scope.limit(self.model._default_manager.all(), self.request.user, "view")

    def get_page_subtitle(self):
        return str(self.object)

    def get_breadcrumbs_items(self):
        plural = self.model._meta.verbose_name_plural
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": plural[:1].upper() + plural[1:]},
            {"url": "", "label": str(self.object)},
        ]

    def get_context_data(self, **kwargs):
        can_change = scope.can(self.request.user, "change", self.object)
        edit_url = reverse(self.edit_url_name, args=[self.object.pk]) if can_change else ""
        return super().get_context_data(can_change=can_change, edit_url=edit_url, **kwargs)


class Operation(PermissionCheckedMixin, View):
    """One verb on one row, by POST only."""

    act = "change"
    show_url_name = None
    model = None

    def operate(self, row):
        """Do it, and return the sentence that says so."""
        raise NotImplementedError

    def get(self, request, *args, **kwargs):
        return HttpResponseNotAllowed(["POST"])

    def post(self, request, pk):
        row = scope.limit(self.model._default_manager.all(), request.user, self.act).filter(pk=pk).first()
        if row is None:
            raise Http404
        try:
            sentence = self.operate(row)
        except REFUSALS as refused:
            messages.error(request, str(refused))
        else:
            log(instance=row, action="wagtail.edit", user=request.user)
            messages.success(request, sentence)
        return redirect(reverse(self.show_url_name, args=[pk]))


class ScopedViewSet(ModelViewSet):
    """List, new and edit. Nothing is deleted: what learners have used must stay."""

    index_view_class = ScopedIndex
    add_view_class = ScopedCreate
    edit_view_class = ScopedEdit
    copy_view_enabled = False
    add_to_reference_index = False
    search_backend_name = None
    form_class = None
    create_template_name = edit_template_name = "lms_content/admin/form.html"

    def get_form_class(self, for_update=False):
        return self.form_class

    def get_common_view_kwargs(self, **kwargs):
        gone = {"history_url_name": None, "usage_url_name": None, "delete_url_name": None}
        return super().get_common_view_kwargs(**{**gone, **kwargs})

    def get_urlpatterns(self):
        kept = {"index", "index_results", "add", "edit"}
        return [
            pattern for pattern in self.all_urlpatterns() if pattern.name in kept
        ] + self.own_urlpatterns()

    def all_urlpatterns(self):
        """Wagtail's own list, of which we keep a part."""
        return super().get_urlpatterns()

    def own_urlpatterns(self) -> list:
        """Further screens of this kind of content."""
        return []

    def at(self, route: str, view, name: str):
        """One further screen on a row."""
        common = {"model": self.model}
        names = {
            "index_url_name": self.get_url_name("index"),
            "edit_url_name": self.get_url_name("edit"),
            "show_url_name": self.get_url_name("show"),
            "header_icon": self.icon,
        }
        common |= {key: value for key, value in names.items() if hasattr(view, key)}
        return path(f"{route}/<int:pk>/", view.as_view(**common), name=name)


def facility_column() -> Column:
    """The hospital of a row."""
    return Column("facility", label=_("Facility"), accessor="facility.name", sort_key="facility__name")
