"""What follows for learning when two records of a person became one, or two again."""

from courses.actions import progress
from courses.actions.settling import settle
from courses.models import Enrolment, Presence, Session, SessionRole
from courses.signals import session_role_changed
from lms.models import Person


def recount(person: Person) -> None:
    """Weigh the evidence of *person* again in every settled session and look at the open classes. Idempotent."""
    seen_in = Presence.objects.filter(person=person).values("session")
    for session in Session.objects.filter(pk__in=seen_in, state=Session.State.SETTLED).order_by("pk"):
        settle(session)
    # Also those that ended: what two records had of one role is one.
    for role in SessionRole.objects.filter(person=person, session__state=Session.State.SETTLED):
        session_role_changed.send(SessionRole, role=role)
    for enrolment in Enrolment.objects.open().filter(person=person).order_by("pk"):
        progress.refresh(enrolment)
