"""The pages of a test, with scripts off: one question at a time, a plain form, the server's clock."""

import json
import re

import pytest
from django.urls import reverse

from content.actions import approve_question
from courses.actions import attempts
from courses.models import Attempt, AttemptAnswer
from lms import clock
from tests.factories import live
from tests.factories.live import moment


@pytest.fixture
def class_(cast):
    with clock.at(moment("08:00")):
        return live.Class(cast, kinds=("quiz",))


@pytest.fixture
def attempt(class_):
    with clock.at(moment("14:00")):
        return attempts.start(class_.lan, lesson=class_.lessons["quiz"], by=class_.cast.lan.user)


@pytest.fixture
def lan(cast):
    return cast.client(cast.lan)


def url(name, *args):
    return reverse(f"lms_courses:{name}", args=args)


def right(attempt, slot):
    return next(item["key"] for item in attempt.frozen if item["slot"] == slot)


def answer_all(attempt, hour="14:05"):
    with clock.at(moment(hour)):
        for item in attempt.frozen:
            attempts.save_answer(attempt, slot=item["slot"], value=item["key"])


def test_a_test_begins_by_post(lan, class_):
    with clock.at(moment("14:00")):
        answer = lan.post(url("start_attempt", class_.lan.pk, class_.lessons["quiz"].pk))

    attempt = Attempt.objects.get()
    assert answer.url == url("attempt", attempt.pk)
    assert lan.get(url("start_attempt", class_.lan.pk, class_.lessons["quiz"].pk)).status_code == 405


def test_a_test_that_cannot_begin_says_why(lan, class_):
    for _ in range(3):
        with clock.at(moment("14:00")):
            row = attempts.start(class_.lan, lesson=class_.lessons["quiz"], by=class_.cast.lan.user)
            attempts.submit(row, nonce=row.nonce)

    answer = lan.post(url("start_attempt", class_.lan.pk, class_.lessons["quiz"].pk))

    assert answer.status_code == 409
    assert Attempt.objects.count() == 3


def test_one_question_is_shown_and_its_post_saves_and_goes_on(lan, attempt):
    with clock.at(moment("14:05")):
        page = lan.get(url("attempt", attempt.pk) + "?q=2").content.decode()
        answer = lan.post(url("attempt", attempt.pk), {"q": "2", "a2": right(attempt, 2)[0], "go": "next"})

    assert page.count("<section") == 4
    assert len(re.findall(r'<section data-slot="\d"\s*>', page)) == 1
    assert answer.url == url("attempt", attempt.pk) + "?q=3"
    assert AttemptAnswer.objects.get().value == right(attempt, 2)


@pytest.mark.parametrize(("go", "slot"), [("previous", 1), ("4", 4), ("²", 2), ("đ", 2), ("", 2), ("-1", 2)])
def test_a_button_leads_to_the_question_it_names_or_stays(lan, attempt, go, slot):
    with clock.at(moment("14:05")):
        answer = lan.post(url("attempt", attempt.pk), {"q": "2", "a2": right(attempt, 2)[0], "go": go})

    assert answer.url == url("attempt", attempt.pk) + f"?q={slot}"
    assert AttemptAnswer.objects.get().slot == 2


def test_the_page_shows_what_was_chosen_before(lan, attempt):
    with clock.at(moment("14:05")):
        attempts.save_answer(attempt, slot=1, value=right(attempt, 1))
        page = lan.get(url("attempt", attempt.pk)).content.decode()

    assert f'value="{right(attempt, 1)[0]}" checked' in page
    assert page.count(" checked") == 1
    assert "14:05:00" in page


def test_a_plain_form_saves_only_the_question_it_stands_at(lan, attempt):
    """An old tab still holds old answers to the other questions."""
    with clock.at(moment("14:05")):
        lan.post(
            url("attempt", attempt.pk), {"q": "1", "a1": right(attempt, 1)[0], "a2": right(attempt, 2)[0]}
        )

    assert AttemptAnswer.objects.get().slot == 1


def test_the_last_question_leads_to_the_review_and_that_to_the_result(lan, attempt):
    with clock.at(moment("14:05")):
        answer = lan.post(url("attempt", attempt.pk), {"q": "4", "a4": right(attempt, 4)[0], "go": "next"})
        assert answer.url == url("review", attempt.pk)
        page = lan.get(answer.url)
        done = lan.post(url("submit", attempt.pk), {"nonce": attempt.nonce})

    assert len(page.context["unanswered"]) == 3
    assert done.url == url("result", attempt.pk)
    assert lan.get(url("attempt", attempt.pk)).url == url("result", attempt.pk)
    assert lan.get(url("review", attempt.pk)).url == url("result", attempt.pk)


def test_an_answer_after_the_deadline_gets_a_plain_message(lan, attempt):
    with clock.at(moment("14:25:01")):
        answer = lan.post(url("attempt", attempt.pk), {"q": "1", "a1": right(attempt, 1)[0]})
        review = lan.get(url("review", attempt.pk))

    assert answer.status_code == 409
    assert review.context["is_over"]
    assert not AttemptAnswer.objects.exists()


@pytest.mark.parametrize("value", ["0000dead", "<script>", "1' OR 1=1"])
def test_a_foreign_option_gets_a_plain_message_and_writes_nothing(lan, attempt, value):
    with clock.at(moment("14:05")):
        answer = lan.post(url("attempt", attempt.pk), {"q": "1", "a1": value})

    assert answer.status_code == 400
    assert not AttemptAnswer.objects.exists()


def autosave(client, attempt, body, hour="14:05"):
    with clock.at(moment(hour)):
        return client.post(
            url("answers", attempt.pk),
            body if isinstance(body, bytes) else json.dumps(body),
            content_type="application/json",
            headers={"Accept": "application/json"},
        )


def test_autosave_answers_with_the_servers_time_and_the_seconds_left(lan, attempt):
    answer = autosave(lan, attempt, {"slot": 1, "value": right(attempt, 1), "seq": 3}, "14:03:21")

    value = right(attempt, 1)
    assert answer.json() == {"saved": "14:03:21", "value": value, "seq": 3, "left": 1299}


@pytest.mark.parametrize("seq", [1, 10], ids=["an older one", "one of the same number"])
def test_autosave_answers_with_the_answer_that_stands(lan, attempt, seq):
    autosave(lan, attempt, {"slot": 1, "value": right(attempt, 1), "seq": 10})
    other = next(one["id"] for one in attempt.frozen[0]["options"] if one["id"] not in right(attempt, 1))

    answer = autosave(lan, attempt, {"slot": 1, "value": [other], "seq": seq}).json()

    assert (answer["value"], answer["seq"]) == (right(attempt, 1), 10)
    assert AttemptAnswer.objects.get().value == right(attempt, 1)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"null",
        b'{"slot": 1}',
        b'{"slot": "1", "value": [], "seq": 1}',
        b'{"slot": true, "value": [], "seq": 1}',
        b'{"slot": 1, "value": "x", "seq": 1}',
        b'{"slot": 1, "value": [[1]], "seq": 1}',
        b'{"slot": 99, "value": [], "seq": 1}',
        b'{"slot": 1, "value": [], "seq": -5}',
        b'{"slot": 1, "value": [], "seq": 1e99}',
        b"[" * 50_000,
        b'{"slot": 1, "value": ["' + b"x" * 70_000 + b'"], "seq": 1}',
        b"\xff\xfe",
    ],
)
def test_autosave_refuses_what_no_page_sends(lan, attempt, body):
    assert autosave(lan, attempt, body).status_code == 400
    assert not AttemptAnswer.objects.exists()


def test_autosave_refuses_a_form(cast, attempt):
    # A form is read by the protection against forged requests, which the test client leaves out unless asked.
    lan = cast.client(cast.lan)
    lan.handler.enforce_csrf_checks = True
    token = "a" * 32
    lan.cookies["csrftoken"] = token

    answer = lan.post(url("answers", attempt.pk), {"slot": "1", "csrfmiddlewaretoken": token})

    assert answer.status_code == 400
    assert not AttemptAnswer.objects.exists()


def test_autosave_after_the_deadline_says_where_to_go(lan, attempt):
    answer = autosave(lan, attempt, {"slot": 1, "value": [], "seq": 1}, "14:26")

    assert answer.status_code == 409
    assert answer.json()["url"] == url("review", attempt.pk)


def test_handing_in_takes_along_what_was_not_sent(lan, attempt):
    pending = json.dumps([{"slot": 1, "value": right(attempt, 1), "seq": 4}])

    with clock.at(moment("14:10")):
        lan.post(url("submit", attempt.pk), {"nonce": attempt.nonce, "pending": pending})

    attempt.refresh_from_db()
    assert attempt.result["right"] == 1


@pytest.mark.parametrize(
    "pending",
    [
        "{",
        "[1]",
        '[{"slot": 1}]',
        '[{"slot": "x", "value": [], "seq": 1}]',
        '[{"slot": 1e999, "value": [], "seq": 1}]',
        '[{"slot": 1, "value": [], "seq": 1e999}]',
        '[{"slot": "²", "value": [], "seq": 1}]',
        "7",
    ],
)
def test_handing_in_with_spoilt_answers_hands_nothing_in(lan, attempt, pending):
    with clock.at(moment("14:10")):
        answer = lan.post(url("submit", attempt.pk), {"nonce": attempt.nonce, "pending": pending})

    assert answer.status_code == 400
    attempt.refresh_from_db()
    assert attempt.state == "open"


@pytest.mark.parametrize("nonce", ["", "đ", "0" * 5000])
def test_handing_in_another_attempt_hands_nothing_in(lan, attempt, nonce):
    with clock.at(moment("14:10")):
        answer = lan.post(url("submit", attempt.pk), {"nonce": nonce})

    assert answer.status_code == 409
    attempt.refresh_from_db()
    assert attempt.state == "open"


def test_handing_in_twice_leads_to_the_same_result(lan, attempt):
    answer_all(attempt)
    with clock.at(moment("14:10")):
        first = lan.post(url("submit", attempt.pk), {"nonce": attempt.nonce})
        again = lan.post(url("submit", attempt.pk), {"nonce": attempt.nonce})

    assert first.url == again.url


# --- what nobody may see


def test_nobody_else_sees_an_attempt(cast, attempt):
    for who in (cast.minh, cast.khanh, cast.ung, cast.hang, cast.ha, cast.admin):
        client = cast.client(who)
        for name in ("attempt", "review", "result"):
            assert client.get(url(name, attempt.pk)).status_code == 404
        for name in ("attempt", "answers", "submit"):
            assert client.post(url(name, attempt.pk), {"nonce": attempt.nonce}).status_code == 404
    attempt.refresh_from_db()
    assert attempt.state == "open"


def test_a_visitor_is_asked_to_sign_in(client, attempt):
    assert "/login/" in client.get(url("attempt", attempt.pk)).url


def pages(client, attempt):
    """Every page before the review, without what differs at each request."""
    with clock.at(moment("14:06")):
        found = [client.get(url("attempt", attempt.pk) + f"?q={slot}").content for slot in (1, 2, 3, 4)]
        found.append(client.get(url("review", attempt.pk)).content)
        found.append(
            client.post(
                url("answers", attempt.pk),
                json.dumps({"slot": 1, "value": [attempt.frozen[0]["options"][0]["id"]], "seq": 1}),
                content_type="application/json",
            ).content
        )
    return [re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", page) for page in found]


def test_every_page_is_byte_for_byte_the_same_whichever_option_is_right(lan, attempt):
    seen = set()
    for option in range(4):
        frozen = attempt.frozen
        for item in frozen:
            item["key"] = [item["options"][option]["id"]]
            item["why"] = {"vi": f"Vì sao {option}" * option, "en": ""}
            item["cite"] = [f"QĐ {option}"] * option
        Attempt.objects.filter(pk=attempt.pk).update(frozen=frozen)
        AttemptAnswer.objects.all().delete()
        seen.add(tuple(pages(lan, attempt)))

    assert len(seen) == 1


def test_explanations_are_not_sent_before_the_result(lan, attempt):
    for page in pages(lan, attempt):
        assert "bí mật" not in page.decode()


# --- afterwards


def result_page(lan, attempt, *, correct):
    with clock.at(moment("14:05")):
        for item in attempt.frozen[:correct]:
            attempts.save_answer(attempt, slot=item["slot"], value=item["key"])
        attempts.submit(attempt, nonce=attempt.nonce)
    return lan.get(url("result", attempt.pk))


def test_a_question_that_no_clinician_reviewed_says_so_in_the_test_and_in_its_result(lan, class_, cast):
    said = "chưa được chuyên gia duyệt"
    approve_question(class_.lessons["quiz"].quiz.slots.first().question, version=1, by=cast.thang.user)
    with clock.at(moment("14:05")):
        attempt = attempts.start(class_.lan, lesson=class_.lessons["quiz"], by=cast.lan.user)
        page = lan.get(url("attempt", attempt.pk)).content.decode()
    answer_all(attempt)
    with clock.at(moment("14:10")):
        attempts.submit(attempt, nonce=attempt.nonce)

    assert page.count(said) == 3
    assert lan.get(url("result", attempt.pk)).content.decode().count(said) == 3


def test_a_review_during_the_test_does_not_change_the_page_that_was_shown(lan, class_, attempt, cast):
    said = "chưa được chuyên gia duyệt"
    approve_question(class_.lessons["quiz"].quiz.slots.first().question, version=1, by=cast.thang.user)

    with clock.at(moment("14:05")):
        assert lan.get(url("attempt", attempt.pk)).content.decode().count(said) == 4


def test_after_passing_each_answer_is_explained(lan, attempt):
    page = result_page(lan, attempt, correct=3)

    assert page.context["reveals"]
    assert page.content.decode().count("bí mật") == 4


def test_while_attempts_are_left_a_failed_test_reveals_nothing(lan, attempt):
    page = result_page(lan, attempt, correct=1)

    assert not page.context["reveals"]
    assert "bí mật" not in page.content.decode()
    assert page.context["may_try_again"]


@pytest.mark.parametrize(("policy", "correct", "reveals"), [("always", 0, True), ("never", 4, False)])
def test_the_policy_of_the_test_decides_what_is_shown(lan, cast, policy, correct, reveals):
    with clock.at(moment("08:00")):
        class_ = live.Class(cast, kinds=("quiz",), review=policy)
    with clock.at(moment("14:00")):
        attempt = attempts.start(class_.lan, lesson=class_.lessons["quiz"], by=cast.lan.user)

    assert result_page(lan, attempt, correct=correct).context["reveals"] is reveals


def test_the_result_names_what_is_left_before_the_certificate(cast):
    with clock.at(moment("08:00")):
        class_ = live.Class(cast, kinds=("quiz", "survey"))
        attempt = attempts.start(class_.lan, lesson=class_.lessons["quiz"], by=cast.lan.user)
        for item in attempt.frozen:
            attempts.save_answer(attempt, slot=item["slot"], value=item["key"])
        attempts.submit(attempt, nonce=attempt.nonce)

    page = cast.client(cast.lan).get(url("result", attempt.pk))

    assert [one["title"] for one in page.context["todo"]] == ["Bài 2"]


def test_the_pages_of_a_test_stay_light(lan, attempt):
    page = lan.get(url("attempt", attempt.pk)).content

    assert len(page) < 30_000
