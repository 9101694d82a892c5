"""What a phone does after checking in: answer that its owner is there, check out; the poster of a site."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from courses import codes, qr
from courses.actions import attendance, proof, staying
from courses.models import Session, SessionSite
from courses.views.checkin import count_wrong, device_of, is_blocked, limit_keys, refuse_check_in
from courses.views.replies import read_uuid
from lms import clock, scope
from lms.models import RoleAssignment, TeleSite
from lms.permissions import person_of


def _own(request: HttpRequest, uuid):
    session = Session.objects.planned().filter(uuid=uuid).first()
    person = person_of(request.user)
    if session is None or person is None:
        raise Http404
    return session, person


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def stay(request: HttpRequest, uuid) -> HttpResponse:
    """Whether something is asked now; or one's answer, one's check-out, and taking that back."""
    session, person = _own(request, uuid)
    if request.method == "GET":
        asked = staying.is_inside(staying.own_stay(session, person)) and staying.asks_now(
            session, clock.now()
        )
        return JsonResponse({"asks": bool(asked)})
    keys = limit_keys(request, person, is_late=False)
    if is_blocked(keys):
        return refuse_check_in(
            request,
            session,
            person,
            title=_("Too many tries"),
            text=_("Wait ten minutes, or ask the coordinator of your site to tick your name."),
            status=429,
        )
    act, common = request.POST.get("act", ""), {"person": person, "by": request.user}
    try:
        if act == "here":
            staying.answer_prompt(session, device=device_of(request), **common)
        elif act == "out":
            staying.check_out(
                session,
                code=request.POST.get("code", "")[:40],
                client_id=read_uuid(request.POST.get("client_id", "")),
                device=device_of(request),
                **common,
            )
        elif act == "back":
            staying.undo_check_out(session, **common)
        else:
            raise Http404
    except (proof.CheckInRefused, attendance.ListRefused) as error:
        if isinstance(error, proof.CodeWrong | proof.CodeStale):
            count_wrong(keys)
        return refuse_check_in(
            request, session, person, title=_("Nothing was recorded"), text=str(error), status=409
        )
    return redirect("lms_courses:check_in", session.uuid)


# --- the poster on the wall of a site


@never_cache
@require_GET
def at_site(request: HttpRequest, token: str) -> HttpResponse:
    """From the poster of a site to the check-in of what goes on there now. Writes nothing."""
    # A poster printed before the site's secret was changed still opens while the old one is named.
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    site = next((pk for key in secrets if (pk := codes.read_poster_token(key, token)) is not None), None)
    if site is None:
        raise Http404
    now = clock.nearly()
    live = Session.objects.going_on(now, early=attendance.early(), late=attendance.late())
    rooms = list(
        SessionSite.objects.filter(site=site, session__in=live)
        .select_related("session__hub", "site")
        .order_by("session__starts_at")[:20]
    )
    links = [(room, door(room)) for room in rooms]
    if len(links) == 1:
        return redirect(links[0][1])
    ahead = SessionSite.objects.filter(site=site, session__in=Session.objects.to_come(now))
    ahead = ahead.filter(session__starts_at__lte=now + timedelta(days=14)).select_related(
        "session__hub", "site"
    )
    context = {"links": links, "ahead": ahead.order_by("session__starts_at")[:5]}
    return render(request, "lms_courses/at_site.html", context)


def door(room: SessionSite) -> str:
    """The check-in of *room* by a printed code, which proves the place and no moment."""
    token = codes.site_token(room.secret, str(room.session.uuid), room.pk, None)
    return reverse("lms_courses:check_in", args=[room.session.uuid]) + f"?t={token}"


@login_required
@never_cache
@require_GET
def poster(request: HttpRequest, pk: int) -> HttpResponse:
    """The poster of one of my sites, to print and hang up; ``?picture`` gives its QR code alone."""
    sites = TeleSite.objects.filter(
        facility__in=scope.facilities(request.user, [RoleAssignment.Role.SITE_COORDINATOR]), is_active=True
    )
    site = sites.filter(pk=pk).select_related("facility").first()
    if site is None:
        raise Http404
    if "picture" in request.GET:
        address = reverse("lms_courses:at_site", args=[codes.poster_token(settings.SECRET_KEY, site.pk)])
        return HttpResponse(qr.svg(request.build_absolute_uri(address)), content_type="image/svg+xml")
    return render(request, "lms_courses/poster.html", {"site": site})
