"""What courses hold about people, by subject: classes, lessons, sessions; and what names nobody who learns."""

from courses.models import (
    Announcement,
    AppraisalStep,
    CaseFollowUp,
    CaseLook,
    CasePicture,
    ClassCode,
    ClinicalReview,
    ConnectionTest,
    Deputy,
    MeetingReport,
    Pathway,
    Release,
    Session,
    SessionChange,
    SessionMaterial,
    SessionOutage,
    SessionPack,
    SessionRecording,
    SessionSite,
    SheetScan,
    SignInSheet,
    ThreadLock,
    Waiver,
)
from lms.holdings import skip

from . import classes, lessons, sessions  # noqa: F401

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
