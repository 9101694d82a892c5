"""The public plan of a provider: which classes take place when, for whom, by which decision."""

import datetime
from dataclasses import dataclass

from django.utils import timezone

from courses.links import pages_of
from courses.models import Run
from lms import clock
from lms.models import Facility


@dataclass(frozen=True, slots=True)
class Line:
    """One class in the plan; ``enrolment`` is ``open``, ``later``, ``full`` or ``over``."""

    run: Run
    url: str | None
    audience: list
    enrolment: str

    @property
    def release(self):
        """What the council approved for this class."""
        return self.run.release

    @property
    def month(self) -> datetime.date | None:
        """The first day of the month in which the class begins; None where it has no date."""
        return self.run.starts_on and self.run.starts_on.replace(day=1)


def plan_of(facility: Facility, request=None) -> list[Line]:
    """The classes of *facility* that are planned, open or running; those without a date last.

    A hundred classes cost as many queries as one.
    """
    now = clock.nearly()
    runs = Run.objects.in_plan(timezone.localdate(now)).filter(release__course__facility=facility)
    runs = list(
        runs.select_related("release__course")
        .defer("release__outline", "release__policy")
        .prefetch_related("release__course__audience")
    )
    runs.sort(key=lambda run: (run.starts_on or datetime.date.max, run.code))
    pages = pages_of({run.release.course.key for run in runs})
    found = []
    for run in runs:
        course = run.release.course
        page = pages.get(course.key)
        url = page.get_url(request) if page else None
        found.append(Line(run, url, list(course.audience.all()), _enrolment(run, now)))
    return found


def _enrolment(run: Run, now: datetime.datetime) -> str:
    if run.enrol_until and run.enrol_until < now:
        return "over"
    if run.enrol_from and run.enrol_from > now:
        return "later"
    return "full" if run.seats_left == 0 else "open"
