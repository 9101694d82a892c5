"""Pathways: the pure rule against sets on paper; publishing, completing once, and what everybody sees."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from courses import pathing
from courses.actions import pathways
from courses.actions.progress import mark_read
from courses.models import Pathway, PathwayCompletion
from lms import queue
from lms.models import Message
from tests.factories import live

IDS = st.sets(st.integers(1, 9))


@given(IDS, IDS, st.integers(0, 9), IDS, IDS, IDS)
def test_a_pathway_is_complete_when_all_required_and_enough_electives_are_done(
    required, others, needed, done, going, more
):
    electives = others - required
    needed = min(needed, len(electives))
    ordered = sorted(required), sorted(electives), needed

    way = pathing.evaluate(*ordered, done=done, going=going)

    asks = len(required) + needed > 0
    assert way.complete == (asks and required <= done and len(electives & done) >= needed)
    for part in way.parts:
        courses = required if part.code == "required" else electives
        assert sorted((*part.done, *part.going, *part.open)) == sorted(courses)
        assert part.left == max(0, part.needed - len(courses & done))
    # Monotonic, and what is only going on decides nothing.
    assert not way.complete or pathing.evaluate(*ordered, done=done | more).complete


class Walk:
    """Three courses of one reading each; Lan learns them all. One is required, one of two elective."""

    def __init__(self, cast):
        self.courses, self.lessons, self.enrolments = [], [], []
        for number in range(3):
            course = live.course(
                cast.bach_mai, code=f"DQ-0{number}", title_vi=f"Khóa {number}", require_survey=False
            )
            self.lessons.append(live.lesson(course, "reading", periods="1"))
            self.courses.append(course)
            self.enrolments.append(live.enrolment(live.run(course, f"K{number}"), cast.lan))
        self.pathway = Pathway(
            facility=cast.bach_mai, title_vi="Chăm sóc đột quỵ", electives_needed=1, created_by=cast.hang.user
        )
        pathways.save_pathway(self.pathway, required=self.courses[:1], electives=self.courses[1:])

    def finish(self, number):
        mark_read(self.enrolments[number], lesson=self.lessons[number])
        queue.run_due()


@pytest.fixture
def walk(cast):
    return Walk(cast)


def test_the_last_course_completes_the_pathway_once_and_for_ever(cast, walk, client):
    pathways.publish_pathway(walk.pathway)
    walk.finish(0)
    assert not PathwayCompletion.objects.exists()

    client.force_login(cast.lan.user)
    page = client.get(reverse("lms_courses:pathway", args=[walk.pathway.pk])).content.decode()
    assert "1 / 1" in page
    assert "0 / 1" in page

    walk.finish(2)
    made = PathwayCompletion.objects.get()
    assert made.person == cast.lan
    assert [rule["done"] for rule in made.result["rules"]] == [[walk.courses[0].pk], [walk.courses[2].pk]]

    walk.finish(1)
    assert pathways.count_pathways(cast.lan) == []
    again = PathwayCompletion.objects.get()
    assert (again.completed_at, again.result) == (made.completed_at, made.result)
    assert Message.objects.filter(person=cast.lan, event="pathway-completed").count() == 1


def test_who_had_done_the_courses_before_is_counted_when_it_is_published(cast, walk):
    walk.finish(0)
    walk.finish(1)
    assert not PathwayCompletion.objects.exists()

    pathways.publish_pathway(walk.pathway)
    queue.run_due()

    assert PathwayCompletion.objects.get().person == cast.lan


def test_what_was_promised_stays_and_a_closed_pathway_still_counts(cast, walk):
    pathways.publish_pathway(walk.pathway)
    walk.pathway.refresh_from_db()
    walk.pathway.electives_needed = 2
    pathways.save_pathway(walk.pathway, required=walk.courses, electives=[])
    assert [part.is_required for part in walk.pathway.courses.all()] == [True, False, False]
    assert Pathway.objects.get().electives_needed == 1

    pathways.close_pathway(walk.pathway)
    walk.finish(0)
    walk.finish(1)

    assert PathwayCompletion.objects.count() == 1


def test_a_pathway_that_cannot_be_completed_is_not_published(cast, walk):
    walk.pathway.electives_needed = 3
    pathways.save_pathway(walk.pathway, required=[], electives=walk.courses[1:])
    with pytest.raises(pathways.PathwayRefused):
        pathways.publish_pathway(walk.pathway)

    walk.pathway.electives_needed = 0
    pathways.save_pathway(walk.pathway, required=[], electives=walk.courses)
    with pytest.raises(pathways.PathwayRefused):
        pathways.publish_pathway(walk.pathway)
    with pytest.raises(pathways.PathwayRefused):
        pathways.close_pathway(walk.pathway)


def test_the_training_office_writes_publishes_and_closes_one_of_its_own_hospital(cast):
    courses = [live.course(cast.bach_mai, code=f"DQ-0{n}", title_vi=f"Khóa {n}") for n in range(2)]
    client = cast.client(cast.hang)
    told = {"facility": cast.bach_mai.pk, "title_vi": "Chăm sóc đột quỵ", "electives_needed": 1}
    told |= {"required": [courses[0].pk], "electives": [courses[0].pk]}
    assert "Khóa 0" in client.post(reverse("lms_courses_admin:new_pathway"), told).content.decode()
    elsewhere = told | {"facility": cast.viet_duc.pk, "electives": [courses[1].pk]}
    client.post(reverse("lms_courses_admin:new_pathway"), elsewhere)
    assert not Pathway.objects.exists()

    client.post(reverse("lms_courses_admin:new_pathway"), told | {"electives": [courses[1].pk]})
    pathway = Pathway.objects.get()
    shown = reverse("lms_courses:pathway", args=[pathway.pk])
    assert client.get(shown).status_code == 404

    client.post(reverse("lms_courses_admin:publish_pathway", args=[pathway.pk]))
    assert "Khóa 1" in client.get(shown).content.decode()
    assert pathway.title in client.get(reverse("lms_courses:pathways")).content.decode()
    assert pathway.title in client.get(reverse("lms_courses_admin:pathways")).content.decode()

    client.post(reverse("lms_courses_admin:close_pathway", args=[pathway.pk]))
    assert client.get(shown).status_code == 404
    client = cast.client(cast.ung)
    assert client.get(reverse("lms_courses_admin:pathway", args=[pathway.pk])).status_code == 404


def _queries(client, address) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_screens_of_pathways_cost_the_same_for_one_and_for_twelve(cast, walk):
    pathways.publish_pathway(walk.pathway)
    lan, hang = cast.client(cast.lan), cast.client(cast.hang)
    screens = [
        (lan, reverse("lms_courses:pathways")),
        (lan, reverse("lms_courses:pathway", args=[walk.pathway.pk])),
        (lan, reverse("me")),
        (hang, reverse("lms_courses_admin:pathways")),
        (hang, reverse("lms_courses_admin:pathway", args=[walk.pathway.pk])),
    ]
    for client, address in screens:
        client.get(address)
    few = [_queries(*screen) for screen in screens]
    for number in range(11):
        more = Pathway(facility=cast.viet_duc if number % 2 else cast.bach_mai, title_vi=f"Lộ trình {number}")
        pathways.save_pathway(more, required=walk.courses, electives=())
        pathways.publish_pathway(more)
        walk.pathway.courses.create(course=live.course(cast.bach_mai, code=f"X{number}"), position=9 + number)

    assert [_queries(*screen) for screen in screens] == few
