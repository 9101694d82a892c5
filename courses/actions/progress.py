"""Concludes from evidence what an enrolment has met, and completes it once."""

from collections.abc import Collection

from django.db import transaction

from courses import completion
from courses.facts import facts_of
from courses.models import Enrolment, Lesson, LessonProgress
from courses.signals import enrolment_completed, lesson_met
from lms import clock


class NotALearner(Exception):
    """The enrolment is closed, so nothing more is recorded in it."""


@transaction.atomic
def refresh(enrolment: Enrolment, *, lost: Collection[int] = ()) -> completion.Result:
    """Recompute progress from evidence; write what is new; complete when every rule is met.

    Locks the enrolment. Idempotent and monotonic: a met lesson and a completion are written once
    and never re-dated. Only where evidence was taken back, the lessons it stood for are named in
    *lost* and open again unless other evidence carries them; a completion stays even then. Every
    action that records evidence calls this. Nothing new is written for a withdrawn enrolment.
    """
    enrolment_row = Enrolment.objects.locked(enrolment.pk)
    release = enrolment_row.run.release
    facts = facts_of(enrolment_row, lost=lost)
    result = completion.evaluate(release.policy, release.outline, facts)
    if lost:
        _forget(enrolment_row, set(lost) - result.met - facts.met.keys(), result)
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


def _forget(enrolment: Enrolment, lessons: set[int], result: completion.Result) -> None:
    """Open the lessons again whose evidence is gone, also those of a version that was left."""
    for pk in lessons:
        one = result.lesson(pk)
        values = {"value": one.pct, "evidence": one.evidence} if one else {"value": 0, "evidence": {}}
        rows = LessonProgress.objects.filter(enrolment=enrolment, lesson=pk, met_at__isnull=False)
        rows.update(met_at=None, updated_at=clock.now(), **values)


def _says_more(row: LessonProgress, one: completion.LessonResult) -> bool:
    """Whether the same share rests on something else now: another attempt, a recording to watch."""
    return bool(one.evidence) and row.evidence != one.evidence


def _write(enrolment: Enrolment, result: completion.Result, now) -> None:
    """Bring the progress rows in step with *result*, one write per row that changed."""
    rows = {row.lesson_id: row for row in LessonProgress.objects.filter(enrolment=enrolment)}
    for one in result.lessons:
        row = rows.get(one.lesson)
        if row is None and not (one.met or one.pct or one.is_excused):
            continue
        is_new = one.met and (row is None or row.met_at is None)
        # Who has learnt a lesson after all that was waived has learnt it, whatever becomes of the evidence.
        is_other = row is not None and one.met and one.is_waived != ("waived" in row.evidence)
        if row is None:
            LessonProgress.objects.create(
                enrolment=enrolment,
                lesson_id=one.lesson,
                value=one.pct,
                met_at=now if one.met else None,
                evidence=one.evidence,
            )
        elif is_new or is_other or (row.met_at is None and (row.value != one.pct or _says_more(row, one))):
            row.value, row.evidence = one.pct, one.evidence
            row.met_at = (row.met_at or now) if one.met else None
            row.save(update_fields=["value", "evidence", "met_at", "updated_at"])
        if is_new:
            lesson_met.send(LessonProgress, enrolment=enrolment, lesson=one.lesson, evidence=one.evidence)
