"""Tokens of other systems: made for a verifier and a purpose, shown once, revoked at once."""

from datetime import timedelta

from django.utils.translation import gettext as _

from certificates import permissions
from certificates.models import ApiToken
from lms import clock, names

MOST_DAYS = 366


class TokenRefused(Exception):
    """The token cannot be made like this; the message says why."""


def make_token(user, *, by, name: str, purpose: str, scopes: list[str], days: int) -> tuple[ApiToken, str]:
    """Let another system ask as the verifier *user* for *days*; return the row and the secret, seen only now."""
    permissions.require_token_manager(by)
    name, purpose = names.clean(name)[:80], names.clean(purpose)[:200]
    if not name or len(purpose) < 5:
        raise TokenRefused(_("Please name the system and say what it asks for; both are recorded."))
    if not permissions.is_verifier(user):
        raise TokenRefused(_("A token asks as a verifier; this login is none."))
    if not scopes or not set(scopes) <= set(ApiToken.Scope.values):
        raise TokenRefused(_("Choose at least one thing that the token may ask for."))
    if not 1 <= days <= MOST_DAYS:
        raise TokenRefused(_("A token lives at most %(days)s days.") % {"days": MOST_DAYS})
    secret, now = ApiToken.new_secret(), clock.now()
    token = ApiToken.objects.create(
        name=name,
        user=user,
        purpose=purpose,
        scopes=sorted(set(scopes)),
        digest=ApiToken.digest_of(secret),
        hint=secret[:10],
        created_at=now,
        created_by=by,
        expires_at=now + timedelta(days=days),
    )
    return token, secret


def revoke_token(token: ApiToken, *, by) -> ApiToken:
    """Let *token* open nothing from now on; idempotent."""
    permissions.require_token_manager(by)
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(
        revoked_at=clock.now(), revoked_by=by
    )
    token.refresh_from_db()
    return token
