"""The people's register in the Wagtail admin: persons with licences and workplaces, and roles, each in its scope."""

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet

from lms import actions, clock, codes, limits, permissions, scope
from lms.duplicates_admin import DuplicateViewSet
from lms.forms import FoldedFilterForm, PersonForm, RoleForm
from lms.imports_admin import ImportViewSet
from lms.models import Affiliation, Person, RoleAssignment
from lms.person_forms import person_formsets
from lms.places_admin import FacilityViewSet, SiteViewSet
from lms.recent import recent_login_required
from lms.viewsets import ScopedChooserViewSet, ScopedViewSetMixin

NUMBERS_SHOWN, NUMBERS_AN_HOUR = 20, 60
"""How many people a search for a phone or licence shows, and how many such searches somebody has in an hour."""


class PersonIndex(generic.IndexView):
    """Persons with the name of their main workplace, in one query."""

    def get_base_queryset(self):
        works = Affiliation.objects.in_force().filter(person=OuterRef("pk")).order_by("-is_primary", "-pk")
        named = Subquery(works.values("facility__name")[:1])
        return super().get_base_queryset().annotate(workplace_name=named)

    def search_queryset(self, queryset):
        """Search names without accents; what holds a digit is sought among phones and licences.

        Such a search needs four characters, shows few, is counted and recorded with each person
        it found: it is for finding somebody one has before oneself, not for collecting numbers.
        """
        if not self.is_searching:
            return queryset
        text, user = self.search_query, self.request.user
        if not any(sign.isdecimal() for sign in text):
            return queryset.matching(text)
        if not limits.hit("lms.person_numbers", str(user.pk), limit=NUMBERS_AN_HOUR, seconds=3600):
            messages.warning(
                self.request, gettext("Too many searches for numbers in an hour. Search by name.")
            )
            return queryset.none()
        found = list(queryset.reached_by(text).order_by("pk").values_list("pk", flat=True)[:NUMBERS_SHOWN])
        actions.log_accesses(user, found, what=gettext_noop("found by phone or licence number"))
        return queryset.filter(pk__in=found)


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
    """Changes a person's own facts, licences and workplaces together or not at all."""

    template_name = "lms/admin/person_edit.html"

    def get_context_data(self, **kwargs):
        kwargs.setdefault("formsets", person_formsets(self.object, self.request.user))
        person = self.object
        may_invite = person.user_id is None and scope.can(self.request.user, "invite", person)
        return super().get_context_data(may_invite=may_invite, **kwargs)

    def form_valid(self, form):
        formsets = person_formsets(self.object, self.request.user, self.request.POST)
        # Each is asked, so that each shows its errors.
        valid = [one.is_valid() for one in formsets]
        if not all(valid):
            return self._again(form, formsets)
        try:
            with transaction.atomic():
                answer = super().form_valid(form)
                odd = [text for one in formsets for text in one.save()]
        except actions.LicenceTaken as taken:
            messages.error(self.request, str(taken))
            return self._again(form, formsets)
        for text in odd:
            messages.warning(self.request, text)
        return answer

    def _again(self, form, formsets):
        self.form = form
        messages.error(self.request, self.get_error_message())
        return self.render_to_response(self.get_context_data(form=form, formsets=formsets))


class PersonInvite(generic.InspectView):
    """Makes a slip with a code for somebody whose record has no login yet; shown once, to be printed."""

    permission_required = "invite"
    template_name = "lms/admin/invite.html"
    page_title = _("Invitation")

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            waiting=self.object.invitations.filter(accepted_at__isnull=True, revoked_at__isnull=True).first(),
            days=actions.invitations.VALID_DAYS,
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        person = self.object
        mine = scope.facilities(request.user, scope.policy_of(Person).acts["invite"])
        work = (
            person.affiliations.in_force()
            .filter(facility__in=mine.values("pk"))
            .order_by("-is_primary")
            .first()
        )
        facility = work.facility if work else person.workplace()
        try:
            if facility is None:
                raise actions.InvitationRefused(gettext("Record first where this person works."))
            invitation, code = actions.invite(person, facility=facility, by=request.user)
        except actions.InvitationRefused as refused:
            messages.error(request, str(refused))
            return redirect(request.path)
        answer = TemplateResponse(
            request,
            "lms/admin/slip.html",
            {"invitation": invitation, "code": codes.shown(code), "address": claim_url(request)},
        )
        # The code is kept nowhere: not in the browser's history either.
        answer["Cache-Control"] = "no-store"
        return answer


def claim_url(request) -> str:
    """Return where a code is typed, or nothing where the site does not mount that page."""
    try:
        return request.build_absolute_uri(reverse("lms:claim"))
    except NoReverseMatch:
        return ""


class PersonInspect(generic.InspectView):
    """Shows a person with workplaces, licences and roles."""

    template_name = "lms/admin/person.html"

    def get_context_data(self, **kwargs):
        person = self.object
        may_invite = person.user_id is None and scope.can(self.request.user, "invite", person)
        return super().get_context_data(may_invite=may_invite, **kwargs)

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
    subject = ""
    name = "lms-persons"
    menu_label = _("Persons")
    icon = "user"
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

    def get_urlpatterns(self):
        invite = self.construct_view(PersonInvite, fields=["full_name", "birth_text", "state"])
        return [*super().get_urlpatterns(), path("invite/<int:pk>/", invite, name="invite")]


class RoleCreate(generic.CreateView):
    """Gives a role through the action."""

    @method_decorator(recent_login_required)
    def post(self, request, *args, **kwargs):
        return super().post(request, *args, **kwargs)

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


def places_with_roles(request):
    """Facilities whose roles the user may see."""
    places = scope.facilities(request.user, scope.policy_of(RoleAssignment).acts["view"])
    return places.filter(role_assignments__isnull=False).distinct().order_by("name")


class RoleFilterSet(WagtailFilterSet):
    """By facility, role, and whether it holds today."""

    facility = django_filters.ModelChoiceFilter(queryset=places_with_roles, label=_("Facility"))
    holds = django_filters.ChoiceFilter(
        method="by_state",
        label=_("State"),
        choices=[("today", _("in force")), ("ended", _("ended")), ("later", _("not yet in force"))],
    )

    class Meta:
        model = RoleAssignment
        fields = ["facility", "role", "holds"]

    def by_state(self, rows, _name, value):
        today = clock.today()
        if value == "today":
            return rows.in_force(today)
        return rows.filter(valid_to__lt=today) if value == "ended" else rows.filter(valid_from__gt=today)


class RoleIndex(generic.IndexView):
    """Roles by facility and office, the newest first."""

    filterset_class = RoleFilterSet


class RoleEnd(generic.InspectView):
    """Asks once, then ends a role at once."""

    permission_required = "change"
    template_name = "lms/admin/end_role.html"
    page_title = _("Role")

    def get_context_data(self, **kwargs):
        return super().get_context_data(is_open=not has_ended(self.object), **kwargs)

    def get_field_display_value(self, field_name, field):
        if field_name in {"user", "granted_by", "ended_by"}:
            return name_of(getattr(self.object, field_name))
        value = super().get_field_display_value(field_name, field)
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        return "–" if value is None else value

    def get_field_label(self, field_name, field):
        own = {
            "user": _("Person"),
            "granted_by": _("Granted by"),
            "granted_at": _("Granted at"),
            "ended_by": _("Ended by"),
        }
        return own.get(field_name) or super().get_field_label(field_name, field)

    @method_decorator(recent_login_required)
    def post(self, request, *args, **kwargs):
        if self.object.role not in permissions.grantable_roles(request.user, self.object.facility):
            raise PermissionDenied  # nobody ends what he could not give
        actions.end_role(self.object, by=request.user)
        messages.success(request, gettext("The role has ended. The person can no longer act in it."))
        return redirect("lms-roles:index")


def name_of(user) -> str:
    """Return the person's name, the login's where no person stands behind it, or a dash for nobody."""
    person = getattr(user, "person", None)
    return person.full_name if person else user.get_username() if user else "–"


def where(row: RoleAssignment) -> str:
    """Return the facility, and whether the role reaches what lies below it."""
    return (
        gettext("%(facility)s and below") % {"facility": row.facility}
        if row.include_children
        else str(row.facility)
    )


def has_ended(row: RoleAssignment) -> bool:
    """Return whether the last day of a role has passed."""
    return row.valid_to is not None and row.valid_to < clock.today()


def state_of(row: RoleAssignment) -> str:
    """Return whether a role holds today, and the day it begins or ends where there is one."""
    if row.valid_to and has_ended(row):
        return gettext("ended, last day %(day)s") % {"day": date_format(row.valid_to, "SHORT_DATE_FORMAT")}
    if row.valid_from and row.valid_from > clock.today():
        return gettext("from %(day)s") % {"day": date_format(row.valid_from, "SHORT_DATE_FORMAT")}
    if row.valid_to:
        return gettext("in force until %(day)s") % {"day": date_format(row.valid_to, "SHORT_DATE_FORMAT")}
    return gettext("in force")


def end_url(row: RoleAssignment) -> str:
    """Return where a role is shown whole and can be ended."""
    return reverse("lms-roles:end", args=[row.pk])


class RoleViewSet(ScopedViewSetMixin, ModelViewSet):
    """Who may act as what at the user's facilities."""

    model = RoleAssignment
    subject = "user__person"
    looks = (gettext_noop("who holds which office"), gettext_noop("who holds which office"))
    name = "lms-roles"
    menu_label = _("Roles")
    list_select_related = ("user__person", "facility", "granted_by__person")
    icon = "group"
    folded_field = "user__person__name_folded"
    search_fields = ["user__person__name_folded"]
    ordering = ["facility__name", "role", "-pk"]
    copy_view_enabled = False
    index_view_class = RoleIndex
    add_view_class = RoleCreate
    inspect_view_fields = [
        "user",
        "role",
        "facility",
        "include_children",
        "valid_from",
        "valid_to",
        "granted_by",
        "granted_at",
        "ended_by",
    ]
    list_display = [
        TitleColumn("holder", label=_("Person"), accessor=lambda row: name_of(row.user), get_url=end_url),
        Column("role", label=_("Role"), accessor="get_role_display"),
        Column("facility", label=_("Facility"), accessor=where),
        Column("granted_by", label=_("Granted by"), accessor=lambda row: name_of(row.granted_by)),
        StatusTagColumn("state", label=_("State"), accessor=state_of, primary=lambda row: not has_ended(row)),
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
    items = (PersonViewSet, DuplicateViewSet, ImportViewSet, FacilityViewSet, SiteViewSet, RoleViewSet)


person_chooser = ScopedChooserViewSet(
    "lms_person_chooser",
    model=Person,
    subject="",
    icon="user",
    choose_one_text=_("Choose a person"),
    choose_another_text=_("Choose another person"),
    filter_form_class=FoldedFilterForm,
)
