"""Reminding learners to go on, by a trainer's press."""

from collections.abc import Iterable

from django.db import transaction

from courses import notices
from courses.journey import Journey
from courses.models import Enrolment
from lms import clock


@transaction.atomic
def remind(ways: Iterable[Journey], *, by) -> int:
    """Remind the learners of *ways* of the lesson they are at; return how many. Once a day each.

    Who has completed or left is not reminded.
    """
    today = clock.today()
    count = 0
    for way in ways:
        if way.enrolment.state == Enrolment.State.ACTIVE:
            notices.go_on(way.enrolment, lesson=way.next.title if way.next else "", day=today, by=by)
            count += 1
    return count
