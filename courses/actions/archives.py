"""Moving courses between sites: exported and imported by jobs, through private files that expire.

No row is kept of either, the file is the state: an export lies under course and asker, an archive
sent in under hospital, sender and hash with the report beside it. Both go after a day.
"""

import hashlib
import json
import re
import tempfile
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Protocol

from django.contrib.auth import get_user_model
from django.core.files.base import File
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.log_actions import log

from content import library
from content.actions.packing import Pack, PackingRefused
from content.actions.unpacking import Report
from content.archive import Archive, Unusable, open_archive
from content.archive_words import say
from content.models import Guideline
from courses.actions.packing import contents_of, pack_course
from courses.actions.unpacking import already_there, forget_planned, import_course, seed_of, try_import
from courses.conf import conf
from courses.models import Course
from courses.permissions import courses_for
from lms import clock, media, queue, scope
from lms.crashpoints import crashpoint
from lms.models import Facility, Job, Person
from lms.uploads import UploadRefused, check_size, sniff

EXPORT, DROP_EXPORT = "lms_courses.export", "lms_courses.drop_export"
CHECK, IMPORT, DROP = "lms_courses.check_archive", "lms_courses.import", "lms_courses.drop_archive"


_TOKEN = re.compile(r"[0-9]{1,12}-[0-9]{1,12}-[0-9a-f]{32}")


class Running(Protocol):
    """What a job shows of itself."""

    def progress(self, pct: float, note: str = "") -> None:
        """Show how far the work is."""


class ArchiveRefused(Exception):
    """A course cannot be exported or imported; the message says why and what to do."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


# --- out -------------------------------------------------------------------------------------------


def ask_export(course: Course, *, by) -> Job:
    """Promise an archive of *course* that only *by* may fetch. Idempotent while one waits."""
    if contents_of(course) is None:
        raise ArchiveRefused(_("The course has no page any more, so there is nothing to export."))
    with transaction.atomic():
        return queue.enqueue(EXPORT, f"{course.pk}:{by.pk}")


def export_of(course: Course, *, by) -> str:
    """The stored name of the archive that *by* has asked for; empty where there is none or it is too old."""
    name = _out(course.pk, by.pk)
    return name if _is_fresh(name) else ""


def export_course(key: str, *, running: Running) -> None:
    """Write the archive that ``<course>:<user>`` asks for; raises GiveUp with words for the asker."""
    course_pk, user_pk = map(int, key.split(":"))
    by = get_user_model().objects.filter(pk=user_pk).first()
    course = courses_for(by, "archive").filter(pk=course_pk).first() if by else None
    with override(_language(by)):
        contents = contents_of(course) if course else None
        if course is None or contents is None:
            raise queue.GiveUp(_("You may no longer export this course, or it is not there any more."))
        pack = Pack()
        try:
            document = pack_course(course, contents, pack)
            for thing in pack.things:
                if not _is_entitled(by, thing):
                    raise PackingRefused(
                        _("“%(thing)s” is not your hospital's, so you cannot export it. Nothing was written.")
                        % {"thing": thing}
                    )
            with tempfile.TemporaryFile() as handle:
                digest = pack.write(document, handle, progress=running.progress)
                handle.seek(0)
                crashpoint("archive.packed")
                media.save(_out(course_pk, user_pk), File(handle))
        except PackingRefused as refused:
            raise queue.GiveUp(refused.message) from refused
    with transaction.atomic():
        log(instance=_logged(course), action="lms_courses.export", user=by, data={"digest": digest})
        queue.enqueue(DROP_EXPORT, key, run_at=clock.now() + _kept())


def drop_export(key: str) -> None:
    """Delete an export whose day is over; a newer one of the same asker waits for its own."""
    course_pk, user_pk = map(int, key.split(":"))
    name = _out(course_pk, user_pk)
    if _is_fresh(name):
        queue.enqueue(DROP_EXPORT, key, run_at=clock.now() + _kept())
    else:
        media.storage().delete(name)


def _is_entitled(by, thing: Model) -> bool:
    """Whether *by* may take *thing* out of the house: makes it there, or keeps it in the library."""
    if isinstance(thing, Guideline):
        return True
    if isinstance(thing, (get_image_model(), get_document_model())):
        return library.is_keeper(by, thing)
    return scope.can(by, "change", thing)


# --- in --------------------------------------------------------------------------------------------


def facilities_for(user) -> Any:
    """The facilities for which *user* may import courses today."""
    rows: Any = scope.facilities(user, scope.policy_of(Course).acts["archive"])
    return rows.in_force().order_by("name")


def hand_in_archive(facility: Facility, *, file: File, by) -> str:
    """Keep an archive for a day and promise its check; returns its token. Safe twice.

    Raises UploadRefused for what is too large or no ZIP at all.
    """
    check_size(file, conf.ARCHIVE_MAX_BYTES)
    if sniff(file) not in {"application/zip"}:
        raise UploadRefused(say("damaged", {}))
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    token = f"{facility.pk}-{by.pk}-{digest.hexdigest()[:32]}"
    media.storage().delete(_report(token))
    media.save(_in(token), file)
    with transaction.atomic():
        queue.enqueue(CHECK, token)
        queue.enqueue(DROP, token, run_at=clock.now() + _kept())
    return token


def check_archive(token: str, *, running: Running) -> None:
    """Write down what importing would make and what stands in the way; what cannot be taken is deleted."""
    facility, by = _whose(token)
    report, digest = Report(), ""
    if facility is None or by is None:
        report.problem("forbidden")
    else:
        try:
            with media.storage().open(_in(token)) as file:
                # Reading every byte is the long part, making is short.
                archive = _open(file, progress=lambda pct: running.progress(pct * 0.9))
                digest = archive.digest
                report = try_import(
                    facility, archive=archive, by=by, progress=lambda pct: running.progress(90 + pct / 10)
                )
        except FileNotFoundError:
            report.problem("gone")
        except Unusable as error:
            report.problem(error.code, **error.params)
    if report.problems:
        media.storage().delete(_in(token))
    found = json.dumps({**asdict(report), "digest": digest}, default=str).encode()
    media.save(_report(token), found)


def is_senders(token: str, user) -> bool:
    """Whether *token* is of an archive that *user* has sent in for a hospital where that is still allowed."""
    if not _TOKEN.fullmatch(token) or not user.is_authenticated:
        return False
    facility, by = _whose(token)
    return facility is not None and by == user


def facility_of(token: str) -> Facility | None:
    """The hospital for which an archive was sent in."""
    return _whose(token)[0]


def report_of(token: str) -> dict | None:
    """What the check of an archive sent in found; None while it is under way or when its day is over."""
    name = _report(token)
    if not _is_fresh(name):
        return None
    with media.storage().open(name) as file:
        return json.loads(file.read())


def start_import(token: str, *, by, again: bool = False) -> Job:
    """Promise the import of a checked archive; with *again* of one more course from the same archive."""
    report, (facility, asked_by) = report_of(token), _whose(token)
    if facility is None or asked_by != by:
        raise ArchiveRefused(say("forbidden", {}))
    if report is None or not media.storage().exists(_in(token)):
        raise ArchiveRefused(say("gone", {}))
    copy = 0
    while again and Course.objects.filter(key=seed_of(report["digest"], facility, copy)).exists():
        copy += 1
    with transaction.atomic():
        return queue.enqueue(IMPORT, f"{token}:{copy}")


def imported_from(token: str) -> list[Course]:
    """The courses that this archive has made at its hospital so far, oldest first."""
    report, (facility, _by) = report_of(token), _whose(token)
    if not report or not report["digest"] or facility is None:
        return []
    found: list[Course] = []
    while course := already_there(report["digest"], facility, len(found)):
        found.append(course)
    return found


def run_import(key: str, *, running: Running) -> Course:
    """Make the course that ``<token>:<copy>`` asks for; raises GiveUp with words for the asker."""
    token, _colon, copy = key.partition(":")
    facility, by = _whose(token)
    with override(_language(by)):
        if facility is None or by is None:
            raise queue.GiveUp(say("forbidden", {}))
        try:
            with media.storage().open(_in(token)) as file:
                archive = _open(file, progress=lambda pct: running.progress(pct / 2))
                before = already_there(archive.digest, facility, int(copy))
                course, report = import_course(
                    facility,
                    archive=archive,
                    by=by,
                    copy=int(copy),
                    progress=lambda pct: running.progress(50 + pct / 2),
                )
        except FileNotFoundError as error:
            raise queue.GiveUp(say("gone", {})) from error
        except Unusable as error:
            raise queue.GiveUp(say(error.code, error.params)) from error
    if before is None:
        data = {"digest": archive.digest, "made": report.made}
        log(instance=_logged(course), action="lms_courses.import", user=by, data=data)
    return course


def drop_archive(token: str) -> None:
    """Delete an archive sent in whose day is over, and what a killed import left of files."""
    tries = Job.objects.filter(kind=IMPORT, key__startswith=f"{token}:")
    if tries.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists():
        raise queue.Retry("An import is under way.", after=3600)
    if _is_fresh(_in(token)):
        # Sent in once more meanwhile: its day began anew.
        queue.enqueue(DROP, token, run_at=clock.now() + _kept())
        return
    facility = Facility.objects.filter(pk=token.split("-")[0]).first()
    try:
        with media.storage().open(_in(token)) as file:
            archive = _open(file, verify=False)
            for key in tries.values_list("key", flat=True):
                forget_planned(archive, facility, int(key.partition(":")[2]))
    except (FileNotFoundError, Unusable):
        # Refused or fetched away: then nothing was ever made of it.
        pass
    for name in (_in(token), _report(token)):
        media.storage().delete(name)


# --- files -----------------------------------------------------------------------------------------


def _open(file: Any, **how: Any) -> Archive:
    return open_archive(file, most_bytes=conf.ARCHIVE_MAX_BYTES, **how)


def _out(course_pk: int, user_pk: int) -> str:
    return f"course-archives/out/{course_pk}-{user_pk}.zip"


def _in(token: str) -> str:
    return f"course-archives/in/{token}.zip"


def _report(token: str) -> str:
    return f"course-archives/in/{token}.json"


def _kept() -> timedelta:
    return timedelta(hours=conf.ARCHIVE_KEEP_HOURS)


def _is_fresh(name: str) -> bool:
    storage = media.storage()
    return storage.exists(name) and storage.get_modified_time(name) > clock.now() - _kept()


def _whose(token: str) -> tuple[Facility | None, Any]:
    """Facility and sender of *token*; no facility where the sender may not import there any more."""
    parts = token.split("-")
    by = get_user_model().objects.filter(pk=parts[1]).first()
    facility = facilities_for(by).filter(pk=parts[0]).first() if by else None
    return facility, by


def _language(user) -> str:
    person = Person.objects.filter(user=user).first() if user else None
    return (person and person.language) or "vi"


def _logged(course: Course) -> Model:
    """What a log entry hangs on: the course's page, where its editors look, else the record."""
    contents = contents_of(course)
    return contents.nodes[0].pages[contents.source] if contents else course
