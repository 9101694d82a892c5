"""What a learner holds: certificates with their files, and the ledger of credit hours."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from certificates import permissions
from certificates.actions import EvidenceMissing, evidence_pack
from certificates.credit import standing
from lms import media
from lms.actions import log_access
from lms.limits import hit
from lms.permissions import person_of
from lms.recent import recent_login_required

PACKS_PER_HOUR = 120


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


@login_required
@require_safe
def evidence(request, uuid):
    """All that one certificate rests on, for whoever may have its file; told to the holder."""
    certificate = permissions.get_certificate_for(request.user, uuid)
    return _pack(request, certificate)


@recent_login_required
def _pack(request, certificate):
    if not hit("lms_certificates.evidence", str(request.user.pk), limit=PACKS_PER_HOUR, seconds=3600):
        message = _("Too many packs of evidence in one hour. Please try again later.")
        return HttpResponse(message, status=429, content_type="text/plain; charset=utf-8")
    try:
        data = evidence_pack(certificate)
    except EvidenceMissing as error:
        raise Http404(_("This file is not here.")) from error
    log_access(
        request.user,
        certificate.holder,
        what=gettext_noop("the evidence of a certificate"),
        purpose=permissions.purpose_of(request.user, certificate),
    )
    response = HttpResponse(data, content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, certificate.evidence_name)
    response["Cache-Control"] = "private, no-store"
    return response
