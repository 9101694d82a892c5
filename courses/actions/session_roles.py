"""Verbs on roles in a session: name a chair, a speaker, a secretary, a case presenter; end a role."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from courses.actions.archiving import lock_open
from courses.actions.sessions import SessionRefused
from courses.hours import SESSION_RULES
from courses.models import Session, SessionRole
from courses.signals import session_role_changed
from lms import clock, names
from lms.models import Person

Role = SessionRole.Role


def name_role(
    session: Session, *, person: Person, role: str, rule_code: str = "", periods: int = 1, by
) -> SessionRole:
    """Name *person* as holder of *role* in *session*, with its own credit rule. Idempotent.

    Credit follows when the session is settled, at once where it is already.
    """
    if role not in Role.values:
        raise SessionRefused(_("Choose what the person did in the session."))
    if session.state == Session.State.CANCELLED:
        raise SessionRefused(_("This session was cancelled."))
    if not 1 <= periods <= 20:
        raise SessionRefused(_("Give the periods taught as a number from 1 to 20."))
    with transaction.atomic():
        locked = lock_open(session.pk, SessionRefused)
        standing = SessionRole.objects.filter(session=locked, person=person, role=role, ended_at=None)
        if found := standing.first():
            return found
        try:
            with transaction.atomic():
                row = SessionRole.objects.create(
                    session=locked,
                    person=person,
                    role=role,
                    rule_code=names.clean(rule_code).upper()[:30] or SESSION_RULES.get(Role(role), ""),
                    periods=periods,
                    named_by=by,
                    named_at=clock.now(),
                )
        except IntegrityError:
            return standing.get()
        if locked.state == Session.State.SETTLED:
            session_role_changed.send(SessionRole, role=row)
        return row


def end_session_role(row: SessionRole, *, reason: str, by) -> SessionRole:
    """End a role that was named by mistake, with its reason; credit for it is voided. Idempotent."""
    if not reason.strip():
        raise SessionRefused(_("Give the reason for this correction."))
    with transaction.atomic():
        lock_open(row.session_id, SessionRefused)
        locked = SessionRole.objects.select_related("session").get(pk=row.pk)
        if locked.ended_at is None:
            locked.ended_at, locked.ended_by = clock.now(), by
            locked.reason = names.clean(reason)[:200]
            locked.save(update_fields=["ended_at", "ended_by", "reason"])
            session_role_changed.send(SessionRole, role=locked)
    return locked
