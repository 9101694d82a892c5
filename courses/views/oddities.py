"""What makes one look twice at the evidence of a room, in words for the desks of room and hub."""

from django.utils.translation import gettext_lazy

from courses import presence
from courses.conf import conf
from courses.models import Presence, SessionSite

WORDS = {
    "crowded": gettext_lazy("More people than seats in the room."),
    "uncounted": gettext_lazy("More names than people counted."),
    "hasty": gettext_lazy("All names were ticked within ten seconds."),
    "rushed": gettext_lazy("The phones of the room checked in or answered all at once."),
    "shared": gettext_lazy("One phone checked in more people than one phone usually does."),
    "skewed": gettext_lazy("The clock of a phone was off by more than five minutes."),
    "after": gettext_lazy("Somebody checked in here after the list was confirmed."),
}


def said_in(rooms: list[SessionSite]) -> dict[int, list[presence.Said]]:
    """The evidence in force of each of *rooms*, in one query."""
    found: dict[int, list[presence.Said]] = {room.pk: [] for room in rooms}
    rows = Presence.objects.in_force().filter(site__in=rooms)
    fields = ("person", "source", "since", "recorded_at", "client_at", "is_late", "device")
    for room, *said in rows.values_list("site", *fields):
        found[room].append(presence.Said(*said))
    return found


def oddities_of(room: SessionSite, said: list[presence.Said]) -> list:
    """What is odd about the evidence of *room*, in words."""
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
    return [WORDS[code] for code in found]
