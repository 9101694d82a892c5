"""Reads: what the register still owes — completions without certificate or credit, unsealed files."""

from datetime import timedelta

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from courses.models import CompletionReview, Enrolment
from lms import clock
from lms.models import Job

from .models import Certificate, CertificateActivity, CreditEntry, EndingRequest

GRACE = timedelta(minutes=2)


def _origin():
    return Concat(Value("enrolment:"), Cast(OuterRef("pk"), CharField()))


def busy(kind: str) -> Exists:
    """Whether a job of *kind* waits or runs for a row."""
    states = [Job.State.QUEUED, Job.State.RUNNING]
    return Exists(Job.objects.filter(kind=kind, key=Cast(OuterRef("pk"), CharField()), state__in=states))


def _not_upheld(**values):
    return CompletionReview.objects.filter(state=CompletionReview.State.REVOKED, **values)


def to_end():
    """Valid certificates whose completion was not upheld, or whose end was asked for: a signer has still to end them."""
    origins = _not_upheld().annotate(origin=Concat(Value("enrolment:"), Cast("enrolment_id", CharField())))
    named = CertificateActivity.objects.filter(
        certificate=OuterRef("pk"), origin_key__in=origins.values("origin")
    )
    asked = EndingRequest.objects.filter(certificate=OuterRef("pk"), closed_at__isnull=True)
    return (
        Certificate.objects.valid()
        .filter(Exists(named) | Exists(asked))
        .select_related("holder", "issuer__facility")
        .order_by("pk")
    )


def certifiable():
    """Completed enrolments, not those not upheld, without valid certificate; the oldest first."""
    rows = CertificateActivity.objects.filter(origin_key=_origin())
    return (
        Enrolment.objects.filter(state=Enrolment.State.COMPLETED)
        .exclude(Exists(_not_upheld(enrolment=OuterRef("pk"))))
        .exclude(Exists(rows.filter(stands=True)))
        .select_related("person", "facility", "run__release__course__facility")
        .order_by("completed_at", "pk")
    )


def uncertified():
    """Those of them for which nothing was ever issued: what was revoked comes back by a batch only."""
    return certifiable().exclude(Exists(CertificateActivity.objects.filter(origin_key=_origin())))


def uncredited():
    """Completions of courses with a rule that have no entry, although nothing is known to stand in its way.

    Left out are those under review or not upheld, those whose certificate was revoked, those to whom another class
    brought the hours of the same release, and those for which a job waits or runs. Whether a table has the rule is
    for the caller to ask.
    """
    papers = CertificateActivity.objects.filter(origin_key=_origin())
    twins = Enrolment.objects.filter(person=OuterRef("person"), run__release=OuterRef("run__release"))
    entries = CreditEntry.objects.filter(source_key=_origin())
    reviews = CompletionReview.objects.filter(enrolment=OuterRef("pk")).exclude(
        state=CompletionReview.State.UPHELD
    )
    return (
        Enrolment.objects.filter(
            state=Enrolment.State.COMPLETED, run__release__periods__gt=0, completed_at__lt=clock.now() - GRACE
        )
        .exclude(run__release__rule_code="")
        .filter(~Exists(entries), ~busy("lms_certificates.post_credit"), ~Exists(reviews))
        .exclude(Exists(papers), ~Exists(papers.filter(stands=True)))
        .filter(~Exists(twins.filter(Exists(entries.posted()))))
        .order_by("completed_at", "pk")
    )


def unsealed():
    """Issued certificates without a file that no waiting or running job will seal."""
    waits = Certificate.objects.filter(sealed_at__isnull=True, issued_at__lt=clock.now() - GRACE)
    return waits.filter(~busy("lms_certificates.seal"))
