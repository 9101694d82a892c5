"""How minutes of live sessions were made up for with their recordings; reads, never writes.

The session declared beforehand whether and how far (``makeup_days``, ``makeup_pct``,
``makeup_with_test``); the hub adds the recording afterwards; what was watched of it is known from
the same records as any lecture. Evidence of presence itself is never touched.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from content.models import Video
from courses import completion, presence, watching
from courses.conf import conf
from courses.models import (
    Attendance,
    Enrolment,
    Excuse,
    Session,
    SessionRecording,
    SessionUse,
    WatchRecord,
)
from lms import clock, scope

MOST_CHOICES = 50
"""Newest recordings that the hub chooses from."""


class Recordings:
    """The recordings of settled *sessions*, and what *enrolments* watched of them: three queries at most."""

    def __init__(self, sessions: Collection[int], enrolments: Collection[int]):
        rows = SessionRecording.objects.filter(
            session__in=sessions, session__makeup_days__gt=0, session__state=Session.State.SETTLED
        ).select_related("session", "video")
        self.by_session: dict[int, list[SessionRecording]] = defaultdict(list)
        for row in rows.prefetch_related("session__outages"):
            self.by_session[row.session_id].append(row)
        self.hours = {pk: rows[0].session.hours() for pk, rows in self.by_session.items()}
        self.with_leave = self._with_leave(enrolments)
        self.bits: dict[tuple[int, int, int], int] = {}
        if self.by_session:
            videos = [row.video_id for rows in self.by_session.values() for row in rows]
            watched = WatchRecord.objects.filter(enrolment__in=enrolments, video__in=videos)
            for row in watched.values_list("enrolment", "video", "version", "bits"):
                self.bits[row[:3]] = watching.from_bytes(row[3])

    def _with_leave(self, enrolments: Collection[int]) -> set[tuple[int, int]]:
        """Who is absent with leave, by enrolment and session, where nobody else may make up for it."""
        asking = [pk for pk, rows in self.by_session.items() if _asks_leave(rows[0].session)]
        if not asking:
            return set()
        accepted = Excuse.objects.accepted().filter(session__in=asking)
        found = accepted.filter(person__enrolments__in=enrolments)
        return set(found.values_list("person__enrolments", "session"))

    def watched(self, enrolment: int, recording: SessionRecording) -> list[presence.Interval]:
        """What *enrolment* watched of *recording*, on the session's clock."""
        bits = self.bits.get((enrolment, recording.video_id, recording.version), 0)
        return [
            (
                recording.begins_at + timedelta(seconds=since),
                recording.begins_at + timedelta(seconds=min(until, recording.seconds)),
            )
            for since, until in watching.parts_of(bits)
        ]

    def with_made_up(
        self, enrolment: int, session: int, one: completion.Attended | None, evidence: list[dict]
    ) -> completion.Attended | None:
        """*one*, what the *evidence* of a person in *session* came to, with what *enrolment* watched of it."""
        rows = self.by_session.get(session)
        if not rows or (_asks_leave(rows[0].session) and (enrolment, session) not in self.with_leave):
            return one
        hours, rule = self.hours[session], rows[0].session
        one = one or completion.Attended(session, "absent", Decimal(0), _tenths(hours.minutes))
        present = presence.intervals(map(_read, evidence), hours, pulse=timedelta(minutes=conf.PULSE_MINUTES))
        watched = [part for row in rows for part in self.watched(enrolment, row)]
        added = presence.made_up(present, watched, hours, most_pct=rule.makeup_pct)
        there = presence.total(present)
        recorded = [(row.begins_at, row.ends_at) for row in rows]
        one = replace(
            one,
            made_up=max(_tenths(there + added) - one.minutes, Decimal(0)) if added else Decimal(0),
            present_pct=rule.present_pct,
        )
        most = there + presence.made_up(present, recorded, hours, most_pct=rule.makeup_pct)
        if most * 100 < rule.present_pct * hours.minutes:
            # Watching it all would not be enough: nobody is sent to watch for nothing.
            return one
        again = presence.missed([*present, *watched], recorded, hours)
        return replace(one, until=max(row.until for row in rows), again=tuple(again))


def _asks_leave(session: Session) -> bool:
    return session.excuse_effect == Session.ExcuseEffect.MAKE_UP


def may_make_up(enrolment: Enrolment, session: Session) -> bool:
    """Whether the recording makes up for *session* for this learner: for all, or only with leave."""
    excuses = session.excuses.accepted().filter(person=enrolment.person_id)
    return not _asks_leave(session) or excuses.exists()


def to_watch(result: completion.Result) -> list[tuple[int, SessionRecording]]:
    """Recordings that still make up for what *result* lacks, each with the lesson; no query where nothing is lacking."""
    left = (one for one in result.lessons if not one.met and one.evidence.get("again"))
    sessions = {one.evidence["session"]: one.lesson for one in left}
    if not sessions:
        return []
    rows = SessionRecording.objects.filter(session__in=sessions).select_related("session", "video")
    return [(sessions[row.session_id], row) for row in rows if row.until > clock.nearly()]


def of_session(session: Session) -> dict[int, completion.Attended]:
    """By person what *session* comes to with its recordings, of those who learn with it and watched some."""
    uses = SessionUse.objects.filter(session=session).values("run")
    learners = dict(Enrolment.objects.learnt_in(uses).values_list("pk", "person"))
    recordings = Recordings([session.pk], learners)
    settled = {row.person_id: row for row in Attendance.objects.filter(session=session)}
    found: dict[int, completion.Attended] = {}
    for enrolment, person in learners.items() if recordings.by_session else ():
        row = settled.get(person)
        length = _tenths(recordings.hours[session.pk].minutes)
        one = completion.Attended(session.pk, row.state, row.minutes, length) if row else None
        one = recordings.with_made_up(enrolment, session.pk, one, row.evidence if row else [])
        if one and one.made_up and (person not in found or found[person].made_up < one.made_up):
            found[person] = one
    return found


def choices(user, session: Session) -> dict:
    """What the hub chooses from: the newest ready recordings that *user* may use, and those added already."""
    if not session.makeup_days:
        return {}
    videos = scope.limit(Video.objects.filter(state=Video.State.READY), user, "choose")
    known = session.recordings.select_related("video", "session", "added_by__person")
    return {
        "recordings": known,
        "videos": videos.exclude(pk__in=known.values("video")).order_by("-pk")[:MOST_CHOICES],
    }


def _read(kept: dict) -> presence.Evidence:
    """One piece of evidence as an attendance keeps it."""
    return presence.Evidence(
        kept["id"],
        kept["source"],
        datetime.fromisoformat(kept["since"]),
        datetime.fromisoformat(kept["until"]) if kept["until"] else None,
        site=kept["site"],
    )


def _tenths(minutes) -> Decimal:
    """Minutes cut off to a tenth, as attendance keeps them."""
    return Decimal(int(minutes * 10)) / 10
