"""What the front page shows: courses open now, the next live sessions, for whom there is something."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import get_language

from certificates.credit import NoRule, rule_for
from courses.models import CoursePage, Release, Run, Session
from lms import clock
from lms.models import Profession
from website.me.reads import pages_by_key
from website.memory import remembered

CARDS = 6
SESSIONS = 3


@dataclass(frozen=True)
class CourseCard:
    """One course one may join now; ``hours`` is None where no rule in force counts it."""

    title: str
    url: str
    specialty: str
    provider: str
    form: str
    hours: Decimal | None
    audience: list[str]
    seats_left: int | None


@dataclass(frozen=True)
class SessionCard:
    """One live session to come, or on now."""

    title: str
    url: str
    hub: str
    starts_at: datetime
    ends_at: datetime
    sites: int
    is_on: bool


def front(request: HttpRequest) -> dict:
    """Everything the front page lists, the same for everybody, some seconds old at most."""
    return remembered(("home", request.get_host(), get_language()), lambda: gather(request))


def gather(request: HttpRequest) -> dict:
    """Read it afresh."""
    runs = newest_open_runs()
    sessions = list(
        Session.objects.to_come(clock.nearly())
        .filter(starts_at__lte=clock.nearly() + timedelta(days=30))
        .select_related("hub")
        .annotate(site_count=Count("sites"))
        .prefetch_related("uses__run__release__course")[:SESSIONS]
    )
    keys = {run.release.course.key for run in runs}
    keys |= {use.run.release.course.key for session in sessions for use in session.uses.all()}
    pages = pages_by_key(CoursePage, keys)
    urls = {key: page.get_url(request) or "" for key, page in pages.items()}
    cards = [course_card(run, urls[run.release.course.key]) for run in runs if run.release.course.key in urls]
    professions = Profession.objects.filter(courses__releases__runs__in=[run.pk for run in runs]).distinct()
    return {
        "cards": cards[:CARDS],
        "sessions": [session_card(session, urls) for session in sessions],
        "professions": [(row.code, str(row)) for row in professions],
    }


def newest_open_runs() -> list[Run]:
    """The youngest class of each course that takes people now and stands in the catalogue."""
    rows = (
        Run.objects.open_for_enrolment(clock.nearly())
        .filter(release__state=Release.State.ISSUED, release__course__is_open=True)
        .exclude(mode=Run.Mode.INVITATION)
        .select_related("release__course__facility", "release__course__specialty")
        .prefetch_related("release__course__audience")
        .order_by("-starts_on", "-pk")
    )
    return list({run.release.course_id: run for run in reversed(rows)}.values())[::-1]


def course_card(run: Run, url: str) -> CourseCard:
    """What a card says of a class."""
    course, release = run.release.course, run.release
    try:
        hours = rule_for(release.rule_code, clock.today()).hours_for(release.periods)
    except NoRule:
        hours = None
    return CourseCard(
        title=release.title,
        url=url,
        specialty=str(course.specialty or ""),
        provider=str(course.facility or ""),
        form=str(course.get_form_display()),
        hours=hours,
        audience=[str(profession) for profession in course.audience.all()],
        seats_left=run.seats_left,
    )


def session_card(session: Session, urls: dict) -> SessionCard:
    """What a card says of a live session; it leads to its course where there is one."""
    use = next(iter(session.uses.all()), None)
    return SessionCard(
        title=session.title,
        url=urls.get(use.run.release.course.key, "") if use else "",
        hub=session.hub.name,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        sites=session.site_count,
        is_on=session.starts_at <= clock.nearly(),
    )
