"""The hub's desk while a session runs: which sites are in, how many people, what does not fit; kept up by itself."""

from hashlib import sha256

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from courses import codes
from courses.models import Presence, Session
from courses.session_permissions import get_session_for
from courses.views.programme import agenda_of, note_speakers
from lms import clock

SECONDS = 10
"""Between two questions of one desk."""


@login_required
@never_cache
@require_GET
def desk(request: HttpRequest, uuid) -> HttpResponse:
    """The whole desk; its link "Refresh" does without a script what the script does by itself."""
    session = get_session_for(request.user, uuid)
    context = {"session": session, "seconds": SECONDS, **standing(session)}
    note_speakers(request, session, context["agenda"])
    return render(request, "lms_courses/hub_desk.html", context)


@login_required
@never_cache
@require_GET
def desk_now(request: HttpRequest, uuid) -> HttpResponse:
    """The part of the desk that changes; 304 where it is what the asker has."""
    session = get_session_for(request.user, uuid)
    context = {"session": session, **standing(session)}
    note_speakers(request, session, context["agenda"])
    html = render_to_string("lms_courses/includes/hub_desk_now.html", context, request)
    tag = f'"{sha256(html.encode()).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        answer = HttpResponse(html)
    answer["ETag"] = tag
    return answer


def standing(session: Session) -> dict:
    """How the session stands, in numbers without names; as many queries for two sites as for 350."""
    now = clock.nearly()
    counted = {"presences__retracts__isnull": True, "presences__retracted_by__isnull": True}
    rooms = list(
        session.sites.select_related("site")
        .annotate(present=Count("presences__person", filter=Q(**counted), distinct=True))
        .order_by("site__name", "pk")
    )
    evidence = session.presences.in_force().order_by()
    people = evidence.values("person").distinct()
    # Who stands in two rooms at once, or in another session of the same hours.
    double = (
        evidence.filter(site__isnull=False)
        .values("person")
        .annotate(rooms=Count("site", distinct=True))
        .filter(rooms__gt=1)
        .count()
    )
    beside = Session.objects.planned().exclude(pk=session.pk)
    beside = beside.filter(starts_at__lt=session.ends_at, ends_at__gt=session.starts_at)
    elsewhere = (
        Presence.objects.in_force()
        .filter(session__in=beside, person__in=people.values("person"))
        .order_by()
        .values("person")
        .distinct()
        .count()
    )
    is_live = session.state == Session.State.LIVE
    code = codes.code_at(session.secret, codes.step_at(clock.now().timestamp())) if is_live else ""
    return {
        "code": f"{code[:3]} {code[3:]}" if code else "",
        # Those nobody has come to stand first: they are the ones to telephone.
        "rooms": sorted(rooms, key=lambda room: room.present > 0),
        "sites_in": sum(1 for room in rooms if room.present),
        "people": people.count(),
        "expected": sum(room.expected or 0 for room in rooms),
        "attested": sum(1 for room in rooms if room.attested_at),
        "crowded": sum(1 for room in rooms if room.head_count is not None and room.present > room.head_count),
        "double": double,
        "elsewhere": elsewhere,
        "minutes_left": max(0, int((session.ends_at - now).total_seconds() // 60)),
        "begins_in": max(0, int((session.starts_at - now).total_seconds() // 60)),
        "agenda": agenda_of(session),
        "uses": session.uses.select_related("run__release", "lesson").order_by("pk"),
    }
