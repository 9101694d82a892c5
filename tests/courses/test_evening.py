"""One evening of many sites: rosters, phones and two meeting reports at once, then reconciliation.

Small in every run; ``EVENING=full`` makes it the real size (350 sites of eight people) and prints the
times of its 2,800 check-ins: ``EVENING=full python -m pytest -s tests/courses/test_evening.py``.
"""

import os
import time

import pytest
from django.core.files.base import ContentFile

from courses import codes, presence
from courses.actions import attendance, reports, settling
from courses.actions.sessions import join_site, open_session, schedule
from courses.invariants import attendance_follows_from_evidence, reports_are_counted_whole
from courses.models import Attendance, Presence, Session, SessionSite
from lms import clock
from lms.models import Affiliation, Facility, Person
from tests.factories import cast as make
from tests.factories.live import moment

pytestmark = pytest.mark.race

IS_FULL = os.environ.get("EVENING") == "full"
SITES, PEOPLE, WORKERS = (350, 8, 4) if IS_FULL else (6, 8, 4)


@pytest.fixture
def evening(race_cast):
    """A session of Bạch Mai with all its sites; everybody has a name of their own but for one pair a site."""
    with clock.at(moment("13:30")):
        session = schedule(
            race_cast.bach_mai,
            title_vi="Giao ban toàn quốc",
            starts_at=moment("14:00"),
            ends_at=moment("15:40"),
            by=race_cast.hang.user,
        )
        open_session(session, by=race_cast.hang.user)
        for number in range(SITES):
            place = Facility.objects.create(name=f"Trạm Y tế số {number}", parent=race_cast.department)
            join_site(session, site=make.site(place, f"tyt-{number}"), expected=PEOPLE)
            people = Person.objects.bulk_create(_person(number, one) for one in range(PEOPLE))
            Affiliation.objects.bulk_create(Affiliation(person=who, facility=place) for who in people)
    return session


def _person(site: int, one: int) -> Person:
    # The last two of each site bear one name in the whole country.
    letters = "".join(chr(97 + int(digit)) for digit in f"{site:03}")
    name = "Nguyễn Thị Lan" if one >= PEOPLE - 2 else f"Lò Thị {letters.capitalize()} {chr(65 + one)}nh"
    row = Person(full_name=name, email=f"p{site}.{one}@example.vn")
    row.derive()
    return row


def _report(session, ticked: range, name: str):
    """A Zoom report of the people of each site whose places are in *ticked*."""
    rows = ["Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest"]
    for site in range(SITES):
        for one in ticked:
            who = _person(site, one)
            email = who.email if one % 2 else ""
            rows.append(f"{who.full_name},{email},24/11/2026 14:00:00,24/11/2026 15:30:00,90,No")
    return ContentFile("\n".join(rows).encode(), name=name)


def test_everybody_is_counted_once_whatever_way_they_came(race_db, race_cast, evening):
    """Two of eight tick by phone, three by roster, two by both reports, one by nothing but a shared name."""
    ha = race_cast.ha.user
    sites = list(SessionSite.objects.filter(session=evening).order_by("pk"))
    by_site = {
        site.pk: list(Person.objects.filter(affiliations__facility=site.site.facility).order_by("pk"))
        for site in sites
    }
    taken: list[float] = []

    def work(number):
        session = Session.objects.get(pk=evening.pk)
        with clock.at(moment("14:03")):
            code = codes.code_at(session.secret, codes.step_at(moment("14:03").timestamp()))
            for site in sites[number::WORKERS]:
                for one, person in enumerate(by_site[site.pk]):
                    began = time.perf_counter()
                    if one < 2:
                        attendance.check_in(person, code=code, session=session, site=site, by=None)
                    elif one < 5:
                        attendance.tick(site, person=person, by=ha)
                    taken.append(time.perf_counter() - began)

    failed = [one for one in race_db.threads(WORKERS, work) if one is not None]
    assert failed == []
    office = race_cast.hang.user
    with clock.at(moment("15:50")):
        for name, ticked in (("zoom-1.csv", range(3, 7)), ("zoom-2.csv", range(5, 8))):
            report = reports.hand_in(evening, file=_report(evening, ticked, name), name=name, by=office)
            reports.apply_report(report, by=office)
        settling.settle(evening, by=office)

    rows = Attendance.objects.filter(session=evening)
    people = {person.pk: one for site in by_site.values() for one, person in enumerate(site)}
    state = {row.person_id: row.state for row in rows}
    assert len(state) == rows.count()
    assert all(state[pk] == "present" for pk, one in people.items() if 2 <= one < 6)
    # Of the shared name only those with an address are known; the others wait for people.
    assert all((one == 7) == (pk in state) for pk, one in people.items() if one > 6 or one == 7)
    waiting = sum(report.counts()["review"] for report in evening.reports.all())
    assert waiting == 2 * SITES, "nobody of a shared name is settled by the name alone"
    assert not Presence.objects.filter(recorded_by=None).exclude(source="self_code").exists()
    assert not Presence.objects.filter(source="platform_log", reason="").exists()
    assert [*attendance_follows_from_evidence(), *reports_are_counted_whole()] == []
    counted = presence.minutes(
        settling.evidence_of(evening, [by_site[sites[0].pk][3].pk]).popitem()[1], evening.hours()
    )
    assert counted == 100, "a tick and a report of one person are one stay"
    if IS_FULL:
        taken.sort()
        print(f"{len(taken)} check-ins, p95 {taken[int(len(taken) * 0.95)] * 1000:.0f} ms")
