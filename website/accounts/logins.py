"""What an office may do with the logins of its own people: close, open again, sign out, reset the second step."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from lms import permissions, scope
from lms.models import Affiliation, RoleAssignment

Role = RoleAssignment.Role


class LoginRefused(Exception):
    """This login is not this office's to change; the message says why."""


def register() -> None:
    """Declare who sees the logins of which people: those who grant roles where they work."""
    desk = {Role.ORG_ADMIN, Role.SYS_ADMIN}
    scope.register(get_user_model(), path=_works_at, acts={"view": desk, "change": desk})


def _works_at(nodes) -> Q:
    here = Affiliation.objects.in_force().filter(facility__in=nodes.values("pk"))
    return Q(person__in=here.values("person"), is_superuser=False)


def refusal(by, user) -> str:
    """Return why *by* may not change the login of *user*, or an empty text.

    Nobody changes his own here, a superuser's, one outside his scope, or one of somebody who
    holds a role that *by* could not have given: a manager does not lock out those above him (T13).
    """
    if by.pk == user.pk:
        return _("Your own login you change under “My data”.")
    if user.is_superuser and not by.is_superuser:
        return _("Only a superuser changes this login.")
    if not scope.can(by, "change", user):
        return _("This person does not work at a facility you administer.")
    for row in scope.assignments(user):
        if row.role not in permissions.grantable_roles(by, row.facility):
            return _("This person is %(role)s at %(facility)s, a role you could not give or end.") % {
                "role": row.get_role_display(),
                "facility": row.facility,
            }
    return ""


def _locked(user, by):
    row = get_user_model().objects.select_for_update().get(pk=user.pk)
    if why := refusal(by, row):
        raise LoginRefused(why)
    return row


@transaction.atomic
def close_login(user, *, by, reason: str):
    """Let *user* sign in no more and end every session; the person's record and evidence stay. Idempotent.

    Raises LoginRefused.
    """
    row = _locked(user, by)
    if row.is_active:
        row.is_active = False
        row.save(update_fields=["is_active"])
        end_sessions(row)
        log(row, "website.login_closed", user=by, data={"reason": reason})
    return row


@transaction.atomic
def reopen_login(user, *, by, reason: str):
    """Let *user* sign in again. Idempotent. Raises LoginRefused."""
    row = _locked(user, by)
    if not row.is_active:
        row.is_active = True
        row.save(update_fields=["is_active"])
        log(row, "website.login_reopened", user=by, data={"reason": reason})
    return row


@transaction.atomic
def sign_out_everywhere(user, *, by, reason: str):
    """End every session of *user*, who may sign in again at once. Raises LoginRefused."""
    row = _locked(user, by)
    end_sessions(row)
    log(row, "website.login_signed_out", user=by, data={"reason": reason})
    return row


@transaction.atomic
def reset_second_step(user, *, by, reason: str):
    """Take away the lost second step of *user* (app, keys, recovery codes) and end every session.

    The wall before every office asks for a new one at the next sign-in. Another administrator
    presses, after having seen the person: nobody resets his own (security T34). Raises LoginRefused.
    """
    row = _locked(user, by)
    Authenticator.objects.filter(user=row).delete()
    end_sessions(row)
    log(row, "website.second_step_reset", user=by, data={"reason": reason})
    return row


def end_sessions(user) -> int:
    """End every session of *user* that the site knows of; return how many."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)
