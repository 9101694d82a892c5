"""My page: greeting, what is on, what is next, where I stand; and the front page."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.models import CreditEntry, Cycle
from courses.actions import excuses
from courses.actions.applications import name_deputy
from courses.actions.attendance import tick
from courses.actions.progress import mark_read
from courses.actions.staff import assign
from courses.models import CourseStaff
from courses.permissions import givers_of
from lms import clock
from lms.models import Message
from tests.factories import certificates as make_certificates
from tests.factories import programme
from website.me.glance import Glance, glance


@pytest.fixture
def programme_a(cast):
    return programme.programme_a(cast)


def page_of(cast, person) -> str:
    return " ".join(cast.client(person).get(reverse("me")).content.decode().split())


def credit(person, hours: str, on=datetime.date(2026, 3, 1)):
    CreditEntry.objects.create(
        person=person,
        rule_code="COURSE_LEARNER",
        rule={},
        quantity=1,
        hours=Decimal(hours),
        activity_on=on,
        title="Khóa trước",
        source_key=f"test:{hours}",
        posted_at=timezone.now(),
    )


def test_one_is_greeted_by_the_given_name(cast):
    assert "Lan</h1>" in page_of(cast, cast.lan)


def test_who_learns_nothing_yet_is_told_where_to_begin(cast, programme_a):
    page = page_of(cast, cast.lan)

    assert 'class="empty"' in page
    assert programme.catalog().url in page


def test_the_next_lesson_comes_with_one_button(cast, programme_a):
    enrolment = programme_a.enrol(cast.lan)
    assert programme_a.session
    page = page_of(cast, cast.lan)
    assert "Kiểm tra đầu vào" in page

    mark_read(enrolment, lesson=programme_a.lessons["reading"])

    answer = cast.client(cast.lan).get(reverse("me"))
    assert answer.context["next"].row.title == "Kiểm tra đầu vào"
    assert answer.context["lines"][0].journey.done == 1


def test_a_session_that_is_on_offers_to_check_in_and_says_when_one_is_counted(cast, programme_a):
    programme_a.enrol(cast.lan)
    room = programme_a.room
    address = reverse("lms_courses:check_in", args=[programme_a.session.uuid])
    client = cast.client(cast.lan)
    assert address in client.get(reverse("me")).content.decode()
    assert client.get(reverse("me")).context["live"].here is None

    tick(room, person=cast.lan, by=cast.ha.user)

    assert client.get(reverse("me")).context["live"].here is not None
    assert client.get(reverse("me")).context["live"].place == room.site.name


def test_sessions_of_classes_one_is_not_in_are_not_mine(cast, programme_a):
    assert programme_a.session

    assert cast.client(cast.minh).get(reverse("me")).context["live"] is None


def test_the_ring_shows_exact_hours_and_what_is_missing(cast):
    Cycle.objects.create(
        person=cast.lan,
        scheme=make_certificates.scheme(),
        starts_on=datetime.date(2024, 1, 1),
        ends_on=datetime.date(2028, 12, 31),
    )
    credit(cast.lan, "41.5")

    with clock.at(datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC)):
        page = page_of(cast, cast.lan)

    assert ">41,5</text>" in page
    assert "78,5" in page
    assert "31/12/2028" in page
    assert "3,1" in page


def test_without_a_duty_on_record_the_hours_alone_are_shown(cast):
    credit(cast.lan, "6")

    assert ">6</text>" in page_of(cast, cast.lan)


def test_my_page_shows_nobody_elses(cast, programme_a):
    programme_a.enrol(cast.lan)
    credit(cast.lan, "41.5")

    page = page_of(cast, cast.minh)

    assert programme_a.title not in page
    assert "41,5" not in page


def test_more_courses_cost_no_more_queries(cast, programme_a, django_assert_max_num_queries):
    client = cast.client(cast.lan)
    programme_a.enrol(cast.lan)
    programme.programme_a(cast, code="KS-01", title="Khóa số 1").enrol(cast.lan)
    client.get(reverse("me"))
    with django_assert_max_num_queries(26) as two:
        client.get(reverse("me"))

    for number in range(2, 5):
        programme.programme_a(cast, code=f"KS-{number:02}", title=f"Khóa số {number}").enrol(cast.lan)

    with django_assert_max_num_queries(len(two.captured_queries)):
        answer = client.get(reverse("me"))
    assert len(answer.context["lines"]) == 5


def test_offices_find_their_work(cast):
    assert reverse("lms_courses:rooms") in page_of(cast, cast.ha)
    assert reverse("lms_courses:rooms") not in page_of(cast, cast.lan)
    assert "/admin/" in page_of(cast, cast.ung)


def test_an_observer_finds_the_skills_that_wait(cast, programme_a):
    assert reverse("lms_courses:skills") in page_of(cast, cast.xuan)


def test_a_visitor_is_led_to_the_door(client, db):
    assert client.get(reverse("me")).url == f"{reverse('account_login')}?next={reverse('me')}"


# --- the front page


def test_the_front_page_shows_open_courses_and_the_next_session(cast, client, programme_a):
    assert programme_a.run
    assert programme_a.session

    page = client.get("/").content.decode()

    assert programme_a.title in page
    assert programme_a.session.title in page
    assert f'action="{programme.catalog().url}"' in page
    assert 'name="q"' in page


def test_a_course_without_an_open_class_is_not_offered(cast, client, programme_a):
    run = programme_a.run
    run.is_closed = True
    run.save()

    assert programme_a.title not in client.get("/").content.decode()


def test_the_front_page_of_an_empty_site_says_so(client, db):
    programme.home()

    assert client.get("/").content.decode().count('class="empty"') == 2


def test_what_stands_small_on_my_page_is_what_the_querysets_say(cast, programme_a):
    lan, ung = cast.lan, cast.ung
    programme_a.enrol(lan)
    assert glance(ung.user, None) == Glance()
    before = glance(lan.user, lan)
    assert before.unread == Message.objects.inbox(lan).unread().count()
    assert (before.stands_in, before.observes, before.was_absent) == (False, False, False)

    today = clock.today()
    name_deputy(cast.hang.user, deputy=lan.user, valid_from=today, valid_to=today)
    course = programme_a.run.release.course
    assign(course, lan, role=CourseStaff.Role.OBSERVER, by=cast.hang.user)
    excuses.say(programme_a.session, person=lan, kind="line", by=lan.user)
    told = {"person": lan, "channel": "inbox", "event": "x", "created_at": clock.now()}
    Message.objects.create(key="một", subject="Lớp mới", body="Anh/chị đã được ghi danh.", **told)
    Message.objects.create(key="cũ", **told)

    after = glance(lan.user, lan)
    assert (after.stands_in, after.observes, after.was_absent) == (True, True, True)
    assert after.stands_in == bool(givers_of(lan.user))
    assert after.unread == Message.objects.inbox(lan).unread().count() == before.unread + 1


@pytest.mark.parametrize(
    ("sex", "greeting", "hours"),
    [
        ("f", "Chào chị Lan", "Giờ tín chỉ của chị<"),
        ("m", "Chào anh Lan", "Giờ tín chỉ của anh<"),
        ("", "Chào anh/chị Lan", "Giờ tín chỉ của anh/chị<"),
    ],
)
def test_one_is_spoken_to_as_a_woman_or_a_man_only_where_that_is_known(cast, sex, greeting, hours):
    cast.lan.sex = sex
    cast.lan.save(update_fields=["sex"])

    page = page_of(cast, cast.lan)

    assert greeting in page
    assert hours in page


def test_a_refused_excuse_says_until_when_a_second_decision_can_be_asked_for(cast, programme_a):
    programme_a.enrol(cast.lan)
    row = excuses.say(
        programme_a.session, person=cast.lan, kind="duty", text="Trực cấp cứu", by=cast.lan.user
    )
    waiting = page_of(cast, cast.lan)
    excuses.decide(row, accept=False, reason="Chưa có xác nhận của khoa", by=cast.hang.user)
    refused = page_of(cast, cast.lan)
    excuses.appeal(row, reason="Khoa đã gửi giấy xác nhận", by=cast.lan.user)

    words = "được đề nghị xem lại đến"
    assert (words in waiting, words in refused, words in page_of(cast, cast.lan)) == (False, True, False)
