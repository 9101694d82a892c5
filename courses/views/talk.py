"""Where a message leads: to the course or the lesson it speaks of, wherever its page stands by now."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from courses.links import course_url, lesson_url
from courses.models import Lesson
from courses.permissions import get_enrolment_for


@require_safe
@login_required
def go(request: HttpRequest, pk: int, lesson: int | None = None) -> HttpResponse:
    """To the page of one's own course, or of a lesson of it."""
    enrolment = get_enrolment_for(request.user, pk)
    course = enrolment.run.release.course
    url = None
    if lesson is not None:
        row = Lesson.objects.filter(pk=lesson, course=course).first()
        if row is None:
            raise Http404
        url = lesson_url(row, request)
    url = url or course_url(course, request)
    if url is None:
        raise Http404
    return redirect(url)
