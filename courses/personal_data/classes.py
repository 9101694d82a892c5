"""What courses hold about who learns and teaches in a class, and how it is erased."""

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from courses.actions import seats
from courses.models import (
    Application,
    ApplicationDecision,
    CompletionReview,
    CourseStaff,
    Enrolment,
    EnrolmentMove,
    PathwayCompletion,
    Post,
    PostReport,
    SignOff,
)
from lms import clock
from lms.holdings import Subject, held, register

from .terms import LAW, TEACHERS, TRAINING, UNTIL_ERASURE


def enrolments_gone(subject: Subject, rows: QuerySet) -> int:
    """Deleted, but for those on which a certificate or credit rests: of these only class, day and result stay."""
    gone = rows.exclude(held(Enrolment))
    for run, quota in gone.exclude(state=Enrolment.State.WITHDRAWN).values_list("run", "quota"):
        seats.give_back(run, quota)
    return gone.delete()[0]


def applications_gone(subject: Subject, rows: QuerySet) -> int:
    """Deleted; a seat that was offered is free again."""
    for run, quota in rows.filter(state=Application.State.OFFERED).values_list("run", "quota"):
        seats.give_back(run, quota)
    return rows.delete()[0]


def staff_emptied(subject: Subject, rows: QuerySet) -> int:
    """Emptied: that somebody taught stays, without a name."""
    return rows.update(disclosure="", disclosed_on=None)


def posts_emptied(subject: Subject, rows: QuerySet) -> int:
    """Emptied: the words go and nobody sees the place; what others wrote below stays with the trainers."""
    return rows.update(
        text="", hidden_at=Coalesce("hidden_at", Value(clock.now())), hidden_reason="erased", marked_at=None
    )


register(
    Enrolment,
    "person",
    title=_("Courses you take or took"),
    columns=[
        (_("Class"), "run"),
        (_("State"), "get_state_display"),
        (_("Enrolled"), "enrolled_at"),
        (_("Completed"), "completed_at"),
    ],
    ground=TRAINING,
    period=UNTIL_ERASURE,
    seen_by=TEACHERS,
    erase=enrolments_gone,
)
register(
    Application,
    "person",
    title=_("Seats you asked for"),
    columns=[
        (_("Class"), "run"),
        (_("State"), "get_state_display"),
        (_("Asked"), "asked_at"),
        (_("Reason"), "reason"),
    ],
    ground=TRAINING,
    period=_("two years after it ended, or until you ask for erasure"),
    seen_by=_("you; your line manager, the training office of the course, the coordinator of your workplace"),
    erase=applications_gone,
)
register(
    ApplicationDecision,
    "application__person",
    title=_("Decisions on the seats you asked for"),
    columns=[
        (_("Class"), "application__run"),
        (_("Step"), "get_step_display"),
        (_("Decision"), "get_outcome_display"),
        (_("At"), "at"),
        (_("Reason"), "reason"),
    ],
    ground=TRAINING,
    period=_("two years after it ended, or until you ask for erasure"),
    seen_by=_("you; your line manager, the training office of the course"),
)
register(
    EnrolmentMove,
    "enrolment__person",
    title=_("Moves to a newer version of a course"),
    columns=[
        (_("From class"), "from_run"),
        (_("To class"), "to_run"),
        (_("At"), "at"),
        (_("Reason"), "reason"),
    ],
    ground=TRAINING,
    period=UNTIL_ERASURE,
    seen_by=TEACHERS,
)
register(
    CompletionReview,
    "enrolment__person",
    title=_("Second looks at a completion"),
    columns=[
        (_("Course"), "enrolment__run"),
        (_("Decision"), "get_state_display"),
        (_("Opened"), "opened_at"),
        (_("Reason"), "reason"),
    ],
    ground=LAW,
    period=UNTIL_ERASURE,
    seen_by=TEACHERS,
)
register(
    SignOff,
    "enrolment__person",
    title=_("Sign-offs by a trainer"),
    columns=[(_("Class"), "enrolment__run"), (_("At"), "at"), (_("On what it rests"), "reason")],
    ground=TRAINING,
    period=UNTIL_ERASURE,
    seen_by=TEACHERS,
)
register(
    PathwayCompletion,
    "person",
    title=_("Pathways you completed"),
    columns=[(_("Pathway"), "pathway"), (_("Completed"), "completed_at")],
    ground=TRAINING,
    period=UNTIL_ERASURE,
    seen_by=_("you"),
)
register(
    CourseStaff,
    "person",
    title=_("Courses you teach"),
    columns=[
        (_("Course"), "course"),
        (_("Role"), "get_role_display"),
        (_("From"), "valid_from"),
        (_("Until"), "valid_to"),
    ],
    ground=LAW,
    period=_("as long as the course's records"),
    seen_by=_("everybody who reads the course"),
    erase=staff_emptied,
)
register(
    Post,
    "person",
    title=_("Questions and answers you wrote"),
    columns=[
        (_("At"), "at"),
        (_("Class"), "run"),
        (_("Lesson"), "lesson"),
        (_("Text"), "text"),
        (_("Why it is hidden"), "hidden_reason"),
    ],
    ground=TRAINING,
    period=_("three years after they were written"),
    seen_by=_("you; who learns in the same class; trainers and the training office of the course"),
    erase=posts_emptied,
    secret=["token"],
)
register(
    PostReport,
    "person",
    title=_("Posts you reported"),
    columns=[(_("At"), "at"), (_("Reason"), "reason")],
    ground=TRAINING,
    period=_("as long as the post"),
    seen_by=_("you; trainers and the training office of the course"),
    shown=False,
)
