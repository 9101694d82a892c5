"""What a learner sees of a release: each lesson with its state, why it is closed, and what comes next.

Everything is looked up in bulk, so that ten courses cost no more queries than one.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import get_language
from wagtail.coreutils import get_content_languages
from wagtail.models import Page

from content.models import Rendition, weigh_slides
from courses import completion, gate
from courses.facts import recorded
from courses.links import pages_of, url_of
from courses.models import Enrolment, Release, Session
from lms import clock, sql
from lms.languages import pick
from lms.memory import remembered
from lms.models import Facility


@dataclass(slots=True)
class Row:
    """One lesson of an outline as one person sees it.

    ``state`` is ``done``, ``now`` (go on here), ``locked`` (then ``locked`` says why) or ``open``.
    ``language`` is that of the page where there is none in the reader's, else empty; ``sizes`` are bytes by rendition; ``sessions`` are the live sessions that serve as the lesson.
    """

    number: int
    item: dict
    title: str
    page: Page | None = None
    request: HttpRequest | None = field(default=None, repr=False)
    result: completion.LessonResult | None = None
    locked: str | None = None
    state: str = "open"
    sizes: dict[str, int] = field(default_factory=dict)
    sessions: list = field(default_factory=list)
    position: int = 0
    language: str = ""
    _url: str | None = None

    @property
    def url(self) -> str | None:
        """The address of the lesson's page; worked out when asked for, because few rows are."""
        if self._url is None and self.page is not None:
            self._url = url_of(self.page, self.request) or None
        return self._url

    @property
    def language_name(self) -> str:
        """The language of the page in its own words; empty where it is the reader's."""
        names = {code.split("-")[0]: str(name) for code, name in get_content_languages().items()}
        return names.get(self.language, self.language)

    @property
    def kind(self) -> str:
        return self.item["kind"]

    @property
    def purpose(self) -> str:
        return self.item["purpose"]

    @property
    def periods(self) -> Decimal:
        return completion.periods(self.item)

    @property
    def minutes(self) -> int:
        """Length of a lecture in minutes, at least one."""
        return max(1, round(self.item.get("seconds", 0) / 60)) if self.kind == "video" else 0

    @property
    def steps(self) -> int:
        return len(self.item.get("items") or ())

    @property
    def critical_steps(self) -> int:
        return sum(1 for step in self.item.get("items") or () if step.get("critical"))

    @property
    def seconds_left(self) -> int:
        """What of a lecture lies behind the resume point."""
        return max(0, int(self.item.get("seconds", 0)) - self.position)

    @property
    def session(self):
        """The session to name: the one that is on, else the next, else the last."""
        now = clock.nearly()
        ahead = [one for one in self.sessions if one.ends_at > now]
        return ahead[0] if ahead else (self.sessions[-1] if self.sessions else None)

    @property
    def size(self) -> int:
        """Bytes of the best picture there is, or of the sound."""
        return max(self.sizes.values(), default=0)


@dataclass(slots=True)
class Journey:
    """A release and where one person stands in it; without an enrolment, what a visitor sees."""

    release: Release
    rows: list[Row]
    enrolment: Enrolment | None = None
    result: completion.Result | None = None

    @property
    def next(self) -> Row | None:
        """Where to go on."""
        return next((row for row in self.rows if row.state == "now"), None)

    @property
    def done(self) -> int:
        return sum(1 for row in self.rows if row.state == "done")

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def left(self) -> list[Row]:
        """What is not done yet."""
        return [row for row in self.rows if row.state != "done"]

    @property
    def pct(self) -> int:
        return self.done * 100 // self.total if self.total else 0

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes of all lectures together, for each quality that every lecture has."""
        lectures = [row.sizes for row in self.rows if row.kind == "video"]
        if not lectures:
            return {}
        common = [kind for kind in lectures[0] if all(kind in sizes for sizes in lectures)]
        return {kind: sum(sizes[kind] for sizes in lectures) for kind in common}

    def row(self, lesson_id: int) -> Row | None:
        return next((row for row in self.rows if row.item["lesson"] == lesson_id), None)

    def neighbours(self, lesson_id: int) -> tuple[Row | None, Row | None]:
        """The lessons before and after."""
        place = next((n for n, row in enumerate(self.rows) if row.item["lesson"] == lesson_id), None)
        if place is None:
            return None, None
        before = self.rows[place - 1] if place else None
        return before, self.rows[place + 1] if place + 1 < len(self.rows) else None


def for_visitor(release: Release, request=None) -> Journey:
    """The outline of *release* for somebody who does not learn it."""
    return Journey(release, _Shelf([release], [], request).rows(release, None))


def of(enrolment: Enrolment, request=None, *, with_facts: bool = True) -> Journey:
    """The journey of one learner, by what was last concluded."""
    return of_many([enrolment], request, with_facts=with_facts)[0]


def of_many(enrolments: Sequence[Enrolment], request=None, *, with_facts: bool = True) -> list[Journey]:
    """Journeys for a list; the number of queries does not grow with it.

    ``with_facts=False`` leaves out sizes and sessions, for screens that do not show them.
    """
    results, positions = recorded(enrolments)
    releases = {one.run.release_id: one.run.release for one in enrolments}
    shelf = _Shelf(list(releases.values()), enrolments, request, positions, with_facts=with_facts)
    return [walked(one, results[one.pk], shelf.rows(one.run.release, one)) for one in enrolments]


def walked(enrolment: Enrolment, result: completion.Result, rows: list[Row]) -> Journey:
    """The journey of *enrolment* through *rows* by *result*: what is done, closed and next."""
    is_marked = enrolment.state != Enrolment.State.ACTIVE
    for row in rows:
        row.result = result.lesson(row.item["lesson"])
        row.locked = gate.why_locked(enrolment, row.item, result)
        if row.result and row.result.met:
            row.state = "done"
        elif row.locked:
            row.state = "locked"
        elif not is_marked and row.page and not (row.result and row.result.is_excused):
            row.state, is_marked = "now", True
    return Journey(enrolment.run.release, rows, enrolment, result)


# The sessions of some classes with their hubs, by hand: my page asks at each look.
_SESSIONS = """
SELECT s.*, u.run_id AS used_run, u.lesson_id AS used_lesson, f.path AS hub_path, f.name AS hub_name
FROM lms_courses_sessionuse u
JOIN lms_courses_session s ON s.id = u.session_id
JOIN lms_facility f ON f.id = s.hub_id
WHERE u.run_id IN ({}) ORDER BY s.starts_at"""


class _Shelf:
    """What the outlines of some releases need, fetched at once."""

    def __init__(self, releases, enrolments, request, positions=None, *, with_facts=True):
        items = [item for release in releases for item in release.outline]
        self.request = request
        keys = frozenset(UUID(item["key"]) for item in items)
        self.pages = remembered(("pages", get_language(), keys), lambda: pages_of(keys))
        self.positions = positions or {}
        videos = {(item["video"], item["version"]) for item in items if item.get("video")}
        has_sessions = enrolments and any(item["kind"] == "session" for item in items)
        sized = frozenset(videos if with_facts else ())
        self.sizes = remembered(("sizes", sized), lambda: self._sizes(sized)) if sized else {}
        self.sessions = self._sessions(enrolments) if with_facts and has_sessions else {}

    def rows(self, release: Release, enrolment: Enrolment | None) -> list[Row]:
        return [self._row(number, item, enrolment) for number, item in enumerate(release.outline, start=1)]

    def _row(self, number: int, item: dict, enrolment: Enrolment | None) -> Row:
        page = self.pages.get(UUID(item["key"]))
        frozen = pick(item["title"].get("vi", ""), item["title"].get("en", ""))
        video = (item.get("video"), item.get("version"))
        return Row(
            number=number,
            item=item,
            # Wording fixes go live without a release; a lesson whose page is gone keeps the released title.
            title=page.title if page else frozen,
            page=page,
            language=_other_than_readers(page) if page else "",
            request=self.request,
            sizes=self.sizes.get(video, {}),
            sessions=self.sessions.get((enrolment.run_id, item["lesson"]), []) if enrolment else [],
            position=self.positions.get((enrolment.pk, *video), 0) if enrolment else 0,
        )

    @staticmethod
    def _sizes(videos: frozenset[tuple[int, int]]) -> dict:
        found = defaultdict(dict)
        order = {kind: place for place, kind in enumerate(Rendition.Kind.values)}
        rows = Rendition.objects.filter(video__in={pk for pk, _version in videos})
        rows = rows.exclude(video__shows_patient=True, video__shown_until__lt=clock.today())
        rows = list(rows.exclude(kind=Rendition.Kind.POSTER).order_by().values(*_SIZED))
        slides = weigh_slides(rows)
        for row in sorted(rows, key=lambda row: order[row["kind"]]):
            one, kind = (row["video"], row["version"]), row["kind"]
            if kind != Rendition.Kind.SLIDES:
                found[one][kind] = row["size"]
            if kind == Rendition.Kind.AUDIO and one in slides:
                found[one][str(Rendition.Kind.SLIDES)] = row["size"] + slides[one]
        return found

    @staticmethod
    def _sessions(enrolments) -> dict:
        found = defaultdict(list)
        marks, runs = sql.marks(sorted({enrolment.run_id for enrolment in enrolments}))
        for one in sql.many(Session, _SESSIONS.format(marks), runs):
            one.hub = Facility.from_db(
                one._state.db, ["id", "path", "name"], [one.hub_id, one.hub_path, one.hub_name]
            )
            found[one.used_run, one.used_lesson].append(one)
        return found


_SIZED = ("video", "version", "kind", "size", "stills")


def _other_than_readers(page: Page) -> str:
    code = page.locale.language_code.split("-")[0]
    return "" if code == (get_language() or "vi").split("-")[0] else code
