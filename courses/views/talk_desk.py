"""The trainers' desk for questions and announcements of a course, in the Wagtail admin."""

import uuid
from functools import cached_property

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from courses.actions import talk
from courses.models import Announcement, Course, Enrolment, Lesson, Post, PostReport, Run, ThreadLock
from courses.permissions import get_course_for, get_post_for, get_run_for
from courses.views.replies import read_uuid
from courses.views.workbench import Screen
from lms import limits
from lms.actions import log_accesses
from lms.keys import read_key
from lms.models import Message

PER_PAGE = 20
ANNOUNCEMENTS_AN_HOUR = 10


class Talk(Screen):
    """Questions of a course: those that wait first, then the rest; reports and announcements beside them."""

    template_name = "lms_courses/workbench/talk.html"
    header_icon = "comment"

    @cached_property
    def course(self) -> Course:
        return get_course_for(self.request.user, self.kwargs["pk"], "talk")

    def get_page_title(self):
        return _("Questions and announcements")

    def get_page_subtitle(self):
        return self.course.title

    def crumbs(self):
        url = reverse("lms_courses_admin:course", args=[self.course.pk])
        return [{"url": url, "label": self.course.title}, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs):
        course = self.course
        posts = Post.objects.filter(run__release__course=course)
        waiting = posts.unanswered().select_related("run", "lesson", "person").order_by("at", "pk")
        reported = Exists(PostReport.objects.filter(post=OuterRef("pk"), settled_at=None))
        rest = posts.questions().exclude(pk__in=waiting.values("pk"))
        page = Paginator(
            rest.select_related("run", "lesson", "person").order_by("-at", "-pk"), PER_PAGE
        ).get_page(self.request.GET.get("p"))
        asked = list(waiting[: PER_PAGE + 1])
        shown = [*asked[:PER_PAGE], *page.object_list]
        below: dict[int, list[Post]] = {}
        for one in Post.objects.filter(parent__in=shown).select_related("person").order_by("at", "pk"):
            below.setdefault(one.parent_id, []).append(one)
        for one in shown:
            one.below, one.token = below.get(one.pk, []), uuid.uuid4()
        reports = PostReport.objects.filter(post__in=posts.filter(reported), settled_at=None)
        reports = list(reports.select_related("post__lesson", "post__run", "post__person"))
        people = {one.person_id for one in shown} | {one.post.person_id for one in reports}
        people |= {one.person_id for rows in below.values() for one in rows}
        log_accesses(
            self.request.user, people, what=gettext_noop("questions of a class"), purpose=course.code
        )
        return super().get_context_data(**kwargs) | {
            "course": course,
            "waiting": asked[:PER_PAGE],
            "has_more_waiting": len(asked) > PER_PAGE,
            "page": page,
            "reports": reports,
            "locks": list(
                ThreadLock.objects.filter(run__release__course=course).select_related("run", "lesson")
            ),
            "runs": list(Run.objects.filter(release__course=course).order_by("-starts_on", "-pk")),
            "announcements": announced(course),
            "token": uuid.uuid4(),
            "given": kwargs.get("given") or {},
            "bad": kwargs.get("bad", ""),
        }


def announced(course: Course) -> list[Announcement]:
    """The last announcements to the classes of *course*, each with how many were reached and how not."""
    rows = list(Announcement.objects.filter(run__release__course=course).select_related("run")[:10])
    state = Message.State
    for one in rows:
        sent = Message.objects.filter(event="announcement", key__startswith=f"announcement:{one.pk}:")
        one.reached = sent.aggregate(
            people=Count("pk"),
            waiting=Count("pk", filter=Q(state__in=[state.QUEUED, state.SENDING])),
            unknown=Count("pk", filter=Q(state=state.UNKNOWN)),
            failed=Count("pk", filter=Q(state=state.FAILED)),
            read=Count("pk", filter=Q(read_at__isnull=False)),
        )
    return rows


def _again(request: HttpRequest, course: Course, *, status: int = 422, **kwargs) -> HttpResponse:
    view = Talk()
    view.setup(request, pk=course.pk)
    return view.render_to_response(view.get_context_data(**kwargs), status=status)


def _to(course_id: int) -> HttpResponse:
    return redirect("lms_courses_admin:talk", course_id)


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a question; what was refused stays in the field."""
    post = get_post_for(request.user, pk)
    token = read_uuid(request.POST.get("token", "")) or uuid.uuid4()
    text = request.POST.get("text", "")
    try:
        talk.answer(post, text=text, token=token, by=request.user, is_expert="expert" in request.POST)
    except talk.TalkRefused as refused:
        given = {"post": post.pk, "text": text[: talk.LONGEST]}
        return _again(request, post.run.release.course, given=given, bad=str(refused))
    messages.success(request, _("Answered; whoever asked is told."))
    return _to(post.run.release.course_id)


@require_POST
def moderate(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark as the expert's answer, hide with a reason, or let a reported post stand."""
    post, do = get_post_for(request.user, pk), request.POST.get("do")
    try:
        if do == "mark":
            talk.mark(post, by=request.user)
            messages.success(request, _("Marked as the expert's answer."))
        elif do == "hide":
            talk.hide(post, by=request.user, reason=request.POST.get("reason", ""))
            messages.success(request, _("Hidden; the author reads the reason."))
        elif do == "stand":
            talk.leave_standing(post, by=request.user)
            messages.success(request, _("It stands; the reports are settled."))
    except talk.TalkRefused as refused:
        messages.error(request, str(refused))
    return _to(post.run.release.course_id)


@require_POST
def lock(request: HttpRequest, pk: int, lesson: int) -> HttpResponse:
    """Close the thread of a lesson in a class, or open it again."""
    run = get_run_for(request.user, pk, "talk")
    row = get_object_or_404(Lesson, pk=lesson, course=run.release.course_id)
    try:
        if request.POST.get("do") == "unlock":
            talk.unlock(run, lesson=row, by=request.user)
            messages.success(request, _("Learners can write again."))
        else:
            talk.lock(run, lesson=row, by=request.user, reason=request.POST.get("reason", ""))
            messages.success(request, _("Closed; what stands there can still be read."))
    except talk.TalkRefused as refused:
        messages.error(request, str(refused))
    return _to(run.release.course_id)


@require_POST
def announce(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell a whole class something; what was refused stays in the fields."""
    course = get_course_for(request.user, pk, "talk")
    given = {name: request.POST.get(name, "") for name in ("run", "title", "text")}
    if (key := read_key(given["run"])) is None:
        return _again(request, course, given=given, bad=_("Choose a class."))
    run = get_run_for(request.user, key, "talk")
    token = read_uuid(request.POST.get("token", "")) or uuid.uuid4()
    who = str(request.user.pk)
    if not limits.hit("lms_courses.announce", who, limit=ANNOUNCEMENTS_AN_HOUR, seconds=3600):
        bad = _("That were many announcements within the hour. Please wait; your text is kept here.")
        return _again(request, course, given=given, bad=bad, status=429)
    try:
        talk.announce(run, title=given["title"], text=given["text"], by=request.user, token=token)
    except talk.TalkRefused as refused:
        return _again(request, course, given=given, bad=str(refused))
    learners = Enrolment.objects.open().filter(run=run).count()
    messages.success(
        request,
        _("Announced to class %(run)s: %(count)d learners are told.") % {"run": run.code, "count": learners},
    )
    return _to(run.release.course_id)
