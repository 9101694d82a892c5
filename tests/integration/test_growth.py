"""Every list page asks the database as often for a thousand rows as for ten."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.many import add_courses
from courses.models import (
    Application,
    Enrolment,
    Lesson,
    Pathway,
    PathwayCourse,
    Post,
    Presence,
    Run,
    Session,
    SessionSite,
    SessionUse,
)
from lms import clock
from lms.models import Affiliation, Message, Person, TeleSite
from tests.factories import programme

FEW, MANY = 10, 1000
MOST_BYTES = 400_000
"""Of one page before it is compressed."""


class Crowded:
    """One programme with everything in it that lists show; what stands in a row matters to no count."""

    def __init__(self, cast):
        self.cast, self.a = cast, programme.programme_a(cast)
        self.mine = self.a.enrol(cast.lan)
        self.a.room  # noqa: B018 - a session that is on, with a room
        self.size = 0

    def grow(self, to: int) -> None:
        """Fill every list up to *to* rows."""
        new, self.size = range(self.size, to), to
        people = self._people(new)
        self._talk(new, people)
        self._sessions(new, people)
        self._pathways(new)
        add_courses(len(new), under=programme.provider_page(self.a.facility))

    def _people(self, new) -> list[Person]:
        people = [Person(full_name=f"Vàng A Páo {number}") for number in new]
        for one in people:
            one.derive()
        people = Person.objects.bulk_create(people)
        at, now = self.cast.bac_ha, clock.now()
        Affiliation.objects.bulk_create([Affiliation(person=one, facility=at) for one in people])
        run = self.a.run
        Enrolment.objects.bulk_create(
            [Enrolment(run=run, person=one, facility=at, enrolled_at=now) for one in people]
        )
        Run.objects.filter(pk=run.pk).update(seats_taken=1 + self.size)
        waiting = {"state": "waiting", "asked_at": now, "queued_at": now, "facility": at}
        other = self.waiting_for
        Application.objects.bulk_create([Application(run=other, person=one, **waiting) for one in people])
        return people

    @property
    def waiting_for(self) -> Run:
        """Another class of the course, in whose line the crowd waits."""
        found, _is_new = Run.objects.get_or_create(code="DONG-01", defaults={"release": self.a.release})
        return found

    def _talk(self, new, people) -> None:
        now, lesson, me = clock.now(), self.a.lessons["reading"], self.cast.lan
        Post.objects.bulk_create(
            [
                Post(run=self.a.run, lesson=lesson, person=one, text="Hỏi", token=uuid.uuid4(), at=now)
                for one in people
            ]
        )
        Message.objects.bulk_create(
            [
                Message(person=me, channel="inbox", event="due", key=f"du:{n}", subject="Tin", body="…",
                        state="sent", created_at=now)
                for n in new
            ]
        )  # fmt: skip

    def _sessions(self, new, people) -> None:
        now, at, lesson = clock.now(), self.a.facility, self.a.lessons["session"]
        sites = TeleSite.objects.bulk_create(
            [TeleSite(facility=self.cast.luc_yen, code=f"dc-{n}", name=f"Điểm cầu {n}") for n in new]
        )
        sessions = Session.objects.bulk_create(
            [
                Session(hub=at, title_vi=f"Buổi {n}", starts_at=now + timedelta(hours=n * 37 % 300 + 1),
                        ends_at=now + timedelta(hours=n * 37 % 300 + 2))
                for n in new
            ]
        )  # fmt: skip
        run = self.a.run
        SessionUse.objects.bulk_create([SessionUse(session=one, run=run, lesson=lesson) for one in sessions])
        SessionSite.objects.bulk_create(
            [SessionSite(session=one, site=self.a.room.site) for one in sessions[: len(sessions) // 2]]
            + [SessionSite(session=self.a.session, site=site) for site in sites]
        )
        Presence.objects.bulk_create(
            [
                Presence(session=self.a.session, person=one, site=self.a.room, source=Presence.Source.ROSTER,
                         since=now, recorded_at=now)
                for one in people[: len(people) // 2]
            ]
        )  # fmt: skip

    def _pathways(self, new) -> None:
        now, at = clock.now(), self.a.facility
        pathways = Pathway.objects.bulk_create(
            [Pathway(facility=at, title_vi=f"Lộ trình {n}", published_at=now) for n in new]
        )
        PathwayCourse.objects.bulk_create(
            [PathwayCourse(pathway=one, course=self.a.course) for one in pathways]
        )

    def pages(self) -> dict:
        """The address of each list, and who reads it."""
        cast, a = self.cast, self.a
        lesson = Lesson.objects.get(pk=a.lessons["reading"].pk)
        session = a.session.uuid
        return {
            reverse("me"): cast.lan,
            programme.catalog().url: cast.lan,
            a.page.url: cast.lan,
            reverse("lms_courses:thread", args=[self.mine.pk, lesson.pk]): cast.lan,
            reverse("lms:inbox"): cast.lan,
            reverse("lms_courses:pathways"): cast.lan,
            reverse("lms_courses:calendar"): cast.lan,
            reverse("lms_courses:sites"): None,
            reverse("lms_courses:hub_desk", args=[session]): cast.ung,
            reverse("lms_courses:connections", args=[session]): cast.ung,
            reverse("lms_courses:attendance", args=[session]): cast.hang,
            reverse("lms_courses:room", args=[a.room.pk]): cast.ha,
            reverse("lms_courses:rooms"): cast.ha,
            reverse("lms_courses:site_activity"): cast.ha,
            reverse("lms_courses:people") + "?show=learning": cast.ha,
            reverse("lms_courses:people") + "?show=help": cast.ha,
            reverse("lms_courses:approvals"): cast.hang,
            reverse("lms_courses_admin:class", args=[a.run.pk]): cast.ung,
            reverse("lms_courses_admin:class", args=[self.waiting_for.pk]): cast.hang,
            reverse("lms_courses_admin:course", args=[a.course.pk]): cast.ung,
            reverse("lms_courses_admin:talk", args=[a.course.pk]): cast.ung,
            reverse("lms_courses_admin:index"): cast.ung,
            reverse("lms_courses_admin:pathways"): cast.hang,
        }


@pytest.fixture
def crowded(cast):
    return Crowded(cast)


def measured(crowded) -> dict[str, tuple[int, list[str]]]:
    """How often each page asks, and its bytes, once everything that is remembered is."""
    found = {}
    for address, who in crowded.pages().items():
        client = crowded.cast.client(who)
        assert client.get(address).status_code == 200, address
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        found[address] = len(captured), [one["sql"] for one in captured], len(answer.content)
    return found


@pytest.mark.slow
def test_lists_ask_as_often_for_a_thousand_rows_as_for_ten(crowded):
    crowded.grow(FEW)
    few = measured(crowded)

    crowded.grow(MANY)

    worse = []
    for address, (count, asked, size) in measured(crowded).items():
        if count > few[address][0]:
            more = [one[:300] for one in asked if one not in few[address][1]]
            worse.append(f"{address}: {few[address][0]} → {count}: {more[-1]}")
        if size > MOST_BYTES:
            worse.append(f"{address} is {size} bytes long")
    assert not worse, "\n".join(worse)
