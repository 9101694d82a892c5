"""Plan live sessions, alone or as a series; give one other hours, or call it off."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses.actions import series, sessions
from courses.forms_live import ChangeHours, PlanSession
from courses.models import Lesson, Session
from courses.session_permissions import SESSION_ACTS, get_session_for
from lms import scope


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a session of a hospital one acts for."""
    if not scope.can(request.user, "host", Session):
        raise Http404
    form = PlanSession(request.POST or None, user=request.user, roles=SESSION_ACTS["host"])
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 400
        return render(request, "lms_courses/plan_session.html", {"form": form}, status=status)
    data = form.cleaned_data
    names = ("title_vi", "title_en", "join_url", "rule_code", "credits_outages", "excuse_effect", "is_draft")
    values = {name: data[name] for name in names}
    makeup = {name: data[name] for name in ("makeup_days", "makeup_pct", "makeup_with_test")}
    uses = tuple((run, Lesson.objects.get(pk=lesson)) for run, lesson in form.chosen())
    if rule := form.rule():
        return _plan_series(request, form, rule, uses, {**values, "makeup": makeup})
    hours = {name: data[name] for name in ("starts_at", "ends_at")}
    try:
        with transaction.atomic():
            session = sessions.schedule(data["hub"], by=request.user, **hours, **values, **makeup)
            for run, lesson in uses:
                sessions.use(session, run=run, lesson=lesson)
    except sessions.SessionRefused as error:
        form.add_error("uses", str(error))
        return render(request, "lms_courses/plan_session.html", {"form": form}, status=400)
    if data["is_draft"]:
        messages.success(request, _("The draft is kept. Publish it here when it is ready."))
    else:
        messages.success(request, _("The session is planned and stands in the calendar."))
    return redirect("lms_courses:hub", session.uuid)


def _plan_series(
    request: HttpRequest, form: PlanSession, rule: str, uses: tuple, values: dict
) -> HttpResponse:
    data = form.cleaned_data
    begins, ends = (timezone.localtime(data[name]) for name in ("starts_at", "ends_at"))
    shape = {"first": begins.date(), "skips_holidays": data["skips_holidays"]}
    try:
        _series, planned = series.plan_series(
            data["hub"],
            rule=rule,
            starts=begins.time(),
            ends=ends.time(),
            uses=uses,
            by=request.user,
            **shape,
            **values,
        )
        _days, left_out = series.days_of(rule, **shape)
    except sessions.SessionRefused as error:
        form.add_error("weekdays", str(error))
        return render(request, "lms_courses/plan_session.html", {"form": form}, status=400)
    words = ngettext("%(count)s session is planned.", "%(count)s sessions are planned.", len(planned))
    messages.success(request, words % {"count": len(planned)})
    if left_out:
        days = ", ".join(f"{day:%d/%m/%Y}" for day in left_out)
        messages.info(request, _("Left out as public holidays: %(days)s.") % {"days": days})
    return redirect("lms_courses:calendar")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, uuid) -> HttpResponse:
    """Give a session other hours, or call it off."""
    session = get_session_for(request.user, uuid)
    form, bad = ChangeHours(request.POST or None, instance=session), ""
    if request.method == "POST":
        try:
            if request.POST.get("to") == "cancel":
                sessions.cancel_session(session, by=request.user)
                messages.success(request, _("The session is cancelled; everybody concerned is told."))
                return redirect("lms_courses:calendar")
            if form.is_valid():
                data, kept = form.cleaned_data, Session.objects.get(pk=session.pk)
                hours = {"starts_at": data["starts_at"], "ends_at": data["ends_at"]}
                sessions.postpone(kept, **hours, reason=data["reason"], by=request.user)
                messages.success(request, _("The session has new hours; everybody concerned is told."))
                return redirect("lms_courses:change_session", session.uuid)
        except sessions.SessionRefused as error:
            bad = str(error)
    shown = Session.objects.select_related("hub").get(pk=session.pk)
    context = {
        "session": shown,
        "form": form,
        "bad": bad,
        "changes": shown.changes.select_related("changed_by__person"),
        "may_postpone": shown.state in sessions.BEFORE,
        "may_cancel": shown.state in {*sessions.BEFORE, Session.State.LIVE},
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "lms_courses/change_session.html", context, status=status)
