"""Learning without a network: what to keep, the lessons as data, the page that shows them, and its worker."""

import hashlib
import json
from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from content.models import Slideshow
from courses import journey, making_up, saving
from courses.actions import attempts
from courses.actions.watching import begin, token_for
from courses.conf import conf
from courses.facts import result_of
from courses.links import course_url
from courses.models import Enrolment, Lesson, SessionRecording
from courses.permissions import can_open_lesson, get_enrolment_for
from courses.views.replies import told
from lms import clock
from lms.conf import conf as lms_conf


@login_required
@never_cache
@require_GET
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """The lessons of a course that can be kept on the device, each with its size."""
    enrolment = _learning(request, pk)
    way = journey.of(enrolment, request)
    rows = []
    reasons = {row.item["lesson"]: saving.why_not(row) for row in way.rows}
    heavy = saving.weights(row for row in way.rows if not reasons[row.item["lesson"]])
    for row in way.rows:
        reason = reasons[row.item["lesson"]]
        lesson = row.item["lesson"]
        address = reverse("lms_courses:save_lesson", args=[enrolment.pk, lesson])
        extra = heavy.get(lesson, 0)
        asked = request.GET.get("lesson") in {None, str(lesson)}
        rows.append(
            {"row": row, "reason": reason, "url": address, "extra": extra, "is_chosen": asked and not reason}
        )
    again = [
        _recording(request, enrolment, way.row(lesson), recording)
        for lesson, recording in making_up.to_watch(result_of(enrolment))
    ]
    sizes = [row.sizes for row in way.rows] + [one["sizes"] for one in again]
    kinds = [kind for kind in saving.KINDS if any(kind in each for each in sizes)]
    context = {
        "enrolment": enrolment,
        "course": enrolment.run.release.course,
        "course_url": course_url(enrolment.run.release.course, request),
        "rows": rows,
        "recordings": again,
        "kinds": kinds,
        "days": conf.TOKEN_DAYS,
    }
    return render(request, "lms_courses/save.html", context)


def _recording(request, enrolment: Enrolment, row: journey.Row, recording: SessionRecording) -> dict:
    """A recording with which minutes of a session can be made up for; heavy, so chosen only where it was asked for."""
    forms = recording.video.ready_renditions(recording.version)
    slides = Slideshow.of(recording.video, recording.version)
    address = reverse("lms_courses:save_recording", args=[enrolment.pk, recording.session.uuid, recording.pk])
    return {
        "recording": recording,
        "number": row.number,
        "sizes": {one.kind: one.size for one in forms}
        | ({"slides": slides.size} if slides and slides.is_offered else {}),
        "minutes": max(1, round(recording.seconds / 60)),
        "url": address,
        "is_chosen": request.GET.get("lesson") == str(row.item["lesson"]),
    }


@login_required
@require_POST
def lesson(request: HttpRequest, pk: int, lesson: int) -> JsonResponse:
    """The lesson as data for this person's device. Begins the practice test and the account of watched time."""
    enrolment = _learning(request, pk)
    record = get_object_or_404(Lesson, pk=lesson, course=enrolment.run.release.course_id)
    if not can_open_lesson(request.user, enrolment, record):
        raise Http404
    way = journey.of(enrolment, request)
    row = way.row(record.pk)
    if reason := saving.why_not(row):
        return told({"text": reason}, status=409)
    attempt = None
    if row.kind == "quiz":
        try:
            attempt = attempts.start(
                enrolment, lesson=record, by=request.user, language=request.LANGUAGE_CODE
            )
        except attempts.AttemptRefused as error:
            return told({"text": str(error)}, status=409)
    made = saving.packed(request, row, record, enrolment, attempt=attempt)
    if row.kind == "video":
        token = token_for(enrolment, row.item, saved=True)
        begin(token)
        made["video"]["token"] = token.signed()
    if row.kind == "reading":
        made["read"] = reverse("lms_courses:read", args=[enrolment.pk, record.pk])
    if attempt is not None:
        made["quiz"]["save"] = reverse("lms_courses:answers", args=[attempt.pk])
        made["quiz"]["submit"] = reverse("lms_courses:submit", args=[attempt.pk])
        made["quiz"]["result"] = reverse("lms_courses:result", args=[attempt.pk])
    until = saving.until(made, clock.now() + timedelta(days=conf.TOKEN_DAYS))
    made["until"] = until.isoformat(timespec="seconds")
    made["renew"] = request.path
    return told(made)


def _learning(request: HttpRequest, pk: int) -> Enrolment:
    enrolment = get_enrolment_for(request.user, pk)
    if enrolment.state == Enrolment.State.WITHDRAWN:
        raise Http404
    return enrolment


@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """The page that shows what is kept on the device: the same for everybody, so that a copy tells nothing."""
    # Without the request: no template can find out who asks.
    context = {
        "lms_base_template": lms_conf.BASE_TEMPLATE,
        "site": saving.addresses(),
        "LANGUAGE_CODE": get_language(),
    }
    return HttpResponse(
        render_to_string("lms_courses/saved.html", context), headers={"Cache-Control": "private, no-cache"}
    )


@require_safe
def who(request: HttpRequest) -> JsonResponse:
    """Whose session this browser has now, as the device knows people, and what a form must carry."""
    return told({"owner": saving.owner_of(request.user), "csrf": get_token(request)})


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, at the root so that it may answer for every address; it keeps no personal answer."""
    told = saving.addresses()
    body = finders.find("lms_courses/worker.js") or ""
    with open(body, encoding="utf-8") as file:
        source = file.read()
    # Any change of a script makes another worker, which fetches them anew.
    known = [static(f"lms_courses/{name}.js") for name in ("store", "saved", "played")]
    mark = hashlib.sha256(json.dumps([known, told]).encode()).hexdigest()[:12]
    text = f"self.LMS = {json.dumps(told)}; // {mark}\n{source}"
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers=headers)
