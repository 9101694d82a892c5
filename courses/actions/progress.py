"""Concludes from evidence what an enrolment has met, and completes it once."""

from django.db import transaction

from courses import completion
from courses.facts import facts_of
from courses.models import Enrolment, Lesson, LessonProgress
from courses.signals import enrolment_completed, lesson_met
from lms import clock


class NotALearner(Exception):
    """The enrolment is closed, so nothing more is recorded in it."""


@transaction.atomic
def refresh(enrolment: Enrolment) -> completion.Result:
    """Recompute progress from evidence; write what is new; complete when every rule is met.

    Locks the enrolment. Idempotent and monotonic: a met lesson and a completion are written once
    and never taken back or re-dated. Every action that records evidence calls this. A withdrawn
    enrolment is evaluated but nothing is written.
    """
    # Only the enrolment: its run and release are frozen or guarded elsewhere.
    enrolment_row = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("run__release", "person")
        .get(pk=enrolment.pk)
    )
    release = enrolment_row.run.release
    result = completion.evaluate(release.policy, release.outline, facts_of(enrolment_row))
    if enrolment_row.state == Enrolment.State.WITHDRAWN:
        return result
    now = clock.now()
    _write(enrolment_row, result, now)
    if result.complete and enrolment_row.state == Enrolment.State.ACTIVE:
        enrolment_row.state = Enrolment.State.COMPLETED
        enrolment_row.completed_at = now
        enrolment_row.completion = result.as_json()
        enrolment_row.save(update_fields=["state", "completed_at", "completion"])
        enrolment_completed.send(Enrolment, enrolment=enrolment_row)
    for name in ("state", "completed_at", "completion"):
        setattr(enrolment, name, getattr(enrolment_row, name))
    return result


@transaction.atomic
def mark_read(enrolment: Enrolment, *, lesson: Lesson) -> completion.Result:
    """Record that the learner says to have read a lesson without activity. Idempotent."""
    locked = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    if locked.state == Enrolment.State.WITHDRAWN:
        raise NotALearner
    progress, _created = LessonProgress.objects.get_or_create(enrolment=locked, lesson=lesson)
    if not progress.evidence.get("read"):
        progress.evidence = {**progress.evidence, "read": True}
        progress.save(update_fields=["evidence", "updated_at"])
    return refresh(enrolment)


def _write(enrolment: Enrolment, result: completion.Result, now) -> None:
    """Bring the progress rows in step with *result*, one write per row that changed."""
    rows = {row.lesson_id: row for row in LessonProgress.objects.filter(enrolment=enrolment)}
    for one in result.lessons:
        row = rows.get(one.lesson)
        if row is None and not (one.met or one.pct):
            continue
        is_new = one.met and (row is None or row.met_at is None)
        if row is None:
            LessonProgress.objects.create(
                enrolment=enrolment,
                lesson_id=one.lesson,
                value=one.pct,
                met_at=now if one.met else None,
                evidence=one.evidence,
            )
        elif is_new or (row.met_at is None and row.value != one.pct):
            row.value, row.evidence = one.pct, one.evidence
            row.met_at = now if one.met else None
            row.save(update_fields=["value", "evidence", "met_at", "updated_at"])
        if is_new:
            lesson_met.send(LessonProgress, enrolment=enrolment, lesson=one.lesson, evidence=one.evidence)
