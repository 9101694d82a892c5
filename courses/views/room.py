"""The coordinator's desk: my rooms today, the list of one room, its QR code."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from courses import codes, qr
from courses.actions import attendance, sessions, staying
from courses.models import Presence, Session, SessionSite
from courses.permissions import Role
from courses.session_permissions import get_room_for, rooms_of
from courses.views.oddities import oddities_of, said_in
from courses.views.replies import clock_time, kept_for, on_the_day, read_uuid, refused, wants_json
from lms import clock, scope
from lms.actions import log_accesses
from lms.keys import read_key
from lms.models import Affiliation, Person, TeleSite

PER_PAGE = 20
"""Sessions of one list."""
SHOWN = 300
"""Names on one page of a list; more are found by search."""


def _my_sites(user):
    return TeleSite.objects.filter(
        facility__in=scope.facilities(user, [Role.SITE_COORDINATOR]), is_active=True
    ).select_related("facility")


@login_required
@require_GET
def rooms(request: HttpRequest) -> HttpResponse:
    """Today's sessions of my rooms, lists still to confirm, sessions to join."""
    sites = list(_my_sites(request.user))
    mine = rooms_of(request.user)
    if not sites and not mine.exists():
        raise Http404
    now = clock.nearly()
    planned = mine.exclude(session__state=Session.State.CANCELLED)
    today = planned.filter(session__starts_at__lte=now + timedelta(days=1), session__ends_at__gte=now)
    over = planned.filter(session__ends_at__lt=now, session__ends_at__gte=now - timedelta(days=7))
    coming = (
        Session.objects.to_come(now).filter(starts_at__lte=now + timedelta(days=14)).select_related("hub")
    )
    joined = set(mine.filter(session__in=coming).values_list("session", "site"))
    joinable = [
        (session, [site for site in sites if (session.pk, site.pk) not in joined])
        for session in coming
        if any((session.pk, site.pk) not in joined for site in sites)
    ]
    later = planned.filter(session__starts_at__gt=now + timedelta(days=1)).order_by("session__starts_at")
    context = {
        "today": today.order_by("session__starts_at")[:SHOWN],
        "unconfirmed": over.filter(attested_at__isnull=True)
        .exclude(session__state=Session.State.SETTLED)
        .order_by("-session__starts_at")[:SHOWN],
        "joinable": Paginator(joinable, PER_PAGE).get_page(request.GET.get("j")),
        "later": Paginator(later, PER_PAGE).get_page(request.GET.get("p")),
    }
    return render(request, "lms_courses/rooms.html", context)


@login_required
@require_POST
def join(request: HttpRequest) -> HttpResponse:
    """Let one of my sites take part in a session."""
    session_pk, site_pk = request.POST.get("session", ""), request.POST.get("site", "")
    site = _my_sites(request.user).filter(pk=read_key(site_pk)).first()
    session = Session.objects.planned().filter(pk=read_key(session_pk)).first()
    if site is None or session is None:
        raise Http404
    try:
        expected = read_key(request.POST.get("expected", ""))
        people = None if expected is None else min(expected, 999)
        sessions.join_site(session, site=site, expected=people)
        messages.success(request, _joined(site, people))
    except sessions.SessionRefused as error:
        messages.error(request, str(error))
    room = read_key(request.POST.get("room", ""))
    return redirect("lms_courses:rooms") if room is None else redirect("lms_courses:room", room)


def _joined(site: TeleSite, people: int | None) -> str:
    """What was noted, and whether the room is large enough; it is taken all the same, for people also stand."""
    if people is None:
        return _("%(site)s takes part.") % {"site": site.name}
    if people > site.capacity:
        return ngettext(
            "%(site)s takes part with %(people)s people. The room has %(seats)s seat.",
            "%(site)s takes part with %(people)s people. The room has %(seats)s seats.",
            site.capacity,
        ) % {"site": site.name, "people": people, "seats": site.capacity}
    return ngettext(
        "%(site)s takes part with %(people)s person.", "%(site)s takes part with %(people)s people.", people
    ) % {"site": site.name, "people": people}


@login_required
@never_cache
@require_GET
def desk(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of one room: tick, add a stranger, confirm."""
    return _desk(request, get_room_for(request.user, pk))


def _desk(request: HttpRequest, room: SessionSite, *, bad: str = "", status: int = 200) -> HttpResponse:
    q = request.GET.get("q", "").strip()
    roster = room.roster().select_related("profession")
    total = roster.count()
    if q:
        roster = roster.matching(q)
    people = list(roster[:SHOWN])
    log_accesses(request.user, people, what=gettext_noop("the list of a room"), purpose=room.session.title_vi)
    rows = _rows(room, people)
    said = said_in([room])[room.pk]
    present, oddities = len({row.person for row in said}), oddities_of(room, said)
    session = room.session
    context = {
        "room": room,
        "session": session,
        "rows": rows,
        "q": q,
        "has_search": bool(q) or total > 12,
        "hidden": (roster.count() if q else total) - SHOWN if len(people) == SHOWN else 0,
        "count": _count(present, total),
        "present": present,
        "oddities": oddities,
        "is_open": _is_open(room),
        "is_early": not session.is_over and clock.now() < session.starts_at,
        "outages": room.session.outages.filter(Q(site=room) | Q(site=None), ended_at=None),
        "posted": request.POST if bad else {},
        "bad": bad,
    }
    return render(request, "lms_courses/room.html", context, status=status)


def _is_open(room: SessionSite) -> bool:
    """Whether the list can be changed now; the action decides again."""
    closed = {Session.State.SETTLED, Session.State.CANCELLED}
    begins = room.session.starts_at - attendance.early()
    return not room.attested_at and room.session.state not in closed and clock.now() >= begins


def _count(present: int, total: int) -> str:
    return ngettext(
        "%(present)s of %(total)s person present", "%(present)s of %(total)s people present", total
    ) % {"present": present, "total": total}


TAGS = {
    Presence.Source.SELF_CODE: lambda time: _("code %(time)s") % {"time": time},
    Presence.Source.SELF_QR: lambda time: _("QR %(time)s") % {"time": time},
    Presence.Source.POSTER: lambda time: _("poster %(time)s") % {"time": time},
    Presence.Source.PROMPT: lambda time: _("answered %(time)s") % {"time": time},
    Presence.Source.OUT: lambda time: _("left %(time)s") % {"time": time},
    Presence.Source.ROSTER: lambda time: _("ticked %(time)s") % {"time": time},
    Presence.Source.SHEET: lambda time: _("paper %(time)s") % {"time": time},
    Presence.Source.PLATFORM: lambda time: _("meeting %(time)s") % {"time": time},
    Presence.Source.HUB: lambda time: _("hub %(time)s") % {"time": time},
}


def _rows(room: SessionSite, people: list[Person]) -> list[dict]:
    """One line per person: what is known of them in this session, at this site or another."""
    known: dict[int, list[Presence]] = {}
    rows = Presence.objects.in_force().filter(session=room.session_id, person__in=people)
    for row in rows.select_related("site__site").order_by("since", "pk"):
        known.setdefault(row.person_id, []).append(row)
    places = {}
    below = Affiliation.objects.in_force().filter(
        person__in=people, facility__path__startswith=room.site.facility.path
    )
    for affiliation in below.exclude(facility=room.site.facility).select_related("facility"):
        places[affiliation.person_id] = affiliation.facility.name
    return [_line(room, person, known.get(person.pk, []), places.get(person.pk, "")) for person in people]


def _line(room: SessionSite, person: Person, known: list[Presence], place: str) -> dict:
    tags, seen = [], set()
    for row in known:
        # The coordinator's own words are dated when they were said, codes when they were shown.
        told = row.recorded_at if row.source == Presence.Source.ROSTER else row.since
        elsewhere = row.site_id not in {room.pk, None}
        if (row.source, elsewhere) not in seen:
            seen.add((row.source, elsewhere))
            text = TAGS[row.source](clock_time(told))
            if elsewhere:
                text = _("%(what)s at %(site)s") % {"what": text, "site": row.site.site.name}
            tags.append({"text": text, "tone": "warn" if elsewhere else "good"})
    is_ticked = any(row.source == Presence.Source.ROSTER and row.site_id == room.pk for row in known)
    return {
        "person": person,
        "place": place,
        "tags": tags,
        "is_ticked": is_ticked,
        "checked": "true" if is_ticked else "mixed" if known else "false",
    }


@login_required
@require_POST
def tick(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick or untick one person: ``set`` is "<person>:1" or "<person>:0"."""
    room = get_room_for(request.user, pk)
    person_pk, _colon, wanted = request.POST.get("set", "").partition(":")
    person = room.roster().filter(pk=read_key(person_pk)).first()
    if person is None or wanted not in {"0", "1"}:
        raise Http404
    client_id = read_uuid(request.POST.get("client_id", ""))
    try:
        if wanted == "1":
            attendance.tick(room, person=person, by=request.user, client_id=client_id, **kept_for(request))
        else:
            attendance.untick(room, person=person, by=request.user, client_id=client_id)
    except attendance.ListRefused as error:
        return _refuse(request, room, error)
    if wants_json(request):
        return _row_alone(request, room, person)
    address = reverse("lms_courses:room", args=[room.pk])
    return redirect(f"{address}#p{person.pk}")


def _row_alone(request: HttpRequest, room: SessionSite, person: Person) -> JsonResponse:
    """One line of the list as it stands now, for the page's script."""
    [row] = _rows(room, [person])
    context = {"row": row, "is_open": True, "room": room}
    html = render_to_string("lms_courses/includes/room_row.html", context, request)
    present = Presence.objects.in_force().filter(site=room).values("person").distinct().count()
    count = _count(present, room.roster().count())
    answer = {"row": html, "person": person.pk, "count": count, "at": clock_time(clock.now())}
    return JsonResponse(answer)


def _refuse(request: HttpRequest, room: SessionSite, error: Exception) -> HttpResponse:
    if wants_json(request):
        return refused(request, title=_("Not recorded"), text=str(error), status=409)
    room.refresh_from_db(fields=["attested_at", "attested_by", "head_count"])
    return _desk(request, room, bad=str(error), status=409)


@login_required
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add and tick somebody who is not on the list."""
    room = get_room_for(request.user, pk)
    posted = request.POST
    year = posted.get("birth_year", "").strip()
    try:
        if not (year.isascii() and year.isdigit() and len(year) == 4):
            raise attendance.ListRefused(_("Give the birth year as four digits."))
        row = attendance.add_stranger(
            room,
            full_name=posted.get("full_name", "")[:200],
            birth_year=int(year),
            phone_or_licence=posted.get("contact", "")[:60],
            by=request.user,
            client_id=read_uuid(posted.get("client_id", "")),
            **kept_for(request),
        )
    except attendance.ListRefused as error:
        return _refuse(request, room, error)
    if wants_json(request):
        log_accesses(
            request.user, [row.person], what=gettext_noop("the list of a room"), purpose=room.session.title_vi
        )
        return _row_alone(request, room, row.person)
    messages.success(request, _("%(name)s is added and ticked.") % {"name": row.person.full_name})
    return redirect("lms_courses:room", room.pk)


@login_required
@require_POST
def attest(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm the list and lock it."""
    room = get_room_for(request.user, pk)
    heads = request.POST.get("head_count", "").strip()
    try:
        if not (heads.isascii() and heads.isdigit() and len(heads) <= 3):
            raise attendance.ListRefused(_("Count the people in the room and give their number."))
        attendance.attest(room, head_count=int(heads), by=request.user)
    except attendance.ListRefused as error:
        return _refuse(request, room, error)
    if wants_json(request):
        return JsonResponse({"locked": True, "text": _("The list is confirmed.")})
    return redirect("lms_courses:room", room.pk)


@login_required
@require_POST
def declare_outage(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the line of the room was cut, from when until when."""
    room = get_room_for(request.user, pk)
    since, until = (on_the_day(room.session, request.POST.get(name, "")) for name in ("since", "until"))
    try:
        if since is None or until is None:
            raise attendance.ListRefused(_("Give both times as hours and minutes."))
        staying.declare_outage(
            room.session,
            site=room,
            since=since,
            until=until,
            reason=request.POST.get("reason", ""),
            by=request.user,
        )
    except attendance.ListRefused as error:
        return _refuse(request, room, error)
    messages.success(request, _("The cut line is declared; the hub sees it."))
    return redirect("lms_courses:room", room.pk)


# --- the QR code of the room


@login_required
@never_cache
@require_GET
def room_qr(request: HttpRequest, pk: int) -> HttpResponse:
    """The screen with the QR code of the room, renewed each minute."""
    room = get_room_for(request.user, pk)
    return render(
        request, "lms_courses/room_qr.html", {"room": room, "session": room.session, **_qr_now(room)}
    )


@login_required
@never_cache
@require_GET
def room_qr_now(request: HttpRequest, pk: int) -> JsonResponse:
    """Which picture the QR screen shows now, for its script."""
    return JsonResponse(_qr_now(get_room_for(request.user, pk)))


def _qr_now(room: SessionSite) -> dict:
    moment = int(clock.now().timestamp())
    life = codes.STEP * codes.SITE_STEPS
    picture = reverse("lms_courses:room_qr_picture", args=[room.pk])
    return {"qr": f"{picture}?n={moment // life}", "seconds": life - moment % life}


@login_required
@never_cache
@require_GET
def room_qr_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The QR code itself; ``?printed`` gives the one for paper, which has no moment."""
    room = get_room_for(request.user, pk)
    moment = None if "printed" in request.GET else clock.now().timestamp()
    token = codes.site_token(room.secret, str(room.session.uuid), room.pk, moment)
    address = reverse("lms_courses:check_in", args=[room.session.uuid]) + f"?t={token}"
    return HttpResponse(qr.svg(request.build_absolute_uri(address)), content_type="image/svg+xml")
