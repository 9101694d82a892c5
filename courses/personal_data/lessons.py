"""What courses hold about what somebody did in lessons."""

from django.utils.translation import gettext_lazy as _

from courses.models import (
    Attempt,
    AttemptAnswer,
    LessonProgress,
    Observation,
    OfflineReport,
    SurveyReceipt,
    SurveyResponse,
    WatchClock,
    WatchRecord,
)
from lms.holdings import register

from .terms import TEACHERS, TRAINING, UNTIL_ERASURE

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
    Observation,
    "enrolment__person",
    title=_("Skills that were observed"),
    columns=[
        (_("Skill"), "lesson"),
        (_("At"), "observed_at"),
        (_("Score, per cent"), "pct"),
        (_("Passed"), "passed"),
        (_("Comment"), "comment"),
        (_("Taken back on"), "taken_back_at"),
        (_("Why it was taken back"), "taken_back_why"),
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
