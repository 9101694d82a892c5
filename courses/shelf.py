"""Every listed course in a form that 2,000 of them are filtered and counted as quickly as 20."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from dataclasses import replace as copied
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from django.db import connection
from django.db.models import F, Sum, prefetch_related_objects
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.coreutils import get_content_languages

from content.models import Rendition
from courses.hours import RoleHours, by_role, rates
from courses.links import pages_of
from courses.models import Course, Lesson, Release, Run
from courses.models.pages import CoursePageMixin
from courses.sync import page_models
from lms import clock, names
from lms.memory import remembered
from lms.models import Facility, Profession, Specialty

HOURS = {"1-4": (0, 4), "5-8": (4, 8), "9-": (8, 10_000)}
"""Ranges of credit hours by the code in the address: above the first, up to the second number."""
_APART = re.compile(r"\W+")


@dataclass(slots=True)
class Entry:
    """A course in the list, with what people choose by.

    ``language`` is that of the page it leads to where this is not the reader's, else empty.
    """

    course: Course
    url: str
    title: str
    language: str = ""
    audience: list = field(default_factory=list)
    hours: Decimal | None = None
    role_hours: list[RoleHours] = field(default_factory=list)
    form: str = ""
    rule: str = ""
    sizes: dict[str, int] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)

    @property
    def language_name(self) -> str:
        """The language of the page in its own words; empty where it is the reader's."""
        return _languages().get(self.language, self.language)

    @property
    def seats(self) -> int | None:
        """Seats of all open classes; None where one has no limit."""
        return _total(run.seats for run in self.runs)

    @property
    def seats_left(self) -> int | None:
        """Free seats of all open classes; None where one has no limit."""
        return _total(run.seats_left for run in self.runs)

    @property
    def enrol_until(self):
        """When the last open class closes its list; None where one never does."""
        ends = [run.enrol_until for run in self.runs]
        return None if None in ends or not ends else max(ends)


class Shelf:
    """The courses by their place in the list, newest release first.

    A set of courses is a whole number whose bit *n* stands for the course at place *n*: to
    combine filters is an ``&``, to count is ``bit_count``.
    """

    def __init__(self):
        """Read every course that is open and has a release in force and a page."""
        pages = _pages()
        rows = Release.objects.filter(state=Release.State.ISSUED, course__is_open=True)
        rows = rows.select_related("course").defer("outline", "policy").order_by("-issued_at", "-pk")
        self.rows = [row for row in rows if row.course.key in pages]
        self.places = {row.pk: place for place, row in enumerate(self.rows)}
        self.all = (1 << len(self.rows)) - 1
        self.cards: dict[int, Entry] = {}
        """What the shown courses say about themselves, read when first shown."""
        self._read_values(pages)
        self.runs = dict(
            Run.objects.open_for_enrolment(clock.nearly())
            .filter(release__in=_in_force())
            .values_list("pk", "release_id")
        )
        self.classes = Counter(self.runs.values())
        self.open = self._set(self.classes)

    def _read_values(self, pages: dict[UUID, dict[str, str]]) -> None:
        """Set ``values``: by filter the courses of each code; ``labels``: its name, in order of showing."""
        found: dict[str, dict[str, int]] = {
            facet: defaultdict(int)
            for facet in ("profession", "specialty", "provider", "form", "hours", "language")
        }
        terms = {row.pk: row for row in Profession.objects.all()}
        specialties = {row.pk: row for row in Specialty.objects.all()}
        providers = Facility.objects.in_bulk({row.course.facility_id for row in self.rows})
        audience = defaultdict(list)
        for course, term in Course.audience.through.objects.values_list("course_id", "profession_id"):
            audience[course].append(terms[term].code)
        for_all = 0
        self.texts, self.languages = [], {}
        for place, row in enumerate(self.rows):
            bit, course = 1 << place, row.course
            for code in audience[course.pk]:
                found["profession"][code] |= bit
            # A course without an audience is meant for everybody.
            for_all |= 0 if audience[course.pk] else bit
            specialty, provider = specialties.get(course.specialty_id), providers.get(course.facility_id)
            if specialty:
                found["specialty"][specialty.code] |= bit
            if provider:
                found["provider"][str(provider.pk)] |= bit
            found["form"][row.form] |= bit
            for code, (low, high) in HOURS.items():
                found["hours"][code] |= bit if low < row.periods <= high else 0
            self.languages[row.pk] = set(pages[course.key])
            for language in pages[course.key]:
                found["language"][language] |= bit
            words = [course.title_vi, course.title_en, course.code, *pages[course.key].values()]
            if provider:
                words += [provider.name, provider.abbreviation]
            if specialty:
                words += [specialty.name_vi, specialty.name_en]
            self.texts.append(f" {_plain(' '.join(words))}")
        for code in found["profession"]:
            found["profession"][code] |= for_all
        self.values = {facet: dict(codes) for facet, codes in found.items()}
        self.labels = {
            "profession": {term.code: str(term) for term in terms.values()},
            "specialty": _by_name({term.code: str(term) for term in specialties.values()}),
            "provider": _by_name({str(row.pk): str(row) for row in providers.values()}),
            "form": {code: str(label) for code, label in Course.Form.choices},
            "hours": {
                "1-4": _("up to 4 credit hours"),
                "5-8": _("more than 4, up to 8 credit hours"),
                "9-": _("more than 8 credit hours"),
            },
            "language": _languages(),
        }

    @cached_property
    def orders(self) -> dict[str, Collection[int]]:
        """Places in each order that the reader may ask for; "" is newest first."""
        places = range(len(self.rows))
        return {
            "": places,
            "title": sorted(places, key=lambda place: names.fold(self.rows[place].course.title)),
            "hours": sorted(places, key=lambda place: -self.rows[place].periods),
        }

    def taking(self, full: Collection[int]) -> int:
        """Courses with a class that takes people now, where the classes *full* have no seat left."""
        lost = Counter(self.runs[run] for run in full if run in self.runs)
        none_left = [release for release, runs in lost.items() if runs == self.classes[release]]
        return self.open & ~self._set(none_left)

    def _set(self, releases: Iterable[int]) -> int:
        return sum(1 << self.places[release] for release in releases if release in self.places)

    def saying(self, query: str) -> int:
        """Courses in whose own words every word of *query* begins one; diacritics do not matter."""
        words = [f" {word}" for word in _plain(query).split()]
        if not words:
            return self.all
        return sum(1 << place for place, text in enumerate(self.texts) if all(word in text for word in words))

    def sorted(self, courses: int, order: str, first: int) -> list[int]:
        """Places of *courses* in *order*; newest first shows those of *first* before the others."""
        bits = f"{courses:b}"[::-1].ljust(len(self.rows), "0")
        places = [place for place in self.orders.get(order, ()) if bits[place] == "1"]
        if not order:
            places.sort(key=f"{first:b}"[::-1].ljust(len(self.rows), "0").__getitem__, reverse=True)
        return places

    def entries(self, places: Collection[int], request=None) -> list[Entry]:
        """The courses at *places* with their classes and seats as they are this moment."""
        keys = [self.rows[place].pk for place in places]
        if missing := [key for key in keys if key not in self.cards]:
            self.cards |= self._read_cards(missing, request)
        runs = defaultdict(list)
        opened = Run.objects.open_for_enrolment(clock.nearly()).filter(release__in=keys)
        for run in opened.order_by("starts_on", "pk").only(
            "pk", "release_id", "code", "seats", "seats_taken", "mode", "starts_on", "enrol_until"
        ):
            runs[run.release_id].append(run)
        return [copied(self.cards[key], runs=runs[key]) for key in keys]

    def _read_cards(self, keys: list[int], request) -> dict[int, Entry]:
        releases = list(
            Release.objects.filter(pk__in=keys)
            .select_related("course__facility", "course__specialty")
            .order_by()
        )
        courses = [row.course for row in releases]
        prefetch_related_objects(courses, "audience")
        pages: dict = {}
        for model in page_models(CoursePageMixin):
            pages |= pages_of([course.key for course in courses], model)
        sizes, known = _sizes(courses), rates()
        reader = _reader()
        found = {}
        for row in releases:
            page, languages = pages.get(row.course.key), self.languages[row.pk]
            found[row.pk] = Entry(
                course=row.course,
                url=(page.get_url(request) if page else None) or "",
                title=page.title if page else row.course.title,
                language="" if reader in languages else min(languages),
                audience=list(row.course.audience.all()),
                hours=row.periods,
                role_hours=by_role(row, known),
                form=row.form,
                rule=row.rule,
                sizes=sizes[row.course_id],
            )
        return found


def shelf(request=None) -> Shelf:
    """The shelf for the active language; what pages say may be some seconds old.

    A course, release or class that came or went a moment ago is never missing from it.
    """
    kept = remembered(("shelf", request.get_host() if request else "", get_language()), dict)
    state = _state()
    found = kept.get(state)
    if found is None:
        found = Shelf()
        # One at a time: those of earlier states are of no use.
        kept.clear()
        kept[state] = found
    return found


def full_runs() -> set[int]:
    """Classes without a free seat, this moment."""
    return set(
        Run.objects.filter(is_closed=False, seats__isnull=False, seats_taken__gte=F("seats"))
        .order_by()
        .values_list("pk", flat=True)
    )


def _in_force():
    return Release.objects.filter(state=Release.State.ISSUED).order_by().values("pk")


def _state() -> tuple:
    """What changes when a course, release or class comes or goes: how many there are, and which.

    By hand: a parameter would keep SQLite from the index of issued releases, whose rows are long.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*), SUM(id), (SELECT SUM(id) FROM lms_courses_course WHERE is_open),"
            " (SELECT COUNT(*) FROM lms_courses_course WHERE is_open),"
            " (SELECT SUM(id) FROM lms_courses_run WHERE NOT is_closed),"
            " (SELECT COUNT(*) FROM lms_courses_run WHERE NOT is_closed)"
            " FROM lms_courses_release WHERE state = 'issued'"
        )
        return tuple(cursor.fetchone())


def _pages() -> dict[UUID, dict[str, str]]:
    """By course the words of its live pages by language; a mirror counts in the language it mirrors."""
    found: dict[UUID, dict[str, str]] = defaultdict(dict)
    for model in page_models(CoursePageMixin):
        rows = (
            model.objects.filter(live=True)
            .order_by()
            .values_list(
                "translation_key",
                "locale__language_code",
                "alias_of__locale__language_code",
                "title",
                "summary",
            )
        )
        for key, own, mirrored, title, summary in rows:
            found[key][(mirrored or own).split("-")[0]] = f"{title} {summary}"
    return dict(found)


def _sizes(courses: list[Course]) -> dict[int, dict[str, int]]:
    """Bytes of all lectures of each course by quality, the smallest first."""
    heard = [kind for kind in Rendition.Kind.values if kind not in Rendition.PICTURES]
    rows = (
        # In one filter: an exclude() would drop every lecture that has a poster.
        Lesson.objects.filter(
            course__in=courses,
            is_open=True,
            video__renditions__version=F("video__version"),
            video__renditions__kind__in=heard,
        )
        .values("course", "video__renditions__kind")
        .annotate(bytes=Sum("video__renditions__size"))
        .order_by("bytes")
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row["course"]][row["video__renditions__kind"]] = row["bytes"]
    return found


def _plain(text: str) -> str:
    return _APART.sub(" ", names.fold(text)).strip()


def _by_name(labels: dict[str, str]) -> dict[str, str]:
    return dict(sorted(labels.items(), key=lambda one: names.fold(one[1])))


def _languages() -> dict[str, str]:
    return {code.split("-")[0]: str(name) for code, name in get_content_languages().items()}


def _reader() -> str:
    return (get_language() or "vi").split("-")[0]


def _total(numbers: Iterable[int | None]) -> int | None:
    found = list(numbers)
    return None if None in found or not found else sum(found)
