"""Clinical reviews of courses: confirming one, and reminding of those that are due."""

from datetime import date, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from courses.conf import conf
from courses.models import ClinicalReview, Course, CourseStaff
from courses.permissions import can
from lms import clock, messages, names
from lms.models import Message, Person, RoleAssignment

LONGEST = timedelta(days=5 * 366)
"""How far away the next review may lie."""


class ReviewRefused(Exception):
    """The review cannot be recorded like this; the text says why and may be shown to the user."""


def confirm(course: Course, *, by, note: str, next_due: date) -> ClinicalReview:
    """Record that *by* found the content still right today, and plan the next review. Idempotent within the day."""
    note, today = names.clean(note)[:500], clock.today()
    if len(note) < 5:
        raise ReviewRefused(_("Say in words what was checked."))
    if not today < next_due <= today + LONGEST:
        raise ReviewRefused(_("The next review lies after today and within five years."))
    with transaction.atomic():
        locked = Course.objects.select_for_update(no_key=True).get(pk=course.pk)
        values = {"on": today, "by": by, "note": note, "next_due": next_due}
        if same := locked.clinical_reviews.filter(**values).first():
            return same
        row = ClinicalReview.objects.create(course=locked, at=clock.now(), **values)
        locked.reviewed_on, locked.review_due = today, next_due
        locked.save(update_fields=["reviewed_on", "review_due"])
    return row


def remind() -> int:
    """Send word of each clinical review that is due, or will be within one of the set numbers of days.

    To the trainers of the course and its training office, once for each due date, stage and person;
    after a pause only the present stage. Returns how many messages were written.
    """
    today, sent = clock.today(), 0
    stages = sorted(conf.REVIEW_REMINDER_DAYS)
    if not stages:
        return 0
    last = today + timedelta(days=stages[-1])
    for course in Course.objects.filter(is_open=True, review_due__lte=last).order_by("pk"):
        if course.next_review is None:
            continue
        stage = next(days for days in stages if today >= course.review_due - timedelta(days=days))
        for person in responsible(course):
            key = f"clinical-review:{course.pk}:{course.review_due:%Y%m%d}:{stage}:{person.pk}"
            if Message.objects.filter(key=key).exists():
                continue
            messages.tell(
                person,
                "clinical-review",
                key=key,
                about={"course": course, "code": course.code or "–", "day": course.review_due},
                url=("lms_courses_admin:course", course.pk),
            )
            sent += 1
    return sent


def responsible(course: Course) -> list[Person]:
    """Who sees to the clinical review of *course* today: its trainers and its training office."""
    today = clock.today()
    staff = CourseStaff.objects.filter(course=course, role=CourseStaff.Role.TRAINER)
    trainers = [
        row.person
        for row in staff.select_related("person")
        if not (row.valid_to and row.valid_to < today) and not (row.valid_from and row.valid_from > today)
    ]
    offices = RoleAssignment.objects.in_force().filter(role=RoleAssignment.Role.PROGRAMME_MANAGER)
    users = get_user_model().objects.filter(pk__in=offices.values("user"), is_active=True)
    office = [
        user.person
        for user in users.select_related("person")
        if hasattr(user, "person") and can(user, "issue", course)
    ]
    found = {one.pk: one for one in [*trainers, *office] if one.state == Person.State.ACTIVE}
    return list(found.values())
