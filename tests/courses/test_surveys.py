"""Surveys: answered once, unlinkable where that was promised."""

import json
import sqlite3
import uuid

import pytest
from django.db import connection
from django.urls import reverse

from courses.actions import surveys
from courses.actions.surveys import SurveyRefused
from courses.models import LessonProgress, SurveyReceipt, SurveyResponse
from lms import clock
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated


@pytest.fixture
@repeated
def class_(cast):
    with clock.at(moment("08:00")):
        return live.Class(cast, kinds=("survey",))


def questions(class_):
    return [str(row.pk) for row in class_.lessons["survey"].survey.questions.all()]


def respond(class_, *, satisfaction="5", words="Bài giảng rất rõ", enrolment=None):
    scale, text = questions(class_)
    with clock.at(moment("16:00")):
        return surveys.respond(
            enrolment or class_.lan,
            lesson=class_.lessons["survey"],
            answers={scale: satisfaction, text: words},
        )


def test_an_anonymous_answer_holds_neither_person_nor_time(class_):
    receipt = respond(class_)

    row = SurveyResponse.objects.get()
    assert row.enrolment is None
    assert not [field.name for field in row._meta.fields if "Date" in type(field).__name__]
    assert list(row.answers.values()) == [5, "Bài giảng rất rõ"]
    assert receipt.enrolment == class_.lan
    assert LessonProgress.objects.get(enrolment=class_.lan).met_at


def test_a_survey_with_names_says_whose_answer_it_is(class_):
    class_.lessons["survey"].survey.is_anonymous = False
    class_.lessons["survey"].survey.save()

    respond(class_)

    assert SurveyResponse.objects.get().enrolment == class_.lan


def test_answering_twice_changes_nothing(class_):
    assert respond(class_).pk == respond(class_, satisfaction="1").pk
    assert SurveyResponse.objects.count() == SurveyReceipt.objects.count() == 1
    assert 5 in SurveyResponse.objects.get().answers.values()


@pytest.mark.parametrize("satisfaction", ["", "0", "6", "năm", "5.0", "５"])
def test_a_scale_takes_one_to_five(class_, satisfaction):
    with pytest.raises(SurveyRefused):
        respond(class_, satisfaction=satisfaction)

    assert not SurveyReceipt.objects.exists()
    assert not SurveyResponse.objects.exists()


def test_what_is_not_required_may_stay_empty(class_):
    respond(class_, words="  ")

    assert list(SurveyResponse.objects.get().answers.values()) == [5]


def test_a_survey_waits_for_the_lessons_before_it(cast):
    with clock.at(moment("08:00")):
        class_ = live.Class(cast, kinds=("session", "survey"))

    with pytest.raises(SurveyRefused):
        respond(class_)


def in_table_order():
    """The numbers in the answers as a reader of the whole table gets them."""
    with connection.cursor() as cursor:
        # PostgreSQL's files keep the order of writing, readable to its administrator alone.
        by_key = " ORDER BY id" if connection.vendor == "postgresql" else ""
        cursor.execute(f"SELECT answers FROM lms_courses_surveyresponse{by_key}")
        return [json.loads(row[0])["n"] for row in cursor.fetchall()]


def test_the_order_of_anonymous_answers_tells_nobody_who_wrote_which(class_):
    survey, written = class_.lessons["survey"].survey, list(range(16))
    for number in written:
        SurveyResponse.objects.create(
            survey=survey, run=class_.run, lesson=class_.lessons["survey"], answers={"n": number}
        )

    shown = [row.answers["n"] for row in SurveyResponse.objects.all()]

    assert sorted(shown) == written
    assert shown != written
    assert in_table_order() not in (written, written[::-1])


def test_a_random_uuid_as_key_would_leave_the_order_of_writing_in_sqlite():
    """Why the key is a whole number: beside any other key SQLite keeps a hidden one that counts up."""
    naive = sqlite3.connect(":memory:")
    naive.execute("CREATE TABLE naive (id char(32) NOT NULL PRIMARY KEY, answer integer NOT NULL)")
    for number in range(16):
        naive.execute("INSERT INTO naive VALUES (?, ?)", [uuid.uuid4().hex, number])

    assert [row[0] for row in naive.execute("SELECT answer FROM naive")] == list(range(16))


# --- pages


def page_of(class_, enrolment=None):
    return reverse("lms_courses:survey", args=[(enrolment or class_.lan).pk, class_.lessons["survey"].pk])


def test_the_form_works_without_scripts(class_, cast):
    client = cast.client(cast.lan)
    scale, text = questions(class_)
    assert client.get(page_of(class_)).status_code == 200

    answer = client.post(page_of(class_), {f"q-{scale}": "4", f"q-{text}": "Cần thêm thực hành"})

    assert answer.status_code == 302
    assert SurveyReceipt.objects.count() == 1
    assert client.get(page_of(class_)).status_code == 302


def test_a_refused_form_keeps_what_was_written(class_, cast):
    _scale, text = questions(class_)

    page = cast.client(cast.lan).post(page_of(class_), {f"q-{text}": "Cần thêm thực hành"})

    assert page.status_code == 400
    assert "Cần thêm thực hành" in page.content.decode()
    assert not SurveyReceipt.objects.exists()


def test_nobody_else_answers_in_ones_place(class_, cast):
    for who in (cast.minh, cast.khanh, cast.hang, cast.admin):
        assert cast.client(who).get(page_of(class_)).status_code == 404
        assert cast.client(who).post(page_of(class_), {}).status_code == 404
