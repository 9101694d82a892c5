"""Whose applications wait for me: the line manager's and the training office's list, and their deputies."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from courses.actions import applications
from courses.models import Application, Deputy
from courses.permissions import (
    Role,
    applications_of,
    approves,
    get_decidable_for,
    givers_of,
    to_decide,
)
from lms import clock, scope
from lms.actions import log_accesses
from lms.models import Affiliation, Person

PER_PAGE = 50
SHOWN = {
    "waiting": (),
    "line": (Application.State.WAITING, Application.State.OFFERED),
    "approved": (Application.State.ENROLLED,),
    "refused": (Application.State.REFUSED, Application.State.EXPIRED),
}
"""What each tab of the list holds; the first is what I can decide."""


class DeputyForm(forms.Form):
    """Who decides in my stead, and from when until when."""

    person = forms.ModelChoiceField(label=gettext_lazy("Who decides instead of you"), queryset=None)
    valid_from = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    valid_to = forms.DateField(
        label=gettext_lazy("Until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = colleagues_of(user)


def colleagues_of(user):
    """Whom *user* may name: people with a login who work where *user* approves."""
    places = scope.facilities(user, {Role.UNIT_MANAGER, Role.PROGRAMME_MANAGER})
    staff = Affiliation.objects.in_force().filter(facility__in=places.values("pk")).values("person")
    rows = Person.objects.living().filter(pk__in=staff, user__is_active=True)
    return rows.exclude(user=user.pk).by_given_name()


@login_required
@never_cache
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for me, the oldest first; what was decided, the newest first."""
    if not approves(request.user):
        raise Http404
    return _page(request)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or refuse one application."""
    application, giver = get_decidable_for(request.user, pk)
    approve = request.POST.get("answer") == "approve"
    try:
        row = applications.decide(
            application,
            approve=approve,
            by=request.user,
            reason=request.POST.get("reason", ""),
            instead_of=giver,
        )
    except applications.DecisionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        words = {"name": row.person.full_name, "state": row.get_state_display()}
        if row.state == Application.State.PENDING:
            messages.success(request, _("Approved. %(name)s now waits for the training office.") % words)
        else:
            messages.success(request, _("Decided. %(name)s: %(state)s.") % words)
    return redirect("lms_courses:approvals")


@login_required
@require_POST
def name_deputy(request: HttpRequest) -> HttpResponse:
    """Let a colleague decide in my stead on some days."""
    if not scope.has_role(request.user, Role.UNIT_MANAGER, Role.PROGRAMME_MANAGER):
        raise Http404
    form = DeputyForm(request.POST, user=request.user)
    if form.is_valid():
        values = form.cleaned_data
        try:
            applications.name_deputy(
                request.user,
                deputy=values["person"].user,
                valid_from=values["valid_from"],
                valid_to=values["valid_to"],
            )
        except applications.DecisionRefused as refusal:
            form.add_error(None, str(refusal))
    if form.errors:
        return _page(request, deputy_form=form, status=422)
    messages.success(
        request, _("Noted. On these days your colleague sees and decides what you could decide.")
    )
    return redirect("lms_courses:approvals")


@login_required
@require_POST
def end_deputy(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a deputy decide no longer."""
    row = get_object_or_404(Deputy, pk=pk, giver=request.user)
    applications.end_deputy(row)
    messages.success(request, _("Ended. You decide yourself again."))
    return redirect("lms_courses:approvals")


def _page(request: HttpRequest, *, deputy_form=None, status: int = 200) -> HttpResponse:
    user = request.user
    tab = request.GET.get("show", "waiting")
    tab = tab if tab in SHOWN else "waiting"
    mine = to_decide(user).order_by("asked_at", "pk")
    if tab == "waiting":
        rows = mine
    else:
        rows = applications_of(user).filter(state__in=SHOWN[tab]).order_by("-asked_at", "-pk")
        rows = rows.select_related("run__release__course", "person__profession", "facility")
    page = Paginator(rows.defer("run__release__outline", "run__release__policy"), PER_PAGE).get_page(
        request.GET.get("p")
    )
    shown = [row.person_id for row in page.object_list]
    log_accesses(user, shown, what=gettext_noop("applications for classes"))
    holds = scope.has_role(user, Role.UNIT_MANAGER, Role.PROGRAMME_MANAGER)
    context = {
        "page": page,
        "tab": tab,
        "now": clock.nearly(),
        "count": mine.count(),
        "givers": givers_of(user),
        "deputies": Deputy.objects.filter(giver=user.pk, valid_to__gte=clock.today())
        .select_related("deputy__person")
        .order_by("valid_from", "pk"),
        "deputy_form": (deputy_form or DeputyForm(user=user)) if holds else None,
    }
    return render(request, "lms_courses/approvals.html", context, status=status)
