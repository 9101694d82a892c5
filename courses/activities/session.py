"""The panel of a live session: when, what is recorded, one button."""

from courses import explaining, presence
from courses.actions import attendance, settling
from courses.facts import result_of
from courses.models import Attendance, Excuse, Presence, Session
from lms import clock


def panel(request, enrolment, lesson, item) -> dict:
    """The sessions of the learner's class that serve as this lesson, the next one first."""
    now = clock.now()
    rows = (
        Session.objects.planned()
        .filter(uses__run=enrolment.run_id, uses__lesson=lesson)
        .select_related("hub")
    )
    sessions = list(rows.distinct())
    settled = {
        row.session_id: row
        for row in Attendance.objects.filter(session__in=sessions, person=enrolment.person_id)
    }
    own: dict[int, list[Presence]] = {}
    known = Presence.objects.in_force().filter(session__in=sessions, person=enrolment.person_id)
    for row in known.order_by("since"):
        own.setdefault(row.session_id, []).append(row)
    excused = {
        row.session_id: row
        for row in Excuse.objects.standing().filter(session__in=sessions, person=enrolment.person_id)
    }
    sessions.sort(key=lambda one: (one.ends_at < now, abs((one.starts_at - now).total_seconds())))
    made_up = _made_up(enrolment, lesson, sessions)
    return {
        "sessions": [
            {
                **_one(one, own.get(one.pk, []), settled.get(one.pk), now),
                "made_up": made_up.get(one.pk),
                "excuse": excused.get(one.pk),
            }
            for one in sessions
        ],
    }


def _made_up(enrolment, lesson, sessions: list[Session]) -> dict[int, str]:
    """By session what can still be made up for with its recording, where it lets something be."""
    if not any(one.makeup_days and one.state == Session.State.SETTLED for one in sessions):
        return {}
    done = result_of(enrolment).lesson(lesson.pk)
    if done is None or done.met or not (said := explaining.made_up(done.evidence, enrolment.run.release)):
        return {}
    return {done.evidence["session"]: said}


def _one(session: Session, rows: list[Presence], settled: Attendance | None, now) -> dict:
    evidence = [
        presence.Evidence(row.pk, row.source, row.since, row.until, None, row.site_id) for row in rows
    ]
    length = presence.minutes(
        evidence,
        session.hours().until_now(now),
        pulse=settling.pulse(),
    )
    total = session.length.total_seconds() / 60
    return {
        "session": session,
        "presences": rows,
        "attendance": settled,
        "minutes": int(settled.minutes if settled else length),
        "needed": -int(-total * session.present_pct // 100),
        "is_now": session.starts_at - attendance.early() <= now <= session.ends_at,
        "is_open": session.starts_at - attendance.early() <= now <= session.ends_at + attendance.late(),
        "is_over": now > session.ends_at,
    }
