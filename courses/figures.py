"""Reads: what became of the classes, in figures without names and without counts small enough to point at somebody."""

from dataclasses import dataclass

from django.db.models import Count, Q

from courses.models import Attendance, Enrolment, Run

SMALL = 5
"""Counts of people below this are not told to evaluators (``domain`` REP-3): among few, a figure is a name."""


@dataclass(frozen=True)
class Shown:
    """A count of people as it may be told: ``value`` is None where it lies between 1 and ``SMALL - 1``."""

    value: int | None

    @classmethod
    def of(cls, count: int) -> "Shown":
        """*count*, or nothing where it is small."""
        return cls(None if 0 < count < SMALL else count)


@dataclass(frozen=True)
class Line:
    """One class: how many learn, completed and were present at live sessions, and from how many sites."""

    run: Run
    enrolled: Shown
    completed: Shown
    present: Shown
    sites: int

    @property
    def counts(self) -> tuple[Shown, Shown, Shown]:
        """The counts of people, in the order they are told."""
        return self.enrolled, self.completed, self.present


def lines(runs) -> list[Line]:
    """The figures of *runs*, those that began last first; three queries, however many runs.

    There are no sums beside them: a sum less its parts would tell the small ones.
    """
    learning = Q(enrolments__state__in=[Enrolment.State.ACTIVE, Enrolment.State.COMPLETED])
    done = Q(enrolments__state=Enrolment.State.COMPLETED)
    found = (
        runs.select_related("release__course__facility")
        .defer("release__outline", "release__policy")
        .annotate(
            enrolled=Count("enrolments", filter=learning, distinct=True),
            completed=Count("enrolments", filter=done, distinct=True),
        )
        .order_by("-starts_on", "-pk")
    )
    seen = dict(
        Attendance.objects.filter(state=Attendance.State.PRESENT, session__uses__run__in=runs.values("pk"))
        .values_list("session__uses__run")
        .annotate(Count("person", distinct=True))
        .order_by()
    )
    sites = dict(
        Run.objects.filter(pk__in=runs.values("pk"))
        .annotate(sites=Count("session_uses__session__sites__site", distinct=True))
        .values_list("pk", "sites")
        .order_by()
    )
    return [
        Line(
            run,
            Shown.of(run.enrolled),
            Shown.of(run.completed),
            Shown.of(seen.get(run.pk, 0)),
            sites.get(run.pk, 0),
        )
        for run in found
    ]
