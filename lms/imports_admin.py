"""Lists of people and facilities in the Wagtail admin: template, check, result, rows not taken."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from lms import actions, media, scope
from lms.forms import ScopedModelForm
from lms.models import Facility, Job, PeopleImport, Person
from lms.spreadsheets import MOST_BYTES, XLSX
from lms.uploads import UploadRefused, check_size
from lms.viewsets import ScopedViewSetMixin

Kind, State = PeopleImport.Kind, PeopleImport.State


class ImportForm(ScopedModelForm):
    """Which list, for which of one's own facilities."""

    file = forms.FileField(label=_("File"), help_text=_("XLSX or CSV, at most 5 MB and 20,000 rows."))

    class Meta:
        model = PeopleImport
        fields = ["kind", "facility"]

    field_order = ["kind", "facility", "file"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reach = scope.facilities(self.for_user, scope.policy_of(PeopleImport).acts["add"])
        self.fields["facility"].queryset = reach.in_force().order_by("name")
        self.fields["facility"].widget.attrs["class"] = "w-w-full"
        self.fields["file"].widget.attrs["accept"] = ".xlsx,.csv"
        kinds = [Kind.PEOPLE, Kind.FACILITIES] if scope.can(self.for_user, "add", Facility) else [Kind.PEOPLE]
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            check_size(file, MOST_BYTES)
        except UploadRefused as refused:
            raise forms.ValidationError(refused.message) from refused
        return file

    def clean(self):
        data = super().clean()
        kind, facility = data.get("kind"), data.get("facility")
        if kind and facility and not actions.imports.may_import(self.for_user, kind, facility):
            self.add_error("facility", _("You hold no role there that allows this."))
        return data


class ImportCreate(generic.CreateView):
    """Takes a list and has it checked."""

    template_name = "lms/admin/import_add.html"
    submit_button_label = _("Have it checked")

    def get_context_data(self, **kwargs):
        return super().get_context_data(may_places=scope.can(self.request.user, "add", Facility), **kwargs)

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except (UploadRefused, media.MediaUnwritable) as refused:
            form.add_error("file", str(refused))
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)

    def save_instance(self):
        data = self.form.cleaned_data
        return actions.hand_in(data["facility"], file=data["file"], kind=data["kind"], by=self.request.user)

    def get_success_url(self):
        return inspect_url(self.object)

    def get_success_buttons(self):
        return []


class ImportInspect(generic.InspectView):
    """What a list does; pressed once more, it is written."""

    template_name = "lms/admin/import.html"
    page_title = _("List handed in")

    def get_context_data(self, **kwargs):
        kinds = ["lms.import_check", "lms.import_apply"]
        job = Job.objects.filter(kind__in=kinds, key=str(self.object.pk)).order_by("-pk").first()
        return super().get_context_data(job=job, not_taken=actions.imports.not_taken(self.object), **kwargs)

    def get(self, request, *args, **kwargs):
        answer = super().get(request, *args, **kwargs)
        if self.object.state in (State.CHECKING, State.APPLYING):
            answer["Refresh"] = "3"
        return answer

    def post(self, request, *args, **kwargs):
        if not actions.imports.may_import(request.user, self.object.kind, self.object.facility):
            raise PermissionDenied
        try:
            actions.start_import(self.object, by=request.user)
        except actions.ImportRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, gettext("The list is being written."))
        return redirect(inspect_url(self.object))


class ImportErrors(generic.InspectView):
    """The rows that are not taken, as a file."""

    def get(self, request, *args, **kwargs):
        if not self.object.errors_file:
            raise Http404
        return media.serve(
            request,
            self.object.errors_file,
            content_type=XLSX,
            filename=gettext("rows-not-taken-%(number)s.xlsx") % {"number": self.object.pk},
            inline=False,
        )


class Template(View):
    """The empty list to fill in."""

    def get(self, request, kind: str):
        if kind not in (Kind.PEOPLE, Kind.FACILITIES):
            raise Http404
        if not scope.can(request.user, "add", Person if kind == Kind.PEOPLE else Facility):
            raise PermissionDenied
        answer = HttpResponse(actions.imports.template(kind), content_type=XLSX)
        answer["Content-Disposition"] = f'attachment; filename="vuonxa-{kind}.xlsx"'
        return answer


def inspect_url(row: PeopleImport) -> str:
    """Return where one list is shown."""
    return reverse("lms-imports:inspect", args=[row.pk])


class ImportViewSet(ScopedViewSetMixin, ModelViewSet):
    """Lists handed in for the user's facilities."""

    model = PeopleImport
    name = "lms-imports"
    menu_label = _("Lists from spreadsheets")
    icon = "table"
    ordering = ["-pk"]
    list_filter = ["kind", "state"]
    list_select_related = ("facility",)
    copy_view_enabled = False
    inspect_view_enabled = True
    add_view_class = ImportCreate
    inspect_view_class = ImportInspect
    inspect_view_fields = [
        "original_name",
        "kind",
        "facility",
        "state",
        "rows",
        "added",
        "changed",
        "unchanged",
        "refused",
    ]
    list_display = [
        TitleColumn("original_name", label=_("File"), get_url=inspect_url),
        Column("kind", label=_("Kind"), accessor="get_kind_display"),
        "facility",
        StatusTagColumn("state", label=_("State"), accessor="get_state_display"),
        Column("rows", label=_("Rows")),
        DateColumn("created_at", label=_("Handed in at")),
    ]

    def get_form_class(self, for_update=False):
        return ImportForm

    def get_urlpatterns(self):
        # A list is handed in, checked and written; its row is the record of that.
        kept = {"index", "index_results", "add", "inspect"}
        errors = self.construct_view(ImportErrors, fields=["original_name"])
        return [url for url in super().get_urlpatterns() if url.name in kept] + [
            path("errors/<int:pk>/", errors, name="errors"),
            path("template/<slug:kind>/", Template.as_view(), name="template"),
        ]

    def get_common_view_kwargs(self, **kwargs):
        found = super().get_common_view_kwargs(**kwargs)
        return {**found, **{f"{name}_url_name": None for name in ("edit", "delete", "history", "usage")}}
