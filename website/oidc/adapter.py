"""Whom an identity of a provider signs in, and what is said when it signs in nobody."""

import logging

import requests
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount import app_settings
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from website.accounts.roles import must_prove_twice
from website.oidc.configuration import origin

log = logging.getLogger("website.oidc")


class KnownHosts(requests.Session):
    """Calls the providers' hosts that the administrator named and follows no redirect away from them."""

    def request(self, method, url, **kwargs):
        apps = app_settings.PROVIDERS.get("oidc", {}).get("APPS", [])
        if not any(origin(url) in app["settings"]["origins"] for app in apps):
            raise requests.exceptions.InvalidURL("This host was not configured.")
        kwargs |= {"timeout": app_settings.REQUESTS_TIMEOUT, "allow_redirects": False}
        return super().request(method, url, **kwargs)


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Providers open existing logins; they never make one."""

    def get_requests_session(self) -> requests.Session:
        return KnownHosts()

    def is_open_for_signup(self, request, sociallogin) -> bool:
        """Keep to the one form that asks for name, birth year and consent."""
        return False

    def authenticate_by_email(self, sociallogin):
        """Find the one learner who proved the same e-mail here; whoever holds an office connects by hand."""
        for given in sociallogin.email_addresses:
            if not given.verified:
                continue
            owners = EmailAddress.objects.filter(email__iexact=given.email, verified=True).values("user")
            found = list(get_user_model().objects.filter(pk__in=owners)[:2])
            if len(found) == 1 and found[0].is_active and not must_prove_twice(found[0]):
                return found[0], given.email
        return None

    def pre_social_login(self, request, sociallogin) -> None:
        if sociallogin.state.get("process") != AuthProcess.CONNECT and not sociallogin.is_existing:
            said = _(
                "No account here belongs to this identity yet. Sign in another way and connect it under "
                "“My account”, or sign up."
            )
            raise ImmediateHttpResponse(back(request, said))

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None):
        if exception is not None:
            log.warning("Provider %s was not believed: %s", provider.app.provider_id, exception)
        if error == AuthError.CANCELLED:
            said = _("You turned back at %(name)s. Nothing was changed.") % {"name": provider.name}
            raise ImmediateHttpResponse(back(request, said))
        raise ImmediateHttpResponse(refused(request, provider.name))

    def get_connect_redirect_url(self, request, socialaccount) -> str:
        return reverse("account")


def back(request: HttpRequest, said: str) -> HttpResponseRedirect:
    """Return to where the person came from, with a word on why."""
    messages.error(request, said)
    return HttpResponseRedirect(reverse("account" if request.user.is_authenticated else "account_login"))


def refused(request: HttpRequest, name: str) -> HttpResponseRedirect:
    """Say that the provider could not be asked or not be believed."""
    said = _("Signing in with %(name)s did not work just now. Try again, or take another way.")
    return back(request, said % {"name": name})


def identities_of(user, providers) -> list[dict]:
    """The identities that open *user*'s login, under the names people know the *providers* by."""
    names = {provider.app.provider_id: provider.name for provider in providers}
    return [
        {
            "pk": row.pk,
            "name": names.get(row.provider, row.provider),
            "email": row.extra_data.get("email", ""),
        }
        for row in SocialAccount.objects.filter(user=user).order_by("pk")
    ]
