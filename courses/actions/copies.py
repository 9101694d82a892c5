"""The verb that opens a further class in the manner of an earlier one, on other days and without its learners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from courses.actions.runs import RunRefused, copy_quotas, open_run
from courses.actions.sessions import join_site, schedule, use
from courses.models import Lesson, Release, Run, Session, SessionUse
from courses.models.outline import LessonKind
from lms import clock


@dataclass(frozen=True, slots=True)
class Planned:
    """A session of the earlier class and the hours at which it is held for the new one."""

    session: Session
    starts_at: datetime
    ends_at: datetime


def version_for(run: Run) -> Release | None:
    """The version that a further class of the course of *run* learns: the one in force."""
    in_force = Release.objects.filter(course=run.release.course_id, state=Release.State.ISSUED)
    return in_force.select_related("course").first()


def lessons_of(run: Run, to: Release) -> dict[Session, list[int]]:
    """The sessions of *run* that were not cancelled, with those of their lessons that *to* still has."""
    taught = {item["lesson"] for item in to.outline if item["kind"] == LessonKind.SESSION}
    found: dict[Session, list[int]] = {}
    uses = SessionUse.objects.filter(run=run).exclude(session__state=Session.State.CANCELLED)
    for row in uses.select_related("session__hub").order_by("session__starts_at", "session", "pk"):
        found.setdefault(row.session, [])
        if row.lesson_id in taught:
            found[row.session].append(row.lesson_id)
    return found


@transaction.atomic
def copy_run(run: Run, *, code: str, sessions: Sequence[Planned], by, **values) -> Run:
    """Open a class of the version in force like *run*: its *sessions* at new hours, with the same sites.

    *values* are the days, seats and the like of ``open_run``. Trainers belong to the course and teach
    the new class as well; learners, attendance and waivers are not copied. All or nothing. Idempotent:
    the same copy asked for again is the class that stands.
    """
    to = version_for(run)
    if to is None:
        raise RunRefused(_("A class opens only from an issued version."))
    code = code.strip()
    _require_free(to, code, values, run)
    made = open_run(to, code=code, by=by, **values)
    copy_quotas(run, to=made)
    lessons = lessons_of(run, to)
    for one in sessions:
        if one.starts_at < clock.now():
            raise RunRefused(
                _(
                    "Session “%(session)s” would lie in the past (%(time)s). Choose another day or leave it out."
                )
                % {
                    "session": one.session.title,
                    "time": date_format(timezone.localtime(one.starts_at), "SHORT_DATETIME_FORMAT"),
                }
            )
        again = _session_like(one, by)
        for lesson in Lesson.objects.filter(pk__in=lessons.get(one.session, [])):
            use(again, run=made, lesson=lesson)
    return made


def _require_free(to: Release, code: str, values: dict, run: Run) -> None:
    """Refuse the code of another class; the same copy, asked for twice, is no other."""
    known = Run.objects.filter(code=code).first()
    if known is None:
        return
    is_same = known.release_id == to.pk and all(getattr(known, name) == values[name] for name in values)
    if known.pk == run.pk or not is_same:
        raise RunRefused(_("The code %(code)s is taken by another class.") % {"code": code})


def _session_like(one: Planned, by) -> Session:
    """The session of *one* at its new hours, with the sites that took part in the first."""
    old = one.session
    made = schedule(
        old.hub,
        title_vi=old.title_vi,
        title_en=old.title_en,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        by=by,
        series=old.series,
        form=old.form,
        rule_code=old.rule_code,
        present_pct=old.present_pct,
        partial_pct=old.partial_pct,
        join_url=old.join_url,
    )
    if made.pk != old.pk:
        for room in old.sites.select_related("site"):
            join_site(made, site=room.site, expected=room.expected)
    return made
