"""What the front page shows: courses open now, the next live sessions, for whom there is something."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import get_language

from courses import catalogue
from courses.links import urls_of
from courses.models import Session
from lms import clock
from lms.memory import remembered

CARDS = 6
PROFESSIONS = 4
SESSIONS = 3
DAYS_AHEAD = 30


@dataclass
class SessionCard:
    """A live session to come, or on now; ``url`` leads to its course where there is one."""

    session: Session
    url: str
    is_on: bool


def front(request: HttpRequest) -> dict:
    """Everything the front page lists, the same for everybody, some seconds old at most."""
    return remembered(("home", request.get_host(), get_language()), lambda: gather(request))


def gather(request: HttpRequest) -> dict:
    """Read it afresh."""
    opened = catalogue.listing({"open": "1"}, request)
    professions = opened.facets["profession"]
    most = sorted(professions, key=lambda one: -one.count)[:PROFESSIONS]
    return {
        "entries": opened.entries[:CARDS],
        "sessions": sessions(request),
        # Those for whom there is most; the catalogue filters by every one.
        "professions": [one for one in professions if one in most],
    }


def sessions(request: HttpRequest) -> list[SessionCard]:
    """The next sessions within a month."""
    now = clock.nearly()
    rows = list(
        Session.objects.to_come(now)
        .filter(starts_at__lte=now + timedelta(days=DAYS_AHEAD))
        .select_related("hub")
        .annotate(site_count=Count("sites"))
        .prefetch_related("uses__run__release__course")[:SESSIONS]
    )
    keys = {row.pk: use.run.release.course.key for row in rows for use in row.uses.all()}
    urls = urls_of(set(keys.values()), request) if keys else {}
    return [SessionCard(row, urls.get(keys.get(row.pk), ""), row.starts_at <= now) for row in rows]
