"""The public check of one certificate: no login, no script needed, as little personal data as proves it."""

import hashlib
from functools import wraps

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_safe

from certificates import permissions
from certificates.conf import conf
from certificates.facts import Malformed, check_code, masked, same_name, shown
from certificates.models import Certificate, Lookup
from lms import clock
from lms.limits import address, hit
from lms.uploads import UploadRefused, check_size

MAX_TYPED = 60


def _public(view):
    """Serve in the language of ``?lang=``, count the visit, keep the answer out of indexes and referrers."""

    @wraps(view)
    def served(request, *args, **kwargs):
        language = request.GET.get("lang", "")
        if language not in dict(settings.LANGUAGES):
            language = settings.LANGUAGE_CODE
        with override(language):
            request.LANGUAGE_CODE = language
            if hit("lms_certificates.check", address(request), limit=conf.CHECKS_PER_MINUTE, seconds=60):
                response = view(request, *args, **kwargs)
            else:
                response = render(request, "lms_certificates/verify_busy.html", status=429)
                response["Retry-After"] = "60"
        response["X-Robots-Tag"] = "noindex, nofollow"
        # Not "no-referrer": browsers would then send a null origin with the forms, which CSRF protection refuses.
        response["Referrer-Policy"] = "same-origin"
        response["Cache-Control"] = "no-store"
        return response

    return served


@require_safe
@_public
def verify_form(request):
    """The page on which somebody types a code; ``?code=`` leads to its answer."""
    if typed := request.GET.get("code", "").strip()[:MAX_TYPED]:
        return _to(request, _canonical(typed))
    return render(request, "lms_certificates/verify_form.html")


@require_http_methods(["GET", "HEAD", "POST"])
@_public
def verify(request, text: str):
    """Answer one code: valid, revoked, replaced, unknown or mistyped.

    POST compares a typed name or an uploaded file; it changes nothing but the look-ups.
    """
    try:
        code = check_code(text[:MAX_TYPED])
    except Malformed as error:
        suggestion = shown(error.suggestion) if error.suggestion else ""
        context = {"typed": text[:MAX_TYPED], "suggestion": suggestion}
        return render(request, "lms_certificates/verify_malformed.html", context, status=404)
    if text != code and request.method != "POST":
        return _to(request, code)
    # No joins: nearly every answer is "valid" and needs this one row.
    certificate = Certificate.objects.filter(code=code).order_by().first()
    if certificate is None:
        context = {"typed": shown(code), "now": clock.nearly()}
        return render(request, "lms_certificates/verify_unknown.html", context, status=404)
    context = _answer(certificate) | {"replacement": _replacement(request.user, certificate)}
    if request.method == "POST":
        context |= _compare(request, certificate)
    Lookup.objects.create(
        certificate=certificate, at=clock.nearly(), answer=context.get("lookup", certificate.state)
    )
    return render(request, "lms_certificates/verify.html", context)


def _canonical(typed: str) -> str:
    try:
        return check_code(typed)
    except Malformed:
        # A slash would lead elsewhere; what was typed is shown again only as far as it goes.
        return typed.replace("/", "-")


def _to(request, code: str) -> HttpResponse:
    language = request.GET.get("lang", "")
    query = f"?lang={language}" if language in dict(settings.LANGUAGES) else ""
    return HttpResponseRedirect(reverse("lms_certificates_public:verify", args=[code]) + query)


def _answer(certificate: Certificate) -> dict:
    """What everybody may see. Never the birth date, the workplace, licences, scores or other papers."""
    said = certificate.said
    initials, given = masked(said["holder"]["name"])
    return {
        "certificate": certificate,
        "initials": initials,
        "given": given,
        "said": said,
        "replaces": certificate.supersedes,
        "now": clock.nearly(),
    }


def _replacement(user, certificate: Certificate) -> Certificate | None:
    """The paper that took its place, for those who may know it: a stranger holds the old code, not the new one."""
    if certificate.is_valid or not user.is_authenticated:
        return None
    may = permissions.is_verifier(user) or permissions.can_download(user, certificate)
    return certificate.replacement if may else None


def _compare(request, certificate: Certificate) -> dict:
    if "name" in request.POST:
        return _compare_name(request.POST["name"][:200], certificate)
    return _compare_file(request.FILES.get("file"), certificate)


def _compare_name(name: str, certificate: Certificate) -> dict:
    """Say only yes or no; a hint that only the accents differ would help to guess."""
    tries = conf.NAME_TRIES_PER_HOUR
    if not hit("lms_certificates.name", certificate.code, limit=tries, seconds=3600):
        message = _("This certificate has been compared with names too often. Please try again in an hour.")
        return {"name_answer": "busy", "name_message": message, "lookup": "name_busy"}
    if same_name(name, certificate.said["holder"]["name"]):
        return {
            "name_answer": "match",
            "name_message": _("The name matches the register."),
            "lookup": "name_match",
        }
    return {
        "name_answer": "differs",
        "name_message": _(
            "The name does not match the register. Type it exactly as printed, with all accents."
        ),
        "lookup": "name_differs",
    }


def _compare_file(file, certificate: Certificate) -> dict:
    """Compare by SHA-256 alone: the file is neither read as a PDF nor kept."""
    if file is None:
        return {
            "file_answer": "differs",
            "file_message": _("Choose the PDF file first."),
            "lookup": "file_none",
        }
    try:
        check_size(file, conf.MAX_COMPARE_BYTES)
    except UploadRefused as error:
        return {"file_answer": "differs", "file_message": error.message, "lookup": "file_refused"}
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    if not certificate.sealed_at:
        message = _("The original file is still being made. Please try again in a few minutes.")
        return {"file_answer": "busy", "file_message": message, "lookup": "file_none"}
    if digest.hexdigest() == certificate.file_sha256:
        return {
            "file_answer": "match",
            "file_message": _("The file is the original, byte for byte."),
            "lookup": "file_match",
        }
    return {
        "file_answer": "differs",
        "file_message": _(
            "The file is not the original: it was changed, saved again, or belongs to another certificate."
        ),
        "lookup": "file_differs",
    }
