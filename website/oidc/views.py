"""The way to a provider and back, and letting go of an identity."""

from functools import wraps

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lms import limits
from lms.recent import recent_login_required
from website.oidc.adapter import refused
from website.oidc.provider import Exchange


def with_exchange(view):
    """Hand *view* the conversation with a configured provider; say it plainly when that breaks off."""

    @wraps(view)
    def handed(request: HttpRequest, provider_id: str) -> HttpResponse:
        exchange = Exchange(request, provider_id)
        try:
            provider = exchange.get_provider()
        except SocialApp.DoesNotExist:
            raise Http404 from None
        if not limits.hit("website.oidc", limits.address(request), limit=600, seconds=60):
            return refused(request, provider.name)
        try:
            return view(request, exchange)
        except OAuth2Error as error:
            return provider_failed(request, provider, error)

    return handed


def provider_failed(request: HttpRequest, provider, error: OAuth2Error) -> HttpResponse:
    """Tell the log what broke and the person that it did."""
    return render_authentication_error(request, provider, exception=error)


def leave(request: HttpRequest, exchange: Exchange, process: str) -> HttpResponse:
    """Show the way to the provider: a redirect after a form would need a weaker content policy."""
    provider = exchange.get_provider()
    url = provider.redirect(request, process, get_next_redirect_url(request)).url
    return render(request, "website/leave.html", {"name": provider.name, "url": url})


@require_POST
@with_exchange
def login(request: HttpRequest, exchange: Exchange) -> HttpResponse:
    """Go to the provider to sign in."""
    return leave(request, exchange, AuthProcess.LOGIN)


@login_required
@require_POST
@recent_login_required
@with_exchange
def connect(request: HttpRequest, exchange: Exchange) -> HttpResponse:
    """Go to the provider for an identity that shall open one's login from now on."""
    return leave(request, exchange, AuthProcess.CONNECT)


@login_required
@require_POST
@recent_login_required
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an identity open one's login no more."""
    get_object_or_404(SocialAccount, pk=pk, user=request.user).delete()
    messages.success(request, _("The identity is disconnected. It opens your account no more."))
    return redirect("account")


class Callback(OAuth2CallbackView):
    """Takes the answer for the request that was made, and for no other."""

    def _get_state(self, request, provider):
        state, response = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, response


@require_safe
@with_exchange
def callback(request: HttpRequest, exchange: Exchange) -> HttpResponse:
    """Come back from the provider."""
    return Callback.adapter_view(exchange)(request)
