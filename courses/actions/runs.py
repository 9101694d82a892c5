"""Classes: opening, closing, and counting a lost lesson as met."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from courses.actions.progress import refresh
from courses.models import Enrolment, Lesson, Release, Run, Waiver


class RunRefused(Exception):
    """The class cannot be opened; the text may be shown to the user."""


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
) -> Run:
    """Open a class of an issued *release*. Idempotent: the same code of the same release is returned."""
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
def close_run(run: Run, *, by) -> Run:
    """Take nobody new; those enrolled go on. Idempotent."""
    Run.objects.filter(pk=run.pk).update(is_closed=True)
    run.refresh_from_db()
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
