"""The calendar of live sessions: the list for everybody, the way into a meeting, one's own calendar feed."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override as speaking
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from courses import codes, ics
from courses.actions import series
from courses.models import CalendarFeed, Enrolment, Session
from courses.session_permissions import get_meeting_for
from lms import clock, scope
from lms.models import Person
from lms.permissions import person_of

PER_PAGE = 40


@require_GET
def session_list(request: HttpRequest) -> HttpResponse:
    """Sessions going on, to come and just over. Public: a calendar holds no personal data."""
    now = clock.nearly()
    shown = Session.objects.planned().select_related("hub").annotate(site_count=Count("sites"))
    ahead = shown.filter(ends_at__gte=now).order_by("starts_at", "pk")
    page = Paginator(ahead, PER_PAGE).get_page(request.GET.get("p"))
    coming = list(page.object_list)
    hosted = scope.limit(Session.objects.all(), request.user, "host").values_list("pk", flat=True)
    past = shown.filter(ends_at__lt=now, pk__in=hosted).order_by("-starts_at", "-pk")
    archive = None
    if "archived" in request.GET and request.user.is_authenticated:
        archive = Paginator(past.exclude(archived_at=None), PER_PAGE).get_page(request.GET.get("archived"))
    mine = _lessons_of(person_of(request.user), coming)
    hosting = set(hosted.filter(pk__in=[one.pk for one in coming]))
    context = {
        "page": page,
        "live": [one for one in coming if one.starts_at <= now + timedelta(minutes=30)],
        "coming": [one for one in coming if one.starts_at > now + timedelta(minutes=30)],
        "archive": archive,
        "past": list(past.filter(archived_at=None)[:20]),
        "drafts": list(
            Session.objects.filter(state=Session.State.DRAFT, pk__in=hosted)
            .select_related("hub")
            .order_by("starts_at", "pk")[:60]
        ),
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
        context["join_url"] = session.join_url and _with_name(session.join_url, context["name"])
    return render(request, "lms_courses/meeting.html", context)


def _with_name(address: str, name: str) -> str:
    """*address* with the name filled in, where the meeting program takes one from its link."""
    parts = urlsplit(address)
    if not (parts.hostname or "").endswith("zoom.us"):
        return address
    query = [*parse_qsl(parts.query), ("uname", name)]
    return urlunsplit(parts._replace(query=urlencode(query)))


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


def _way_into(request: HttpRequest, session: Session) -> str:
    """Where the owner of a calendar reads agenda and materials and enters the meeting: pages that ask who one is."""
    names = ["programme", *(["meeting"] if session.has_way_in else [])]
    return "\n".join(
        request.build_absolute_uri(reverse(f"lms_courses:{name}", args=[session.uuid])) for name in names
    )


@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The sessions of whoever owns the secret address, for a calendar program: no login; its links ask who one is."""
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
                    text=_way_into(request, row),
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
