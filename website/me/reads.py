"""What my page shows, gathered in few queries and without writing anything."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import CharField, DateTimeField, IntegerField
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from certificates.credit import Standing, standing
from certificates.models import Certificate
from courses import enrolled
from courses.actions.excuses import appeal_until
from courses.conf import conf
from courses.journey import Journey, Row, of_many
from courses.links import urls_of
from courses.models import Course, Enrolment, Excuse, LessonKind, Presence, Session
from lms import clock, sql
from lms.memory import remembered
from lms.models import Affiliation
from website.me.glance import ABSENT_FOR
from website.me.pace import Pace, pace

SHOWN = 8
"""Courses listed on my page, of those being learnt and of those completed; the rest is in the ledger."""
RADIUS = 54
BY_THE_CLOCK = {LessonKind.SESSION, LessonKind.CHECKLIST}
"""What one cannot go on with alone: a session comes by the clock, a checklist with the observer."""


@dataclass
class CourseLine:
    """One course of mine; ``journey`` is None where it is completed."""

    enrolment: Enrolment
    title: str
    url: str
    journey: Journey | None = None
    certificate: Certificate | None = None

    @property
    def is_complete(self) -> bool:
        """Whether completion was reached."""
        return self.journey is None

    @property
    def left(self) -> list[str]:
        """What stands between here and the certificate, in a few words each."""
        return what_is_left(self.journey) if self.journey else []


@dataclass
class NextStep:
    """The one lesson to go on with, and the course it belongs to."""

    row: Row
    course: CourseLine
    total: int

    @property
    def percent(self) -> int:
        """How far it is done, cut to whole per cent."""
        return int(self.row.result.pct) if self.row.result else 0


@dataclass
class LiveNow:
    """A session of one of my classes that is on or comes next; ``here`` where I am already counted."""

    session: Session
    is_on: bool
    place: str
    here: Presence | None


@dataclass
class Ring:
    """The credit ring in numbers an SVG takes."""

    length: str
    round: str
    radius: int = RADIUS


def ring(state: Standing) -> Ring:
    """How long the drawn arc is, of the whole circle."""
    whole = 2 * math.pi * RADIUS
    part = min(Decimal(1), state.hours / state.target) if state.target else Decimal(0)
    return Ring(f"{whole * float(part):.1f}", f"{whole:.1f}")


def standing_of(person) -> tuple[Standing, Pace | None]:
    """Hours, target, and what the present pace leads to."""
    state = standing(person)
    if state.target is None or state.is_reached:
        return state, None
    return state, pace(
        hours=state.hours,
        target=state.target,
        starts_on=state.starts_on,
        ends_on=state.ends_on,
        on=state.on,
    )


def course_urls(request=None) -> dict:
    """Where the page of every course is, by key, in the reader's language; public, so remembered."""
    host = request.get_host() if request else ""
    keys = Course.objects.filter(is_open=True).values_list("key", flat=True)
    return remembered(("courses", host, get_language()), lambda: urls_of(keys, request))


# By hand, as all that my page asks (``docs/decisions/0008-hot-paths.md``).
_TOUCHED = """
SELECT p.enrolment_id, MAX(p.updated_at) FROM lms_courses_lessonprogress p
JOIN lms_courses_enrolment e ON e.id = p.enrolment_id
WHERE e.person_id = %s AND e.state = 'active' GROUP BY p.enrolment_id"""
_GIVEN = """
SELECT c.id, c.code, c.number, c.hours, a.origin_key AS origin FROM lms_certificates_certificateactivity a
JOIN lms_certificates_certificate c ON c.id = a.certificate_id
WHERE c.holder_id = %s AND a.stands AND a.origin_key IN ({})"""


def _certificates(person, completed: list[int]) -> dict[int, Certificate]:
    """The certificate for each enrolment of *completed* that has one."""
    origins = {f"enrolment:{pk}": pk for pk in completed}
    marks, keys = sql.marks(list(origins))
    rows = sql.many(Certificate, _GIVEN.format(marks), [person.pk, *keys]) if completed else []
    return {origins[row.origin]: row for row in rows}


def course_lines(person, request=None) -> list[CourseLine]:
    """Courses being learnt, the one touched last first; then those completed, the youngest first."""
    rows = enrolled.of_person(person, 2 * SHOWN)
    active = [row for row in rows if row.state == Enrolment.State.ACTIVE][:SHOWN]
    done = [row for row in rows if row.state == Enrolment.State.COMPLETED][:SHOWN]
    if not active and not done:
        return []
    if len(active) > 1:
        touched = dict(sql.rows(_TOUCHED, [person.pk], [IntegerField(), DateTimeField()]))
        active.sort(key=lambda row: touched.get(row.pk, row.enrolled_at), reverse=True)
    urls = course_urls(request)
    journeys = {one.enrolment.pk: one for one in of_many(active, request)} if active else {}
    given = _certificates(person, [row.pk for row in done])
    return [
        CourseLine(
            enrolment=row,
            title=row.run.release.title,
            url=urls.get(row.run.release.course.key, ""),
            journey=journeys.get(row.pk),
            certificate=given.get(row.pk),
        )
        for row in active + done
    ]


def what_is_left(one: Journey) -> list[str]:
    """The lessons still to do as a number, tests, checklists and surveys by name."""
    special = {
        "posttest": _("the final test"),
        LessonKind.SURVEY: _("the survey"),
        LessonKind.CHECKLIST: _("the skills checklist"),
    }
    words: list[str] = []
    lessons = 0
    for row in one.left:
        name = special.get(row.purpose) or special.get(row.kind)
        if name is None:
            lessons += 1
        elif name not in words:
            words.append(name)
    return [_("lessons: %(count)d") % {"count": lessons}, *words] if lessons else words


def next_step(lines: list[CourseLine]) -> NextStep | None:
    """The first lesson that can be done alone and now, in the course touched last; else one still closed."""
    for allowed in ({"now", "open"}, {"locked"}):
        for line in lines:
            for row in line.journey.left if line.journey else []:
                if row.state in allowed and row.url and row.kind not in BY_THE_CLOCK:
                    return NextStep(row, line, line.journey.total)
    return None


_SEAT = """
SELECT t.name FROM lms_courses_sessionsite p
JOIN lms_telesite t ON t.id = p.site_id
JOIN lms_affiliation a ON a.facility_id = t.facility_id
WHERE p.session_id = %s AND a.person_id = %s
AND (a.valid_from IS NULL OR a.valid_from <= %s) AND (a.valid_to IS NULL OR a.valid_to >= %s)
ORDER BY p.id LIMIT 1"""
# ``in_force()``: evidence that was not taken back.
_HERE = """
SELECT p.* FROM lms_courses_presence p
WHERE p.session_id = %s AND p.person_id = %s AND p.retracts_id IS NULL
AND NOT EXISTS (SELECT 1 FROM lms_courses_presence x WHERE x.retracts_id = p.id)
ORDER BY p.since, p.id LIMIT 1"""


def live_now(person, lines: list[CourseLine]) -> LiveNow | None:
    """The session of one of my classes that is on now, else the next within a fortnight."""
    now = clock.nearly()
    early = timedelta(minutes=conf.CHECK_IN_EARLY_MINUTES)
    mine = {
        session.pk: session
        for line in lines
        if line.journey
        for row in line.journey.rows
        for session in row.sessions
        if session.state != Session.State.CANCELLED and now <= session.ends_at <= now + timedelta(days=14)
    }
    session = min(mine.values(), key=lambda one: (one.starts_at, one.pk), default=None)
    if session is None:
        return None
    is_on = session.starts_at - early <= now
    day = sql.stored(Affiliation, "valid_from", clock.today())
    seat = sql.rows(_SEAT, [session.pk, person.pk, day, day], [CharField()])
    here = sql.one(Presence, _HERE, [session.pk, person.pk]) if is_on else None
    return LiveNow(session, is_on, seat[0][0] if seat else "", here)


def absences(person) -> list[tuple[Excuse, datetime | None]]:
    """What the person said about absences from sessions of the last month or to come, the youngest first.

    Each with the moment until which its refusal can be appealed, while that is to come.
    """
    now = clock.nearly()
    rows = Excuse.objects.standing().filter(person=person, session__ends_at__gte=now - ABSENT_FOR)
    rows = rows.select_related("session").prefetch_related("steps").order_by("-session__starts_at")
    ends = [(one, appeal_until(one)) for one in rows[:SHOWN]]
    return [(one, end if end and end > now else None) for one, end in ends]
