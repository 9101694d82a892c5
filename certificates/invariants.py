"""What must hold in the register and the ledger, recomputed from the rows and the files themselves."""

import json
from collections import defaultdict
from datetime import timedelta

from django.db import connection
from django.db.models import CharField, Count, Exists, Max, Min, OuterRef, Value
from django.db.models.functions import Cast, Concat

from certificates import guards, signing, wording
from certificates.actions import register
from certificates.actions.owing import owed_certificates, owed_credit
from certificates.conf import conf
from certificates.facts import canonical, code_message, leaf_hash, read_mark, sha256
from certificates.models import (
    Certificate,
    CertificateActivity,
    Checkpoint,
    CreditEntry,
    LogEntry,
    NumberSeries,
    SigningKey,
)
from certificates.pending import busy, unsealed
from certificates.signing import verifies
from certificates.transparency import Malformed, Tree, key_hash, read_note
from courses.models import Attendance, CompletionReview, Enrolment, Session, SessionRole
from lms import clock, media
from lms.models import Job
from lms.verify import Breach, invariant

Event = LogEntry.Event
_PATIENCE = timedelta(hours=1)
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
    """A completed enrolment has a certificate, an open job, a batch or a day to wait for, or a stated reason."""
    for enrolment in owed_certificates():
        yield Breach(f"enrolment {enrolment.pk}", "completed and ready, but neither certificate nor job")


@invariant("lms_certificates.hours")
def every_completion_is_credited():
    """A completion of a course with a rule has an entry, an open job, or a stated reason why it brings no hours."""
    for enrolment in owed_credit():
        yield Breach(
            f"enrolment {enrolment.pk}", "completed, with a rule in force, but neither credit nor job"
        )


@invariant("lms_certificates.facts")
def facts_are_untouched():
    """The frozen facts hash to what the register says, are canonical, and agree with the columns and the activities."""
    for row in Certificate.objects.prefetch_related("activities").iterator(chunk_size=500):
        facts = bytes(row.facts)
        if sha256(facts) != row.facts_sha256:
            yield Breach(row.number, "the facts do not have the recorded hash")
            continue
        said = row.said
        if canonical(said) != facts:
            yield Breach(row.number, "the facts are not canonical")
        columns = (row.number, row.code, row.sequence, row.kind, str(row.hours))
        if columns != tuple(
            said[key] for key in ("number", "code", "sequence", "kind", "total")
        ) or row.mode != said.get("mode", "digital"):
            yield Breach(row.number, "the columns differ from the facts")
        copied = [(one.origin_key, one.content, f"{one.hours}") for one in row.activities.all()]
        if copied != [(one["origin"], one["content"][:400], one["hours"]) for one in row.rows]:
            yield Breach(row.number, "the activities differ from the facts")
        if any(one.stands != row.is_valid for one in row.activities.all()):
            yield Breach(row.number, f"is {row.state}, but its activities say otherwise")


@invariant("lms_certificates.marks")
def marks_are_signatures():
    """The mark in each QR code is the signature of a key of the table over this code and these facts."""
    keys = {key.kid: key for key in SigningKey.objects.filter(purpose=SigningKey.Purpose.CODES)}
    for row in Certificate.objects.exclude(mark="").iterator(chunk_size=500):
        kid, signature = read_mark(row.mark)
        message = code_message(kid, row.said)
        if kid not in keys or not verifies(keys[kid], signature, message):
            yield Breach(row.number, "the mark is no signature of a key for codes")


@invariant("lms_certificates.keys")
def keys_sign_within_their_lives():
    """What is sealed was signed by a key for documents, of this issuer or of all, within its life."""
    signed = (
        Certificate.objects.filter(signed_with__isnull=False).select_related("signed_with").defer("facts")
    )
    for row in signed.iterator(chunk_size=500):
        key = row.signed_with
        # A compromise is found out afterwards: what was signed then is doubtful, not wrongly recorded.
        ended = key.valid_until is not None and row.sealed_at >= key.valid_until
        if key.purpose != SigningKey.Purpose.DOCUMENTS or key.issuer_id not in (None, row.issuer_id):
            yield Breach(row.number, f"signed with key {key}, which signs something else")
        elif row.sealed_at < key.valid_from or ended:
            yield Breach(row.number, f"signed with key {key} outside its life")


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
        elif row.template_version == wording.TEMPLATE_VERSION:
            drawn = conf.RENDERER(row.printed)
            # A signature is appended: what was drawn is the beginning of the file.
            if not data.startswith(drawn) or (row.signed_with_id is None and len(data) > len(drawn)):
                yield Breach(row.number, "the same template draws other bytes")
    for row in unsealed():
        yield Breach(row.number, "issued, not sealed, and no job will do it")


@invariant("lms_certificates.log")
def log_tells_the_state():
    """The log has exactly the events that brought each certificate where it is, with true hashes and words."""
    events = defaultdict(set)
    entries = LogEntry.objects.select_related("certificate").defer("certificate__facts")
    for entry in entries.iterator(chunk_size=500):
        row = entry.certificate
        events[row.pk].add(entry.event)
        if leaf_hash(bytes(entry.leaf)) != entry.leaf_hash:
            yield Breach(f"register entry {entry.pk}", "the leaf does not have the recorded hash")
            continue
        said = json.loads(bytes(entry.leaf))
        file = row.file_sha256 if entry.event == Event.SEALED else said["file_sha256"]
        right = (entry.event, row.number, sha256(row.code.encode()), row.facts_sha256, file)
        if right != tuple(
            said[key] for key in ("event", "number", "code_sha256", "facts_sha256", "file_sha256")
        ):
            yield Breach(f"register entry {entry.pk}", f"says otherwise than {row.number}")
    for row in Certificate.objects.defer("facts").iterator(chunk_size=500):
        expected = {str(Event.ISSUED)}
        if row.sealed_at:
            expected.add(str(Event.SEALED))
        if row.state in _ENDED:
            expected.add(str(_ENDED[row.state]))
        if events.pop(row.pk, set()) != expected:
            yield Breach(row.number, f"state {row.state}, but the log says otherwise")


@invariant("lms_certificates.checkpoints")
def checkpoints_stand():
    """Entries lie in the tree without gap; every checkpoint is signed and has the root that the entries give."""
    keys = {
        key_hash(register.origin(), signing.raw_public_key(key)): key
        for key in SigningKey.objects.filter(purpose=SigningKey.Purpose.CHECKPOINTS)
    }
    notes = {row.size: row for row in Checkpoint.objects.all()}
    tree, placed = Tree(), LogEntry.objects.filter(index__isnull=False).order_by("index")
    for index, digest in placed.values_list("index", "leaf_hash").iterator(chunk_size=2000):
        if index != tree.size:
            yield Breach(f"register entry {tree.size}", "its place in the tree is empty")
            break
        tree.append(bytes.fromhex(digest))
        if (row := notes.pop(tree.size, None)) is not None:
            yield from _signed_well(row, tree, keys)
    for size in notes:
        yield Breach(f"checkpoint {size}", f"covers more than the {tree.size} entries there are")
    last = Checkpoint.objects.first()
    if tree.size != (last.size if last else 0):
        yield Breach("register", f"{tree.size} entries lie in the tree, the last checkpoint says otherwise")
    if last is not None and last.at < clock.now() - _PATIENCE:
        waiting = LogEntry.objects.filter(index__isnull=True, at__lt=clock.now() - _PATIENCE).count()
        if waiting:
            yield Breach("register", f"{waiting} entries have waited for a checkpoint for more than an hour")
    try:
        register.agree_with_kept(last)
    except register.RegisterDiffers as error:
        yield Breach("register", str(error))


def _signed_well(row: Checkpoint, tree: Tree, keys: dict):
    try:
        head, named, signature = read_note(row.note)
    except Malformed:
        yield Breach(f"checkpoint {row.size}", "the note cannot be read")
        return
    if not (head.size == row.size and head.root.hex() == row.root and head.root == tree.root):
        yield Breach(f"checkpoint {row.size}", "an entry before it was changed after it was signed")
    key = keys.get(named)
    if key is None or not signing.verifies(key, signature, head.text) or not key.signed_well_at(head.at):
        yield Breach(f"checkpoint {row.size}", "no good key of this site signed it")


@invariant("lms_certificates.guards")
def guards_stand():
    """The triggers that keep the register append-only are in the database."""
    for name in sorted(guards.missing(connection)):
        yield Breach(name, "the trigger is missing: manage.py lms_register guard")


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
        if counting.exists() and not Certificate.objects.valid().for_origin(origin).exists():
            waits = Job.objects.filter(
                kind="lms_certificates.reverse_credit",
                key=str(review.pk),
                state__in=[Job.State.QUEUED, Job.State.RUNNING],
            )
            if not waits.exists():
                yield Breach(origin, "counts although the completion was not upheld")
    same = CertificateActivity.objects.filter(
        certificate=OuterRef("certificate"), origin_key=OuterRef("source_key"), hours=OuterRef("hours")
    )
    for entry in CreditEntry.objects.posted().filter(~Exists(same), certificate__isnull=False):
        yield Breach(f"credit entry {entry.pk}", "hours differ from the certificate's")


@invariant("lms_certificates.roles")
def credit_of_roles_rests_on_them():
    """What a chair, speaker or case presenter was credited rests on a role that stands, or a job will take it back."""
    standing = SessionRole.objects.filter(ended_at=None, session__state=Session.State.SETTLED)
    known = {str(pk) for pk in standing.exclude(rule_code="").values_list("pk", flat=True)}
    known |= set(
        Job.objects.filter(
            kind="lms_certificates.post_role_credit", state__in=[Job.State.QUEUED, Job.State.RUNNING]
        ).values_list("key", flat=True)
    )
    entries = CreditEntry.objects.posted().filter(source_key__startswith="session-role:")
    for entry in entries.iterator(chunk_size=500):
        if entry.source_key.partition(":")[2] not in known:
            yield Breach(f"credit entry {entry.pk}", "counts although the role was ended")


@invariant("lms_certificates.twice")
def one_activity_counts_once():
    """Nobody has hours twice for one version of a course, nor as a delegate of a session beside those of a role in it."""
    posted = CreditEntry.objects.posted().order_by("pk")
    releases = dict(
        Enrolment.objects.filter(state=Enrolment.State.COMPLETED).values_list("pk", "run__release")
    )
    counted: dict = {}
    for entry in posted.filter(source_key__startswith="enrolment:").iterator(chunk_size=500):
        place = (entry.person_id, releases.get(int(entry.source_key.partition(":")[2])))
        first = counted.setdefault(place, entry)
        if first is not entry and place[1] is not None:
            yield Breach(f"credit entry {entry.pk}", f"counts beside {first.pk} for the same version")
    roles = SessionRole.objects.filter(
        Exists(posted.filter(source_key=Concat(Value("session-role:"), Cast(OuterRef("pk"), CharField()))))
    )
    leads = set(roles.filter(ended_at=None).values_list("person", "session"))
    for entry in posted.filter(source_key__startswith="session:").iterator(chunk_size=500):
        session = int(entry.source_key.partition(":")[2])
        if (entry.person_id, session) not in leads:
            continue
        attendances = Attendance.objects.filter(person=entry.person_id, session=session)
        if not attendances.filter(busy("lms_certificates.post_session_credit")).exists():
            yield Breach(f"credit entry {entry.pk}", "counts beside a role in the same session")
