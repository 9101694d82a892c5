"""Classes: opening, changing, closing, their quotas, and letting a lost lesson go."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from courses.actions import seats as seating
from courses.actions.progress import refresh
from courses.models import Application, Enrolment, Lesson, Release, Run, RunQuota, Waiver
from lms import queue
from lms.models import Province

WAYS = ("chain", "approval_days", "offer_hours")
"""Fields of a class that say who approves and for how long one may answer."""


class RunRefused(Exception):
    """The class cannot be opened or changed so; the text may be shown to the user."""


@transaction.atomic
def open_run(
    release: Release,
    *,
    code: str,
    by,
    starts_on=None,
    ends_on=None,
    enrol_from=None,
    enrol_until=None,
    mode: str = Run.Mode.SELF,
    seats: int | None = None,
    contact: str = "",
    **ways,
) -> Run:
    """Open a class of an issued *release*. Idempotent: the same code of the same release is returned.

    *ways* are the fields of ``WAYS``: who approves and the clocks of getting in.
    """
    release = Release.objects.select_for_update().get(pk=release.pk)
    if release.state != Release.State.ISSUED:
        raise RunRefused(_("A class opens only from an issued version."))
    run = Run(
        release=release,
        code=code.strip(),
        starts_on=starts_on,
        ends_on=ends_on,
        enrol_from=enrol_from,
        enrol_until=enrol_until,
        mode=mode,
        seats=seats,
        contact=contact,
        **ways,
    )
    try:
        run.full_clean(exclude=["release"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise RunRefused(" ".join(error.messages)) from error
    if starts_on and ends_on and ends_on < starts_on:
        raise RunRefused(_("A class cannot end before it begins."))
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError as error:
        known = Run.objects.filter(code=run.code, release=release).first()
        if known:
            return known
        raise RunRefused(_("The code %(code)s is taken by another class.") % {"code": run.code}) from error
    return run


@transaction.atomic
def change_run(run: Run, *, by, **values) -> Run:
    """Change how one gets into a class: seats, days, mode, ``WAYS``, contact. Idempotent.

    Seats never fall below those taken. More seats, or a longer window, go to those who wait.
    """
    row = seating.locked(run.pk)
    for name, value in values.items():
        setattr(row, name, value)
    if row.seats is not None and row.seats < row.seats_taken:
        raise RunRefused(
            _("%(taken)s seats are taken or offered; the class cannot have fewer.")
            % {"taken": row.seats_taken}
        )
    if row.enrol_from and row.enrol_until and row.enrol_until <= row.enrol_from:
        raise RunRefused(_("Enrolment cannot close before it opens."))
    if row.starts_on and row.ends_on and row.ends_on < row.starts_on:
        raise RunRefused(_("A class cannot end before it begins."))
    try:
        row.full_clean(exclude=["release", "code"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise RunRefused(" ".join(error.messages)) from error
    row.save(update_fields=list(values))
    queue.enqueue("lms_courses.advance", row.pk)
    return row


@transaction.atomic
def set_quota(run: Run, *, province: Province, seats: int, by) -> RunQuota:
    """Let *run* take at most *seats* people who work in *province*; counts who is in already. Idempotent."""
    run = seating.locked(run.pk)
    quota = RunQuota.objects.filter(run=run, province=province).first()
    if quota is None:
        quota = RunQuota(run=run, province=province)
        quota.seats_taken = sum(rows.count() for rows in _of_province(run, province))
    if seats < quota.seats_taken:
        raise RunRefused(
            _("%(taken)s people from %(province)s have a seat; the quota cannot be smaller.")
            % {"taken": quota.seats_taken, "province": province}
        )
    is_new = quota.pk is None
    quota.seats = seats
    quota.save()
    if is_new:
        for rows in _of_province(run, province):
            rows.update(quota=quota)
    queue.enqueue("lms_courses.advance", run.pk)
    return quota


@transaction.atomic
def drop_quota(quota: RunQuota, *, by) -> None:
    """Let people of a province take any seat of the class again. Idempotent."""
    seating.locked(quota.run_id)
    Enrolment.objects.filter(quota=quota.pk).update(quota=None)
    Application.objects.filter(quota=quota.pk).update(quota=None)
    RunQuota.objects.filter(pk=quota.pk).delete()
    queue.enqueue("lms_courses.advance", quota.run_id)


def copy_quotas(run: Run, *, to: Run) -> None:
    """Give the class *to*, in which nobody is yet, the quotas of *run*. Idempotent."""
    for quota in run.quotas.all():
        RunQuota.objects.get_or_create(run=to, province_id=quota.province_id, defaults={"seats": quota.seats})


def _of_province(run: Run, province: Province):
    """Who holds a seat of *run* from *province*: enrolments, and offers."""
    learning = run.enrolments.exclude(state=Enrolment.State.WITHDRAWN)
    offered = run.applications.filter(state=Application.State.OFFERED)
    return [rows.filter(facility__province=province) for rows in (learning, offered)]


@transaction.atomic
def close_run(run: Run, *, by) -> Run:
    """Take nobody new; those enrolled go on, those who wait are told. Idempotent."""
    Run.objects.filter(pk=run.pk).update(is_closed=True)
    run.refresh_from_db()
    queue.enqueue("lms_courses.advance", run.pk)
    return run


@transaction.atomic
def waive(lesson: Lesson, *, reason: str, by) -> list[Waiver]:
    """Count *lesson* as met in every open class whose release holds it, because it has to go.

    Refreshes all learners of those classes. Idempotent; the first reason stays.
    """
    if not reason.strip():
        raise RunRefused(_("Say why the lesson is removed."))
    waivers = []
    for run in runs_with(lesson):
        waiver, is_new = Waiver.objects.get_or_create(
            run=run, lesson=lesson, defaults={"reason": reason.strip(), "by": by}
        )
        waivers.append(waiver)
        if is_new:
            for enrolment in Enrolment.objects.open().filter(run=run).order_by("pk"):
                refresh(enrolment)
    return waivers


def runs_with(lesson: Lesson) -> list[Run]:
    """Open classes, or closed ones where somebody still learns, whose release holds *lesson*."""
    learning = Enrolment.objects.open().values("run")
    runs = Run.objects.filter(release__course=lesson.course_id).select_related("release")
    return [
        run
        for run in (runs.filter(is_closed=False) | runs.filter(pk__in=learning)).distinct()
        if any(item["lesson"] == lesson.pk for item in run.release.outline)
    ]
