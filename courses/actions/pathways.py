"""Verbs of pathways: write, publish and close one; count what people have completed."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from courses.models import Course, Enrolment, Pathway, PathwayCompletion, PathwayCourse
from courses.pathways import ways_of
from courses.signals import pathway_completed
from lms import clock
from lms.models import Person
from lms.queue import enqueue


class PathwayRefused(Exception):
    """The pathway cannot be changed so; the text says why and what to do."""


@transaction.atomic
def save_pathway(pathway: Pathway, *, required: Sequence[Course], electives: Sequence[Course]) -> Pathway:
    """Write a draft with its courses. What is published keeps its courses; only its words change."""
    if pathway.pk:
        kept = Pathway.objects.select_for_update().get(pk=pathway.pk)
        if not kept.is_draft:
            pathway.electives_needed = kept.electives_needed
            pathway.save(update_fields=["title_vi", "title_en", "about_vi", "about_en"])
            return pathway
    pathway.save()
    chosen = [(course, True) for course in required]
    chosen += [(course, False) for course in electives if course not in required]
    pathway.courses.all().delete()
    PathwayCourse.objects.bulk_create(
        PathwayCourse(pathway=pathway, course=course, is_required=is_required, position=position)
        for position, (course, is_required) in enumerate(chosen)
    )
    return pathway


@transaction.atomic
def publish_pathway(pathway: Pathway) -> Pathway:
    """Offer it to everybody, its courses frozen; who has completed them already is counted. Idempotent."""
    row = Pathway.objects.select_for_update().get(pk=pathway.pk)
    if not row.is_draft:
        return row
    parts = list(row.courses.all())
    electives = sum(not part.is_required for part in parts)
    if row.electives_needed > electives:
        raise PathwayRefused(
            _("It asks for %(needed)d elective courses and names %(there)d: add courses or ask for fewer.")
            % {"needed": row.electives_needed, "there": electives}
        )
    if len(parts) - electives + row.electives_needed < 1:
        raise PathwayRefused(_("It asks for no course yet: name required courses, or how many electives."))
    row.published_at = clock.now()
    row.save(update_fields=["published_at"])
    enqueue("lms_courses.pathway", row.pk)
    return row


@transaction.atomic
def close_pathway(pathway: Pathway) -> Pathway:
    """Offer it to nobody new; who is on the way may finish. Idempotent."""
    row = Pathway.objects.select_for_update().get(pk=pathway.pk)
    if row.is_draft:
        raise PathwayRefused(_("A draft is offered to nobody; there is nothing to close."))
    if row.closed_at is None:
        row.closed_at = clock.now()
        row.save(update_fields=["closed_at"])
    return row


@transaction.atomic
def count_pathways(person: Person) -> list[PathwayCompletion]:
    """Record every published pathway that *person* has now completed; returns the new ones.

    Idempotent and monotonic: what is recorded stays, whatever happens to courses later.
    """
    had = set(PathwayCompletion.objects.filter(person=person).values_list("pathway", flat=True))
    made = []
    for way in ways_of(person):
        if way.pathway.pk in had or not way.result.complete:
            continue
        row, is_new = PathwayCompletion.objects.get_or_create(
            pathway=way.pathway,
            person=person,
            defaults={"completed_at": clock.now(), "result": way.result.as_json()},
        )
        if is_new:
            pathway_completed.send(PathwayCompletion, completion=row)
            made.append(row)
    return made


def count_everybody(pathway: Pathway) -> int:
    """Count *pathway* for whoever had completed courses of it before it was published. Safe twice."""
    done = Enrolment.objects.filter(
        state=Enrolment.State.COMPLETED, run__release__course__in=pathway.courses.values("course")
    )
    people = Person.objects.filter(pk__in=done.values("person")).order_by("pk")
    return sum(len(count_pathways(person)) for person in people.iterator(chunk_size=500))
