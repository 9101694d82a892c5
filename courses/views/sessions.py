"""Live sessions: the list for everybody, the hub's screen, the hub's attendance desk."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext
from django.utils.translation import override as speaking
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courses import codes, ics, presence, qr
from courses.actions import attendance, series, session_roles, sessions, settling
from courses.conf import conf
from courses.forms_live import ChangeHours, PlanSession
from courses.models import (
    Attendance,
    CalendarFeed,
    Enrolment,
    Lesson,
    Presence,
    Session,
    SessionRole,
    SessionSite,
)
from courses.permissions import SESSION_ACTS, get_meeting_for, get_session_for
from courses.views.replies import on_the_day, read_uuid
from lms import clock, scope
from lms.actions import log_accesses
from lms.models import Affiliation, Person
from lms.permissions import person_of

ODDITIES = {
    "crowded": gettext_lazy("More people than seats in the room."),
    "uncounted": gettext_lazy("More names than people counted."),
    "hasty": gettext_lazy("All names were ticked within ten seconds."),
    "shared": gettext_lazy("One phone checked in more people than one phone usually does."),
    "after": gettext_lazy("Somebody checked in here after the list was confirmed."),
}


@require_GET
def session_list(request: HttpRequest) -> HttpResponse:
    """Sessions going on, to come and just over. Public: a calendar holds no personal data."""
    now = clock.nearly()
    shown = Session.objects.planned().select_related("hub").annotate(site_count=Count("sites"))
    coming = list(shown.filter(ends_at__gte=now).order_by("starts_at", "pk")[:60])
    hosted = scope.limit(Session.objects.all(), request.user, "host").values_list("pk", flat=True)
    mine = _lessons_of(person_of(request.user), coming)
    hosting = set(hosted.filter(pk__in=[one.pk for one in coming]))
    context = {
        "live": [one for one in coming if one.starts_at <= now + timedelta(minutes=30)],
        "coming": [one for one in coming if one.starts_at > now + timedelta(minutes=30)],
        "past": list(shown.filter(ends_at__lt=now, pk__in=hosted)[:20]),
        "hosted": hosting,
        "mine": mine,
        "invited": mine | hosting | _at_the_site_of(person_of(request.user), coming),
        "is_host": scope.can(request.user, "host", Session),
        **_own_feed(request),
    }
    return render(request, "lms_courses/session_list.html", context)


def _own_feed(request: HttpRequest) -> dict:
    """Whether the reader can have a calendar of one's own, and its address where there is one."""
    person = person_of(request.user)
    if person is None:
        return {"may_subscribe": False}
    own = CalendarFeed.objects.filter(person=person).first()
    address = reverse("lms_courses:feed", args=[own.token]) if own else ""
    return {"may_subscribe": True, "feed": request.build_absolute_uri(address) if own else ""}


def _lessons_of(person, shown: list[Session]) -> set[int]:
    """Which of the sessions shown serve as a lesson of a class the reader learns in."""
    if person is None:
        return set()
    learning = Enrolment.objects.open().of(person).values("run")
    return set(
        Session.objects.filter(pk__in=[one.pk for one in shown], uses__run__in=learning).values_list(
            "pk", flat=True
        )
    )


def _at_the_site_of(person, shown: list[Session]) -> set[int]:
    """In which of the sessions shown the reader's workplace takes part: who else gets the link to join."""
    if person is None:
        return set()
    workplaces = person.affiliations.in_force().values("facility")
    there = Session.objects.filter(pk__in=[one.pk for one in shown], sites__site__facility__in=workplaces)
    return set(there.values_list("pk", flat=True))


@login_required
@never_cache
@require_GET
def meeting(request: HttpRequest, uuid) -> HttpResponse:
    """The way into the meeting, with the name under which its report will be matched by itself."""
    session = get_meeting_for(request.user, uuid)
    person = person_of(request.user)
    context = {"session": session, "join_url": session.join_url, "name": ""}
    if person is not None:
        tag = codes.person_tag(session.secret, person.pk)
        context["name"] = f"{person.full_name} #{tag}"
        context["join_url"] = _with_name(session.join_url, context["name"])
    return render(request, "lms_courses/meeting.html", context)


def _with_name(address: str, name: str) -> str:
    """*address* with the name filled in, where the meeting program takes one from its link."""
    parts = urlsplit(address)
    if not (parts.hostname or "").endswith("zoom.us"):
        return address
    query = [*parse_qsl(parts.query), ("uname", name)]
    return urlunsplit(parts._replace(query=urlencode(query)))


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
    names = ("title_vi", "title_en", "join_url", "rule_code", "credits_outages")
    values = {name: data[name] for name in names}
    uses = tuple((run, Lesson.objects.get(pk=lesson)) for run, lesson in form.chosen())
    if rule := form.rule():
        return _plan_series(request, form, rule, uses, values)
    with transaction.atomic():
        session = sessions.schedule(
            data["hub"], starts_at=data["starts_at"], ends_at=data["ends_at"], by=request.user, **values
        )
        for run, lesson in uses:
            sessions.use(session, run=run, lesson=lesson)
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
                messages.success(request, _("The session is cancelled; those who learn with it are told."))
                return redirect("lms_courses:calendar")
            if form.is_valid():
                data, kept = form.cleaned_data, Session.objects.get(pk=session.pk)
                hours = {"starts_at": data["starts_at"], "ends_at": data["ends_at"]}
                sessions.postpone(kept, **hours, reason=data["reason"], by=request.user)
                messages.success(request, _("The session has new hours; those who learn with it are told."))
                return redirect("lms_courses:change_session", session.uuid)
        except sessions.SessionRefused as error:
            bad = str(error)
    shown = Session.objects.select_related("hub").get(pk=session.pk)
    context = {
        "session": shown,
        "form": form,
        "bad": bad,
        "changes": shown.changes.select_related("changed_by__person"),
        "may_postpone": shown.state == Session.State.SCHEDULED,
        "may_cancel": shown.state in {Session.State.SCHEDULED, Session.State.LIVE},
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "lms_courses/change_session.html", context, status=status)


# --- one's own calendar, in one's own program


@login_required
@require_POST
def renew_feed(request: HttpRequest) -> HttpResponse:
    """Make the secret address of one's own calendar; an earlier one is shut."""
    person = person_of(request.user)
    if person is None:
        raise Http404
    series.renew_feed(person)
    messages.success(request, _("Your calendar has an address of its own. Keep it to yourself."))
    return redirect("lms_courses:calendar")


@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The sessions of whoever owns the secret address, for a calendar program: no login, no link to join."""
    owner = CalendarFeed.objects.filter(token=token).select_related("person").first()
    if owner is None or owner.person.state not in {Person.State.ACTIVE, Person.State.PROVISIONAL}:
        raise Http404
    rows = Session.objects.of_person(owner.person).filter(ends_at__gte=clock.nearly() - timedelta(days=60))
    rows = rows.select_related("hub").annotate(moved=Count("changes")).order_by("starts_at")[:300]
    with speaking(owner.person.language or "vi"):
        found = ics.calendar(
            (
                ics.Event(
                    uid=f"{row.uuid}@{request.get_host()}",
                    starts_at=row.starts_at,
                    ends_at=row.ends_at,
                    title=row.title,
                    place=str(row.hub),
                    url=request.build_absolute_uri(reverse("lms_courses:check_in", args=[row.uuid])),
                    sequence=row.moved + (row.state == Session.State.CANCELLED),
                    is_cancelled=row.state == Session.State.CANCELLED,
                )
                for row in rows
            ),
            name=_("Live sessions"),
            now=clock.nearly(),
        )
    answer = HttpResponse(found, content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, max-age=900"
    answer["Content-Disposition"] = 'inline; filename="sessions.ics"'
    answer["X-Robots-Tag"] = "noindex"
    return answer


# --- the screen of the hub


@login_required
@never_cache
@require_GET
def hub(request: HttpRequest, uuid) -> HttpResponse:
    """The screen that everybody in the meeting looks at: the code, large."""
    session = get_session_for(request.user, uuid)
    return render(request, "lms_courses/hub.html", {"session": session, **_now(request, session)})


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
    verbs = {"open": sessions.open_session, "end": sessions.end_session}
    if request.POST.get("to") not in verbs:
        raise Http404
    try:
        verbs[request.POST["to"]](session, by=request.user)
    except sessions.SessionRefused as error:
        messages.error(request, str(error))
    if session.state == Session.State.ENDED:
        return redirect("lms_courses:attendance", session.uuid)
    return redirect("lms_courses:hub", session.uuid)


# --- the attendance desk of the hub


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
    found = settling.evidence_of(session)
    people = _people(session, found, request.GET.get("q", ""))
    log_accesses(request.user, people, what=gettext_noop("attendance at a session"), purpose=session.title_vi)
    conflicts, hours = _conflicts(session, found, people), session.hours()
    kept: dict[int, list[Presence]] = {}
    for one in session.presences.select_related("recorded_by__person", "site__site", "retracted_by").order_by(
        "pk"
    ):
        kept.setdefault(one.person_id, []).append(one)
    rows = [
        _row(session, hours, person, found.get(person.pk, []), kept.get(person.pk, []), rooms, conflicts)
        for person in people
    ]
    rows.sort(key=lambda row: not row["clashes"])
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
        **roles,
        "rooms": [_room(room, session) for room in rooms],
        "conflicts": sum(1 for row in rows if row["clashes"]),
        "may_settle": may_settle,
        "is_settled": session.state == Session.State.SETTLED,
        "is_over": clock.now() >= session.ends_at or session.state == Session.State.ENDED,
        "q": request.GET.get("q", ""),
        "bad": bad,
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
    known = Q(pk__in=list(found)) | Q(pk__in=learning)
    people = Person.objects.exclude(state=Person.State.MERGED)
    if q.strip():
        rosters = [
            Q(pk__in=room.roster().values("pk")) for room in session.sites.select_related("site__facility")
        ]
        for roster in rosters:
            known |= roster
        people = people.matching(q)
    return list(people.filter(known).distinct().by_given_name().select_related("profession")[:500])


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
    person: Person,
    evidence: list[presence.Evidence],
    kept: list[Presence],
    rooms: list[SessionSite],
    conflicts: dict,
) -> dict:
    length = presence.minutes(evidence, hours, pulse=settling.pulse())
    state = presence.verdict(length, hours, session.present_pct, session.partial_pct)
    # While it goes on, nobody has been there longer than it has lasted.
    length = presence.minutes(evidence, hours.until_now(clock.nearly()), pulse=settling.pulse())
    names = {room.pk: room.site.name for room in rooms}
    return {
        "person": person,
        "minutes": int(length),
        "state": state,
        "state_text": Attendance.State(state).label,
        "sites": sorted({names[one.site] for one in presence.in_force(evidence) if one.site in names}),
        "evidence": kept,
        "clashes": conflicts.get(person.pk, []),
        "by_poster_alone": {one.source for one in presence.in_force(evidence)} == {presence.POSTER},
    }


def _room(room: SessionSite, session: Session) -> dict:
    here = Presence.objects.in_force().filter(site=room)
    ticked = here.filter(source=Presence.Source.ROSTER).values_list("recorded_at", flat=True)
    present = here.values("person").distinct().count()
    found = presence.oddities(
        ticked,
        present=present,
        capacity=room.site.capacity,
        head_count=room.head_count,
        devices=here.exclude(device="").values_list("device", "person"),
        shared_by=conf.SHARED_PHONE_PEOPLE,
    )
    if (
        room.attested_at
        and here.own().filter(recorded_at__gt=room.attested_at, since__lt=session.ends_at).exists()
    ):
        found.append("after")
    return {"room": room, "present": present, "oddities": [ODDITIES[code] for code in found]}


@login_required
@require_POST
def override(request: HttpRequest, uuid) -> HttpResponse:
    """Enter an interval for one person, with its reason."""
    session = get_session_for(request.user, uuid, "settle")
    posted = request.POST
    pk = posted.get("person", "")
    learning = Enrolment.objects.filter(run__session_uses__session=session).values("person")
    known = Q(pk__in=learning) | Q(pk__in=session.presences.values("person"))
    for room in session.sites.select_related("site__facility"):
        known |= Q(pk__in=room.roster().values("pk"))
    person = Person.objects.filter(known, pk=int(pk)).first() if pk.isdigit() else None
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
    person = _may_hold_a_role(session).filter(pk=int(pk)).first() if pk.isdigit() else None
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
