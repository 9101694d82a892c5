"""The check-in page: one code, one big button, four plain answers."""

import secrets
from datetime import timedelta

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses.actions import attendance, proof, staying
from courses.conf import conf
from courses.models import Presence, Session, SessionSite
from courses.views.replies import clock_time, read_moment, read_uuid, wants_json
from lms import clock, limits, sql
from lms.keys import read_key
from lms.models import Person

SEEN = "lms_courses_seen"
"""Where the browser's session keeps a scanned code while its owner signs in."""


@never_cache
@require_http_methods(["GET", "POST"])
def check_in(request: HttpRequest, uuid=None) -> HttpResponse:
    """Show the form, or record one check-in. A scanned link writes nothing: it only fills the form."""
    is_post = request.method == "POST"
    session = _session(uuid, by=request.user, light=is_post)
    if not is_post:
        _keep_scanned(request, session)
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    person = _person(request.user, session)
    if person is None:
        return _page(request, session, None, bad=_no_person(), status=403)
    if not is_post:
        return _mark(request, _page(request, session, person))
    return _mark(request, _record(request, session, person))


_PLANNED = """
SELECT id, uuid, state, secret, starts_at, ends_at, (SELECT id FROM lms_person WHERE user_id = %s) AS asking
FROM lms_courses_session WHERE uuid = %s AND state NOT IN (%s, %s)"""


def _session(uuid, *, by, light: bool) -> Session | None:
    """The session asked for; *light* for a check-in, which needs little of it and asks who checks in as well."""
    if uuid is None:
        return None
    if light:
        asked = [by.pk, sql.stored(Session, "uuid", uuid), *(state.value for state in Session.HIDDEN)]
        row = sql.one(Session, _PLANNED, asked)
    else:
        row = Session.objects.planned().select_related("hub").filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def _person(user, session: Session | None) -> Person | None:
    """Whoever asks: a check-in needs no more of a person than who it is; hundreds arrive in the same minute."""
    if hasattr(session, "asking"):
        return Person.from_db(session._state.db, ["id"], [session.asking]) if session.asking else None
    return sql.one(Person, "SELECT id FROM lms_person WHERE user_id = %s", [user.pk])


def _keep_scanned(request: HttpRequest, session: Session | None) -> None:
    """Remember what was scanned and when this server saw it, so that it survives signing in."""
    code, token = request.GET.get("c", "")[:12], request.GET.get("t", "")[:80]
    if session and (code or token):
        request.session[SEEN] = {
            "session": str(session.uuid),
            "code": code,
            "token": token,
            "at": clock.now().isoformat(),
        }


def _seen(request: HttpRequest, session: Session | None) -> dict:
    """What was scanned for this session a short while ago, or nothing."""
    seen = request.session.get(SEEN) or {}
    at = read_moment(seen.get("at", ""))
    if not session or seen.get("session") != str(session.uuid) or not at:
        return {}
    return {**seen, "at": at} if clock.now() - at <= proof.KEPT else {}


def _no_person() -> dict:
    return {
        "title": _("Nothing was recorded"),
        "text": _(
            "Your login is not linked to a person yet. Ask the coordinator of your site to tick your name."
        ),
    }


def _record(request: HttpRequest, session: Session | None, person) -> HttpResponse:
    posted = request.POST
    client_at = read_moment(posted.get("client_at", ""))
    keys = limit_keys(request, person, is_late=client_at is not None)
    if is_blocked(keys):
        bad = {
            "title": _("Too many tries"),
            "text": _("Wait ten minutes, or ask the coordinator of your site to tick your name."),
        }
        return _answer(request, session, person, bad=bad, status=429)
    seen = _seen(request, session)
    token = posted.get("token", "")[:80]
    code = posted.get("code", "")[:40]
    is_scanned = (token and token == seen.get("token")) or (code and code == seen.get("code"))
    try:
        row = attendance.check_in(
            person,
            code=code or None,
            token=token or None,
            session=session,
            site=_site(session, posted.get("site", "")),
            by=request.user,
            client_id=read_uuid(posted.get("client_id", "")),
            client_at=client_at,
            shown_at=seen.get("at") if is_scanned else None,
            device=device_of(request),
        )
    except proof.CodeStale as error:
        count_wrong(keys)
        bad = {"title": _("The code has expired"), "text": str(error)}
        return _answer(request, session, person, bad=bad, status=409)
    except proof.SessionClosed as error:
        bad = {"title": _("The session is closed"), "text": str(error)}
        return _answer(request, session, person, bad=bad, status=409)
    except proof.CheckInRefused as error:
        count_wrong(keys)
        bad = {"title": _("The code is not right"), "text": str(error)}
        return _answer(request, session, person, bad=bad, status=400)
    request.session.pop(SEEN, None)
    if wants_json(request):
        return JsonResponse(_recorded(row, is_new=row.is_new))
    answer = "recorded" if row.is_new else "already"
    return redirect(reverse("lms_courses:check_in", args=[row.session.uuid]) + f"?{answer}={row.pk}")


TRIES = {"check_in": (5, 600), "check_in_address": (5000, 600), "check_in_late": (10, 86400)}
"""Wrong codes allowed, and in how many seconds: strict per person, because a code has only six
digits; generous per address, because a hospital is one; strict again for late codes, which may be
of any moment of three days. Right codes cost nothing."""


DEVICE = "lms_phone"
"""The cookie that tells phones apart; hashed with the secret of each session before it is kept."""


def device_of(request: HttpRequest) -> str:
    """What the phone brought, or nothing."""
    return request.COOKIES.get(DEVICE, "")[:64]


def _mark(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give a phone its cookie, once: for a year, unread by scripts, on these pages only."""
    if not device_of(request):
        response.set_cookie(
            DEVICE,
            secrets.token_urlsafe(16),
            max_age=365 * 86400,
            path=reverse("lms_courses:check_in"),
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response


def limit_keys(request: HttpRequest, person, *, is_late: bool) -> dict[str, str]:
    """Which limits a wrong code of this request counts against."""
    keys = {"check_in": str(person.pk), "check_in_address": limits.address(request)}
    return {**keys, "check_in_late": str(person.pk)} if is_late else keys


def is_blocked(keys: dict[str, str]) -> bool:
    """Whether one of the limits of *keys* is used up."""
    by_span: dict[int, dict[tuple[str, str], int]] = {}
    for scope, key in keys.items():
        limit, seconds = TRIES[scope]
        by_span.setdefault(seconds, {})[scope, key] = limit
    return any(limits.spent(uses, seconds=seconds) for seconds, uses in by_span.items())


def count_wrong(keys: dict[str, str]) -> None:
    """Count one wrong code against *keys*."""
    for scope, key in keys.items():
        limit, seconds = TRIES[scope]
        limits.hit(scope, key, limit=limit, seconds=seconds)


def _site(session: Session | None, text: str) -> SessionSite | None:
    if not session or not text:
        return None
    return SessionSite.objects.filter(session=session, pk=read_key(text)).first()


def _recorded(row: Presence, *, is_new: bool) -> dict:
    if not is_new:
        text = _("You have already checked in at %(time)s.") % {"time": clock_time(row.since)}
        return {"state": "already", "title": text, "text": _("There is no need to do it again.")}
    more = (
        _("It was sent late; the hub sees that.")
        if row.is_late
        else _("Remember to check in again at the end.")
    )
    return {
        "state": "recorded",
        "title": _("Recorded at %(time)s") % {"time": clock_time(row.since)},
        "text": more,
    }


def _answer(request, session, person, *, bad: dict, status: int) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"state": "refused", **bad}, status=status)
    return _page(request, session, person, bad=bad, status=status)


def refuse_check_in(request, session, person, *, title: str, text: str, status: int) -> HttpResponse:
    """The check-in page with a refusal that another view of it has."""
    return _page(request, session, person, bad={"title": title, "text": text}, status=status)


def _page(request, session, person, *, bad: dict | None = None, status: int = 200) -> HttpResponse:
    seen = _seen(request, session)
    sites = list(session.sites.select_related("site__facility").order_by("site__name")) if session else []
    context = {
        "session": session,
        "bad": bad,
        "told": _told(request, session, person),
        **(_own_stay(session, person) if session and person else {}),
        "code": request.POST.get("code", "") if bad else seen.get("code", ""),
        "token": seen.get("token", ""),
        "sites": sites,
        "site": _preselected(request, sites, seen, person),
        "going_on": [] if session else _going_on(),
        "address": reverse("lms_courses:check_in", args=[session.uuid] if session else []),
    }
    return render(request, "lms_courses/checkin.html", context, status=status)


def _told(request, session, person) -> dict | None:
    """The answer to the request before this page: read from the record, so that it is true."""
    for name in ("recorded", "already"):
        pk = read_key(request.GET.get(name, ""))
        if session and person and pk is not None:
            row = Presence.objects.own().in_force().filter(session=session, person=person, pk=pk).first()
            if row:
                return _recorded(row, is_new=name == "recorded")
    return None


def _preselected(request, sites: list[SessionSite], seen: dict, person) -> SessionSite | None:
    """The site chosen or scanned, else the nearest one at or above the person's workplace."""
    asked = request.POST.get("site") or seen.get("token", "").partition(".")[0]
    for site in sites:
        if asked and str(site.pk) == asked:
            return site
    workplace = person.workplace() if person and sites else None
    if workplace is None:
        return None
    above = [site for site in sites if workplace.path.startswith(site.site.facility.path)]
    return max(above, key=lambda site: len(site.site.facility.path), default=None)


def _going_on() -> list[Session]:
    early = timedelta(minutes=conf.CHECK_IN_EARLY_MINUTES)
    late = timedelta(minutes=conf.CHECK_IN_LATE_MINUTES)
    rows = Session.objects.going_on(clock.nearly(), early=early, late=late).select_related("hub")
    return list(rows.order_by("starts_at", "pk")[:20])


def _own_stay(session: Session, person) -> dict:
    """What the check-in page says of one's own stay."""
    rows = staying.own_stay(session, person)
    inside = staying.is_inside(rows)
    return {
        "stay": rows,
        "stay_since": clock_time(rows[0].since) if rows else "",
        "stay_last": clock_time(rows[-1].since) if rows else "",
        "is_inside": inside,
        "asks": bool(inside and staying.asks_now(session, clock.now())),
    }
