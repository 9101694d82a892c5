"""Verbs on recordings of sessions: add one so that missed minutes can be made up for, take one away, watch one again."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from content.models import Video
from courses import completion
from courses.actions import progress
from courses.actions.archiving import lock_open
from courses.actions.watching import Token
from courses.facts import result_of
from courses.models import Attendance, Enrolment, Session, SessionRecording, SessionUse, WatchRecord
from lms import clock, queue
from lms.messages import tell
from lms.models import Message

MOST_RECORDINGS = 12


class RecordingRefused(Exception):
    """A recording that cannot be added or taken away like this; the message says why."""


def add_recording(session: Session, *, video: Video, begins_at: datetime, by) -> SessionRecording:
    """Let *video*, whose second 0 lies at *begins_at*, make up for missed minutes of *session*. Idempotent."""
    if not session.makeup_days:
        raise RecordingRefused(_("This session was planned without making up for missed minutes."))
    if not video.playable:
        raise RecordingRefused(_("This recording is not ready yet. Wait until it has been processed."))
    ends_at = begins_at + timedelta(seconds=video.seconds)
    if begins_at >= session.ends_at or ends_at <= session.starts_at:
        raise RecordingRefused(_("The recording lies outside the hours of the session."))
    with transaction.atomic():
        locked = lock_open(session.pk, RecordingRefused)
        if not locked.is_over or locked.state == Session.State.CANCELLED:
            raise RecordingRefused(_("End the session first."))
        if known := locked.recordings.filter(video=video).first():
            return known
        if locked.recordings.count() >= MOST_RECORDINGS:
            raise RecordingRefused(
                _("A session has at most %(most)s recordings.") % {"most": MOST_RECORDINGS}
            )
        if lesson := _as_lesson(locked, video):
            raise RecordingRefused(
                _("This recording is the lesson “%(lesson)s” of the class already; use another copy.")
                % {"lesson": lesson["title"]["vi"]}
            )
        row = SessionRecording.objects.create(
            session=locked,
            video=video,
            version=video.version,
            seconds=video.seconds,
            begins_at=begins_at,
            added_by=by,
            added_at=clock.now(),
        )
        look_again(locked)
    return row


def remove_recording(recording: SessionRecording, *, by) -> None:
    """Take *recording* away, added by mistake; refused once somebody has watched it."""
    with transaction.atomic():
        session = lock_open(recording.session_id, RecordingRefused)
        watched = WatchRecord.objects.filter(
            video=recording.video_id, version=recording.version, enrolment__in=_learners(session)
        )
        if watched.exists():
            raise RecordingRefused(
                _("Somebody has watched this recording; it stays, and so does what counted.")
            )
        SessionRecording.objects.filter(pk=recording.pk).delete()
        look_again(session)


def token_for(
    enrolment: Enrolment, recording: SessionRecording, *, lesson: int, saved: bool = False
) -> Token | None:
    """The token for watching *recording* to make up for *lesson*; None once the days are over.

    *saved* for watching without a network: what is sent by the last day counts like what is watched on line.
    """
    if clock.now() >= recording.until:
        return None
    return Token(
        enrolment=enrolment.pk,
        person=enrolment.person_id,
        lesson=lesson,
        video=recording.video_id,
        version=recording.version,
        seconds=recording.seconds,
        watch_pct=100,
        issued=round(clock.now().timestamp(), 3),
        saved=saved,
        until=recording.until.timestamp(),
    )


def _as_lesson(session: Session, video: Video) -> dict | None:
    """The lesson of a class of *session* that *video* is: watching that knows no last day."""
    uses = SessionUse.objects.filter(session=session).select_related("run__release")
    items = (item for use in uses for item in use.run.release.outline)
    return next((item for item in items if item.get("video") == video.pk), None)


def _learners(session: Session):
    uses = SessionUse.objects.filter(session=session).values("run")
    return Enrolment.objects.exclude(state=Enrolment.State.WITHDRAWN).learnt_in(uses)


def look_again(session: Session) -> None:
    """Conclude anew for whoever lacks minutes of *session*: what can be made up for has changed."""
    if session.state != Session.State.SETTLED:
        return
    present = Attendance.objects.filter(session=session, state=Attendance.State.PRESENT)
    lacking = _learners(session).exclude(person__in=present.values("person"))
    for enrolment in lacking.order_by("pk"):
        progress.refresh(enrolment)
    if session.recordings.exists():
        queue.enqueue("lms_courses.tell_make_up", str(session.pk))


def tell_make_up(session: Session) -> int:
    """Tell each learner once who lacks minutes of *session* that its recording makes up for them; returns how many."""
    recordings = list(session.recordings.select_related("session"))
    if not recordings or (last := max(row.until for row in recordings)) <= clock.now():
        return 0
    day = timezone.localtime(last - timedelta(seconds=1), timezone.get_default_timezone()).date()
    about, told = {"session": session, "at": session.starts_at, "day": day}, 0
    for enrolment, lesson in _lacking(session):
        key, where = (
            f"make-up:{enrolment.pk}:{session.pk}",
            ("lms_courses:watch_again", enrolment.pk, session.uuid),
        )
        if not lesson.met and lesson.evidence.get("again") and not Message.objects.filter(key=key).exists():
            told += tell(enrolment.person, "make-up", key=key, about=about, url=where) is not None
    return told


def _lacking(session: Session) -> Iterator[tuple[Enrolment, completion.LessonResult]]:
    """Who learns with *session* still, with where its lesson stands."""
    lessons = set(session.uses.values_list("lesson", flat=True))
    learners = _learners(session).filter(state=Enrolment.State.ACTIVE)
    for enrolment in learners.select_related("run__release", "person").order_by("pk"):
        for lesson in result_of(enrolment).lessons:
            if lesson.lesson in lessons and lesson.evidence.get("session") == session.pk:
                yield enrolment, lesson
