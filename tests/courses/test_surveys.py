"""Surveys: answered once, unlinkable where that was promised."""

import json
import re
import sqlite3
import uuid

import pytest
from django.db import connection
from django.urls import reverse

from content.models import Survey
from courses import promised
from courses.actions import moves, surveys
from courses.actions.releases import digest
from courses.actions.surveys import SurveyChanged, SurveyRefused
from courses.activities import panel
from courses.models import LessonProgress, Release, Run, SurveyReceipt, SurveyResponse
from lms import clock
from lms.verify import breaches
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated


@pytest.fixture
@repeated
def class_(cast):
    with clock.at(moment("08:00")):
        return live.Class(cast, kinds=("survey",))


def form_of(class_, enrolment=None) -> dict:
    """The form as a learner's page shows it."""
    return surveys.asked(enrolment or class_.lan, class_.lessons["survey"])


def questions(class_):
    return [question["id"] for question in form_of(class_)["questions"]]


def respond(class_, *, satisfaction="5", words="Bài giảng rất rõ", enrolment=None):
    form = form_of(class_, enrolment)
    scale, text = (question["id"] for question in form["questions"])
    with clock.at(moment("16:00")):
        return surveys.respond(
            enrolment or class_.lan,
            lesson=class_.lessons["survey"],
            answers={scale: satisfaction, text: words},
            shown=promised.mark(form),
        )


def test_an_anonymous_answer_holds_neither_person_nor_time(class_):
    receipt = respond(class_)

    row = SurveyResponse.objects.get()
    assert row.enrolment is None
    assert not [field.name for field in row._meta.fields if "Date" in type(field).__name__]
    assert list(row.answers.values()) == [5, "Bài giảng rất rõ"]
    assert receipt.enrolment == class_.lan
    assert LessonProgress.objects.get(enrolment=class_.lan).met_at


def named(cast):
    """A class whose survey keeps names."""
    with clock.at(moment("08:00")):
        return live.Class(cast, kinds=("survey",), anonymous=False)


def test_a_survey_with_names_says_whose_answer_it_is(cast):
    class_ = named(cast)

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


def filled(page, *, satisfaction="4", words="Cần thêm thực hành") -> dict:
    """What a browser sends of the form on *page*."""
    assert page.status_code == 200
    html = page.content.decode()
    sent = dict(re.findall(r'<input type="hidden" name="(form)" value="([^"]*)"', html))
    scales = set(re.findall(r'type="radio" name="(q-\d+)"', html))
    texts = set(re.findall(r'<textarea id="q-\d+" name="(q-\d+)"', html))
    return sent | dict.fromkeys(scales, satisfaction) | dict.fromkeys(texts, words)


def test_the_form_works_without_scripts(class_, cast):
    client = cast.client(cast.lan)
    sent = filled(client.get(page_of(class_)))

    answer = client.post(page_of(class_), sent)

    assert answer.status_code == 302
    assert SurveyReceipt.objects.count() == 1
    assert client.get(page_of(class_)).status_code == 302


def test_a_refused_form_keeps_what_was_written(class_, cast):
    client = cast.client(cast.lan)
    sent = filled(client.get(page_of(class_)), satisfaction="")

    page = client.post(page_of(class_), sent)

    assert page.status_code == 400
    assert "Cần thêm thực hành" in page.content.decode()
    assert not SurveyReceipt.objects.exists()


def test_nobody_else_answers_in_ones_place(class_, cast):
    for who in (cast.minh, cast.khanh, cast.hang, cast.admin):
        assert cast.client(who).get(page_of(class_)).status_code == 404
        assert cast.client(who).post(page_of(class_), {}).status_code == 404


# --- what was promised

ANONYMOUS = "Ẩn danh: câu trả lời được giữ không kèm tên"
NAMED = "Câu trả lời được giữ cùng tên anh/chị"


def promise(class_, *, anonymous: bool) -> None:
    """The survey itself is edited, after the version was frozen."""
    Survey.objects.filter(pk=class_.lessons["survey"].survey_id).update(is_anonymous=anonymous)


def move_to_next_version(class_) -> None:
    """The class goes on in the course as it stands now."""
    class_.course.releases.filter(state=Release.State.ISSUED).update(state=Release.State.SUPERSEDED)
    Run.objects.filter(pk=class_.run.pk).update(seats_taken=2)
    reason = "Phiếu khảo sát được thẩm định lại"
    to = live.release(class_.course)
    moves.move(class_.run, to=to, by=class_.cast.hang.user, reason=reason, code="DQ-01-K1-V2")


def frozen_before(class_) -> None:
    """The version is one of those that were frozen before outlines held the form."""
    release = class_.run.release
    del release.outline[0]["questionnaire"]
    release.sha256 = digest(release.outline, release.policy)
    release.save()


def test_an_answer_stays_anonymous_although_the_survey_was_edited_since(class_, cast):
    promise(class_, anonymous=False)
    client = cast.client(cast.lan)
    page = client.get(page_of(class_))

    assert panel(None, class_.lan, class_.lessons["survey"], class_.run.release.outline[0])["anonymous"]
    assert ANONYMOUS in page.content.decode()
    assert client.post(page_of(class_), filled(page)).status_code == 302

    assert SurveyResponse.objects.get().enrolment is None


def test_making_a_survey_anonymous_later_is_no_breach_of_what_was_promised(cast):
    class_ = named(cast)
    respond(class_)

    promise(class_, anonymous=True)

    assert list(breaches("lms_courses.anonymous")) == []
    respond(class_, enrolment=class_.minh)
    assert SurveyResponse.objects.filter(enrolment=class_.minh).exists()


def test_a_name_beside_an_answer_that_was_promised_to_be_anonymous_is_found_whatever_the_survey_says_now(
    class_,
):
    respond(class_)
    SurveyResponse.objects.update(enrolment=class_.lan)
    promise(class_, anonymous=False)

    assert [name for name, _breach in breaches("lms_courses.anonymous")] == ["lms_courses.anonymous"]


def test_what_is_asked_is_what_was_appraised(class_, cast):
    survey = class_.lessons["survey"].survey
    survey.questions.filter(kind="scale").update(text_vi="Giảng viên có đúng giờ không")
    survey.questions.filter(kind="text").delete()
    client = cast.client(cast.lan)
    page = client.get(page_of(class_))

    assert "Mức hài lòng chung" in page.content.decode()
    assert "Giảng viên có đúng giờ" not in page.content.decode()
    assert client.post(page_of(class_), filled(page)).status_code == 302

    assert sorted(map(str, SurveyResponse.objects.get().answers.values())) == ["4", "Cần thêm thực hành"]


def test_whoever_is_moved_between_reading_and_sending_reads_the_new_promise_before_anything_is_kept(
    class_, cast
):
    client = cast.client(cast.lan)
    sent = filled(client.get(page_of(class_)))
    promise(class_, anonymous=False)
    move_to_next_version(class_)

    again = client.post(page_of(class_), sent)

    assert again.status_code == 409
    assert NAMED in again.content.decode()
    assert "Cần thêm thực hành" in again.content.decode()
    assert not SurveyReceipt.objects.exists()
    assert not SurveyResponse.objects.exists()
    again.status_code = 200
    assert client.post(page_of(class_), filled(again)).status_code == 302
    assert SurveyResponse.objects.get().enrolment == class_.lan


@pytest.mark.parametrize("shown", ["", "khác"])
def test_answers_to_a_form_that_nobody_was_shown_are_not_kept(class_, shown):
    with pytest.raises(SurveyChanged):
        surveys.respond(class_.lan, lesson=class_.lessons["survey"], answers={}, shown=shown)

    assert not SurveyReceipt.objects.exists()


def test_a_version_frozen_without_the_form_follows_the_survey_but_never_behind_the_learners_back(
    class_, cast
):
    frozen_before(class_)
    client = cast.client(cast.lan)
    first = client.get(page_of(class_))
    promise(class_, anonymous=False)

    again = client.post(page_of(class_), filled(first))

    assert ANONYMOUS in first.content.decode()
    assert (again.status_code, NAMED in again.content.decode()) == (409, True)
    assert not SurveyResponse.objects.exists()
