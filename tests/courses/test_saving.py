"""What a learner may keep on a device: whose it is, what is in it, and what never is."""

import json

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from content.actions import set_slides
from content.models import Video
from courses import journey, saving
from courses.actions import attempts
from courses.actions.enrolments import withdraw
from courses.actions.watching import read_token
from courses.models import Attempt, CoursePage, Lesson, LessonProgress, WatchClock
from lms import memory
from tests.factories import content
from tests.factories import courses as make
from tests.kept import repeated


@pytest.fixture
@repeated
def enrolment(cast):
    """Lan learns a text, a lecture, an exercise, a pre-test and the final test."""
    page = make.course_page(cast.bach_mai, kinds=())
    with make.synced_once(page.translation_key):
        make.lesson_page(page, "Đọc trước", body=[("text", "<p>Thời gian là não.</p>")])
        make.lesson_page(page, "Bài giảng", "video", video=make.video(cast.bach_mai, seconds=3600))
        for title in ("Luyện tập", "Kiểm tra trước", "Kiểm tra cuối khóa"):
            make.lesson_page(page, title, "quiz", quiz=make.quiz(cast.bach_mai))
    for title, purpose in {"Luyện tập": "practice", "Kiểm tra trước": "pretest"}.items():
        Lesson.objects.filter(course__key=page.translation_key, title_vi=title).update(purpose=purpose)
    return make.enrolment(cast, page=page)


def save(client, enrolment, number):
    lesson = make.lesson_of(enrolment, number)
    return client.post(reverse("lms_courses:save_lesson", args=[enrolment.pk, lesson.pk]))


@pytest.fixture
def lan(cast):
    return cast.client(cast.lan)


def test_a_text_is_kept_with_its_words_and_the_way_to_say_that_it_was_read(enrolment, lan):
    answer = save(lan, enrolment, 1)

    pack = answer.json()
    assert "Thời gian là não." in pack["html"]
    assert pack["read"] == reverse("lms_courses:read", args=[enrolment.pk, make.lesson_of(enrolment, 1).pk])
    assert answer["Cache-Control"] == "private, no-store"


def test_slides_and_sound_are_kept_as_two_files_with_the_place_of_each_slide(enrolment, lan):
    video = Video.objects.get()
    stored = content.slides(video, at=(0, 600))
    set_slides(video, left_out=[600], is_off=False)
    memory.forget()

    film = save(lan, enrolment, 2).json()["video"]

    assert [one["kind"] for one in film["forms"]] == ["audio", "240p", "360p", "slides"]
    sound, slides = film["forms"][0], film["forms"][-1]
    (_second, start, size), _left_out = stored.stills
    assert slides == {
        "kind": "slides",
        "url": sound["url"],
        "size": sound["size"] + size,
        "stills": {
            "url": stored.url,
            "slides": [{"at": 0, "start": start, "end": start + size, "title": "Slide 1 / 1 · 0:00"}],
        },
    }
    page = lan.get(reverse("lms_courses:save", args=[enrolment.pk])).content.decode()
    assert f'data-size-slides="{slides["size"]}"' in page
    assert 'value="slides"' in page
    assert lan.get(stored.url).status_code == 200


def test_a_lecture_is_kept_with_its_sizes_and_a_token_for_late_reports(enrolment, lan):
    film = save(lan, enrolment, 2).json()["video"]

    assert [one["kind"] for one in film["forms"]] == ["audio", "240p", "360p"]
    assert film["forms"][0]["size"] == 700_000
    token = read_token(film["token"])
    assert token.saved
    # The account opens now, so that the hours without a network are in it.
    assert WatchClock.objects.get(person=enrolment.person)


def test_an_exercise_is_begun_and_kept_without_any_key(enrolment, lan):
    answer = save(lan, enrolment, 3)

    attempt = Attempt.objects.get()
    test = answer.json()["quiz"]
    assert test["attempt"] == attempt.pk
    assert len(test["questions"]) == 2
    for word in ('"key"', '"why"', '"cite"'):
        assert word not in answer.text
    told = {name for one in test["questions"] for name in one}
    assert told == {"slot", "multiple", "stem", "options", "chosen"}
    assert {name for one in test["questions"] for each in one["options"] for name in each} == {"id", "text"}
    # Saved once more it is the same attempt, with what was answered.
    chosen = test["questions"][0]["options"][0]["id"]
    attempts.save_answer(attempt, slot=test["questions"][0]["slot"], value=[chosen], client_seq=4)
    again = save(lan, enrolment, 3).json()["quiz"]
    assert (again["attempt"], again["seq"], again["questions"][0]["chosen"]) == (attempt.pk, 4, [chosen])


@pytest.mark.parametrize("number", [4, 5])
def test_a_test_that_counts_is_never_kept(enrolment, lan, number):
    answer = save(lan, enrolment, number)

    assert answer.status_code == 409
    assert set(answer.json()) == {"text"}
    assert not Attempt.objects.exists()


def test_an_exercise_with_a_time_limit_needs_the_network(enrolment, lan, cast):
    quiz = make.lesson_of(enrolment, 3).quiz
    quiz.time_limit_s = 600
    quiz.save()
    page = CoursePage.objects.get(translation_key=enrolment.run.release.course.key)
    newer = make.enrolment(cast, cast.minh, page=page)

    assert save(cast.client(cast.minh), newer, 3).status_code == 409
    # Her class runs on the version that was appraised without a limit.
    assert save(lan, enrolment, 3).status_code == 200


def test_nobody_keeps_the_lessons_of_another_and_whoever_left_keeps_none(enrolment, lan, cast):
    assert save(cast.client(cast.minh), enrolment, 1).status_code == 404
    withdraw(enrolment, by=cast.lan.user)

    assert save(lan, enrolment, 1).status_code == 404
    assert lan.get(reverse("lms_courses:save", args=[enrolment.pk])).status_code == 404


def test_the_list_says_what_can_be_kept_how_heavy_it_is_and_why_the_rest_cannot(
    enrolment, lan, django_assert_max_num_queries
):
    address = reverse("lms_courses:save", args=[enrolment.pk])
    lan.get(address)
    with django_assert_max_num_queries(30):
        text = lan.get(address).text

    assert text.count('name="lesson"') == 3
    assert 'data-size-audio="700000"' in text
    # The final test is not open yet, which is said first.
    assert text.count("Bài này cần có mạng.") == 1


def test_the_page_of_what_is_kept_is_the_same_for_everybody(enrolment, lan, client):
    mine, anybodys = (one.get(reverse("lms_courses:saved")) for one in (lan, client))

    assert mine.content == anybodys.content
    assert b"csrf" not in mine.content
    assert mine["Cache-Control"] == "private, no-cache"


def test_a_device_knows_people_by_a_name_that_tells_nothing(enrolment, lan, client, cast):
    address = reverse("lms_courses:who")

    mine, others = (cast.client(one).get(address).json()["owner"] for one in (cast.lan, cast.minh))
    assert client.get(address).json()["owner"] == ""
    assert mine == lan.get(address).json()["owner"] != others
    assert str(cast.lan.user.pk) != mine
    assert lan.get(address)["Cache-Control"] == "private, no-store"


def test_reading_that_is_told_late_is_answered_in_data_and_noted_once(enrolment, lan):
    lesson = make.lesson_of(enrolment, 1)
    address = reverse("lms_courses:read", args=[enrolment.pk, lesson.pk])

    told = [lan.post(address, headers={"Accept": "application/json"}).status_code for _time in range(2)]

    assert told == [200, 200]
    assert LessonProgress.objects.filter(lesson=lesson, met_at__isnull=False).count() == 1


def test_the_worker_stands_at_the_root_and_leaves_the_rest_alone(client, db):
    answer = client.get("/sw.js")

    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    told = json.loads(answer.text.partition("= ")[2].partition("; //")[0])
    assert told["pages"][-1] == "/learn/saved/"
    assert {"/admin/", "/accounts/", "/V/"} <= set(told["never"])


def test_signing_out_marks_a_device_that_keeps_something_and_no_other(lan, cast):
    lan.cookies["lms_saved"] = "1"
    other = cast.client(cast.minh)

    marked, plain = (one.post(reverse("account_logout")) for one in (lan, other))

    assert marked.cookies["lms_left"].value == "1"
    assert "lms_left" not in plain.cookies


def test_pages_carry_the_script_only_on_devices_that_keep_something(lan):
    assert "saved-here" not in lan.get(reverse("me")).text
    lan.cookies["lms_saved"] = "1"

    text = lan.get(reverse("me")).text
    assert text.count('name="lms-saved"') == 1


def test_the_weights_of_twenty_lessons_cost_no_more_queries_than_those_of_two(
    enrolment, rf, django_assert_num_queries
):
    rows = journey.of(enrolment, rf.get("/")).rows
    with CaptureQueriesContext(connection) as few:
        saving.weights(rows[:2])

    with django_assert_num_queries(len(few)):
        assert set(saving.weights(rows).values()) == {0}


def test_a_site_that_keeps_lessons_on_devices_must_hear_of_signing_out(settings):
    def found():
        return [one.id for one in run_checks(tags=["lms_courses"])]

    assert "lms_courses.W005" not in found()
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.startswith("courses.")]
    assert "lms_courses.W005" in found()
