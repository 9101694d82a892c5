"""Live sessions: past ones that brought attendance and credit, coming ones, and one that runs now.

A past one is one transaction: otherwise the job that settles forgotten sessions would find it empty.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from certificates.actions import post_session_credit
from courses import codes
from courses.actions.attendance import add_stranger, attest, check_in, tick
from courses.actions.sessions import join_site, open_session, schedule, use
from courses.actions.settling import settle
from courses.models import Attendance, Enrolment, Lesson, Run, Session, SessionSeries
from lms import clock
from lms.models import Facility, Person, TeleSite

from . import calendar, data, people
from .accounts import BACH_MAI, LUC_YEN
from .places import HMU

WEDNESDAY, TUESDAY, THURSDAY = 2, 1, 3


@dataclass(frozen=True)
class Series:
    """A line of past sessions outside any course, each with the one rule it declared beforehand."""

    hub: str
    title_vi: str
    title_en: str
    rule_code: str
    start: tuple[int, int]
    minutes: int
    days: tuple[int, ...]

    def moment(self, number: int) -> datetime:
        """When the session *number* steps back began; 0 is the latest."""
        return calendar.at(self.days[number], *self.start)


def _weekly(weekdays: set[int], count: int) -> tuple[int, ...]:
    """The last *count* such weekdays before the anchor, as offsets in days."""
    today = calendar.anchor().weekday()
    return tuple(d for d in range(-1, -7 * count - 1, -1) if (today + d) % 7 in weekdays)[:count]


def all_series() -> dict[str, Series]:
    """The three lines by letter; their days hang on the day of the first load."""
    return {
        "a": Series(
            BACH_MAI, "Sinh hoạt chuyên môn trực tuyến hằng tuần", "Weekly clinical session",
            "CONF_DELEGATE", (14, 0), 150, _weekly({WEDNESDAY}, 12),
        ),
        "b": Series(
            HMU, "Hội chẩn ca bệnh từ xa", "Remote case conference",
            "CASE_MEETING", (14, 0), 120, _weekly({TUESDAY, THURSDAY}, 10),
        ),
        "c": Series(
            BACH_MAI, "Hội thảo cập nhật kiến thức y khoa", "Medical update workshop",
            "COURSE_LEARNER", (8, 0), 400, tuple(range(-40, -40 - 14 * 58, -58)),
        ),
    }  # fmt: skip


REGULARS = {
    "hocvien.taphin": {"a": 9, "b": 7, "c": 1},
    "hocvien.thacba": {"a": 4},
    "dieuphoi.lucyen": {"a": 12, "b": 3, "c": 7},
    "hocvien.vanban": {"a": 10, "c": 10},
    "hocvien.bacha": {"a": 9, "b": 5, "c": 9},
    "giangvien.bachmai": {"a": 12, "b": 10, "c": 14},
}
"""How many of the latest sessions of each line a named person attended: with the courses, and the cases that the
coordinator presented in ``conference``, their hours."""


def past_keys(*, near: bool) -> list[str]:
    """The past sessions as keys ``a:3``; *near* are those that the first learner's page shows."""
    first = REGULARS["hocvien.taphin"]
    return [
        f"{letter}:{number}"
        for letter, series in all_series().items()
        for number in range(len(series.days))
        if (number < first.get(letter, 0)) == near
    ]


@transaction.atomic
def hold_past(key: str) -> None:
    """Let one past session of a line happen: planned, ticked, attested, settled, credited."""
    letter, number = key.split(":")
    series = all_series()[letter]
    begins = series.moment(int(number))
    title = f"{series.title_vi} {begins:%d/%m/%Y}"
    who = [people.person(name) for name, lines in REGULARS.items() if int(number) < lines.get(letter, 0)]
    crowd = people.invented()
    # A dozen others, another dozen each time.
    first = (int(number) * 12 + ord(letter) * 31) % len(crowd)
    others = [people.find(s.full_name, s.facility, s.birth) for s in (crowd + crowd)[first : first + 8]]
    session = _hold(
        Facility.objects.get(name=series.hub),
        title,
        f"{series.title_en} {begins:%d/%m/%Y}",
        begins,
        begins + timedelta(minutes=series.minutes),
        rule_code=series.rule_code,
        form="case_conference" if letter == "b" else "live_session",
        attending=[*who, *filter(None, others)],
    )
    with clock.at(session.ends_at + timedelta(hours=21)):
        for attendance in Attendance.objects.filter(session=session).select_related(
            "session", "person__profession"
        ):
            post_session_credit(attendance)


def hold_for(
    run: Run, lesson: Lesson, begins: datetime, attending: list[Person], minutes: int = 100
) -> Session:
    """Let a session that serves as *lesson* of *run* happen in the past, with those people there."""
    return _hold(
        run.release.course.facility,
        f"{lesson.title_vi} – lớp {run.code}",
        f"{lesson.title_en} – class {run.code}",
        begins,
        begins + timedelta(minutes=minutes),
        use_for=(run, lesson),
        attending=attending,
    )


@transaction.atomic
def _hold(hub, title_vi, title_en, begins, ends, *, attending, use_for=None, **declared) -> Session:
    office, coordinator = people.user("daotao.bachmai"), people.user("dieuphoi.lucyen")
    known = Session.objects.filter(hub=hub, title_vi=title_vi[:200], state=Session.State.SETTLED).first()
    if known:
        return known
    with clock.at(begins - timedelta(days=7)):
        session = schedule(
            hub,
            title_vi=title_vi[:200],
            title_en=title_en[:200],
            starts_at=begins,
            ends_at=ends,
            by=office,
            **declared,
        )
        if use_for:
            use(session, run=use_for[0], lesson=use_for[1])
        by_site: dict[TeleSite, list[Person]] = {}
        for person in attending:
            by_site.setdefault(_site_of(person), []).append(person)
        rooms = {site: join_site(session, site=site, expected=len(there)) for site, there in by_site.items()}
    with clock.at(begins):
        open_session(session, by=office)
    for site, there in by_site.items():
        by = coordinator if site.facility.name == LUC_YEN else office
        with clock.at(begins + timedelta(minutes=6)):
            for person in there:
                tick(rooms[site], person=person, by=by)
        with clock.at(ends + timedelta(minutes=10)):
            attest(rooms[site], head_count=len(there), by=by)
    with clock.at(ends + timedelta(hours=20)):
        return settle(session, by=office)


def _site_of(person: Person) -> TeleSite:
    place = person.workplace()
    return (
        TeleSite.objects.filter(facility=place).order_by("pk").first()
        or TeleSite.objects.order_by("pk").first()
    )


def plan_coming() -> None:
    """The series of the hubs and their next four sessions."""
    for row in data.rows("session_series"):
        hub = Facility.objects.get(name=row["hub"])
        SessionSeries.objects.get_or_create(
            hub=hub,
            rrule=row["rrule"],
            defaults={
                "title_vi": f"Lịch định kỳ của {hub.name}",
                "title_en": f"Regular sessions of {hub.name}",
                "starts": row["start"],
                "ends": row["end"],
            },
        )
    office = people.user("daotao.bachmai")
    lines = all_series()
    coming = [(lines["a"], {WEDNESDAY}), (lines["b"], {TUESDAY, THURSDAY})]
    for line, weekdays in coming:
        series = SessionSeries.objects.get(hub__name=line.hub)
        today = calendar.anchor().weekday()
        days = [d for d in range(1, 60) if (today + d) % 7 in weekdays][:4]
        for offset in days:
            begins = calendar.at(offset, *line.start)
            title = f"{line.title_vi} {begins:%d/%m/%Y}"
            if Session.objects.filter(hub=series.hub, title_vi=title).exists():
                continue
            session = schedule(
                series.hub,
                title_vi=title,
                title_en=f"{line.title_en} {begins:%d/%m/%Y}",
                starts_at=begins,
                ends_at=begins + timedelta(minutes=line.minutes),
                by=office,
                series=series,
                rule_code=line.rule_code,
                form="live_session",
            )
            for site in TeleSite.objects.order_by("pk")[:12]:
                join_site(session, site=site)


def is_planned() -> bool:
    """Whether the coming sessions stand, which the first stage of loading plans last."""
    title = all_series()["b"].title_vi
    return Session.objects.filter(hub__name=HMU, title_vi__startswith=title, state="scheduled").exists()


LIVE_SITES = (
    BACH_MAI,
    LUC_YEN,
    "Bệnh viện Đa khoa khu vực Bắc Hà",
    "Bệnh viện Đa khoa khu vực Văn Bàn",
    "Phòng khám Đa khoa khu vực Thác Bà",
    "Trạm Y tế xã Tả Phìn",
    "Bệnh viện Đa khoa khu vực Mường Khương",
    "Trạm Y tế xã Y Tý",
)


def live_now(run: Run, lesson: Lesson) -> Session:
    """A session of the class that began ten minutes ago; the one that runs, if there is one.

    In Lục Yên somebody is ticked, somebody came by code and a stranger was added, so that the
    coordinator finds a room at work; Bắc Hà has confirmed its list already.
    """
    now = clock.now()
    running = Session.objects.planned().filter(
        uses__run=run, starts_at__lte=now, ends_at__gte=now + timedelta(minutes=20)
    )
    if known := running.first():
        return known
    office, coordinator = people.user("daotao.bachmai"), people.user("dieuphoi.lucyen")
    begins = now.replace(second=0, microsecond=0) - timedelta(minutes=10)
    local = begins.astimezone(calendar.at(0).tzinfo)
    with clock.at(begins - timedelta(days=3)):
        session = schedule(
            run.release.course.facility,
            title_vi=f"{lesson.title_vi} – {local:%d/%m/%Y}",
            title_en=f"{lesson.title_en} – {local:%d/%m/%Y}",
            starts_at=begins,
            ends_at=begins + timedelta(minutes=100),
            by=office,
            # Half of the hundred minutes, so that a visitor who comes late can still see it count.
            present_pct=50,
            partial_pct=25,
        )
        use(session, run=run, lesson=lesson)
        places = Facility.objects.filter(name__in=LIVE_SITES)
        rooms = {
            place.name: join_site(session, site=place.sites.order_by("pk").first(), expected=4)
            for place in places
        }
    open_session(session, by=office)
    there = {name: _people_at(run, name) for name in rooms}
    with clock.at(begins + timedelta(minutes=4)):
        for person in there[LUC_YEN][:2]:
            tick(rooms[LUC_YEN], person=person, by=coordinator)
        for name in (LIVE_SITES[2], LIVE_SITES[6]):
            for person in there[name]:
                tick(rooms[name], person=person, by=office)
        for name in LIVE_SITES[2:4]:
            for person in there[name][:1]:
                code = codes.code_at(session.secret, codes.step_at(clock.now().timestamp()))
                check_in(person, code=code, session=session, site=rooms[name], by=person.user or office)
        attest(rooms[LIVE_SITES[2]], head_count=len(there[LIVE_SITES[2]]), by=office)
    with clock.at(begins + timedelta(minutes=7)):
        add_stranger(
            rooms[LUC_YEN],
            full_name="Lường Thị Inh",
            birth_year=1987,
            phone_or_licence="0900000415",
            by=coordinator,
        )
    Person.objects.filter(phone="0900000415", name_folded="luong thi inh").update(is_fictional=True)
    return session


def _people_at(run: Run, facility: str) -> list[Person]:
    """Learners of the class at that place, then others who work there."""
    learning = Enrolment.objects.open().filter(run=run, facility__name=facility).values("person")
    mine = list(Person.objects.filter(pk__in=learning).order_by("pk"))
    others = Person.objects.filter(affiliations__facility__name=facility, is_fictional=True, user=None)
    return (mine + list(others.exclude(pk__in=[p.pk for p in mine]).order_by("pk")[:4]))[:5]
