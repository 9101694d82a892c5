"""The scan of a certificate signed by hand: attached by the office, taken home by whom the certificate concerns."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from certificates import permissions
from certificates.actions.scans import SUFFIXES, attach_scan
from lms import media, scope
from lms.actions import log_access
from lms.limits import hit
from lms.permissions import person_of
from lms.uploads import UploadRefused

SCANS_PER_HOUR = 1200


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scan(request, uuid):
    """The scan of the signed paper; POST attaches one, or a better one."""
    certificate = permissions.get_certificate_for(request.user, uuid)
    if request.method == "POST":
        return _attach(request, certificate)
    found = certificate.scans.filter(replaced_at__isnull=True).first()
    if found is None:
        raise Http404
    person = person_of(request.user)
    if person is None or person.pk != certificate.holder_id:
        log_access(request.user, certificate.holder, what=gettext_noop("the scan of a signed certificate"))
    return media.serve(
        request,
        found.file,
        content_type=found.content_type,
        filename=certificate.filename.removesuffix(".pdf") + SUFFIXES[found.content_type],
        inline=False,
    )


def _attach(request, certificate):
    if not scope.has_role(request.user, *permissions.BUILDERS, facility=certificate.issuer.facility):
        raise Http404
    file = request.FILES.get("scan")
    busy = not hit("lms_certificates.scan", str(request.user.pk), limit=SCANS_PER_HOUR, seconds=3600)
    if busy or file is None:
        messages.error(request, _("Choose the scan of the signed paper."))
    else:
        try:
            kept = attach_scan(certificate, file=file, by=request.user)
        except (UploadRefused, media.MediaUnwritable) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The scan is kept. The public check shows its SHA-256 from now on."))
            if not kept.by_code:
                messages.warning(
                    request,
                    _("No QR code of the certificate was read in it: compare number and name yourself."),
                )
    if certificate.batch_id:
        return redirect("lms_certificates:batch", pk=certificate.batch_id)
    return redirect("lms-certificates:inspect", certificate.pk)
