"""Places in the Wagtail admin: facilities with their former names, merges, and tele-sites, each in its scope."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import log

from lms import actions, scope
from lms.forms import FacilityFilterForm, FacilityForm, SiteForm, holding
from lms.models import Facility, TeleSite
from lms.place_forms import MergeFacilityForm, MoveForm, RenameForm
from lms.viewsets import ScopedChooserViewSet, ScopedViewSetMixin


class FacilityIndex(generic.IndexView):
    """Facilities, found by every name they have or had."""

    def search_queryset(self, queryset):
        return queryset.matching(self.search_query) if self.is_searching else queryset


class FacilityEdit(generic.EditView):
    """Changes what may be said of a facility; a new name and a merge have screens of their own."""

    template_name = "lms/admin/facility_edit.html"

    def save_instance(self):
        row = super().save_instance()
        # A hospital that gives courses from now on has had its groups for long.
        actions.open_collections(row)
        return row

    def get_context_data(self, **kwargs):
        row = self.object
        return super().get_context_data(
            former=row.names.order_by("-valid_to", "-pk"),
            merged=row.replaces.order_by("-valid_to"),
            stood=row.former_parents.select_related("parent"),
            since=row.stands_since(),
            may_merge=scope.can(self.request.user, "merge", row) and not row.replaced_by_id,
            **kwargs,
        )


class FacilityDesk(generic.InspectView):
    """One act on one facility: a form, an action, and back."""

    form_class: type
    done = ""

    def get_form(self, data=None):
        return self.form_class(data, facility=self.object, for_user=self.request.user)

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", self.get_form())
        return super().get_context_data(**kwargs)

    def post(self, request, *args, **kwargs):
        form = self.get_form(request.POST)
        if form.is_valid():
            try:
                if (answer := self.act(form)) is not None:
                    return answer
            except actions.PlaceRefused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, str(self.done))
                return redirect(reverse("lms-facilities:edit", args=[self.object.pk]))
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def act(self, form):
        """Do it; return a response to show something else first."""
        raise NotImplementedError


class FacilityRename(FacilityDesk):
    """Gives a facility another name from a day on."""

    permission_required = "change"
    template_name = "lms/admin/facility_rename.html"
    page_title = _("Another name")
    form_class = RenameForm
    done = _("The name was changed. The former name still finds the facility.")

    def act(self, form):
        data = form.cleaned_data
        row = actions.rename_facility(
            self.object, name=data["name"], since=data["since"], was_misspelt=data["was_misspelt"]
        )
        log(row, "wagtail.edit", user=self.request.user)


class FacilityMove(FacilityDesk):
    """Puts a facility below another body, as the reorganisations of 2025 did."""

    permission_required = "merge"
    template_name = "lms/admin/facility_move.html"
    page_title = _("Below another body")
    form_class = MoveForm
    done = _("The facility now lies below the other body, with everything below it.")

    def act(self, form):
        before, under = str(self.object.parent or "–"), form.cleaned_data["under"]
        row = actions.move_facility(self.object, under=under, since=form.cleaned_data["since"])
        log(row, "wagtail.edit", user=self.request.user, data={"part_of": [before, str(under)]})


class FacilityMerge(FacilityDesk):
    """Lets a facility become part of another, after showing what goes over."""

    permission_required = "merge"
    template_name = "lms/admin/facility_merge.html"
    page_title = _("Merge into another facility")
    form_class = MergeFacilityForm
    done = _("The facility was merged. People and rooms went over to the successor.")

    def act(self, form):
        into, on = form.cleaned_data["into"], form.cleaned_data["on"]
        if why := actions.merge_obstacle(self.object, into=into):
            raise actions.PlaceRefused(why)
        if "sure" not in self.request.POST:
            row = self.object
            preview = {
                "into": into,
                "people": row.affiliations.in_force().count(),
                "rooms": row.sites.count(),
                "below": row.children.filter(replaced_by__isnull=True).count(),
                "roles": row.role_assignments.in_force().count(),
                "left": actions.roles_left_behind(row, into=into, by=self.request.user),
            }
            return self.render_to_response(self.get_context_data(form=form, preview=preview))
        actions.merge_facilities(self.object, into=into, by=self.request.user, on=on)
        log(self.object, "wagtail.edit", user=self.request.user)
        messages.success(
            self.request, gettext("The facility was merged. People and rooms went over to the successor.")
        )
        return redirect(reverse("lms-facilities:edit", args=[into.pk]))


class FacilityViewSet(ScopedViewSetMixin, ModelViewSet):
    """Facilities at which the user holds a role."""

    model = Facility
    name = "lms-facilities"
    menu_label = _("Facilities")
    list_select_related = ("province",)
    icon = "home"
    search_fields = ["name_folded"]
    list_display = [
        "name",
        "kind",
        "province",
        # No red cross: most facilities give none, and rightly.
        Column(
            "is_provider", label=_("Gives courses"), accessor=lambda row: _("yes") if row.is_provider else ""
        ),
        "valid_to",
    ]
    list_filter = ["kind", "province", "is_provider"]
    copy_view_enabled = False
    index_view_class = FacilityIndex
    edit_view_class = FacilityEdit

    def get_form_class(self, for_update=False):
        return FacilityForm

    def get_urlpatterns(self):
        rename = self.construct_view(FacilityRename, fields=["name"])
        merge = self.construct_view(FacilityMerge, fields=["name"])
        move = self.construct_view(FacilityMove, fields=["name", "parent"])
        return [
            *super().get_urlpatterns(),
            path("rename/<int:pk>/", rename, name="rename"),
            path("merge/<int:pk>/", merge, name="merge"),
            path("move/<int:pk>/", move, name="move"),
        ]


class SiteIndex(generic.IndexView):
    """Rooms, found by their name, code or facility."""

    def search_queryset(self, queryset):
        return holding(queryset, self.search_query, *self.search_fields) if self.is_searching else queryset


class SiteViewSet(ScopedViewSetMixin, ModelViewSet):
    """Rooms of the user's facilities."""

    model = TeleSite
    name = "lms-sites"
    menu_label = _("Tele-sites")
    list_select_related = ("facility",)
    icon = "desktop"
    list_display = ["name", "facility", "capacity", BooleanColumn("is_active", label=_("In use"))]
    list_filter = ["is_active"]
    search_fields = ["name", "code", "facility__name"]
    copy_view_enabled = False
    index_view_class = SiteIndex

    def get_form_class(self, for_update=False):
        return SiteForm


facility_chooser = ScopedChooserViewSet(
    "lms_facility_chooser",
    model=Facility,
    icon="home",
    choose_one_text=_("Choose a facility"),
    choose_another_text=_("Choose another facility"),
    filter_form_class=FacilityFilterForm,
    register_widget=False,
)
