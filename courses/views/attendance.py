"""The attendance desk of the hub: who was there for how long, conflicts first; corrections, roles, settlement."""

from collections import Counter
from collections.abc import Container

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from courses import making_up, presence
from courses.actions import attendance, session_roles, sessions, settling
from courses.hours import rule_choices
from courses.models import (
    Attendance,
    Enrolment,
    Excuse,
    Presence,
    Session,
    SessionRole,
    SessionSite,
    SheetScan,
)
from courses.session_permissions import get_session_for
from courses.views.oddities import handed_in_alike, oddities_of, said_in
from courses.views.replies import on_the_day, read_uuid
from lms import clock, scope
from lms.actions import log_accesses
from lms.keys import read_key
from lms.models import Affiliation, Person

PER_PAGE = 50
ALONE = {
    Presence.Source.POSTER.value: gettext_lazy("by the poster alone"),
    Presence.Source.SHEET.value: gettext_lazy("by the paper list alone"),
    Presence.Source.PLATFORM.value: gettext_lazy("by a meeting report alone"),
}
"""Evidence that is trusted less than a code or a coordinator's tick, where there is nothing else."""


@login_required
@never_cache
@require_GET
def attendance_desk(request: HttpRequest, uuid) -> HttpResponse:
    """Who was there for how long, provisional until settled; conflicts first."""
    session = get_session_for(request.user, uuid, "host")
    return _desk(request, session)


def attendance_with(request: HttpRequest, session: Session, *, bad: str, status: int) -> HttpResponse:
    """The attendance desk with a refusal that another view of it has."""
    return _desk(request, session, bad=bad, status=status)


def _desk(request: HttpRequest, session: Session, *, bad: str = "", status: int = 200) -> HttpResponse:
    rooms = list(session.sites.select_related("site__facility", "attested_by__person").order_by("site__name"))
    found, q = settling.evidence_of(session), request.GET.get("q", "")
    people = _people(session, found, q)
    conflicts, hours = _conflicts(session, found, people), session.hours()
    is_over = clock.now() >= session.ends_at or session.state in {Session.State.ENDED, Session.State.SETTLED}
    # While it goes on, nobody has been there longer than it has lasted.
    so_far = hours if is_over else hours.until_now(clock.nearly())
    alike = handed_in_alike(rooms)
    same = set().union(*alike.values())
    people.sort(key=lambda person: (not conflicts.get(person.pk), person.pk not in same))
    page = Paginator(people, PER_PAGE).get_page(request.GET.get("p"))
    shown = list(page.object_list)
    log_accesses(request.user, shown, what=gettext_noop("attendance at a session"), purpose=session.title_vi)
    kept: dict[int, list[Presence]] = {}
    known = session.presences.filter(person__in=shown)
    for one in known.select_related("recorded_by__person", "site__site", "retracted_by", "scan").order_by(
        "pk"
    ):
        kept.setdefault(one.person_id, []).append(one)
    names = {room.pk: room.site.name for room in rooms}
    rows = [
        _row(
            session,
            hours,
            so_far,
            person,
            found.get(person.pk, []),
            kept.get(person.pk, []),
            names,
            conflicts,
        )
        for person in shown
    ]
    watched = making_up.of_session(session) if session.makeup_days else {}
    excused = dict(session.excuses.standing().values_list("person", "state"))
    for row in rows:
        pk = row["person"].pk
        row |= {"made_up": watched.get(pk), "excuse": excused.get(pk), "alike": pk in same}
    may_settle = scope.can(request.user, "settle", session)
    roles = _roles(request, session) if may_settle else {}
    log_accesses(
        request.user,
        roles.get("found", []),
        what=gettext_noop("attendance at a session"),
        purpose=session.title_vi,
    )
    context = {
        "session": session,
        "rows": rows,
        "page": page,
        **roles,
        **(making_up.choices(request.user, session) if may_settle else {}),
        "rooms": _rooms(rooms, alike),
        "conflicts": sum(1 for person in people if conflicts.get(person.pk)),
        "may_settle": may_settle,
        # What is archived is read here as before, without the forms that correct it.
        "may_correct": may_settle and session.archived_at is None,
        "is_settled": session.state == Session.State.SETTLED,
        "is_over": is_over,
        "q": q,
        "bad": bad,
        "excuses": len(excused),
        "excuses_open": sum(state in Excuse.OPEN for state in excused.values()),
        "cuts": session.outages.select_related("site__site", "declared_by__person", "ended_by__person"),
    }
    return render(request, "lms_courses/attendance.html", context, status=status)


def _roles(request: HttpRequest, session: Session) -> dict:
    """Who led, taught or presented, and the people of session and hub that a name finds."""
    who = request.GET.get("who", "").strip()
    found = list(_may_hold_a_role(session).matching(who).by_given_name()[:12]) if who else []
    return {
        "roles": session.roles.select_related("person", "named_by__person", "ended_by__person"),
        "role_choices": SessionRole.Role.choices,
        "rule_choices": rule_choices() if found else [],
        "who": who,
        "found": found,
    }


def _may_hold_a_role(session: Session):
    """People expected in the session, and those who work at its hub or below it."""
    here = Affiliation.objects.in_force().filter(facility__path__startswith=session.hub.path)
    return Person.objects.living().filter(
        Q(pk__in=session.expected_people().values("pk")) | Q(pk__in=here.values("person"))
    )


def _people(session: Session, found: dict, q: str) -> list[Person]:
    """Whoever has evidence or learns with this session; *q* also looks in the rosters of its sites."""
    learning = Enrolment.objects.open().filter(run__session_uses__session=session).values("person")
    excused = session.excuses.standing().values("person")
    known = Q(pk__in=list(found)) | Q(pk__in=learning) | Q(pk__in=excused)
    people = Person.objects.exclude(state=Person.State.MERGED)
    if q.strip():
        known |= Q(pk__in=session.expected_people().values("pk"))
        people = people.matching(q)
    return list(people.filter(known).distinct().by_given_name().select_related("profession"))


def _conflicts(session: Session, found: dict, people: list[Person]) -> dict[int, list[presence.Conflict]]:
    """Stays of each person that overlap with another site or another session."""
    others = (
        Session.objects.planned()
        .filter(starts_at__lt=session.ends_at, ends_at__gt=session.starts_at, presences__person__in=found)
        .exclude(pk=session.pk)
        .distinct()
    )
    hours = session.hours()
    stays = {
        pk: presence.stays(session.pk, rows, hours, pulse=settling.pulse()) for pk, rows in found.items()
    }
    for other in others:
        elsewhere = other.hours()
        for pk, rows in settling.evidence_of(other, list(found)).items():
            stays[pk] += presence.stays(other.pk, rows, elsewhere, pulse=settling.pulse())
    return {pk: presence.conflicts(rows) for pk, rows in stays.items()}


def _row(
    session: Session,
    hours: presence.Hours,
    so_far: presence.Hours,
    person: Person,
    evidence: list[presence.Evidence],
    kept: list[Presence],
    names: dict[int, str],
    conflicts: dict,
) -> dict:
    length = presence.minutes(evidence, hours, pulse=settling.pulse())
    state = presence.verdict(length, hours, session.present_pct, session.partial_pct)
    return {
        "person": person,
        "minutes": int(presence.minutes(evidence, so_far, pulse=settling.pulse())),
        "state": state,
        "state_text": Attendance.State(state).label,
        "sites": sorted({names[one.site] for one in presence.in_force(evidence) if one.site in names}),
        "evidence": kept,
        "clashes": conflicts.get(person.pk, []),
        "alone": ALONE.get("".join({one.source for one in presence.in_force(evidence)}), ""),
    }


def _rooms(rooms: list[SessionSite], alike: Container[int]) -> list[dict]:
    """Each room with who is in it, what does not fit and its pictures of the paper list; *alike* as found before."""
    said = said_in(rooms)
    scans = SheetScan.objects.filter(room__in=rooms, removed_at=None)
    pictures = Counter(scans.values_list("room", flat=True))
    return [
        {
            "room": room,
            "present": len({row.person for row in said[room.pk]}),
            "oddities": oddities_of(room, said[room.pk], is_alike=room.pk in alike),
            "scans": pictures[room.pk],
        }
        for room in rooms
    ]


@login_required
@require_POST
def override(request: HttpRequest, uuid) -> HttpResponse:
    """Enter an interval for one person, with its reason."""
    session = get_session_for(request.user, uuid, "settle")
    posted = request.POST
    pk = posted.get("person", "")
    learning = Enrolment.objects.filter(run__session_uses__session=session).values("person")
    known = Q(pk__in=learning) | Q(pk__in=session.presences.values("person"))
    known |= Q(pk__in=session.expected_people().values("pk"))
    person = Person.objects.filter(known, pk=read_key(pk)).first()
    if person is None:
        raise Http404
    since, until = (on_the_day(session, posted.get(name, "")) for name in ("since", "until"))
    try:
        if since is None or until is None:
            raise attendance.ListRefused(_("Give both times as hours and minutes."))
        attendance.override(
            session,
            person=person,
            since=since,
            until=until,
            reason=posted.get("reason", ""),
            by=request.user,
            client_id=read_uuid(posted.get("client_id", "")),
        )
    except attendance.ListRefused as error:
        return _desk(request, session, bad=str(error), status=400)
    messages.success(request, _("Recorded for %(name)s.") % {"name": person.full_name})
    return redirect("lms_courses:attendance", session.uuid)


@login_required
@require_POST
def take_back(request: HttpRequest, uuid, pk: int) -> HttpResponse:
    """Take one piece of evidence back, with its reason."""
    session = get_session_for(request.user, uuid, "settle")
    row = Presence.objects.filter(session=session, pk=pk).first()
    if row is None:
        raise Http404
    try:
        attendance.take_back(row, reason=request.POST.get("reason", ""), by=request.user)
    except attendance.ListRefused as error:
        return _desk(request, session, bad=str(error), status=400)
    return redirect("lms_courses:attendance", session.uuid)


@login_required
@require_POST
def settle(request: HttpRequest, uuid) -> HttpResponse:
    """Turn the evidence into facts."""
    session = get_session_for(request.user, uuid, "settle")
    try:
        settling.settle(session, by=request.user)
    except attendance.ListRefused as error:
        return _desk(request, session, bad=str(error), status=409)
    messages.success(request, _("Attendance is settled and counts for the classes that use this session."))
    return redirect("lms_courses:attendance", session.uuid)


@login_required
@require_POST
def name_role(request: HttpRequest, uuid) -> HttpResponse:
    """Name a chair, speaker, secretary or case presenter."""
    session = get_session_for(request.user, uuid, "settle")
    posted = request.POST
    pk, periods = posted.get("person", ""), posted.get("periods", "1")
    person = _may_hold_a_role(session).filter(pk=read_key(pk)).first()
    if person is None:
        raise Http404
    try:
        session_roles.name_role(
            session,
            person=person,
            role=posted.get("role", ""),
            rule_code=posted.get("rule_code", ""),
            periods=int(periods) if periods.isascii() and periods.isdigit() and len(periods) < 4 else 0,
            by=request.user,
        )
    except sessions.SessionRefused as error:
        return _desk(request, session, bad=str(error), status=400)
    messages.success(request, _("Recorded for %(name)s.") % {"name": person.full_name})
    return redirect("lms_courses:attendance", session.uuid)


@login_required
@require_POST
def end_role(request: HttpRequest, uuid, pk: int) -> HttpResponse:
    """End a role that was named by mistake."""
    session = get_session_for(request.user, uuid, "settle")
    row = session.roles.filter(pk=pk).first()
    if row is None:
        raise Http404
    try:
        session_roles.end_session_role(row, reason=request.POST.get("reason", ""), by=request.user)
    except sessions.SessionRefused as error:
        return _desk(request, session, bad=str(error), status=400)
    return redirect("lms_courses:attendance", session.uuid)
