"""Courses run where nothing is certified."""

from django.test import Client
from wagtail.models import Page, Site

from courses.models import CatalogPage, Course, CoursePage, LessonPage, ProviderPage
from tests.factories import courses as make
from tests.hosts.asserts import assert_sound


def course_page(cast) -> CoursePage:
    """A published course of Bạch Mai with one reading."""
    home = Page.objects.get(depth=2)
    catalog = home.add_child(instance=CatalogPage(title="Courses", slug="courses"))
    provider = catalog.add_child(instance=ProviderPage(title="Bạch Mai", facility=cast.bach_mai))
    course = provider.add_child(instance=CoursePage(title="Đột quỵ não", slug="dot-quy"))
    course.add_child(instance=LessonPage(title="Bài 1", slug="bai-1", body=[]))
    for page in (catalog, provider, course, *course.get_children().specific()):
        page.save_revision().publish()
    return course


def test_the_host_is_sound(db):
    assert_sound()


def test_publishing_makes_the_records_and_the_page_wears_the_hosts_clothes(cast, client):
    course = course_page(cast)

    response = client.get(course.get_url(current_site=Site.objects.get()))

    assert Course.objects.get(key=course.translation_key).lessons.count() == 1
    assert response.status_code == 200
    assert 'data-host="yes"' in response.text
    assert "Đột quỵ não" in response.text


def test_the_catalogue_names_the_course(cast, client):
    course = course_page(cast)

    response = client.get(course.get_parent().get_parent().get_url(current_site=Site.objects.get()))

    assert response.status_code == 200


def test_the_admin_opens(admin_client):
    assert admin_client.get("/admin/").status_code == 200


def nobody_on_sundays(user, enrolment, lesson) -> bool:
    """Who may open a lesson here, asked after our rules."""
    return False


def test_a_host_may_close_lessons_by_one_function(cast, settings):
    page = make.course_page(cast.bach_mai)
    make.enrolment(cast, run=make.run(cast, page=page))
    lesson, browser = page.get_children().first(), Client()
    browser.force_login(cast.lan.user)
    assert browser.get(lesson.url).status_code == 200

    settings.LMS_COURSES_CAN_OPEN_LESSON = f"{__name__}.nobody_on_sundays"

    assert browser.get(lesson.url).status_code == 404


def test_a_host_replaces_the_smallest_piece_of_a_page(cast, client):
    page = make.course_page(cast.bach_mai)
    make.run(cast, page=page)

    shown = client.get(page.url).text

    assert '<span data-form="self_paced">Hospital school</span>' in shown
    assert "Xử trí ban đầu đột quỵ não" in shown
