"""The people's register in the Wagtail admin: persons, facilities, rooms and roles, each in its scope."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet

from lms import actions, clock, permissions
from lms.forms import FacilityForm, FoldedFilterForm, PersonForm, RoleForm, SiteForm
from lms.models import Affiliation, Facility, Person, RoleAssignment, TeleSite
from lms.viewsets import ScopedChooserViewSet, ScopedViewSetMixin


class PersonIndex(generic.IndexView):
    """Persons with the name of their main workplace, in one query."""

    def get_base_queryset(self):
        works = Affiliation.objects.in_force().filter(person=OuterRef("pk")).order_by("-is_primary", "-pk")
        named = Subquery(works.values("facility__name")[:1])
        return super().get_base_queryset().annotate(workplace_name=named)


class PersonCreate(generic.CreateView):
    """Adds a person through the action, with workplace and licence."""

    def save_instance(self):
        data = dict(self.form.cleaned_data)
        names = ["birth_date", "birth_year", "phone", "email", "profession", "academic_title", "sex", "state"]
        return actions.add_person(
            data["full_name"],
            facility=data["facility"],
            licence=data["licence"],
            by=self.request.user,
            **{name: data[name] for name in names},
        )


class PersonEdit(generic.EditView):
    """Changes a person's own facts; that somebody looked is recorded."""

    def get_object(self, queryset=None):
        person = super().get_object(queryset)
        actions.log_access(self.request.user, person, what="admin: record opened for editing")
        return person


class PersonInspect(generic.InspectView):
    """Shows a person with workplaces, licences and roles; that somebody looked is recorded."""

    def get_object(self, queryset=None):
        person = super().get_object(queryset)
        actions.log_access(self.request.user, person, what="admin: record read")
        return person

    def get_workplaces_display_value(self):
        return "; ".join(
            str(row.facility) for row in self.object.affiliations.in_force().select_related("facility")
        )

    def get_licence_numbers_display_value(self):
        return "; ".join(str(licence) for licence in self.object.licences.all())

    def get_field_label(self, field_name, field):
        own = {"birth_text": _("Birth date"), "workplaces": _("Works at"), "licence_numbers": _("Licences")}
        return own.get(field_name) or super().get_field_label(field_name, field)


class PersonViewSet(ScopedViewSetMixin, ModelViewSet):
    """Persons of the user's facilities."""

    model = Person
    name = "lms-persons"
    menu_label = _("Persons")
    icon = "user"
    folded_field = "name_folded"
    search_fields = ["name_folded"]
    list_display = [
        "full_name",
        "profession",
        Column("workplace", label=_("Works at"), accessor="workplace_name"),
        StatusTagColumn("state", label=_("State"), accessor="get_state_display"),
    ]
    list_filter = ["state", "profession"]
    ordering = ["sort_key", "pk"]
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = [
        "full_name",
        "academic_title",
        "profession",
        "birth_text",
        "phone",
        "email",
        "workplaces",
        "licence_numbers",
        "state",
    ]
    list_select_related = ("profession",)
    index_view_class = PersonIndex
    add_view_class = PersonCreate
    edit_view_class = PersonEdit
    inspect_view_class = PersonInspect

    def get_form_class(self, for_update=False):
        return PersonForm


class FacilityViewSet(ScopedViewSetMixin, ModelViewSet):
    """Facilities at which the user holds a role."""

    model = Facility
    name = "lms-facilities"
    menu_label = _("Facilities")
    list_select_related = ("province",)
    icon = "home"
    folded_field = "name_folded"
    search_fields = ["name_folded"]
    list_display = ["name", "kind", "province", BooleanColumn("is_provider", label=_("Gives courses"))]
    list_filter = ["kind", "province", "is_provider"]
    copy_view_enabled = False

    def get_form_class(self, for_update=False):
        return FacilityForm


class SiteViewSet(ScopedViewSetMixin, ModelViewSet):
    """Rooms of the user's facilities."""

    model = TeleSite
    name = "lms-sites"
    menu_label = _("Tele-sites")
    list_select_related = ("facility",)
    icon = "desktop"
    list_display = ["name", "facility", "capacity", BooleanColumn("is_active", label=_("In use"))]
    list_filter = ["is_active"]
    search_fields = ["name", "code"]
    copy_view_enabled = False

    def get_form_class(self, for_update=False):
        return SiteForm


class RoleCreate(generic.CreateView):
    """Gives a role through the action."""

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "for_user": self.request.user}

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        form.fields["person"].widget = person_chooser.widget_class()
        return form

    def save_instance(self):
        data = self.form.cleaned_data
        return actions.grant_role(
            data["person"].user,
            role=data["role"],
            facility=data["facility"],
            include_children=data["include_children"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            by=self.request.user,
        )

    def get_success_buttons(self):
        return []


class RoleEnd(generic.InspectView):
    """Asks once, then ends a role at once."""

    permission_required = "change"
    template_name = "lms/admin/end_role.html"
    page_title = _("Role")

    def get_context_data(self, **kwargs):
        row = self.object
        return super().get_context_data(
            is_open=row.valid_to is None or row.valid_to >= clock.today(), **kwargs
        )

    def post(self, request, *args, **kwargs):
        if self.object.role not in permissions.grantable_roles(request.user, self.object.facility):
            raise PermissionDenied  # nobody ends what he could not give
        actions.end_role(self.object, by=request.user)
        messages.success(request, _t("The role has ended. The person can no longer act in it."))
        return redirect("lms-roles:index")


def holder(row: RoleAssignment) -> str:
    """Return the person's name, or the login's where no person stands behind it."""
    person = getattr(row.user, "person", None)
    return person.full_name if person else row.user.get_username()


def end_url(row: RoleAssignment) -> str:
    """Return where a role is shown whole and can be ended."""
    return reverse("lms-roles:end", args=[row.pk])


class RoleViewSet(ScopedViewSetMixin, ModelViewSet):
    """Who may act as what at the user's facilities."""

    model = RoleAssignment
    name = "lms-roles"
    menu_label = _("Roles")
    list_select_related = ("user__person", "facility")
    icon = "group"
    ordering = ["-pk"]
    list_filter = ["role"]
    copy_view_enabled = False
    add_view_class = RoleCreate
    inspect_view_fields = [
        "user",
        "role",
        "facility",
        "include_children",
        "valid_from",
        "valid_to",
        "granted_by",
    ]
    list_display = [
        TitleColumn("holder", label=_("Person"), accessor=holder, get_url=end_url),
        Column("role", label=_("Role"), accessor="get_role_display"),
        "facility",
        BooleanColumn("include_children", label=_("And below")),
        "valid_from",
        "valid_to",
    ]

    def get_form_class(self, for_update=False):
        return RoleForm

    def get_urlpatterns(self):
        # A role is given and ended, never edited or deleted: its row is the record of who could do what.
        kept = {"index", "index_results", "add"}
        end = self.construct_view(RoleEnd, fields=self.inspect_view_fields)
        return [url for url in super().get_urlpatterns() if url.name in kept] + [
            path("end/<int:pk>/", end, name="end")
        ]

    def get_common_view_kwargs(self, **kwargs):
        found = super().get_common_view_kwargs(**kwargs)
        return {
            **found,
            "edit_url_name": None,
            "delete_url_name": None,
            "history_url_name": None,
            "usage_url_name": None,
        }


class PeopleGroup(ViewSetGroup):
    """The menu of the people's register."""

    menu_label = _("People and places")
    menu_icon = "group"
    menu_order = 300
    items = (PersonViewSet, FacilityViewSet, SiteViewSet, RoleViewSet)


person_chooser = ScopedChooserViewSet(
    "lms_person_chooser",
    model=Person,
    icon="user",
    choose_one_text=_("Choose a person"),
    choose_another_text=_("Choose another person"),
    filter_form_class=FoldedFilterForm,
)
facility_chooser = ScopedChooserViewSet(
    "lms_facility_chooser",
    model=Facility,
    icon="home",
    choose_one_text=_("Choose a facility"),
    choose_another_text=_("Choose another facility"),
    filter_form_class=FoldedFilterForm,
    register_widget=False,
)
