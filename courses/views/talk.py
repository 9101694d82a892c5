"""Questions below a lesson, as its learners see and write them; and where a message leads."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from courses.actions import talk
from courses.links import course_url, lesson_url
from courses.models import Enrolment, Lesson, Post, ThreadLock
from courses.permissions import can_open_lesson, get_classmates_post, get_enrolment_for, item_of
from courses.views.replies import read_uuid
from lms import limits, sql
from lms.keys import read_key

NEWEST = 3
"""Questions shown on the page of a lesson; the rest stands on the page of the thread."""
PER_PAGE = 20
POSTS_AN_HOUR = 10


@require_safe
@login_required
def go(request: HttpRequest, pk: int, lesson: int | None = None) -> HttpResponse:
    """To the page of one's own course, or of a lesson of it, wherever it stands by now."""
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


# ``Post.objects.questions().shown()`` by hand: the page of every lesson asks, and most have no question.
_NEWEST = """
SELECT * FROM lms_courses_post
WHERE run_id = %s AND lesson_id = %s AND parent_id IS NULL AND hidden_at IS NULL
ORDER BY at DESC, id DESC LIMIT %s"""
_LOCK = "SELECT id, reason FROM lms_courses_threadlock WHERE run_id = %s AND lesson_id = %s"


def on_page(enrolment: Enrolment, lesson: Lesson) -> dict:
    """What the page of a lesson shows of its thread: the newest questions, in two queries and two more if any."""
    found = sql.many(Post, _NEWEST, [enrolment.run_id, lesson.pk, NEWEST + 1])
    prefetch_related_objects(found, "person")
    return _thread(enrolment, lesson, found[:NEWEST]) | {"has_more": len(found) > NEWEST}


def _thread(enrolment: Enrolment, lesson: Lesson, questions: list[Post]) -> dict:
    replies: dict[int, list[Post]] = {}
    below = Post.objects.filter(parent__in=questions).shown() if questions else Post.objects.none()
    for one in below.select_related("person").order_by("at", "pk"):
        replies.setdefault(one.parent_id, []).append(one)
    for one in questions:
        # The expert's answer first, whenever it was given.
        one.below = sorted(replies.get(one.pk, []), key=lambda post: post.marked_at is None)
    lock = sql.one(ThreadLock, _LOCK, [enrolment.run_id, lesson.pk])
    return {"questions": questions, "lock": lock, "token": uuid.uuid4(), "me": enrolment.person_id}


def _lesson(request: HttpRequest, pk: int, lesson: int) -> tuple[Enrolment, Lesson]:
    enrolment = get_enrolment_for(request.user, pk)
    row = Lesson.objects.filter(pk=lesson, course=enrolment.run.release.course_id).first()
    if row is None or item_of(enrolment, row) is None or not can_open_lesson(request.user, enrolment, row):
        raise Http404
    return enrolment, row


@login_required
@never_cache
@require_safe
def thread(request: HttpRequest, pk: int, lesson: int) -> HttpResponse:
    """Every question about a lesson in one's own class, the newest first."""
    enrolment, row = _lesson(request, pk, lesson)
    return _page(request, enrolment, row)


def _page(request, enrolment, lesson, *, given: str = "", below: int = 0, bad: str = "", status: int = 200):
    rows = Post.objects.filter(run=enrolment.run_id, lesson=lesson).questions().shown()
    page = Paginator(rows.select_related("person").order_by("-at", "-pk"), PER_PAGE).get_page(
        request.GET.get("p")
    )
    context = {
        "enrolment": enrolment,
        "lesson": lesson,
        "page": page,
        "back": lesson_url(lesson, request) or course_url(enrolment.run.release.course, request) or "/",
        "thread": _thread(enrolment, lesson, list(page.object_list)),
        "given": given,
        "below": below,
        "bad": bad,
    }
    return render(request, "lms_courses/thread.html", context, status=status)


@login_required
@require_POST
def ask(request: HttpRequest, pk: int, lesson: int) -> HttpResponse:
    """Write a question, or below one; what was refused stays in the field."""
    enrolment, row = _lesson(request, pk, lesson)
    text, token = request.POST.get("text", ""), read_uuid(request.POST.get("token", ""))
    below = None
    if request.POST.get("below"):
        key = request.POST["below"]
        below = get_classmates_post(request.user, enrolment, read_key(key))
        if below.lesson_id != row.pk:
            raise Http404
    again = {"given": text[: talk.LONGEST], "below": below.pk if below else 0}
    if token is None:
        return _page(request, enrolment, row, **again, bad=_("Please send it once more."), status=400)
    if not limits.hit("lms_courses.ask", str(enrolment.person_id), limit=POSTS_AN_HOUR, seconds=3600):
        bad = _("You have written a lot within the hour. Please wait a little; your text is kept here.")
        return _page(request, enrolment, row, **again, bad=bad, status=429)
    try:
        talk.ask(enrolment, lesson=row, text=text, token=token, below=below)
    except talk.TalkRefused as refused:
        return _page(request, enrolment, row, **again, bad=str(refused), status=400)
    messages.success(
        request,
        _("Sent.") if below else _("Sent. You are told when somebody answers; your class can read it."),
    )
    return redirect(_thread_url(enrolment, row))


@login_required
@require_POST
def report(request: HttpRequest, pk: int, post: int) -> HttpResponse:
    """Say that something should not stand there."""
    enrolment = get_enrolment_for(request.user, pk)
    row = get_classmates_post(request.user, enrolment, post)
    if not limits.hit("lms_courses.report", str(enrolment.person_id), limit=POSTS_AN_HOUR, seconds=3600):
        messages.error(request, _("You have reported a lot within the hour. Please wait a little."))
    else:
        try:
            talk.report(row, person=enrolment.person, reason=request.POST.get("reason", ""))
        except talk.TalkRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("Thank you. The trainers look at it."))
    return redirect(_thread_url(enrolment, row.lesson))


@login_required
@require_POST
def take_back(request: HttpRequest, pk: int, post: int) -> HttpResponse:
    """Take back what one wrote oneself."""
    enrolment = get_enrolment_for(request.user, pk)
    row = get_classmates_post(request.user, enrolment, post)
    if row.person_id != enrolment.person_id:
        raise Http404
    talk.take_back(row)
    messages.success(request, _("Taken back; nobody in the class reads it any more."))
    return redirect(_thread_url(enrolment, row.lesson))


def _thread_url(enrolment: Enrolment, lesson: Lesson) -> str:
    return reverse("lms_courses:thread", args=[enrolment.pk, lesson.pk])
