"""One person's whole record for a verifier: asked for with a purpose, open for a day, told to the person."""

from datetime import date

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from certificates import permissions
from certificates.actions import find_people
from certificates.actions.assessing import explained
from certificates.actions.desk import ListRefused
from certificates.actions.people import RECORD
from certificates.credit import standing
from certificates.models import Certificate, CreditEntry, PersonCheck
from certificates.views.mine import grouped
from lms.actions import log_accesses
from lms.limits import hit


class Question(forms.Form):
    """Whom, and what for."""

    purpose = forms.CharField(min_length=5, max_length=200)
    licence = forms.CharField(max_length=60, required=False)
    name = forms.CharField(max_length=120, required=False)
    born = forms.DateField(
        required=False,
        input_formats=["%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y"],
        error_messages={"invalid": gettext_lazy("Write the birth date as 15/08/1985.")},
    )

    def clean_born(self) -> date | None:
        """Refuse what a database cannot hold."""
        born = self.cleaned_data["born"]
        if born and not 1900 <= born.year <= 2100:
            raise forms.ValidationError(_("Write the birth date as 15/08/1985."))
        return born


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def find(request):
    """The question; POST answers it, so that no licence number stands in an address."""
    if not permissions.is_verifier(request.user):
        raise Http404
    message, found = "", None
    if request.method == "POST":
        try:
            found = _found(request)
        except ListRefused as error:
            message = str(error)
        if found is not None and len(found) == 1:
            return redirect("lms_certificates:person", uuid=found[0].uuid)
    context = {
        "message": message,
        "posted": request.POST,
        "found": found,
        "earlier": PersonCheck.objects.open_for(request.user).select_related("person")[:20],
    }
    return render(request, "lms_certificates/find_person.html", context, status=422 if message else 200)


def _found(request) -> list[PersonCheck]:
    if not hit("lms_certificates.people", request.user.pk, limit=300, seconds=3600):
        raise ListRefused(
            _("Three hundred people an hour are enough. Check them as a list, or try again later.")
        )
    form = Question(request.POST)
    if not form.is_valid():
        if "purpose" in form.errors:
            raise ListRefused(_("Please say what the check is for; it is recorded."))
        raise ListRefused(" ".join(message for messages in form.errors.values() for message in messages))
    return find_people(by=request.user, **form.cleaned_data)


@login_required
@require_safe
def person(request, uuid):
    """Certificates in every state with their evidence, hours and licences of one person."""
    check = permissions.get_person_check_for(request.user, uuid)
    log_accesses(request.user, [check.person], what=RECORD, purpose=check.purpose)
    stand = standing(check.person)
    papers = Certificate.objects.of(check.person).select_related("issuer__facility", "superseded_by")
    entries = CreditEntry.objects.of(check.person).select_related("certificate")
    context = {
        "check": check,
        "person": check.person,
        "licences": check.person.licences.all(),
        "workplace": check.person.workplace(),
        "papers": explained(papers),
        "standing": stand,
        **grouped(entries, stand),
    }
    return render(request, "lms_certificates/person.html", context)
