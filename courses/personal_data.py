"""What courses hold about those who learn, and how it is erased."""

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from courses.actions import excuses, seats
from courses.forgetting import CASE_WORDS
from courses.models import (
    AgendaItem,
    Announcement,
    Application,
    ApplicationDecision,
    AppraisalStep,
    Attempt,
    AttemptAnswer,
    Attendance,
    CalendarFeed,
    Case,
    CaseFollowUp,
    CaseLook,
    CasePicture,
    ClassCode,
    ClinicalReview,
    CompletionReview,
    ConnectionTest,
    CourseStaff,
    Deputy,
    Enrolment,
    EnrolmentMove,
    Excuse,
    ExcuseStep,
    LessonProgress,
    MakeUp,
    MeetingReport,
    Observation,
    OfflineReport,
    Pathway,
    PathwayCompletion,
    Post,
    PostReport,
    Presence,
    Release,
    ReportRow,
    Session,
    SessionChange,
    SessionMaterial,
    SessionOutage,
    SessionPack,
    SessionRecording,
    SessionRole,
    SessionSite,
    SheetScan,
    SignInSheet,
    SignOff,
    SurveyReceipt,
    SurveyResponse,
    ThreadLock,
    Waiver,
    WatchClock,
    WatchRecord,
)
from lms import clock
from lms.holdings import Subject, held, register, skip

TRAINING = _("to train you, as you asked")
LAW = _("the law on medical examination and treatment")
UNTIL_ERASURE = _("until you ask for erasure")
TEACHERS = _("you; trainers and the training office of the course, the coordinator of your workplace")


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


def staff_emptied(subject: Subject, rows: QuerySet) -> int:
    """Emptied: that somebody taught stays, without a name."""
    return rows.update(disclosure="", disclosed_on=None)


def posts_emptied(subject: Subject, rows: QuerySet) -> int:
    """Emptied: the words go and nobody sees the place; what others wrote below stays with the trainers."""
    return rows.update(
        text="", hidden_at=Coalesce("hidden_at", Value(clock.now())), hidden_reason="erased", marked_at=None
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


def roles_emptied(subject: Subject, rows: QuerySet) -> int:
    """Emptied: that somebody taught stays, without a name."""
    return rows.update(reason="")


def cases_kept(subject: Subject, rows: QuerySet) -> int:
    """Kept: that a case was presented carries credit and says no name of a patient."""
    return 0


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
    LessonProgress,
    "enrolment__person",
    title=_("Lessons you have done"),
    columns=[
        (_("Lesson"), "lesson"),
        (_("Per cent"), "value"),
        (_("Done"), "met_at"),
        (_("Last change"), "updated_at"),
    ],
    ground=TRAINING,
    period=UNTIL_ERASURE,
    seen_by=TEACHERS,
)
register(
    WatchRecord,
    "enrolment__person",
    title=_("Parts of lectures you watched"),
    columns=[
        (_("Lecture"), "video"),
        (_("Parts watched"), "credited"),
        (_("Parts in all"), "buckets"),
        (_("Last change"), "updated_at"),
    ],
    ground=TRAINING,
    period=_("which parts: twelve months after the course; how many: until erasure"),
    seen_by=TEACHERS,
)
register(
    WatchClock,
    "person",
    title=_("When you last watched"),
    columns=[(_("At"), "at")],
    ground=TRAINING,
    period=_("twelve months"),
    seen_by=_("you"),
)
register(
    OfflineReport,
    "enrolment__person",
    title=_("What you watched without a network"),
    columns=[
        (_("Lesson"), "lesson"),
        (_("Begun, by the device's clock"), "begun_at"),
        (_("Ended, by the device's clock"), "ended_at"),
        (_("Sent, by the device's clock"), "sent_at"),
        (_("Received"), "received_at"),
        (_("Seconds played"), "played_seconds"),
        (_("Parts counted"), "buckets"),
    ],
    ground=TRAINING,
    period=_("twelve months"),
    seen_by=_("you"),
)
register(
    Attempt,
    "enrolment__person",
    title=_("Tests you took"),
    columns=[
        (_("Test"), "lesson"),
        (_("Attempt"), "number"),
        (_("Begun"), "started_at"),
        (_("Score, per cent"), "pct"),
        (_("Passed"), "passed"),
    ],
    ground=TRAINING,
    period=_("questions and answers five years, the score until erasure"),
    seen_by=TEACHERS,
    # With the keys of questions that others still get.
    secret=["frozen", "nonce"],
)
register(
    AttemptAnswer,
    "attempt__enrolment__person",
    title=_("Your answers"),
    columns=[
        (_("Test"), "attempt__lesson"),
        (_("Question"), "slot"),
        (_("Answer"), "value"),
        (_("At"), "saved_at"),
    ],
    ground=TRAINING,
    period=_("five years"),
    seen_by=TEACHERS,
)
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
    Observation,
    "enrolment__person",
    title=_("Skills that were observed"),
    columns=[
        (_("Skill"), "lesson"),
        (_("At"), "observed_at"),
        (_("Score, per cent"), "pct"),
        (_("Passed"), "passed"),
        (_("Comment"), "comment"),
    ],
    ground=TRAINING,
    period=UNTIL_ERASURE,
    seen_by=_("you; the observer, trainers and the training office of the course"),
)
register(
    SurveyReceipt,
    "enrolment__person",
    title=_("Surveys you answered"),
    columns=[(_("Survey"), "lesson"), (_("On"), "answered_on")],
    ground=TRAINING,
    period=UNTIL_ERASURE,
    seen_by=TEACHERS,
)
register(
    SurveyResponse,
    "enrolment__person",
    title=_("Your answers to surveys that are not anonymous"),
    columns=[(_("Survey"), "survey"), (_("Answers"), "answers")],
    ground=TRAINING,
    period=UNTIL_ERASURE,
    seen_by=TEACHERS,
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
OFFICE_OF_HUB = _("you; the training office of the hub, the coordinator who said it for you")
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
skip(
    CaseFollowUp,
    CaseLook,
    CasePicture,
    ConnectionTest,
    Release,
    Pathway,
    Announcement,
    AppraisalStep,
    ClassCode,
    ClinicalReview,
    Deputy,
    MeetingReport,
    Waiver,
    Session,
    SessionChange,
    SessionMaterial,
    SessionPack,
    SessionOutage,
    SessionRecording,
    SessionSite,
    ThreadLock,
    why="names the login that decided, not a learner",
)
skip(
    SignInSheet,
    SheetScan,
    why="a list of numbers and a picture of many people; what was read off it is each one's evidence, "
    "and the picture goes after its time",
)
