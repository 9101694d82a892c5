"""What the register does when a fact is announced: it promises work and tells the holder, nothing else."""

from certificates.actions.telling import tell_holder
from certificates.models import Certificate
from certificates.signals import certificate_ended, certificate_issued
from courses.models import Attendance, SessionRole
from courses.signals import (
    attendance_settled,
    completion_reviewed,
    enrolment_completed,
    session_role_changed,
)
from lms.messages import tell
from lms.models import Person
from lms.queue import enqueue
from lms.signals import merge_undone, person_merged


def on_completed(sender, enrolment, **kwargs):
    """Promise the certificate and the credit in the transaction that completes."""
    enqueue("lms_certificates.issue", enrolment.pk)
    enqueue("lms_certificates.post_credit", enrolment.pk)


def on_settled(sender, attendance, **kwargs):
    """Promise the credit of a session that declared a rule of its own; a class brings its own credit."""
    session = attendance.session
    if session.rule_code and not session.uses.exists():
        enqueue("lms_certificates.post_session_credit", attendance.pk)


def on_role(sender, role, **kwargs):
    """Promise the credit of whoever led, taught or presented in a session, or its voiding.

    Who held the role only by mistake was a delegate like the others, and is credited as one.
    """
    enqueue("lms_certificates.post_role_credit", role.pk)
    if role.ended_at:
        for attendance in Attendance.objects.filter(session=role.session_id, person=role.person_id):
            on_settled(sender, attendance)


def on_records(sender, gone, kept, **kwargs):
    """Two records became one, or two again: whoever attended what they led is credited as the one or as both.

    What was settled once is not announced again where no minute changed.
    """
    led = SessionRole.objects.filter(person__in=[gone, kept]).values("session")
    there = Attendance.objects.filter(session__in=led, person__in=[gone, kept])
    for attendance in there.exclude(person__state=Person.State.MERGED).select_related("session"):
        on_settled(sender, attendance)


def on_reviewed(sender, review, **kwargs):
    """Promise what follows from a decided review: what was held back, or the hours taken back."""
    if review.state == review.State.UPHELD:
        on_completed(sender, review.enrolment)
    else:
        enqueue("lms_certificates.reverse_credit", review.pk)


def on_issued(sender, certificate, **kwargs):
    """Tell the holder; those of a batch are told by a job, so that the numbers are not held meanwhile."""
    if certificate.batch_id is None:
        tell_holder(certificate)


def on_ended(sender, certificate, **kwargs):
    """Tell the holder, with the reason."""
    tell(
        certificate.holder,
        "certificate-ended",
        key=f"certificate-ended:{certificate.pk}",
        about={
            "number": certificate.number,
            "state": Certificate.State(certificate.state).label,
            "reason": certificate.end_reason.rstrip("."),
        },
        url=("lms_certificates_public:verify", certificate.code),
    )


def connect():
    """Connect once, from ``AppConfig.ready()``."""
    enrolment_completed.connect(on_completed, dispatch_uid="lms_certificates.completed")
    completion_reviewed.connect(on_reviewed, dispatch_uid="lms_certificates.reviewed")
    attendance_settled.connect(on_settled, dispatch_uid="lms_certificates.settled")
    session_role_changed.connect(on_role, dispatch_uid="lms_certificates.role")
    person_merged.connect(on_records, dispatch_uid="lms_certificates.merged")
    merge_undone.connect(on_records, dispatch_uid="lms_certificates.merge_undone")
    certificate_issued.connect(on_issued, dispatch_uid="lms_certificates.tell_issued")
    certificate_ended.connect(on_ended, dispatch_uid="lms_certificates.tell_ended")
