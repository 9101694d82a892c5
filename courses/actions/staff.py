"""Who teaches, observes and assists in a course."""

from django.db import IntegrityError, transaction

from courses.models import Course, CourseStaff
from lms import clock
from lms.models import Person


@transaction.atomic
def assign(course: Course, person: Person, *, role: str, by, disclosure: str = "") -> CourseStaff:
    """Give *person* a role in *course* from today on. Idempotent while the role lasts.

    A *disclosure* is dated today; said again in other words, it replaces the one before.
    """
    today, disclosure = clock.today(), disclosure.strip()
    try:
        with transaction.atomic():
            return CourseStaff.objects.create(
                course=course,
                person=person,
                role=role,
                disclosure=disclosure,
                disclosed_on=today if disclosure else None,
                valid_from=today,
            )
    except IntegrityError:
        row = CourseStaff.objects.get(course=course, person=person, role=role, valid_to__isnull=True)
    if disclosure and disclosure != row.disclosure:
        row.disclosure, row.disclosed_on = disclosure, today
        row.save(update_fields=["disclosure", "disclosed_on"])
    return row


@transaction.atomic
def release_from_duty(staff: CourseStaff, *, by) -> CourseStaff:
    """End a role today; the row stays, because certificates name who taught. Idempotent."""
    CourseStaff.objects.filter(pk=staff.pk, valid_to__isnull=True).update(valid_to=clock.today())
    staff.refresh_from_db()
    return staff
