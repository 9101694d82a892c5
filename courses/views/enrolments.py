"""Getting into a class, out of it, and saying that a text was read; every change is a POST."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from courses import gate
from courses.actions.enrolments import EnrolmentRefused, enrol, withdraw
from courses.actions.progress import NotALearner, mark_read
from courses.facts import result_of
from courses.links import course_url, lesson_url
from courses.models import Course, Lesson, LessonKind, Run
from courses.permissions import can_open_lesson, get_enrolment_for, item_of
from courses.views.replies import wants_json
from lms.permissions import person_of


@require_POST
@login_required
def enrol_self(request: HttpRequest, pk: int) -> HttpResponse:
    """Enrol the signed-in person in a class; twice is once."""
    run = get_object_or_404(
        Run.objects.select_related("release__course"), pk=pk, release__course__is_open=True
    )
    course = run.release.course
    person = person_of(request.user)
    if person is None:
        messages.error(request, _("Please tell us who you are before enrolling: your login has no name yet."))
        return _back(request, course)
    try:
        enrol(run, person=person, by=request.user)
    except EnrolmentRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("You are enrolled. Begin with the first lesson whenever you like."))
    return _back(request, course)


@require_POST
@login_required
def withdraw_self(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave a class; what was learnt stays on record."""
    enrolment = withdraw(get_enrolment_for(request.user, pk), by=request.user)
    if enrolment.state == enrolment.State.COMPLETED:
        messages.info(request, _("You have completed this course; there is nothing to leave."))
    else:
        messages.success(request, _("You have left the class. What you learnt so far is kept."))
    return _back(request, enrolment.run.release.course)


@require_POST
@login_required
def read(request: HttpRequest, pk: int, lesson: int) -> HttpResponse:
    """The learner has read a lesson that is nothing but text."""
    enrolment = get_enrolment_for(request.user, pk)
    row = get_object_or_404(Lesson, pk=lesson, course=enrolment.run.release.course_id)
    item = item_of(enrolment, row)
    if (
        item is None
        or item["kind"] != LessonKind.READING
        or not can_open_lesson(request.user, enrolment, row)
    ):
        raise Http404
    reason = gate.why_locked(enrolment, item, result_of(enrolment))
    if not reason:
        try:
            mark_read(enrolment, lesson=row)
        except NotALearner:
            reason = _("You have left this class, so nothing was recorded.")
    if wants_json(request):
        # A device that was without a network says so late.
        return JsonResponse({"text": reason or ""}, status=409 if reason else 200)
    if reason:
        messages.error(request, reason)
    else:
        messages.success(request, _("Noted: you have read this lesson."))
    return redirect(lesson_url(row, request) or course_url(enrolment.run.release.course, request) or "/")


def _back(request: HttpRequest, course: Course) -> HttpResponse:
    return redirect(course_url(course, request) or "/")
