"""Getting into a class, in line for one, out of it, and saying that a text was read; every change is a POST."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses import gate
from courses.actions import applications, class_codes, enrolments
from courses.actions.enrolments import EnrolmentRefused, enrol, withdraw
from courses.actions.progress import NotALearner, mark_read
from courses.facts import result_of
from courses.links import course_url, lesson_url
from courses.models import Application, Course, Enrolment, Lesson, LessonKind, Run
from courses.permissions import can_open_lesson, get_application_for, get_enrolment_for, item_of
from courses.views.replies import wants_json
from lms import clock, limits
from lms.permissions import person_of

MOST_FAILURES = 20
"""Wrong codes of classes one may type in an hour."""


@require_POST
@login_required
def enrol_self(request: HttpRequest, pk: int) -> HttpResponse:
    """Enrol the signed-in person in a class; twice is once."""
    run, person = _run(pk), person_of(request.user)
    course = run.release.course
    if person is None:
        return _nameless(request, course)
    try:
        enrol(run, person=person, by=request.user)
    except EnrolmentRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _enrolled(run))
    return _back(request, course)


def _enrolled(run: Run) -> str:
    """What somebody who got in is told, by whether the class has begun."""
    if run.starts_on and run.starts_on > clock.today():
        day = date_format(run.starts_on, "d/m/Y")
        return _("You are enrolled. The lessons open when the class begins, on %(day)s.") % {"day": day}
    return _("You are enrolled. Begin with the first lesson whenever you like.")


@require_safe
@login_required
def go_class(request: HttpRequest, pk: int) -> HttpResponse:
    """To the page of the course of a class."""
    return _back(request, _run(pk).release.course)


@require_POST
@login_required
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a seat: for approval, or a place on the waiting list; twice is once."""
    run, person = _run(pk), person_of(request.user)
    course = run.release.course
    if person is None:
        return _nameless(request, course)
    try:
        application = applications.apply_for(run, person=person, by=request.user)
    except EnrolmentRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, standing_of(application))
    return _back(request, course)


@require_POST
@login_required
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the seat that is held for me; twice is once."""
    application = get_application_for(request.user, pk)
    try:
        enrolments.accept(application, by=request.user)
    except EnrolmentRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _enrolled(application.run))
    return _back(request, application.run.release.course)


@require_POST
@login_required
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Give my application up, or decline the seat I was offered; twice is once."""
    application = applications.take_back(get_application_for(request.user, pk), by=request.user)
    if application.state == Application.State.ENROLLED:
        messages.info(request, _("You are enrolled already; leave the class below if you want to."))
    else:
        messages.success(request, _("Your application is taken back. You can apply again at any time."))
    return _back(request, application.run.release.course)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, code: str = "") -> HttpResponse:
    """The code of an invitation: typed or followed, shown with its class, and used by one press."""
    text = request.POST.get("code", "") if request.method == "POST" else code
    context: dict = {"typed": text[:20]}
    if not text:
        return render(request, "lms_courses/join.html", context)
    failures = {("lms_courses.class_code", str(request.user.pk)): MOST_FAILURES}
    try:
        if limits.spent(failures, seconds=3600):
            raise EnrolmentRefused(_("Too many wrong codes. Please try again in an hour."))
        found = class_codes.find_code(text)
        person = person_of(request.user)
        context |= {"found": found, "person": person, "course": found.run.release.course}
        if request.method == "POST" and "enrol" in request.POST and person is not None:
            entered = class_codes.enrol_by_code(found, person=person, by=request.user)
            is_in = isinstance(entered, Enrolment)
            messages.success(request, _enrolled(found.run) if is_in else standing_of(entered))
            return _back(request, context["course"])
    except class_codes.NoSuchCode as refusal:
        limits.hit("lms_courses.class_code", str(request.user.pk), limit=MOST_FAILURES, seconds=3600)
        context["bad"] = str(refusal)
    except EnrolmentRefused as refusal:
        context["bad"] = str(refusal)
    status = 422 if "bad" in context and request.method == "POST" else 200
    return render(request, "lms_courses/join.html", context, status=status)


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


def standing_of(application: Application) -> str:
    """What an application has come to, in the words for whoever applied."""
    if application.state == Application.State.PENDING:
        return _("Your application is on its way. You are told as soon as it is decided.")
    if application.state == Application.State.OFFERED:
        return _("A seat is free: accept it below.")
    if application.state == Application.State.WAITING:
        return _("You are number %(place)s on the waiting list. When a seat is free you are told.") % {
            "place": application.place
        }
    return application.get_state_display()


def _run(pk: int) -> Run:
    """A class of a course that visitors see, or 404."""
    rows = Run.objects.select_related("release__course")
    return get_object_or_404(rows, pk=pk, release__course__is_open=True)


def _nameless(request: HttpRequest, course: Course) -> HttpResponse:
    messages.error(request, _("Please tell us who you are before enrolling: your login has no name yet."))
    return _back(request, course)


def _back(request: HttpRequest, course: Course) -> HttpResponse:
    return redirect(course_url(course, request) or "/")
