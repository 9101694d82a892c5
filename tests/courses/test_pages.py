"""What visitors and learners see on the pages of courses, and what they must not see."""

import datetime
import gzip
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from wagtail.models import Page

from content.actions import set_captions
from content.models import Video
from courses.actions.enrolments import enrol
from courses.actions.progress import mark_read
from courses.models import CourseStaff, Enrolment, LessonPage, Run, WatchRecord
from lms import clock
from lms.models import Specialty
from tests.factories import cast as people
from tests.factories import courses as make
from tests.kept import repeated


def lesson_pages(page):
    return list(Page.objects.get(pk=page.pk).get_children().type(LessonPage).specific())


@pytest.fixture
@repeated
def stroke(cast):
    """A course of two texts and a lecture, with an open class."""
    page = make.course_page(
        cast.bach_mai, "Đột quỵ não tại tuyến cơ sở", kinds=("reading", "video", "reading")
    )
    return page, make.run(cast, page=page, seats=24)


# --- the catalogue ---------------------------------------------------------------------------------


def test_the_catalogue_lists_issued_courses_only(cast, client, stroke):
    make.course_page(cast.bach_mai, "Chưa ban hành")

    html = client.get(make.catalogue().url).content.decode()

    assert "Đột quỵ não tại tuyến cơ sở" in html
    assert "Chưa ban hành" not in html
    assert "Bệnh viện Bạch Mai" in html


@pytest.mark.parametrize("query", ["đột quỵ", "dot quy", "DOT  QUY", "dot q", "tuyen co so", "Bach Mai"])
def test_the_search_ignores_diacritics_and_finds_beginnings(client, stroke, query):
    html = client.get(make.catalogue().url, {"q": query}).content.decode()

    assert "Đột quỵ não" in html


def test_a_search_without_hits_says_so_and_leads_back(client, stroke):
    html = client.get(make.catalogue().url, {"q": "nhi khoa"}).content.decode()

    assert "Đột quỵ não" not in html
    assert 'class="empty"' in html
    assert 'href="?"' in html


def test_filters_narrow_the_list_and_count_what_the_others_leave(cast, client):
    neuro = Specialty.objects.create(code="than-kinh", name_vi="Thần kinh")
    doctor, nurse = people.profession("bac_sy"), people.profession("dieu_duong")
    for number, audience in enumerate([[doctor], [doctor, nurse], []]):
        page = make.course_page(cast.bach_mai, f"Khóa số {number}")
        make.run(cast, page=page, rules={"audience": audience, "specialty": neuro, "form": "self_paced"})
    other = make.course_page(cast.viet_duc, "Khóa Việt Đức")
    make.run(cast, page=other, rules={"form": "blended", "periods": "6"})
    url = make.catalogue().url

    def titles(**filters):
        answer = client.get(url, filters)
        return sorted(entry.title for entry in answer.context["listing"].entries), answer.context["listing"]

    assert titles(profession="dieu_duong")[0] == ["Khóa Việt Đức", "Khóa số 1", "Khóa số 2"]
    assert titles(provider=str(cast.viet_duc.pk))[0] == ["Khóa Việt Đức"]
    assert titles(hours="9-")[0] == ["Khóa Việt Đức"]
    assert titles(form="self_paced", specialty="than-kinh", profession="bac_sy")[0] == [
        f"Khóa số {n}" for n in (0, 1, 2)
    ]
    found, listing = titles(form="blended")
    assert found == ["Khóa Việt Đức"]
    # The counts of the other forms stay, so that another choice never surprises.
    assert {one.code: one.count for one in listing.facets["form"]} == {"self_paced": 3, "blended": 1}
    assert titles(form="nonsense", q="<script>")[0] == []


def test_the_catalogue_asks_the_database_as_often_for_twelve_courses_as_for_two(
    cast, client, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    url = make.catalogue().url

    def count():
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(url, {"q": "khoa"})
        return len(queries)

    def add(number):
        page = make.course_page(cast.bach_mai, f"Khóa số {number}", kinds=("video",))
        make.run(cast, page=page, rules={"audience": [people.profession("bac_sy")]})

    for number in range(2):
        add(number)
    with_two = count()
    for number in range(2, 12):
        add(number)

    assert count() == with_two


def test_the_page_of_a_hospital_lists_its_own_courses(cast, client, stroke):
    make.run(cast, page=make.course_page(cast.viet_duc, "Khóa Việt Đức"))

    html = client.get(make.provider(cast.viet_duc).url).content.decode()

    assert "Khóa Việt Đức" in html
    assert "Đột quỵ não" not in html


# --- the course ------------------------------------------------------------------------------------


def test_a_visitor_sees_rules_outline_sizes_and_approval_before_enrolling(cast, client, stroke):
    page, run = stroke
    CourseStaff.objects.create(course=run.release.course, person=cast.ung)

    html = client.get(page.url).content.decode()

    assert "≥ 80" in html
    assert f"Bài 1 của {page.title}" in html
    assert "2,6 MB" in html
    assert run.release.decision_number in html
    assert "Đặng Quốc Ưng" in html
    assert "Mã điểm danh" in html


def test_enrolling_is_a_post_and_brings_the_way_through_the_course(cast, stroke):
    page, run = stroke
    lan = cast.client(cast.lan)
    url = reverse("lms_courses:enrol", args=[run.pk])

    assert lan.get(url).status_code == 405
    assert not Enrolment.objects.exists()
    answer = lan.post(url, follow=True)

    assert answer.redirect_chain[-1][0] == page.url
    assert Enrolment.objects.get().person == cast.lan
    assert answer.context["journey"].next.number == 1
    assert "private" in answer["Cache-Control"]
    assert "no-store" in answer["Cache-Control"]


def test_a_visitor_is_asked_to_sign_in_before_enrolling(client, stroke):
    page, run = stroke

    answer = client.post(reverse("lms_courses:enrol", args=[run.pk]))

    assert answer.status_code == 302
    assert "login" in answer["Location"]
    assert not Enrolment.objects.exists()


def test_a_refusal_is_a_sentence_on_the_course_page(cast, client):
    page = make.course_page(cast.bach_mai)
    run = make.run(cast, page=page, rules={"audience": [people.profession("bac_sy")]})

    answer = cast.client(cast.lan).post(reverse("lms_courses:enrol", args=[run.pk]), follow=True)

    assert "Bác sỹ" in str(list(answer.context["messages"])[0])
    assert not Enrolment.objects.exists()


def test_the_outline_says_what_is_done_what_is_next_and_what_is_closed(cast):
    page = make.course_page(cast.bach_mai, kinds=("reading", "reading", "quiz", "survey"))
    enrolment = make.enrolment(cast, page=page)
    mark_read(enrolment, lesson=make.lesson_of(enrolment, 1))

    answer = cast.client(cast.lan).get(page.url)

    way = answer.context["journey"]
    assert [row.state for row in way.rows] == ["done", "now", "locked", "locked"]
    assert "80" in way.rows[2].locked
    assert way.rows[2].locked in answer.content.decode()


def test_everything_opens_once_enough_is_met(cast):
    page = make.course_page(cast.bach_mai, kinds=("reading", "quiz", "survey"))
    enrolment = make.enrolment(cast, page=page)
    mark_read(enrolment, lesson=make.lesson_of(enrolment, 1))

    way = cast.client(cast.lan).get(page.url).context["journey"]

    assert [row.state for row in way.rows] == ["done", "now", "open"]


def test_nothing_is_open_before_the_class_begins(cast):
    enrolment = make.enrolment(cast, starts_on=clock.today() + datetime.timedelta(days=3))
    page = Page.objects.get(translation_key=enrolment.run.release.course.key)

    way = cast.client(cast.lan).get(page.url).context["journey"]

    assert {row.state for row in way.rows} == {"locked"}


def test_leaving_a_class_is_a_post_of_ones_own(cast, stroke):
    _page, run = stroke
    enrolment = make.enrolment(cast, run=run)
    url = reverse("lms_courses:withdraw", args=[enrolment.pk])

    assert cast.client(cast.khanh).post(url).status_code == 404
    assert cast.client(cast.lan).get(url).status_code == 405
    enrolment.refresh_from_db()
    assert enrolment.state == "active"

    cast.client(cast.lan).post(url)
    enrolment.refresh_from_db()
    assert enrolment.state == "withdrawn"


# --- the lesson ------------------------------------------------------------------------------------


def test_a_lesson_opens_for_its_learner_and_for_nobody_else(cast, client, stroke):
    page, run = stroke
    make.enrolment(cast, run=run)
    url = lesson_pages(page)[0].url

    assert cast.client(cast.lan).get(url).status_code == 200
    for stranger in (client, cast.client(cast.khanh), cast.client(cast.ha)):
        answer = stranger.get(url)
        assert (answer.status_code, answer["Location"]) == (302, page.url)


def test_the_stranger_is_told_why(cast, stroke):
    page, _run = stroke

    answer = cast.client(cast.khanh).get(lesson_pages(page)[0].url, follow=True)

    assert list(answer.context["messages"])


def test_a_lesson_that_came_after_ones_release_is_not_there(cast, stroke):
    page, run = stroke
    make.enrolment(cast, run=run)
    newer = make.lesson_page(page, "Bài mới", facility=cast.bach_mai)

    assert cast.client(cast.lan).get(newer.url).status_code == 404


def test_a_withdrawn_learner_reads_no_more(cast, stroke):
    page, run = stroke
    enrolment = make.enrolment(cast, run=run)
    cast.client(cast.lan).post(reverse("lms_courses:withdraw", args=[enrolment.pk]))

    assert cast.client(cast.lan).get(lesson_pages(page)[0].url).status_code == 302


def test_whoever_completed_may_read_again(cast):
    page = make.course_page(cast.bach_mai, kinds=("reading",))
    enrolment = make.enrolment(cast, page=page)
    mark_read(enrolment, lesson=make.lesson_of(enrolment, 1))

    assert cast.client(cast.lan).get(lesson_pages(page)[0].url).status_code == 200


def test_trainer_and_appraiser_read_along_without_an_activity_but_not_those_of_another_hospital(cast, stroke):
    page, _run = stroke
    url = lesson_pages(page)[1].url

    for staff in (cast.ung, cast.thang):
        answer = cast.client(staff).get(url)
        assert answer.status_code == 200
        assert "data-player" not in answer.content.decode()
    assert cast.client(cast.hoa).get(url).status_code == 302


def test_a_host_may_close_lessons_by_one_function(cast, stroke, settings):
    page, run = stroke
    make.enrolment(cast, run=run)
    settings.LMS_COURSES_CAN_OPEN_LESSON = "tests.courses.test_pages.nobody"

    assert cast.client(cast.lan).get(lesson_pages(page)[0].url).status_code == 404


def nobody(user, enrolment, lesson):
    return False


def test_a_text_is_read_when_its_learner_says_so(cast, stroke):
    page, run = stroke
    enrolment = make.enrolment(cast, run=run)
    first = make.lesson_of(enrolment, 1)
    url = reverse("lms_courses:read", args=[enrolment.pk, first.pk])

    assert cast.client(cast.minh).post(url).status_code == 404
    assert cast.client(cast.lan).get(url).status_code == 405
    cast.client(cast.lan).post(url)
    cast.client(cast.lan).post(url)

    assert enrolment.progress.get(met_at__isnull=False).lesson == first


def test_a_lecture_cannot_be_ticked_off_as_read(cast, stroke):
    _page, run = stroke
    enrolment = make.enrolment(cast, run=run)
    lecture = make.lesson_of(enrolment, 2)

    answer = cast.client(cast.lan).post(reverse("lms_courses:read", args=[enrolment.pk, lecture.pk]))

    assert answer.status_code == 404
    assert not enrolment.progress.filter(met_at__isnull=False).exists()


def test_the_lecture_shows_sizes_the_place_to_go_on_and_fetches_nothing(cast, stroke):
    page, run = stroke
    enrolment = make.enrolment(cast, run=run)
    item = run.release.outline[1]
    WatchRecord.objects.create(
        enrolment=enrolment, video_id=item["video"], version=1, buckets=12, credited=5, bits=b"\x1f",
        position=25, updated_at=clock.now(),
    )  # fmt: skip

    html = cast.client(cast.lan).get(lesson_pages(page)[1].url).content.decode()

    assert 'preload="none"' in html
    assert 'data-position="25"' in html
    assert "0,7 MB" in html
    assert "41 %" in html
    assert "style=" not in html
    assert "<noscript>" in html


def test_captions_stand_below_the_lecture_as_a_transcript_unless_one_was_written(cast, stroke):
    page, run = stroke
    make.enrolment(cast, run=run)
    video = Video.objects.get(pk=run.release.outline[1]["video"])
    url, client = lesson_pages(page)[1].url, cast.client(cast.lan)
    assert '<details class="card"' not in client.get(url).content.decode()
    vtt = "WEBVTT\n\n00:00.000 --> 00:01.000\n<b>Thời gian</b> là\n\n00:01.000 --> 00:02.000\nnão & SpO2 < 94 %\n"

    set_captions(video, language="vi", vtt=vtt.encode())
    said = client.get(url).content.decode()
    Video.objects.filter(pk=video.pk).update(transcript="Bản ghi lời đã biên tập")
    written = client.get(url).content.decode()

    assert "Thời gian là não &amp; SpO2 &lt; 94 %" in said
    assert "Bản ghi lời đã biên tập" in written
    assert "Thời gian là não" not in written


def test_keys_of_a_test_are_nowhere_on_course_or_lesson(cast):
    page = make.course_page(cast.bach_mai, kinds=("reading", "quiz"))
    enrolment = make.enrolment(cast, page=page)
    lan = cast.client(cast.lan)

    for url in (page.url, lesson_pages(page)[0].url):
        html = lan.get(url).content.decode()
        assert "Giải thích bí mật" not in html
        assert '"key"' not in html
    assert enrolment.run.release.outline[1]["blueprint"]["slots"]


def test_a_course_asks_the_database_as_often_for_twelve_lessons_as_for_two(cast):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(lessons):
        page = make.course_page(cast.bach_mai, f"Khóa {lessons} bài", kinds=("video",) * lessons)
        make.enrolment(cast, page=page)
        lan = cast.client(cast.lan)
        counts = []
        for url in (page.url, lesson_pages(page)[0].url):
            lan.get(url)
            with CaptureQueriesContext(connection) as queries:
                assert lan.get(url).status_code == 200
            counts.append(len(queries))
        return counts

    assert count(2) == count(12)


def test_a_run_of_a_superseded_release_keeps_its_outline_on_screen(cast, stroke):
    page, run = stroke
    make.enrolment(cast, run=run)
    make.lesson_page(page, "Bài thứ tư", facility=cast.bach_mai)
    newer = make.run(cast, page=page)

    mine = cast.client(cast.lan).get(page.url)
    enrol(newer, person=cast.minh, by=cast.minh.user)
    theirs = cast.client(cast.minh).get(page.url)

    assert (len(mine.context["journey"].rows), len(theirs.context["journey"].rows)) == (3, 4)
    assert Run.objects.get(pk=run.pk).release.state == "superseded"


def test_the_english_page_shows_the_same_progress_in_english(cast, stroke):
    page, run = stroke
    enrolment = make.enrolment(cast, run=run)
    mark_read(enrolment, lesson=make.lesson_of(enrolment, 1))
    english = page.copy_for_translation(make.english(), copy_parents=True)
    english.title = "Stroke at primary level"
    make.publish(english)

    answer = cast.client(cast.lan).get(english.url)

    assert answer.context["journey"].done == 1
    assert "of 3 lessons done" in answer.content.decode()


def test_whoever_completed_is_offered_the_newer_version_but_not_the_same_again(cast):
    page = make.course_page(cast.bach_mai, kinds=("reading",))
    enrolment = make.enrolment(cast, page=page)
    mark_read(enrolment, lesson=make.lesson_of(enrolment, 1))
    lan = cast.client(cast.lan)
    assert lan.get(page.url).context["runs"] == []

    make.lesson_page(page, "Bài mới", facility=cast.bach_mai)
    newer = make.run(cast, page=page)

    answer = lan.get(page.url)
    assert answer.context["runs"] == [newer]
    assert len(answer.context["journey"].rows) == 1


# --- what is remembered for some seconds -----------------------------------------------------------


@pytest.fixture
def remembering(settings, monkeypatch):
    """A server that keeps for half a minute what is the same for everybody."""
    settings.LMS_REMEMBER_SECONDS = 30
    monkeypatch.setattr("lms.memory._kept", {})


def test_what_is_remembered_shows_nobody_the_state_of_another(cast, stroke, client, remembering):
    page, run = stroke
    lesson = lesson_pages(page)[0]
    enrolment = enrol(run, person=cast.lan, by=cast.lan.user)
    mark_read(enrolment, lesson=enrolment.run.release.course.lessons.get(key=lesson.translation_key))

    own = cast.client(cast.lan).get(page.url)
    stranger = cast.client(cast.ha).get(page.url)

    assert own.context["journey"].done == 1
    assert own.context["runs"] == []
    assert (stranger.context["enrolment"], stranger.context["journey"].enrolment) == (None, None)
    assert [one.pk for one in stranger.context["runs"]] == [run.pk]
    assert cast.client(cast.lan).get(lesson.url).status_code == 200
    assert cast.client(cast.ha).get(lesson.url).status_code == 302
    assert client.get(lesson.url).status_code == 302


def test_a_course_issued_a_moment_ago_is_on_the_list_with_its_seats(cast, client, stroke, remembering):
    url = make.catalogue().url
    client.get(url)
    page = make.course_page(cast.viet_duc, "Chấn thương sọ não")
    make.run(cast, page=page, seats=3)
    enrol(stroke[1], person=cast.lan, by=cast.lan.user)

    left = {one.title: one.seats_left for one in client.get(url).context["listing"].entries}

    assert left == {"Đột quỵ não tại tuyến cơ sở": 23, "Chấn thương sọ não": 3}


def test_the_scripts_of_a_lecture_weigh_at_most_five_kilobytes():
    scripts = (Path(finders.find(f"lms_courses/{name}.js")) for name in ("player", "played"))

    assert sum(len(gzip.compress(script.read_bytes())) for script in scripts) <= 5_000
