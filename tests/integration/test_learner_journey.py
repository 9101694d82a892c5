"""The whole road of one learner by plain requests, scripts off: enrol, learn, be present, pass, hold the proof."""

import datetime
import json
import re

import pytest
from django.core.management import call_command
from django.urls import reverse

from certificates.models import Certificate, CreditEntry
from courses import codes
from courses.actions.sessions import end_session
from courses.actions.settling import settle
from courses.models import Attempt, Enrolment, Presence
from lms import clock
from lms.queue import run_due
from tests.factories.programme import RIGHT, programme_a


@pytest.fixture
def course(cast):
    """A course with an open class, an issuer and a live session."""
    made = programme_a(cast)
    assert made.issuer
    assert made.room
    return made


def test_from_enrolment_to_a_verified_certificate(course, cast, client):
    lan = cast.client(cast.lan)

    # She enrols from the course page.
    page = lan.get(course.page.get_url())
    assert reverse("lms_courses:enrol", args=[course.run.pk]) in page.text
    lan.post(reverse("lms_courses:enrol", args=[course.run.pk]))
    enrolment = Enrolment.objects.get(person=cast.lan)
    lesson = lambda name: course.lessons[name].pk  # noqa: E731

    # She reads, and watches the lecture: the player reports what was seen.
    lan.post(reverse("lms_courses:read", args=[enrolment.pk, lesson("reading")]))
    began = clock.now()
    video_page = lan.get(course.page.get_children().get(slug="video").get_url())
    token = re.search(r'data-token="([^"]+)"', video_page.text)[1]
    with clock.at(began + datetime.timedelta(seconds=course.video.seconds)):
        body = {"token": token, "ranges": [[0, course.video.seconds]], "position": course.video.seconds}
        beat = lan.post(reverse("lms_courses:beat"), json.dumps(body), content_type="application/json")
    assert beat.json()["met"] is True

    # She checks in by the code on the hub's screen; her coordinator ticks the room as well.
    code = codes.code_at(course.session.secret, codes.step_at(clock.now().timestamp()))
    lan.post(reverse("lms_courses:check_in", args=[course.session.uuid]), {"code": code})
    ha = cast.client(cast.ha)
    ha.post(
        reverse("lms_courses:tick", args=[course.room.pk]),
        {"set": f"{cast.lan.pk}:1"},
    )
    assert Presence.objects.filter(person=cast.lan).count() == 2
    with clock.at(course.session.ends_at + datetime.timedelta(minutes=1)):
        end_session(course.session, by=cast.hang.user)
        settle(course.session, by=cast.hang.user)

    # An observer sees her wash her hands.
    xuan = cast.client(cast.xuan)
    observe = reverse("lms_courses:observe", args=[enrolment.pk, lesson("checklist")])
    form = xuan.get(observe).text
    data = dict.fromkeys(re.findall(r'name="(step-[^"]+)"', form), "yes")
    data |= re.findall(r'name="(client_id)" value="([^"]+)"', form)
    xuan.post(observe, data)
    assert enrolment.observations.get().passed

    # She takes the test, page by page, and answers the survey.
    lan.post(reverse("lms_courses:start_attempt", args=[enrolment.pk, lesson("posttest")]))
    attempt = Attempt.objects.get(enrolment=enrolment)
    for item in attempt.frozen:
        address = f"{reverse('lms_courses:attempt', args=[attempt.pk])}?q={item['slot']}"
        lan.post(address, {"q": item["slot"], f"a{item['slot']}": item["key"], "go": "next"})
    lan.post(reverse("lms_courses:submit", args=[attempt.pk]), {"nonce": attempt.nonce})
    assert "100" in lan.get(reverse("lms_courses:result", args=[attempt.pk])).text
    survey = reverse("lms_courses:survey", args=[enrolment.pk, lesson("survey")])
    page = lan.get(survey).text
    names = set(re.findall(r'name="(q-[^"]+)"', page))
    lan.post(survey, dict.fromkeys(names, "5") | dict(re.findall(r'name="(form)" value="([^"]+)"', page)))

    # The completion becomes a certificate, sealed by a job, verified by anybody.
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.COMPLETED
    run_due()
    certificate = Certificate.objects.get(holder=cast.lan)
    assert certificate.sealed_at
    assert CreditEntry.objects.get(person=cast.lan).hours == 6
    pdf = lan.get(reverse("lms_certificates:download", args=[certificate.uuid]))
    assert b"".join(pdf.streaming_content)[:5] == b"%PDF-"
    answer = client.get(f"/V/{certificate.code}")
    assert certificate.number in answer.text
    call_command("lms_verify")


def test_the_right_answer_of_the_test_is_right(course, cast):
    assert all(question.latest.key == [RIGHT] for question in course.questions)
