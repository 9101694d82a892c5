"""A course of sixty lessons asks the database of its author's screens at most forty times."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Page, PagePermissionTester, Site

from courses.models import Course, LessonPage
from lms.memory import forget
from lms.queue import run_due
from tests.factories import courses as make

MOST = 40


@pytest.fixture(scope="module")
def course(django_db_setup, django_db_blocker):
    """A course of sixty lessons of every kind that asks for appraisal, on a database of its own."""
    from tests import databases
    from tests.cast import Cast

    with django_db_blocker.unblock(), databases.fresh("sixty"):
        cast = Cast()
        kinds = ("reading", "video", "quiz", "checklist", "survey", "session") * 10
        cast.page = make.course_page(cast.bach_mai, kinds=kinds)
        make.issued(cast, cast.page)
        cast.course = Course.objects.get()
        assert cast.hang
        run_due()
        yield cast


def screens(cast):
    lesson = LessonPage.objects.filter(path__startswith=cast.page.path).first()
    return {
        "the explorer": reverse("wagtailadmin_explore", args=[cast.page.pk]),
        "the explorer, in order": reverse("wagtailadmin_explore", args=[cast.page.pk]) + "?ordering=ord",
        "the editor of the course": reverse("wagtailadmin_pages:edit", args=[cast.page.pk]),
        "the editor of a lesson": reverse("wagtailadmin_pages:edit", args=[lesson.pk]),
        "the workbench": reverse("lms_courses_admin:course", args=[cast.course.pk]),
        "the preview of the course": reverse("wagtailadmin_pages:view_draft", args=[cast.page.pk]),
        "the preview of a lesson": reverse("wagtailadmin_pages:view_draft", args=[lesson.pk]),
        "the list of courses": reverse("lms_courses_admin:index"),
    }


def asked(client, url) -> list[str]:
    """What one look at *url* asks, after a first that fills what is remembered."""
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    asked = [one["sql"].strip() for one in queries]
    return [sql for sql in asked if sql.split()[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"}]


@pytest.mark.parametrize("who", ["ung", "hang"])
@pytest.mark.slow
def test_each_screen_of_an_author_with_sixty_lessons_stays_within_forty_queries(course, who):
    client = course.client(getattr(course, who))

    counts = {name: len(asked(client, url)) for name, url in screens(course).items()}

    assert max(counts.values()) <= MOST, counts


def test_a_loop_of_one_query_a_lesson_would_not_pass(course):
    """The naive way, so that the test above is known to see it."""
    with CaptureQueriesContext(connection) as queries:
        for page in Page.objects.child_of(course.page):
            assert page.specific.body is not None

    assert len(queries) > MOST


@pytest.mark.parametrize("who", ["ung", "hang", "thang", "hoa", "admin"])
def test_who_may_delete_a_lesson_is_what_wagtail_says(course, who):
    user = getattr(course, who).user
    live = LessonPage.objects.filter(path__startswith=course.page.path, live=True).first()
    draft = make.lesson_page(Page.objects.get(pk=course.page.pk), f"Bài nháp {who}", live=False)
    LessonPage.objects.filter(pk=draft.pk).update(live=False)

    for page in (live, LessonPage.objects.get(pk=draft.pk)):
        ours = page.permissions_for_user(user).can_delete()
        assert ours == PagePermissionTester(user, page).can_delete()


def test_a_long_list_asks_the_cache_for_the_roots_of_the_sites_few_times(course, settings, monkeypatch):
    """The cache of a site is a table; what this suite remembers in the process hides that."""
    settings.LMS_REMEMBER_SECONDS = 30
    looked, really = [], Site.get_site_root_paths
    monkeypatch.setattr(Site, "get_site_root_paths", lambda: looked.append(1) or really())
    client = course.client(course.ung)

    for url in [*screens(course).values()][:5]:
        looked.clear()
        assert client.get(url).status_code == 200
        assert len(looked) <= 3, url
    forget()
