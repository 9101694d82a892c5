"""Verbs on attempts at tests: start, save an answer, hand in, close at the deadline.

Order, versions, deadline and allowance are fixed by the server at the start; the page gets
remaining seconds only (``features`` 8.2, ``security`` T06, T26).
"""

import secrets
from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from content import grading
from content.models import QuestionVersion
from courses import promised
from courses.actions import progress
from courses.conf import conf
from courses.facts import result_of
from courses.gate import why_locked
from courses.models import Attempt, AttemptAnswer, Enrolment, Lesson
from lms import clock, sql
from lms.crashpoints import crashpoint

MANY = 999
"""The allowance of a practice test."""


class AttemptRefused(Exception):
    """An attempt that cannot begin or go on; the message says why."""


class NoAttemptLeft(AttemptRefused):
    """The allowance is used up, or the test is passed."""


class CoolingDown(AttemptRefused):
    """The next attempt may begin only later."""


class LessonLocked(AttemptRefused):
    """The lesson is not open yet."""


class AttemptClosed(AttemptRefused):
    """The attempt was handed in or its time is over."""


def start(enrolment: Enrolment, *, lesson: Lesson, by, language: str = "vi") -> Attempt:
    """Begin an attempt, or return the one that is open. Locks the enrolment.

    The number of the attempt is unique and bounded by its own copy of the allowance, one may be
    open: constraints, so that no second tab gets past them.
    """
    with transaction.atomic():
        locked = Enrolment.objects.locked(enrolment.pk, no_key=True)
        item = _item(locked, lesson)
        now = clock.now()
        earlier = list(Attempt.objects.filter(enrolment=locked, lesson=lesson).order_by("number"))
        if earlier and earlier[-1].state == Attempt.State.OPEN:
            if not _is_overdue(earlier[-1], now):
                return earlier[-1]
            earlier[-1] = _finish(earlier[-1], now)
        try:
            _require_another(locked, item, earlier, now)
        except AttemptRefused as error:
            refusal = error
        else:
            return _begin(locked, lesson, item, number=len(earlier) + 1, language=language, now=now)
    # Raised only here: inside, it would undo the grading of the one that was overdue.
    raise refusal


def _begin(enrolment: Enrolment, lesson: Lesson, item: dict, *, number: int, language: str, now) -> Attempt:
    limit = promised.time_limit(item)
    try:
        with transaction.atomic():
            return Attempt.objects.create(
                enrolment=enrolment,
                lesson=lesson,
                number=number,
                allowance=allowance(enrolment, item),
                nonce=secrets.token_urlsafe(16),
                language=language[:5],
                frozen=_drawn(item),
                started_at=now,
                deadline=now + timedelta(seconds=limit) if limit else None,
                # A pre-test never blocks, so it cannot be failed.
                pass_pct=0 if item["purpose"] == "pretest" else enrolment.run.release.policy["pass_pct"],
            )
    except IntegrityError:
        # Only where a database does not lock rows as asked: the other request has begun it.
        return Attempt.objects.get(enrolment=enrolment, lesson=lesson, state=Attempt.State.OPEN)


def _drawn(item: dict) -> list[dict]:
    """The questions of a new attempt; one that was unreviewed when the release froze it may be reviewed by now."""
    frozen = grading.freeze(item["blueprint"], seed=secrets.randbits(62))
    if waiting := [one["version"] for one in frozen if not one["reviewed"]]:
        reviewed = QuestionVersion.objects.filter(pk__in=waiting, reviewed_at__isnull=False)
        since = set(reviewed.values_list("pk", flat=True))
        for one in frozen:
            one["reviewed"] = one["reviewed"] or one["version"] in since
    return frozen


def _item(enrolment: Enrolment, lesson: Lesson) -> dict:
    for item in enrolment.run.release.outline:
        if item["lesson"] == lesson.pk and item["kind"] == "quiz":
            return item
    raise LessonLocked(_("This test is not part of your class."))


def allowance(enrolment: Enrolment, item: dict) -> int:
    """How many attempts *enrolment* has at the test *item* of its outline."""
    if item["purpose"] == "posttest":
        return enrolment.run.release.policy["max_attempts"]
    return 1 if item["purpose"] == "pretest" else MANY


def next_at(enrolment: Enrolment, item: dict, last: Attempt | None):
    """When the next attempt may begin after *last*; None means at once."""
    minutes = enrolment.run.release.policy.get("cooldown_minutes") or 0
    if item["purpose"] != "posttest" or not minutes or last is None or last.finished_at is None:
        return None
    return last.finished_at + timedelta(minutes=minutes)


def _require_another(enrolment: Enrolment, item: dict, earlier: list[Attempt], now) -> None:
    if enrolment.state == Enrolment.State.WITHDRAWN:
        raise LessonLocked(_("You have left this class."))
    if reason := why_locked(enrolment, item, result_of(enrolment)):
        raise LessonLocked(reason)
    _require_left(enrolment, item, earlier)
    opens = next_at(enrolment, item, earlier[-1] if earlier else None)
    if opens and now < opens:
        raise CoolingDown(_opens_text(opens))


def _require_left(enrolment: Enrolment, item: dict, earlier: list[Attempt]) -> None:
    if item["purpose"] == "posttest" and any(attempt.passed for attempt in earlier):
        raise NoAttemptLeft(_("You have already passed this test."))
    allowed = allowance(enrolment, item)
    if len(earlier) >= allowed:
        raise NoAttemptLeft(
            ngettext(
                "You have used the one attempt at this test.",
                "You have used all %(count)s attempts at this test.",
                allowed,
            )
            % {"count": allowed}
        )


def why_no_more(enrolment: Enrolment, item: dict, finished: list[Attempt]) -> str | None:
    """Why no further attempt may begin after the *finished* ones, in words, or None."""
    try:
        _require_left(enrolment, item, finished)
    except NoAttemptLeft as reason:
        return str(reason)
    opens = next_at(enrolment, item, finished[-1] if finished else None)
    if opens and clock.now() < opens:
        return _opens_text(opens)
    return None


def _opens_text(opens) -> str:
    return _("The next attempt opens at %(time)s.") % {
        "time": date_format(timezone.localtime(opens), "SHORT_DATETIME_FORMAT")
    }


_LOCKED = "SELECT id, state, deadline, finished_at, frozen FROM lms_courses_attempt WHERE id = %s"
_KEEP = """
INSERT INTO lms_courses_attemptanswer (attempt_id, slot, value, client_seq, saved_at)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (attempt_id, slot) DO UPDATE SET value = excluded.value, saved_at = excluded.saved_at"""
_IF_NEWER = (
    ", client_seq = excluded.client_seq WHERE excluded.client_seq > lms_courses_attemptanswer.client_seq"
)


def save_answer(
    attempt: Attempt, *, slot: int, value: list[str], client_seq: int | None = None
) -> AttemptAnswer:
    """Keep the answer to one question. A lower *client_seq* never overwrites a higher.

    Without *client_seq* the answer is the newest. Raises ``grading.AnswerRefused`` for what no page
    of ours can have sent and ``AttemptClosed`` after the deadline; nothing is written then.
    """
    with transaction.atomic():
        locked = sql.one(Attempt, _LOCKED, [attempt.pk], lock=True)
        now = clock.now()
        _require_open(locked)
        if locked.deadline and now > locked.deadline:
            raise AttemptClosed(
                _("Time is over. Answers received until %(time)s count.") % {"time": _time(locked.deadline)}
            )
        return _keep(locked, slot, value, client_seq, now)


def _keep(attempt: Attempt, slot: int, value: list[str], client_seq: int | None, now) -> AttemptAnswer:
    chosen = grading.check_answer(attempt.frozen, slot, value)
    if client_seq is not None and not 0 <= client_seq < 2**31:
        raise grading.AnswerRefused("the number of an answer is out of range")
    values = {"value": chosen, "client_seq": client_seq or 0, "saved_at": now}
    params = [attempt.pk, slot, *(sql.stored(AttemptAnswer, name, one) for name, one in values.items())]
    with connection.cursor() as cursor:
        cursor.execute(f"{_KEEP}{'' if client_seq is None else _IF_NEWER} RETURNING id, client_seq", params)
        kept = cursor.fetchone()
    if kept is None:
        # A newer answer stands.
        return AttemptAnswer.objects.get(attempt=attempt, slot=slot)
    values["client_seq"] = kept[1]
    return AttemptAnswer(pk=kept[0], attempt=attempt, slot=slot, **values)


def _require_open(attempt: Attempt) -> None:
    if attempt.state == Attempt.State.SUBMITTED:
        raise AttemptClosed(_("This test was already handed in."))
    if attempt.state == Attempt.State.EXPIRED:
        raise AttemptClosed(
            _("Time is over. Answers received until %(time)s count.") % {"time": _time(attempt.finished_at)}
        )


def submit(
    attempt: Attempt, *, nonce: str, answers: dict[int, tuple[list[str], int]] | None = None
) -> Attempt:
    """Hand the attempt in and grade it once; repetitions return the graded attempt.

    *answers* (slot to value and client_seq) are what a page had not sent yet; they count until a
    short grace after the deadline. Later than that, what was saved in time is graded. An attempt
    is never dated after its deadline.
    """
    with transaction.atomic():
        # The enrolment first, as everywhere: two locks taken in two orders would block each other.
        Enrolment.objects.select_for_update(no_key=True).get(pk=attempt.enrolment_id)
        locked = Attempt.objects.select_for_update(no_key=True).get(pk=attempt.pk)
        if not secrets.compare_digest(locked.nonce.encode(), nonce.encode()):
            raise AttemptClosed(_("This page belongs to another attempt. Nothing was handed in."))
        if locked.state != Attempt.State.OPEN:
            return locked
        now = clock.now()
        if not _is_overdue(locked, now):
            for slot, (value, client_seq) in (answers or {}).items():
                _keep(locked, slot, value, client_seq, now)
        crashpoint("submit.answers_saved")
        graded = _finish(locked, now)
    crashpoint("submit.committed")
    return graded


def close_overdue() -> int:
    """Close open attempts past deadline and grace, dated at their deadline; return how many."""
    now, closed = clock.now(), 0
    latest = now - timedelta(seconds=conf.SUBMIT_GRACE_SECONDS)
    overdue = Attempt.objects.filter(state=Attempt.State.OPEN, deadline__lt=latest)
    for pk, enrolment in overdue.values_list("pk", "enrolment"):
        with transaction.atomic():
            Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment)
            row = Attempt.objects.select_for_update(no_key=True).get(pk=pk)
            if row.state == Attempt.State.OPEN:
                _finish(row, now)
                closed += 1
    return closed


def _is_overdue(attempt: Attempt, now) -> bool:
    grace = timedelta(seconds=conf.SUBMIT_GRACE_SECONDS)
    return attempt.deadline is not None and now > attempt.deadline + grace


def _finish(attempt: Attempt, now) -> Attempt:
    """Grade the locked open *attempt* from its saved answers."""
    answers = dict(AttemptAnswer.objects.filter(attempt=attempt).values_list("slot", "value"))
    graded = grading.grade(attempt.frozen, answers)
    moved = Attempt.objects.filter(pk=attempt.pk, state=Attempt.State.OPEN).update(
        state=Attempt.State.EXPIRED if _is_overdue(attempt, now) else Attempt.State.SUBMITTED,
        finished_at=min(now, attempt.deadline) if attempt.deadline else now,
        pct=graded.pct,
        passed=graded.pct >= attempt.pass_pct,
        result={
            "points": str(graded.points),
            "out_of": str(graded.out_of),
            "right": sum(1 for slot in graded.per_slot if slot["right"]),
            "per_slot": graded.per_slot,
        },
    )
    attempt.refresh_from_db()
    if moved:
        crashpoint("submit.graded")
        progress.refresh(attempt.enrolment)
        crashpoint("submit.refreshed")
    return attempt


def _time(moment) -> str:
    return date_format(timezone.localtime(moment), "H:i:s")
