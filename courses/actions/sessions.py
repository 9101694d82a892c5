"""Verbs on live sessions: plan, use in a class, join, open, end."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from courses import completion
from courses.actions import progress
from courses.conf import conf
from courses.models import (
    AgendaItem,
    ConnectionTest,
    Enrolment,
    Lesson,
    Run,
    Session,
    SessionChange,
    SessionSeries,
    SessionSite,
    SessionUse,
)
from courses.models.outline import LessonKind
from lms import clock, names, queue
from lms.models import Facility, TeleSite

MOST_BLOCKS = 12
BEFORE = (Session.State.DRAFT, Session.State.SCHEDULED)
"""States in which hours can still be changed."""


class SessionRefused(Exception):
    """A session cannot be planned, used or moved on like this; the message says why."""


def schedule(
    hub: Facility,
    *,
    title_vi: str,
    title_en: str = "",
    starts_at: datetime,
    ends_at: datetime,
    by,
    series: SessionSeries | None = None,
    form: str = "live_session",
    rule_code: str = "",
    present_pct: int = 80,
    partial_pct: int = 40,
    join_url: str = "",
    credits_outages: bool = False,
    makeup_days: int = 0,
    makeup_pct: int = 50,
    makeup_with_test: bool = False,
    excuse_effect: str = Session.ExcuseEffect.NOTED,
    is_draft: bool = False,
) -> Session:
    """Plan a session of *hub*. The same title at the same hour is the same session.

    A draft is seen by the hub alone, and nobody is told before it is published.
    """
    if ends_at <= starts_at:
        raise SessionRefused(_("A session must end after it begins."))
    with transaction.atomic():
        Facility.objects.select_for_update(no_key=True).get(pk=hub.pk)
        standing = Session.objects.exclude(state=Session.State.CANCELLED)
        same = standing.filter(hub=hub, title_vi=title_vi, starts_at=starts_at).first()
        return same or Session.objects.create(
            hub=hub,
            series=series,
            title_vi=title_vi,
            title_en=title_en,
            starts_at=starts_at,
            ends_at=ends_at,
            form=form,
            rule_code=rule_code,
            present_pct=present_pct,
            partial_pct=partial_pct,
            join_url=join_url,
            credits_outages=credits_outages,
            makeup_days=makeup_days,
            makeup_pct=makeup_pct,
            makeup_with_test=makeup_with_test,
            excuse_effect=excuse_effect,
            state=Session.State.DRAFT if is_draft else Session.State.SCHEDULED,
        )


def use(session: Session, *, run: Run, lesson: Lesson) -> SessionUse:
    """Let *session* serve as *lesson* of *run*. Idempotent; counts at once if already settled."""
    if lesson.kind != LessonKind.SESSION or lesson.course_id != run.release.course_id:
        raise SessionRefused(_("Only a live-session lesson of the same course can use a session."))
    asks_for_test = session.makeup_days and session.makeup_with_test
    if asks_for_test and completion.test_after(run.release.outline, lesson.pk) is None:
        raise SessionRefused(
            _("No exercise stands after this lesson in class %(class)s, so none can be asked for.")
            % {"class": run.code}
        )
    with transaction.atomic():
        found, is_new = SessionUse.objects.get_or_create(session=session, run=run, lesson=lesson)
        if is_new and session.state != Session.State.DRAFT and session.starts_at > clock.now():
            queue.enqueue("lms_courses.tell_session", f"{session.pk}:planned")
        if is_new and Session.objects.filter(pk=session.pk, state=Session.State.SETTLED).exists():
            learners = Enrolment.objects.open().filter(run=run)
            if not session.makeup_days:
                learners = learners.filter(person__in=session.attendances.values("person"))
            for enrolment in learners:
                progress.refresh(enrolment)
        return found


def join_site(session: Session, *, site: TeleSite, expected: int | None = None) -> SessionSite:
    """Let *site* take part. Idempotent; a new *expected* number replaces the old one."""
    with transaction.atomic():
        state = Session.objects.select_for_update(no_key=True).get(pk=session.pk).state
        if state in {Session.State.SETTLED, *Session.HIDDEN}:
            raise SessionRefused(_("This session takes no more sites."))
        try:
            with transaction.atomic():
                return SessionSite.objects.create(session=session, site=site, expected=expected)
        except IntegrityError:
            joined = SessionSite.objects.get(session=session, site=site)
        if expected is not None and joined.expected != expected:
            joined.expected = expected
            joined.save(update_fields=["expected"])
        return joined


def report_connection(
    room: SessionSite, *, is_in: bool, picture: bool, sound: bool, note: str = "", by
) -> ConnectionTest:
    """Record what a site reports before its session; the same report within a minute is the same row."""
    with transaction.atomic():
        SessionSite.objects.select_for_update(no_key=True).get(pk=room.pk)
        said = {"is_in": is_in, "picture": picture, "sound": sound, "note": names.clean(note)[:200]}
        now = clock.now()
        last = ConnectionTest.objects.filter(room=room).first()
        is_fresh = last is not None and last.reported_at > now - timedelta(minutes=1)
        if is_fresh and all(getattr(last, name) == value for name, value in said.items()):
            return last
        return ConnectionTest.objects.create(room=room, reported_by=by, reported_at=now, **said)


def publish_session(session: Session, *, by) -> Session:
    """Let everybody see a draft; those who learn with it are told. Idempotent."""
    with transaction.atomic():
        is_draft = Session.objects.filter(pk=session.pk, state=Session.State.DRAFT).exists()
        published = _move(session, {Session.State.DRAFT}, Session.State.SCHEDULED)
        if is_draft and session.uses.exists():
            queue.enqueue("lms_courses.tell_session", f"{session.pk}:planned")
    return published


def publish_series(session: Session, *, by) -> Session:
    """Publish *session* and every other draft of its series. Idempotent."""
    with transaction.atomic():
        drafts = Session.objects.filter(series=session.series_id, state=Session.State.DRAFT).order_by(
            "starts_at"
        )
        for draft in drafts.exclude(pk=session.pk) if session.series_id else ():
            publish_session(draft, by=by)
        return publish_session(session, by=by)


def open_session(session: Session, *, by) -> Session:
    """Mark *session* as live. Codes count by the clock, so pressing late costs nobody a minute."""
    return _move(session, {Session.State.SCHEDULED}, Session.State.LIVE)


def end_session(session: Session, *, by=None) -> Session:
    """Mark *session* as over. Minutes are still measured against the planned hours."""
    return _move(session, {Session.State.SCHEDULED, Session.State.LIVE}, Session.State.ENDED)


def postpone(session: Session, *, starts_at: datetime, ends_at: datetime, reason: str, by) -> Session:
    """Give *session* other hours, with a reason; its learners are told. Idempotent.

    Only before it is live: evidence is weighed against the hours.
    """
    if ends_at <= starts_at:
        raise SessionRefused(_("A session must end after it begins."))
    if not reason.strip():
        raise SessionRefused(_("Give the reason; those who come are told of the new hours."))
    with transaction.atomic():
        locked = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
        if (locked.starts_at, locked.ends_at) != (starts_at, ends_at):
            if locked.state not in BEFORE or locked.presences.exists():
                raise SessionRefused(
                    _("This session is already “%(state)s” or has evidence; its hours stay.")
                    % {"state": locked.get_state_display()}
                )
            if starts_at <= clock.now():
                raise SessionRefused(_("The new hours lie in the past."))
            SessionChange.objects.create(
                session=locked,
                starts_at=locked.starts_at,
                ends_at=locked.ends_at,
                reason=names.clean(reason)[:200],
                changed_by=by,
                changed_at=clock.now(),
            )
            moved_by = starts_at - locked.starts_at
            is_longer = ends_at - starts_at != locked.ends_at - locked.starts_at
            # Blocks move with a session that keeps its length; another length is planned anew.
            parts = [] if is_longer or not locked.blocks else locked.parts
            locked.blocks = [[(one + moved_by).isoformat() for one in part] for part in parts]
            locked.starts_at, locked.ends_at = starts_at, ends_at
            locked.save(update_fields=["starts_at", "ends_at", "blocks"])
            _move_agenda(locked, moved_by)
            if locked.state != Session.State.DRAFT:
                queue.enqueue("lms_courses.tell_session", f"{locked.pk}:postponed")
    session.starts_at, session.ends_at = starts_at, ends_at
    return session


def _move_agenda(session: Session, moved_by: timedelta) -> None:
    """Let the agenda begin with its session; what would begin after the end is dropped."""
    rows = list(session.agenda.all())
    session.agenda.all().delete()
    for row in rows:
        row.pk, row.starts_at = None, row.starts_at + moved_by
    AgendaItem.objects.bulk_create(row for row in rows if row.starts_at < session.ends_at)


def set_blocks(session: Session, *, blocks: list[tuple[datetime, datetime]], by) -> Session:
    """Divide *session* into *blocks* within one stretch; minutes count in them only. Idempotent.

    Hours of the session follow from the first and the last of them. Only before there is evidence.
    """
    blocks = sorted(blocks)
    if not blocks or len(blocks) > MOST_BLOCKS:
        raise SessionRefused(_("A session has from 1 to %(most)s blocks of time.") % {"most": MOST_BLOCKS})
    if any(until <= since for since, until in blocks):
        raise SessionRefused(_("A session must end after it begins."))
    if any(one[1] > other[0] for one, other in zip(blocks, blocks[1:], strict=False)):
        raise SessionRefused(_("Two blocks of time overlap."))
    with transaction.atomic():
        locked = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
        kept = [[since.isoformat(), until.isoformat()] for since, until in blocks]
        if locked.blocks != kept:
            if locked.state not in BEFORE or locked.presences.exists():
                raise SessionRefused(
                    _("This session is already “%(state)s” or has evidence; its hours stay.")
                    % {"state": locked.get_state_display()}
                )
            if (blocks[0][0], blocks[-1][1]) != (locked.starts_at, locked.ends_at):
                raise SessionRefused(
                    _(
                        "The first block begins and the last one ends with the session. Change its hours first."
                    )
                )
            locked.blocks = kept if len(kept) > 1 else []
            locked.save(update_fields=["blocks"])
    session.blocks = locked.blocks
    return session


def cancel_session(session: Session, *, by) -> Session:
    """Call *session* off; evidence already given stays on record and counts for nothing."""
    with transaction.atomic():
        is_draft = Session.objects.filter(pk=session.pk, state=Session.State.DRAFT).exists()
        cancelled = _move(session, {*BEFORE, Session.State.LIVE}, Session.State.CANCELLED)
        if not is_draft:
            queue.enqueue("lms_courses.tell_session", f"{session.pk}:cancelled")
    return cancelled


def end_forgotten() -> int:
    """End sessions that are still open when codes no longer count; return how many."""
    latest = clock.now() - timedelta(minutes=conf.CHECK_IN_LATE_MINUTES)
    return Session.objects.filter(
        state__in=[Session.State.SCHEDULED, Session.State.LIVE], ends_at__lt=latest
    ).update(state=Session.State.ENDED)


def _move(session: Session, allowed: set, state: str) -> Session:
    moved = Session.objects.filter(pk=session.pk, state__in=allowed).update(state=state)
    session.refresh_from_db(fields=["state"])
    if not moved and session.state != state:
        raise SessionRefused(
            _("This session is already “%(state)s”.") % {"state": session.get_state_display()}
        )
    return session
