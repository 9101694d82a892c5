"""What waits at the desks of courses: releases to appraise and to issue, lists to settle, completions to review."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import Excuse, MakeUp, Release, Session
from courses.permissions import courses_for, posts_for, reviews_for
from lms import clock, scope
from lms.waiting import Waiting

MOST = 5
"""Lines of one kind; the desk itself shows them all."""


def at_desk(user) -> Iterator[Waiting]:
    """The lines of *user*, what others wait for first."""
    yield from _releases(user)
    ended = [Session.State.SCHEDULED, Session.State.LIVE, Session.State.ENDED]
    sessions = scope.limit(Session.objects.filter(state__in=ended, ends_at__lt=clock.now()), user, "settle")
    for session in sessions.order_by("ends_at", "pk")[:MOST]:
        url = reverse("lms_courses:attendance", args=[session.uuid])
        yield Waiting(_("Settle the attendance: %(session)s") % {"session": session.title}, url)
    hosted = scope.limit(Session.objects.all(), user, "settle").values("pk")
    excused = Excuse.objects.to_decide().filter(session__in=hosted).exclude(steps__by=user)
    waiting = Session.objects.filter(pk__in=excused.exclude(person__user=user).values("session"))
    for session in waiting.order_by("starts_at", "pk")[:MOST]:
        url = reverse("lms_courses:excuses", args=[session.uuid])
        yield Waiting(_("Decide about excuses: %(session)s") % {"session": session.title}, url)
    asked = posts_for(user).unanswered().order_by("run__release__course")
    for course, title in asked.values_list(
        "run__release__course", "run__release__course__title_vi"
    ).distinct()[:MOST]:
        yield Waiting(
            _("Questions to answer: %(course)s") % {"course": title},
            reverse("lms_courses_admin:talk", args=[course]),
        )
    proposed = MakeUp.objects.filter(state=MakeUp.State.PROPOSED).exclude(proposed_by=user)
    proposed = proposed.filter(enrolment__run__release__course__in=courses_for(user, "issue").values("pk"))
    for row in proposed.select_related("enrolment__run").order_by("pk")[:MOST]:
        # Whose it is stands behind the link, where the look is noted.
        url = reverse("lms_courses_admin:learner", args=[row.enrolment_id])
        yield Waiting(_("Decide about a make-up: %(class)s") % {"class": row.enrolment.run.code}, url)
    if found := reviews_for(user, "decide").open().count():
        words = ngettext("%(count)d completion to review", "%(count)d completions to review", found)
        yield Waiting(words % {"count": found}, reverse("lms_courses_admin:reviews"))


def _releases(user) -> Iterator[Waiting]:
    rows = Release.objects.defer("outline", "policy").select_related("course")
    in_state = Release.State
    waiting = [
        # Whoever built a version does not appraise it.
        (
            _("Appraise: %(course)s, version %(number)s"),
            scope.limit(rows.filter(state=in_state.SUBMITTED).exclude(created_by=user), user, "appraise"),
        ),
        (
            _("Issue: %(course)s, version %(number)s"),
            scope.limit(rows.filter(state=in_state.APPRAISED), user, "issue"),
        ),
        (
            _("Changes are asked for: %(course)s, version %(number)s"),
            rows.filter(state=in_state.CHANGES, course__in=courses_for(user, "build").values("pk")),
        ),
    ]
    for words, releases in waiting:
        for release in releases.order_by("pk")[:MOST]:
            named = {"course": release.title_vi, "number": release.number}
            yield Waiting(words % named, reverse("lms_courses_admin:course", args=[release.course_id]))
