"""The hub's office puts a session away for good, or takes it back with a reason."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from courses.actions import archiving
from courses.session_permissions import get_session_for
from courses.views.attendance import attendance_with


@login_required
@require_POST
def archive(request: HttpRequest, uuid) -> HttpResponse:
    """Put a settled session away."""
    session = get_session_for(request.user, uuid, "settle")
    try:
        archiving.archive(session, by=request.user)
    except archiving.ArchivingRefused as error:
        return attendance_with(request, session, bad=str(error), status=409)
    messages.success(request, _("The session is archived. It stands in the calendar under “Archived”."))
    return redirect("lms_courses:attendance", session.uuid)


@login_required
@require_POST
def unarchive(request: HttpRequest, uuid) -> HttpResponse:
    """Take an archived session back, with a reason."""
    session = get_session_for(request.user, uuid, "settle")
    try:
        archiving.unarchive(session, reason=request.POST.get("reason", ""), by=request.user)
    except archiving.ArchivingRefused as error:
        return attendance_with(request, session, bad=str(error), status=400)
    messages.success(request, _("The session is taken back from the archive and can be corrected."))
    return redirect("lms_courses:attendance", session.uuid)
