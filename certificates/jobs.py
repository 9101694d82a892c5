"""The work of the register: issue, post, seal, and a sweep that finds what was missed."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from itertools import islice

from django.db.models import Model

from certificates.actions import (
    issue_for,
    post_credit,
    post_role_credit,
    post_session_credit,
    reverse_credit,
    seal,
)
from certificates.actions.assessing import assess
from certificates.actions.desk import answer_list
from certificates.actions.owing import owed_certificates, owed_credit
from certificates.actions.readiness import NotReady, held_back
from certificates.actions.register import RegisterDiffers, take_checkpoint
from certificates.actions.telling import tell_holder
from certificates.credit import NoRule
from certificates.models import BulkCheck, Certificate
from certificates.pending import unsealed
from certificates.signing import SignerUnavailable
from courses.models import Attendance, CompletionReview, Enrolment, SessionRole
from lms.models import Job
from lms.queue import GiveUp, Running, enqueue, job, periodic, run_again

log = logging.getLogger("lms.certificates")

_FULL = ("person", "facility", "run__release__course__facility")


@job("lms_certificates.issue")
def issue(key: str, running: Running) -> None:
    """Certify one completed enrolment, unless its issuer issues in batches or has done its share today."""
    enrolment = Enrolment.objects.select_related(*_FULL).filter(pk=key).first()
    if enrolment is None:
        raise GiveUp(f"No enrolment {key}.")
    draft = assess(enrolment).draft
    if draft is not None and held_back(draft.issuer):
        return
    try:
        issue_for(enrolment)
    except NotReady as error:
        raise GiveUp(str(error)) from error


@job("lms_certificates.post_credit")
def credit(key: str, running: Running) -> None:
    """Credit the learner of one completed enrolment."""
    enrolment = Enrolment.objects.select_related(*_FULL).filter(pk=key).first()
    if enrolment is None:
        raise GiveUp(f"No enrolment {key}.")
    try:
        post_credit(enrolment)
    except NoRule as error:
        raise GiveUp(str(error)) from error


@job("lms_certificates.reverse_credit")
def take_credit_back(key: str, running: Running) -> None:
    """Void the hours of one completion that was not upheld."""
    review = CompletionReview.objects.select_related("enrolment", "decided_by").filter(pk=key).first()
    if review is None:
        raise GiveUp(f"No review {key}.")
    reverse_credit(review)


@job("lms_certificates.post_session_credit")
def session_credit(key: str, running: Running) -> None:
    """Credit one person's presence in a session that serves no class."""
    attendance = Attendance.objects.select_related("session", "person__profession").filter(pk=key).first()
    if attendance is None:
        raise GiveUp(f"No attendance {key}.")
    try:
        post_session_credit(attendance)
    except NoRule as error:
        raise GiveUp(str(error)) from error


@job("lms_certificates.post_role_credit")
def role_credit(key: str, running: Running) -> None:
    """Credit one person's role in a session by the role's own rule, or void it."""
    role = SessionRole.objects.select_related("session", "person__profession").filter(pk=key).first()
    if role is None:
        raise GiveUp(f"No role {key}.")
    try:
        post_role_credit(role)
    except NoRule as error:
        raise GiveUp(str(error)) from error


@job("lms_certificates.tell_batch", lease=120)
def tell_batch(key: str, running: Running) -> None:
    """Tell the holders of one batch that they have a certificate, each once."""
    rows = Certificate.objects.filter(batch=key).select_related("holder").order_by("sequence")
    total = rows.count()
    for number, certificate in enumerate(rows.iterator(chunk_size=200), start=1):
        tell_holder(certificate)
        running.progress(100 * number // total)


@job("lms_certificates.seal", lease=120)
def seal_file(key: str, running: Running) -> None:
    """Draw and store the file of one certificate."""
    certificate = Certificate.objects.filter(pk=key).first()
    if certificate is None:
        raise GiveUp(f"No certificate {key}.")
    seal(certificate)


@job("lms_certificates.check_list", lease=120)
def check_list(key: str, running: Running) -> None:
    """Answer a verifier's long list."""
    check = BulkCheck.objects.select_related("by").filter(pk=key).first()
    if check is None:
        raise GiveUp(f"No list {key}.")
    answer_list(check, running.progress)


AT_ONCE = 500
"""Jobs of one kind that a sweep asks for; the next one asks for the rest."""


@periodic("lms_certificates.sweep", every=timedelta(minutes=10), lease=300)
def sweep(key: str, running: Running) -> None:
    """Ask again for what a lost job or a since mended record left undone; the same jobs do it."""
    _ask_again("lms_certificates.issue", owed_certificates())
    _ask_again("lms_certificates.post_credit", owed_credit())
    _ask_again("lms_certificates.seal", unsealed())


def _ask_again(kind: str, rows: Iterable[Model]) -> None:
    """Queue *kind* for each of *rows*; what failed before is tried anew and no longer stands as failed."""
    keys = [str(row.pk) for row in islice(rows, AT_ONCE)]
    failed = Job.objects.filter(kind=kind, state=Job.State.DEAD, key__in=keys)
    for job_ in list(failed):
        run_again(job_)
    for one in keys:
        enqueue(kind, one)


@periodic("lms_certificates.checkpoint", every=timedelta(minutes=1))
def checkpoint(key: str, running: Running) -> None:
    """Place what is new in the tree of the register and sign it: at most a minute from event to checkpoint."""
    try:
        take_checkpoint()
    except (RegisterDiffers, SignerUnavailable) as error:
        # One failed job is the alarm; one a minute would bury what else failed.
        if Job.objects.filter(kind=running.kind.name, state=Job.State.DEAD).exists():
            log.error("No checkpoint of the register: %s", error)
            return
        raise GiveUp(str(error)) from error
