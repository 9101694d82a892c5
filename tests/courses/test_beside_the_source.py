"""A translator reads the source beside the fields, and a reader sees where a translation is missing."""

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from courses.models import LessonPage
from courses.viewsets import SourcePanel
from lms.queue import run_due
from tests.factories import courses as make
from tests.kept import repeated

SAID = [("text", "<p>Gọi <b>115</b> ngay.</p>")]


@pytest.fixture
@repeated
def world(cast):
    """A course with two lessons, of which the course and the first lesson are in English too."""
    cast.page = make.course_page(cast.bach_mai, kinds=(), summary="Nhận biết đột quỵ trong 10 phút")
    cast.first = make.lesson_page(cast.page, "Thời gian vàng", body=SAID)
    cast.second = make.lesson_page(cast.page, "Gọi cấp cứu")
    english = make.english()
    for above in (make.catalogue(), make.provider(cast.bach_mai)):
        make.publish(above.copy_for_translation(english, copy_parents=True))
    cast.course_en = make.publish(cast.page.copy_for_translation(english))
    cast.first_en = cast.first.copy_for_translation(english)
    cast.first_en.title = "The golden hour"
    make.publish(cast.first_en)
    assert cast.ung
    run_due()
    return cast


def panels(world, page):
    answer = world.client(world.ung).get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    assert answer.status_code == 200
    return [one for one in answer.context["side_panels"] if isinstance(one, SourcePanel)], answer


def test_a_translation_is_written_beside_what_its_source_says(world):
    (panel,), answer = panels(world, world.first_en)
    html = answer.content.decode()

    assert not panel.has_changed
    assert 'lang="vi"' in html
    assert "Thời gian vàng" in html
    assert "Gọi <b>115</b> ngay." in html
    (_panel,), answer = panels(world, world.course_en)
    assert "Nhận biết đột quỵ trong 10 phút" in answer.content.decode()


def test_a_source_that_was_published_since_is_said(world):
    Page.objects.filter(pk=world.first.pk).update(last_published_at=timezone.now())

    (panel,), answer = panels(world, world.first_en)

    assert panel.has_changed
    assert "bản gốc được xuất bản lại" in answer.content.decode()


def test_the_source_itself_has_no_source(world):
    assert panels(world, world.first)[0] == []


def test_a_lesson_without_a_translation_is_marked_with_its_language(world):
    make.enrolment(world, run=make.run(world, page=world.page))
    page = LessonPage.objects.get(pk=world.second.pk)

    html = world.client(world.lan).get(world.course_en.get_url()).content.decode()

    assert f'<a href="{page.get_url()}" lang="vi" hreflang="vi">Gọi cấp cứu</a>' in html
    assert html.count('<span class="tag warn" lang="vi">Tiếng Việt</span>') == 1
    assert 'class="tag warn"' not in world.client(world.lan).get(world.page.get_url()).content.decode()
