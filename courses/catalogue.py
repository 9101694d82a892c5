"""The public list of courses: search that ignores diacritics, filters with counts, all in a few queries."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from content.models import Rendition
from courses.links import pages_of
from courses.models import Course, Lesson, Release, Run
from courses.models.pages import CoursePageMixin
from courses.sync import page_models
from lms import clock, names

HOURS = {"1-4": (0, 4), "5-8": (4, 8), "9-": (8, 10_000)}
"""Ranges of credit hours by the code in the address: above the first, up to the second number."""
FACETS = ("profession", "specialty", "provider", "form", "hours")
MOST_WORDS = 8


@dataclass(slots=True)
class Entry:
    """A course in the list, with what people choose by."""

    course: Course
    url: str
    summary: str
    hours: Decimal | None = None
    form: str = ""
    runs: list[Run] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.course.title

    @property
    def is_open(self) -> bool:
        """Whether somebody can enrol now."""
        return any(run.seats_left != 0 for run in self.runs)

    @property
    def seats_left(self) -> int | None:
        """Free seats over all open classes; None where one has no limit."""
        left = [run.seats_left for run in self.runs]
        return None if None in left or not left else sum(left)

    @property
    def audience(self) -> list:
        return list(self.course.audience.all())

    def values(self, facet: str) -> list[str]:
        """The codes under which this course is counted."""
        if facet == "profession":
            return [one.code for one in self.audience]
        if facet == "specialty":
            return [self.course.specialty.code] if self.course.specialty else []
        if facet == "provider":
            return [str(self.course.facility_id)] if self.course.facility_id else []
        if facet == "form":
            return [self.form]
        return (
            [] if self.hours is None else [c for c, (low, high) in HOURS.items() if low < self.hours <= high]
        )


@dataclass(slots=True)
class Choice:
    """One value of a filter with the number of courses it would leave."""

    code: str
    label: str
    count: int
    is_chosen: bool


@dataclass(slots=True)
class Listing:
    """What the catalogue page shows."""

    entries: list[Entry]
    query: str
    facets: dict[str, list[Choice]]
    is_filtered: bool

    @property
    def is_narrowed(self) -> bool:
        """Whether one of the filters is set, beside or without words to look for."""
        return any(choice.is_chosen for choices in self.facets.values() for choice in choices)


def entries(request=None) -> list[Entry]:
    """Every open course that has a release in force, newest release first. Eight queries at most."""
    releases = {
        row["course"]: row
        for row in Release.objects.filter(state=Release.State.ISSUED, course__is_open=True).values(
            "pk", "course", "periods", "form", "issued_at"
        )
    }
    rows = Course.objects.filter(pk__in=releases).select_related("facility", "specialty")
    courses = list(rows.prefetch_related("audience"))
    pages = pages_of(course.key for course in courses)
    summaries = {
        row["pk"]: row["summary"]
        for model in page_models(CoursePageMixin)
        for row in model.objects.filter(pk__in=[page.pk for page in pages.values()]).values("pk", "summary")
    }
    runs = defaultdict(list)
    opened = Run.objects.open_for_enrolment(clock.nearly()).order_by("starts_on", "pk")
    for run in opened.filter(release__in=[row["pk"] for row in releases.values()]).only(
        "pk", "release_id", "code", "seats", "seats_taken", "mode", "starts_on", "enrol_until"
    ):
        runs[run.release_id].append(run)
    sizes = _sizes(courses)
    found = []
    for course in courses:
        page = pages.get(course.key)
        url = page.get_url(request) if page else None
        if not url:
            continue
        release = releases[course.pk]
        found.append(
            Entry(
                course=course,
                url=url,
                summary=summaries.get(page.pk, ""),
                hours=release["periods"],
                form=release["form"],
                runs=runs[release["pk"]],
                sizes=sizes.get(course.pk, {}),
            )
        )
    found.sort(key=lambda entry: (not entry.is_open, -releases[entry.course.pk]["issued_at"].timestamp()))
    return found


def listing(chosen: Mapping[str, str], request=None, provider=None) -> Listing:
    """The catalogue under the filters of an address; unknown values filter nothing away but show nothing.

    A filter's counts are those of all *other* filters, so that choosing another value never
    surprises. With *provider* only that facility's courses are listed.
    """
    everything = entries(request)
    if provider is not None:
        everything = [entry for entry in everything if entry.course.facility_id == provider.pk]
    query = names.clean(chosen.get("q", ""))[:100]
    everything = _search(everything, query)
    picked = {facet: chosen[facet] for facet in FACETS if chosen.get(facet)}
    facets = {}
    for facet in FACETS:
        others = {name: value for name, value in picked.items() if name != facet}
        facets[facet] = _choices(facet, _narrow(everything, others), picked.get(facet, ""))
    return Listing(_narrow(everything, picked), query, facets, bool(query or picked))


def _narrow(rows: Iterable[Entry], picked: Mapping[str, str]) -> list[Entry]:
    def fits(entry):
        for facet, value in picked.items():
            own = entry.values(facet)
            # A course without an audience is meant for everybody.
            if value not in own and not (facet == "profession" and not own):
                return False
        return True

    return [entry for entry in rows if fits(entry)]


def _search(rows: list[Entry], query: str) -> list[Entry]:
    """Courses whose page the search backend finds, or whose own words begin with those of *query*."""
    words = names.fold(query).split()[:MOST_WORDS]
    if not words:
        return rows
    keys = set()
    for model in page_models(CoursePageMixin):
        hits = model.objects.live().search(query, operator="and")
        keys |= {page.translation_key for page in hits}
    found = []
    for entry in rows:
        course = entry.course
        text = f"{course.title_vi} {course.title_en} {course.code} {course.facility or ''} {course.specialty or ''}"
        own = f" {names.fold(text)}"
        if course.key in keys or all(f" {word}" in own for word in words):
            found.append(entry)
    return found


def _choices(facet: str, rows: list[Entry], chosen: str) -> list[Choice]:
    counts = Counter(value for entry in rows for value in set(entry.values(facet)))
    labels = {}
    for entry in rows:
        course = entry.course
        if facet == "profession":
            labels |= {one.code: str(one) for one in entry.audience}
        elif facet == "specialty" and course.specialty:
            labels[course.specialty.code] = str(course.specialty)
        elif facet == "provider" and course.facility:
            labels[str(course.facility_id)] = str(course.facility)
    if facet == "form":
        labels = {code: str(label) for code, label in Course.Form.choices}
    if facet == "hours":
        labels = {
            "1-4": _("up to 4 credit hours"),
            "5-8": _("more than 4, up to 8 credit hours"),
            "9-": _("more than 8 credit hours"),
        }
    found = [
        Choice(code, labels.get(code, code), count, code == chosen)
        for code, count in counts.items()
        if count or code == chosen
    ]
    if facet == "hours":
        return sorted(found, key=lambda one: list(HOURS).index(one.code))
    return sorted(found, key=lambda one: names.fold(one.label))


def _sizes(courses: list[Course]) -> dict[int, dict[str, int]]:
    """Bytes of all lectures of each course by quality."""
    rows = (
        Lesson.objects.filter(
            course__in=courses, is_open=True, video__renditions__version=F("video__version")
        )
        .exclude(video__renditions__kind=Rendition.Kind.POSTER)
        .values("course", "video__renditions__kind")
        .annotate(bytes=Sum("video__renditions__size"))
        .order_by()
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row["course"]][row["video__renditions__kind"]] = row["bytes"]
    return found
