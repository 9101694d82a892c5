"""Codes by which invited people enrol themselves."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from courses.actions.applications import apply_for
from courses.actions.enrolments import EnrolmentRefused, RunFull, enrol
from courses.models import Application, ClassCode, Enrolment, Run
from lms import clock, codes, names
from lms.models import Person


class NoSuchCode(EnrolmentRefused):
    """The code opens no class: wrong, too old, withdrawn, used up."""


def _no_such_code() -> NoSuchCode:
    return NoSuchCode(
        _(
            "This code opens no class. It may be mistyped, used up or too old. "
            "Ask whoever gave it to you for a new one."
        )
    )


@transaction.atomic
def make_code(run: Run, *, by, expires_at: datetime, most: int | None = None, note: str = "") -> ClassCode:
    """Make a further code for *run*; who holds it enrols without anybody's approval, seats permitting."""
    if expires_at <= clock.now():
        raise EnrolmentRefused(_("The last day of a code lies in the future."))
    return ClassCode.objects.create(
        run=run,
        code=codes.new_code(),
        note=names.clean(note)[:120],
        most=most,
        expires_at=expires_at,
        made_by=by,
        made_at=clock.now(),
    )


def withdraw_code(code: ClassCode, *, by) -> ClassCode:
    """End a code; who enrolled by it stays. Idempotent."""
    ClassCode.objects.filter(pk=code.pk, withdrawn_at__isnull=True).update(withdrawn_at=clock.now())
    code.refresh_from_db()
    return code


def find_code(text: str) -> ClassCode:
    """The code in force that was typed, or NoSuchCode."""
    code = codes.read_code(text)
    rows = ClassCode.objects.select_related("run__release__course__facility")
    found = rows.filter(code=code).first() if code else None
    if found is None or not found.is_in_force(clock.now()):
        raise _no_such_code()
    return found


@transaction.atomic
def enrol_by_code(code: ClassCode, *, person: Person, by) -> Enrolment | Application:
    """Enrol *person*, who holds *code*; where the class is full they get a place in line instead.

    Idempotent: a person is counted once.
    """
    Person.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)
    known = Enrolment.objects.open().filter(run=code.run_id, person=person).first()
    known = known or Application.objects.open().filter(run=code.run_id, person=person).first()
    if known is not None:
        return known
    rows = ClassCode.objects.filter(pk=code.pk, withdrawn_at__isnull=True, expires_at__gt=clock.now())
    free = rows.filter(most__isnull=True) | rows.filter(used__lt=F("most"))
    if not free.update(used=F("used") + 1):
        raise _no_such_code()
    try:
        return enrol(code.run, person=person, by=by, is_invited=True)
    except RunFull:
        return apply_for(code.run, person=person, by=by, is_invited=True)
