"""From evidence to facts: a session is settled, its minutes weighed, each person told whether it counts."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from courses import presence
from courses.actions import excuses, making_up, progress
from courses.conf import conf
from courses.models import Attendance, Case, Enrolment, Presence, Session, SessionRole, SessionUse
from courses.signals import attendance_settled, evidence_withdrawn, session_role_changed
from lms import clock, sql
from lms.models import Person


class ListRefused(Exception):
    """A list of a room that cannot be changed like this; the message says why."""


def settle(session: Session, *, by=None) -> Session:
    """Turn all evidence of *session* into attendance and progress. Idempotent; ends it if need be."""
    with transaction.atomic():
        locked = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
        now = clock.now()
        if locked.state == Session.State.CANCELLED:
            raise ListRefused(_("This session was cancelled."))
        if now < locked.ends_at and locked.state != Session.State.ENDED:
            raise ListRefused(_("This session is not over yet."))
        if locked.state != Session.State.SETTLED:
            locked.state, locked.settled_at, locked.settled_by = Session.State.SETTLED, now, by
            locked.save(update_fields=["state", "settled_at", "settled_by"])
            for role in locked.roles.filter(ended_at__isnull=True):
                session_role_changed.send(SessionRole, role=role)
        _weigh(locked, Presence.objects.filter(session=locked).values("person"))
        if locked.recordings.exists():
            making_up.look_again(locked)
        for excuse in locked.excuses.accepted().select_related("session", "person"):
            excuses.weigh_anew(excuse)
    for name in ("state", "settled_at", "settled_by"):
        setattr(session, name, getattr(locked, name))
    return session


def due_for_settlement() -> list[Session]:
    """Sessions that ended so long ago that nobody is waited for any more."""
    latest = clock.now() - timedelta(hours=conf.SETTLE_AFTER_HOURS)
    open_states = [Session.State.SCHEDULED, Session.State.LIVE, Session.State.ENDED]
    return list(Session.objects.filter(state__in=open_states, ends_at__lt=latest).order_by("ends_at"))


def weigh_if_settled(session: Session, person: Person, *, state: str = "") -> None:
    """Weigh the evidence of *person* anew where *session* is settled; inside the caller's transaction.

    *state* is what the caller read of *session* under a lock; without it, it is locked and read here:
    a settlement in progress must not miss a row, nor a row the settlement.
    """
    if not state:
        asked = "SELECT id, state FROM lms_courses_session WHERE id = %s"
        state = sql.one(Session, asked, [session.pk], lock=True).state
    if state == Session.State.SETTLED:
        _weigh(session, [person.pk])


def weigh_all_if_settled(session: Session, persons) -> None:
    """The same for many people at once."""
    state = Session.objects.select_for_update(no_key=True).get(pk=session.pk).state
    if state == Session.State.SETTLED:
        _weigh(session, list(persons))


def _weigh(session: Session, persons) -> None:
    """Write the attendance of *persons* and refresh the enrolments it counts for."""
    changed, fallen = [], set()
    earlier = {row.person_id: row for row in Attendance.objects.filter(session=session, person__in=persons)}
    for person, weighed in weigh(session, persons).items():
        row = earlier.get(person) or Attendance(session=session, person_id=person)
        if row.pk is None or (row.minutes, row.state, row.evidence) != weighed:
            if _has_fallen(row, *weighed):
                fallen.add(person)
            row.minutes, row.state, row.evidence = weighed
            row.save()
            changed.append(row)
    people = Person.objects.in_bulk([row.person_id for row in changed])
    for row in changed:
        row.person = people[row.person_id]
        attendance_settled.send(Attendance, session=session, person=row.person, attendance=row)
    for role in SessionRole.objects.filter(session=session, person__in=people, ended_at=None):
        session_role_changed.send(SessionRole, role=role)
    concerned = Enrolment.objects.exclude(state=Enrolment.State.WITHDRAWN).filter(
        person__in=people.keys() - fallen
    )
    concerned = concerned.learnt_in(SessionUse.objects.filter(session=session).values("run"))
    for enrolment in concerned.order_by("pk"):
        progress.refresh(enrolment)
    if fallen:
        _take_from(session, fallen)


def _has_fallen(row: Attendance, minutes: Decimal, state: str, evidence: list[dict]) -> bool:
    """Whether what is said now may carry less than *row* said.

    Less than present may be enough beside a recording, so fewer minutes are, and so is a piece of
    evidence that is gone: as many other minutes may be those that the recording shows too.
    """
    if state == Attendance.State.PRESENT or row.pk is None:
        return False
    is_gone = any(one not in evidence for one in row.evidence)
    return row.state == Attendance.State.PRESENT or minutes < row.minutes or is_gone


def _take_from(session: Session, persons: set[int]) -> None:
    """Open the lessons again that nothing carries without what *session* lost; a completion gets a second look."""
    lessons = defaultdict(set)
    for use in SessionUse.objects.filter(session=session):
        lessons[use.run_id].add(use.lesson_id)
    concerned = Enrolment.objects.filter(person__in=persons).learnt_in(list(lessons))
    for enrolment in concerned.prefetch_related("moves").order_by("pk"):
        runs = {enrolment.run_id, *(move.from_run_id for move in enrolment.moves.all())}
        progress.refresh(enrolment, lost=set().union(*(lessons.get(run, set()) for run in runs)))
        if enrolment.state == Enrolment.State.COMPLETED:
            evidence_withdrawn.send(Enrolment, enrolment=enrolment)


def weigh(session: Session, persons=None) -> dict[int, tuple[Decimal, str, list[dict]]]:
    """What the evidence comes to now, by person id: minutes (cut to a tenth), verdict, what it rests on."""
    found, hours = {}, session.hours()
    for person, rows in evidence_of(session, persons).items():
        length = presence.minutes(rows, hours, pulse=pulse())
        state = presence.verdict(length, hours, session.present_pct, session.partial_pct)
        found[person] = (
            Decimal(int(length * 10)) / 10,
            state,
            [_kept(one) for one in presence.in_force(rows)],
        )
    return found


def cases_attended(session: Session, person: Person) -> int | None:
    """For how many of the concluded cases of *session* its evidence shows *person*; None where none was concluded here.

    A case stands at the moment of its first conclusion. One concluded outside the hours tells no moment: it counts for
    whoever was present by the session's own threshold.
    """
    concluded = Case.objects.filter(room__session=session, state=Case.State.CONCLUDED)
    moments = list(concluded.values_list("concluded_at", flat=True))
    if not moments:
        return None
    hours, rows = session.hours(), evidence_of(session, [person.pk]).get(person.pk, [])
    there = presence.intervals(rows, hours, pulse=pulse())
    state = presence.verdict(presence.total(there), hours, session.present_pct, session.partial_pct)
    told = [moment for moment in moments if presence.holds(hours.parts, moment)]
    untold = len(moments) - len(told) if state == Attendance.State.PRESENT else 0
    return sum(presence.holds(there, moment) for moment in told) + untold


def evidence_of(session: Session, persons=None) -> dict[int, list[presence.Evidence]]:
    """All evidence of *session* by person id (of *persons* only, if given), as pure rows."""
    rows = Presence.objects.filter(session=session)
    if persons is not None:
        rows = rows.filter(person__in=persons)
    found: dict[int, list[presence.Evidence]] = {}
    for row in rows.order_by("pk"):
        found.setdefault(row.person_id, []).append(
            presence.Evidence(row.pk, row.source, row.since, row.until, row.retracts_id, row.site_id)
        )
    return found


def pulse() -> timedelta:
    """How long a single code proves presence."""
    return timedelta(minutes=conf.PULSE_MINUTES)


def _kept(row: presence.Evidence) -> dict:
    return {
        "id": row.id,
        "source": row.source,
        "since": row.since.isoformat(),
        "until": row.until.isoformat() if row.until else None,
        "site": row.site,
    }
