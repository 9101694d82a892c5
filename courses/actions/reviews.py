"""Verbs on reviews of completions: reconsider, decide."""

from django.db import transaction
from django.utils.translation import gettext as _

from courses.actions import progress
from courses.facts import carried, proved
from courses.models import CompletionReview, Enrolment, LessonProgress
from courses.signals import completion_reviewed
from lms import clock, names
from lms.models import Person
from lms.permissions import person_of

State = CompletionReview.State


class ReviewRefused(Exception):
    """A decision that cannot be taken like this; the message says why."""


def reconsider(enrolment: Enrolment) -> CompletionReview | None:
    """Open a review if the evidence no longer carries the completion of *enrolment*. Idempotent.

    An open review takes the newest finding; what an earlier decision covers opens none. Lessons
    without evidence open again in any case. Of people who were erased nothing is asked any more.
    Returns the open review, or None.
    """
    with transaction.atomic():
        locked = Enrolment.objects.locked(enrolment.pk)
        if locked.state != Enrolment.State.COMPLETED or locked.person.state == Person.State.ERASED:
            return None
        found = proved(locked)
        still_met = LessonProgress.objects.filter(enrolment=locked, met_at__isnull=False)
        lost = set(still_met.values_list("lesson", flat=True)) - found.met
        if lost and (lost := lost - carried(locked).keys()):
            progress.refresh(locked, lost=lost)
        reviews = list(CompletionReview.objects.filter(enrolment=locked))
        if opened := next((one for one in reviews if one.is_open), None):
            opened.found = found.as_json()
            # Not save(): whoever decides in this moment decides about what they saw.
            CompletionReview.objects.open().filter(pk=opened.pk).update(found=opened.found)
            return opened
        if found.complete or any(one.covers(found) for one in reviews):
            return None
        return CompletionReview.objects.create(enrolment=locked, found=found.as_json(), opened_at=clock.now())


def decide(review: CompletionReview, *, uphold: bool, reason: str, by) -> CompletionReview:
    """Uphold the completion, or not, with a reason. Idempotent; another decision later is refused.

    The completion stays an event either way. Where it is not upheld, what was issued for it is
    revoked by the certificates app, by another person.
    """
    wanted = State.UPHELD if uphold else State.REVOKED
    reason = names.clean(reason)[:300]
    with transaction.atomic():
        locked = (
            CompletionReview.objects.select_for_update(of=("self",))
            .select_related("enrolment")
            .get(pk=review.pk)
        )
        if locked.state == wanted:
            return locked
        if not locked.is_open:
            raise ReviewRefused(
                _("This was decided already: %(state)s.") % {"state": locked.get_state_display()}
            )
        person = person_of(by)
        if person is not None and person.pk == locked.enrolment.person_id:
            raise ReviewRefused(_("Somebody else must decide about your own completion."))
        if len(reason) < 5:
            raise ReviewRefused(_("Give the reason in words; it stays on record."))
        locked.state, locked.reason = wanted, reason
        locked.decided_by, locked.decided_at = by, clock.now()
        locked.save(update_fields=["state", "reason", "decided_by", "decided_at"])
        completion_reviewed.send(CompletionReview, review=locked)
        return locked
