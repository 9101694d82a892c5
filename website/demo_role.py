"""Trying a role with one press; exists in the demonstration only."""

from allauth.account.internal.flows.login import record_authentication
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model, login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from website.demo.accounts import ACCOUNTS, Account


def slug_of(account: Account) -> str:
    """The role's code in the address; learners and observers have an office but no role of the system."""
    return account.username.replace(".", "-")


def offers() -> list[dict]:
    """The roles one may try, for the home page; nothing outside the demonstration."""
    if not settings.DEMO:
        return []
    return [{"slug": slug_of(account), "account": account} for account in ACCOUNTS]


@require_POST
def enter(request: HttpRequest, role: str) -> HttpResponse:
    """Sign in as the made-up person who holds *role*, second factor taken as passed.

    Only with ``settings.DEMO``, only for listed accounts, and only where the person behind the
    login is marked as made up: a real account is never opened this way.
    """
    if not settings.DEMO:
        raise Http404
    account = next((account for account in ACCOUNTS if slug_of(account) == role), None)
    if account is None:
        raise Http404
    users = get_user_model().objects.filter(is_active=True, person__is_fictional=True)
    user = users.filter(username=account.username).first()
    if user is None:
        messages.error(request, _("This account is still being made. Try again in a moment."))
        return HttpResponseRedirect(reverse("wagtail_serve", args=[""]))
    login(request, user, backend="website.accounts.backends.PasswordBackend")
    record_authentication(request, user, method="password", username=user.username)
    UserSession.objects.create_from_request(request)
    if account.needs_code:
        record_authentication(request, user, method="mfa", type="demo")
    messages.success(
        request,
        _("You are now %(name)s, %(office)s. %(try_first)s")
        % {"name": account.full_name, "office": account.office, "try_first": account.try_first},
    )
    return HttpResponseRedirect(reverse(account.lands))
