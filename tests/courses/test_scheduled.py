"""What an editor puts off to an hour comes and goes by itself, and hurts nobody who is learning."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, Revision
from wagtail.test.utils.form_data import nested_form_data, streamfield

from courses.jobs import publish_due
from courses.models import Course, Lesson, LessonPage
from lms.models import Message
from lms.queue import run_due
from tests.factories import courses as make
from tests.kept import repeated


@pytest.fixture
@repeated
def taught(cast):
    """Lan learns two lessons of Bạch Mai; the office has its pages."""
    cast.page = make.course_page(cast.bach_mai)
    cast.enrolment = make.enrolment(cast, page=cast.page)
    cast.lessons = list(cast.page.get_children().type(LessonPage).specific())
    assert cast.hang
    run_due()
    return cast


def an_hour_ago():
    return timezone.now() - timedelta(hours=1)


def sent(page, **changes):
    form = {"title": page.title, "slug": page.slug, "activity": page.activity, "body": streamfield([])}
    return nested_form_data(form | dict.fromkeys(("video", "quiz", "checklist", "survey"), "") | changes)


def it_is_time(page):
    """The hour that was set lies behind us."""
    Revision.objects.filter(object_id=str(page.pk), approved_go_live_at__isnull=False).update(
        approved_go_live_at=an_hour_ago()
    )
    for revision in Revision.objects.filter(object_id=str(page.pk)):
        revision.content["go_live_at"] = an_hour_ago().isoformat()
        revision.save(update_fields=["content"])


def test_a_lesson_put_off_to_an_hour_is_published_at_it_and_not_before(taught):
    make.publish(taught.page)
    new = make.lesson_page(taught.page, "Bài hẹn giờ", live=False)
    tomorrow = timezone.localtime(timezone.now() + timedelta(days=1)).strftime("%Y-%m-%d %H:%M")
    edit = reverse("wagtailadmin_pages:edit", args=[new.pk])

    answer = taught.client(taught.hang).post(
        edit, sent(new, go_live_at=tomorrow, expire_at="", **{"action-publish": "1"})
    )
    assert answer.status_code == 302
    publish_due("", None)
    assert not Lesson.objects.filter(key=new.translation_key).exists()

    it_is_time(new)
    publish_due("", None)
    publish_due("", None)

    assert Page.objects.get(pk=new.pk).live
    assert Lesson.objects.get(key=new.translation_key, is_open=True).title_vi == "Bài hẹn giờ"


def test_a_course_whose_day_has_passed_is_taken_down_and_its_learners_go_on(taught):
    Page.objects.filter(pk=taught.page.pk).update(expire_at=an_hour_ago())

    publish_due("", None)

    assert not Course.objects.get().is_open
    assert taught.client(taught.lan).get(taught.lessons[0].get_url()).status_code == 200


def test_a_lesson_that_is_being_learnt_stays_beyond_its_day_and_the_office_is_told(taught):
    lesson = taught.lessons[0]
    Page.objects.filter(pk=lesson.pk).update(expire_at=an_hour_ago())

    publish_due("", None)
    publish_due("", None)

    page = Page.objects.get(pk=lesson.pk)
    assert (page.live, page.expire_at) == (True, None)
    told = Message.objects.filter(event="expiry-held")
    assert [one.person.full_name for one in told] == ["Phạm Thu Hằng"]
    assert lesson.title in told.get().body
    history = taught.client(taught.hang).get(reverse("wagtailadmin_pages:history", args=[lesson.pk]))
    assert "có lớp đang học" in history.content.decode()


def test_a_lesson_that_nobody_learns_goes_at_its_day(cast):
    page = make.course_page(cast.bach_mai)
    lesson = page.get_children().first()
    Page.objects.filter(pk=lesson.pk).update(expire_at=an_hour_ago())

    publish_due("", None)

    assert not Page.objects.get(pk=lesson.pk).live
    assert not Lesson.objects.get(key=lesson.translation_key).is_open


def test_one_that_can_no_longer_be_published_does_not_hold_up_the_others(taught):
    broken, good = (make.lesson_page(taught.page, title, live=False) for title in ("Hỏng", "Tốt"))
    for page in (broken, good):
        page.go_live_at = timezone.now() + timedelta(days=1)
        page.save_revision().publish()
    revision = broken.get_latest_revision()
    # Its lecture was deleted in the meantime.
    revision.content["activity"] = "video"
    revision.save(update_fields=["content"])
    it_is_time(broken)
    it_is_time(good)

    publish_due("", None)

    assert [Page.objects.get(pk=page.pk).live for page in (broken, good)] == [False, True]
    revision.refresh_from_db()
    assert revision.approved_go_live_at is None
