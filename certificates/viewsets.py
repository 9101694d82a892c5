"""The register in the Wagtail admin: certificates, issuers, rule tables, and completions that wait."""

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet, ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button

from certificates import permissions
from certificates.actions import ask_to_end, confirm_rules, revoke, supersede, take_back
from certificates.actions.assessing import assess, explained
from certificates.actions.ending import AlreadyEnded, Ending, ReasonMissing, needs_request
from certificates.actions.readiness import NotReady, held_back
from certificates.facts import normalised
from certificates.models import Certificate, Issuer, RuleSet
from certificates.pending import to_end, uncertified
from certificates.templates_admin import TemplateViewSet
from certificates.tokens_admin import TokenViewSet
from lms import scope
from lms.actions import log_accesses
from lms.keys import read_key
from lms.names import fold
from lms.queue import enqueue
from lms.recent import recent_login_required
from lms.templatetags.lms import hours
from lms.viewsets import ScopedModelForm, ScopedViewSetMixin

# Screens that a record of fact does not have.
CLOSED = {f"{name}_url_name": None for name in ("add", "edit", "delete", "history", "usage")}


def own_issuers(request):
    """Issuers whose register the user reads."""
    return scope.limit(Issuer.objects.all(), request.user, "view").select_related("facility")


class CertificateFilterSet(WagtailFilterSet):
    """By state, kind, issuer and year."""

    issuer = django_filters.ModelChoiceFilter(queryset=own_issuers, label=_("Issuer"))
    year = django_filters.NumberFilter(label=_("Year"))

    class Meta:
        model = Certificate
        fields = ["state", "kind", "issuer", "year"]


class CertificateIndex(generic.IndexView):
    """The register of one's issuers; found by number, code or name, diacritics ignored."""

    template_name = "lms_certificates/admin/certificates.html"

    def get_base_queryset(self):
        return super().get_base_queryset().select_related("holder", "issuer__facility")

    def search_queryset(self, queryset):
        if not self.is_searching:
            return queryset
        by_name = Q()
        for word in fold(self.search_query).split():
            by_name &= Q(holder__name_folded__contains=word)
        text = self.search_query.strip()
        return queryset.filter(by_name | Q(number__icontains=text) | Q(code=normalised(text)))


class CertificateInspect(generic.InspectView):
    """One certificate with its facts, its evidence and what happened to it."""

    template_name = "lms_certificates/admin/certificate.html"

    def get_context_data(self, **kwargs):
        row, user = self.object, self.request.user
        [(_row, activities)] = explained([row])
        ends = row.is_valid and scope.can(user, "end", row)
        may_end = ends and row.issued_by_id != user.pk
        return super().get_context_data(
            said=row.said,
            log=row.log.select_related("by__person"),
            entries=row.credit_entries.all(),
            activities=activities,
            lookups=row.lookups.count(),
            may_end=may_end,
            needs_another=ends and not may_end,
            **kwargs,
        )


class EndCertificate(generic.InspectView):
    """Asks for the reason, then ends one certificate through the action, or asks a second person to do it."""

    template_name = "lms_certificates/admin/end.html"
    permission_required = "end"
    action = staticmethod(revoke)
    ending = Ending.REVOKE
    explanation = ""
    button = ""
    done = ""

    @property
    def only_asks(self) -> bool:
        """Whether this user may just ask: who does not sign, or would be alone."""
        row, user = self.object, self.request.user
        return not permissions.signs_for(user, row.issuer) or needs_request(row, self.ending, by=user)

    def get_field_display_value(self, field_name, field):
        shown = super().get_field_display_value(field_name, field)
        return hours(self.object.hours) if field_name == "hours" else shown

    def get_context_data(self, **kwargs):
        asked = self.object.ending_request
        return super().get_context_data(
            explanation=self.explanation,
            button=_("Ask a second person for this") if self.only_asks else self.button,
            only_asks=self.only_asks,
            asked=asked if asked and asked.ending == self.ending else None,
            **kwargs,
        )

    @method_decorator(recent_login_required)
    def post(self, request, *args, **kwargs):
        reason, asks = request.POST.get("reason", ""), self.only_asks
        try:
            if "take_back" in request.POST:
                take_back(self.object, by=request.user)
                messages.success(request, gettext("The request is taken back. The certificate stays valid."))
                return redirect("lms-certificates:inspect", self.object.pk)
            if asks:
                ask_to_end(self.object, self.ending, by=request.user, reason=reason)
            else:
                row = self.action(self.object, by=request.user, reason=reason)
        except (ReasonMissing, AlreadyEnded, NotReady, permissions.NotAllowed) as error:
            messages.error(request, str(error))
            return redirect(request.path)
        if asks:
            messages.success(
                request, gettext("Asked for. Another person who signs for the issuer now does it.")
            )
            return redirect("lms-certificates:inspect", self.object.pk)
        messages.success(request, self.done)
        return redirect("lms-certificates:inspect", row.pk)


class Revoke(EndCertificate):
    """Revokes."""

    page_title = _("Revoke a certificate")
    explanation = _(
        "The code will answer “revoked” with this reason, for ever, to everybody who asks. The credit no "
        "longer counts, and the number is never used again."
    )
    button = _("Revoke")
    done = _("The certificate is revoked. Its code goes on answering.")


class Supersede(EndCertificate):
    """Replaces."""

    action = staticmethod(supersede)
    ending = Ending.REPLACE
    page_title = _("Replace a certificate")
    explanation = _(
        "A new certificate with a new number takes its place, with the facts as the records have them now. "
        "First correct the person or the course; the old file is not changed."
    )
    button = _("Replace")
    done = _("The certificate is replaced. This is the new one; its file is being made.")


class CertificateViewSet(ScopedViewSetMixin, ModelViewSet):
    """Certificates of one's issuers. None is added, edited or deleted here."""

    model = Certificate
    subject = "holder"
    looks = (gettext_noop("a list of certificates"), gettext_noop("a certificate"))
    name = "lms-certificates"
    menu_label = _("Register")
    icon = "clipboard-list"
    ordering = ["-pk"]
    form_fields = ["number"]  # asked for by Wagtail; no form is ever shown
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = ["number", "state"]
    search_fields = ["number"]
    filterset_class = CertificateFilterSet
    index_view_class = CertificateIndex
    inspect_view_class = CertificateInspect
    list_display = [
        TitleColumn(
            "number",
            label=_("Number"),
            get_url=lambda row: reverse("lms-certificates:inspect", args=[row.pk]),
        ),
        Column("holder", label=_("Holder"), accessor=lambda row: row.said["holder"]["name"]),
        Column("issuer", label=_("Issuer")),
        Column("hours", label=_("Credit hours"), accessor=lambda row: hours(row.hours)),
        DateColumn("issued_at", label=_("Issued at"), sort_key="issued_at"),
        StatusTagColumn("state", label=_("State"), accessor="get_state_display"),
        BooleanColumn("sealed_at", label=_("File")),
    ]

    def get_urlpatterns(self):
        kept = {"index", "index_results", "inspect"}
        fields = ["number", "holder", "issuer", "hours", "state"]
        return [url for url in super().get_urlpatterns() if url.name in kept] + [
            path("revoke/<int:pk>/", self.construct_view(Revoke, fields=fields), name="revoke"),
            path("replace/<int:pk>/", self.construct_view(Supersede, fields=fields), name="supersede"),
        ]

    def get_common_view_kwargs(self, **kwargs):
        return {**super().get_common_view_kwargs(**kwargs), **CLOSED}


class IssuerForm(ScopedModelForm):
    """What the documents of an issuer say; old documents keep their words."""

    class Meta:
        model = Issuer
        fields = [
            "facility",
            "abbreviation",
            "governing_body",
            "number_pattern",
            "place",
            "signatory_prefix",
            "signatory_title",
            "signatory_name",
            "issues_automatically",
            "automatic_until",
            "most_in_a_day",
            "most_at_once",
            "is_active",
        ]


class IssuerViewSet(ScopedViewSetMixin, ModelViewSet):
    """Issuers at which one holds a role."""

    model = Issuer
    name = "lms-issuers"
    menu_label = _("Issuers")
    icon = "home"
    copy_view_enabled = False
    list_display = [
        "facility",
        "abbreviation",
        "signatory_name",
        BooleanColumn("issues_automatically", label=_("Issues on completion")),
        BooleanColumn("is_active", label=_("May issue")),
    ]

    def get_form_class(self, for_update=False):
        return IssuerForm

    def get_urlpatterns(self):
        return [url for url in super().get_urlpatterns() if url.name not in {"delete"}]


class RuleSetIndex(generic.IndexView):
    """Tables of credit rules; one opens to be read and confirmed."""

    def get_list_buttons(self, instance):
        return [Button(_("Open"), url=reverse("lms-rulesets:inspect", args=[instance.pk]), icon_name="view")]


class RuleSetInspect(generic.InspectView):
    """One table, rule by rule, with the other values in circulation; confirmed by one button."""

    template_name = "lms_certificates/admin/ruleset.html"

    def get_context_data(self, **kwargs):
        may_confirm = not self.object.is_verified and scope.can(self.request.user, "confirm", self.object)
        return super().get_context_data(rules=self.object.rules.all(), may_confirm=may_confirm, **kwargs)

    def post(self, request, *args, **kwargs):
        confirm_rules(self.object, by=request.user)
        messages.success(request, gettext("The table is marked as compared with the official gazette."))
        return redirect(request.path)


class RuleSetViewSet(ScopedViewSetMixin, ModelViewSet):
    """Conversion tables: loaded as data, read and confirmed here."""

    model = RuleSet
    name = "lms-rulesets"
    menu_label = _("Credit rules")
    icon = "table"
    form_fields = ["name"]  # asked for by Wagtail; no form is ever shown
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = RuleSetIndex
    inspect_view_class = RuleSetInspect
    inspect_view_fields = [
        "code",
        "name",
        "legal_basis",
        "effective_from",
        "effective_to",
        "verified_by",
        "verified_at",
    ]
    list_display = [
        Column("code", label=_("Code")),
        "name",
        "effective_from",
        "effective_to",
        BooleanColumn("is_verified", label=_("Compared with the gazette")),
    ]

    def get_urlpatterns(self):
        kept = {"index", "index_results", "inspect"}
        return [url for url in super().get_urlpatterns() if url.name in kept]

    def get_common_view_kwargs(self, **kwargs):
        return {**super().get_common_view_kwargs(**kwargs), **CLOSED}


class Waiting(WagtailAdminTemplateMixin, TemplateView):
    """Completions that wait for a certificate, each with the reason; POST tries one again."""

    template_name = "lms_certificates/admin/waiting.html"
    page_title = _("Waiting for a certificate")
    header_icon = "warning"

    def dispatch(self, request, *args, **kwargs):
        if not scope.has_role(request.user, *permissions.READERS):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def rows(self):
        issuing = scope.facilities(self.request.user, permissions.READERS)
        return uncertified().filter(run__release__course__facility__in=issuing.values("pk"))

    def get_context_data(self, **kwargs):
        page = Paginator(self.rows(), 50).get_page(self.request.GET.get("p"))
        shown = [row.person_id for row in page]
        log_accesses(self.request.user, shown, what=gettext_noop("completions that wait for a certificate"))
        found = [(row, assess(row)) for row in page]
        issuers = {one.draft.issuer.pk: one.draft.issuer for _row, one in found if one.draft}
        reasons = {pk: held_back(issuer) for pk, issuer in issuers.items()}
        found = [(row, one, reasons[one.draft.issuer.pk] if one.draft else "") for row, one in found]
        ending = scope.limit(to_end(), self.request.user, "view")
        return super().get_context_data(found=found, page=page, ending=ending, **kwargs)

    def post(self, request, *args, **kwargs):
        row = self.rows().filter(pk=read_key(request.POST.get("enrolment", ""))).first()
        if row is not None:
            enqueue("lms_certificates.issue", row.pk)
            messages.success(request, gettext("It will be tried again in a moment."))
        return redirect(request.path)


class WaitingViewSet(ViewSet):
    """What the register still owes."""

    name = "lms-waiting"
    menu_label = _("Waiting")
    icon = "warning"

    def get_menu_item(self, order=None):
        item = super().get_menu_item(order)
        item.is_shown = lambda request: scope.has_role(request.user, *permissions.READERS)
        return item

    def get_urlpatterns(self):
        return [path("", self.construct_view(Waiting), name="index")]


class RegisterGroup(ViewSetGroup):
    """The menu of certificates, for those who may use one of its screens."""

    menu_label = _("Certificates")
    menu_icon = "clipboard-list"
    menu_order = 320
    items = (CertificateViewSet, WaitingViewSet, IssuerViewSet, TemplateViewSet, RuleSetViewSet, TokenViewSet)
