"""My data: see, consent, ask, take a copy, erase, and who looked."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms import actions, media
from lms.models import DataRequest, Person
from lms.permissions import officers_of, person_of
from lms.recent import recent_login_required
from website.accounts.consents import PRIVACY_VERSION, PURPOSES
from website.me import held

Kind = DataRequest.Kind
PER_PAGE = 50


class AskForm(forms.Form):
    """What a person may ask that somebody has to answer; a copy and erasure have buttons of their own."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What do you ask?"),
        choices=[
            (Kind.CORRECT.value, gettext_lazy("Correct my name, birth date or licence")),
            (Kind.ACCESS.value, gettext_lazy("Explain something held about me")),
            (Kind.RESTRICT.value, gettext_lazy("Limit the use of my data")),
            (Kind.OBJECT.value, gettext_lazy("I object to a use of my data")),
        ],
    )
    details = forms.CharField(
        label=gettext_lazy("In your own words"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For example: my birth date is 05/09/1988, not 09/05/1988."),
    )


def _me(request: HttpRequest) -> Person:
    person = person_of(request.user)
    if person is None:
        raise Http404
    return person


@login_required
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Everything held about me, and what I may do about it."""
    return _page(request, _me(request), AskForm())


def _page(request: HttpRequest, person: Person, form: AskForm, status: int = 200) -> HttpResponse:
    log = person.accesses.all()
    context = {
        "person": person,
        "form": form,
        "answers": held.answers_of(person),
        "version": PRIVACY_VERSION,
        "parts": held.parts_of(person),
        "asked": held.asked_by(person),
        "looks": held.looks_at(log[:5]),
        "look_count": log.count(),
        "officers": officers_of(person),
    }
    return render(request, "website/my_data.html", context, status=status)


@login_required
@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """Give or withdraw one agreement. Withdrawing the one that carries the account also asks the office."""
    person = _me(request)
    purpose, given = request.POST.get("purpose", ""), request.POST.get("answer")
    if purpose not in PURPOSES or given not in {"yes", "no"}:
        raise Http404
    with transaction.atomic():
        actions.give_consent(person, purpose=purpose, given=given == "yes", text_version=PRIVACY_VERSION)
        if purpose == "account" and given == "no":
            actions.ask(person, kind=Kind.WITHDRAW)
    if given == "yes":
        messages.success(request, _("Noted: you agree."))
    elif purpose == "account":
        messages.success(
            request,
            _("Noted. An officer now stops what rests on your agreement; what the law asks for stays."),
        )
    else:
        messages.success(request, _("Noted: you no longer agree. It holds from now on."))
    return redirect("my_data")


@login_required
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for what somebody has to do."""
    person, form = _me(request), AskForm(request.POST)
    if not form.is_valid():
        return _page(request, person, form, status=400)
    row = actions.ask(person, kind=form.cleaned_data["kind"], details=form.cleaned_data["details"])
    if row.details == form.cleaned_data["details"].strip():
        messages.success(request, _("Your request was received. You get an answer within two working days."))
    else:
        messages.info(request, _("You have asked this already; the answer is on its way."))
    return redirect("my_data")


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a request back."""
    row = get_object_or_404(DataRequest, pk=pk, person=_me(request))
    try:
        actions.cancel(row)
    except actions.RequestRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Your request was taken back."))
    return redirect("my_data")


@login_required
@require_POST
@recent_login_required
def export(request: HttpRequest) -> HttpResponse:
    """Ask for a copy of everything; it is made at once."""
    actions.ask_export(_me(request))
    messages.success(
        request, _("Your copy is being made. It is ready in a few minutes, and you find it on this page.")
    )
    return redirect("my_data")


@login_required
@never_cache
@require_POST
@recent_login_required
def fetch(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the copy to its owner, once."""
    person = _me(request)
    row = get_object_or_404(DataRequest, pk=pk, person=person, kind=Kind.EXPORT)
    name = actions.fetch_export(row)
    if not name:
        messages.error(
            request, _("This copy was fetched already or is older than a week. Ask for a new one.")
        )
        return redirect("my_data")
    filename = _("my-data-%(day)s.zip") % {"day": f"{row.created_at:%Y%m%d}"}
    return media.serve(request, name, content_type="application/zip", filename=filename, inline=False)


@login_required
@never_cache
@require_safe
def accesses(request: HttpRequest) -> HttpResponse:
    """Every look at my data, the youngest first."""
    rows = _me(request).accesses.all()
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
    return render(request, "website/accesses.html", {"page": page, "looks": held.looks_at(page.object_list)})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """What goes, what stays and why; POST asks an officer to do it."""
    person = _me(request)
    if request.method == "POST":
        return recent_login_required(_ask_erasure)(request)
    context = {
        "person": person,
        "obstacle": actions.why_not_erased(person),
        "asked": person.data_requests.open().filter(kind=Kind.ERASE).first(),
    }
    return render(request, "website/erase.html", context)


def _ask_erasure(request: HttpRequest) -> HttpResponse:
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Tick the box first, so that nobody asks this by mistake."))
        return redirect("my_data_erase")
    try:
        actions.ask(_me(request), kind=Kind.ERASE)
    except actions.RequestRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("my_data_erase")
    messages.success(
        request, _("Your request was received. An officer answers within two working days, then erases.")
    )
    return redirect("my_data")
