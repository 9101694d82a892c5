"""A course moves: out of one hospital as an archive and into another, the same in all but its ids."""

import hashlib
import io
import json
import random
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models
from modelcluster.fields import ParentalManyToManyField
from wagtail.models import ModelLogEntry, Page, PageLogEntry

from content.actions import packing as content_packing
from content.actions import set_poster, set_slides
from content.actions.questions import ReviewRefused, approve_question
from content.archive import DOCUMENTS, VERSION, Unusable, Writer, canonical, media_name
from content.archive_words import KINDS, WORDS, say
from content.models import Caption, Question, QuestionVersion, Quiz, SlideEdit, Video
from courses.actions import packing
from courses.actions.unpacking import import_course, try_import
from courses.models import Course, CoursePage, CourseStaff, LessonPage, Release, Run
from lms import media, queue
from lms.models import Job, Specialty
from tests import databases
from tests.cast import Cast
from tests.content.test_archive import members, with_manifest, zipped
from tests.factories import archives as make
from tests.factories import cast as people
from tests.factories import content as stuff
from tests.factories import courses as pages
from tests.kept import repeated


def files() -> set[str]:
    """Every private file, those of the library included."""
    top = Path(media.storage().location)
    return {str(path.relative_to(top)) for path in top.rglob("*") if path.is_file()}


def rows() -> dict[str, int]:
    """How many rows each table of ours and of the pages has; jobs and logs are no content."""
    tables = [
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label.startswith(("lms", "wagtailcore", "wagtailimages", "wagtaildocs"))
        and model not in {Job, PageLogEntry, ModelLogEntry}
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{one}', COUNT(*) FROM \"{one}\"" for one in tables))
        return dict(cursor.fetchall())


def assert_nothing_new(rows_before, files_before) -> None:
    """No row and no file more; a file that an earlier test left behind may go at any time."""
    assert rows() == rows_before
    assert files() <= files_before


@pytest.fixture
@repeated
def course(cast):
    """The course of Bạch Mai that moves."""
    return make.rich_course(cast)


@pytest.fixture
def archive(course):
    return make.opened(make.packed(course))


@pytest.fixture
@repeated
def home(cast):
    """The pages of Việt Đức, where the course arrives, and its training office."""
    assert cast.trong
    return make.english_home(cast.viet_duc)


def same(one, other) -> None:
    """Kind by kind, so that a difference is seen where it is."""
    for kind in DOCUMENTS:
        assert other.document(kind) == one.document(kind), kind
    assert other.digest == one.digest


# --- the same on the other side


def test_a_course_is_the_same_after_moving_to_another_hospital(cast, archive, home):
    course, report = import_course(cast.viet_duc, archive=archive, by=cast.trong.user)

    same(archive, make.opened(make.packed(course)))
    assert report.notes == []
    assert report.made["pages"] == 11
    assert report.made["questions"] == 3


@pytest.mark.race
def test_a_course_is_the_same_on_an_empty_site(race_db):
    data = make.packed(make.rich_course(Cast()))
    with databases.fresh("empty"):
        cast = Cast()
        Specialty.objects.get_or_create(code="than-kinh", defaults={"name_vi": "Thần kinh"})
        people.profession("bac_sy")
        make.english_home(cast.viet_duc)
        first = make.opened(data)

        course, report = import_course(cast.viet_duc, archive=first, by=cast.trong.user)

        assert [code for code, _params in report.notes] == ["guideline_new"]
        same(first, make.opened(make.packed(course)))


TEXTS = [
    "Đột quỵ não & “thời gian vàng”", "SpO₂ < 90 %", "a\nb\tc", "1 > 0", "'; DROP TABLE--", "🧠 não",
    "x" * 200, "=1+1", "{{ 7 * 7 }}", "%(x)s", "  rìa  ", "&amp; &lt;b&gt;",
]  # fmt: skip
RICH = [
    "<p>A <b>đ</b><br>b</p>",
    "<ul><li>Một</li><li>Hai &amp; ba</li></ul><hr>",
    "<p>&lt;script&gt;</p>",
    "",
]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_a_course_is_made_of_it_is_the_same_on_the_other_side(cast, home, seed):
    chance = random.Random(seed)
    at = cast.bach_mai
    page = pages.publish(
        CoursePage(title=chance.choice(TEXTS).strip()[:100], slug="k", summary=chance.choice(TEXTS)),
        under=pages.provider(at),
    )
    above = [page]
    for number in range(chance.randint(1, 9)):
        under = chance.choice(above)
        if chance.random() < 0.3:
            above.append(pages.module_page(page, f"Phần {number}"))
            continue
        kind = chance.choice(["reading", "quiz", "checklist", "survey", "session", "video"])
        made = {"reading": {}, "session": {}}.get(kind)
        if made is None and kind == "quiz":
            asked = [
                stuff.question(
                    at, f"Q{number}-{each}", stem=chance.choice(TEXTS) + str(each), tags=(f"t{each % 2}",)
                )
                for each in range(chance.randint(1, 4))
            ]
            made = {
                "quiz": stuff.quiz(
                    at, asked[::-1], tag=chance.choice(["", "t0"]), title=chance.choice(TEXTS)[:50]
                )
            }
        elif made is None:
            make_one = {"checklist": stuff.checklist, "survey": stuff.survey}.get(kind)
            made = {
                kind: make_one(at)
                if make_one
                else stuff.video(at, ready=False, title=chance.choice(TEXTS)[:90])
            }
        lesson = pages.lesson_page(Page.objects.get(pk=under.pk), f"Bài {number}", kind, **made)
        lesson.body = [
            {"type": "text", "value": chance.choice(RICH[:-1])},
            {"type": "heading", "value": chance.choice(TEXTS)[:100]},
        ]
        pages.publish(lesson)
    course = pages.rules(page, periods=str(chance.randint(0, 40) / 4), watch_pct=chance.randint(1, 100))
    first = make.opened(make.packed(course))

    twin, _report = import_course(cast.viet_duc, archive=first, by=cast.trong.user)

    same(first, make.opened(make.packed(twin)))


def test_recordings_pictures_and_documents_arrive_byte_for_byte(cast, course, archive, home):
    twin, _report = import_course(cast.viet_duc, archive=archive, by=cast.trong.user)

    here, there = (Video.objects.get(facility=at) for at in (cast.bach_mai, cast.viet_duc))
    assert there.source_sha256 == here.source_sha256
    assert media.storage().open(there.source).read() == stuff.clip()
    assert Caption.objects.get(video=there).vtt == Caption.objects.get(video=here).vtt
    assert list(there.chapters.values_list("at_ms", "title_vi")) == [(0, "Mở đầu"), (2000, "Xử trí")]
    queue.run_due(queues=["video"])
    there.refresh_from_db()
    assert there.playable
    body = LessonPage.objects.get(translation_key__in=twin.lessons.values("key"), title="Đọc trước").body
    assert body[2].value["image"].collection.name == body[3].value["document"].collection.name
    assert str(cast.viet_duc.pk) in body[2].value["image"].collection.name or cast.viet_duc.name in str(
        body[2].value["image"].collection
    )
    assert body[2].value["image"].file.read() == make.png()


def test_a_chosen_poster_arrives_and_is_kept_when_the_recording_is_processed(cast, course, home):
    queue.run_due(queues=["video"])
    video = Video.objects.get()
    chosen = set_poster(video, at=3)
    first = make.opened(make.packed(course))

    import_course(cast.viet_duc, archive=first, by=cast.trong.user)
    queue.run_due(queues=["video"])

    there = Video.objects.get(facility=cast.viet_duc)
    assert there.poster.sha256 == chosen.sha256
    assert there.playable
    assert media.storage().open(there.poster.name).read() == media.storage().open(chosen.name).read()


def test_links_inside_lead_to_the_new_pages(cast, archive, home):
    twin, _report = import_course(cast.viet_duc, archive=archive, by=cast.trong.user)

    keys = twin.lessons.values("key")
    last = LessonPage.objects.get(translation_key__in=keys, title="Kiểm tra")
    text = LessonPage.objects.get(translation_key__in=keys, title="Đọc trước").body[1].value.source
    assert f'<a linktype="page" id="{last.pk}">' in text
    assert 'href="https://moh.example.vn/"' in text


# --- nothing arrives published, issued or reviewed


def test_nothing_arrives_published_issued_or_reviewed(cast, archive, home):
    twin, _report = import_course(cast.viet_duc, archive=archive, by=cast.trong.user)

    assert not twin.is_open
    assert not twin.lessons.filter(is_open=True).exists()
    assert not Page.objects.filter(translation_key=twin.key, live=True).exists()
    assert not Page.objects.filter(translation_key__in=twin.lessons.values("key"), live=True).exists()
    assert not Release.objects.filter(course=twin).exists()
    assert not Run.objects.filter(release__course=twin).exists()
    assert not CourseStaff.objects.filter(course=twin).exists()
    versions = QuestionVersion.objects.filter(question__facility=cast.viet_duc)
    assert versions.count() == 4
    assert not versions.filter(reviewed_at__isnull=False).exists()
    assert set(versions.values_list("author", flat=True)) == {cast.trong.user.pk}
    assert not Question.objects.filter(facility=cast.viet_duc, state="approved").exists()


def test_whoever_imported_questions_cannot_review_them(cast, archive, home):
    import_course(cast.viet_duc, archive=archive, by=cast.trong.user)
    question = Question.objects.filter(facility=cast.viet_duc).first()

    with pytest.raises(ReviewRefused):
        approve_question(question, version=1, by=cast.trong.user)
    assert approve_question(question, version=1, by=cast.viet.user).state == "approved"


def test_publishing_what_arrived_opens_the_lessons_with_their_rules(cast, course, archive, home):
    twin, _report = import_course(cast.viet_duc, archive=archive, by=cast.trong.user)

    top = CoursePage.objects.get(translation_key=twin.key, locale__language_code="vi")
    for page in [top, *top.get_descendants().specific()]:
        page.get_latest_revision().publish()

    twin.refresh_from_db()
    assert twin.is_open
    wanted = course.lessons.order_by("position").values_list("title_vi", "kind", "purpose", "periods")
    found = twin.lessons.filter(is_open=True).order_by("position")
    assert list(found.values_list("title_vi", "kind", "purpose", "periods")) == list(wanted)
    assert found.get(kind="quiz").quiz.facility == cast.viet_duc


def test_a_trial_makes_nothing_and_says_what_an_import_makes(cast, archive, home):
    before = rows(), files()

    trial = try_import(cast.viet_duc, archive=archive, by=cast.trong.user)

    assert_nothing_new(*before)
    assert (trial.problems, trial.notes) == ([], [])
    _course, report = import_course(cast.viet_duc, archive=archive, by=cast.trong.user)
    assert trial.made == report.made


def test_the_same_archive_twice_makes_one_course(cast, archive, home):
    first, _report = import_course(cast.viet_duc, archive=archive, by=cast.trong.user)
    before = rows(), files()

    again, _report = import_course(cast.viet_duc, archive=archive, by=cast.trong.user)

    assert again == first
    assert_nothing_new(*before)


def test_a_further_course_is_made_only_when_asked(cast, archive, home):
    first, _report = import_course(cast.viet_duc, archive=archive, by=cast.trong.user)
    second, report = import_course(cast.viet_duc, archive=archive, by=cast.trong.user, copy=1)

    assert second != first
    codes = {code for code, _params in report.notes}
    assert codes == {"code_taken", "tag_taken", "slug_taken"}
    assert all("%(" not in say(code, params) for code, params in report.notes)


def test_a_test_that_draws_by_keyword_draws_only_what_came_with_it(cast, archive, home):
    stuff.question(cast.viet_duc, "VD-1", tags=("phần 3",))

    import_course(cast.viet_duc, archive=archive, by=cast.trong.user)

    quiz = Quiz.objects.get(facility=cast.viet_duc)
    assert {one.code for _slot, pool in quiz.pools() for one in pool} == {"DQ-0", "DQ-1", "DQ-3"}
    assert Question.objects.get(code="VD-1").tags == ["phần 3"]


# --- what goes out


def test_what_is_not_published_stays_behind(cast, course):
    page = CoursePage.objects.get(translation_key=course.key, locale__language_code="vi")
    pages.lesson_page(page, "Nháp chưa xong", live=False)
    first = page.get_children().get(title="Kiểm tra").specific
    first.title = "Kiểm tra, đang sửa"
    first.save_revision()

    contents = packing.contents_of(course)
    data = json.dumps(make.opened(make.packed(course)).document("course"), ensure_ascii=False)

    assert contents.left == ["Nháp chưa xong"]
    assert "Nháp chưa xong" not in data
    assert "đang sửa" not in data


def test_an_archive_names_no_person_and_no_id(cast, course):
    archive = make.opened(make.packed(course))
    data = json.dumps([archive.document(kind) for kind in DOCUMENTS], ensure_ascii=False)

    for one in (cast.ung, cast.thang):
        assert one.full_name not in data
    assert str(course.key) not in data
    assert "reviewed" not in data


def test_a_recording_that_is_gone_is_replaced_by_its_best_form(cast, course, home):
    video = Video.objects.get()
    queue.run_due(queues=["video"])
    video.refresh_from_db()
    media.storage().delete(video.source)
    best = video.ready_renditions()[-1]

    archive = make.opened(make.packed(course))

    assert archive.document("videos")[0]["media"] == f"media/{best.sha256}.mp4"
    import_course(cast.viet_duc, archive=archive, by=cast.trong.user)


def test_a_course_whose_file_is_lost_is_not_carried_by_half(course):
    media.storage().delete(Video.objects.get().source)

    with pytest.raises(content_packing.PackingRefused, match="Nhận biết đột quỵ"):
        make.packed(course)


# --- every column and link is thought of


def own_links(model) -> set[str]:
    """Fields of *model*, and of rows that are parts of it, which point at other rows."""
    return {field.name for field in model._meta.get_fields() if field.is_relation and field.concrete}


KNOWN_LINKS = {
    "Video": {"facility", "created_by", "consent_by"},
    "Chapter": {"video"},
    "SlideEdit": {"video"},
    "Question": {"facility", "created_by", "latest"},
    "QuestionVersion": {"question", "author", "reviewed_by", "citations"},
    "Quiz": {"facility"},
    "QuizSlot": {"quiz", "question"},
    "Checklist": {"facility"},
    "ChecklistItem": {"checklist"},
    "Survey": {"facility"},
    "SurveyQuestion": {"survey"},
    "Guideline": {"superseded_by"},
    "Course": {"facility", "specialty", "audience", "guidelines"},
    "Lesson": {"course", "video", "quiz", "checklist", "survey"},
}
"""Links that the archive carries or leaves on purpose. A new one: carry it, or say here that it stays."""
PARTS = {
    "Rendition",
    "Caption",
    "Chapter",
    "SlideEdit",
    "QuestionVersion",
    "QuizSlot",
    "ChecklistItem",
    "SurveyQuestion",
}
"""Rows of content that hang on another one: carried with it, or made anew (renditions)."""


def test_no_link_of_what_moves_is_forgotten():
    by_name = {
        model.__name__: model
        for app in ("lms_content", "lms_courses")
        for model in apps.get_app_config(app).get_models()
    }
    found = {name: own_links(by_name[name]) for name in KNOWN_LINKS}

    assert found == KNOWN_LINKS
    carried = [Video, Question, Quiz, *(by_name[name] for name in ("Checklist", "Survey", "Guideline"))]
    parts = {
        one.related_model.__name__
        for model in carried
        for one in model._meta.related_objects
        if one.related_model._meta.app_label == "lms_content" and one.one_to_many
    }
    assert parts - {"Guideline"} == PARTS, "carry the new part, or say why it stays"


def test_every_column_of_a_page_can_be_carried():
    for mixin in packing.MIXINS.values():
        for field in mixin._meta.local_fields:
            if isinstance(field, models.ForeignKey):
                assert content_packing.kind_of(field.related_model) in KINDS
        for many in mixin._meta.local_many_to_many:
            assert isinstance(many, ParentalManyToManyField | models.ManyToManyField)
            assert content_packing.kind_of(many.related_model) in KINDS


# --- archives of an earlier version


def before_guidelines(data: bytes, version: int) -> bytes:
    """The archive as it was written before courses cited guidelines."""
    parts = members(data)
    del parts["guidelines.json"]
    course, questions = (json.loads(parts[f"{kind}.json"]) for kind in ("course", "questions"))
    del course["guidelines"]
    for question in questions:
        for one in question["versions"]:
            del one["citations"]
    parts |= {"course.json": canonical(course), "questions.json": canonical(questions)}
    return zipped(with_manifest(parts, version=version))


def test_an_archive_written_before_guidelines_were_cited_still_arrives(cast, course, home):
    old = before_guidelines(make.packed(course), 1)

    arrived, report = import_course(cast.viet_duc, archive=make.opened(old), by=cast.trong.user)

    assert report.made["questions"] == 3
    assert not arrived.guidelines.exists()
    assert not QuestionVersion.objects.filter(
        question__facility=cast.viet_duc, citations__isnull=False
    ).exists()


def test_what_an_earlier_version_may_leave_out_is_missed_in_an_archive_of_today(course):
    with pytest.raises(Unusable) as refused:
        make.opened(before_guidelines(make.packed(course), VERSION))
    assert refused.value.code == "missing"


def test_an_archive_that_says_nothing_of_slides_still_arrives_and_what_was_left_out_is_left_out_again(
    cast, course, home
):
    video = Video.objects.get(facility=cast.bach_mai)
    set_slides(video, left_out=[12], is_off=True)
    packed = make.packed(course)
    parts = members(packed)
    videos = json.loads(parts["videos.json"])
    del videos[0]["slides"]
    parts["videos.json"] = canonical(videos)

    twin, _report = import_course(cast.viet_duc, archive=make.opened(packed), by=cast.trong.user)
    same(make.opened(packed), make.opened(make.packed(twin)))
    edit = SlideEdit.objects.get(video__facility=cast.viet_duc)
    assert (edit.version, edit.left_out, edit.is_off) == (1, [12], True)

    old = make.opened(zipped(with_manifest(parts, version=2)))
    import_course(cast.viet_duc, archive=old, by=cast.trong.user)
    assert SlideEdit.objects.filter(video__facility=cast.viet_duc).count() == 1


# --- hostile archives


def changed(archive, kind: str, change) -> bytes:
    """The archive with one document changed, its manifest in order again."""
    handle = io.BytesIO()
    writer = Writer(handle)
    for one in DOCUMENTS:
        document = json.loads(json.dumps(archive.document(one)))
        if one == kind:
            change(document)
        writer.document(one, document)
    for name in archive.files:
        if name.startswith("media/"):
            writer.media(name, iter([archive.bytes_of(name)]))
    writer.close()
    return handle.getvalue()


def first_page(document, kind="lesson"):
    return next(row["words"]["vi"] for row in document["pages"] if row["kind"] == kind)


def put(path, value):
    """A change that writes *value* at *path* of a document."""

    def change(document):
        for step in path[:-1]:
            document = first_page(document, step[1:]) if str(step).startswith("@") else document[step]
        document[path[-1]] = value

    return change


SCRIPT = "<p>a<script>alert(1)</script></p>"
EMBED = '<p>a</p><embed embedtype="media" url="http://127.0.0.1:9/x"/>'
HOSTILE = [
    ("course", put(["@lesson", "body"], [{"type": "text", "value": SCRIPT}]), "hostile"),
    ("course", put(["@lesson", "body"], [{"type": "text", "value": '<p onclick="x()">a</p>'}]), "hostile"),
    ("course", put(["@lesson", "body"], [{"type": "text", "value": '<a href="javascript:x()">a</a>'}]), "hostile"),
    ("course", put(["@lesson", "body"], [{"type": "text", "value": "<svg/onload=alert(1)>"}]), "hostile"),
    ("course", put(["@lesson", "body"], [{"type": "text", "value": '<a linktype="x" id="1">a</a>'}]), "hostile"),
    ("course", put(["@lesson", "body"], [{"type": "callout", "value": {"kind": "note", "title": "", "text": SCRIPT}}]), "hostile"),
    ("course", put(["@lesson", "body"], [{"type": "callout", "value": {"kind": "evil", "text": "<p>a</p>"}}]), "invalid"),
    ("course", put(["@lesson", "body"], [{"type": "raw", "value": "x"}]), "unknown_piece"),
    ("course", put(["@lesson", "body"], [{"type": "heading", "value": {"a": 1}}]), "unknown_piece"),
    ("course", put(["@lesson", "body"], [{"type": "heading", "value": "x" * 500}]), "invalid"),
    ("course", put(["@lesson", "body"], {"type": "text"}), "unknown_piece"),
    ("course", put(["@lesson", "body"], [{"type": "figure", "value": {"image": 1, "alt": "a"}}]), "no_such_thing"),
    ("course", put(["@lesson", "body"], [{"type": "figure", "value": {"image": "videos-1", "alt": "a"}}]), "no_such_thing"),
    ("course", put(["@course", "objectives"], SCRIPT), "hostile"),
    ("course", put(["@course", "objectives"], EMBED), "hostile"),
    ("course", put(["@lesson", "body"], [{"type": "text", "value": EMBED}]), "hostile"),
    ("course", put(["@course", "objectives"], 7), "malformed"),
    ("course", put(["@course", "live"], True), "unknown_field"),
    ("course", put(["@course", "owner"], 1), "unknown_field"),
    ("course", put(["@course", "title"], ""), "invalid"),
    ("course", put(["@course", "title"], "x" * 400), "invalid"),
    ("course", put(["@course", "title"], ["x"]), "invalid"),
    ("course", put(["@course", "slug"], "../x"), "invalid"),
    ("course", put(["@lesson", "activity"], "evil"), "invalid"),
    ("course", put(["@lesson", "quiz"], "quizzes-9"), "no_such_thing"),
    ("course", put(["rules", "pass_pct"], 900), "invalid"),
    ("course", put(["rules", "pass_pct"], "70"), "invalid"),
    ("course", put(["rules", "key"], "x"), "unknown_field"),
    ("course", put(["rules"], []), "malformed"),
    ("course", put(["source"], "fr"), "tree"),
    ("course", put(["pages", 1, "above"], "page-3"), "tree"),
    ("course", put(["pages", 0, "kind"], "lesson"), "tree"),
    ("course", put(["pages"], []), "tree"),
    ("course", put(["pages", 2, "rules", "periods"], "-1"), "invalid"),
    ("course", put(["pages", 2, "rules", "periods"], "NaN"), "invalid"),
    ("videos", put([0, "media"], "../../etc/passwd"), "no_such_thing"),
    ("videos", put([0, "media"], "media/" + "0" * 64 + ".mp4"), "no_such_thing"),
    ("videos", put([0, "state"], "ready"), "unknown_field"),
    ("videos", put([0, "captions"], {"vi": "<script>"}), "invalid"),
    ("videos", put([0, "captions"], []), "malformed"),
    ("videos", put([0, "shows_patient"], True), "invalid"),
    ("videos", put([0, "shown_until"], "hôm qua"), "invalid"),
    ("videos", put([0, "chapters", 0, "at_ms"], -5), "invalid"),
    ("videos", put([0, "chapters", 0, "title_vi"], "x" * 200), "invalid"),
    ("videos", put([0, "slides"], []), "malformed"),
    ("videos", put([0, "slides", "left_out"], ["../x"]), "malformed"),
    ("videos", put([0, "poster"], "../x.jpg"), "no_such_thing"),
    ("questions", put([0, "versions"], []), "malformed"),
    ("questions", put([0, "versions", 0, "key"], ["z"]), "invalid"),
    ("questions", put([0, "versions", 0, "body", "stem", "vi"], "<img src=x onerror=alert(1)>a"), "hostile"),
    ("questions", put([0, "versions", 0, "body", "options"], "a"), "malformed"),
    ("questions", put([0, "versions", 0, "citations"], ["guidelines-7"]), "no_such_thing"),
    ("questions", put([0, "state"], "approved"), "malformed"),
    ("questions", put([0, "tags"], [1]), "malformed"),
    ("quizzes", put([0, "slots", 0, "count"], 0), "malformed"),
    ("quizzes", put([0, "slots", 0, "question"], "videos-1"), "no_such_thing"),
    ("quizzes", put([0, "time_limit_s"], -1), "invalid"),
    ("checklists", put([0, "pass_pct"], 101), "invalid"),
    ("checklists", put([0, "items", 0, "weight"], 0), "invalid"),
    ("surveys", put([0, "questions", 0, "kind"], "evil"), "invalid"),
    ("surveys", put([0, "questions"], {}), "malformed"),
    ("guidelines", put([0, "issued_on"], "hôm qua"), "invalid"),
    ("pictures", put([0, "focus"], [1]), "picture"),
    ("pictures", put([0, "key"], "pictures-9"), "no_such_thing"),
    ("documents", put([0, "title"], 5), "malformed"),
]  # fmt: skip


@pytest.fixture(scope="module")
def whole(django_db_setup, django_db_blocker):
    """The bytes of one archive, made once for all that is done to it."""
    with django_db_blocker.unblock(), databases.fresh("archive"):
        return make.packed(make.rich_course(Cast()))


def test_a_hostile_archive_is_refused_with_its_reason_and_leaves_nothing(cast, home, whole, subtests):
    before = rows(), files()
    for number, (kind, change, code) in enumerate(HOSTILE):
        with subtests.test(msg=f"{number} {kind} {code}"):
            archive = make.opened(changed(make.opened(whole), kind, change))

            with pytest.raises(Unusable) as refused:
                import_course(cast.viet_duc, archive=archive, by=cast.trong.user)

            assert refused.value.code == code, refused.value.params
            assert "%(" not in say(code, refused.value.params)
            assert_nothing_new(*before)
            assert (code, refused.value.params) in try_import(
                cast.viet_duc, archive=archive, by=cast.trong.user
            ).problems


@pytest.mark.parametrize(
    ("kind", "suffix", "data", "code"),
    [
        ("videos", ".mp4", b"<html><script>alert(1)</script>", "no_video"),
        ("videos", ".mp4", b"#EXTM3U\nhttp://127.0.0.1/x", "no_video"),
        ("pictures", ".png", b"<svg onload='x()'/>", "picture"),
        ("pictures", ".svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "picture"),
        ("pictures", ".png", make.png()[:40], "picture"),
        ("documents", ".pdf", b"<!doctype html><script>", "document"),
        ("documents", ".html", b"<!doctype html><script>", "document"),
        ("documents", ".exe", b"MZ\x90\x00", "document"),
        ("documents", ".docx", b"%PDF-1.4", "document"),
    ],
)
def test_a_medium_that_is_something_else_is_refused(cast, home, whole, kind, suffix, data, code):
    archive = make.opened(whole)
    handle = io.BytesIO()
    writer = Writer(handle)
    name = media_name(hashlib.sha256(data).hexdigest(), suffix)
    for one in DOCUMENTS:
        document = json.loads(json.dumps(archive.document(one)))
        if one == kind:
            document[0]["media"] = name
        writer.document(one, document)
    for each in archive.files:
        if each.startswith("media/"):
            writer.media(each, iter([archive.bytes_of(each)]))
    writer.media(name, iter([data]))
    writer.close()
    before = rows(), files()

    with pytest.raises(Unusable) as refused:
        import_course(cast.viet_duc, archive=make.opened(handle.getvalue()), by=cast.trong.user)

    assert refused.value.code == code
    assert_nothing_new(*before)


def test_text_that_only_looks_like_code_arrives_as_text(cast, home, whole):
    title = "Xử trí <script>alert(1)</script>"
    data = changed(make.opened(whole), "course", put(["@course", "title"], title))

    course, _report = import_course(cast.viet_duc, archive=make.opened(data), by=cast.trong.user)

    assert CoursePage.objects.get(translation_key=course.key, locale__language_code="vi").title == title


def test_a_hospital_without_a_page_is_told_so(cast, whole):
    trial = try_import(cast.viet_duc, archive=make.opened(whole), by=cast.trong.user)

    assert ("no_provider_page", {}) in trial.problems
    with pytest.raises(Unusable, match="no_provider_page"):
        import_course(cast.viet_duc, archive=make.opened(whole), by=cast.trong.user)
    assert not Course.objects.exists()


def test_a_language_without_a_home_is_left_out_and_named(cast, whole):
    pages.provider(cast.viet_duc)

    course, report = import_course(cast.viet_duc, archive=make.opened(whole), by=cast.trong.user)

    assert ("language_left", {"language": "en"}) in report.notes
    assert Page.objects.filter(translation_key=course.key).count() == 1


@pytest.mark.parametrize(
    ("setting", "code"),
    [("LMS_CONTENT_VIDEO_QUOTA_BYTES", "quota"), ("LMS_CONTENT_VIDEO_MAX_BYTES", "video_big")],
)
def test_lectures_that_do_not_fit_are_told_before_anything_is_made(
    cast, home, whole, settings, setting, code
):
    setattr(settings, setting, 10_000)
    before = rows(), files()

    trial = try_import(cast.viet_duc, archive=make.opened(whole), by=cast.trong.user)
    with pytest.raises(Unusable, match=code):
        import_course(cast.viet_duc, archive=make.opened(whole), by=cast.trong.user)

    assert code in {one for one, _params in trial.problems}
    assert_nothing_new(*before)


def test_every_reason_has_words():
    assert {code for _kind, _change, code in HOSTILE} <= set(WORDS)
