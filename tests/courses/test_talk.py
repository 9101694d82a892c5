"""Questions below a lesson: asked once, answered by the expert, without patients, within one class."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from courses import discretion
from courses.actions import talk
from courses.actions.talk import TalkRefused
from courses.models import Announcement, Enrolment, Post, PostReport, ThreadLock
from lms import queue
from lms.models import Message
from tests.factories.programme import programme_a, programme_b

QUESTION = "Người bệnh nữ 60 tuổi, yếu tay phải đã 3 giờ: có chuyển tuyến ngay không ạ?"


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Both hospitals with a class each; Lan learns at A, Minh at B."""
    from tests.cast import Cast
    from tests.databases import fresh

    with django_db_blocker.unblock(), fresh("talk"):
        cast = Cast()
        a, b = programme_a(cast), programme_b(cast)
        a.mine, b.mine = a.enrol(cast.lan), b.enrol(cast.minh)
        a.other = a.enrol(cast.khanh)
        yield cast, a, b


@pytest.fixture
def here(world, db):
    return world


@pytest.fixture
def a(here):
    return here[1]


def lesson(programme):
    return programme.lessons["pretest"]


def ask(programme, text=QUESTION, **more):
    how = {"lesson": lesson(programme), "text": text, "token": uuid.uuid4()} | more
    return talk.ask(programme.mine, **how)


def answer(programme, question, by, text="Có, gọi 115 và chuyển ngay."):
    return talk.answer(question, text=text, token=uuid.uuid4(), by=by.user)


def address(name, *args):
    return reverse(f"lms_courses:{name}", args=args)


# --- what must not stand there


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Gọi cho em 0912 345 678 nhé", ["0912 345 678"]),
        ("CCCD 012345678901 của người bệnh", ["012345678901"]),
        ("Bà Hạnh vào viện lúc 2 giờ", ["Bà Hạnh"]),
        ("Bệnh nhân sinh năm 1958", ["sinh năm 1"]),
        ("Mã bệnh nhân: 22-0917", ["Mã bệnh nhân: 22-0917"]),
    ],
)
def test_what_tells_who_a_patient_is_is_found(text, found):
    assert discretion.telling(text) == found


@pytest.mark.parametrize(
    "text",
    [
        QUESTION,
        "Theo Quyết định 5331/QĐ-BYT ngày 23/12/2020 thì sao ạ?",
        "Cảm ơn anh Ưng đã giải thích",
        "Huyết áp 180/110, NIHSS 12, đường huyết 9,8",
    ],
)
def test_what_tells_of_no_patient_may_stand(text):
    assert discretion.telling(text, known=["Đặng Quốc Ưng"]) == []


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=3))
def test_naming_more_people_of_the_class_never_finds_more(text, known):
    assert set(discretion.telling(text, known=known)) <= set(discretion.telling(text))


def test_an_office_may_write_where_to_call_it():
    assert discretion.telling("Liên hệ 0912 345 678", allowed=discretion.HOTLINE) == []


# --- asking and answering


def test_a_question_is_asked_once_and_the_trainers_are_told(here, a):
    token = uuid.uuid4()

    first, again = ask(a, token=token), ask(a, token=token)

    assert first == again
    told = Message.objects.filter(event="question-asked")
    assert {one.person_id for one in told} == {one.pk for one in talk.trainers_of(a.course)}
    # It may travel by mail: that somebody asked, not what.
    assert all("60 tuổi" not in one.body for one in told)


def test_a_question_that_names_a_patient_is_not_kept_and_says_why(here, a):
    with pytest.raises(TalkRefused, match="Bà Hạnh"):
        ask(a, "Bà Hạnh đau đầu từ sáng, xử trí thế nào ạ?")
    assert not Post.objects.exists()


@pytest.mark.parametrize("text", ["", "   ", "ạ?", "x" * 2001])
def test_too_little_and_too_much_is_refused(here, a, text):
    with pytest.raises(TalkRefused):
        ask(a, text)


def test_who_left_the_class_writes_no_more(here, a):
    Enrolment.objects.filter(pk=a.mine.pk).update(state="withdrawn")
    gone = Enrolment.objects.select_related("run__release", "person").get(pk=a.mine.pk)

    with pytest.raises(TalkRefused):
        talk.ask(gone, lesson=lesson(a), text=QUESTION, token=uuid.uuid4())


def test_the_answer_of_the_trainer_is_the_experts_and_the_asker_is_told(here, a):
    cast = here[0]
    question = ask(a)
    assert list(Post.objects.unanswered()) == [question]

    reply = answer(a, question, cast.ung)

    assert reply.marked_at
    assert reply.by_staff
    assert not Post.objects.unanswered().exists()
    told = Message.objects.get(event="question-answered")
    assert told.person == cast.lan
    assert "115" not in told.body


def test_a_question_has_one_expert_answer_the_last_that_was_marked(here, a):
    cast, question = here[0], ask(a)
    first, second = answer(a, question, cast.ung), answer(a, question, cast.ung, "Chuyển ngay, xem phác đồ.")

    assert list(Post.objects.exclude(marked_at=None)) == [second]
    talk.mark(first, by=cast.ung.user)
    assert list(Post.objects.exclude(marked_at=None)) == [first]


def test_what_a_learner_writes_below_is_no_answer_until_it_is_marked(here, a):
    question = ask(a)
    below = talk.ask(
        a.other, lesson=lesson(a), text="Bên em cũng hay gặp ạ.", token=uuid.uuid4(), below=question
    )
    assert question in Post.objects.unanswered()

    talk.mark(below, by=here[0].ung.user)
    assert question not in Post.objects.unanswered()


def test_nothing_is_written_below_what_stands_below(here, a):
    reply = answer(a, ask(a), here[0].ung)

    with pytest.raises(TalkRefused):
        ask(a, "Em cảm ơn ạ", below=reply)


# --- keeping order


def test_what_is_hidden_is_gone_for_the_class_and_its_author_reads_why(here, a):
    cast, question = here[0], ask(a)
    talk.report(question, person=cast.khanh, reason="Có thể nhận ra người bệnh")

    talk.hide(question, by=cast.ung.user, reason="Nêu rõ xã của người bệnh")

    assert not Post.objects.shown().exists()
    assert "Nêu rõ xã" in Message.objects.get(event="post-hidden").body
    assert not PostReport.objects.filter(settled_at=None).exists()


def test_nothing_is_hidden_without_a_reason(here, a):
    with pytest.raises(TalkRefused):
        talk.hide(ask(a), by=here[0].ung.user, reason=" ")


def test_a_post_is_reported_once_by_each(here, a):
    question = ask(a)
    for _ in range(2):
        talk.report(question, person=here[0].khanh, reason="Lạc đề quá")

    assert PostReport.objects.count() == 1


def test_a_closed_thread_holds_learners_back_and_not_trainers(here, a):
    cast, question = here[0], ask(a)
    talk.lock(a.run, lesson=lesson(a), by=cast.ung.user, reason="Đã thảo luận đủ")

    with pytest.raises(TalkRefused):
        ask(a, "Em hỏi thêm một câu ạ")
    answer(a, question, cast.ung)
    talk.unlock(a.run, lesson=lesson(a), by=cast.ung.user)
    assert not ThreadLock.objects.exists()
    ask(a, "Em hỏi thêm một câu ạ")


# --- announcements


def test_an_announcement_reaches_who_learns_in_the_class_once(here, a):
    cast, token = here[0], uuid.uuid4()
    for _ in range(2):
        made = talk.announce(
            a.run,
            title="Đổi phòng học",
            text="Từ thứ Năm học ở hội trường B.\nGọi 0912 345 678.",
            by=cast.ung.user,
            token=token,
        )
    queue.run_due()
    talk.spread(made)

    told = Message.objects.filter(event="announcement")
    assert {one.person for one in told} == {cast.lan, cast.khanh}
    assert told.first().body == "Từ thứ Năm học ở hội trường B.\nGọi 0912 345 678."
    assert Announcement.objects.count() == 1


def test_an_announcement_that_names_a_patient_is_refused(here, a):
    with pytest.raises(TalkRefused, match="Ông Tâm"):
        talk.announce(
            a.run, title="Ca bệnh", text="Ông Tâm sẽ được hội chẩn.", by=here[0].ung.user, token=uuid.uuid4()
        )


# --- screens


def test_a_question_goes_by_a_form_without_script_and_stands_on_the_lesson(here, a):
    client = here[0].client(here[0].lan)
    url = address("ask", a.mine.pk, lesson(a).pk)

    sent = client.post(url, {"text": QUESTION, "token": uuid.uuid4()}, follow=True)

    assert QUESTION in sent.content.decode()
    assert Post.objects.get().person == here[0].lan


def test_what_was_refused_stays_in_the_field(here, a):
    client = here[0].client(here[0].lan)
    text = "Bà Hạnh ở thôn 3 đau đầu, xử trí ra sao?"

    answer_ = client.post(address("ask", a.mine.pk, lesson(a).pk), {"text": text, "token": uuid.uuid4()})

    assert answer_.status_code == 400
    assert answer_.content.decode().count(text) == 1
    assert "“Bà Hạnh”" in answer_.content.decode()


def test_an_eleventh_post_within_the_hour_waits(here, a):
    client = here[0].client(here[0].lan)
    url = address("ask", a.mine.pk, lesson(a).pk)
    codes = [
        client.post(url, {"text": f"Câu hỏi thứ {n} ạ?", "token": uuid.uuid4()}).status_code
        for n in range(11)
    ]

    assert codes == [302] * 10 + [429]


def test_another_class_neither_reads_nor_writes_nor_reports(here, a):
    cast, _a, b = here
    question = ask(a)
    client = cast.client(cast.minh)

    assert client.get(address("thread", a.mine.pk, lesson(a).pk)).status_code == 404
    assert QUESTION not in client.get(address("thread", b.mine.pk, lesson(b).pk)).content.decode()
    for name in ("report_post", "take_post_back"):
        assert client.post(address(name, b.mine.pk, question.pk), {"reason": "xxxxx"}).status_code == 404
    below = {"text": QUESTION, "token": uuid.uuid4(), "below": question.pk}
    assert client.post(address("ask", b.mine.pk, lesson(b).pk), below).status_code == 404


def test_one_takes_back_ones_own_and_nobody_elses(here, a):
    cast, question = here[0], ask(a)

    other = cast.client(cast.khanh).post(address("take_post_back", a.other.pk, question.pk))
    own = cast.client(cast.lan).post(address("take_post_back", a.mine.pk, question.pk))

    assert (other.status_code, own.status_code) == (404, 302)
    assert not Post.objects.shown().exists()
    assert not Message.objects.filter(event="post-hidden").exists()


def test_the_desk_of_the_trainer_shows_what_waits_and_answers_it(here, a):
    cast, question = here[0], ask(a)
    client = cast.client(cast.ung)
    desk = reverse("lms_courses_admin:talk", args=[a.course.pk])
    assert QUESTION in client.get(desk).content.decode()

    refused = client.post(
        reverse("lms_courses_admin:answer", args=[question.pk]),
        {"text": "Gọi em 0912 345 678", "expert": "1"},
    )
    assert refused.status_code == 422
    assert "Gọi em 0912 345 678" in refused.content.decode()
    client.post(
        reverse("lms_courses_admin:answer", args=[question.pk]), {"text": "Có, chuyển ngay.", "expert": "1"}
    )
    assert Post.objects.get(parent=question).marked_by == cast.ung.user


def test_the_trainer_of_another_hospital_finds_nothing(here, a):
    cast, question = here[0], ask(a)
    client = cast.client(cast.hoa)

    assert client.get(reverse("lms_courses_admin:talk", args=[a.course.pk])).status_code == 404
    for name in ("answer", "moderate"):
        assert client.post(reverse(f"lms_courses_admin:{name}", args=[question.pk])).status_code == 404


def test_a_thread_of_twenty_costs_no_more_queries_than_one_of_two(here, a):
    client, counts = here[0].client(here[0].lan), []
    url = address("thread", a.mine.pk, lesson(a).pk)
    client.get(url)  # what is read once for the site
    for numbers in (range(2), range(2, 20)):
        for number in numbers:
            answer(a, ask(a, f"Câu hỏi thứ {number} ạ?"), here[0].ung)
        with CaptureQueriesContext(connection) as counted:
            body = client.get(url).content
        counts.append(len(counted))
    assert counts[0] == counts[1]
    assert len(body) < 60_000
