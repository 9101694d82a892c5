"""Courses run where nothing is certified."""

from wagtail.models import Page, Site

from courses.models import CatalogPage, Course, CoursePage, LessonPage, ProviderPage
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
