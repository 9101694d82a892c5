"""What the site remembers about signing in, and what the log says of it: numbers of logins, no names."""

import logging

from allauth.account import signals as account
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY, get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals as mfa
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from lms import limits
from lms.logs import near

log = logging.getLogger("website.accounts")


@receiver(mfa.authenticator_added, dispatch_uid="website.accounts.authenticator_added")
def remember_proof(sender, request, user, authenticator, **kwargs):
    """Setting up an app or a key proves possession of it: the session need not be asked again at once."""
    if authenticator.type != authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, method="mfa", id=authenticator.pk, type=authenticator.type)


@receiver(mfa.authenticator_removed, dispatch_uid="website.accounts.authenticator_removed")
def forget_proof(sender, request, user, authenticator, **kwargs):
    """Without any authenticator left, the session counts as never proved."""
    if not is_mfa_enabled(user):
        records = get_authentication_records(request, user)
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [r for r in records if r["method"] != "mfa"]


# --- the log: a stolen account is found afterwards by what its login did and when


def _note(words: str):
    def note(sender, request=None, user=None, **kwargs):
        log.info("%s: user %s from %s", words, getattr(user, "pk", None), _from(request))

    return note


def _from(request) -> str:
    return near(limits.address(request)) if request is not None else "?"


NOTED = {
    user_logged_in: _note("signed in"),
    user_logged_out: _note("signed out"),
    account.password_changed: _note("password changed"),
    account.password_reset: _note("password replaced by a code"),
    account.email_added: _note("e-mail added"),
    account.email_changed: _note("main e-mail changed"),
    account.email_removed: _note("e-mail removed"),
    mfa.authenticator_added: _note("second step added"),
    mfa.authenticator_removed: _note("second step removed"),
    mfa.authenticator_reset: _note("recovery codes made anew"),
}
for signal, note in NOTED.items():
    # Held by NOTED: a signal keeps only a weak hold.
    signal.connect(note, dispatch_uid=f"website.accounts.log.{id(signal)}")


@receiver(user_login_failed, dispatch_uid="website.accounts.log.failed")
def note_failure(sender, credentials, request=None, **kwargs):
    """Say that somebody was refused, and not what was typed: people type passwords into the wrong field."""
    log.warning("sign-in refused from %s", _from(request))
