"""The evidence of one certificate, read together: why it was issued, from which facts, and where the register says so."""

import base64
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import SuspiciousOperation

from certificates import dossier, signing
from certificates.facts import Malformed, read_mark, sha256
from certificates.models import Certificate, Checkpoint, LogEntry, SigningKey
from certificates.transparency import inclusion_proof, key_hash, read_note
from courses.models import (
    Attempt,
    Attendance,
    Enrolment,
    LessonProgress,
    Observation,
    Presence,
    Release,
    SessionUse,
    SurveyReceipt,
    Waiver,
    WatchRecord,
)
from lms import media
from lms.permissions import person_of

from .assessing import enrolments_of
from .readiness import local_zone, origin_of
from .register import origin
from .scans import SUFFIXES


class EvidenceMissing(Exception):
    """A file that the pack must hold is not in the store."""


def _stored(name: str) -> bytes:
    try:
        with media.storage().open(name) as file:
            return file.read()
    except (OSError, SuspiciousOperation, ValueError) as error:
        raise EvidenceMissing(name) from error


def evidence_pack(certificate: Certificate) -> bytes:
    """Return the ZIP with all that *certificate* rests on; reads only.

    The same rows give the same bytes: no moment of making stands in it, and the register is proved
    against the first checkpoint that covers the entries. Questions and keys of tests stay out (their
    hash is in), and so do the names of all others but those who observed a skill. Raises
    ``EvidenceMissing`` where a file is not in the store: half a pack would pass for a whole one.
    """
    enrolments = enrolments_of(row["origin"] for row in certificate.rows)
    files = {
        "facts.json": bytes(certificate.facts),
        "completion.json": dossier.readable([_completion(one) for one in enrolments]),
        "evidence.json": dossier.readable([_evidence(one) for one in enrolments]),
        "release.json": dossier.readable([_release(one.run.release) for one in enrolments]),
        "register.json": dossier.readable(_register(certificate)),
        "keys.json": dossier.readable([_key(key) for key in _keys(certificate)]),
        dossier.GUIDE: dossier.guide(
            number=certificate.number,
            name=certificate.said["holder"]["name"],
            state={"issued": "có hiệu lực", "superseded": "đã thay thế", "revoked": "đã thu hồi"}[
                certificate.state
            ],
        ),
    }
    if certificate.sealed_at:
        files["certificate.pdf"] = _stored(certificate.file)
    if scan := certificate.signed_scan:
        files[f"signed-scan{SUFFIXES[scan.content_type]}"] = _stored(scan.file)
    decided = dict.fromkeys(one.run.release.decision_file for one in enrolments)
    for number, name in enumerate((name for name in decided if name), start=1):
        files[f"decision-{number}.pdf"] = _stored(name)
    return dossier.archive(files, certificate.issued_at.astimezone(local_zone()))


def _completion(enrolment: Enrolment) -> dict:
    moves = enrolment.moves.select_related("from_run", "to_run").order_by("pk")
    return {
        "certifies": origin_of(enrolment),
        "class": enrolment.run.code,
        "enrolled_at": _moment(enrolment.enrolled_at),
        "completed_at": _moment(enrolment.completed_at),
        "workplace_at_enrolment": str(enrolment.facility or ""),
        "explained": enrolment.completion,
        "moved": [{"at": _moment(one.at), "from": one.from_run.code, "to": one.to_run.code} for one in moves],
        "reviews": [
            {
                "state": one.state,
                "opened_at": _moment(one.opened_at),
                "decided_at": _moment(one.decided_at),
                "reason": one.reason,
            }
            for one in enrolment.reviews.order_by("pk")
        ],
    }


def _evidence(enrolment: Enrolment) -> dict:
    titles = {item["lesson"]: item["title"] for item in enrolment.run.release.outline}
    of = {"enrolment": enrolment}
    return {
        "class": enrolment.run.code,
        "lessons": [
            {
                "lesson": one.lesson_id,
                "title": titles.get(one.lesson_id),
                "per_cent": _number(one.value),
                "met_at": _moment(one.met_at),
                "from": one.evidence,
            }
            for one in LessonProgress.objects.filter(**of).order_by("lesson_id")
        ],
        "attendance": _attendance(enrolment),
        "watched": [
            {
                "video": one.video_id,
                "title": str(one.video),
                "version": one.version,
                "parts_of_five_seconds": one.buckets,
                "watched": one.credited,
                "watched_without_network": one.offline_buckets,
                "share_per_cent": _number(
                    (Decimal(one.credited) * 100 / one.buckets if one.buckets else Decimal(0)).quantize(
                        Decimal("0.01")
                    )
                ),
                "map_sha256": sha256(bytes(one.bits)),
            }
            for one in WatchRecord.objects.filter(**of).select_related("video").order_by("pk")
        ],
        "attempts": [
            {
                "lesson": one.lesson_id,
                "number": one.number,
                "allowed": one.allowance,
                "state": one.state,
                "started_at": _moment(one.started_at),
                "finished_at": _moment(one.finished_at),
                "score_per_cent": _number(one.pct),
                "needed_per_cent": one.pass_pct,
                "passed": one.passed,
                # What was asked stays secret; that it was not changed since can be shown.
                "questions_sha256": sha256(dossier.readable(one.frozen)),
            }
            for one in Attempt.objects.filter(**of).order_by("lesson_id", "number")
        ],
        "observations": [
            {
                "lesson": one.lesson_id,
                "number": one.number,
                "observed_at": _moment(one.observed_at),
                "observer": str(person_of(one.observer) or ""),
                "at": str(one.facility or ""),
                "score_per_cent": _number(one.pct),
                "critical_missed": one.critical_missed,
                "passed": one.passed,
                "list": one.frozen,
                "ticked": one.ratings,
            }
            for one in Observation.objects.in_force()
            .filter(**of)
            .select_related("observer", "facility")
            .order_by("lesson_id", "number")
        ],
        "surveys_answered_on": [
            f"{one.answered_on}" for one in SurveyReceipt.objects.filter(**of).order_by("lesson_id")
        ],
        "made_up": [
            {
                "lesson": one.lesson_id,
                "state": one.state,
                "how": one.reason,
                "decided_at": _moment(one.decided_at),
            }
            for one in enrolment.make_ups.order_by("pk")
        ],
        "signed_off": [
            {"at": _moment(one.at), "rests_on": one.reason}
            for one in [getattr(enrolment, "sign_off", None)]
            if one is not None
        ],
        "waived": [
            {"lesson": one.lesson_id, "at": _moment(one.at), "reason": one.reason}
            for one in Waiver.objects.filter(run=enrolment.run_id).order_by("pk")
        ],
    }


def _attendance(enrolment: Enrolment) -> list[dict]:
    """Each session of the classes in which the person learnt, with every piece of evidence, also what was taken back."""
    runs = {enrolment.run_id, *enrolment.moves.values_list("from_run", flat=True)}
    uses = SessionUse.objects.filter(run__in=runs).select_related("session__hub").order_by("session_id", "pk")
    sessions = {use.session_id: use for use in uses}
    of = {"person": enrolment.person_id, "session__in": sessions}
    settled = {row.session_id: row for row in Attendance.objects.filter(**of)}
    found: dict[int, list[Presence]] = {}
    for row in Presence.objects.filter(**of).select_related("site__site").order_by("since", "pk"):
        found.setdefault(row.session_id, []).append(row)
    return [
        {
            "session": pk,
            "lesson": sessions[pk].lesson_id,
            "hub": str(sessions[pk].session.hub),
            "state": settled[pk].state if pk in settled else None,
            "minutes": _number(settled[pk].minutes) if pk in settled else None,
            "counted_from": settled[pk].evidence if pk in settled else [],
            "intervals": [
                {
                    "id": row.pk,
                    "source": row.source,
                    "site": str(row.site.site) if row.site else "",
                    "from": _moment(row.since),
                    "until": _moment(row.until),
                    "recorded_at": _moment(row.recorded_at),
                    "sent_late": row.is_late,
                    "takes_back": row.retracts_id,
                    "reason": row.reason,
                }
                for row in found.get(pk, [])
            ],
        }
        for pk in sessions
    ]


def _release(release: Release) -> dict:
    return {
        "title": {"vi": release.title_vi, "en": release.title_en},
        "version": release.number,
        "form": release.form,
        "role": release.role,
        "periods": _number(release.periods),
        "rule": release.rule_code,
        "policy": release.policy,
        # What a test draws its questions from is no learner's business.
        "outline": [{key: item[key] for key in item if key != "blueprint"} for item in release.outline],
        "sha256": release.sha256,
        "decision": {
            "number": release.decision_number,
            "date": f"{release.decision_date or ''}",
            "signatory": release.decision_signatory,
        },
        "appraisal": [{"state": one.state, "at": _moment(one.at)} for one in release.steps.all()],
    }


def _register(certificate: Certificate) -> dict:
    entries = list(certificate.log.order_by("pk"))
    checkpoint = _covering(entries)
    hashes = (
        [
            bytes.fromhex(one)
            for one in LogEntry.objects.filter(index__lt=checkpoint.size)
            .order_by("index")
            .values_list("leaf_hash", flat=True)
        ]
        if checkpoint
        else []
    )
    return {
        "register": origin(),
        "number": certificate.number,
        "state": certificate.state,
        "signed_scan": _scan(certificate),
        "entries": [
            {
                "event": one.event,
                "at": _moment(one.at),
                "reason": one.reason,
                "leaf": bytes(one.leaf).decode(),
                "leaf_hash": one.leaf_hash,
                "index": one.index,
                "proof": [digest.hex() for digest in inclusion_proof(hashes, one.index)]
                if one.index is not None and one.index < len(hashes)
                else [],
            }
            for one in entries
        ],
        "checkpoint": checkpoint.note if checkpoint else "",
        "key": next(
            (
                {"kid": key.kid, "ed25519": base64.b64encode(signing.raw_public_key(key)).decode()}
                for key in _signers_of(checkpoint)
            ),
            None,
        ),
        "credit": [
            {
                "for": one.source_key,
                "on": f"{one.activity_on}",
                "hours": _number(one.hours),
                "rule": one.rule_code,
                "state": one.state,
                "void_reason": one.void_reason,
            }
            for one in certificate.credit_entries.order_by("pk")
        ],
    }


def _scan(certificate: Certificate) -> dict | None:
    """The scan of the paper that a person signed: when it was kept and what it hashes to."""
    scan = certificate.signed_scan
    return scan and {
        "sha256": scan.sha256,
        "size": scan.size,
        "kept_at": _moment(scan.added_at),
        "matched_by_code": scan.by_code,
    }


def _covering(entries: list[LogEntry]) -> Checkpoint | None:
    """The first checkpoint that covers every one of *entries* that has its place."""
    placed = [one.index for one in entries if one.index is not None]
    return Checkpoint.objects.filter(size__gt=max(placed)).order_by("size").first() if placed else None


def _signers_of(checkpoint: Checkpoint | None) -> list[SigningKey]:
    if checkpoint is None:
        return []
    head, named, _signature = read_note(checkpoint.note)
    keys = SigningKey.objects.filter(purpose=SigningKey.Purpose.CHECKPOINTS)
    return [key for key in keys if key_hash(head.origin, signing.raw_public_key(key)) == named]


def _keys(certificate: Certificate) -> Iterable[SigningKey]:
    """What signed the code, the file and the checkpoint."""
    wanted = {key.pk for key in _signers_of(_covering(list(certificate.log.all())))}
    try:
        kids = {read_mark(certificate.mark)[0]} if certificate.mark else set()
    except Malformed:  # altered past the actions; the check of the pack says so
        kids = set()
    return SigningKey.objects.filter(
        pk__in=wanted | {certificate.signed_with_id}
    ) | SigningKey.objects.filter(kid__in=kids)


def _key(key: SigningKey) -> dict:
    return {
        "kid": key.kid,
        "signs": key.purpose,
        "algorithm": key.algorithm,
        "public_key": key.public_key,
        "chain": key.chain,
        "from": _moment(key.valid_from),
        "until": _moment(key.valid_until),
        "compromised": _moment(key.compromised_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(local_zone()).isoformat(timespec="seconds") if moment else None


def _number(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
