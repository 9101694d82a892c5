"""What the site remembers about signing in."""

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY, get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.mfa.utils import is_mfa_enabled
from django.dispatch import receiver


@receiver(authenticator_added, dispatch_uid="website.accounts.authenticator_added")
def remember_proof(sender, request, user, authenticator, **kwargs):
    """Setting up an app or a key proves possession of it: the session need not be asked again at once."""
    if authenticator.type != authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, method="mfa", id=authenticator.pk, type=authenticator.type)


@receiver(authenticator_removed, dispatch_uid="website.accounts.authenticator_removed")
def forget_proof(sender, request, user, authenticator, **kwargs):
    """Without any authenticator left, the session counts as never proved."""
    if not is_mfa_enabled(user):
        records = get_authentication_records(request, user)
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [r for r in records if r["method"] != "mfa"]
