"""The verb that takes learners of a class to a newer version of their course."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.actions import seats
from courses.actions.progress import refresh
from courses.actions.runs import WAYS, close_run, copy_quotas, open_run
from courses.models import Enrolment, EnrolmentMove, Release, Run, RunQuota, SessionUse
from courses.moving import Line, learning_in, preview
from courses.signals import enrolment_moved
from lms import clock, names, queue
from lms.crashpoints import crashpoint


class MoveRefused(Exception):
    """Nobody was moved; the text says why and may be shown to the user."""


@dataclass(slots=True)
class Moved:
    """What a move did: the class they are in now, who went, who stayed and why."""

    run: Run | None = None
    moves: list[EnrolmentMove] = field(default_factory=list)
    stayed: list[Line] = field(default_factory=list)


def move(
    run: Run,
    *,
    to: Release,
    by,
    reason: str,
    chosen: Collection[int] | None = None,
    target: Run | None = None,
    code: str = "",
) -> Moved:
    """Let learners of *run* (all, or the enrolments *chosen*) go on in a class of the newer version *to*.

    The enrolment itself goes along with everything done in it; met lessons stay met. They join
    *target*, or a class opened under *code* with the dates and sessions of *run*. Completed
    enrolments and those that ``moving.preview`` keeps back stay. Locks the enrolments, so an attempt,
    a completion or a withdrawal comes wholly before or wholly after. Idempotent: who has gone is not
    moved again. Announces ``enrolment_moved``.
    """
    reason = names.clean(reason)[:300]
    if len(reason) < 5:
        raise MoveRefused(_("Give the reason in words; it stays on record and the learners read it."))
    with transaction.atomic():
        run = Run.objects.select_related("release").get(pk=run.pk)
        to = Release.objects.select_for_update(no_key=True).get(pk=to.pk)
        _check(run, to, target)
        rows = learning_in(run).select_for_update(of=("self",))
        if chosen is not None:
            rows = rows.filter(pk__in=chosen)
        lines = preview(list(rows), run, to, target=target)
        done = Moved(stayed=[line for line in lines if line.stays])
        going = [line for line in lines if not line.stays]
        if not going:
            return done
        done.run = target or _continuation(run, to, code=code, by=by)
        quotas = _take_seats(run, done.run, going)
        done.moves = _write(run, done.run, going, by=by, reason=reason, quotas=quotas)
        crashpoint("move.written")
        for moved, line in zip(done.moves, going, strict=True):
            if _is_concluded_anew(line):
                refresh(moved.enrolment)
            enrolment_moved.send(EnrolmentMove, move=moved)
    crashpoint("move.committed")
    return done


def _check(run: Run, to: Release, target: Run | None) -> None:
    if to.state != Release.State.ISSUED:
        raise MoveRefused(_("Meanwhile another version came into force. Look at its effect first."))
    if to.course_id != run.release.course_id or to.number <= run.release.number:
        raise MoveRefused(_("Learners are moved only to a newer version of the same course."))
    if target is not None and (target.release_id != to.pk or target.is_closed):
        raise MoveRefused(_("Choose a class of the newer version that still takes people."))


def _continuation(run: Run, to: Release, *, code: str, by) -> Run:
    """A class of *to* with the dates and sessions of *run*; the same one when asked again."""
    opened = open_run(
        to,
        code=code,
        by=by,
        starts_on=run.starts_on,
        ends_on=run.ends_on,
        enrol_from=run.enrol_from,
        enrol_until=run.enrol_until,
        mode=run.mode,
        seats=run.seats,
        contact=run.contact,
        **{name: getattr(run, name) for name in WAYS},
    )
    copy_quotas(run, to=opened)
    if run.is_closed and not opened.is_closed:
        close_run(opened, by=by)
    taught = {item["lesson"] for item in to.outline if item["kind"] == "session"}
    for use in SessionUse.objects.filter(run=run, lesson__in=taught):
        SessionUse.objects.get_or_create(session_id=use.session_id, run=opened, lesson_id=use.lesson_id)
    return opened


def _take_seats(run: Run, target: Run, going: list[Line]) -> dict[int, RunQuota | None]:
    """Seats of *target* instead of those of *run*; the quota that each enrolment counts in from now on."""
    count = len(going)
    free = Q(seats__isnull=True) | Q(seats__gte=F("seats_taken") + count)
    taken = Run.objects.filter(pk=target.pk).filter(free).update(seats_taken=F("seats_taken") + count)
    if not taken:
        target.refresh_from_db()
        raise MoveRefused(
            ngettext(
                "Class %(run)s has %(left)s seat left; %(count)s people would come. Nobody was moved.",
                "Class %(run)s has %(left)s seats left; %(count)s people would come. Nobody was moved.",
                target.seats_left or 0,
            )
            % {"run": target.code, "left": target.seats_left, "count": count}
        )
    quotas = {line.enrolment.pk: seats.quota_of(target, line.enrolment.facility) for line in going}
    for quota, more in Counter(quotas.values()).items():
        if quota is not None and not _take_quota(quota, more):
            raise MoveRefused(
                _("The quota of %(province)s in class %(run)s is too small: %(count)s people would come.")
                % {"province": quota.province, "run": target.code, "count": more}
            )
    Run.objects.filter(pk=run.pk).update(seats_taken=F("seats_taken") - count)
    for left, fewer in Counter(line.enrolment.quota_id for line in going).items():
        RunQuota.objects.filter(pk=left).update(seats_taken=F("seats_taken") - fewer)
    queue.enqueue("lms_courses.advance", run.pk)
    return quotas


def _take_quota(quota: RunQuota, count: int) -> int:
    left = RunQuota.objects.filter(pk=quota.pk, seats__gte=F("seats_taken") + count)
    return left.update(seats_taken=F("seats_taken") + count)


def _write(
    run: Run, target: Run, going: list[Line], *, by, reason: str, quotas: dict[int, RunQuota | None]
) -> list[EnrolmentMove]:
    """Put the learners into *target*, each with a dated record of where they stood."""
    rows = [line.enrolment for line in going]
    target = Run.objects.select_related("release").get(pk=target.pk)
    earlier = Enrolment.objects.filter(run=target, person__in=[row.person_id for row in rows])
    last = dict(earlier.order_by().values_list("person").annotate(Max("episode")))
    known = [row.pk for row in rows if row.person_id in last]
    Enrolment.objects.filter(pk__in={row.pk for row in rows} - set(known)).update(run=target)
    for quota in {*quotas.values()} | {None}:
        counted = [pk for pk, one in quotas.items() if one == quota]
        Enrolment.objects.filter(pk__in=counted).update(quota=quota)
    for row in rows:
        if row.person_id in last:
            # Had learnt there before and left: this is a further episode.
            row.episode = last[row.person_id] + 1
            Enrolment.objects.filter(pk=row.pk).update(run=target, episode=row.episode)
        row.run = target
    now = clock.now()
    return EnrolmentMove.objects.bulk_create(
        EnrolmentMove(
            enrolment=line.enrolment,
            from_run=run,
            to_run=target,
            before=line.before.as_json(),
            reason=reason,
            by=by,
            at=now,
        )
        for line in going
    )


def _is_concluded_anew(line: Line) -> bool:
    """Whether something has to be written about the learner's progress beside the move itself."""
    return bool(line.after.complete or line.effect.gained or line.effect.again)
