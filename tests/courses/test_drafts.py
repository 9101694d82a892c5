"""A hospital's first course: its page is made when it is needed, and what was drafted is published at once."""

import pytest
from django.urls import reverse
from wagtail.models import Page

from courses.models import CatalogPage, Course, CoursePage, LessonPage, ProviderPage
from lms.queue import run_due
from tests.factories import courses as make
from tests.kept import repeated


def url(name, *args):
    return reverse(f"lms_courses_admin:{name}", args=args)


def new(cast, who, at):
    return cast.client(who).post(url("new"), {"at": at.pk})


def draft(page, title, **values):
    """A lesson as an author saves it."""
    made = LessonPage(
        title=title, slug=title.lower().replace(" ", "-"), locale=page.locale, live=False, **values
    )
    Page.objects.get(pk=page.pk).add_child(instance=made)
    made.save_revision()
    return made


@pytest.fixture
@repeated
def drafted(cast):
    """A course of Bạch Mai with two lessons; nothing is published."""
    under = make.provider(cast.bach_mai)
    assert cast.ung
    assert cast.hang
    run_due()
    page = CoursePage(title="Khóa nháp", slug="khoa-nhap", locale=under.locale, live=False)
    Page.objects.get(pk=under.pk).add_child(instance=page)
    page.save_revision()
    draft(page, "Bài một")
    draft(page, "Bài hai")
    return page


def test_the_first_course_of_a_hospital_makes_its_page_and_leads_to_the_form(cast):
    make.catalogue()
    assert cast.ung

    answer = new(cast, cast.ung, cast.bach_mai)

    page = ProviderPage.objects.get()
    assert (page.facility, page.live, page.title) == (cast.bach_mai, True, "Bệnh viện Bạch Mai")
    assert page.slug == "benh-vien-bach-mai"
    assert answer["Location"] == reverse(
        "wagtailadmin_pages:add", args=["lms_courses", "coursepage", page.pk]
    )
    assert cast.client(cast.ung).get(answer["Location"]).status_code == 200


def test_the_second_course_uses_the_page_that_stands(cast):
    make.catalogue()
    for who in (cast.ung, cast.hang, cast.ung):
        assert new(cast, who, cast.bach_mai).status_code == 302

    assert ProviderPage.objects.count() == 1


def test_nobody_begins_a_course_for_a_hospital_that_is_not_theirs(cast):
    make.catalogue()

    for who in (cast.hoa, cast.lan, cast.thang, cast.ha):
        assert new(cast, who, cast.bach_mai).status_code in {302, 403, 404}
    assert cast.client(cast.ung).post(url("new"), {"at": "x"}).status_code == 404
    assert cast.client(cast.ung).get(url("new")).status_code == 405
    assert not ProviderPage.objects.exists()


def test_a_site_without_a_catalogue_says_so_and_makes_nothing(cast):
    answer = new(cast, cast.ung, cast.bach_mai)

    assert answer["Location"] == url("index")
    assert not ProviderPage.objects.exists()
    assert not CatalogPage.objects.exists()
    html = cast.client(cast.ung).get(url("index")).content.decode()
    assert "Khóa học mới" in html


def test_the_office_publishes_a_course_with_all_that_waits_below_it(cast, drafted):
    index = cast.client(cast.hang).get(url("index")).content.decode()
    assert "Khóa nháp" in index
    assert url("publish", drafted.pk) in index

    cast.client(cast.hang).post(url("publish", drafted.pk))

    assert Page.objects.filter(path__startswith=drafted.path, live=True).count() == 3
    course = Course.objects.get()
    assert list(course.lessons.values_list("title_vi", flat=True)) == ["Bài một", "Bài hai"]
    assert url("publish", drafted.pk) not in cast.client(cast.hang).get(url("index")).content.decode()


def test_a_trainer_sees_what_waits_but_does_not_publish_it(cast, drafted):
    index = cast.client(cast.ung).get(url("index")).content.decode()

    assert "Khóa nháp" in index
    assert url("publish", drafted.pk) not in index
    assert cast.client(cast.ung).post(url("publish", drafted.pk)).status_code == 404
    assert not Page.objects.filter(path__startswith=drafted.path, live=True).exists()


def test_another_hospital_neither_sees_nor_publishes_what_waits(cast, drafted):
    assert "Khóa nháp" not in cast.client(cast.trong).get(url("index")).content.decode()
    assert cast.client(cast.trong).post(url("publish", drafted.pk)).status_code == 404
    assert not Course.objects.exists()


def test_a_lesson_that_lacks_its_activity_keeps_the_whole_from_being_published(cast, drafted):
    lacking = LessonPage.objects.get(title="Bài hai")
    lacking.activity = "video"
    lacking.save_revision(clean=False)

    answer = cast.client(cast.hang).post(url("publish", drafted.pk), follow=True)

    assert "Bài hai" in answer.content.decode()
    assert not Page.objects.filter(path__startswith=drafted.path, live=True).exists()
    assert not Course.objects.exists()


def test_only_pages_of_courses_are_published_so(cast, drafted):
    below = Page.objects.get(pk=drafted.pk).get_children().first()
    for page in (make.provider(cast.bach_mai), make.catalogue(), below):
        assert cast.client(cast.hang).post(url("publish", page.pk)).status_code == 404
    assert cast.client(cast.hang).post(url("publish", 10**7)).status_code == 404


def test_rules_are_saved_and_sent_with_one_press(cast):
    page = make.course_page(cast.bach_mai, kinds=("reading",))
    course, lesson = Course.objects.get(), Course.objects.get().lessons.get()
    assert page
    form = {
        "code": "DQ-01", "form": "blended", "rule_code": "COURSE_LEARNER", "attendance_check": "Mã sáu số.",
        "min_attendance_pct": 80, "pass_pct": 70, "max_attempts": 3, "cooldown_minutes": 0, "watch_pct": 90,
        "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": lesson.pk, "form-0-periods": "2",
    }  # fmt: skip

    cast.client(cast.ung).post(url("rules", course.pk), form | {"send": "1"})

    release = course.releases.get()
    assert (release.state, release.periods) == ("submitted", 2)


def test_what_still_blocks_is_said_and_the_rules_are_saved_all_the_same(cast):
    page = make.course_page(cast.bach_mai, kinds=("reading",))
    course, lesson = Course.objects.get(), Course.objects.get().lessons.get()
    assert page
    form = {
        "code": "DQ-01", "form": "blended", "rule_code": "COURSE_LEARNER", "attendance_check": "",
        "min_attendance_pct": 80, "pass_pct": 70, "max_attempts": 3, "cooldown_minutes": 0, "watch_pct": 90,
        "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": lesson.pk, "form-0-periods": "2",
    }  # fmt: skip

    answer = cast.client(cast.ung).post(url("rules", course.pk), form | {"send": "1"}, follow=True)

    assert "Chưa ghi cách xác minh tham dự." in answer.content.decode()
    assert not course.releases.exists()
    course.refresh_from_db()
    assert course.code == "DQ-01"
