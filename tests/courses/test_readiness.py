"""The editor says beside the page what blocks publication and what blocks appraisal, and where each is mended."""

import pytest
from django.urls import reverse
from wagtail.models import Page

from content.actions import retire_question
from content.models import Video
from courses.actions.releases import blockers, findings
from courses.models import Course, CoursePage, Lesson, LessonPage
from courses.viewsets import ReadinessPanel
from lms.queue import run_due
from tests.factories import content
from tests.factories import courses as make
from tests.kept import repeated


@pytest.fixture
@repeated
def world(cast):
    """A course with a lecture and a test, without rules."""
    cast.page = make.course_page(cast.bach_mai, kinds=("video", "quiz"))
    cast.course = Course.objects.get()
    cast.video, cast.quiz = cast.page.get_children().type(LessonPage).specific()
    assert cast.ung
    assert cast.hang
    run_due()
    return cast


def panel_of(world, page, who=None):
    """The panel as the editor of *page* has it."""
    answer = world.client(who or world.ung).get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    assert answer.status_code == 200
    found = [one for one in answer.context["side_panels"] if isinstance(one, ReadinessPanel)]
    assert len(found) == 1
    return found[0], answer.content.decode()


def by_text(todo):
    return {one.text: one.url for one in todo}


def workbench(world):
    return reverse("lms_courses_admin:course", args=[world.course.pk])


def test_editor_and_workbench_say_the_same_things_from_one_source(world):
    said = blockers(world.course)

    panel, html = panel_of(world, world.page)
    answer = world.client(world.ung).get(workbench(world))

    assert said
    assert [one.text for one in panel.appraisal] == said
    assert [one.text for one in answer.context["blockers"]] == said
    for text in said:
        assert text in html
        assert text in answer.content.decode()


def test_each_thing_that_blocks_appraisal_leads_to_where_it_is_mended(world):
    Video.objects.update(state=Video.State.FAILED)
    Lesson.objects.filter(kind="quiz").update(purpose="posttest")
    quiz = Lesson.objects.get(kind="quiz").quiz
    quiz.slots.all().delete()

    urls = by_text(panel_of(world, world.page)[0].appraisal)

    assert urls["Khóa học chưa có mã."] == f"{workbench(world)}#rules"
    lesson = f"Bài “{world.video.title}”: video không xử lý được; xin tải lên lại."
    assert urls[lesson] == reverse("lms_content_videos:show", args=[Video.objects.get().pk])
    lesson = f"Bài “{world.quiz.title}”: bài kiểm tra chưa có câu hỏi."
    assert urls[lesson] == reverse("lms_content_quizzes:edit", args=[quiz.pk])
    assert all(urls.values())


def test_a_lecture_that_is_not_chosen_leads_to_the_lesson(world):
    Lesson.objects.filter(kind="video").update(video=None)

    urls = by_text(panel_of(world, world.quiz)[0].appraisal)

    assert urls[f"Bài “{world.video.title}”: chưa chọn video."] == reverse(
        "wagtailadmin_pages:edit", args=[world.video.pk]
    )


def test_every_address_that_is_named_opens_for_the_author(world):
    Video.objects.update(state=Video.State.FAILED)
    ung = world.client(world.ung)

    urls = {one.url.partition("#")[0] for one in panel_of(world, world.page)[0].appraisal}

    assert urls
    for url in urls:
        assert ung.get(url).status_code == 200, url


def test_a_course_without_lessons_leads_to_a_new_one(cast):
    page = make.course_page(cast.bach_mai, kinds=())
    assert cast.ung
    run_due()

    urls = by_text(panel_of(cast, page)[0].appraisal)

    assert urls["Khóa học chưa có bài học đã đăng."] == reverse(
        "wagtailadmin_pages:add_subpage", args=[page.pk]
    )


def test_a_draft_of_a_course_says_that_it_is_not_published_and_writes_no_record(cast):
    under = make.provider(cast.bach_mai)
    assert cast.ung
    run_due()
    page = Page.objects.get(pk=under.pk).add_child(
        instance=CoursePage(title="Khóa nháp", slug="nhap", live=False, locale=under.locale)
    )

    panel, _html = panel_of(cast, page)

    assert by_text(panel.appraisal)["Khóa học chưa có trang đã đăng."]
    assert not Course.objects.exists()


def test_a_trainer_is_told_who_publishes_and_the_office_is_not(world):
    told = "Anh/chị viết bản nháp; phòng đào tạo của bệnh viện đăng."

    assert told in by_text(panel_of(world, world.page)[0].publication)
    assert told not in by_text(panel_of(world, world.page, world.hang)[0].publication)


def test_a_lesson_below_a_draft_says_what_above_it_is_not_published(world):
    Page.objects.get(pk=world.page.pk).specific.unpublish()

    urls = by_text(panel_of(world, world.video, world.hang)[0].publication)

    assert urls == {
        f"“{world.page.title}” ở cấp trên chưa được đăng.": reverse(
            "wagtailadmin_pages:edit", args=[world.page.pk]
        )
    }


def test_a_course_names_the_lessons_that_wait(world):
    world.quiz.title = "Tên mới"
    world.quiz.save_revision()
    draft = make.lesson_page(Page.objects.get(pk=world.page.pk), "Bài còn nháp", live=False)
    Page.objects.filter(pk=draft.pk).update(live=False)

    urls = by_text(panel_of(world, world.page, world.hang)[0].publication)

    assert urls["“Tên mới” có thay đổi chưa đăng."].endswith(f"/{world.quiz.pk}/edit/")
    assert urls["“Bài còn nháp” chưa được đăng."].endswith(f"/{draft.pk}/edit/")


def test_a_course_that_lacks_nothing_says_so(world):
    make.rules(world.page)
    assert not findings(Course.objects.get())

    panel, html = panel_of(world, world.page, world.hang)

    assert (panel.publication, panel.appraisal) == ([], [])
    assert "Không có gì: trang này đăng được." in html
    assert "Không có gì: khóa học này gửi thẩm định được." in html


def test_a_retired_question_is_named_until_the_test_asks_another(world):
    make.rules(world.page)
    quiz = Lesson.objects.get(kind="quiz").quiz
    first, other = (content.question(world.bach_mai, code, stem=code) for code in ("HS-07", "HS-08"))
    slot = quiz.slots.create(position=9, question=first)
    assert not findings(Course.objects.get())
    retire_question(first, by=world.ung.user)

    urls = by_text(panel_of(world, world.page)[0].appraisal)

    said = f"Bài “{world.quiz.title}”: bài kiểm tra còn hỏi câu đã ngưng dùng: HS-07."
    assert urls == {said: reverse("lms_content_quizzes:edit", args=[quiz.pk])}
    slot.question = other
    slot.save()
    assert not findings(Course.objects.get())


def test_other_pages_keep_wagtails_own_editor(world):
    provider = make.provider(world.bach_mai)

    answer = world.client(world.hang).get(reverse("wagtailadmin_pages:edit", args=[provider.pk]))

    assert not [one for one in answer.context["side_panels"] if isinstance(one, ReadinessPanel)]
