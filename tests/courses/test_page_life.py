"""Whatever the training office does with pages in Wagtail's own screens, enrolment and progress stay."""

import itertools

import pytest
from django.core.management import call_command
from django.urls import reverse
from wagtail.models import Page, Revision
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from courses.actions.progress import mark_read
from courses.models import Course, CoursePage, Enrolment, Lesson, LessonPage, LessonProgress, Waiver
from lms.queue import run_due
from tests.factories import courses as make
from tests.kept import repeated


@pytest.fixture
@repeated
def world(cast):
    """Lan has read the first of three lessons; the hospital's staff have their pages."""
    cast.page = make.course_page(cast.bach_mai, kinds=("reading", "reading", "reading"))
    cast.enrolment = make.enrolment(cast, page=cast.page)
    mark_read(cast.enrolment, lesson=make.lesson_of(cast.enrolment, 1))
    cast.read = LessonProgress.objects.values_list("met_at", "value").get()
    cast.lessons = list(cast.page.get_children().type(LessonPage).specific())
    assert cast.hang
    assert cast.ung
    run_due()
    return cast


def assert_intact(world, *, opens=1):
    """Lan's place, her progress and her version are what they were; lesson *opens* is still read."""
    before = world.enrolment
    after = Enrolment.objects.select_related("run__release").get(pk=before.pk)
    assert after.state == Enrolment.State.ACTIVE
    assert after.run.release.sha256 == before.run.release.sha256
    assert after.run.release.outline == before.run.release.outline
    read = LessonProgress.objects.get(enrolment=after, lesson=before.run.release.outline[0]["lesson"])
    assert (read.met_at, read.value) == world.read
    assert Course.objects.filter(pk=before.run.release.course_id).exists()
    if opens is not None:
        page = LessonPage.objects.get(pk=world.lessons[opens].pk)
        assert world.client(world.lan).get(page.get_url()).status_code == 200


def admin(name, *args):
    return reverse(f"wagtailadmin_pages:{name}", args=args)


def of_lesson(page, **changes):
    """What the editor's form of a lesson sends."""
    form = {"title": page.title, "slug": page.slug, "activity": page.activity, "body": streamfield([])}
    return nested_form_data(form | dict.fromkeys(("video", "quiz", "checklist", "survey"), "") | changes)


def of_course(page, **changes):
    """What the editor's form of a course sends."""
    form = {"title": page.title, "slug": page.slug, "objectives": rich_text(page.objectives)}
    return form | {"summary": page.summary, "needs": page.needs, "review_due": ""} | changes


def let_go(world, page):
    """The training office gives the reason without which a taught lesson stays."""
    world.client(world.hang).post(
        reverse("lms_courses_admin:waive"), {"page": page.pk, "reason": "Hướng dẫn đã thay đổi"}
    )
    assert Waiver.objects.exists()


def test_an_edited_and_published_lesson_changes_words_only(world):
    lesson = world.lessons[0]

    answer = world.client(world.hang).post(
        admin("edit", lesson.pk), of_lesson(lesson, title="Thời gian vàng", **{"action-publish": "1"})
    )

    assert answer.status_code == 302
    assert Lesson.objects.get(key=lesson.translation_key).title_vi == "Thời gian vàng"
    assert_intact(world)


def test_an_edited_course_page_changes_words_only(world):
    answer = world.client(world.hang).post(
        admin("edit", world.page.pk), of_course(world.page, title="Đột quỵ 2", **{"action-publish": "1"})
    )

    assert answer.status_code == 302
    assert Course.objects.get().title_vi == "Đột quỵ 2"
    assert_intact(world)


def test_a_trainers_draft_reaches_no_learner_and_no_record(world):
    lesson = world.lessons[1]

    answer = world.client(world.ung).post(
        admin("edit", lesson.pk), of_lesson(lesson, title="Bản nháp của Ưng")
    )

    assert answer.status_code == 302
    assert LessonPage.objects.get(pk=lesson.pk).has_unpublished_changes
    assert Lesson.objects.get(key=lesson.translation_key).title_vi == lesson.title
    html = world.client(world.lan).get(lesson.get_url()).content.decode()
    assert "Bản nháp của Ưng" not in html
    assert_intact(world)


def test_a_trainer_adds_a_lesson_and_the_learners_on_the_way_do_not_get_it(world):
    add = reverse("wagtailadmin_pages:add", args=["lms_courses", "lessonpage", world.page.pk])
    page = LessonPage(title="Bài thêm", slug="bai-them")

    drafted = world.client(world.ung).post(add, of_lesson(page, activity="reading"))
    made = LessonPage.objects.get(title="Bài thêm")
    published = world.client(world.hang).post(
        admin("edit", made.pk), of_lesson(made, **{"action-publish": "1"})
    )

    assert (drafted.status_code, published.status_code) == (302, 302)
    assert Course.objects.get().lessons.filter(is_open=True).count() == 4
    assert world.client(world.lan).get(made.get_url()).status_code == 404
    assert_intact(world)


# --- two languages ---------------------------------------------------------------------------------


def translate(world, *, who=None):
    """The course and its lessons in English: copied by Wagtail's screen, named and published by its editor."""
    english = make.english()
    if not make.provider(world.bach_mai).has_translation(english):
        for above in (make.catalogue(), make.provider(world.bach_mai)):
            make.publish(above.copy_for_translation(english, copy_parents=True))
        run_due()
    client = world.client(who or world.hang)
    submit = reverse("simple_translation:submit_page_translation", args=[world.page.pk])
    answer = client.post(submit, {"locales": [english.pk], "include_subtree": "on"})
    assert answer.status_code == 302, "the page was not copied"
    made = CoursePage.objects.get(translation_key=world.page.translation_key, locale=english)
    assert (
        client.post(
            admin("edit", made.pk), of_course(made, title="Stroke", **{"action-publish": "1"})
        ).status_code
        == 302
    )
    for number, lesson in enumerate(made.get_children().type(LessonPage).specific(), start=1):
        form = of_lesson(lesson, title=f"Lesson {number}", **{"action-publish": "1"})
        assert client.post(admin("edit", lesson.pk), form).status_code == 302
    return made


def test_a_translation_is_the_same_course_and_the_same_progress(world):
    translate(world)

    course = Course.objects.get()
    assert (course.title_vi, course.title_en) == (world.page.title, "Stroke")
    assert list(course.lessons.values_list("title_en", flat=True)) == ["Lesson 1", "Lesson 2", "Lesson 3"]
    assert_intact(world)


def test_a_trainer_translates_but_another_hospital_does_not(world):
    make.english()
    submit = reverse("simple_translation:submit_page_translation", args=[world.page.pk])

    assert world.client(world.ung).get(submit).status_code == 200
    # Wagtail's admin sends who may not back to its home.
    assert world.client(world.hoa).get(submit).status_code == 302
    assert world.client(world.thang).get(submit).status_code == 302


def test_the_source_language_is_deleted_and_the_course_lives_on_in_the_other(world):
    made = translate(world)

    # Wagtail lets only administrators delete a page with pages below it.
    answer = world.client(world.admin).post(admin("delete", world.page.pk))

    assert answer.status_code == 302
    assert not CoursePage.objects.filter(pk=world.page.pk).exists()
    course = Course.objects.get()
    assert course.is_open
    assert course.lessons.filter(is_open=True).count() == 3
    assert_intact(world, opens=None)
    lesson = made.get_children().type(LessonPage).first()
    assert world.client(world.lan).get(lesson.get_url()).status_code == 200


# --- taking away -----------------------------------------------------------------------------------


def test_a_deleted_lesson_is_closed_and_its_progress_kept(world):
    lesson = world.lessons[0]
    hang = world.client(world.hang)

    assert hang.get(admin("delete", lesson.pk)).status_code == 409
    let_go(world, lesson)
    assert hang.get(admin("delete", lesson.pk)).status_code == 200
    assert hang.post(admin("delete", lesson.pk)).status_code == 302

    assert not LessonPage.objects.filter(pk=lesson.pk).exists()
    assert not Lesson.objects.get(key=lesson.translation_key).is_open
    assert_intact(world)


@pytest.mark.parametrize("what", ["course", "provider", "catalogue"])
def test_a_deleted_parent_takes_no_record_with_it(world, what):
    page = {
        "course": world.page,
        "provider": make.provider(world.bach_mai),
        "catalogue": make.catalogue(),
    }[what]
    # Wagtail lets only administrators delete a page with pages below it.
    admins = world.client(world.admin)

    assert admins.post(admin("delete", page.pk)).status_code == 409
    assert (
        admins.post(reverse("lms_courses_admin:waive"), {"page": page.pk, "reason": "Đóng cửa"}).status_code
        == 302
    )
    assert admins.get(admin("delete", page.pk)).status_code == 200
    assert admins.post(admin("delete", page.pk)).status_code == 302

    assert not CoursePage.objects.exists()
    course = Course.objects.get()
    assert not course.is_open
    assert_intact(world, opens=None)
    # The learner's own page still counts it, without a link to what is gone.
    assert world.client(world.lan).get("/me/").status_code == 200


def test_lessons_deleted_together_are_closed_and_their_progress_kept(world):
    one, two, _three = world.lessons
    hang = world.client(world.hang)
    where = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    where += f"?id={one.pk}&id={two.pk}&next=/admin/"

    assert hang.post(where).status_code == 409
    let_go(world, one)
    assert hang.post(where).status_code == 409
    let_go(world, two)
    assert hang.post(where).status_code == 302

    assert Lesson.objects.filter(is_open=True).count() == 1
    assert_intact(world, opens=2)


def test_an_unpublished_lesson_is_closed_and_opens_again_as_the_same(world):
    lesson = world.lessons[1]
    hang = world.client(world.hang)
    let_go(world, lesson)

    assert hang.post(admin("unpublish", lesson.pk)).status_code == 302
    closed = Lesson.objects.get(key=lesson.translation_key)
    page = LessonPage.objects.get(pk=lesson.pk)
    hang.post(admin("edit", lesson.pk), of_lesson(page, **{"action-publish": "1"}))

    assert not closed.is_open
    assert Lesson.objects.get(pk=closed.pk).is_open
    assert_intact(world)


@pytest.mark.parametrize("with_lessons", [False, True])
def test_an_unpublished_course_closes_and_opens_again_with_the_same_lessons(world, with_lessons):
    before = set(Lesson.objects.values_list("pk", flat=True))
    hang = world.client(world.hang)
    form = {"include_descendants": "on"} if with_lessons else {}
    if with_lessons:
        assert hang.post(admin("unpublish", world.page.pk), form).status_code == 409
        let_go(world, world.page)

    assert hang.post(admin("unpublish", world.page.pk), form).status_code == 302
    assert not Course.objects.get().is_open
    # Whoever learns goes on where the lessons are still there.
    assert_intact(world, opens=None if with_lessons else 1)
    for page in [world.page, *world.lessons]:
        page = Page.objects.get(pk=page.pk).specific
        send = of_course if isinstance(page, CoursePage) else of_lesson
        hang.post(admin("edit", page.pk), send(page, **{"action-publish": "1"}))

    assert Course.objects.get().is_open
    assert set(Lesson.objects.filter(is_open=True).values_list("pk", flat=True)) == before
    assert_intact(world)


# --- moving, ordering, copying -----------------------------------------------------------------------


def test_a_lesson_moved_under_a_heading_of_its_course_stays_the_same_lesson(world):
    heading = make.module_page(world.page, "Phần một")
    lesson = world.lessons[0]
    before = Lesson.objects.get(key=lesson.translation_key).pk

    answer = world.client(world.hang).post(admin("move_confirm", lesson.pk, heading.pk))

    assert answer.status_code == 302
    assert Lesson.objects.get(key=lesson.translation_key, is_open=True).pk == before
    assert_intact(world, opens=0)


def test_a_lesson_moved_to_another_course_closes_here_and_opens_there(world):
    other = make.course_page(world.bach_mai, "Khóa khác", kinds=())
    lesson = world.lessons[0]
    hang = world.client(world.hang)

    assert hang.post(admin("move_confirm", lesson.pk, other.pk)).status_code == 409
    let_go(world, lesson)
    assert hang.post(admin("move_confirm", lesson.pk, other.pk)).status_code == 302

    here = Lesson.objects.get(key=lesson.translation_key, course__key=world.page.translation_key)
    there = Lesson.objects.get(key=lesson.translation_key, course__key=other.translation_key)
    assert (here.is_open, there.is_open) == (False, True)
    assert_intact(world)


def test_a_course_moved_to_the_administrators_other_page_stays_the_same_course(world):
    target = make.provider(world.viet_duc)
    before = Course.objects.get().pk

    answer = world.client(world.admin).post(admin("move_confirm", world.page.pk, target.pk))

    assert answer.status_code == 302
    course = Course.objects.get()
    assert (course.pk, course.is_open) == (before, True)
    assert_intact(world)


def test_reordering_by_dragging_changes_positions_only(world):
    _first, _second, third = world.lessons
    before = set(Lesson.objects.values_list("pk", flat=True))

    answer = world.client(world.hang).post(
        reverse("wagtailadmin_pages:set_page_position", args=[third.pk]) + "?position=0"
    )

    assert answer.status_code == 200
    assert Lesson.objects.get(key=third.translation_key).position == 1
    assert set(Lesson.objects.values_list("pk", flat=True)) == before
    assert_intact(world)


def test_a_copied_course_is_a_new_course_without_versions_classes_or_learners(world):
    parent = world.page.get_parent()
    form = {"new_title": "Bản sao", "new_slug": "ban-sao", "new_parent_page": parent.pk}
    form |= {"copy_subpages": "on", "publish_copies": "on"}

    answer = world.client(world.hang).post(admin("copy", world.page.pk), form)

    assert answer.status_code == 302
    copied = Course.objects.exclude(key=world.page.translation_key).get()
    assert copied.title_vi == "Bản sao"
    assert copied.lessons.filter(is_open=True).count() == 3
    assert not copied.releases.exists()
    assert Enrolment.objects.count() == 1
    assert_intact(world)


def test_a_copied_lesson_is_a_new_lesson_that_those_on_the_way_do_not_get(world):
    lesson = world.lessons[0]
    form = {"new_title": "Bài sao", "new_slug": "bai-sao", "new_parent_page": world.page.pk}

    answer = world.client(world.hang).post(admin("copy", lesson.pk), form | {"publish_copies": "on"})

    assert answer.status_code == 302
    assert Course.objects.get().lessons.filter(is_open=True).count() == 4
    assert_intact(world)


# --- history -----------------------------------------------------------------------------------------


def test_purged_revisions_take_nothing_with_them(world):
    lesson = world.lessons[0]
    hang = world.client(world.hang)
    for title in ("Một", "Hai", "Ba"):
        hang.post(admin("edit", lesson.pk), of_lesson(lesson, title=title, **{"action-publish": "1"}))
    before = Revision.objects.count()

    call_command("purge_revisions", verbosity=0)

    assert Revision.objects.count() < before
    assert LessonPage.objects.get(pk=lesson.pk).title == "Ba"
    assert hang.get(admin("edit", lesson.pk)).status_code == 200
    assert hang.get(admin("history", lesson.pk)).status_code == 200
    assert_intact(world)


def test_an_older_revision_published_again_is_the_same_lesson(world):
    lesson = world.lessons[0]
    hang = world.client(world.hang)
    first = lesson.latest_revision
    hang.post(admin("edit", lesson.pk), of_lesson(lesson, title="Mới", **{"action-publish": "1"}))

    assert hang.get(admin("revisions_revert", lesson.pk, first.pk)).status_code == 200
    form = of_lesson(lesson, **{"action-publish": "1", "revision": str(first.pk)})
    assert hang.post(admin("edit", lesson.pk), form).status_code == 302

    assert Lesson.objects.get(key=lesson.translation_key).title_vi == lesson.title
    assert_intact(world)


def test_no_screen_of_a_taught_page_falls_over(world, subtests):
    for what, screen in itertools.product(
        ("course", "lesson"), ("edit", "delete", "unpublish", "copy", "move", "history", "usage")
    ):
        with subtests.test(msg=f"{screen} of a {what}"):
            page = world.page if what == "course" else world.lessons[0]

            for who in (world.ung, world.hang, world.admin):
                answer = world.client(who).get(admin(screen, page.pk))
                assert answer.status_code in {200, 302, 409}, f"{screen}: {answer.status_code}"


def test_a_page_that_is_gone_answers_not_found(world):
    hang = world.client(world.hang)

    for screen in ("edit", "delete", "unpublish", "copy", "move", "history"):
        assert hang.get(admin(screen, 10**7)).status_code == 404
