"""Reads which OpenID Connect providers the administrator has named."""

import json
import re
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

NEEDED = {"id", "name", "issuer", "client_id"}
KNOWN = NEEDED | {"secret", "hosts"}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def providers(text: str) -> dict:
    """Return allauth's settings for the JSON list *text*; an empty text names no provider.

    Raises ImproperlyConfigured, so that a slip of the pen stops the start and not a sign-in.
    """
    try:
        entries = json.loads(text or "[]")
        apps = [_app(entry) for entry in entries]
    except (ValueError, TypeError, AttributeError) as error:
        raise ImproperlyConfigured(f"OIDC_PROVIDERS must be a JSON list of objects: {error}") from None
    if len({app["provider_id"] for app in apps}) < len(apps):
        raise ImproperlyConfigured("OIDC_PROVIDERS: each id may stand once.")
    return {"oidc": {"APPS": apps}} if apps else {}


def _app(entry: dict) -> dict:
    if wrong := (NEEDED - entry.keys()) | (entry.keys() - KNOWN):
        raise ImproperlyConfigured(f"OIDC_PROVIDERS: missing or unknown: {', '.join(sorted(wrong))}.")
    name, issuer = entry["id"], urlsplit(entry["issuer"])
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,29}", name) or name == "oidc":
        raise ImproperlyConfigured(f"OIDC_PROVIDERS: {name!r} is no id; take small letters and digits.")
    if issuer.scheme != "https" and issuer.hostname not in LOOPBACK:
        raise ImproperlyConfigured(f"OIDC_PROVIDERS: the issuer of {name} must begin with https://.")
    return {
        "provider_id": name,
        "name": entry["name"],
        "client_id": entry["client_id"],
        "secret": entry.get("secret", ""),
        "settings": {
            "issuer": entry["issuer"],
            "server_url": entry["issuer"].rstrip("/"),
            "origins": [origin(entry["issuer"]), *(f"https://{host}" for host in entry.get("hosts", []))],
            "oauth_pkce_enabled": True,
        },
    }


def origin(url: str) -> str:
    """Return scheme, host and port of *url*, the part that says who is called."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"
