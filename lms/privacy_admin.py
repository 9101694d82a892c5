"""The data protection officer's desk in the Wagtail admin: requests against their clocks, and who looked."""

from copy import copy
from datetime import datetime, timedelta

import django_filters
from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import HeaderButton

from lms import actions, clock, scope
from lms.breach_admin import Breach
from lms.models import AccessLog, DataRequest, RoleAssignment
from lms.recent import recent_login_required
from lms.viewsets import ScopedViewSetMixin

Kind = DataRequest.Kind

KEPT = {"index", "index_results", "inspect"}


def last_moment(deadline: datetime) -> str:
    """The day until whose end something is to be done; deadlines are stored as the midnight after it."""
    return date_format(timezone.localtime(deadline - timedelta(seconds=1)), "SHORT_DATE_FORMAT")


def moment(value: datetime) -> str:
    """A moment to the minute: the log and the clocks are read by it."""
    return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")


def shown_state(row: DataRequest) -> str:
    """The state, or that a clock has run out."""
    return gettext("overdue") if row.is_overdue else row.get_state_display()


def inspect_url(row: DataRequest) -> str:
    """Where one request is dealt with."""
    return reverse("lms-data-requests:inspect", args=[row.pk])


class RequestFilterSet(WagtailFilterSet):
    """By right and state."""

    class Meta:
        model = DataRequest
        fields = ["kind", "state"]


class RequestIndex(generic.IndexView):
    """Requests, the overdue first, then by the clock that runs out next."""

    default_ordering = None
    is_searchable = False

    def order_queryset(self, queryset):
        return queryset.due_first(clock.nearly())


class ReplyForm(forms.Form):
    """What the officer presses, with the words that the person reads."""

    do = forms.ChoiceField(
        choices=[(verb, verb) for verb in ("acknowledge", "extend", "close", "refuse", "erase")]
    )
    words = forms.CharField(
        label=_("Answer or reason; the person reads it"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    days = forms.IntegerField(label=_("Days longer"), required=False, min_value=1, max_value=15, initial=15)


def press(row: DataRequest, data: dict, by) -> str:
    """Do what was pressed and return what to say about it. Raises RequestRefused."""
    verb, words = data["do"], data["words"]
    if verb == "acknowledge":
        actions.acknowledge(row, by=by)
        return gettext("Noted: the person sees that the request is being worked on.")
    if verb == "extend":
        actions.extend(row, by=by, days=data["days"] or 0, reason=words)
        return gettext("The time was lengthened; the person sees the reason.")
    if verb == "refuse":
        actions.refuse(row, by=by, reason=words)
        return gettext("Refused, with the reason.")
    if verb == "erase":
        actions.erase_on_request(row, by=by)
        return gettext("Erased. What the law keeps stays in the register.")
    actions.close(row, by=by, answer=words)
    return gettext("Closed. The person reads the answer under “My data”.")


class RequestDesk(generic.InspectView):
    """One request with its clocks, and the buttons that move it."""

    template_name = "lms/admin/data_request.html"
    page_title = _("Request about personal data")

    def get_context_data(self, **kwargs):
        row = self.object
        may = row.is_open and scope.can(self.request.user, "change", row)
        return super().get_context_data(
            form=kwargs.pop("form", None) or ReplyForm(),
            may=may,
            answer_by=last_moment(row.answer_by),
            done_by=last_moment(row.done_by),
            erases=row.kind == Kind.ERASE,
            obstacle=actions.why_not_erased(row.person) if row.kind == Kind.ERASE else "",
            unreachable=not (row.person.email or getattr(row.person.user, "email", "")),
            **kwargs,
        )

    def get_field_label(self, field_name, field):
        own = {"kind": _("Which right"), "details": _("In their own words"), "answer": _("Answer")}
        return own.get(field_name) or super().get_field_label(field_name, field)

    def get_field_display_value(self, field_name, field):
        value = super().get_field_display_value(field_name, field)
        if isinstance(value, datetime):
            return moment(value)
        return value or "–"

    def post(self, request, *args, **kwargs):
        form = ReplyForm(request.POST)
        if not form.is_valid() or not scope.can(request.user, "change", self.object):
            return self.render_to_response(self.get_context_data(form=form), status=400)
        if form.cleaned_data["do"] == "erase":
            return recent_login_required(lambda request: self.done(request, form))(request)
        return self.done(request, form)

    def done(self, request, form):
        """Press the button and say what came of it."""
        try:
            messages.success(request, press(self.object, form.cleaned_data, request.user))
        except actions.RequestRefused as refusal:
            messages.error(request, str(refusal))
            return redirect(inspect_url(self.object))
        return redirect("lms-data-requests:index")


class ReadOnly(ScopedViewSetMixin, ModelViewSet):
    """Rows that are looked at; none is added, edited or deleted here."""

    copy_view_enabled = False
    add_to_admin_menu = False

    def get_urlpatterns(self):
        return [url for url in super().get_urlpatterns() if url.name in KEPT]

    def get_common_view_kwargs(self, **kwargs):
        closed = {f"{name}_url_name": None for name in ("add", "edit", "delete", "history", "usage")}
        return {**super().get_common_view_kwargs(**kwargs), **closed}


class DataRequestViewSet(ReadOnly):
    """What people ask about their data."""

    model = DataRequest
    subject = "person"
    looks = (gettext_noop("requests about personal data"), gettext_noop("a request about personal data"))
    name = "lms-data-requests"
    menu_label = _("Requests")
    icon = "mail"
    list_select_related = ("person",)
    form_fields = ["answer"]  # asked for by Wagtail; no form is ever shown
    index_view_class = RequestIndex
    inspect_view_class = RequestDesk
    inspect_view_enabled = True
    inspect_view_fields = ["person", "kind", "details", "state", "created_at", "extension_reason", "answer"]
    filterset_class = RequestFilterSet
    list_display = [
        TitleColumn("person", label=_("Person"), get_url=inspect_url),
        Column("kind", label=_("Which right"), accessor="get_kind_display"),
        StatusTagColumn("state", label=_("State"), accessor=shown_state, primary=lambda row: row.is_overdue),
        Column(
            "answer_by",
            label=_("Answer by"),
            accessor=lambda row: "✓" if row.acknowledged_at else last_moment(row.answer_by),
        ),
        Column("done_by", label=_("Done by"), accessor=lambda row: last_moment(row.done_by)),
        Column("created_at", label=_("Received"), accessor=lambda row: moment(row.created_at)),
    ]


class AccessFilterSet(WagtailFilterSet):
    """By day and by what was shown."""

    at = django_filters.DateFromToRangeFilter(label=_("Day"))

    class Meta:
        model = AccessLog
        fields = ["what"]


class AccessIndex(generic.IndexView):
    """The looks, with the way to the list of those a breach touched."""

    @property
    def header_buttons(self):
        leads = HeaderButton(
            _("Whom a breach touched"), url=reverse("lms-accesses:breach"), icon_name="warning"
        )
        return [*super().header_buttons, leads]


class AccessViewSet(ReadOnly):
    """Who looked at whose data; written by looking, changed by nobody."""

    model = AccessLog
    subject = "person"
    looks = (gettext_noop("the access log"), gettext_noop("the access log"))
    name = "lms-accesses"
    menu_label = _("Who looked")
    icon = "view"
    list_select_related = ("person", "user__person")
    folded_field = "person__name_folded"
    search_fields = ["person__name_folded"]
    ordering = ["-at", "-pk"]
    index_view_class = AccessIndex
    form_fields = ["what"]  # asked for by Wagtail; no form is ever shown
    list_display = [
        Column("at", label=_("When"), accessor=lambda row: moment(row.at)),
        Column("user", label=_("Who"), accessor=lambda row: who(row)),
        Column("person", label=_("Whose data")),
        Column("what", label=_("What was shown"), accessor=lambda row: gettext(row.what)),
        "purpose",
    ]

    def get_urlpatterns(self):
        breach = self.construct_view(Breach)
        kept = [url for url in super().get_urlpatterns() if url.name != "inspect"]
        return [*kept, path("breach/", breach, name="breach")]


def who(row: AccessLog) -> str:
    """The person behind the login that looked."""
    person = getattr(row.user, "person", None)
    return person.full_name if person else str(row.user or "–")


class PrivacyGroup(ViewSetGroup):
    """The menu of data protection officers; it says how many requests are open."""

    menu_label = _("Data privacy")
    menu_icon = "lock"
    menu_order = 330
    items = (DataRequestViewSet, AccessViewSet)

    def get_menu_item(self, order=None):
        item = super().get_menu_item(order)
        item.is_shown = lambda request: scope.has_role(request.user, RoleAssignment.Role.DPO)

        def render_with_count(request):
            shown = copy(item)  # one item serves every officer
            if waiting := scope.limit(DataRequest.objects.open(), request.user, "view").count():
                shown.label = f"{item.label} ({waiting})"
            return type(item).render_component(shown, request)

        item.render_component = render_with_count
        return item
