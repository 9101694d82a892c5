"""Pages far below the front page are found by their whole path."""

import pytest
from django.http import Http404

from tests.factories.programme import programme_a
from website.models import HomePage

pytestmark = pytest.mark.django_db


@pytest.fixture
def lesson(cast):
    programme_a(cast).run  # noqa: B018 - makes the pages
    from courses.models import LessonPage

    return LessonPage.objects.filter(live=True, locale__language_code="vi").first()


def parts(page, home):
    return page.url_path[len(home.url_path) :].strip("/").split("/")


def test_a_deep_page_costs_two_queries(rf, lesson, django_assert_num_queries):
    home = lesson.get_ancestors().type(HomePage).specific().first()

    with django_assert_num_queries(2):
        result = home.route(rf.get("/"), parts(lesson, home))

    assert result.page == lesson
    assert type(result.page) is type(lesson)


def test_a_draft_is_not_found(rf, lesson):
    home = lesson.get_ancestors().type(HomePage).specific().first()
    type(lesson).objects.filter(pk=lesson.pk).update(live=False)

    with pytest.raises(Http404):
        home.route(rf.get("/"), parts(lesson, home))


def test_an_unknown_path_is_not_found(rf, lesson):
    home = lesson.get_ancestors().type(HomePage).specific().first()

    with pytest.raises(Http404):
        home.route(rf.get("/"), [*parts(lesson, home), "khong-co"])
