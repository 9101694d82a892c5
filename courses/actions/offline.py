"""Credits what was watched without a network: reports that arrive hours or days later, once each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from courses import watching
from courses.actions.watching import Standing, Token, TokenRefused, begin, concluded, standing_of, whole
from courses.conf import conf
from courses.models import Enrolment, OfflineReport, WatchClock, WatchRecord
from lms import clock


@dataclass(frozen=True, slots=True)
class Report:
    """What a device says: its id for it, ranges and place in seconds, how long it played, by its own clock when.

    The seconds played come from a clock that nobody can set; the moments may be off by days.
    """

    client_id: UUID
    ranges: Sequence
    position: float = 0
    played: float = 0
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    sent_at: datetime | None = None


def credit_report(token: Token, report: Report) -> Standing:
    """Credit *report*, as far as savings, the seconds it was played and the time since the lesson was saved go.

    Sent again, with more in it or the same, it is the same report; ``rest`` of the answer is what
    may be sent again later. Locks the person's account. Raises ``watching.BadRanges`` or
    ``TokenRefused``, the latter also for a page that was not saved.
    """
    mask = watching.mask_of(watching.clean(report.ranges), token.seconds)
    if not token.saved:
        raise TokenRefused("not of a saved lesson")
    if not 0 <= report.played < watching.LONGEST:
        raise watching.BadRanges("seconds played")
    begin(token)
    with transaction.atomic():
        account = WatchClock.objects.select_for_update().get(person=token.person)
        enrolment = Enrolment.objects.get(pk=token.enrolment)
        if enrolment.state == Enrolment.State.WITHDRAWN:
            raise TokenRefused("withdrawn")
        now = clock.now()
        row = _row(enrolment, token, report, now)
        record = WatchRecord.objects.get(enrolment=enrolment, video=token.video, version=token.version)
        paid = _pay(account, row, token, watching.from_bytes(bytes(record.bits)), mask, now)
        record.bits, record.credited = watching.to_bytes(paid.bits), paid.bits.bit_count()
        record.offline_buckets += paid.added
        # Somebody may have gone on elsewhere since: then that is the place.
        if _ended(report, now) >= record.updated_at or not record.position:
            record.position = whole(report.position, token.seconds)
        record.rev += 1
        record.updated_at = now
        record.save()
    return concluded(token, standing_of(token, paid, position=record.position, at=now))


def _row(enrolment: Enrolment, token: Token, report: Report, now: datetime) -> OfflineReport:
    """The row of *report*, made or found; later sendings may only add to the seconds played."""
    played = int(min(report.played, conf.TOKEN_DAYS * 86400))
    row, is_new = OfflineReport.objects.get_or_create(
        enrolment=enrolment,
        client_id=report.client_id,
        defaults={
            "lesson_id": token.lesson,
            "begun_at": report.begun_at,
            "ended_at": report.ended_at,
            "sent_at": report.sent_at,
            "received_at": now,
            "played_seconds": played,
        },
    )
    if not is_new and played > row.played_seconds:
        row.played_seconds, row.ended_at = played, report.ended_at
    return row


def _pay(account: WatchClock, row: OfflineReport, token: Token, bits: int, mask: int, now) -> watching.Credit:
    """Pay from the savings first, so that whoever goes on watching on line is not held up."""
    most, elapsed = float(conf.OFFLINE_CAP_SECONDS), (now - account.at).total_seconds()
    budget, savings = watching.save_up(account.budget, account.savings, elapsed, most=most)
    allowed = watching.without_network(
        budget,
        savings,
        played=row.played_seconds,
        since_saved=now.timestamp() - token.issued,
        paid=row.buckets * watching.BUCKET,
    )
    paid = watching.credit(bits, mask, allowed)
    spent = paid.added * watching.BUCKET
    account.savings = max(savings - spent, 0.0)
    account.budget = budget - max(spent - savings, 0.0)
    # A report from without a network is not one of those that may come only every few seconds.
    account.reports = watching.refill(account.reports, elapsed)
    account.at, account.rev = now, account.rev + 1
    account.save()
    row.buckets += paid.added
    row.save()
    return paid


def _ended(report: Report, now: datetime) -> datetime:
    """When watching ended by the server's clock: the device's two moments are off by the same."""
    if not report.ended_at or not report.sent_at:
        return now
    return now - max(report.sent_at - report.ended_at, timedelta(0))
