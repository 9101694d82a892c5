"""What my page shows, gathered in few queries and without writing anything."""

import math
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from certificates.credit import Standing, standing
from certificates.models import Certificate
from content.models import Video
from courses.conf import conf
from courses.facts import result_of
from courses.gate import why_locked
from courses.models import (
    CoursePage,
    Enrolment,
    LessonKind,
    LessonPage,
    LessonProgress,
    Presence,
    Session,
    WatchRecord,
)
from lms import clock
from lms.languages import pick
from website.me.pace import Pace, pace

SHOWN = 8
"""Courses listed on my page; the rest is in the ledger."""
RADIUS = 54


@dataclass
class CourseLine:
    """One course of mine."""

    enrolment: Enrolment
    title: str
    url: str
    done: int
    total: int
    left: list[str]
    certificate: Certificate | None

    @property
    def is_complete(self) -> bool:
        """Whether completion was reached."""
        return self.enrolment.state == Enrolment.State.COMPLETED

    @property
    def percent(self) -> int:
        """Lessons met, whole per cent, cut."""
        return 100 if self.is_complete else self.done * 100 // max(1, self.total)


@dataclass
class NextStep:
    """The one lesson to go on with; ``locked`` says why not yet, ``sizes`` what a lecture costs in bytes."""

    title: str
    url: str
    course: str
    position: int
    total: int
    kind: str
    percent: int
    needed: int
    locked: str | None = None
    resume: int = 0
    seconds_left: int = 0
    sizes: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class LiveNow:
    """A session that is on or comes next, and whether this person is already counted as there."""

    session: Session
    is_on: bool
    place: str
    checked_in: Presence | None
    uuid: str


@dataclass
class Ring:
    """The credit ring in numbers an SVG takes."""

    length: str
    round: str
    radius: int = RADIUS


def ring(state: Standing) -> Ring:
    """How long the drawn arc is, of the whole circle."""
    whole = 2 * math.pi * RADIUS
    part = min(Decimal(1), state.hours / state.target) if state.target else Decimal(0)
    return Ring(f"{whole * float(part):.1f}", f"{whole:.1f}")


def standing_of(person) -> tuple[Standing, Pace | None]:
    """Hours, target, and what the present pace leads to."""
    state = standing(person)
    if state.target is None or state.is_reached:
        return state, None
    return state, pace(
        hours=state.hours,
        target=state.target,
        starts_on=state.starts_on,
        ends_on=state.ends_on,
        on=state.on,
    )


def pages_by_key(model, keys) -> dict:
    """Live pages by translation key, in the active language where there is one."""
    found: dict = {}
    language = get_language() or "vi"
    for page in model.objects.live().filter(translation_key__in=keys).select_related("locale"):
        if page.translation_key not in found or page.locale.language_code == language:
            found[page.translation_key] = page
    return found


def enrolments_of(person) -> list[Enrolment]:
    """Courses still being learnt, then those completed, the youngest first."""
    rows = (
        Enrolment.objects.of(person)
        .exclude(state=Enrolment.State.WITHDRAWN)
        .select_related("run__release__course")
        .order_by("state", "-enrolled_at")
    )
    return list(rows[: SHOWN * 2])


def course_lines(request, person, enrolments) -> list[CourseLine]:
    """One line per enrolment with lessons met, what is left and the certificate: four queries."""
    met: dict[int, set[int]] = {}
    progress = LessonProgress.objects.filter(enrolment__in=enrolments, met_at__isnull=False)
    for enrolment, lesson in progress.values_list("enrolment", "lesson"):
        met.setdefault(enrolment, set()).add(lesson)
    origins = {f"enrolment:{enrolment.pk}": enrolment.pk for enrolment in enrolments}
    given = {
        origins[row.origin_key]: row
        for row in Certificate.objects.of(person).valid().filter(origin_key__in=origins).defer("facts")
    }
    pages = pages_by_key(CoursePage, {enrolment.run.release.course.key for enrolment in enrolments})
    lines = []
    for enrolment in enrolments[:SHOWN]:
        release = enrolment.run.release
        page = pages.get(release.course.key)
        done = met.get(enrolment.pk, set())
        lines.append(
            CourseLine(
                enrolment=enrolment,
                title=release.title,
                url=(page.get_url(request) or "") if page else "",
                done=sum(1 for item in release.outline if item["lesson"] in done),
                total=len(release.outline),
                left=what_is_left(release.outline, done),
                certificate=given.get(enrolment.pk),
            )
        )
    return lines


def what_is_left(outline, done) -> list[str]:
    """What stands between here and the certificate, in a few words each."""
    open_items = [item for item in outline if item["lesson"] not in done]
    special = {
        "posttest": _("the final test"),
        LessonKind.SURVEY: _("the survey"),
        LessonKind.CHECKLIST: _("the skills checklist"),
    }
    words, lessons = [], 0
    for item in open_items:
        name = special.get(item.get("purpose") or "") or special.get(item["kind"])
        if name is None:
            lessons += 1
        elif name not in words:
            words.append(name)
    if lessons:
        words.insert(0, _("lessons: %(count)d") % {"count": lessons})
    return words


def next_step(request, enrolments) -> NextStep | None:
    """The lesson to go on with, in the course that was touched last.

    Live sessions and checklists are passed over: the first come by the clock, the second when
    the observer comes.
    """
    active = [enrolment for enrolment in enrolments if enrolment.state == Enrolment.State.ACTIVE]
    if not active:
        return None
    touched = LessonProgress.objects.filter(enrolment__in=active).order_by("-updated_at")
    newest = touched.values_list("enrolment", flat=True).first()
    enrolment = next((row for row in active if row.pk == newest), active[0])
    release = enrolment.run.release
    result = result_of(enrolment)
    for position, item in enumerate(release.outline, 1):
        one = result.lesson(item["lesson"])
        if (one and one.met) or item["kind"] in {LessonKind.SESSION, LessonKind.CHECKLIST}:
            continue
        page = pages_by_key(LessonPage, [item["key"]])
        page = next(iter(page.values()), None)
        if page is None:
            continue
        step = NextStep(
            title=pick(item["title"].get("vi", ""), item["title"].get("en", "")),
            url=page.get_url(request) or "",
            course=release.title,
            position=position,
            total=len(release.outline),
            kind=item["kind"],
            percent=int(one.pct) if one else 0,
            needed=int(release.policy.get("watch_pct", 90)),
            locked=why_locked(enrolment, item, result),
        )
        if item["kind"] == LessonKind.VIDEO:
            add_lecture(step, enrolment, item)
        return step
    return None


def add_lecture(step: NextStep, enrolment: Enrolment, item: dict) -> None:
    """Where the lecture was left, what remains of it, and what it weighs."""
    watched = WatchRecord.objects.filter(
        enrolment=enrolment, video=item["video"], version=item["version"]
    ).first()
    step.resume = watched.position if watched else 0
    step.seconds_left = max(0, int(item.get("seconds") or 0) - step.resume)
    video = Video.objects.filter(pk=item["video"]).prefetch_related("renditions").first()
    if video is not None:
        made = video.ready_renditions(item["version"])
        step.sizes = [(rendition.get_kind_display(), rendition.size) for rendition in made[:3]]


def live_now(person, enrolments) -> LiveNow | None:
    """The session of one of my classes that is on now, else the next within a fortnight."""
    runs = [row.run_id for row in enrolments if row.state == Enrolment.State.ACTIVE]
    if not runs:
        return None
    now = clock.nearly()
    mine = Session.objects.filter(uses__run__in=runs).select_related("hub").distinct()
    early = timedelta(minutes=conf.CHECK_IN_EARLY_MINUTES)
    session = mine.going_on(now, early=early).order_by("starts_at", "pk").first()
    is_on = session is not None
    if session is None:
        session = mine.to_come(now).filter(starts_at__lte=now + timedelta(days=14)).first()
    if session is None:
        return None
    workplace = person.workplace()
    seat = (
        session.sites.filter(site__facility=workplace).select_related("site").first() if workplace else None
    )
    here = session.presences.in_force().filter(person=person).order_by("since").first() if is_on else None
    return LiveNow(session, is_on, seat.site.name if seat else "", here, str(session.uuid))
