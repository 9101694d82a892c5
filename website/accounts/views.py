"""The account page, and suggestions while a workplace is typed."""

from allauth.account.adapter import get_adapter
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import get_adapter as get_provider_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lms import clock, limits
from lms.models import Affiliation, Person
from lms.permissions import person_of
from website.accounts.forms import OwnDataForm
from website.accounts.roles import must_prove_twice
from website.accounts.workplaces import SHOWN, facilities_like
from website.oidc.adapter import identities_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """See what is kept about oneself; correct how one is reached and where one works."""
    person = person_of(request.user)
    form = None
    if person is not None:
        workplace = person.workplace()
        initial = {"workplace": workplace.name if workplace else ""}
        form = OwnDataForm(request.POST or None, instance=person, initial=initial)
        if request.method == "POST" and form.is_valid():
            save_own_data(form, person)
            messages.success(request, _("Your data were saved."))
            return redirect("account")
    providers = get_provider_adapter().list_providers(request)
    return render(
        request,
        "website/account.html",
        {
            "person": person,
            "form": form,
            "roles": request.user.role_assignments.in_force().select_related("facility"),
            "protected": is_mfa_enabled(request.user),
            "must_protect": must_prove_twice(request.user),
            "providers": providers,
            "identities": identities_of(request.user, providers),
        },
        status=400 if form is not None and form.errors else 200,
    )


@transaction.atomic
def save_own_data(form: OwnDataForm, person: Person) -> None:
    """Write the corrected data; a new workplace ends the old affiliation today and opens another."""
    form.save()
    new, old = form.facility_found, person.workplace()
    if new is not None and new != old:
        today = clock.today()
        person.affiliations.in_force(today).filter(is_primary=True).update(valid_to=today, is_primary=False)
        Affiliation.objects.create(person=person, facility=new, is_primary=True, valid_from=today)


@require_safe
def workplaces(request: HttpRequest) -> JsonResponse:
    """Names of facilities for the words typed so far; public, as the names of hospitals are."""
    text = request.GET.get("q", "").strip()[:100]
    address = get_adapter().get_client_ip(request)
    if len(text) < 2 or not limits.hit("website.workplaces", address, limit=600, seconds=60):
        return JsonResponse({"names": []})
    return JsonResponse({"names": [facility.name for facility in facilities_like(text)[:SHOWN]]})
