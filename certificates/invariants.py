"""What must hold in the register and the ledger, recomputed from the rows and the files themselves."""

from collections import defaultdict

from django.db.models import Count, Max, Min

from certificates import wording
from certificates.actions.readiness import assess
from certificates.conf import conf
from certificates.facts import canonical, leaf_hash, sha256
from certificates.models import Certificate, CreditEntry, LogEntry, NumberSeries
from certificates.pending import uncertified, unsealed
from courses.models import CompletionReview, Enrolment
from lms import media
from lms.models import Job
from lms.verify import Breach, invariant

Event = LogEntry.Event
_ENDED = {Certificate.State.REVOKED: Event.REVOKED, Certificate.State.SUPERSEDED: Event.SUPERSEDED}


@invariant("lms_certificates.numbers")
def numbers_have_no_gap():
    """Of each issuer, kind and year the numbers run from 1 to the last one given."""
    place = ("issuer", "kind", "year")
    found = {
        tuple(row[key] for key in place): row
        for row in Certificate.objects.order_by()
        .values(*place)
        .annotate(count=Count("pk"), first=Min("sequence"), last=Max("sequence"))
    }
    for series in NumberSeries.objects.select_related("issuer"):
        row = found.pop((series.issuer_id, series.kind, series.year), {"count": 0, "first": 1, "last": 0})
        if not (row["count"] == row["last"] == series.last and row["first"] == 1):
            yield Breach(str(series), f"{row['count']} certificates from {row['first']} to {row['last']}")
    for issuer, kind, year in found:
        yield Breach(f"issuer {issuer} {kind} {year}", "certificates without a number series")


@invariant("lms_certificates.completions")
def every_completion_is_certified():
    """A completed enrolment has a certificate, an open job, a batch to wait for, or a stated reason."""
    open_keys = set(
        Job.objects.filter(
            kind="lms_certificates.issue", state__in=[Job.State.QUEUED, Job.State.RUNNING]
        ).values_list("key", flat=True)
    )
    for enrolment in uncertified().iterator(chunk_size=500):
        if str(enrolment.pk) in open_keys:
            continue
        found = assess(enrolment)
        if found.is_ready and found.draft.issuer.issues_automatically:
            yield Breach(f"enrolment {enrolment.pk}", "completed and ready, but neither certificate nor job")


@invariant("lms_certificates.facts")
def facts_are_untouched():
    """The frozen facts hash to what the register says, are canonical, and agree with the columns."""
    for row in Certificate.objects.iterator(chunk_size=500):
        facts = bytes(row.facts)
        if sha256(facts) != row.facts_sha256:
            yield Breach(row.number, "the facts do not have the recorded hash")
            continue
        said = row.said
        if canonical(said) != facts:
            yield Breach(row.number, "the facts are not canonical")
        columns = (row.number, row.code, row.sequence, row.origin_key, row.kind, str(row.hours))
        if columns != tuple(said[key] for key in ("number", "code", "sequence", "origin", "kind", "total")):
            yield Breach(row.number, "the columns differ from the facts")


@invariant("lms_certificates.files")
def files_are_untouched():
    """Each sealed file is there with its hash, and the present template would draw the same bytes."""
    store = media.storage()
    for row in Certificate.objects.exclude(sealed_at__isnull=True).iterator(chunk_size=200):
        try:
            with store.open(row.file) as file:
                data = file.read()
        except OSError:
            yield Breach(row.number, "the file is missing")
            continue
        if sha256(data) != row.file_sha256 or len(data) != row.file_size:
            yield Breach(row.number, "the file was changed")
        elif row.template_version == wording.TEMPLATE_VERSION and conf.RENDERER(row.said) != data:
            yield Breach(row.number, "the same template draws other bytes")
    for row in unsealed():
        yield Breach(row.number, "issued, not sealed, and no job will do it")


@invariant("lms_certificates.log")
def log_tells_the_state():
    """The log has exactly the events that brought each certificate where it is, with true hashes."""
    events = defaultdict(set)
    for entry in LogEntry.objects.iterator(chunk_size=500):
        events[entry.certificate_id].add(entry.event)
        if leaf_hash(bytes(entry.leaf)) != entry.leaf_hash:
            yield Breach(f"register entry {entry.pk}", "the leaf does not have the recorded hash")
    for row in Certificate.objects.defer("facts").iterator(chunk_size=500):
        expected = {str(Event.ISSUED)}
        if row.sealed_at:
            expected.add(str(Event.SEALED))
        if row.state in _ENDED:
            expected.add(str(_ENDED[row.state]))
        if events.pop(row.pk, set()) != expected:
            yield Breach(row.number, f"state {row.state}, but the log says otherwise")


@invariant("lms_certificates.credit")
def credit_follows_completions():
    """Posted entries rest on a completion or a session, count by their frozen rule, and die with the certificate."""
    dead = CreditEntry.objects.posted().filter(certificate__isnull=False).exclude(certificate__state="issued")
    for entry in dead.select_related("certificate"):
        yield Breach(f"credit entry {entry.pk}", f"counts although {entry.certificate.number} was ended")
    entries = CreditEntry.objects.posted().filter(source_key__startswith="enrolment:")
    completed = set(Enrolment.objects.filter(state=Enrolment.State.COMPLETED).values_list("pk", flat=True))
    for entry in entries.iterator(chunk_size=500):
        if int(entry.source_key.partition(":")[2]) not in completed:
            yield Breach(f"credit entry {entry.pk}", "counts without a completion")
    for review in CompletionReview.objects.filter(state=CompletionReview.State.REVOKED).iterator(
        chunk_size=500
    ):
        origin = f"enrolment:{review.enrolment_id}"
        counting = CreditEntry.objects.posted().filter(source_key=origin)
        if counting.exists() and not Certificate.objects.valid().filter(origin_key=origin).exists():
            waits = Job.objects.filter(
                kind="lms_certificates.reverse_credit",
                key=str(review.pk),
                state__in=[Job.State.QUEUED, Job.State.RUNNING],
            )
            if not waits.exists():
                yield Breach(origin, "counts although the completion was not upheld")
    differing = CreditEntry.objects.posted().filter(certificate__isnull=False).select_related("certificate")
    for entry in differing.defer("certificate__facts").iterator(chunk_size=500):
        if entry.hours != entry.certificate.hours:
            yield Breach(f"credit entry {entry.pk}", "hours differ from the certificate's")
