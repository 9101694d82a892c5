"""Whom to tell about seats and applications, and of what; the words stand in ``events``."""

from collections.abc import Iterable

from courses.models import Application, Enrolment
from lms.messages import tell
from lms.models import Person


def seat_offered(application: Application) -> None:
    """A seat is held for who waited, until a moment."""
    tell(
        application.person,
        "seat-offered",
        key=f"seat-offered:{application.pk}:{application.due_at:%Y%m%d%H%M}",
        about={**_about(application), "until": application.due_at},
        url=("lms_courses:go_class", application.run_id),
    )


def application_ended(application: Application) -> None:
    """An application led to no seat, and why."""
    tell(
        application.person,
        "application-ended",
        key=f"application-ended:{application.pk}",
        about={**_about(application), "reason": application.reason},
        url=("lms_courses:go_class", application.run_id),
    )


def to_approve(application: Application, approvers: Iterable[Person]) -> None:
    """Those who decide about an application learn that it waits; again with each new clock."""
    for person in approvers:
        tell(
            person,
            "to-approve",
            key=f"to-approve:{application.pk}:{application.step}:{application.due_at:%Y%m%d}:{person.pk}",
            about=_about(application),
            url=("lms_courses:approvals",),
        )


def go_on(enrolment: Enrolment, *, lesson: str, day, by) -> None:
    """A trainer asks a learner to go on; told once a day however often it is pressed."""
    tell(
        enrolment.person,
        "go-on",
        key=f"go-on:{enrolment.pk}:{day:%Y%m%d}",
        about={"course": enrolment.run.release.course, "class": enrolment.run.code, "lesson": lesson or "–"},
        url=("lms_courses:go", enrolment.pk),
        by=by,
    )


def _about(application: Application) -> dict:
    return {"course": application.run.release.course, "class": application.run.code}
