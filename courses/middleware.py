"""Tells the device that somebody signed out, so that it shows the next person nothing."""

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

SAVED = "lms_saved"
"""Set by our script on a device that keeps lessons or unsent answers."""
LEFT = "lms_left"
"""Set here for our script, which then takes away the lessons and this cookie."""


@receiver(user_logged_out, dispatch_uid="lms_courses.signed_out")
def on_signed_out(sender, request, **kwargs):
    """Note it on the request; a session that ran out by itself is no reason to lose what was saved."""
    if request is not None and request.method == "POST":
        request.lms_signed_out = True


def signed_out(get_response):
    """Put the mark on the answer to a signing out, on devices that keep something."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if getattr(request, "lms_signed_out", False) and SAVED in request.COOKIES:
            response.set_cookie(LEFT, "1", max_age=365 * 86400, samesite="Lax", secure=request.is_secure())
        return response

    return middleware
