"""Certificates made together: one person freezes the list, another approves it, then numbers are given."""

from collections import Counter
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from certificates import permissions
from certificates.facts import canonical, sha256
from certificates.models import Batch, Certificate
from courses.models import Enrolment, Run
from lms import clock

from .issuing import issue_for
from .readiness import Assessment, assess, locked, origin_of


class BatchRefused(Exception):
    """The batch cannot be frozen or approved as it is; the message says why."""


@dataclass
class Candidate:
    """One completion of a class and what is to be said about certifying it."""

    enrolment: Enrolment
    assessment: Assessment
    batch: Batch | None = None
    """The batch in which it waits for approval already, if any."""

    @property
    def is_exception(self) -> bool:
        """Whether somebody must look at it first."""
        return bool(self.assessment.problems or self.assessment.remarks)


def candidates(run: Run) -> list[Candidate]:
    """The completions of *run* without certificate, exceptions first, then by given name."""
    enrolments = (
        Enrolment.objects.filter(run=run, state=Enrolment.State.COMPLETED)
        .select_related("person", "facility", "run__release__course__facility")
        .order_by("person__sort_key", "pk")
    )
    certified = set(
        Certificate.objects.filter(origin_key__in=[origin_of(row) for row in enrolments]).values_list(
            "origin_key", flat=True
        )
    )
    waiting = {
        key: batch
        for batch in Batch.objects.filter(
            issuer__facility=run.release.course.facility, state=Batch.State.FROZEN
        )
        for key in batch.origin_keys
    }
    found = [
        Candidate(row, assess(row), waiting.get(origin_of(row)))
        for row in enrolments
        if origin_of(row) not in certified
    ]
    seen: dict[str, int] = {}
    for candidate in found:
        name = candidate.enrolment.person.full_name
        seen[name] = seen.get(name, 0) + 1
    for candidate in found:
        if seen[candidate.enrolment.person.full_name] > 1:
            candidate.assessment.remarks.append(
                _("Two people of this name completed the class; look at both.")
            )
    return sorted(found, key=lambda candidate: not candidate.is_exception)


def freeze_batch(run: Run, *, by, enrolments: list[int]) -> Batch:
    """Freeze the named completions of *run* for approval by somebody else; return the batch.

    What each document would say is hashed: a later change of any of it needs a new batch.
    Idempotent: the same list frozen by the same person is the same batch.
    """
    with transaction.atomic():
        chosen = [row for row in candidates(run) if row.enrolment.pk in set(enrolments)]
        if not chosen:
            raise BatchRefused(_("Choose at least one person whose certificate can be issued."))
        if blocked := [row for row in chosen if not row.assessment.is_ready]:
            raise BatchRefused(
                _("%(name)s cannot be certified: %(reason)s")
                % {
                    "name": blocked[0].enrolment.person.full_name,
                    "reason": " ".join(blocked[0].assessment.problems),
                }
            )
        issuer = chosen[0].assessment.ready_draft().issuer
        permissions.require_builder(by, issuer)
        if len(chosen) > issuer.most_at_once:
            raise BatchRefused(
                _(
                    "You chose %(count)s; this issuer puts at most %(limit)s into one batch. Nothing was frozen."
                )
                % {"count": len(chosen), "limit": issuer.most_at_once}
            )
        chosen.sort(key=lambda row: row.enrolment.pk)
        keys = [origin_of(row.enrolment) for row in chosen]
        digest = _digest([row.assessment for row in chosen])
        if found := Batch.objects.filter(
            issuer=issuer, built_by=by, sha256=digest, state=Batch.State.FROZEN
        ).first():
            return found
        batch = Batch.objects.create(
            issuer=issuer,
            title=f"{run.code} · {run.release.title_vi or run.release.title_en}"[:200],
            state=Batch.State.FROZEN,
            origin_keys=keys,
            sha256=digest,
            built_by=by,
        )
        # The field takes the machine's time by itself; the register is dated by its own clock.
        batch.created_at = clock.now()
        batch.save(update_fields=["created_at"])
        return batch


def approve_batch(batch: Batch, *, by) -> Batch:
    """Issue every certificate of a frozen batch in one transaction, or none; idempotent.

    *by* signs for the issuer and did not build the batch. Raises :class:`BatchRefused` where
    anything the documents would say has changed since it was frozen.
    """
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update(of=("self",)).select_related("issuer__facility").get(pk=batch.pk)
        )
        permissions.require_signer(by, batch.issuer)
        if batch.built_by_id == by.pk:
            raise permissions.NotAllowed(_("Whoever built the batch cannot approve it; ask a second signer."))
        if batch.state == Batch.State.ISSUED:
            return batch
        enrolments = batch_enrolments(batch)
        locked(*(row.person_id for row in enrolments))
        found = [assess(row) for row in enrolments]
        if _digest(found) != batch.sha256:
            raise BatchRefused(
                _(
                    "Something in these certificates changed since the batch was frozen. Nothing was issued; build a new batch."
                )
            )
        persons = Counter(row.person_id for row in enrolments)
        for enrolment, assessment in zip(enrolments, found, strict=True):
            # Under the lock nothing changes but what this batch itself gives to the same person.
            draft = assessment.draft if persons[enrolment.person_id] == 1 else None
            issue_for(enrolment, by=by, batch=batch, draft=draft)
        batch.state, batch.approved_by, batch.approved_at = Batch.State.ISSUED, by, clock.now()
        batch.save(update_fields=["state", "approved_by", "approved_at"])
        return batch


def batch_enrolments(batch: Batch) -> list[Enrolment]:
    """The enrolments of a batch in the order in which they get their numbers."""
    keys = [key.partition(":")[2] for key in batch.origin_keys]
    return list(
        Enrolment.objects.filter(pk__in=keys)
        .select_related("person", "facility", "run__release__course__facility")
        .order_by("pk")
    )


def _digest(assessments: list[Assessment]) -> str:
    return sha256(canonical([a.draft.sha256 if a.draft and a.is_ready else "" for a in assessments]))
