"""Two people change the pages of one course at the same moment; its record says what the pages say."""

import time
from threading import Event

import pytest
from django.db import transaction

from courses.models import Course, CoursePage
from courses.sync import sync_course
from tests.factories import courses as make

pytestmark = pytest.mark.race


def one_after_another(race_db, first, second) -> list:
    """Let *second* begin while *first* is done but not committed; what went wrong."""
    is_done = Event()

    def hold():
        with transaction.atomic():
            first()
            is_done.set()
            time.sleep(0.7)

    def follow():
        assert is_done.wait(20)
        second()

    found = race_db.threads(2, lambda number: follow() if number else hold())
    return [row for row in found if isinstance(row, Exception)]


def page_of(page) -> CoursePage:
    return CoursePage.objects.get(pk=page.pk)


def test_a_sync_that_waits_for_another_takes_the_pages_as_they_stand_then(race_db, race_cast):
    page = make.course_page(race_cast.bach_mai)

    failed = one_after_another(
        race_db, lambda: page_of(page).unpublish(), lambda: sync_course(page.translation_key)
    )

    assert failed == []
    assert not Course.objects.get().is_open
    assert not Course.objects.get().lessons.filter(is_open=True).exists()


def test_two_languages_published_for_the_first_time_at_once_are_one_course(race_db, race_cast):
    provider = make.provider(race_cast.bach_mai)
    vi = provider.add_child(instance=CoursePage(title="Đột quỵ", slug="dot-quy", live=False))
    en = vi.copy_for_translation(make.english(), copy_parents=True)
    en.title = "Stroke"
    en.save_revision()

    failed = one_after_another(
        race_db, lambda: make.publish(page_of(vi)), lambda: page_of(en).get_latest_revision().publish()
    )

    assert failed == []
    course = Course.objects.get()
    assert (course.title_vi, course.title_en, course.is_open) == ("Đột quỵ", "Stroke", True)
