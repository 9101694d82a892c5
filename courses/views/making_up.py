"""Making up for missed minutes of a session: the learner watches the recording, the hub adds it."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from content.models import Video
from courses import completion, explaining, saving
from courses import making_up as reads
from courses.actions import making_up
from courses.actions.watching import begin
from courses.activities import video as lecture
from courses.conf import conf
from courses.facts import result_of
from courses.links import lesson_url
from courses.models import Enrolment, Lesson, Session, SessionRecording, SessionUse
from courses.permissions import get_enrolment_for, item_of
from courses.session_permissions import get_session_for
from courses.views.attendance import attendance_with
from courses.views.replies import on_the_day, told
from lms import clock, scope
from lms.keys import read_key


@dataclass(frozen=True)
class Part:
    """A stretch of a recording to watch again, as the player lists it."""

    seconds: int
    clock: str
    title: str


@login_required
@never_cache
@require_GET
def watch_again(request: HttpRequest, pk: int, uuid) -> HttpResponse:
    """The recordings of a session, with the parts that the learner missed; what is watched counts."""
    enrolment = get_enrolment_for(request.user, pk)
    session, lesson, item = _missed(enrolment, uuid)
    result = result_of(enrolment).lesson(lesson.pk)
    rows = SessionRecording.objects.filter(session=session).select_related("session", "video")
    players = [_player(enrolment, row, lesson, result) for row in rows]
    if not players:
        raise Http404
    context = {
        "session": session,
        "lesson": lesson,
        "lesson_result": result,
        "item": item,
        "enrolment": enrolment,
        "page": session,
        "players": players,
        "is_over": not any(one["token"] for one in players),
        "said": explaining.made_up(result.evidence, enrolment.run.release),
        "test_url": _test_url(request, result),
        "can_save": bool(saving.worker_url()) and any(one["token"] and one["parts"] for one in players),
    }
    return render(request, "lms_courses/watch_again.html", context)


@login_required
@never_cache
@require_POST
def keep(request: HttpRequest, pk: int, uuid, recording: int) -> JsonResponse:
    """A recording as data for this person's device; opens the account of watched time, as saving a lecture does."""
    enrolment = get_enrolment_for(request.user, pk)
    session, lesson, item = _missed(enrolment, uuid)
    rows = SessionRecording.objects.select_related("session", "video")
    row = get_object_or_404(rows, session=session, pk=recording)
    token = making_up.token_for(enrolment, row, lesson=lesson.pk, saved=True)
    if token is None:
        said = _("The days for making up are over. You may still watch; it does not count any more.")
        return told({"text": said}, status=409)
    if row.video.is_expired:
        return told({"text": _("The recording is not available just now.")}, status=409)
    begin(token)
    made = saving.packed_recording(
        request,
        enrolment,
        row,
        _player(enrolment, row, lesson, result_of(enrolment).lesson(lesson.pk)),
        number=enrolment.run.release.outline.index(item) + 1,
        url=reverse("lms_courses:watch_again", args=[enrolment.pk, session.uuid]),
    )
    # The moment is the midnight after the last day; the screen names the day.
    last = min(row.until - timedelta(seconds=1), clock.now() + timedelta(days=conf.TOKEN_DAYS))
    last = saving.until(made, last)
    made["video"]["token"] = token.signed()
    return told(made | {"until": last.isoformat(timespec="seconds"), "renew": request.path})


def _missed(enrolment: Enrolment, uuid) -> tuple[Session, Lesson, dict]:
    """The session and the lesson of the learner's class that it serves as, or 404."""
    if enrolment.state == Enrolment.State.WITHDRAWN:
        raise Http404
    runs = {enrolment.run_id, *enrolment.moves.values_list("from_run", flat=True)}
    uses = SessionUse.objects.filter(
        run__in=runs, session__uuid=uuid, session__state=Session.State.SETTLED, session__makeup_days__gt=0
    )
    for use in uses.select_related("session__hub", "lesson").order_by("pk"):
        item = item_of(enrolment, use.lesson)
        if item and reads.may_make_up(enrolment, use.session):
            return use.session, use.lesson, item
    raise Http404


def _player(
    enrolment: Enrolment, row: SessionRecording, lesson: Lesson, result: completion.LessonResult
) -> dict:
    """What the player of a lecture needs, for one recording of a session."""
    like = {"video": row.video_id, "version": row.version, "seconds": row.seconds, "lesson": lesson.pk}
    made = lecture.player(enrolment, like)
    parts = explaining.again(result.evidence)
    parts = [part for part in parts if part[0] < row.ends_at and part[1] > row.begins_at]
    first = max(int((parts[0][0] - row.begins_at).total_seconds()), 0) if parts else 0
    token = making_up.token_for(enrolment, row, lesson=lesson.pk)
    return {
        **made,
        "item": like,
        "parts": [_part(row, since, until) for since, until in parts],
        "position": made["position"] or first,
        "token": token.signed() if token else "",
        "watched_pct": int(result.pct),
        "watch_pct": row.session.present_pct,
        "makes_up": True,
    }


def _part(row: SessionRecording, since, until) -> Part:
    at = max(int((since - row.begins_at).total_seconds()), 0)
    return Part(at, f"{at // 60}:{at % 60:02}", explaining.stretch(since, until))


def _test_url(request: HttpRequest, result: completion.LessonResult) -> str | None:
    """The page of the exercise that is still to be passed, if any."""
    pk = result.evidence.get("test")
    return None if result.met or not pk else lesson_url(Lesson.objects.get(pk=pk), request)


# --- the hub's side


@login_required
@require_POST
def add(request: HttpRequest, uuid) -> HttpResponse:
    """Add a recording to a session of one's hub, with the time at which it begins."""
    session = get_session_for(request.user, uuid, "settle")
    pk = request.POST.get("video", "")
    videos = scope.limit(Video.objects.all(), request.user, "choose")
    video = videos.filter(pk=read_key(pk)).first()
    begins_at = on_the_day(session, request.POST.get("begins", ""))
    try:
        if video is None:
            raise making_up.RecordingRefused(_("Choose a recording."))
        if begins_at is None:
            raise making_up.RecordingRefused(
                _("Give the time at which the recording begins as hours and minutes.")
            )
        making_up.add_recording(session, video=video, begins_at=begins_at, by=request.user)
    except making_up.RecordingRefused as error:
        return attendance_with(request, session, bad=str(error), status=400)
    messages.success(request, _("The recording is added; missed minutes can be made up for with it."))
    return redirect("lms_courses:attendance", session.uuid)


@login_required
@require_POST
def remove(request: HttpRequest, uuid, pk: int) -> HttpResponse:
    """Take a recording away that nobody has watched."""
    session = get_session_for(request.user, uuid, "settle")
    row = get_object_or_404(SessionRecording, session=session, pk=pk)
    try:
        making_up.remove_recording(row, by=request.user)
    except making_up.RecordingRefused as error:
        return attendance_with(request, session, bad=str(error), status=400)
    messages.success(request, _("The recording is taken away."))
    return redirect("lms_courses:attendance", session.uuid)
