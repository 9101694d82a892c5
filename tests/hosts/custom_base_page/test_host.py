"""Our mixins on a base page of the host."""

import swapper
from wagtail.models import Site

from courses.models import Course
from tests.hosts.asserts import assert_sound
from tests.hosts.custom_base_page.models import BasePage, Catalog, HostCourse, HostLesson, Provider


def test_the_host_is_sound(db):
    assert_sound()
    assert swapper.load_model("wagtailcore", "Page") is BasePage


def test_a_course_on_the_hosts_own_page_becomes_a_record_and_is_shown(cast, client):
    home = BasePage.objects.get(depth=2)
    site, _ = Site.objects.get_or_create(hostname="localhost", root_page=home, is_default_site=True)
    catalog = home.add_child(instance=Catalog(title="Courses", slug="courses"))
    provider = catalog.add_child(instance=Provider(title="Bạch Mai", facility=cast.bach_mai))
    course = provider.add_child(instance=HostCourse(title="Đột quỵ não", slug="dot-quy", department="A9"))
    lesson = course.add_child(instance=HostLesson(title="Bài 1", slug="bai-1", body=[]))
    for page in (catalog, provider, course, lesson):
        page.save_revision().publish()

    response = client.get(course.get_url(current_site=site))

    assert Course.objects.get(key=course.translation_key).lessons.get().title == "Bài 1"
    assert response.status_code == 200
    assert "Đột quỵ não" in response.text
