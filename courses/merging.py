"""What becomes of enrolments, offices and attendance when two persons are found to be one."""

from datetime import timedelta

from django.db.models import Max
from django.utils.translation import gettext as _

from courses.models import (
    Application,
    Attendance,
    CalendarFeed,
    CourseStaff,
    Enrolment,
    Excuse,
    PostReport,
    SessionRole,
    WatchClock,
)
from lms import clock
from lms.merging import MergeRefused, settles


@settles(Enrolment)
def _enrolment(row, kept):
    own = Enrolment.objects.filter(run=row.run_id, person=kept)
    if row.state == Enrolment.State.ACTIVE and own.filter(state=Enrolment.State.ACTIVE).exists():
        raise MergeRefused(
            _("Both records are learning in the class “%(run)s”. Withdraw one of the two enrolments first.")
            % {"run": row.run}
        )
    if not own.filter(episode=row.episode).exists():
        return {}
    numbers = Enrolment.objects.filter(run=row.run_id, person__in=[row.person_id, kept.pk])
    # Several rows of one class keep their order behind those that stand.
    return {"episode": numbers.aggregate(last=Max("episode"))["last"] + row.episode}


@settles(Application)
def _application(row, kept):
    if not (row.is_open and Application.objects.open().filter(run=row.run_id, person=kept).exists()):
        return {}
    if row.state == Application.State.OFFERED:
        raise MergeRefused(
            _("Both records ask for a seat in the class “%(run)s”. Accept or take back one of the two first.")
            % {"run": row.run}
        )
    # One human being stands in line once.
    return {"state": Application.State.WITHDRAWN, "step": "", "due_at": None, "ended_at": clock.now()}


@settles(CourseStaff)
def _staff(row, kept):
    same = CourseStaff.objects.filter(course=row.course_id, person=kept, role=row.role, valid_to__isnull=True)
    return {"valid_to": clock.today() - timedelta(days=1)} if row.valid_to is None and same.exists() else {}


@settles(Attendance)
def _attendance(row, kept):
    # Recomputed from the evidence of both, which moves.
    return None if Attendance.objects.filter(session=row.session_id, person=kept).exists() else {}


@settles(WatchClock)
def _clock(row, kept):
    return None if WatchClock.objects.filter(person=kept).exists() else {}


@settles(CalendarFeed)
def _feed(row, kept):
    return None if CalendarFeed.objects.filter(person=kept).exists() else {}


@settles(PostReport)
def _report(row, kept):
    return None if PostReport.objects.filter(post=row.post_id, person=kept).exists() else {}


@settles(SessionRole)
def _role(row, kept):
    same = SessionRole.objects.filter(session=row.session_id, person=kept, role=row.role, ended_at=None)
    if row.ended_at is not None or not same.exists():
        return {}
    return {
        "ended_at": clock.now(),
        "reason": str(_("Named twice before two records of this person were merged.")),
    }


@settles(Excuse)
def _excuse(row, kept):
    standing = Excuse.objects.standing().filter(session=row.session_id, person=kept)
    is_double = row.state != Excuse.State.WITHDRAWN and standing.exists()
    return {"state": Excuse.State.WITHDRAWN} if is_double else {}
