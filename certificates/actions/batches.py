"""Certificates made together: one person freezes the list, another approves it, then numbers are given."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from certificates import permissions
from certificates.facts import canonical, sha256
from certificates.models import Batch, CertificateActivity, Issuer
from certificates.pending import certifiable
from courses.models import Enrolment, Run
from lms import clock
from lms.crashpoints import crashpoint
from lms.queue import enqueue

from .assessing import assess_all, enrolments_of, loaded
from .issuing import enter
from .readiness import Assessment, holder_of, locked, origin_of

MOST_PEOPLE = 100
"""People with several activities shown together; what was frozen makes room for the next."""


class BatchRefused(Exception):
    """The batch cannot be frozen or approved as it is; the message says why."""


@dataclass
class Candidate:
    """One completion and what is to be said about certifying it."""

    enrolment: Enrolment
    assessment: Assessment
    batch: Batch | None = None
    """The batch in which it waits for approval already, if any."""

    @property
    def is_exception(self) -> bool:
        """Whether somebody must look at it first."""
        return bool(self.assessment.problems or self.assessment.remarks)


@dataclass
class Paper:
    """One certificate that a batch would make: its activities and what is to be said about them."""

    enrolments: list[Enrolment]
    assessment: Assessment

    @property
    def person(self):
        """Whom it certifies."""
        return self.enrolments[0].person


def candidates(run: Run) -> list[Candidate]:
    """The completions of *run* without valid certificate, exceptions first, then by given name."""
    found = _candidates(certifiable().filter(run=run), run.release.course.facility_id)
    names = Counter(one.enrolment.person.full_name for one in found)
    for candidate in found:
        if names[candidate.enrolment.person.full_name] > 1:
            candidate.assessment.remark(
                _("Two people of this name completed the class; look at both."),
                candidate.enrolment,
            )
    return sorted(found, key=lambda candidate: not candidate.is_exception)


def several_of_one_person(issuer: Issuer) -> list[list[Candidate]]:
    """Of each person with two or more activities that *issuer* could put on one certificate, these.

    What waits in a batch already is left out, and of many people the first ``MOST_PEOPLE`` come.
    """
    rows = certifiable().filter(run__release__course__facility=issuer.facility_id)
    of_person: dict[int, list[Candidate]] = {}
    several = _several(rows.exclude(pk__in=_ids(_waiting(issuer.facility_id))))
    for one in _candidates(rows.filter(person__in=several), issuer.facility_id):
        if one.batch is None:
            of_person.setdefault(one.enrolment.person_id, []).append(one)
    return list(of_person.values())


def _several(rows) -> list[int]:
    found = Counter(rows.order_by("person__sort_key", "person").values_list("person", flat=True))
    return [person for person, count in found.items() if count > 1][:MOST_PEOPLE]


def _candidates(rows, facility: int) -> list[Candidate]:
    enrolments = loaded(rows.order_by("person__sort_key", "person", "completed_at", "pk"))
    waiting = _waiting(facility)
    found = assess_all([one] for one in enrolments)
    return [
        Candidate(row, assessment, waiting.get(origin_of(row)))
        for row, assessment in zip(enrolments, found, strict=True)
    ]


def _waiting(facility: int) -> dict[str, Batch]:
    frozen = Batch.objects.filter(issuer__facility=facility, state=Batch.State.FROZEN)
    return {key: batch for batch in frozen for key in batch.origin_keys}


def _ids(origins: Iterable[str]) -> list[str]:
    return [key.partition(":")[2] for key in origins]


def freeze_batch(run: Run, *, by, enrolments: Sequence[int]) -> Batch:
    """Freeze the named completions of *run*, a certificate each, for approval by somebody else.

    What each document would say is hashed: a later change of any of it needs a new batch.
    Idempotent: the same list frozen by the same person is the same batch.
    """
    chosen = certifiable().filter(run=run, pk__in=enrolments)
    title = f"{run.code} · {run.release.title_vi or run.release.title_en}"
    return _freeze(chosen, Batch.Grouping.ACTIVITY, title, by=by)


def freeze_by_person(issuer: Issuer, *, by, enrolments: Sequence[int]) -> Batch:
    """Freeze the named completions, from whatever classes of *issuer*: all of one person on one certificate."""
    chosen = certifiable().filter(run__release__course__facility=issuer.facility_id, pk__in=enrolments)
    name = _("One certificate for each person")
    title = f"{name} · {issuer.abbreviation}"
    return _freeze(chosen, Batch.Grouping.PERSON, title, by=by)


def _freeze(chosen, grouping: str, title: str, *, by) -> Batch:
    with transaction.atomic():
        papers = _papers(loaded(chosen.order_by("pk")), grouping)
        if not papers:
            raise BatchRefused(_("Choose at least one person whose certificate can be issued."))
        if blocked := [one for one in papers if not one.assessment.is_ready]:
            raise BatchRefused(
                _("%(name)s cannot be certified: %(reason)s")
                % {"name": blocked[0].person.full_name, "reason": " ".join(blocked[0].assessment.problems)}
            )
        issuer = papers[0].assessment.ready_draft().issuer
        permissions.require_builder(by, issuer)
        if len(papers) > issuer.most_at_once:
            raise BatchRefused(
                _(
                    "You chose %(count)s; this issuer puts at most %(limit)s into one batch. Nothing was frozen."
                )
                % {"count": len(papers), "limit": issuer.most_at_once}
            )
        _require_once(papers)
        digest = _digest(papers)
        if found := Batch.objects.filter(
            issuer=issuer, built_by=by, sha256=digest, grouping=grouping, state=Batch.State.FROZEN
        ).first():
            return found
        batch = Batch.objects.create(
            issuer=issuer,
            title=title[:200],
            state=Batch.State.FROZEN,
            grouping=grouping,
            origin_keys=[origin_of(one) for paper in papers for one in paper.enrolments],
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
        enrolments = enrolments_of(batch.origin_keys)
        locked(*(row.person_id for row in enrolments))
        # Under the lock nothing of these people is issued or credited but by this batch.
        papers = _papers(enrolments, batch.grouping)
        changed = BatchRefused(
            _(
                "Something in these certificates changed since the batch was frozen. Nothing was issued; build a new batch."
            )
        )
        if _digest(papers) != batch.sha256:
            raise changed
        _require_once(papers)
        try:
            with transaction.atomic():
                enter([one.assessment.ready_draft() for one in papers], by=by, batch=batch)
        except IntegrityError as error:
            # Whatever went past the lock, the database keeps an activity from being certified twice.
            if not _is_certified(batch):
                raise
            raise changed from error
        enqueue("lms_certificates.tell_batch", batch.pk)
        batch.state, batch.approved_by, batch.approved_at = Batch.State.ISSUED, by, clock.now()
        batch.save(update_fields=["state", "approved_by", "approved_at"])
    crashpoint("batch.committed")
    return batch


def papers_of(batch: Batch) -> list[Paper]:
    """The certificates that a frozen batch would make, in the order in which they get their numbers."""
    return _papers(enrolments_of(batch.origin_keys), batch.grouping)


def _papers(enrolments: list[Enrolment], grouping: str) -> list[Paper]:
    groups: dict[int, list[Enrolment]] = {}
    for one in enrolments:
        key = holder_of(one.person).pk if grouping == Batch.Grouping.PERSON else one.pk
        groups.setdefault(key, []).append(one)
    found = assess_all(groups.values())
    return [Paper(group, one) for group, one in zip(groups.values(), found, strict=True)]


def _require_once(papers: list[Paper]) -> None:
    """Refuse to certify one person twice for the same version of a course within one batch."""
    seen = Counter(
        (holder_of(one.person).pk, one.run.release_id) for paper in papers for one in paper.enrolments
    )
    for paper in papers:
        if any(seen[holder_of(one.person).pk, one.run.release_id] > 1 for one in paper.enrolments):
            raise BatchRefused(
                _("%(name)s is named twice for the same version of a course.")
                % {"name": paper.person.full_name}
            )


def _is_certified(batch: Batch) -> bool:
    return CertificateActivity.objects.filter(origin_key__in=batch.origin_keys, stands=True).exists()


def _digest(papers: list[Paper]) -> str:
    found = [one.assessment for one in papers]
    return sha256(canonical([a.draft.sha256 if a.draft and a.is_ready else "" for a in found]))
