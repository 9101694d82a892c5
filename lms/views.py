"""Taking over the record that was made for oneself, with the code on a slip."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lms import actions, codes, limits, names
from lms.merging import MergeRefused
from lms.models import Invitation

FAILURES_AN_HOUR = 5
FAILURES_OF_AN_ADDRESS = 100
"""Generous: a whole hospital stands behind one address."""
SEEN_FOR = 15 * 60
_SIGNER = signing.TimestampSigner(salt="lms.claim")


class CodeForm(forms.Form):
    """The code of the slip and what the holder knows."""

    code = forms.CharField(
        label=_("Code on the slip"),
        max_length=20,
        help_text=_("Eight signs, for example ABCD 2345."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    birth_year = forms.IntegerField(
        label=_("Birth year"),
        required=False,
        min_value=1900,
        max_value=2100,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": "4", "autocomplete": "bday-year"}),
    )

    def clean_code(self) -> str:
        code = codes.read_code(self.cleaned_data["code"])
        if code is None:
            raise forms.ValidationError(
                _("This is not a code of a slip: please compare it sign by sign. It has no 0, 1, I, L or O.")
            )
        return code


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest) -> HttpResponse:
    """Ask for the code, show whose record it opens (masked), then bind it to the login."""
    if "seen" in request.POST:
        return _take(request)
    form = CodeForm(request.POST or None)
    if request.method != "POST":
        return _ask(request, form)
    if not form.is_valid():
        return _ask(request, form, status=400)
    uses = {
        ("lms.claim", str(request.user.pk)): FAILURES_AN_HOUR,
        ("lms.claim_from", limits.address(request)): FAILURES_OF_AN_ADDRESS,
    }
    if limits.spent(uses, seconds=3600):
        form.add_error(
            None, gettext("Too many wrong codes. Please try again in an hour, or ask your coordinator.")
        )
        return _ask(request, form, status=429)
    try:
        found = actions.find_invitation(form.cleaned_data["code"], birth_year=form.cleaned_data["birth_year"])
    except actions.InvitationRefused as refused:
        for (name, key), limit in uses.items():
            limits.hit(name, key, limit=limit, seconds=3600)
        form.add_error(None, str(refused))
        return _ask(request, form, status=400)
    return render(
        request,
        "lms/claim.html",
        {
            "found": found,
            "name": names.masked(found.person.full_name),
            "seen": _SIGNER.sign(f"{found.pk}:{request.user.pk}"),
        },
    )


def _ask(request: HttpRequest, form: CodeForm, *, status: int = 200, refused: str = "") -> HttpResponse:
    return render(request, "lms/claim.html", {"form": form, "refused": refused}, status=status)


def _take(request: HttpRequest) -> HttpResponse:
    try:
        pk, user = _SIGNER.unsign(request.POST["seen"], max_age=SEEN_FOR).split(":")
        if user != str(request.user.pk):
            raise actions.invitations.no_such_code()
        invitation = Invitation.objects.get(pk=pk)
        actions.claim(invitation, user=request.user)
    except (signing.BadSignature, actions.InvitationRefused, MergeRefused, Invitation.DoesNotExist) as error:
        known = isinstance(error, (actions.InvitationRefused, MergeRefused))
        why = str(error if known else actions.invitations.no_such_code())
        return _ask(request, CodeForm(), status=400, refused=why)
    messages.success(request, gettext("The record is yours now, with everything that was noted in it."))
    return redirect("lms:claim_done")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD"])
def claim_done(request: HttpRequest) -> HttpResponse:
    """Say that it is done, on an address that can be reloaded."""
    return render(request, "lms/claim.html", {"done": True})
