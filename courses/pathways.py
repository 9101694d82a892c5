"""Where a person stands on pathways: the courses of each with their state; reads, never writes."""

from dataclasses import dataclass

from courses import pathing
from courses.models import (
    CompletionReview,
    Course,
    Enrolment,
    Pathway,
    PathwayCompletion,
    PathwayCourse,
)
from lms.models import Person


@dataclass(slots=True)
class Step:
    """One course of a pathway as one person sees it; ``state`` is ``done``, ``going`` or ``open``."""

    course: Course
    state: str
    url: str = ""


@dataclass(slots=True)
class Walk:
    """A pathway with one person's way through it; without a person everything is open."""

    pathway: Pathway
    result: pathing.Way
    courses: dict[int, Course]
    completion: PathwayCompletion | None = None

    @property
    def parts(self) -> list[tuple[pathing.Part, list[Step]]]:
        """Each rule with its courses: what is going on first, then what is open, then what is done."""
        return [
            (
                part,
                [
                    Step(self.courses[pk], state)
                    for state in ("going", "open", "done")
                    for pk in getattr(part, state)
                ],
            )
            for part in self.result.parts
        ]

    @property
    def is_complete(self) -> bool:
        """Whether it was completed once; later changes of courses take nothing back."""
        return self.completion is not None


def standing_of(person: Person | None) -> tuple[set[int], set[int]]:
    """Ids of the courses that *person* has completed, and of those being learnt.

    A completion that was not upheld when it was looked at again does not count.
    """
    if person is None:
        return set(), set()
    rows = Enrolment.objects.of(person).exclude(state=Enrolment.State.WITHDRAWN).order_by()
    revoked = CompletionReview.objects.filter(
        enrolment__person=person, state=CompletionReview.State.REVOKED
    ).values("enrolment")
    found = rows.exclude(pk__in=revoked).values_list("run__release__course", "state")
    done = {pk for pk, state in found if state == Enrolment.State.COMPLETED}
    return done, {pk for pk, state in found if state == Enrolment.State.ACTIVE}


def ways_of(person: Person | None, pathways=None) -> list[Walk]:
    """Every published pathway (or *pathways*) with the way of *person*; four queries however many."""
    rows = list(pathways if pathways is not None else Pathway.objects.published())
    parts: dict[int, list[PathwayCourse]] = {row.pk: [] for row in rows}
    for part in PathwayCourse.objects.filter(pathway__in=rows).select_related("course"):
        parts[part.pathway_id].append(part)
    done, going = standing_of(person)
    had = {}
    if person is not None:
        had = {row.pathway_id: row for row in PathwayCompletion.objects.filter(person=person)}
    return [
        Walk(
            row,
            pathing.evaluate(
                [one.course_id for one in parts[row.pk] if one.is_required],
                [one.course_id for one in parts[row.pk] if not one.is_required],
                row.electives_needed,
                done=done,
                going=going,
            ),
            {one.course_id: one.course for one in parts[row.pk]},
            had.get(row.pk),
        )
        for row in rows
    ]


def taken_up(person: Person) -> list[Walk]:
    """The pathways that *person* is on or has completed: the unfinished first."""
    done, going = standing_of(person)
    mine = Pathway.objects.published().filter(courses__course__in=done | going).distinct()
    walks = ways_of(person, mine) if done or going else []
    return sorted(walks, key=lambda walk: (walk.is_complete, walk.pathway.title))
