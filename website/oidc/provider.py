"""What is asked of a provider and what is believed: allauth's OpenID Connect with nonce, signature and known hosts."""

import secrets
from contextlib import contextmanager

import jwt
from allauth.account.models import EmailAddress
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from requests import RequestException

from website.oidc.configuration import origin

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
"""Signatures that only the provider can make; a shared secret or none at all is not among them."""
CLAIMS = ["iss", "aud", "sub", "exp", "iat", "nonce"]
CLOCKS_APART = 60
"""Seconds by which the provider's clock and ours may differ."""
LONGEST_SUBJECT = 191


@contextmanager
def distrust():
    """Turn whatever a provider's answer breaks into the one refusal that the screens know."""
    try:
        yield
    except (RequestException, jwt.PyJWTError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise OAuth2Error(f"{type(error).__name__}: {error}") from error


class Exchange(OpenIDConnectOAuth2Adapter):
    """One conversation with a provider; ``nonce`` is what the identity it sends must repeat."""

    nonce = ""

    @cached_property
    def openid_config(self) -> dict:
        """What the provider says about itself, refused if it is another or leads to hosts nobody named."""
        known = self.get_provider().app.settings
        with distrust():
            found = super().openid_config
            if found["issuer"] != known["issuer"]:
                raise OAuth2Error("The provider gives another issuer than was configured.")
            if any(origin(found[name]) not in known["origins"] for name in ENDPOINTS):
                raise OAuth2Error("The provider names a host that was not configured.")
        return found

    def get_callback_url(self, request: HttpRequest, app) -> str:
        return build_absolute_uri(request, reverse("oidc_callback", args=[self.provider_id]))

    def get_access_token_data(self, request, app, client, pkce_code_verifier=None) -> dict:
        with distrust():
            return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def parse_token(self, data) -> SocialToken:
        """Forget the provider's tokens: nothing is asked of it on the person's behalf."""
        return SocialToken()

    def complete_login(self, request: HttpRequest, app, token, **kwargs) -> SocialLogin:
        with distrust():
            claims = self.read(app, kwargs["response"]["id_token"])
            return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def read(self, app, id_token: str) -> dict:
        """Return what a signed *id_token* claims, made by this provider, for us, now and for this request."""
        algorithm, key = jwtkit.fetch_key(id_token, self.openid_config["jwks_uri"], jwtkit.lookup_kid_jwk)
        if algorithm not in ALGORITHMS:
            raise OAuth2Error(f"An identity signed by {algorithm} proves nothing.")
        claims = jwt.decode(
            id_token,
            key,
            algorithms=[algorithm],
            audience=app.client_id,
            issuer=app.settings["issuer"],
            leeway=CLOCKS_APART,
            options={"require": CLAIMS},
        )
        if not self.nonce or not secrets.compare_digest(str(claims["nonce"]).encode(), self.nonce.encode()):
            raise OAuth2Error("The identity was made for another request.")
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("The identity was made for another client.")
        if not claims["sub"].isprintable() or not 0 < len(claims["sub"]) <= LONGEST_SUBJECT:
            raise OAuth2Error("The identity has no usable name.")
        return claims


class OidcProvider(OpenIDConnectProvider):
    """A provider that the administrator has named in ``OIDC_PROVIDERS``."""

    id = "oidc"
    oauth2_adapter_class = Exchange
    supports_token_authentication = False

    def get_default_scope(self) -> list[str]:
        """Ask for who it is and for the e-mail, nothing else."""
        return ["openid", "email"]

    def redirect(self, request, process, next_url=None, data=None, **kwargs):
        """Lead to the provider with a fresh nonce; what the address line says changes nothing of the question."""
        nonce = secrets.token_urlsafe(32)
        return super().redirect(
            request,
            process,
            next_url,
            data,
            nonce=nonce,
            auth_params={"nonce": nonce},
            scope=self.get_scope(),
        )

    def extract_extra_data(self, data: dict) -> dict:
        """Keep the e-mail, by which people tell their identities apart."""
        return {"email": str(data["id_token"].get("email") or "")}

    def extract_common_fields(self, data: dict) -> dict:
        return {"email": data["id_token"].get("email")}

    def extract_email_addresses(self, data: dict) -> list[EmailAddress]:
        """Believe an e-mail only where the provider says that it has verified it."""
        claims = data["id_token"]
        if not claims.get("email"):
            return []
        proved = claims.get("email_verified") is True
        return [EmailAddress(email=claims["email"], verified=proved, primary=True)]


provider_classes = [OidcProvider]
