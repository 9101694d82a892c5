"""The survey page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from courses import gate, promised
from courses.actions import surveys
from courses.facts import result_of
from courses.links import course_url, lesson_url
from courses.models import Lesson, SurveyReceipt
from courses.permissions import can_open_lesson, get_enrolment_for, item_of
from courses.views.replies import refused
from lms.languages import pick


@login_required
@require_http_methods(["GET", "POST"])
def survey(request: HttpRequest, pk: int, lesson: int) -> HttpResponse:
    """Show the form, or keep the answers once."""
    enrolment = get_enrolment_for(request.user, pk)
    row = Lesson.objects.filter(pk=lesson, course=enrolment.run.release.course_id).first()
    item = item_of(enrolment, row) if row else None
    if item is None or item["kind"] != "survey" or not can_open_lesson(request.user, enrolment, row):
        raise Http404
    back = lesson_url(row, request) or course_url(enrolment.run.release.course, request) or "/"
    if SurveyReceipt.objects.filter(enrolment=enrolment, lesson=row).exists():
        messages.info(request, _("You have already answered this survey. Thank you."))
        return redirect(back)
    if reason := gate.why_locked(enrolment, item, result_of(enrolment)):
        return refused(
            request,
            title=_("The survey is not open yet"),
            text=reason,
            status=409,
            back=back,
            label=_("Back"),
        )
    if request.method == "GET":
        return _page(request, enrolment, row, surveys.asked(enrolment, row), back)
    given = {name.removeprefix("q-"): value for name, value in request.POST.items()}
    try:
        surveys.respond(enrolment, lesson=row, answers=given, shown=request.POST.get("form", ""))
    except surveys.SurveyChanged as error:
        return _page(request, enrolment, row, error.form, back, given=given, error=error, status=409)
    except surveys.SurveyRefused as error:
        form = surveys.asked(enrolment, row)
        return _page(request, enrolment, row, form, back, given=given, error=error, status=400)
    messages.success(request, _("Thank you. Your answers were received."))
    return redirect(back)


def _page(request, enrolment, row, form, back, *, given=None, error=None, status=200) -> HttpResponse:
    given = given or {}
    questions = [
        {
            **question,
            "text": pick(question["vi"], question["en"]),
            "given": given.get(question["id"], ""),
            "is_bad": error is not None and error.question == question["id"],
        }
        for question in form["questions"]
    ]
    context = {
        "enrolment": enrolment,
        "lesson": row,
        "title": pick(form["title"]["vi"], form["title"]["en"]),
        "anonymous": form["anonymous"],
        "mark": promised.mark(form),
        "questions": questions,
        "scale": ["1", "2", "3", "4", "5"],
        "bad": str(error) if error else "",
        "back": back,
    }
    return render(request, "lms_courses/survey.html", context, status=status)
