"""Credits reports of watched lectures: one SELECT and one conditional write in the usual case.

The person's ``WatchClock`` is the lock of all their watch records: a report writes only if the
clock's ``rev`` is the one it read, so parallel tabs and devices pay from one account. The same row
counts how many reports may come, so that no other store is asked.
"""

from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.core import signing
from django.db import IntegrityError, connection, transaction
from django.utils.dateparse import parse_datetime

from courses import watching
from courses.actions.progress import refresh
from courses.conf import conf
from courses.models import Enrolment, WatchClock, WatchRecord
from lms import clock

SALT = "lms_courses.watch"
RETRIES = 8


class TokenRefused(Exception):
    """The token is forged, too old, or its enrolment is closed."""


class Busy(Exception):
    """Too many reports of one person at once; the player keeps its ranges and sends them again."""


class TooOften(Exception):
    """Reports come faster than one per ``watching.EVERY`` seconds; nothing was written, ``seconds`` are to be waited."""

    def __init__(self, seconds: float):
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Token:
    """What the lesson page signed: whose watching of what this is. No look-up is needed to trust it."""

    enrolment: int
    person: int
    lesson: int
    video: int
    version: int
    seconds: float
    watch_pct: int
    issued: float
    saved: bool = False
    """Whether it came with a lesson that was saved for learning without a network."""
    until: float = 0
    """Until when a recording of a session makes up for missed minutes; 0 for a lecture."""

    def signed(self) -> str:
        values: list[float] = [self.enrolment, self.person, self.lesson, self.video, self.version]
        values += [self.seconds, self.watch_pct, self.issued]
        values += [self.saved, self.until] if self.until else [True] if self.saved else []
        return signing.dumps(values, salt=SALT)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a lecture stands after a report."""

    credited: int
    buckets: int
    pct: int
    met: bool
    position: int
    saved_at: datetime
    rest: list[tuple[int, int]]


def token_for(enrolment: Enrolment, item: dict, *, saved: bool = False) -> Token:
    """The token for the lecture of *item* in the learner's outline; *saved* for learning without a network."""
    return Token(
        enrolment=enrolment.pk,
        person=enrolment.person_id,
        lesson=item["lesson"],
        video=item["video"],
        version=item["version"],
        seconds=float(item["seconds"]),
        watch_pct=enrolment.run.release.policy["watch_pct"],
        issued=round(clock.now().timestamp(), 3),
        saved=saved,
    )


def read_token(text: str) -> Token:
    """The token in *text*; raises ``TokenRefused`` unless we signed it within the allowed days."""
    try:
        token = Token(*signing.loads(text, salt=SALT))
    except (signing.BadSignature, TypeError, ValueError) as error:
        raise TokenRefused("forged") from error
    now = clock.nearly().timestamp()
    if now - token.issued > conf.TOKEN_DAYS * 86400 or 0 < token.until <= now:
        raise TokenRefused("too old")
    return token


def beat(token: Token, *, ranges: object, position: float = 0) -> Standing:
    """Credit the *ranges* (pairs of seconds) of a report, as far as the server's clock pays.

    A repetition is harmless. When the needed share is first reached the enrolment's progress is
    recomputed. Raises ``watching.BadRanges``, ``TokenRefused``, ``TooOften`` or ``Busy``.
    """
    mask = watching.mask_of(watching.clean(ranges), token.seconds)
    position = whole(position, token.seconds)
    for _attempt in range(RETRIES):
        # SQLite takes its write lock first, so that two reports queue instead of colliding.
        with transaction.atomic() if connection.vendor == "sqlite" else nullcontext():
            row = _read(token)
            if row is not None:
                standing, is_met = _credit(token, row, mask, position)
        if row is None:
            begin(token)
            continue
        if standing is None:
            continue
        return standing if is_met else concluded(token, standing)
    raise Busy


def concluded(token: Token, standing: Standing) -> Standing:
    """*standing* after the enrolment's progress was recomputed, where the needed share is newly reached.

    Minutes made up for with a recording are weighed at every report, and it stands where the session stands.
    """
    if not standing.met and not token.until:
        return standing
    result = refresh(Enrolment.objects.get(pk=token.enrolment))
    # The page may be older than a move to a version with another recording or another share.
    done = result.lesson(token.lesson)
    pct = int(done.pct) if done and token.until else standing.pct
    return replace(standing, met=bool(done and done.met), pct=pct)


def standing_of(token: Token, paid: watching.Credit, *, position: int, at: datetime) -> Standing:
    """Where the lecture stands once *paid* is written."""
    credited, buckets = paid.bits.bit_count(), watching.buckets_in(token.seconds)
    met = watching.reaches(credited, buckets, token.watch_pct)
    pct = credited * 100 // buckets if buckets else 0
    return Standing(credited, buckets, pct, met, position, at, paid.rest)


@dataclass(slots=True)
class _Row:
    """One line of the SELECT: the account, the record and whether the lesson is met already."""

    clock: int
    at: datetime
    budget: float
    savings: float
    reports: float
    rev: int
    record: int
    bits: bytes
    position: int
    state: str
    met_at: object
    now: datetime


_SELECT = """
SELECT c.id, c.at, c.budget, c.savings, c.reports, c.rev, r.id, r.bits, r.position, e.state, p.met_at, {now}
FROM lms_courses_watchclock c
JOIN lms_courses_enrolment e ON e.person_id = c.person_id
JOIN lms_courses_watchrecord r ON r.enrolment_id = e.id
LEFT JOIN lms_courses_lessonprogress p ON p.enrolment_id = e.id AND p.lesson_id = %s
WHERE c.person_id = %s AND e.id = %s AND r.video_id = %s AND r.version = %s
"""

_PAY = """
UPDATE lms_courses_watchclock SET at = %s, budget = %s, savings = %s, reports = %s, rev = rev + 1
WHERE id = %s AND rev = %s"""
_NOTE = """
UPDATE lms_courses_watchrecord SET bits = %s, credited = %s, position = %s,
rev = rev + 1, updated_at = %s WHERE id = %s"""
# Constants only: values travel as parameters.
_PAY_AND_NOTE = f"WITH paid AS ({_PAY} RETURNING 1) {_NOTE} AND EXISTS (SELECT 1 FROM paid)"  # noqa: S608


def _read(token: Token) -> _Row | None:
    on_server = connection.vendor == "postgresql" and clock.frozen() is None
    sql = _SELECT.format(now="clock_timestamp()" if on_server else "NULL")
    with connection.cursor() as cursor:
        cursor.execute(sql, [token.lesson, token.person, token.enrolment, token.video, token.version])
        found = cursor.fetchone()
    if found is None:
        return None
    row = _Row(*found)
    row.now = row.now or clock.now()
    row.at = _aware(row.at)
    if row.state == Enrolment.State.WITHDRAWN:
        raise TokenRefused("withdrawn")
    return row


def _credit(token, row, mask, position) -> tuple[Standing | None, bool]:
    """Write what the account pays for; None when somebody else wrote in between. Too soon, nothing is written."""
    elapsed, most = (row.now - row.at).total_seconds(), float(conf.OFFLINE_CAP_SECONDS)
    reports = watching.refill(row.reports, elapsed)
    if wait := watching.too_soon(reports):
        raise TooOften(wait)
    budget, savings = watching.save_up(row.budget, row.savings, elapsed, most=most)
    paid = watching.credit(watching.from_bytes(row.bits), mask, budget)
    now = _stored(row.now)
    pay = [now, paid.budget, savings, reports - 1, row.clock, row.rev]
    note = [watching.to_bytes(paid.bits), paid.bits.bit_count(), position, now, row.record]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_PAY_AND_NOTE, pay + note)
            if not cursor.rowcount:
                return None, False
        else:
            cursor.execute(_PAY, pay)
            if not cursor.rowcount:
                return None, False
            cursor.execute(_NOTE, note)
    return standing_of(token, paid, position=position, at=row.now), row.met_at is not None


def begin(token: Token) -> None:
    """Open the person's account and the record; the time since the page was loaded pays at once."""
    enrolment = Enrolment.objects.filter(pk=token.enrolment, person=token.person).first()
    if enrolment is None:
        raise TokenRefused("no such enrolment")
    now = clock.now()
    issued = datetime.fromtimestamp(token.issued, UTC)
    opened = {"at": min(issued, now), "budget": watching.SLACK}
    try:
        with transaction.atomic():
            WatchClock.objects.get_or_create(person_id=token.person, defaults=opened)
            WatchRecord.objects.get_or_create(
                enrolment=enrolment,
                video_id=token.video,
                version=token.version,
                defaults={"buckets": watching.buckets_in(token.seconds), "updated_at": now},
            )
    except IntegrityError:
        # Another tab opened them in the same moment; theirs will do.
        return


def whole(position: object, seconds: float) -> int:
    """The place to go on in whole seconds; the start where a report names none."""
    if isinstance(position, bool) or not isinstance(position, int | float) or not 0 <= position < 1e7:
        return 0
    return int(min(position, seconds))


def _aware(value: datetime | str) -> datetime:
    """SQLite hands back text without a zone, in UTC."""
    moment = parse_datetime(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _stored(moment: datetime):
    return connection.ops.adapt_datetimefield_value(moment)
