"""The screen that everybody in a meeting looks at: the code, large; open and end the session."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from courses import codes, qr
from courses.actions import sessions
from courses.models import Session
from courses.session_permissions import get_session_for
from lms import clock


@login_required
@never_cache
@require_GET
def hub(request: HttpRequest, uuid) -> HttpResponse:
    """The screen that everybody in the meeting looks at: the code, large."""
    session = get_session_for(request.user, uuid)
    context = {"session": session, "drafts": _drafts_of_series(session), **_now(request, session)}
    return render(request, "lms_courses/hub.html", context)


def _drafts_of_series(session: Session) -> int:
    if session.state != Session.State.DRAFT or session.series_id is None:
        return 0
    return Session.objects.filter(series=session.series_id, state=Session.State.DRAFT).count()


@login_required
@never_cache
@require_GET
def hub_now(request: HttpRequest, uuid) -> JsonResponse:
    """What the hub's screen shows now, for its script."""
    session = get_session_for(request.user, uuid)
    return JsonResponse(_now(request, session))


@login_required
@never_cache
@require_GET
def hub_qr(request: HttpRequest, uuid) -> HttpResponse:
    """The QR code of the present code: a link that fills the check-in form."""
    session = get_session_for(request.user, uuid)
    code = codes.code_at(session.secret, codes.step_at(clock.now().timestamp()))
    address = reverse("lms_courses:check_in", args=[session.uuid]) + f"?c={code}"
    return HttpResponse(qr.svg(request.build_absolute_uri(address)), content_type="image/svg+xml")


def _now(request: HttpRequest, session: Session) -> dict:
    moment = clock.now().timestamp()
    step = codes.step_at(moment)
    is_shown = session.state == Session.State.LIVE
    sites = session.sites.count()
    people = session.presences.in_force().values("person").distinct().count()
    code = codes.code_at(session.secret, step)
    return {
        "code": f"{code[:3]} {code[3:]}" if is_shown else "",
        "seconds": codes.moment_of(step + 1) - int(moment),
        "qr": reverse("lms_courses:hub_qr", args=[session.uuid]) + f"?n={step}" if is_shown else "",
        "people": ngettext("%(count)s person present", "%(count)s people present", people)
        % {"count": people},
        "sites": ngettext("%(count)s site", "%(count)s sites", sites) % {"count": sites},
    }


@login_required
@require_POST
def move(request: HttpRequest, uuid) -> HttpResponse:
    """Open or end a session, from the hub's screen."""
    session = get_session_for(request.user, uuid)
    verbs = {
        "publish": sessions.publish_session,
        "publish-series": sessions.publish_series,
        "open": sessions.open_session,
        "end": sessions.end_session,
    }
    if request.POST.get("to") not in verbs:
        raise Http404
    try:
        verbs[request.POST["to"]](session, by=request.user)
    except sessions.SessionRefused as error:
        messages.error(request, str(error))
    if session.state == Session.State.ENDED:
        return redirect("lms_courses:attendance", session.uuid)
    return redirect("lms_courses:hub", session.uuid)
