"""The wall before every office, and the end of sessions that nobody sits at any more."""

import time

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from lms.models import RoleAssignment
from website.accounts.roles import must_prove_twice, roles_of

Role = RoleAssignment.Role
SEEN = "website_seen_at"
IDLE_SECONDS = 8 * 3600
"""How long a session may rest: a working day."""
GUARDED_SECONDS = 30 * 60
GUARDED = {Role.VERIFIER, Role.APPRAISER, Role.CERTIFICATE_SIGNER}
"""Who looks into the register, appraises or signs leaves no open screen behind (security T37)."""
OPEN_TO_ALL = {"healthz", "robots", "set_language", "language", "privacy", "demo_role"}
"""URL names that say nothing about anybody; the accounts pages are open because the way in leads through them."""


def idle(get_response):
    """End a session that has rested too long; only learners may ask to be kept for ninety days.

    What one may do is read on each request, so a learner who is given an office is not kept either.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            session, now = request.session, time.time()
            limit = idle_limit(user, kept=not session.get_expire_at_browser_close())
            seen = session.get(SEEN, now)
            if now - seen > limit:
                logout(request)
                messages.info(request, _("You were signed out because nothing was done for a while."))
            elif SEEN not in session or now - seen > limit / 30:
                # Not at each request: a class of five thousand would write its sessions all day.
                session[SEEN] = now
                if must_prove_twice(user) and not session.get_expire_at_browser_close():
                    session.set_expiry(0)
                UserSession.objects.filter(session_key=session.session_key).update(
                    last_seen_at=timezone.now()
                )
        return get_response(request)

    return middleware


def idle_limit(user, *, kept: bool) -> float:
    """Return for how many seconds a session of *user* may rest; *kept* if it was asked to be remembered."""
    if roles_of(user) & GUARDED:
        return GUARDED_SECONDS
    if kept and not must_prove_twice(user):
        return settings.SESSION_COOKIE_AGE
    return IDLE_SECONDS


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
    if match.namespace == "lms_certificates_api":
        # It reads no session: who asks there holds a token.
        return True
    name = match.url_name or ""
    return name in OPEN_TO_ALL or name.startswith(("account_", "mfa_", "usersessions_"))
