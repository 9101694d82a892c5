"""Which learners need help, and why: the same reasons for trainers, the training office and coordinators."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.conf import conf
from courses.models import Attempt, Enrolment
from courses.models.learning import EnrolmentQuerySet

FAILURES = 2
"""So many failed attempts at the post-test, none passed, and somebody should talk with the learner."""
ENDING_DAYS = 7
"""So many days before the end of a class whoever has not completed it is named."""


@dataclass(frozen=True, slots=True)
class Need:
    """One reason to help: ``silent``, ``failing`` or ``ending``, and its words."""

    code: str
    text: str


def with_needs(rows: EnrolmentQuerySet) -> EnrolmentQuerySet:
    """*rows* with what ``needs_of`` looks at: ``last_move`` and ``failures``."""
    failed = Q(attempts__passed=False, attempts__lesson__purpose="posttest") & ~Q(attempts__state="open")
    return rows.with_last_move().annotate(
        failures=Count("attempts", filter=failed, distinct=True), has_passed=Exists(_passed())
    )


def in_need(rows: EnrolmentQuerySet, now) -> EnrolmentQuerySet:
    """Those of *rows* (from ``with_needs``) that somebody should help at *now*."""
    today = timezone.localdate(now)
    silent = Q(last_move__lt=now - timedelta(days=conf.SILENT_DAYS))
    failing = Q(failures__gte=FAILURES, has_passed=False)
    ending = Q(run__ends_on__gte=today, run__ends_on__lte=today + timedelta(days=ENDING_DAYS))
    return rows.filter(silent | failing | ending, state=Enrolment.State.ACTIVE)


def needs_of(row, now) -> list[Need]:
    """Why the learner of *row* (an enrolment from ``with_needs``) needs help at *now*; nothing where nobody has to."""
    if row.state != Enrolment.State.ACTIVE:
        return []
    found = []
    days = (now - row.last_move).days
    if row.last_move < now - timedelta(days=conf.SILENT_DAYS):
        words = ngettext("silent for %(days)d day", "silent for %(days)d days", days)
        found.append(Need("silent", words % {"days": days}))
    if row.failures >= FAILURES and not row.has_passed:
        words = ngettext("failed the test once", "failed the test %(count)d times", row.failures)
        found.append(Need("failing", words % {"count": row.failures}))
    ends, today = row.run.ends_on, timezone.localdate(now)
    if ends and today <= ends <= today + timedelta(days=ENDING_DAYS):
        day = date_format(ends, "SHORT_DATE_FORMAT")
        found.append(Need("ending", _("the class ends on %(day)s") % {"day": day}))
    return found


def _passed():
    return Attempt.objects.filter(enrolment=OuterRef("pk"), lesson__purpose="posttest", passed=True)
