"""When courses forget what they hold about those who learn."""

from django.db.models import Q

from courses import watching
from courses.actions import excuses, sheets
from courses.models import (
    Application,
    Attempt,
    AttemptAnswer,
    Case,
    CaseFollowUp,
    CaseLook,
    Enrolment,
    Excuse,
    ExcuseStep,
    OfflineReport,
    Post,
    ReportRow,
    SessionRecording,
    SheetScan,
    WatchClock,
    WatchRecord,
)
from lms import retention
from lms.holdings import held_in_detail

CASE_WORDS = ("complaint", "history", "vitals", "results", "done", "question", "conclusion", "recommendation")


@retention.rule(
    "lms_courses.watching",
    "which parts of lectures were watched (how many stays)",
    setting="LMS_COURSES_KEEP_WATCHING_DAYS",
    days=365,
    at="updated_at",
    # Somebody who still learns goes on where he stopped.
    # Which minutes of a session were made up for is evidence.
    due=lambda: (
        WatchRecord.objects.exclude(enrolment__state=Enrolment.State.ACTIVE)
        .filter(~Q(rev=0))
        .exclude(video__in=SessionRecording.objects.values("video"))
    ),
)
def add_up_watching(rows) -> int:
    """The bitmap becomes a plain sum: as many buckets as were watched, counted from the first."""
    done = 0
    for row in rows:
        # Compared with its revision, because somebody may be watching again at this moment.
        same = WatchRecord.objects.filter(pk=row.pk, rev=row.rev)
        done += same.update(bits=watching.to_bytes((1 << row.credited) - 1), position=0, rev=0)
    return done


@retention.rule(
    "lms_courses.applications",
    "applications for seats that have ended, with their decisions",
    setting="LMS_COURSES_KEEP_APPLICATIONS_DAYS",
    days=730,
    at="ended_at",
    due=lambda: Application.objects.exclude(state__in=Application.OPEN),
)
def forget_applications(rows) -> int:
    """Who asked, who decided and why; the enrolment stays."""
    return retention.delete(rows)


@retention.rule(
    "lms_courses.watch_clock",
    "when somebody last watched",
    setting="LMS_COURSES_KEEP_WATCHING_DAYS",
    days=365,
    at="at",
    due=WatchClock.objects.all,
)
def forget_clocks(rows) -> int:
    """The account opens again with the next lecture."""
    return retention.delete(rows)


@retention.rule(
    "lms_courses.offline_reports",
    "when lectures were watched without a network",
    setting="LMS_COURSES_KEEP_WATCHING_DAYS",
    days=365,
    at="received_at",
    due=OfflineReport.objects.all,
)
def forget_reports(rows) -> int:
    """Which parts were watched, and how many of them without a network, stays with the lecture."""
    return retention.delete(rows)


@retention.rule(
    "lms_courses.attempts",
    "questions and answers of tests (the score stays)",
    setting="LMS_COURSES_KEEP_ATTEMPTS_DAYS",
    days=1826,
    at="finished_at",
    due=lambda: Attempt.objects.exclude(frozen={}).exclude(
        enrolment__in=Enrolment.objects.filter(held_in_detail(Enrolment)).values("pk")
    ),
)
def forget_answers(rows) -> int:
    """What was asked and answered goes; number, day and score stay as long as the enrolment."""
    AttemptAnswer.objects.filter(attempt__in=rows).delete()
    return rows.update(frozen={}, result=None)


@retention.rule(
    "lms_courses.sheet_scans",
    "photographs of signed lists (the evidence stays)",
    setting="LMS_COURSES_SHEET_SCAN_DAYS",
    days=1826,
    at="room__session__ends_at",
    due=lambda: SheetScan.objects.filter(removed_at=None),
)
def forget_scans(rows) -> int:
    """The file goes; that there was one, and what was read off it, stays."""
    return sheets.drop(list(rows))


@retention.rule(
    "lms_courses.report_rows",
    "rows of meeting reports, with the names of strangers (the evidence stays)",
    setting="LMS_COURSES_KEEP_REPORT_ROWS_DAYS",
    days=180,
    at="report__created_at",
    due=ReportRow.objects.all,
)
def forget_report_rows(rows) -> int:
    """Nobody asks any more whom a row meant."""
    return retention.delete(rows)


@retention.rule(
    "lms_courses.excuses",
    "words and papers of excuses (that there was one stays)",
    setting="LMS_COURSES_KEEP_EXCUSES_DAYS",
    days=365,
    at="said_at",
    due=lambda: Excuse.objects.filter(
        ~Q(text="")
        | ~Q(file_name="")
        | Q(pk__in=ExcuseStep.objects.exclude(reason__in=["", excuses.FORGOTTEN]).values("excuse"))
    ),
)
def forget_excuses(rows) -> int:
    """Why somebody was away is nobody's business any more; the decision stays."""
    return excuses.forget(rows)


@retention.rule(
    "lms_courses.posts",
    "questions and answers of classes",
    setting="LMS_COURSES_KEEP_POSTS_DAYS",
    days=1096,
    at="at",
    due=lambda: Post.objects.filter(replies=None),
)
def forget_posts(rows) -> int:
    """What was right about a guideline then may be wrong by now; a question goes after its answers."""
    return retention.delete(rows)


@retention.rule(
    "lms_courses.cases",
    "the words of cases (site, state and outcome stay)",
    setting="LMS_COURSES_KEEP_CASES_DAYS",
    days=1826,
    at="submitted_at",
    due=lambda: Case.objects.exclude(history=""),
)
def forget_cases(rows) -> int:
    """The story goes; that a site brought a case, and how it ended, stays for the figures."""
    CaseFollowUp.objects.filter(case__in=rows).update(note="")
    empty = dict.fromkeys((*CASE_WORDS, "answer", "minutes_number"), "")
    return rows.update(**empty, confirmed=[])


@retention.rule(
    "lms_courses.case_looks",
    "who opened cases and their pictures",
    setting="LMS_COURSES_KEEP_CASE_LOOKS_DAYS",
    days=730,
    at="at",
    due=CaseLook.objects.all,
)
def forget_looks(rows) -> int:
    """Long after the pictures are gone nobody asks who saw them."""
    return retention.delete(rows)
