"""Sites: the public directory with its schematic map, and the connection test before a session."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from courses import directory
from courses.actions import sessions
from courses.models import ConnectionTest
from courses.session_permissions import get_room_for, get_session_for
from lms import limits

PER_PAGE = 50
REPORTS_AN_HOUR = 60


@require_GET
def sites(request: HttpRequest) -> HttpResponse:
    """The golden book of sites: search, filter, a schematic map. Public: it names no person."""
    q, province = request.GET.get("q", "").strip()[:80], request.GET.get("province", "")
    everything = directory.places()
    dots = directory.dots(everything)
    placed = [dot for dot in dots if dot.x is not None]
    frame = directory.frame(placed)
    province = province if any(dot.code == province for dot in dots) else ""
    found = directory.matching(everything, text=q, province=province)
    context = {
        "q": q,
        "province": province,
        "dots": dots,
        "placed": placed,
        "frame": frame,
        # Letters of the drawing as large as those beside it, where there is room.
        "wide": round(frame[2] * 1.6),
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("p")),
        "total": len(everything),
    }
    return render(request, "lms_courses/sites.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def connection(request: HttpRequest, pk: int) -> HttpResponse:
    """A coordinator reports whether the room is in, sees and hears; earlier reports stay below."""
    room = get_room_for(request.user, pk)
    bad, status = "", 200
    if request.method == "POST":
        if not limits.hit(
            "lms_courses.connection", str(request.user.pk), limit=REPORTS_AN_HOUR, seconds=3600
        ):
            bad, status = _("You have sent a lot within the hour. Please wait a little."), 429
        else:
            sessions.report_connection(
                room,
                **{name: request.POST.get(name) == "1" for name in ("is_in", "picture", "sound")},
                note=request.POST.get("note", ""),
                by=request.user,
            )
            messages.success(request, _("The hub sees your report."))
            return redirect("lms_courses:connection", room.pk)
    context = {
        "room": room,
        "session": room.session,
        "bad": bad,
        "tests": room.tests.select_related("reported_by__person")[:20],
    }
    return render(request, "lms_courses/connection.html", context, status=status)


@login_required
@never_cache
@require_GET
def connections(request: HttpRequest, uuid) -> HttpResponse:
    """The hub's board: what each site reported last, who and when, and what before."""
    session = get_session_for(request.user, uuid)
    rooms = list(session.sites.select_related("site").order_by("site__name", "pk"))
    told: dict[int, list[ConnectionTest]] = {}
    for test in ConnectionTest.objects.filter(room__in=rooms).select_related("reported_by__person"):
        told.setdefault(test.room_id, []).append(test)
    lines = [{"room": room, "tests": told.get(room.pk, [])} for room in rooms]
    # What is missing stands first: silent rooms, then those that miss something.
    lines.sort(key=lambda line: 2 if line["tests"] and line["tests"][0].is_good else bool(line["tests"]))
    good = sum(1 for line in lines if line["tests"] and line["tests"][0].is_good)
    context = {"session": session, "lines": lines, "good": good}
    return render(request, "lms_courses/connections.html", context)
