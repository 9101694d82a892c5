"""The observer's pages: who waits, the checklist with every step to rate, and a mistake taken back."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courses.actions import skills
from courses.models import Enrolment, Lesson, Observation
from courses.permissions import (
    get_observable_for,
    get_retractable_for,
    item_of,
    observable,
    observes,
    retractable,
)
from courses.views.replies import read_uuid, refused
from lms.actions import log_access, log_accesses
from lms.languages import pick


@login_required
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """Learners of my courses whose skill nobody has seen passed yet, and what was seen lately."""
    mine = Observation.objects.filter(observer=request.user).select_related("enrolment__person", "lesson")
    if not observes(request.user) and not mine.exists():
        raise Http404
    rows = observable(request.user).filter(state=Enrolment.State.ACTIVE)
    enrolments = list(
        rows.select_related("run__release", "person__profession", "facility").order_by(
            "person__sort_key", "pk"
        )[:500]
    )
    passed, tried = set(), {}
    seen = Observation.objects.in_force().filter(enrolment__in=enrolments).order_by("number")
    for row in seen.values("enrolment", "lesson", "passed", "number"):
        key = (row["enrolment"], row["lesson"])
        tried[key] = row["number"]
        if row["passed"]:
            passed.add(key)
    lines = [
        {
            "enrolment": enrolment,
            "lesson": item["lesson"],
            "title": pick(item["title"]["vi"], item["title"]["en"]),
            "tried": tried.get((enrolment.pk, item["lesson"]), 0),
        }
        for enrolment in enrolments
        for item in enrolment.run.release.outline
        if item["kind"] == "checklist" and (enrolment.pk, item["lesson"]) not in passed
    ]
    shown = [line["enrolment"].person_id for line in lines]
    log_accesses(request.user, shown, what=gettext_noop("people whose skill is to be observed"))
    own = retractable(request.user).in_force().filter(observer=request.user)
    context = {
        "lines": lines,
        "recent": mine.order_by("-observed_at")[:20],
        "retractable": set(own.values_list("pk", flat=True)),
    }
    return render(request, "lms_courses/skills.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def observe(request: HttpRequest, pk: int, lesson: int) -> HttpResponse:
    """Rate every step of one skill of one learner."""
    enrolment = get_observable_for(request.user, pk)
    row = Lesson.objects.filter(pk=lesson, course=enrolment.run.release.course_id).first()
    item = item_of(enrolment, row) if row else None
    if item is None or item["kind"] != "checklist":
        raise Http404
    if request.method == "GET":
        log_access(
            request.user,
            enrolment.person,
            what=gettext_noop("a skill to be observed"),
            purpose=enrolment.run.code,
        )
        return _page(request, enrolment, row)
    frozen = skills.frozen_checklist(enrolment, row)
    ratings = {
        step["id"]: request.POST[f"step-{step['id']}"] == "yes"
        for step in frozen["items"]
        if request.POST.get(f"step-{step['id']}") in {"yes", "no"}
    }
    try:
        seen = skills.observe(
            enrolment,
            lesson=row,
            ratings=ratings,
            by=request.user,
            client_id=read_uuid(request.POST.get("client_id", "")) or uuid.uuid4(),
            comment=request.POST.get("comment", ""),
        )
    except skills.NotRatedYet as error:
        return _page(request, enrolment, row, bad=str(error), missing=error.missing, status=400)
    except skills.ObservationRefused as error:
        return refused(request, title=_("The observation was not saved"), text=str(error), status=409)
    verdict = _("passed") if seen.passed else _("not passed yet")
    messages.success(
        request,
        _("Saved for %(name)s: %(pct)s %%, %(verdict)s.")
        % {"name": enrolment.person.full_name, "pct": int(seen.pct), "verdict": verdict},
    )
    return redirect("lms_courses:skills")


@login_required
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an observation back that was recorded wrongly, with the reason."""
    row = get_retractable_for(request.user, pk)
    try:
        skills.take_back(row, reason=request.POST.get("reason", ""), by=request.user)
    except skills.ObservationRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Taken back."))
    if row.observer_id == request.user.pk:
        return redirect("lms_courses:skills")
    return redirect("lms_courses_admin:learner", row.enrolment_id)


def _page(request, enrolment, row, *, bad: str = "", missing: list[str] | None = None, status: int = 200):
    frozen = skills.frozen_checklist(enrolment, row)
    posted = request.POST
    steps = [
        {
            "id": step["id"],
            "text": pick(step["vi"], step["en"]),
            "is_critical": step["critical"],
            "rating": posted.get(f"step-{step['id']}", ""),
            "is_missing": step["id"] in (missing or []),
        }
        for step in frozen["items"]
    ]
    context = {
        "enrolment": enrolment,
        "lesson": row,
        "title": pick(frozen["title"]["vi"], frozen["title"]["en"]),
        "pass_pct": frozen["pass_pct"],
        "steps": steps,
        "critical": sum(1 for step in steps if step["is_critical"]),
        "comment": posted.get("comment", ""),
        "client_id": posted.get("client_id") or uuid.uuid4(),
        "number": Observation.objects.filter(enrolment=enrolment, lesson=row).count() + 1,
        "bad": bad,
    }
    return render(request, "lms_courses/observe.html", context, status=status)
