"""Reads: what a session came to: sites, heads, people, cases, conclusions, survey; no names, no small counts of answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, Max, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses import promised
from courses.figures import SMALL
from courses.models import (
    Attendance,
    Case,
    ConnectionTest,
    Enrolment,
    Excuse,
    Presence,
    Run,
    Session,
    SessionPack,
    SessionSite,
    SurveyResponse,
)
from lms.languages import pick
from lms.models import TeleSite

OVER = (Session.State.ENDED, Session.State.SETTLED)


@dataclass
class Report:
    """The figures of one session as they are told on screen, in XLSX and on paper: the same everywhere."""

    session: Session
    sites: list[dict] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    survey: list[dict] = field(default_factory=list)
    expected: int = 0
    heads: int = 0
    people: int = 0
    present: int = 0
    partial: int = 0
    excused: int = 0
    absent: int | None = None
    sent: tuple[str, ...] = ()
    """What has gone out after the session: key points, slides, recordings, materials, by kind."""


def report_of(session: Session) -> Report:
    """The report of *session* as it stands now."""
    found = Report(session)
    here = Presence.objects.in_force().filter(session=session)
    by_room = dict(here.values_list("site").annotate(people=Count("person", distinct=True)).order_by())
    tests: dict[int, ConnectionTest] = {}
    for test in ConnectionTest.objects.filter(room__session=session):
        tests.setdefault(test.room_id, test)
    rooms = session.sites.select_related("site__facility__province").order_by("site__name", "pk")
    rooms = rooms.prefetch_related("site__facility__names")
    for room in rooms:
        found.sites.append({"room": room, "people": by_room.get(room.pk, 0), "test": tests.get(room.pk)})
        found.expected += room.expected or 0
        found.heads += room.head_count or 0
    found.people = here.values("person").distinct().count()
    states = dict(
        Attendance.objects.filter(session=session).values_list("state").annotate(Count("pk")).order_by()
    )
    found.present = states.get(Attendance.State.PRESENT, 0)
    found.partial = states.get(Attendance.State.PARTIAL, 0)
    came = Attendance.objects.filter(session=session).exclude(state=Attendance.State.ABSENT).values("person")
    found.excused = Excuse.objects.accepted().filter(session=session).exclude(person__in=came).count()
    if session.state == Session.State.SETTLED:
        # Whoever is absent with leave is not counted as absent.
        learning = Enrolment.objects.exclude(state=Enrolment.State.WITHDRAWN)
        missing = learning.filter(run__session_uses__session=session).exclude(person__in=came)
        excused = Excuse.objects.accepted().filter(session=session).values("person")
        found.absent = missing.exclude(person__in=excused).values("person").distinct().count()
    cases = Case.objects.shown().filter(room__session=session)
    found.cases = list(cases.select_related("room__site").ranked())
    found.survey = _survey(session)
    found.sent = tuple(_sent(session))
    return found


def _sent(session: Session) -> Iterator[str]:
    pack = SessionPack.objects.filter(session=session).first()
    if pack:
        yield _("key points")
        if pack.slides_name:
            yield _("the slides")
    if recordings := session.recordings.count() + bool(pack and pack.recording_url):
        yield ngettext("%(n)s recording", "%(n)s recordings", recordings) % {"n": recordings}
    if materials := session.materials.filter(removed_at=None).count():
        yield ngettext("%(n)s material", "%(n)s materials", materials) % {"n": materials}


def _survey(session: Session) -> list[dict]:
    """Each question answered on a scale, by survey; nothing where fewer than ``SMALL`` answered it."""
    rows = list(SurveyResponse.objects.filter(run__session_uses__session=session).distinct())
    runs = Run.objects.select_related("release").in_bulk({row.run_id for row in rows})
    asked: dict[tuple, dict] = {}
    for run, lesson in sorted({(row.run_id, row.lesson_id) for row in rows}):
        item = next(one for one in runs[run].release.outline if one["lesson"] == lesson)
        form = promised.questionnaire(item)
        asked[run, lesson] = {one["id"]: one for one in form["questions"] if one["kind"] == "scale"}
    # One line for each question in the words that were answered; a later version may ask otherwise.
    marks: dict[tuple, list[int]] = {
        (number, one["vi"], one["en"]): [] for form in asked.values() for number, one in form.items()
    }
    for row in rows:
        for number, one in asked[row.run_id, row.lesson_id].items():
            if isinstance(mark := row.answers.get(number), int):
                marks[number, one["vi"], one["en"]].append(mark)
    lines = []
    for (_number, vi, en), given in marks.items():
        is_told = len(given) >= SMALL
        lines.append(
            {
                "question": pick(vi, en),
                "count": len(given) if is_told else None,
                "mean": round(sum(given) / len(given), 1) if is_told else None,
                "good": round(100 * sum(value >= 4 for value in given) / len(given)) if is_told else None,
            }
        )
    return lines


def site_cells(line: dict) -> list[str]:
    """One site as text."""
    room, test = line["room"], line["test"]
    line_state = "–" if test is None else _("good") if test.is_good else _("with faults")
    confirmed = _("yes") if room.attested_at else _("no")
    expected = "–" if room.expected is None else str(room.expected)
    heads = "–" if room.head_count is None else str(room.head_count)
    return [_site_then(room), expected, heads, str(line["people"]), line_state, confirmed]


def _site_then(room: SessionSite) -> str:
    """The site, with its facility by the name of that day where it has another by now."""
    facility, day = room.site.facility, timezone.localdate(room.session.starts_at)
    then = facility.name_on(day)
    return room.site.name if then == facility.name else f"{room.site.name} ({then})"


def site_columns() -> list[str]:
    """The heads of the columns of ``site_cells``."""
    return [_("Site"), _("Expected"), _("Counted"), _("Present"), _("Line"), _("List confirmed")]


def case_cells(case: Case) -> list[str]:
    """One case as text: what was asked and said, no one's name."""
    return [
        str(case.rank or ""),
        case.room.site.name,
        case.complaint or "–",
        case.conclusion or _("not concluded"),
        case.recommendation or "–",
        case.get_referral_display() if case.referral else "–",
    ]


def case_columns() -> list[str]:
    """The heads of the columns of ``case_cells``."""
    return [_("No."), _("Site"), _("Case"), _("Conclusion"), _("Recommendation"), _("Decision")]


def survey_cells(line: dict) -> list[str]:
    """One question as text; what is too few to be told is said to be so."""
    if line["count"] is None:
        return [line["question"], _("fewer than %(n)s") % {"n": SMALL}, "–", "–"]
    return [line["question"], str(line["count"]), str(line["mean"]).replace(".", ","), f"{line['good']} %"]


def survey_columns() -> list[str]:
    """The heads of the columns of ``survey_cells``."""
    return [_("Question"), _("Answers"), _("Mean"), _("4 and 5")]


# --- sites over time


@dataclass(frozen=True)
class Activity:
    """What a site did in a span of time, and whether it sleeps."""

    site: TeleSite
    sessions: int
    heads: int
    cases: int
    followed: int
    last: object
    sleeps: bool

    def cells(self) -> list[str]:
        """One line as text."""
        last = f"{self.last:%d/%m/%Y}" if self.last else _("never")
        province = self.site.facility.province
        counts = [self.sessions, self.heads, self.cases, self.followed]
        words = [self.site.name, self.site.facility.name, province.name if province else ""]
        return [*words, *map(str, counts), last, _("sleeps") if self.sleeps else ""]

    def by_column(self) -> list[tuple[str, str]]:
        """The same, each beside the head of its column, which a narrow screen shows."""
        return list(zip(activity_columns(), self.cells(), strict=True))


def activity_columns() -> list[str]:
    """The heads of the columns of ``Activity.cells``."""
    counts = [_("Sessions joined"), _("People counted"), _("Cases presented"), _("Follow-ups recorded")]
    return [_("Site"), _("Facility"), _("Province"), *counts, _("Last session"), _("State")]


def activity(sites, *, now, months: int) -> list[Activity]:
    """What each of *sites* did in the year before *now*; one sleeps that joined nothing for *months*, sleepers first."""
    year, awake = now - timedelta(days=365), now - timedelta(days=months * 30)
    took_part = SessionSite.objects.filter(session__state__in=OVER, site__in=sites.values("pk"))
    joined = {
        row["site"]: row
        for row in took_part.values("site")
        .annotate(
            count=Count("pk", filter=Q(session__starts_at__gte=year)),
            heads=Sum("head_count", filter=Q(session__starts_at__gte=year)),
            last=Max("session__starts_at"),
        )
        .order_by()
    }
    shown = Case.objects.shown().filter(room__site__in=sites.values("pk"), submitted_at__gte=year)
    cases = {
        row["room__site"]: row
        for row in shown.values("room__site")
        .annotate(
            count=Count("pk", distinct=True),
            followed=Count("follow_ups", filter=Q(follow_ups__recorded_at__isnull=False)),
        )
        .order_by()
    }
    lines = []
    for site in sites.filter(is_active=True).select_related("facility__province").order_by("name", "pk"):
        one, brought = joined.get(site.pk, {}), cases.get(site.pk, {})
        last = one.get("last")
        lines.append(
            Activity(
                site,
                one.get("count", 0),
                one.get("heads") or 0,
                brought.get("count", 0),
                brought.get("followed", 0),
                last,
                last is None or last < awake,
            )
        )
    return sorted(lines, key=lambda line: not line.sleeps)


def months_of(text: str) -> int:
    """How many months of silence count as sleep, as somebody asked; three where it is no number from 1 to 24."""
    return int(text) if text.isdecimal() and len(text) < 3 and 1 <= int(text) <= 24 else 3


def totals(report: Report) -> Sequence[str]:
    """The figures of the whole session in words."""
    return [
        _("Sites: %(n)s") % {"n": len(report.sites)},
        _("People expected: %(n)s") % {"n": report.expected},
        _("People counted in the rooms: %(n)s") % {"n": report.heads},
        _("People with evidence of presence: %(n)s") % {"n": report.people},
        _("Present: %(present)s, partly present: %(partial)s")
        % {"present": report.present, "partial": report.partial},
        _("Absent with leave: %(n)s") % {"n": report.excused},
        *([_("Absent without leave: %(n)s") % {"n": report.absent}] if report.absent is not None else []),
        _("Cases: %(n)s, concluded: %(done)s")
        % {"n": len(report.cases), "done": sum(case.state == Case.State.CONCLUDED for case in report.cases)},
        _("To read and watch: %(what)s") % {"what": ", ".join(report.sent) or "–"},
    ]
