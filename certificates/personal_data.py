"""What the register and the ledger hold about people: kept on legal ground when the rest is erased."""

from datetime import timedelta
from pathlib import Path

from django.db.models import BigIntegerField, CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat, Substr
from django.utils.translation import gettext_lazy as _

from certificates.conf import conf
from certificates.models import (
    ApiToken,
    Batch,
    BulkCheck,
    Certificate,
    CertificateActivity,
    Checkpoint,
    CreditEntry,
    Cycle,
    EndingRequest,
    LogEntry,
    Logo,
    Lookup,
    PersonCheck,
    RuleSet,
    SignedScan,
    SigningKey,
    TemplateVersion,
)
from courses.models import Attendance, Enrolment
from lms import clock
from lms.holdings import Kept, hold, register, skip

LAW = _("the law on medical examination and treatment")
FOR_EVER = _("as long as the law asks for the register")
READERS = _("you; those who keep the register; verifiers with a purpose; in part whoever holds the code")
REGISTER = Kept("kept: the register of continuing education, on legal ground")


def _files(row: Certificate):
    if row.file:
        yield row.filename, row.file


def _scans(row: SignedScan):
    yield f"Bản ký {row.certificate.number.replace('/', '-')}{Path(row.file).suffix}", row.file


register(
    Certificate,
    "holder",
    title=_("Certificates"),
    columns=[
        (_("Number"), "number"),
        (_("Kind"), "get_kind_display"),
        (_("Issuer"), "issuer"),
        (_("Credit hours"), "hours"),
        (_("Issued"), "issued_at"),
        (_("State"), "get_state_display"),
    ],
    ground=LAW,
    period=FOR_EVER,
    seen_by=READERS,
    erase=REGISTER,
    files=_files,
)
register(
    CertificateActivity,
    "certificate__holder",
    title=_("What your certificates certify"),
    columns=[(_("Certificate"), "certificate"), (_("Content"), "content"), (_("Credit hours"), "hours")],
    ground=LAW,
    period=FOR_EVER,
    seen_by=READERS,
    erase=REGISTER,
)
register(
    SignedScan,
    "certificate__holder",
    title=_("Scans of your signed certificates"),
    columns=[(_("Certificate"), "certificate"), (_("At"), "added_at")],
    ground=LAW,
    period=FOR_EVER,
    seen_by=READERS,
    erase=REGISTER,
    files=_scans,
)
register(
    LogEntry,
    "certificate__holder",
    title=_("What happened to your certificates"),
    columns=[
        (_("Certificate"), "certificate"),
        (_("Event"), "get_event_display"),
        (_("At"), "at"),
        (_("Reason"), "reason"),
    ],
    ground=LAW,
    period=FOR_EVER,
    seen_by=READERS,
    erase=REGISTER,
)
register(
    Lookup,
    "certificate__holder",
    title=_("Public checks of your certificates"),
    columns=[(_("Certificate"), "certificate"), (_("At"), "at"), (_("Result"), "answer")],
    ground=LAW,
    period=FOR_EVER,
    seen_by=READERS,
    erase=Kept("kept: when a code was asked about, not by whom"),
)
register(
    PersonCheck,
    "person",
    title=_("Looks of verifiers at your record"),
    columns=[(_("At"), "at"), (_("Purpose"), "purpose")],
    ground=LAW,
    period=_("until you ask for erasure"),
    seen_by=_("you; the verifier who looked"),
)
register(
    CreditEntry,
    "person",
    title=_("Credit hours"),
    columns=[
        (_("Activity"), "title"),
        (_("On"), "activity_on"),
        (_("Credit hours"), "hours"),
        (_("State"), "get_state_display"),
    ],
    ground=LAW,
    period=FOR_EVER,
    seen_by=_("you; those who keep the register; officers of your province"),
    erase=REGISTER,
)
register(
    Cycle,
    "person",
    title=_("Credit cycles"),
    columns=[(_("Scheme"), "scheme"), (_("From"), "starts_on"), (_("Until"), "ends_on")],
    ground=LAW,
    period=_("until you ask for erasure"),
    seen_by=_("you; those who keep the register; officers of your province"),
)
skip(
    ApiToken,
    Batch,
    BulkCheck,
    EndingRequest,
    RuleSet,
    SigningKey,
    TemplateVersion,
    why="names the login that acted; certificates named in it are the register's own",
)
skip(Logo, why="pictures of issuers, no personal data")
skip(Checkpoint, why="hashes of the register, no personal data")


def _enrolment_of(rows, column: str):
    """The enrolments that *rows* name in a text column as ``enrolment:<id>``."""
    named = rows.filter(**{f"{column}__startswith": "enrolment:"})
    return named.annotate(of=Cast(Substr(column, 11), BigIntegerField())).order_by().values("of")


def _certified_enrolments() -> Q:
    """Those for which something was ever issued or credited."""
    issued = _enrolment_of(CertificateActivity.objects.all(), "origin_key")
    credited = _enrolment_of(CreditEntry.objects.all(), "source_key")
    return Q(pk__in=issued) | Q(pk__in=credited)


def _audited_enrolments() -> Q:
    """Those whose certificate the authority may still ask about."""
    since = clock.now() - timedelta(days=conf.AUDIT_DAYS)
    rows = CertificateActivity.objects.filter(certificate__issued_at__gte=since)
    return Q(pk__in=_enrolment_of(rows, "origin_key"))


def _credited_attendance() -> Q:
    """Attendance (or presence) of a session that was credited to the person by itself."""
    key = Concat(Value("session:"), Cast(OuterRef("session_id"), CharField()), output_field=CharField())
    return Q(Exists(CreditEntry.objects.filter(person=OuterRef("person"), source_key=key)))


hold(Enrolment, rows=_certified_enrolments, details=_audited_enrolments)
hold(Attendance, rows=_credited_attendance, details=_credited_attendance)
