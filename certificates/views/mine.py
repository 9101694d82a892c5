"""What a learner holds: certificates with their files, and the ledger of credit hours."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from certificates import permissions
from certificates.credit import standing
from lms import media
from lms.actions import log_access
from lms.permissions import person_of


@login_required
@require_safe
def certificates(request):
    """One's own certificates, the replaced and the revoked too."""
    context = {"certificates": permissions.own_certificates(request.user)}
    return render(request, "lms_certificates/mine.html", context)


@login_required
@require_safe
def credits_ledger(request):
    """The credit ledger: what counts in the present cycle, what lies outside, what was voided and why."""
    person = person_of(request.user)
    stand = standing(person) if person else None
    entries = permissions.own_entries(request.user).select_related("certificate")
    return render(request, "lms_certificates/credits.html", {"standing": stand, **grouped(entries, stand)})


def grouped(entries, stand) -> dict[str, list]:
    """Entries of the ledger as they count for a standing: ``inside`` its cycle, ``outside``, or ``void``."""
    groups = {"inside": [], "outside": [], "void": []}
    for entry in entries:
        if entry.state == entry.State.VOID:
            groups["void"].append(entry)
        elif stand.cycle and not stand.starts_on <= entry.activity_on <= stand.ends_on:
            groups["outside"].append(entry)
        else:
            groups["inside"].append(entry)
    return groups


@login_required
@require_safe
def download(request, uuid):
    """The sealed file, for its holder and for those who read the register; a page while it is being made."""
    certificate = permissions.get_certificate_for(request.user, uuid)
    if not certificate.sealed_at:
        return render(request, "lms_certificates/not_sealed.html", {"certificate": certificate}, status=202)
    log_access(request.user, certificate.holder, what=gettext_noop("the file of a certificate"))
    return media.serve(
        request, certificate.file, content_type="application/pdf", filename=certificate.filename
    )
