"""Checking without network: a page that is one file, with the public keys of the site, and the keys alone."""

import base64

from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certificates import signing
from certificates.conf import conf
from certificates.models import SigningKey
from lms import clock

from .public import _public


def published() -> dict:
    """What anybody may know of the keys for codes: enough to check a paper for ever."""
    keys = SigningKey.objects.filter(purpose=SigningKey.Purpose.CODES).select_related("issuer__facility")
    return {
        "v": 1,
        "site": conf.BASE_URL,
        "made_at": clock.now().isoformat(timespec="seconds"),
        "keys": [
            {
                "kid": key.kid,
                "ed25519": base64.b64encode(signing.raw_public_key(key)).decode(),
                "issuer": key.issuer.facility.name if key.issuer else "",
                "from": _moment(key.valid_from),
                "until": _moment(key.valid_until),
                "compromised": _moment(key.compromised_at),
            }
            for key in keys
        ],
    }


def _moment(moment) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


@require_safe
@_public
def about(request):
    """What the page without network is good for, and where to get it."""
    has_keys = SigningKey.objects.filter(purpose=SigningKey.Purpose.CODES).exists()
    return render(request, "lms_certificates/offline.html", {"has_keys": has_keys})


@require_safe
@_public
def page(request):
    """The page itself: one file to keep, opened from the disk, that asks no server for anything."""
    context = {"keys": published(), "now": clock.nearly()}
    # No browser shows this type as a page of ours, whose policy allows no script within a page.
    response = render(
        request, "lms_certificates/offline_page.html", context, content_type="application/octet-stream"
    )
    response["Content-Disposition"] = 'attachment; filename="kiem-tra-giay-chung-nhan.html"'
    return response


@require_safe
@_public
def keys(request):
    """The public keys as JSON, for programs of others."""
    return JsonResponse(published())
