"""How one person gets into the classes of a course: the one thing to press, or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, IntegerField
from django.utils.translation import gettext as _

from courses.models import Application, Run, RunQuota
from lms import clock, sql
from lms.models import Person

ENDED = (Application.State.REFUSED, Application.State.EXPIRED)


@dataclass(slots=True)
class Door:
    """A class as one person sees it.

    ``act`` is what can be pressed: ``enrol``, ``apply`` (for approval), ``wait`` (join the list),
    ``accept`` (an offered seat), ``code`` (type an invitation), or empty. ``application`` is the open one,
    ``ended`` the last one that led to no seat. ``waiting`` counts those in line.
    """

    run: Run
    act: str = ""
    note: str = ""
    waiting: int = 0
    application: Application | None = None
    ended: Application | None = None
    is_later: bool = False

    @property
    def place(self) -> int | None:
        """My place in line."""
        return self.application.place if self.application else None


# ``Application.objects.in_line()`` and one's own, by hand: the page of a course asks at each look.
_IN_LINE = """
SELECT run_id, COUNT(*) FROM lms_courses_application WHERE state = 'waiting' AND run_id IN ({}) GROUP BY run_id"""
_OWN = "SELECT * FROM lms_courses_application WHERE person_id = %s AND run_id IN ({}) ORDER BY asked_at, id"


def doors(runs: Sequence[Run], person: Person | None, audience: Sequence = ()) -> list[Door]:
    """The doors of *runs* for *person* (None for a visitor): three queries at most, however many classes."""
    found = [Door(run) for run in runs]
    if not found:
        return []
    by_run = {door.run.pk: door for door in found}
    marks, keys = sql.marks(list(by_run))
    for run, count in sql.rows(_IN_LINE.format(marks), keys, [IntegerField()] * 2):
        by_run[run].waiting = count
    if person is not None:
        for row in sql.many(Application, _OWN.format(marks), [person.pk, *keys]):
            door = by_run[row.run_id]
            door.application = row if row.is_open else door.application
            door.ended = row if row.state in ENDED else None
    full = _full_for(by_run, person)
    now = clock.nearly()
    for door in found:
        door.is_later = bool(door.run.enrol_from and door.run.enrol_from > now)
        is_full = door.run.seats_left == 0
        _settle(door, person, audience, is_full=is_full or door.run.pk in full)
        if door.act == "wait" and not is_full and door.run.pk in full:
            door.note = _(
                "The seats of this class for %(province)s are taken; those left are for other provinces."
            ) % {"province": full[door.run.pk]}
    return found


def _settle(door: Door, person: Person | None, audience: Sequence, *, is_full: bool) -> None:
    """Say what can be pressed, or why nothing can."""
    run, mine = door.run, door.application
    if mine is not None:
        door.act = "accept" if mine.state == Application.State.OFFERED else ""
    elif door.is_later:
        return
    elif person is not None and audience and person.profession_id not in {one.pk for one in audience}:
        door.note = _(
            "This course is meant for: %(audience)s. Your title on record: %(own)s. "
            "If that is wrong, ask your site coordinator to correct it."
        ) % {"audience": ", ".join(map(str, audience)), "own": person.profession or _("none")}
    elif run.mode == Run.Mode.APPROVAL:
        door.act = "apply"
    elif run.mode == Run.Mode.INVITATION:
        door.act = "code"
    elif run.mode == Run.Mode.SELF:
        door.act = "wait" if is_full or door.waiting else "enrol"


def _full_for(runs, person: Person | None) -> dict[int, str]:
    """Classes whose quota for the province of *person* is used up, with the name of the province."""
    limited = RunQuota.objects.filter(run__in=runs)
    if person is None or not limited.exists():
        return {}
    place = person.workplace()
    if place is None or place.province_id is None:
        return {}
    used_up = limited.filter(province=place.province_id, seats_taken__gte=F("seats"))
    return {row.run_id: str(row.province) for row in used_up.select_related("province")}
