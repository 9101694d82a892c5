"""The screens that make or break it: light on the wire, accessible, fitting, at home in the dark and zoomed."""

import pytest
from django.urls import reverse
from wagtail.models import Page

from courses.actions.attempts import start
from courses.models import Enrolment
from tests.browser.conftest import DESK
from tests.browser.test_pages import FIRST_LOAD
from tests.factories.cast import person

SCREENS = ["home", "catalogue", "course", "lesson", "quiz", "me", "check-in", "room", "verify"]
ZOOMED = {"width": 320, "height": 400}
"""What is left of a 640 px window at 200 %."""


@pytest.fixture(scope="module")
def world(site):
    """Somebody who learns in the open class, a test begun, a live session, a certificate of somebody else."""
    course, cast = site.course, site.cast
    assert course.issuer
    assert course.room
    learner = person("Sùng Thị Máy", login="may", works_at=cast.bac_ha)
    enrolment = course.enrol(learner)
    attempt = start(enrolment, lesson=course.lessons["pretest"], by=learner.user)
    holder = person("Hoàng Thị Pàng", login="pang", works_at=cast.bac_ha)
    completed = course.complete(course.enrol(holder))
    assert completed.state == Enrolment.State.COMPLETED
    site.work()
    certificate = holder.certificates.get()
    lesson = Page.objects.get(translation_key=course.lessons["video"].key, locale__language_code="vi")
    return {
        "home": (None, "/"),
        "catalogue": (None, "/khoa-hoc/?q=dot+quy"),
        "course": (learner, course.page.get_url()),
        "lesson": (learner, lesson.get_url()),
        "quiz": (learner, reverse("lms_courses:attempt", args=[attempt.pk])),
        "me": (learner, reverse("me")),
        "check-in": (learner, reverse("lms_courses:check_in", args=[course.session.uuid])),
        "room": (cast.ha, reverse("lms_courses:room", args=[course.room.pk])),
        "verify": (None, f"/V/{certificate.code}"),
    }


@pytest.mark.parametrize("screen", SCREENS)
def test_a_first_load_on_a_phone_is_small_and_at_home(visit, world, screen, record_property):
    who, path = world[screen]
    visitor = visit(who)
    loaded, requests = visitor.wire_bytes(path)

    record_property("bytes", loaded)
    print(f"first load of {screen}: {loaded:,} bytes in {requests} requests")
    assert loaded <= FIRST_LOAD
    visitor.look()


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_is_at_home_on_a_desk_in_the_dark_and_fits_at_twice_its_size(visit, world, screen):
    who, path = world[screen]
    visitor = visit(who, size=DESK, dark=True)
    visitor.go(path)
    visitor.look()
    visitor.page.set_viewport_size(ZOOMED)
    visitor.assert_fits()
