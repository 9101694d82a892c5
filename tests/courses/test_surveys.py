"""Surveys: answered once, unlinkable where that was promised."""

import pytest
from django.urls import reverse

from courses.actions import surveys
from courses.actions.surveys import SurveyRefused
from courses.models import LessonProgress, SurveyReceipt, SurveyResponse
from lms import clock
from tests.factories import live
from tests.factories.live import moment


@pytest.fixture
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
