"""The wall before every office: whoever acts for others has proved twice who they are."""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import resolve, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from website.accounts.roles import must_prove_twice

OPEN_TO_ALL = {"healthz", "robots", "set_language", "language", "privacy", "demo_role"}
"""URL names that say nothing about anybody; the accounts pages are open because the way in leads through them."""


def second_factor(get_response):
    """Send holders of a role to set-up or to the second factor before they reach any other page.

    Roles are read on each request, so a role granted a minute ago already counts; a session that
    passed the second factor is not asked again. Learners meet none of this (security T34).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if is_stranger_to_admin(request):
            # Wagtail would send them to the login, which sends who is signed in back: a circle.
            raise PermissionDenied
        if not user.is_authenticated or passed(request) or not must_prove_twice(user) or is_open(request):
            return get_response(request)
        if is_mfa_enabled(user):
            here = request.get_full_path() if request.method == "GET" else reverse("me")
            return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': here})}")
        messages.warning(
            request,
            _(
                "Your account holds an office. Before you go on, protect it with a second step: an app on "
                "your phone that shows six digits."
            ),
        )
        return HttpResponseRedirect(reverse("mfa_activate_totp"))

    return middleware


def is_stranger_to_admin(request: HttpRequest) -> bool:
    """Whether somebody signed in asks for the workbench without being let into it."""
    user = request.user
    return (
        request.path_info.startswith("/admin/")
        and user.is_authenticated
        and not user.has_perm("wagtailadmin.access_admin")
    )


def passed(request: HttpRequest) -> bool:
    """Whether this session has shown a second factor (or a passkey, which is two in one)."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def is_open(request: HttpRequest) -> bool:
    """Whether the address may be seen without the second factor."""
    match = resolve(request.path_info)
    name = match.url_name or ""
    return name in OPEN_TO_ALL or name.startswith(("account_", "mfa_", "usersessions_"))
