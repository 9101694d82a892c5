"""Who uses a lecture: told on its own screens, each reader only what is theirs to see."""

import pytest
from django.urls import reverse

from content.models import Video
from content.usage import usage_of
from courses.models import Course, Lesson
from tests.factories.programme import programme_a, programme_b
from tests.kept import repeated


@pytest.fixture
@repeated
def course(cast):
    made = programme_a(cast)
    assert made.run
    return made


def test_a_lecture_names_its_lesson_its_versions_and_their_open_classes(cast, course):
    found = usage_of(cast.ung.user, course.video)

    (use,) = found.uses
    lesson = Lesson.objects.get(video=course.video)
    assert use.title == course.course.title
    assert use.details[0] == f"bài học “{lesson.title}”"
    assert use.details[1].endswith("với bản ghi 1, 1 lớp đang mở")
    assert found.hidden == 0


def test_a_version_that_was_frozen_with_it_is_named_after_the_lesson_took_another(cast, course):
    Lesson.objects.filter(video=course.video).update(video=None)

    (use,) = usage_of(cast.ung.user, course.video).uses

    assert len(use.details) == 1
    assert "với bản ghi 1" in use.details[0]


def test_courses_of_another_hospital_are_counted_and_not_named(cast, course):
    other = programme_b(cast)
    lesson = Lesson.objects.filter(video=other.video)
    assert lesson.update(video=course.video)

    for who, hidden in ((cast.ung, 1), (cast.admin, 0)):
        found = usage_of(who.user, course.video)
        assert found.hidden == hidden
        assert (other.course.title in [use.title for use in found.uses]) == (hidden == 0)


def test_the_screens_of_a_lecture_say_who_uses_it_before_it_is_replaced(cast, course):
    client = cast.client(cast.ung)
    unused = Video.objects.create(facility=cast.bach_mai, title="Chưa dùng")

    for name in ("show", "edit"):
        page = client.get(reverse(f"lms_content_videos:{name}", args=[course.video.pk])).content.decode()
        assert course.course.title in page
        assert reverse("lms_courses_admin:course", args=[course.course.pk]) in page
    shown = client.get(reverse("lms_content_videos:show", args=[unused.pk])).content.decode()
    assert "Chưa có khóa học nào dùng bài giảng này." in shown


def test_asking_costs_the_same_for_many_courses(cast, course, django_assert_max_num_queries):
    for number in range(5):
        more = Course.objects.create(
            key=f"00000000-0000-4000-8000-00000000000{number}", facility=cast.bach_mai
        )
        Lesson.objects.create(course=more, key=more.key, video=course.video, title_vi="Bài")

    with django_assert_max_num_queries(6):
        assert len(usage_of(cast.ung.user, course.video).uses) == 6
