"""What courses hold about who was in a live session, spoke or presented there, and how it is erased."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from courses.actions import excuses
from courses.forgetting import CASE_WORDS
from courses.models import (
    AgendaItem,
    Attendance,
    CalendarFeed,
    Case,
    Excuse,
    ExcuseStep,
    MakeUp,
    Presence,
    ReportRow,
    SessionRole,
)
from lms.holdings import Subject, held, register

from .terms import LAW, OFFICE_OF_HUB, TEACHERS, TRAINING, UNTIL_ERASURE


def presence_gone(subject: Subject, rows: QuerySet) -> int:
    """Deleted, but for the sessions on which credit rests: of these the words go."""
    kept = rows.filter(held(Attendance))
    kept.update(reason="", client_at=None, client_id=None)
    # Whoever takes evidence back points at it.
    gone = Presence.objects.filter(pk__in=list(rows.exclude(held(Attendance)).values_list("pk", flat=True)))
    return gone.filter(retracts__isnull=False).delete()[0] + gone.delete()[0]


def attendance_gone(subject: Subject, rows: QuerySet) -> int:
    """Deleted, but for the sessions on which credit rests."""
    return rows.exclude(held(Attendance)).delete()[0]


def excuses_gone(subject: Subject, rows: QuerySet) -> int:
    """Deleted, with the paper that was handed in."""
    excuses.forget(rows)
    return rows.delete()[0]


def speakers_gone(subject: Subject, rows: QuerySet) -> int:
    """Emptied: the item stays on the agenda, without who spoke."""
    return rows.update(speaker=None)


def roles_emptied(subject: Subject, rows: QuerySet) -> int:
    """Emptied: that somebody taught stays, without a name."""
    return rows.update(reason="")


def cases_kept(subject: Subject, rows: QuerySet) -> int:
    """Kept: that a case was presented carries credit and says no name of a patient."""
    return 0


register(
    Presence,
    "person",
    title=_("Evidence that you were in sessions"),
    columns=[
        (_("Session"), "session"),
        (_("From"), "since"),
        (_("Until"), "until"),
        (_("Known by"), "get_source_display"),
    ],
    ground=TRAINING,
    period=UNTIL_ERASURE,
    seen_by=TEACHERS,
    erase=presence_gone,
)
register(
    ReportRow,
    "person",
    title=_("Rows of meeting reports that mean you"),
    columns=[
        (_("Report"), "report"),
        (_("Name in the meeting"), "name"),
        (_("E-mail"), "email"),
        (_("From"), "since"),
        (_("Until"), "until"),
        (_("Outcome"), "get_outcome_display"),
    ],
    ground=TRAINING,
    period=_("six months after the report was handed in"),
    seen_by=_("you; the training office of the hub"),
)
register(
    Attendance,
    "person",
    title=_("Attendance at sessions"),
    columns=[(_("Session"), "session"), (_("Minutes"), "minutes"), (_("State"), "get_state_display")],
    ground=TRAINING,
    period=UNTIL_ERASURE,
    seen_by=TEACHERS,
    erase=attendance_gone,
)
register(
    MakeUp,
    "enrolment__person",
    title=_("Sessions you made up for"),
    columns=[
        (_("Session"), "lesson"),
        (_("How"), "reason"),
        (_("Decision"), "get_state_display"),
        (_("At"), "decided_at"),
        (_("Reason"), "answer"),
    ],
    ground=TRAINING,
    period=UNTIL_ERASURE,
    seen_by=TEACHERS,
)
register(
    Excuse,
    "person",
    title=_("Why you were absent from sessions"),
    columns=[
        (_("Session"), "session"),
        (_("Reason"), "get_kind_display"),
        (_("In a few words"), "text"),
        (_("Decision"), "get_state_display"),
        (_("Said at"), "said_at"),
    ],
    ground=TRAINING,
    period=_("words and paper one year, that there was one until erasure"),
    seen_by=OFFICE_OF_HUB,
    erase=excuses_gone,
    secret=["file_name"],
)
register(
    ExcuseStep,
    "excuse__person",
    title=_("What was decided about your absences"),
    columns=[
        (_("Session"), "excuse__session"),
        (_("Act"), "get_act_display"),
        (_("Reason"), "reason"),
        (_("At"), "at"),
    ],
    ground=TRAINING,
    period=UNTIL_ERASURE,
    seen_by=OFFICE_OF_HUB,
)
register(
    SessionRole,
    "person",
    title=_("Sessions you led, taught or presented in"),
    columns=[(_("Session"), "session"), (_("Role"), "get_role_display"), (_("Named"), "named_at")],
    ground=LAW,
    period=_("as long as the credit for it"),
    seen_by=_("you; the training office of the hub"),
    erase=roles_emptied,
)
register(
    AgendaItem,
    "speaker",
    title=_("What you speak about in sessions"),
    columns=[(_("Session"), "session"), (_("At"), "starts_at"), (_("Title"), "title")],
    ground=TRAINING,
    period=UNTIL_ERASURE,
    seen_by=_("everybody who takes part in the session"),
    erase=speakers_gone,
)
register(
    CalendarFeed,
    "person",
    title=_("The address of your calendar"),
    columns=[(_("Made"), "created_at")],
    ground=TRAINING,
    period=UNTIL_ERASURE,
    seen_by=_("you, and every program you give the address to"),
    # Whoever knows it reads the calendar.
    secret=["token"],
)
register(
    Case,
    "presenter",
    title=_("Cases you presented"),
    columns=[
        (_("Session"), "room__session"),
        (_("Site"), "room__site"),
        (_("State"), "get_state_display"),
        (_("Sent"), "submitted_at"),
    ],
    ground=LAW,
    period=_("the words five years, that there was a case as long as the credit for it"),
    seen_by=_("you; the coordinator of the site, the hub, who takes part in the session"),
    erase=cases_kept,
    # Who follows this person's own data is not to read of a patient.
    secret=[*CASE_WORDS, "confirmed", "answer"],
)
