"""The hub's word on cut lines: declare one for a site or for everybody, take one back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from courses.actions import attendance, staying
from courses.session_permissions import get_session_for
from courses.views.attendance import attendance_with
from courses.views.replies import on_the_day
from lms.keys import read_key


@login_required
@require_POST
def declare(request: HttpRequest, uuid) -> HttpResponse:
    """Say that the line of a site, or of the hub, was cut."""
    session = get_session_for(request.user, uuid, "settle")
    site, pk = None, request.POST.get("site", "")
    if pk:
        site = session.sites.filter(pk=read_key(pk)).first()
        if site is None:
            raise Http404
    since, until = (on_the_day(session, request.POST.get(name, "")) for name in ("since", "until"))
    try:
        if since is None or until is None:
            raise attendance.ListRefused(_("Give both times as hours and minutes."))
        staying.declare_outage(
            session,
            site=site,
            since=since,
            until=until,
            reason=request.POST.get("reason", ""),
            by=request.user,
            at_hub=True,
        )
    except attendance.ListRefused as error:
        return attendance_with(request, session, bad=str(error), status=400)
    messages.success(request, _("The cut line is declared."))
    return redirect("lms_courses:attendance", session.uuid)


@login_required
@require_POST
def take_back(request: HttpRequest, uuid, pk: int) -> HttpResponse:
    """Say that the line was not cut after all, with a reason."""
    session = get_session_for(request.user, uuid, "settle")
    outage = session.outages.filter(pk=pk).first()
    if outage is None:
        raise Http404
    try:
        staying.take_outage_back(outage, reason=request.POST.get("reason", ""), by=request.user)
    except attendance.ListRefused as error:
        return attendance_with(request, session, bad=str(error), status=400)
    return redirect("lms_courses:attendance", session.uuid)
