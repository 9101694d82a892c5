"""What the register does when courses announce a fact: it promises work, nothing else."""

from courses.signals import attendance_settled, completion_reviewed, enrolment_completed
from lms.queue import enqueue


def on_completed(sender, enrolment, **kwargs):
    """Promise the certificate and the credit in the transaction that completes."""
    enqueue("lms_certificates.issue", enrolment.pk)
    enqueue("lms_certificates.post_credit", enrolment.pk)


def on_settled(sender, attendance, **kwargs):
    """Promise the credit of a session that declared a rule of its own; a class brings its own credit."""
    session = attendance.session
    if session.rule_code and not session.uses.exists():
        enqueue("lms_certificates.post_session_credit", attendance.pk)


def on_reviewed(sender, review, **kwargs):
    """Promise what follows from a decided review: what was held back, or the hours taken back."""
    if review.state == review.State.UPHELD:
        on_completed(sender, review.enrolment)
    else:
        enqueue("lms_certificates.reverse_credit", review.pk)


def connect():
    """Connect once, from ``AppConfig.ready()``."""
    enrolment_completed.connect(on_completed, dispatch_uid="lms_certificates.completed")
    completion_reviewed.connect(on_reviewed, dispatch_uid="lms_certificates.reviewed")
    attendance_settled.connect(on_settled, dispatch_uid="lms_certificates.settled")
