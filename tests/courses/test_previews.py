"""What an editor sees before anybody learns: as a visitor, as a learner, as one who failed; nothing is kept."""

import itertools
import json

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from content.models import QuestionVersion
from courses.models import Course, CoursePage, Lesson, LessonPage
from courses.models.pages import PREVIEWS
from lms.queue import run_due
from tests.factories import courses as make
from tests.kept import repeated

MODES = [mode for mode, _label in PREVIEWS]
KINDS = ("reading", "video", "checklist", "session", "quiz", "survey")


@pytest.fixture
@repeated
def world(cast):
    """A published course of every kind of lesson that nobody has appraised yet."""
    cast.page = make.course_page(cast.bach_mai, kinds=KINDS)
    cast.course = make.rules(cast.page)
    cast.lessons = {page.activity: page for page in cast.page.get_children().type(LessonPage).specific()}
    assert cast.ung
    assert cast.hang
    run_due()
    return cast


def preview(client, page, mode):
    return client.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]), {"mode": mode})


def html_of(world, page, mode, who=None):
    answer = preview(world.client(who or world.ung), page, mode)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_visitor_sees_the_rules_and_the_lessons_but_no_way_in(world):
    html = html_of(world, world.page, "visitor")

    assert "Dự ≥ 80 %" in html
    assert world.lessons["video"].title in html
    assert "/leave" not in html
    assert "Xong 0 trên 6 bài" not in html
    assert world.ung.full_name not in html


def test_a_learner_sees_where_to_begin_and_why_the_test_is_still_closed(world):
    html = html_of(world, world.page, "learner")

    assert "Xong 0 trên 6 bài" in html
    assert "Mở khi xong 80 % số tiết" in html


def test_one_who_failed_sees_every_attempt_used_and_no_way_to_begin_another(world):
    page = world.lessons["quiz"]
    Course.objects.update(max_attempts=2)

    html = html_of(world, page, "failed")

    assert html.count('class="tag warn">52') == 2
    assert reverse("lms_courses:start_attempt", args=[0, Lesson.objects.get(kind="quiz").pk]) not in html


def test_every_kind_of_lesson_can_be_looked_at_in_every_role(world, subtests):
    for kind, mode in itertools.product(KINDS, MODES):
        with subtests.test(msg=f"{kind} as {mode}"):
            html = html_of(world, world.lessons[kind], mode)

            assert (world.page.title if mode == "visitor" else world.lessons[kind].title) in html


@pytest.mark.parametrize("mode", MODES)
def test_a_course_that_was_never_published_can_be_looked_at(cast, mode):
    assert cast.ung
    make.provider(cast.bach_mai)
    run_due()
    under = make.provider(cast.bach_mai)
    page = Page.objects.get(pk=under.pk).add_child(
        instance=CoursePage(title="Khóa nháp", slug="nhap", live=False, locale=under.locale)
    )
    quiz = make.lesson_page(page, "Bài kiểm tra nháp", "quiz", facility=cast.bach_mai, live=False)
    lacking = make.lesson_page(page, "Bài nháp trống", "reading", live=False)
    Page.objects.filter(pk=lacking.pk).update(live=False)

    client = cast.client(cast.ung)

    assert not Course.objects.exists()
    assert "Bài kiểm tra nháp" in preview(client, page, mode).content.decode()
    assert preview(client, quiz, mode).status_code == 200
    assert preview(client, lacking, mode).status_code == 200
    assert not Course.objects.exists()


def test_a_lesson_without_what_its_activity_is_made_of_says_so(world):
    LessonPage.objects.filter(pk=world.lessons["video"].pk).update(video=None)
    page = LessonPage.objects.get(pk=world.lessons["video"].pk)
    page.save_revision(clean=False)

    assert "Chưa chọn video" in html_of(world, page, "learner")


def test_what_is_not_saved_yet_is_shown(world):
    lesson, client = world.lessons["reading"], world.client(world.ung)
    form = {"title": "Tên chưa lưu", "slug": lesson.slug, "activity": "reading"}
    form |= dict.fromkeys(("video", "quiz", "checklist", "survey"), "")
    form["body"] = streamfield([("heading", "Tiêu đề chưa lưu")])
    where = reverse("wagtailadmin_pages:preview_on_edit", args=[lesson.pk])

    posted = client.post(where, nested_form_data(form))
    shown = client.get(where, {"mode": "learner", "in_preview_panel": "true"})

    assert json.loads(posted.content) == {"is_valid": True, "is_available": True}
    html = shown.content.decode()
    assert "Tên chưa lưu" in html
    assert "Tiêu đề chưa lưu" in html
    assert LessonPage.objects.get(pk=lesson.pk).title == lesson.title


def test_a_lesson_is_looked_at_before_it_is_first_saved(world):
    client = world.client(world.ung)
    where = reverse("wagtailadmin_pages:preview_on_add", args=["lms_courses", "lessonpage", world.page.pk])
    form = {"title": "Bài mới tinh", "slug": "", "activity": "reading", "body": streamfield([])}
    form |= dict.fromkeys(("video", "quiz", "checklist", "survey"), "")

    client.post(where, nested_form_data(form))
    for mode in MODES:
        shown = client.get(where, {"mode": mode})
        assert shown.status_code == 200
        assert "Bài mới tinh" in shown.content.decode()


def test_a_course_is_looked_at_before_it_is_first_saved(world):
    client = world.client(world.ung)
    parent = make.provider(world.bach_mai)
    where = reverse("wagtailadmin_pages:preview_on_add", args=["lms_courses", "coursepage", parent.pk])
    form = {"title": "Khóa mới tinh", "slug": "", "summary": "", "objectives": rich_text(""), "needs": ""}

    client.post(where, form | {"review_due": ""})
    for mode in MODES:
        shown = client.get(where, {"mode": mode})
        assert shown.status_code == 200
        assert "Khóa mới tinh" in shown.content.decode()


def rows():
    """How many rows each table has."""
    models = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    return {model._meta.label: model._base_manager.count() for model in models}


@pytest.mark.parametrize("mode", MODES)
def test_looking_writes_nothing(world, mode):
    client = world.client(world.ung)
    before = rows()

    with CaptureQueriesContext(connection) as asked:
        for page in [world.page, *world.lessons.values()]:
            assert preview(client, page, mode).status_code == 200

    written = [one["sql"] for one in asked if one["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    # That somebody is still signed in is noted whatever they look at.
    assert not [sql for sql in written if "session" not in sql.split('"')[1]]
    assert rows() == before


@pytest.mark.parametrize("mode", MODES)
def test_no_question_and_no_key_of_a_test_is_in_the_preview(world, mode):
    html = html_of(world, world.lessons["quiz"], mode)

    for version in QuestionVersion.objects.all():
        item = version.as_item()
        for text in _texts(item):
            assert text not in html
    assert "is_right" not in html
    assert "blueprint" not in html


def _texts(value):
    """Every text of a question in both languages that is long enough to be told from markup."""
    if isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str) and len(value) > 8:
        yield value


def test_nothing_in_a_preview_can_be_pressed_and_nobody_reports_what_was_watched(world):
    html = html_of(world, world.lessons["video"], "learner")

    assert 'data-token=""' in html
    assert "player.js" not in html
    for kind in KINDS:
        html = html_of(world, world.lessons[kind], "learner")
        begins = html.index("<fieldset disabled")
        for button in ("<button", "<input"):
            assert html.find(button, html.index("<main"), begins) == -1


def test_a_preview_may_stand_in_the_editors_frame_and_nowhere_else(world):
    where = reverse("wagtailadmin_pages:preview_on_edit", args=[world.page.pk])
    ung = world.client(world.ung)
    form = {"title": "Đột quỵ", "slug": world.page.slug, "summary": "", "needs": "", "review_due": ""}
    ung.post(where, form | {"objectives": rich_text("")})

    for answer in (ung.get(where, {"mode": "learner"}), preview(ung, world.page, "learner")):
        assert "quỵ" in answer.content.decode()
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
        assert "script-src 'self';" in answer["Content-Security-Policy"]
    public = world.client().get(world.page.get_url())
    assert public["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in public["Content-Security-Policy"]


def test_the_first_frame_is_a_phone_of_360_px(world):
    for page in (world.page, world.lessons["reading"]):
        assert [one["device_width"] for one in page.preview_sizes] == [360, 768, 1280]
        assert page.default_preview_size == "phone"


def test_the_preview_says_what_a_learner_has_to_load(world):
    for page in (world.page, world.lessons["video"]):
        html = html_of(world, page, "learner")
        assert "Người học phải tải" in html
        assert "2,6 MB" in html


def test_the_links_of_a_preview_lead_from_preview_to_preview(world):
    html = html_of(world, world.lessons["video"], "failed")

    for kind in ("reading", "checklist"):
        where = reverse("wagtailadmin_pages:view_draft", args=[world.lessons[kind].pk])
        assert f"{where}?mode=failed" in html


def test_who_may_not_edit_may_not_look(world):
    for who in (world.hoa, world.lan, world.thang, None):
        answer = preview(world.client(who), world.lessons["reading"], "learner")
        assert answer.status_code in {302, 403}


def test_an_unknown_role_is_that_of_a_learner(world):
    html = html_of(world, world.page, "'><script>x")

    assert "Như học viên đã ghi danh" in html
    assert "<script>x" not in html


def test_looking_at_a_course_asks_the_database_as_often_for_twenty_lessons_as_for_two(cast):
    assert cast.ung
    counts = []
    for number in (2, 20):
        page = make.course_page(cast.bach_mai, f"Khóa {number}", kinds=("reading",) * number)
        run_due()
        client = cast.client(cast.ung)
        preview(client, page, "learner")
        with CaptureQueriesContext(connection) as asked:
            assert preview(client, page, "learner").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
