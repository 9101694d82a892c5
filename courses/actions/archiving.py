"""Verbs on sessions that are done with: archive one, take one back; and the lock that refuses to correct an archived one.

What an archived session brought stays where it counts: certificates, reports, one's own page, the evidence.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from courses.conf import conf
from courses.models import Session
from lms import clock, names

ARCHIVED, TAKEN_BACK = "lms_courses.archive_session", "lms_courses.unarchive_session"
"""What the log of the site calls them."""


class ArchivingRefused(Exception):
    """A session that cannot be archived or taken back like this; the message says why."""


def lock_open(pk: int, refusal: type[Exception]) -> Session:
    """The row of the session *pk*, locked for the caller's transaction; raises *refusal* where it is archived."""
    session = Session.objects.select_for_update(no_key=True).get(pk=pk)
    refuse_archived(session, refusal)
    return session


def refuse_archived(session: Session, refusal: type[Exception]) -> None:
    """Raise *refusal*, which takes a message, where *session* is archived."""
    if session.archived_at is not None:
        raise refusal(
            _(
                "This session is archived; nothing about it is corrected any more. The hub's training office "
                "can take it back from the archive, with a reason."
            )
        )


def open_until(session: Session) -> datetime:
    """When the last time is over in which anybody may still explain, appeal, send late or make up."""
    over = [
        session.ends_at + timedelta(days=conf.EXCUSE_DAYS),
        session.ends_at + timedelta(hours=conf.CHECK_IN_OFFLINE_HOURS),
    ]
    refused = session.excuses.refused_at()
    over += [at + timedelta(days=conf.EXCUSE_APPEAL_DAYS) for at in refused]
    over += [row.until for row in session.recordings.select_related("session")]
    return max(over)


def hindrance(session: Session) -> str:
    """Why *session* cannot be archived now, in words; empty where it can."""
    if session.state != Session.State.SETTLED:
        return _("Only a session whose attendance is settled is archived.")
    if session.excuses.to_decide().exists():
        return _("An excuse still waits for a decision.")
    until = open_until(session)
    if clock.now() < until:
        return _("Excuses, appeals and making up still run until %(until)s.") % {
            "until": date_format(localtime(until), "SHORT_DATETIME_FORMAT")
        }
    return ""


def archive(session: Session, *, by=None) -> Session:
    """Put *session* away: out of the hub's lists, no correction any more. Idempotent; without *by* the site does it."""
    with transaction.atomic():
        locked = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
        if locked.archived_at is None:
            if why := hindrance(locked):
                raise ArchivingRefused(why)
            locked.archived_at = clock.now()
            locked.save(update_fields=["archived_at"])
            log(locked, ARCHIVED, user=by)
    return locked


def unarchive(session: Session, *, reason: str, by) -> Session:
    """Take *session* back, with its reason, so that it can be corrected; its days count anew. Idempotent."""
    reason = names.clean(reason)[:200]
    if not reason:
        raise ArchivingRefused(_("Give the reason for this correction."))
    with transaction.atomic():
        locked = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
        if locked.archived_at is not None:
            locked.archived_at, locked.unarchived_at = None, clock.now()
            locked.save(update_fields=["archived_at", "unarchived_at"])
            log(locked, TAKEN_BACK, user=by, data={"reason": reason})
    return locked


def archive_due() -> int:
    """Archive what was settled, or last taken back, long enough ago; return how many. What still runs waits."""
    if not conf.SESSION_ARCHIVE_DAYS:
        return 0
    latest, done = clock.now() - timedelta(days=conf.SESSION_ARCHIVE_DAYS), 0
    rows = Session.objects.filter(state=Session.State.SETTLED, archived_at=None)
    rows = rows.annotate(since=Coalesce("unarchived_at", "settled_at", "ends_at")).filter(since__lt=latest)
    for session in rows.order_by("pk"):
        try:
            archive(session)
        except ArchivingRefused:
            continue
        done += 1
    return done
