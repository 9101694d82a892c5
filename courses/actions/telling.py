"""Telling the learners of a class and those at work in its sessions: planned, moved, cancelled; reminders that never come twice."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.actions.cases import coordinators_of
from courses.conf import conf
from courses.models import Enrolment, Excuse, Session
from courses.models.outline import LessonKind
from lms import clock
from lms.messages import tell
from lms.models import Message

BY_THE_CLOCK = {LessonKind.SESSION, LessonKind.CHECKLIST}
"""What one cannot go on with alone: nobody is reminded of it for being inactive."""
STEP = 100
OFFICE = _("the training office")


def session(row: Session, *, what: str) -> int:
    """Tell everybody who learns with a session that it was ``planned``, ``postponed`` or ``cancelled``, or is ``tomorrow``.

    Of one that has begun nobody is told. Once each for session, hour and person; returns how many.
    """
    if row.starts_at <= clock.now():
        return 0
    told = 0
    learners = Enrolment.objects.open().filter(run__session_uses__session=row)
    rows = learners.select_related("person", "run").order_by("person", "pk").distinct()
    event = f"session-{what}"
    known = _known(f"{event}:{row.pk}:")
    if what == "tomorrow":
        # Whoever said that they will not come is left in peace, unless the hub has refused it.
        excused = row.excuses.filter(state__in=[Excuse.State.SAID, Excuse.State.ACCEPTED])
        rows = rows.exclude(person__in=excused.values("person"))
    for enrolment in rows.iterator(chunk_size=STEP):
        key = f"{event}:{row.pk}:{row.starts_at:%Y%m%d%H%M}:{enrolment.person_id}"
        if key in known:
            continue
        known.add(key)
        about = {"session": row, "at": row.starts_at, "hub": row.hub, "class": enrolment.run.code}
        tell(enrolment.person, event, key=key, about=about, url=("lms_courses:go", enrolment.pk))
        told += 1
    return told


def at_work(row: Session, *, what: str) -> int:
    """Tell who keeps a room of a session or holds a role in it that it was ``postponed`` or ``cancelled``, or is ``tomorrow``.

    Of one that has begun nobody is told. Once each for session, hour and person; returns how many.
    """
    if row.starts_at <= clock.now():
        return 0
    ways: dict = {}
    for role in row.roles.filter(ended_at=None).select_related("person"):
        ways[role.person] = ("lms_courses:programme", row.uuid)
    for room in row.sites.select_related("site__facility").order_by("pk"):
        ways |= dict.fromkeys(coordinators_of(room), ("lms_courses:room", room.pk))
    event = f"site-session-{what}"
    known, told = _known(f"{event}:{row.pk}:"), 0
    about = {"session": row, "at": row.starts_at, "hub": row.hub}
    for person, url in ways.items():
        key = f"{event}:{row.pk}:{row.starts_at:%Y%m%d%H%M}:{person.pk}"
        if key not in known:
            tell(person, event, key=key, about=about, url=url)
            told += 1
    return told


def tomorrow() -> int:
    """Remind of every session of the coming day; returns how many were told."""
    zone = timezone.get_default_timezone()
    begins = timezone.make_aware(datetime.combine(clock.today() + timedelta(days=1), time()), zone)
    state = Session.State.SCHEDULED
    rows = Session.objects.filter(
        state=state, starts_at__gte=begins, starts_at__lt=begins + timedelta(days=1)
    )
    rows = rows.select_related("hub").order_by("starts_at", "pk")
    return sum(session(row, what="tomorrow") + at_work(row, what="tomorrow") for row in rows)


def inactive() -> int:
    """Remind whoever could go on alone and has not for one of the set numbers of days; returns how many.

    Once for each pause and stage; of a class that has not begun or is over nobody is reminded.
    """
    stages = sorted(conf.INACTIVE_DAYS)
    if not stages:
        return 0
    now, today = clock.now(), clock.today()
    idle = _running(today).with_last_move().filter(last_move__lt=now - timedelta(days=stages[0]))
    told = 0
    for enrolment, way in _on_their_way(idle):
        alone = [row for row in way.left if row.kind not in BY_THE_CLOCK and not row.locked]
        if not alone:
            continue
        stage = max(days for days in stages if now - enrolment.last_move > timedelta(days=days))
        since = timezone.localdate(enrolment.last_move, timezone.get_default_timezone())
        told += _once(
            enrolment,
            "inactive",
            f"{since:%Y%m%d}:{stage}",
            {"course": enrolment.run.release.course, "day": since, "done": way.done, "total": way.total},
        )
    return told


def due() -> int:
    """Remind whoever is not done while the class ends within one of the set numbers of days; returns how many."""
    stages = sorted(conf.DUE_DAYS)
    if not stages:
        return 0
    today, told = clock.today(), 0
    last = today + timedelta(days=stages[-1])
    for enrolment, way in _on_their_way(_running(today).filter(run__ends_on__lte=last)):
        ends = enrolment.run.ends_on
        stage = next(days for days in stages if (ends - today).days <= days)
        if not way.left:
            continue
        about = {
            "course": enrolment.run.release.course,
            "class": enrolment.run.code,
            "day": ends,
            "left": len(way.left),
            "contact": enrolment.run.contact or OFFICE,
        }
        told += _once(enrolment, "due", f"{ends:%Y%m%d}:{stage}", about)
    return told


def _running(today):
    """Enrolments still being learnt in classes that have begun and are not over."""
    begun = Q(run__starts_on=None) | Q(run__starts_on__lte=today)
    not_over = Q(run__ends_on=None) | Q(run__ends_on__gte=today)
    return Enrolment.objects.open().filter(begun, not_over)


def _on_their_way(rows) -> Iterator[tuple]:
    """Each enrolment with its way through the course, looked up a hundred at a time."""
    from courses.journey import of_many

    rows = rows.select_related("run__release__course", "person").order_by("pk")
    batch: list[Enrolment] = []
    for row in rows.iterator(chunk_size=STEP):
        batch.append(row)
        if len(batch) == STEP:
            yield from zip(batch, of_many(batch), strict=True)
            batch = []
    if batch:
        yield from zip(batch, of_many(batch), strict=True)


def _once(enrolment: Enrolment, event: str, occasion: str, about: dict) -> int:
    key = f"{event}:{enrolment.pk}:{occasion}"
    if Message.objects.filter(key=key).exists():
        return 0
    tell(enrolment.person, event, key=key, about=about, url=("lms_courses:go", enrolment.pk))
    return 1


def _known(start: str) -> set[str]:
    keys: Iterable[str] = Message.objects.filter(key__startswith=start).values_list("key", flat=True)
    return set(keys)
