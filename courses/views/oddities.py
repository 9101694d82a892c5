"""What makes one look twice at the evidence of a room, in words for the desks of room and hub."""

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, Subquery, Window
from django.db.models.functions import TruncSecond
from django.utils.translation import gettext_lazy

from content import grading
from courses import presence
from courses.conf import conf
from courses.models import Attempt, Presence, SessionSite, SessionUse
from lms.models import Affiliation, Person

WORDS = {
    "crowded": gettext_lazy("More people than seats in the room."),
    "uncounted": gettext_lazy("More names than people counted."),
    "hasty": gettext_lazy("All names were ticked within ten seconds."),
    "rushed": gettext_lazy("The phones of the room checked in or answered all at once."),
    "shared": gettext_lazy("One phone checked in more people than one phone usually does."),
    "skewed": gettext_lazy("The clock of a phone was off by more than five minutes."),
    "alike": gettext_lazy("A test was handed in with the same answers by several people in the same second."),
    "added": gettext_lazy("Somebody was added to the list by hand, and nothing but that tick speaks for it."),
    "after": gettext_lazy("Somebody checked in here after the list was confirmed."),
}


def said_in(rooms: list[SessionSite]) -> dict[int, list[presence.Said]]:
    """The evidence in force of each of *rooms*, in one query."""
    found: dict[int, list[presence.Said]] = {room.pk: [] for room in rooms}
    works_here = Affiliation.objects.in_force().filter(
        person=OuterRef("person"), facility__path__startswith=OuterRef("site__site__facility__path")
    )
    is_known = Exists(works_here) & ~Q(person__state=Person.State.PROVISIONAL)
    is_added = ExpressionWrapper(Q(source=Presence.Source.ROSTER) & ~is_known, BooleanField())
    rows = Presence.objects.in_force().filter(site__in=rooms).annotate(is_added=is_added)
    fields = ("person", "source", "since", "recorded_at", "client_at", "is_late", "device", "is_added")
    for room, *said in rows.values_list("site", *fields):
        found[room].append(presence.Said(*said))
    return found


def handed_in_alike(rooms: list[SessionSite]) -> dict[int, set[int]]:
    """Those of *rooms* from which some people handed in a test of the session's class alike, and who; one query.

    In the same second, at least as many as make any coincidence worth a look, with the same answers. The
    database picks out who shares a second, so that the questions are read of nobody else.
    """
    sessions = {room.session_id for room in rooms}
    seen_in = (
        Presence.objects.in_force()
        .filter(session__in=sessions, person=OuterRef("enrolment__person"), site__in=rooms)
        .order_by("pk")
    )
    together = ("room", "lesson", "second")
    handed_in = (
        Attempt.objects.filter(
            state=Attempt.State.SUBMITTED,
            result__isnull=False,
            enrolment__run__in=SessionUse.objects.filter(session__in=sessions).values("run"),
        )
        .annotate(room=Subquery(seen_in.values("site")[:1]), second=TruncSecond("finished_at"))
        .filter(room__isnull=False)
        .annotate(sharing=Window(Count("pk"), partition_by=list(together)))
        .filter(sharing__gte=presence.MANY)
    )
    alike: dict[tuple, set[int]] = {}
    for *where, person, frozen, result in handed_in.values_list(
        *together, "enrolment__person", "frozen", "result"
    ):
        answers = grading.chosen_in(frozen, result["per_slot"])
        alike.setdefault((*where, answers), set()).add(person)
    found: dict[int, set[int]] = {}
    for (room, *_rest), people in alike.items():
        if len(people) >= presence.MANY:
            found.setdefault(room, set()).update(people)
    return found


def oddities_of(room: SessionSite, said: list[presence.Said], *, is_alike: bool = False) -> list:
    """What is odd about the evidence of *room*, in words; *is_alike* as ``handed_in_alike`` says."""
    found = presence.oddities(
        said,
        capacity=room.site.capacity,
        head_count=room.head_count,
        shared_by=conf.SHARED_PHONE_PEOPLE,
    )
    own, ends = set(Presence.OWN), room.session.ends_at
    if room.attested_at and any(
        row.source in own and row.recorded_at > room.attested_at and row.since < ends for row in said
    ):
        found.append("after")
    if is_alike:
        found.append("alike")
    return [WORDS[code] for code in found]
