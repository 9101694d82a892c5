"""Pages may be edited, translated, moved and deleted; the records and what people did stay."""

import pytest
from django.core.management import call_command
from wagtail.models import Page

from courses.actions.progress import mark_read
from courses.models import Course, CoursePage, Enrolment, Lesson, LessonPage, LessonProgress
from courses.sync import sync_course
from tests.factories import courses as make
from tests.kept import repeated


@pytest.fixture
@repeated
def world(cast):
    """Lan has read the first of three lessons of a course."""
    page = make.course_page(cast.bach_mai, kinds=("reading", "reading", "reading"))
    enrolment = make.enrolment(cast, page=page)
    mark_read(enrolment, lesson=make.lesson_of(enrolment, 1))
    return page, enrolment


def assert_intact(enrolment):
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.ACTIVE
    assert LessonProgress.objects.get(enrolment=enrolment, met_at__isnull=False).lesson_id
    assert Course.objects.filter(pk=enrolment.run.release.course_id).exists()


def lessons(page):
    return list(Page.objects.get(pk=page.pk).get_children().type(LessonPage).specific())


def titles(course, **kwargs):
    return list(course.lessons.filter(**kwargs).order_by("position").values_list("title_vi", flat=True))


def test_a_published_course_has_a_record_with_its_lessons_in_order(cast):
    page = make.course_page(cast.bach_mai, "Đột quỵ", kinds=("video", "quiz", "reading"))

    course = Course.objects.get(key=page.translation_key)

    assert (course.title_vi, course.facility, course.is_open) == ("Đột quỵ", cast.bach_mai, True)
    assert list(course.lessons.values_list("kind", flat=True)) == ["video", "quiz", "reading"]
    assert list(course.lessons.values_list("position", flat=True)) == [1, 2, 3]


def test_an_edited_title_is_copied_and_nothing_else_changes(world):
    page, enrolment = world
    lesson = lessons(page)[0]

    lesson.title = "Thời gian vàng"
    make.publish(lesson)

    assert Lesson.objects.get(key=lesson.translation_key).title_vi == "Thời gian vàng"
    assert enrolment.run.release.outline[0]["title"]["vi"] != "Thời gian vàng"
    assert_intact(enrolment)


def test_a_draft_changes_no_record(world):
    page, _enrolment = world
    lesson = lessons(page)[0]

    lesson.title = "Bản nháp"
    lesson.save_revision()

    assert Lesson.objects.get(key=lesson.translation_key).title_vi != "Bản nháp"


def translate(page, title):
    """*page* and its lessons in English, as an editor publishes them."""
    made = page.copy_for_translation(make.english(), copy_parents=True)
    made.title = title
    make.publish(made)
    for number, lesson in enumerate(lessons(page), start=1):
        copy = lesson.copy_for_translation(make.english())
        copy.title = f"Lesson {number}"
        make.publish(copy)
    return made


def test_a_translation_is_the_same_course(world):
    page, enrolment = world

    translate(page, "Stroke")

    course = Course.objects.get()
    assert (course.title_vi, course.title_en) == (page.title, "Stroke")
    assert list(course.lessons.values_list("title_en", flat=True)) == ["Lesson 1", "Lesson 2", "Lesson 3"]
    assert_intact(enrolment)


def test_deleting_the_source_language_leaves_the_course_to_the_other(world):
    page, enrolment = world
    translate(page, "Stroke")

    CoursePage.objects.get(pk=page.pk).delete()

    course = Course.objects.get()
    assert course.is_open
    assert course.title_vi == page.title
    assert titles(course, is_open=True) == [f"Bài {n} của {page.title}" for n in (1, 2, 3)]
    assert_intact(enrolment)


def test_a_deleted_lesson_is_closed_and_its_progress_kept(world):
    page, enrolment = world
    first = lessons(page)[0]

    first.delete()

    lesson = Lesson.objects.get(key=first.translation_key)
    assert not lesson.is_open
    assert list(Lesson.objects.filter(is_open=True).values_list("position", flat=True)) == [1, 2]
    assert_intact(enrolment)


def test_deleting_the_provider_page_deletes_no_record(world):
    page, enrolment = world

    page.get_parent().specific.delete()

    course = Course.objects.get()
    assert not course.is_open
    assert not course.lessons.filter(is_open=True).exists()
    assert_intact(enrolment)


def test_a_lesson_moved_to_another_course_closes_here_and_opens_there(world, cast):
    page, enrolment = world
    other = make.course_page(cast.bach_mai, "Khóa khác", kinds=())
    moved = lessons(page)[0]

    moved.move(Page.objects.get(pk=other.pk), pos="last-child")

    here = Lesson.objects.get(key=moved.translation_key, course__key=page.translation_key)
    there = Lesson.objects.get(key=moved.translation_key, course__key=other.translation_key)
    assert (here.is_open, there.is_open) == (False, True)
    assert LessonProgress.objects.get(met_at__isnull=False).lesson == here
    assert_intact(enrolment)


def test_reordering_changes_positions_only(world):
    page, enrolment = world
    first, _second, third = lessons(page)
    before = set(Lesson.objects.values_list("pk", flat=True))

    Page.objects.get(pk=third.pk).move(Page.objects.get(pk=first.pk), pos="left")

    assert Lesson.objects.get(key=third.translation_key).position == 1
    assert set(Lesson.objects.values_list("pk", flat=True)) == before
    assert_intact(enrolment)


def test_a_copied_course_is_a_new_course(world):
    page, enrolment = world

    page.copy(recursive=True, update_attrs={"slug": "ban-sao", "title": "Bản sao"}, keep_live=True)

    assert Course.objects.count() == 2
    copied = Course.objects.exclude(key=page.translation_key).get()
    assert copied.lessons.filter(is_open=True).count() == 3
    assert not copied.releases.exists()
    assert_intact(enrolment)


def test_an_unpublished_course_closes_and_opens_again_with_the_same_lessons(world):
    page, enrolment = world
    before = set(Lesson.objects.values_list("pk", flat=True))

    page.unpublish()
    closed = Course.objects.get().is_open
    make.publish(page)

    assert not closed
    assert Course.objects.get().is_open
    assert set(Lesson.objects.filter(is_open=True).values_list("pk", flat=True)) == before
    assert_intact(enrolment)


def test_lessons_under_a_heading_count_and_hide_with_it(world):
    page, _enrolment = world
    heading = make.module_page(page, "Phần II")
    make.lesson_page(heading, "Bài dưới phần II")
    assert titles(Course.objects.get(), is_open=True)[-1] == "Bài dưới phần II"

    heading.unpublish()

    assert "Bài dưới phần II" not in titles(Course.objects.get(), is_open=True)


def test_an_unpublished_lesson_is_closed(world):
    page, enrolment = world

    lessons(page)[1].unpublish()

    assert Course.objects.get().lessons.filter(is_open=True).count() == 2
    assert_intact(enrolment)


def test_recomputing_repairs_what_was_lost_and_changes_nothing_twice(world, capsys):
    page, _enrolment = world
    Lesson.objects.filter(position=2).update(is_open=False, title_vi="hỏng", position=9)

    call_command("lms_sync_courses")
    once = list(Lesson.objects.values())
    call_command("lms_sync_courses")

    assert list(Lesson.objects.values()) == once
    assert Lesson.objects.get(position=2).title_vi == f"Bài 2 của {page.title}"


def test_a_key_without_a_page_makes_no_course(db):
    import uuid

    assert sync_course(uuid.uuid4()) is None
    assert not Course.objects.exists()


def test_rules_survive_every_synchronisation(world):
    page, _enrolment = world
    Course.objects.update(min_attendance_pct=60)
    Lesson.objects.update(periods="2.50")

    make.publish(page)

    assert Course.objects.get().min_attendance_pct == 60
    assert set(Lesson.objects.values_list("periods", flat=True)) == {2.5}
