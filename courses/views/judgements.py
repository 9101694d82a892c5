"""What trainers and the training office decide about one learner by hand: sign-off, make-ups."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from courses.actions import judgements
from courses.models import Enrolment, Lesson, MakeUp
from courses.permissions import courses_for
from lms.keys import read_key


def _learner(user, pk: int, act: str) -> Enrolment:
    """An enrolment in a course on which *user* may do *act*, or 404."""
    rows = Enrolment.objects.filter(run__release__course__in=courses_for(user, act).values("pk"))
    return get_object_or_404(rows.select_related("run__release__course", "person"), pk=pk)


def _tell(request: HttpRequest, judge, success: str) -> None:
    try:
        judge()
    except judgements.JudgementRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, success)


@require_POST
def sign_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Find a learner ready to complete."""
    enrolment = _learner(request.user, pk, "build")
    reason = request.POST.get("reason", "")
    _tell(
        request,
        lambda: judgements.sign_off(enrolment, reason=reason, by=request.user),
        _("Signed off."),
    )
    return redirect("lms_courses_admin:learner", pk)


@require_POST
def make_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that a missed live session counts."""
    enrolment = _learner(request.user, pk, "build")
    chosen = request.POST.get("lesson", "")
    lessons = Lesson.objects.filter(course=enrolment.run.release.course_id)
    lesson = get_object_or_404(lessons, pk=read_key(chosen))
    reason = request.POST.get("reason", "")
    _tell(
        request,
        lambda: judgements.propose_make_up(enrolment, lesson=lesson, reason=reason, by=request.user),
        _("Proposed. The training office decides; until then nothing counts."),
    )
    return redirect("lms_courses_admin:learner", pk)


@require_POST
def decide_make_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a proposed make-up count, or not."""
    row = get_object_or_404(MakeUp, pk=pk)
    enrolment = _learner(request.user, row.enrolment_id, "issue")
    approve = request.POST.get("answer") == "approve"
    reason = request.POST.get("reason", "")
    row.enrolment = enrolment
    _tell(
        request,
        lambda: judgements.decide_make_up(row, approve=approve, by=request.user, answer=reason),
        _("Decided. The learner sees it on the course page."),
    )
    return redirect("lms_courses_admin:learner", enrolment.pk)
