"""The records of courses, split by subject; pages stand apart and know the records."""

from .appraisal import AppraisalTask
from .attempts import Attempt, AttemptAnswer
from .cases import Case, CaseFollowUp, CaseLook, CasePicture
from .connections import ConnectionTest
from .evidence import SessionOutage, SessionRecording
from .excuses import Excuse, ExcuseStep
from .joining import Application, ApplicationDecision, ClassCode, Deputy, RunQuota
from .judgements import MakeUp, SignOff
from .learning import Enrolment, EnrolmentMove, LessonProgress, OfflineReport, Waiver, WatchClock, WatchRecord
from .outline import ClinicalReview, Course, CourseStaff, Lesson, LessonKind
from .packs import SessionPack
from .pages import *  # noqa: F403
from .pages import __all__ as _pages
from .pathways import Pathway, PathwayCompletion, PathwayCourse
from .presences import Attendance, Presence
from .programme import AgendaItem, SessionMaterial
from .releases import AppraisalStep, Release
from .reports import MeetingReport, ReportColumns, ReportRow
from .reviews import CompletionReview
from .runs import Run
from .sessions import (
    CalendarFeed,
    Session,
    SessionChange,
    SessionRole,
    SessionSeries,
    SessionSite,
    SessionUse,
)
from .sheets import SheetScan, SignInSheet
from .skills import Observation
from .surveys import SurveyReceipt, SurveyResponse
from .talk import Announcement, Post, PostReport, ThreadLock

__all__ = [
    "SessionOutage",
    "SessionRecording",
    *_pages,
    "AgendaItem",
    "Announcement",
    "Application",
    "ApplicationDecision",
    "AppraisalStep",
    "AppraisalTask",
    "Attempt",
    "AttemptAnswer",
    "Attendance",
    "CalendarFeed",
    "Case",
    "CaseFollowUp",
    "CaseLook",
    "CasePicture",
    "ClassCode",
    "ClinicalReview",
    "CompletionReview",
    "ConnectionTest",
    "Course",
    "CourseStaff",
    "Deputy",
    "Enrolment",
    "EnrolmentMove",
    "Excuse",
    "ExcuseStep",
    "Lesson",
    "LessonKind",
    "LessonProgress",
    "MakeUp",
    "MeetingReport",
    "Observation",
    "OfflineReport",
    "Pathway",
    "PathwayCompletion",
    "PathwayCourse",
    "Post",
    "PostReport",
    "Presence",
    "Release",
    "ReportColumns",
    "ReportRow",
    "Run",
    "RunQuota",
    "Session",
    "SessionChange",
    "SessionMaterial",
    "SessionPack",
    "SessionRole",
    "SessionSeries",
    "SessionSite",
    "SessionUse",
    "SheetScan",
    "SignInSheet",
    "SignOff",
    "SurveyReceipt",
    "SurveyResponse",
    "ThreadLock",
    "Waiver",
    "WatchClock",
    "WatchRecord",
]
