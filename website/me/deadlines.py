"""What is due for a person: dates with what to do until then, the soonest first, in a fixed number of queries."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import CharField, DateField, DateTimeField
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates.credit import Standing
from courses.models import Application, LessonKind, Session, SessionRecording, SessionRole
from lms import clock, sql
from lms.languages import pick
from website.me.reads import CourseLine

AT_ONCE = 5
"""Shown at once; the others open below them."""
MOST = 25
"""Shown in all: who has more has the calendar and the ledger."""
COUNTED = 100
"""Days are counted up to so many."""
SOON = timedelta(days=3)
AHEAD = timedelta(days=60)
"""How far ahead sessions and follow-ups are named; a class that ends later is named all the same."""
LICENCE_AHEAD = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when what must be done; ``at`` is an hour, or a day where only that was said."""

    at: datetime | date
    what: str
    about: str
    url: str

    @property
    def day(self) -> date:
        """The day where people live."""
        return timezone.localdate(self.at) if isinstance(self.at, datetime) else self.at

    @property
    def hour(self) -> time | None:
        """The hour where people live; None where the whole day is left."""
        return timezone.localtime(self.at).time() if isinstance(self.at, datetime) else None

    @property
    def when(self) -> str:
        """Day and hour in words; the year where it is another one."""
        words = date_format(self.day, "D d/m" if self.day.year == clock.today().year else "d/m/Y")
        return f"{words}, {self.hour:%H:%M}" if self.hour else words

    @property
    def left(self) -> str:
        """How long that is, in days; nothing where it is too far away for days to say something."""
        days = (self.day - clock.today()).days
        if days < 0:
            return ngettext("%(days)d day late", "%(days)d days late", -days) % {"days": -days}
        if days < 2:
            return _("tomorrow") if days else _("today")
        return _("in %(days)d days") % {"days": days} if days <= COUNTED else ""

    @property
    def tag(self) -> str:
        """How that is coloured."""
        left = self.day - clock.today()
        return " bad" if left < timedelta(0) else " warn" if left <= SOON else ""


def of_person(person, lines: list[CourseLine], state: Standing, approvals: dict) -> list[Deadline]:
    """Everything with a date that *person* must do or wait for; *approvals* is what ``approving`` counted."""
    found = [_WORDS[kind](*row) for kind, *row in _dated(person)]
    if until := approvals.get("decide_until"):
        count = approvals["to_decide"]
        words = ngettext("Decide about %(count)d application", "Decide about %(count)d applications", count)
        found.append(Deadline(until, words % {"count": count}, "", reverse("lms_courses:approvals")))
    if state.ends_on and not state.is_reached:
        what = _("Collect the credit hours that are missing")
        found.append(Deadline(state.ends_on, what, "", reverse("lms_certificates:credits")))
    learning = [line for line in lines if line.journey]
    found += [one for line in learning for one in _of_course(line)]
    found += _missed(learning)
    return sorted(found, key=lambda one: (one.day, one.hour or time.max))[:MOST]


def _of_course(line: CourseLine) -> Iterator[Deadline]:
    """The sessions to attend, and the end of the class."""
    now, left = clock.nearly(), line.journey.left
    for row in left:
        for session in row.sessions:
            if session.state != Session.State.CANCELLED and now <= session.ends_at <= now + AHEAD:
                url = row.url or line.url
                yield Deadline(session.starts_at, _("Attend the live session"), session.title, url)
    ends = line.enrolment.run.ends_on
    if not left or ends is None or ends < clock.today():
        return
    if all(row.kind == LessonKind.SURVEY for row in left):
        yield Deadline(ends, _("Answer the survey"), line.title, left[0].url or line.url)
    else:
        yield Deadline(ends, _("Still to do:") + " " + ", ".join(line.left), line.title, line.url)


def _missed(learning: list[CourseLine]) -> Iterator[Deadline]:
    """Sessions that can still be made up for with their recordings; a query only where one lets that be."""
    settled = Session.State.SETTLED
    missed = {
        session.pk: line.enrolment.pk
        for line in learning
        for row in line.journey.left
        for session in row.sessions
        if session.makeup_days and session.state == settled
    }
    if not missed:
        return
    rows = SessionRecording.objects.filter(session__in=missed).select_related("session")
    # Where there are several the last one added is that until which something counts.
    until = {row.session: row.until for row in sorted(rows, key=lambda row: row.until)}
    for session, end in until.items():
        if end > clock.nearly():
            url = reverse("lms_courses:watch_again", args=[missed[session.pk], session.uuid])
            # The moment is the midnight after the last day.
            day = timezone.localdate(end - timedelta(seconds=1))
            yield Deadline(day, _("Make up for what you missed with the recording"), session.title, url)


# By hand, because five SELECTs that Django builds cost my page more than all this says.
_DATED = """
SELECT 'seat', a.due_at, CAST(NULL AS date), CAST(a.run_id AS text), c.title_vi, c.title_en, a.step
FROM lms_courses_application a
JOIN lms_courses_run r ON r.id = a.run_id
JOIN lms_courses_release v ON v.id = r.release_id
JOIN lms_courses_course c ON c.id = v.course_id
WHERE a.person_id = %s AND a.state IN ('pending', 'offered') AND a.due_at > %s
UNION ALL
SELECT 'test', t.deadline, NULL, CAST(t.id AS text), l.title_vi, l.title_en, ''
FROM lms_courses_enrolment e
JOIN lms_courses_attempt t ON t.enrolment_id = e.id
JOIN lms_courses_lesson l ON l.id = t.lesson_id
WHERE e.person_id = %s AND e.state = 'active' AND t.state = 'open' AND t.deadline > %s
UNION ALL
SELECT 'role', s.starts_at, NULL, CAST(s.uuid AS text), s.title_vi, s.title_en, o.role
FROM lms_courses_sessionrole o
JOIN lms_courses_session s ON s.id = o.session_id
WHERE o.person_id = %s AND o.ended_at IS NULL AND s.state <> 'cancelled' AND s.ends_at BETWEEN %s AND %s
UNION ALL
SELECT 'patient', NULL, f.due_on, CAST(k.uuid AS text), s.title_vi, s.title_en, CAST(f.day AS text)
FROM lms_courses_case k
JOIN lms_courses_casefollowup f ON f.case_id = k.id
JOIN lms_courses_sessionsite p ON p.id = k.room_id
JOIN lms_courses_session s ON s.id = p.session_id
WHERE k.presenter_id = %s AND k.state = 'concluded' AND f.recorded_at IS NULL AND f.due_on <= %s
UNION ALL
SELECT 'licence', NULL, n.valid_to, CAST(n.id AS text), n.raw, '', ''
FROM lms_licence n
WHERE n.person_id = %s AND n.status <> 'withdrawn' AND n.valid_to BETWEEN %s AND %s"""
_KINDS = (CharField(), DateTimeField(), DateField(), *[CharField()] * 4)


def _dated(person) -> list[tuple]:
    """What the tables hold of *person*: kind, hour, day, what it is about by key, titles, and a word."""
    now, today, me = clock.nearly(), clock.today(), person.pk
    hour, day = connection.ops.adapt_datetimefield_value, connection.ops.adapt_datefield_value
    params = [me, hour(now), me, hour(now), me, hour(now), hour(now + AHEAD), me, day(today + AHEAD)]
    return sql.rows(_DATED, [*params, me, day(today), day(today + LICENCE_AHEAD)], _KINDS)


def _seat(at, _day, run, vi, en, step) -> Deadline:
    """A seat that is held, or a decision that others owe."""
    what = _("Accept the seat that is held for you")
    if step:
        what = _("To be decided by then: %(step)s") % {"step": Application.Step(step).label}
    return Deadline(at, what, pick(vi, en), reverse("lms_courses:go_class", args=[run]))


def _test(at, _day, pk, vi, en, _word) -> Deadline:
    """A test that was begun and is not handed in."""
    return Deadline(at, _("Hand in the test"), pick(vi, en), reverse("lms_courses:attempt", args=[pk]))


def _role(at, _day, uuid, vi, en, role) -> Deadline:
    """A session in which one teaches, chairs or presents."""
    what = _("Your part: %(role)s") % {"role": SessionRole.Role(role).label}
    return Deadline(at, what, pick(vi, en), reverse("lms_courses:session_cases", args=[UUID(uuid)]))


def _patient(_at, day, uuid, vi, en, days) -> Deadline:
    """The patient of a case one presented; also when that is late. The session is named, never the case."""
    what = _("Say how the patient is after %(days)d days") % {"days": int(days)}
    return Deadline(day, what, pick(vi, en), reverse("lms_courses:case", args=[UUID(uuid)]))


def _licence(_at, day, _pk, number, *_rest) -> Deadline:
    """The end of a licence."""
    return Deadline(day, _("Your licence runs out"), number, reverse("my_data"))


_WORDS = {"seat": _seat, "test": _test, "role": _role, "patient": _patient, "licence": _licence}
