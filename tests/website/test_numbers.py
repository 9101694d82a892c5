"""A number or a sign that no database holds is sent: nothing is there, nothing is written, and nothing breaks."""

import pytest
from django.db import DataError, connection
from django.http import HttpResponse
from django.urls import reverse

from courses.models import SurveyResponse
from lms import clock
from tests.courses.test_surveys import filled
from tests.factories import live
from tests.factories.live import moment
from tests.website.test_accounts import sign_up
from website.middleware import impossible_numbers


@pytest.mark.parametrize("key", ["owner", "edited_by"])
def test_a_filter_of_the_page_list_by_an_impossible_number_finds_nothing(cast, key):
    client = cast.client(cast.admin)
    client.raise_request_exception = False

    # PostgreSQL compares with any number and finds nothing; SQLite cannot take it.
    wanted = 404 if connection.vendor == "sqlite" else 200
    assert client.get("/admin/pages/", {key: "9" * 30}).status_code == wanted
    assert client.get("/admin/pages/", {key: cast.admin.user.pk}).status_code == 200


@pytest.mark.parametrize("fault", [OverflowError("x"), DataError("x")])
def test_only_a_number_that_was_asked_for_is_taken_for_the_reason(db, rf, fault):
    guard = impossible_numbers(lambda request: HttpResponse())

    assert guard.process_exception(rf.get("/?n=1"), fault) is None
    assert guard.process_exception(rf.get("/?n=99999999999"), ValueError("x")) is None
    assert guard.process_exception(rf.get("/?n=99999999999"), fault).status_code == 404


# --- NUL, which PostgreSQL keeps in no text


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("/accounts/workplaces/", {"q": "bac ha\0"}),
        ("/accounts/workplaces/", {"q\0": "bac ha"}),
        ("/accounts/workplaces/", {"q": ["bac", "\0"]}),
        ("/V/ABCD%00EFGH", {}),
        ("/khoa-hoc%00/", {}),
    ],
)
def test_an_address_with_nul_is_refused_in_plain_words(client, cast, address, asked):
    answer = client.get(address, asked)

    assert answer.status_code == 400
    assert "không đọc được yêu cầu" in answer.text
    assert client.get(address.replace("%00", ""), {"q": "bac ha"}).status_code != 400


@pytest.mark.parametrize("name", ["sessionid", "lms_phone", "csrftoken"])
def test_a_cookie_with_nul_is_refused(client, db, name):
    # In quotes, a backslash and three digits are a sign.
    answer = client.get(reverse("account_login"), headers={"cookie": f'{name}="{"a" * 32}\\000"'})

    assert answer.status_code == 400
    assert client.get(reverse("account_login"), headers={"cookie": f"{name}={'a' * 32}"}).status_code == 200


@pytest.mark.parametrize("field", ["workplace", "full_name", "username", "password1"])
def test_nobody_signs_up_with_nul(client, cast, field):
    assert sign_up(client, **{field: "Giàng A\0 Páo"}).status_code == 400


def test_an_answer_in_words_with_nul_is_refused_whole_and_the_same_without_is_kept(cast):
    with clock.at(moment("08:00")):
        class_ = live.Class(cast, kinds=("survey",))
    lesson = class_.lessons["survey"]
    client, address = cast.client(cast.lan), reverse("lms_courses:survey", args=[class_.lan.pk, lesson.pk])

    with clock.at(moment("16:00")):
        page = client.get(address)
        refused = client.post(address, filled(page, words="Cần thêm\0 thực hành"))
        before = SurveyResponse.objects.count()
        client.post(address, filled(page, words="Cần thêm thực hành"))

    assert (refused.status_code, before) == (400, 0)
    assert SurveyResponse.objects.count() == 1


@pytest.mark.parametrize("name", ["beat", "watched_offline"])
def test_a_view_that_reads_the_body_itself_still_can(client, db, name):
    """Looking at its form would have read it."""
    assert client.post(reverse(f"lms_courses:{name}"), {"token": "x"}).status_code == 400
