"""What follows for learning when two records of a person became one, or two again."""

from courses.actions import progress
from courses.actions.settling import settle
from courses.models import Enrolment, Presence, Session
from lms.models import Person


def recount(person: Person) -> None:
    """Weigh the evidence of *person* again in every settled session and look at the open classes. Idempotent."""
    seen_in = Presence.objects.filter(person=person).values("session")
    for session in Session.objects.filter(pk__in=seen_in, state=Session.State.SETTLED).order_by("pk"):
        settle(session)
    for enrolment in Enrolment.objects.open().filter(person=person).order_by("pk"):
        progress.refresh(enrolment)
