"""Verbs on skills seen at the bedside: observe, take back."""

import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from content import checking
from courses.actions import progress
from courses.models import Enrolment, Lesson, Observation
from courses.signals import evidence_withdrawn
from lms import clock, names
from lms.permissions import person_of


class ObservationRefused(Exception):
    """An observation that cannot be recorded; the message says why."""


class OwnSkill(ObservationRefused):
    """Nobody observes themselves."""


class NotRatedYet(ObservationRefused):
    """A step is without a rating; ``missing`` holds their ids."""

    def __init__(self, message: str, missing: list[str]):
        super().__init__(message)
        self.missing = missing


def frozen_checklist(enrolment: Enrolment, lesson: Lesson) -> dict:
    """The checklist of *lesson* as the release of *enrolment* froze it."""
    for item in enrolment.run.release.outline:
        if item["lesson"] == lesson.pk and item["kind"] == "checklist":
            return {
                "title": item["title"],
                "pass_pct": item["pass_pct"],
                "items": item["items"],
            }
    raise ObservationRefused(_("This checklist is not part of the class."))


def observe(
    enrolment: Enrolment,
    *,
    lesson: Lesson,
    ratings: dict[str, bool],
    by,
    client_id: uuid.UUID,
    comment: str = "",
) -> Observation:
    """Record one observed performance, every step rated. The same *client_id* is the same one."""
    frozen = frozen_checklist(enrolment, lesson)
    observer = person_of(by)
    if observer is not None and observer.pk == enrolment.person_id:
        raise OwnSkill(_("Somebody else must observe you."))
    try:
        pct, critical_missed, passed = checking.score(frozen, ratings)
    except checking.RatingMissing as error:
        raise NotRatedYet(_("Rate every step before you save."), error.item_ids) from error
    except checking.RatingRefused as error:
        raise ObservationRefused(
            _("This page belongs to another checklist. Open it again; nothing was saved.")
        ) from error
    with transaction.atomic():
        locked = Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
        if earlier := Observation.objects.filter(client_id=client_id).first():
            return _same(earlier, locked, lesson)
        if locked.state == Enrolment.State.WITHDRAWN:
            raise ObservationRefused(_("This person has left the class."))
        if locked.run_id != enrolment.run_id:
            raise ObservationRefused(
                _(
                    "This person was moved to a newer version of the course a moment ago. "
                    "Nothing was saved; open the checklist again."
                )
            )
        count = Observation.objects.filter(enrolment=locked, lesson=lesson).count()
        try:
            with transaction.atomic():
                row = Observation.objects.create(
                    enrolment=locked,
                    lesson=lesson,
                    observer=by,
                    number=count + 1,
                    facility_id=locked.facility_id,
                    frozen=frozen,
                    ratings=ratings,
                    pct=pct,
                    critical_missed=critical_missed,
                    passed=passed,
                    comment="\n".join(names.clean(line) for line in comment[:2000].splitlines()).strip(),
                    observed_at=clock.now(),
                    client_id=client_id,
                )
        except IntegrityError:
            return _same(Observation.objects.get(client_id=client_id), locked, lesson)
        progress.refresh(locked)
        return row


def take_back(row: Observation, *, reason: str, by) -> Observation:
    """Take an observation back that was recorded wrongly. Idempotent.

    A lesson that nothing else carries opens again; a completion it led to stays and is reviewed.
    """
    reason = names.clean(reason)[:300]
    if not reason:
        raise ObservationRefused(_("Give the reason for this correction."))
    with transaction.atomic():
        enrolment = Enrolment.objects.select_for_update(no_key=True).get(pk=row.enrolment_id)
        if person_of(by) == enrolment.person:
            raise OwnSkill(_("Somebody else must decide about your own learning."))
        found = Observation.objects.get(pk=row.pk)
        if found.taken_back_at:
            return found
        found.taken_back_at, found.taken_back_by, found.taken_back_why = clock.now(), by, reason
        found.save(update_fields=["taken_back_at", "taken_back_by", "taken_back_why"])
        progress.refresh(enrolment, lost={found.lesson_id})
        if enrolment.state == Enrolment.State.COMPLETED:
            evidence_withdrawn.send(Enrolment, enrolment=enrolment)
        return found


def _same(row: Observation, enrolment: Enrolment, lesson: Lesson) -> Observation:
    if row.enrolment_id != enrolment.pk or row.lesson_id != lesson.pk:
        raise ObservationRefused(_("This page was already used for somebody else. Open it again."))
    return row
