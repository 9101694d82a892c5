"""Verbs of people who judge a learner: sign off, propose and decide a make-up."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from courses.actions.progress import refresh
from courses.models import Enrolment, Lesson, LessonKind, MakeUp, SignOff
from lms import clock, names


class JudgementRefused(Exception):
    """The judgement cannot be made so; the text says why and what to do."""


def _reason(text: str) -> str:
    text = names.clean(text)[:300]
    if len(text) < 5:
        raise JudgementRefused(_("Give the reason in words; it stays on record and the learner reads it."))
    return text


def _learner(enrolment: Enrolment, by) -> Enrolment:
    """The enrolment under a lock, of somebody else than *by* who still learns."""
    row = Enrolment.objects.locked(enrolment.pk)
    if row.person.user_id is not None and row.person.user_id == by.pk:
        raise JudgementRefused(_("Somebody else must decide about your own learning."))
    if row.state == Enrolment.State.WITHDRAWN:
        raise JudgementRefused(_("This learner has left the class; nothing more is recorded."))
    return row


@transaction.atomic
def sign_off(enrolment: Enrolment, *, reason: str, by) -> SignOff:
    """Record that *by* finds the learner ready; completes where that was the last rule. Idempotent."""
    reason = _reason(reason)
    row = _learner(enrolment, by)
    if not row.run.release.policy.get("require_signoff"):
        raise JudgementRefused(_("This version of the course asks for no sign-off."))
    found, _made = SignOff.objects.get_or_create(
        enrolment=row, defaults={"reason": reason, "by": by, "at": clock.now()}
    )
    refresh(enrolment)
    return found


@transaction.atomic
def propose_make_up(enrolment: Enrolment, *, lesson: Lesson, reason: str, by) -> MakeUp:
    """Propose that a missed live session counts, and how it was made up. Idempotent while one is open.

    Nothing counts before somebody else has approved it.
    """
    reason = _reason(reason)
    row = _learner(enrolment, by)
    item = next((one for one in row.run.release.outline if one["lesson"] == lesson.pk), None)
    if item is None or item["kind"] != LessonKind.SESSION:
        raise JudgementRefused(_("Only a live session of the learner's version can be made up for."))
    if row.progress.filter(lesson=lesson, met_at__isnull=False).exists():
        raise JudgementRefused(_("This lesson is done already; there is nothing to make up for."))
    try:
        with transaction.atomic():
            return MakeUp.objects.create(
                enrolment=row, lesson=lesson, reason=reason, proposed_by=by, proposed_at=clock.now()
            )
    except IntegrityError:
        return MakeUp.objects.exclude(state=MakeUp.State.REFUSED).get(enrolment=row, lesson=lesson)


@transaction.atomic
def decide_make_up(make_up: MakeUp, *, approve: bool, by, answer: str = "") -> MakeUp:
    """Let a make-up count, or not; by another person than who proposed it. Idempotent: decided once."""
    answer = names.clean(answer)[:300] if approve else _reason(answer)
    enrolment = make_up.enrolment
    _learner(enrolment, by)
    row = MakeUp.objects.select_for_update().get(pk=make_up.pk)
    if row.state != MakeUp.State.PROPOSED:
        return row
    if row.proposed_by_id == by.pk:
        raise JudgementRefused(_("Somebody else than who proposed it must decide."))
    row.state = MakeUp.State.APPROVED if approve else MakeUp.State.REFUSED
    row.decided_by, row.decided_at, row.answer = by, clock.now(), answer
    row.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    if approve:
        refresh(enrolment)
    return row
