"""How people are told: in their language, as they wish, by day, few at a time, never twice, never in vain."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from lms import actions, clock, messages, queue
from lms.actions.templates import TemplateRefused, restore_words, write_words
from lms.events import DATA_REQUEST, Event, Kind, declare, find
from lms.letters import Letter
from lms.models import Job, Message, MessageWish, Person
from tests.factories.live import moment

State = Message.State
KEPT: list[tuple[str, str, str]] = []
DONE: set[int] = set()

PRAISE = declare(
    Event(
        key="test-praise",
        kind=Kind.REMINDER,
        title="Thử",
        subject="Chào {name}",
        text="Anh/chị {name} đã xong bài {lesson}.",
        short="Xong bài {lesson}",
        example={"name": "Lan", "lesson": "1"},
        still=lambda key: int(key.split(":")[1]) not in DONE,
    )
)


class Keeping:
    """A channel that keeps what it was given, or refuses while the mail server is gone."""

    is_gone = False

    def send(self, to, subject, text):
        if Keeping.is_gone:
            raise messages.NotSent("Máy chủ thư không trả lời")
        KEPT.append((to, subject, text))


@pytest.fixture(autouse=True)
def kept(settings):
    KEPT.clear()
    DONE.clear()
    Keeping.is_gone = False
    backend = {"BACKEND": "tests.lms.test_telling.Keeping"}
    settings.LMS_CHANNELS = {"email": backend, "sms": backend}
    settings.LMS_QUIET_HOURS = ("21:00", "06:00")
    settings.LMS_MESSAGE_LIMITS = {"email": 5, "sms": 2}
    return KEPT


@pytest.fixture
def lan(cast) -> Person:
    """Lan, who has an e-mail address."""
    Person.objects.filter(pk=cast.lan.pk).update(email="lan@example.vn")
    cast.lan.refresh_from_db()
    return cast.lan


def praise(person, number=1, **more):
    about = {"name": person.full_name, "lesson": str(number)}
    return messages.tell(person, "test-praise", key=f"praise:{number}:{person.pk}", about=about, **more)


def at(hour: str):
    return clock.at(moment(hour))


def work(hour: str) -> None:
    with at(hour):
        queue.run_due()


def states() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


# --- telling


def test_what_happens_is_read_on_the_site_at_once_and_leaves_afterwards(lan, kept):
    with at("09:00"):
        row = praise(lan)

    assert Message.objects.inbox(lan).get() == row
    assert (row.subject, row.body, row.state) == (
        "Chào Nguyễn Thị Lan",
        "Anh/chị Nguyễn Thị Lan đã xong bài 1.",
        State.QUEUED,
    )
    work("09:01")
    assert [one[0] for one in kept] == ["lan@example.vn"]
    assert states() == [State.SENT]


def test_a_fact_that_is_taken_back_tells_nobody(lan, kept):
    with transaction.atomic():
        praise(lan)
        transaction.set_rollback(True)

    assert not Message.objects.exists()
    assert not Job.objects.filter(kind="lms.message").exists()


def test_one_occasion_is_told_once(lan, kept):
    with at("09:00"):
        assert praise(lan) == praise(lan)
    work("09:01")

    assert len(kept) == 1


def test_people_are_told_in_their_own_language(lan, kept):
    lan.language = "en"
    lan.save()

    row = messages.tell(lan, "data-request", key="x:1", about={"right": "a copy", "state": "done"})

    assert row.subject == "Your request about your data"
    assert row.language == "en"


def test_a_merged_record_is_told_as_the_one_it_became_and_an_erased_one_not_at_all(cast, lan):
    Person.objects.filter(pk=cast.my.pk).update(state=Person.State.MERGED, merged_into=lan)
    gone = Person.objects.get(pk=cast.my.pk)
    assert praise(gone).person == lan

    Person.objects.filter(pk=cast.minh.pk).update(state=Person.State.ERASED)
    assert praise(Person.objects.get(pk=cast.minh.pk)) is None


def test_old_records_that_are_brought_in_are_no_news(lan):
    with messages.untold():
        assert messages.is_untold()
        assert praise(lan) is None
    assert not messages.is_untold()
    assert praise(lan)


def test_an_event_that_nobody_declared_is_a_fault_of_ours(lan):
    with pytest.raises(LookupError, match=r"events\.py"):
        messages.tell(lan, "no-such-event", key="x:1")


def test_telling_costs_the_same_whoever_is_told(lan, django_assert_max_num_queries):
    # PostgreSQL is asked for its time as well.
    with django_assert_max_num_queries(11 + (connection.vendor == "postgresql")):
        praise(lan)


# --- by day, few at a time


def test_what_happens_at_night_leaves_in_the_morning(lan, kept):
    with at("22:10"):
        praise(lan)
        queue.run_due()
    work("2026-11-25 05:59")
    assert kept == []

    work("2026-11-25 06:00")
    assert len(kept) == 1


def test_more_than_the_number_of_a_day_waits_for_the_next_morning(cast, kept):
    for number, hour in enumerate(["08:00", "09:00", "10:00", "11:00"]):
        with at(hour):
            praise(cast.lan, number)
            queue.run_due()
    assert [text for _to, _subject, text in kept] == ["Xong bài 0", "Xong bài 1"]

    work("23:00")
    assert len(kept) == 2
    work("2026-11-25 06:00")
    assert len(kept) == 3
    assert "2 tin mới" in kept[2][2]
    assert set(states()) == {State.SENT}


def test_the_law_is_not_held_back_by_the_number_of_a_day_but_by_the_night(cast, kept):
    for number, hour in enumerate(["08:00", "09:00"]):
        with at(hour):
            praise(cast.lan, number)
            queue.run_due()
    with at("10:00"):
        messages.tell(cast.lan, "data-request", key="r:1", about={"right": "bản sao", "state": "xong"})
        queue.run_due()
    assert len(kept) == 3

    with at("21:30"):
        messages.tell(cast.lan, "data-request", key="r:2", about={"right": "bản sao", "state": "xong"})
        queue.run_due()
    assert len(kept) == 3


def test_what_waits_for_one_person_leaves_together_and_counts_once(lan, kept):
    with at("09:00"):
        for number in range(3):
            praise(lan, number)
        queue.run_due()

    assert [(to, subject) for to, subject, _text in kept] == [("lan@example.vn", "Vươn Xa: 3 tin mới")]
    assert all(f"đã xong bài {number}" in kept[0][2] for number in range(3))
    assert states() == [State.SENT] * 3
    assert Message.objects.filter(handed_with=None).count() == 1


# --- as people wish


def test_what_somebody_switched_off_is_read_on_the_site_only(lan, kept):
    actions.mute(lan, Kind.REMINDER)

    with at("09:00"):
        row = praise(lan)
        messages.tell(lan, "data-request", key="r:1", about={"right": "bản sao", "state": "xong"})
        queue.run_due()

    assert (row.channel, row.state) == (Message.Channel.INBOX, State.SENT)
    assert [subject for _to, subject, _text in kept] == ["Yêu cầu của anh/chị về dữ liệu cá nhân"]


def test_switching_off_holds_for_what_is_waiting(lan, kept):
    with at("22:00"):
        praise(lan)
    actions.mute(lan, Kind.REMINDER)

    work("2026-11-25 07:00")
    assert kept == []
    assert Message.objects.inbox(lan).count() == 1


def test_nobody_can_switch_off_what_the_law_asks_for(lan):
    row = actions.wish(lan, muted=[*Kind.values, "no-such-kind"], via="inbox", daily=False)

    assert Kind.RIGHTS not in row.muted
    assert "no-such-kind" not in row.muted
    sent = messages.tell(lan, "data-request", key="r:1", about={"right": "bản sao", "state": "xong"})
    assert sent.channel == Message.Channel.EMAIL


@pytest.mark.parametrize(("via", "to"), [("", "lan@example.vn"), ("sms", "0912000111"), ("inbox", "")])
def test_people_choose_by_what(lan, via, to):
    actions.wish(lan, muted=[], via=via, daily=False)

    assert praise(lan).address == to


def test_once_a_day_is_once_a_day(lan, kept):
    actions.wish(lan, muted=[], via="", daily=True)
    for number, hour in enumerate(["08:00", "12:00", "2026-11-25 06:59"]):
        with at(hour):
            praise(lan, number)
            queue.run_due()
    assert kept == []

    work("2026-11-25 07:00")
    assert [subject for _to, subject, _text in kept] == ["Vươn Xa: 3 tin mới"]
    work("2026-11-26 07:00")
    assert len(kept) == 1


def test_a_reminder_of_what_was_done_meanwhile_is_not_sent_and_not_shown(lan, kept):
    with at("22:00"):
        praise(lan, 7)
    DONE.add(7)

    work("2026-11-25 07:00")
    assert (kept, states()) == ([], [State.DROPPED])
    assert not Message.objects.inbox(lan).exists()


# --- when the mail server is gone


def test_all_that_was_in_a_hand_over_that_failed_comes_once_the_server_is_back(lan, kept):
    Keeping.is_gone = True
    with at("09:00"):
        praise(lan, 1)
        praise(lan, 2)
        queue.run_due()
    assert set(states()) == {State.QUEUED}
    assert set(Message.objects.values_list("error", flat=True)) == {"Máy chủ thư không trả lời"}

    Keeping.is_gone = False
    work("10:00")
    assert set(states()) == {State.SENT}
    assert len(kept) == 1


def test_a_server_that_stays_away_leaves_a_plain_state(lan, kept):
    Keeping.is_gone = True
    with at("09:00"):
        row = praise(lan, 1)
    for day in range(messages.TRIES):
        with clock.at(moment("10:00") + timedelta(days=day)):
            queue.run_due()

    row.refresh_from_db()
    assert row.state == State.FAILED
    assert Message.objects.inbox(lan).get() == row


class Printing:
    """A channel whose hand-over another process can see."""

    def send(self, to, subject, text):
        print("handed over", text.count("đã xong bài"), flush=True)


def work_apart(times=1):
    """Run what is due in a process of its own, at nine in the morning."""
    from django.conf import settings

    backend = {"BACKEND": "tests.lms.test_telling.Printing"}
    settings.LMS_CHANNELS = {"email": backend, "sms": backend}
    with at("09:00"):
        for _time in range(times):
            queue.run_due()


def work_naively():
    """What must not be: half handed over is taken for not sent."""
    Message.objects.filter(state=State.SENDING).update(state=State.QUEUED, handed_with=None)
    work_apart(2)


@pytest.mark.race
@pytest.mark.parametrize("recover", [work_apart, work_naively])
def test_a_worker_killed_at_the_hand_over_of_several_sends_none_of_them_again(race_db, race_cast, recover):
    Person.objects.filter(pk=race_cast.lan.pk).update(email="lan@example.vn")
    lan = Person.objects.get(pk=race_cast.lan.pk)
    with at("08:59"):
        praise(lan, 1)
        praise(lan, 2)
    race_db.crash_at("message.handed_over", work_apart)
    assert states() == [State.SENDING] * 2

    Job.objects.update(lease_until=moment("08:59"))
    ended = race_db.run_python(recover, *([2] if recover is work_apart else []))

    assert ended.returncode == 0, ended.stderr
    if recover is work_naively:
        assert "handed over 2" in ended.stdout  # the same two, a second time
    else:
        assert "handed over" not in ended.stdout
        assert states() == [State.UNKNOWN] * 2


# --- words of an office


def test_an_office_writes_its_own_words_and_takes_them_back(cast, lan):
    letter = Letter("Gửi {state}", "Yêu cầu “{right}” nay {state}.", "")
    write_words(DATA_REQUEST, language="vi", letter=letter, by=cast.admin.user)
    about = {"right": "bản sao", "state": "xong"}
    assert messages.tell(lan, "data-request", key="r:1", about=about).subject == "Gửi xong"

    restore_words(DATA_REQUEST, language="vi")
    assert messages.tell(lan, "data-request", key="r:2", about=about).subject != "Gửi xong"


@pytest.mark.parametrize(
    "letter", [Letter("Chào {password}", "x"), Letter("", "x"), Letter("x", " "), Letter("x", "{user}")]
)
def test_words_that_name_what_the_event_does_not_know_are_refused(cast, letter):
    with pytest.raises(TemplateRefused):
        write_words(DATA_REQUEST, language="vi", letter=letter, by=cast.admin.user)


def test_every_event_names_only_places_that_it_fills_in_both_languages():
    from django.utils.translation import override

    from lms.events import every
    from lms.letters import filled, places

    found = list(every())
    assert len(found) > 12
    for one in found:
        for code in ("vi", "en"):
            with override(code):
                letter = Letter(str(one.subject), str(one.text), str(one.short))
                assert places(*vars(letter).values()) <= set(one.example), one.key
                said = filled(letter, {name: str(value) for name, value in one.example.items()})
                assert not places(said.subject, said.text, said.short), one.key
                assert len(said.short) <= 160, one.key


def test_the_editor_shows_tries_and_keeps(cast, settings):
    settings.LMS_CHANNELS = {"email": {"BACKEND": "lms.messages.Email"}}
    Person.objects.filter(pk=cast.admin.pk).update(email="quantri@example.vn")
    client = cast.client(cast.admin)
    url = reverse("lms-words:edit", args=["data-request", "vi"])
    words = {"subject": "Thử: {state}", "text": "Yêu cầu “{right}”: {state}.", "short": "{state}"}

    looked = client.post(url, words | {"do": "look"})
    assert "Thử: xong" in looked.content.decode() or "Thử: đã xong" in looked.content.decode()
    tried = client.post(url, words | {"do": "try"})
    assert tried.status_code == 200
    assert [one.to for one in mail.outbox] == [["quantri@example.vn"]]
    assert messages.words_of("data-request", "vi").subject != words["subject"]

    client.post(url, words | {"do": "save"})
    assert messages.words_of("data-request", "vi").subject == words["subject"]
    client.post(url, {"do": "restore"})
    assert messages.words_of("data-request", "vi").subject != words["subject"]


def test_a_refused_template_keeps_what_was_typed_and_says_why(cast):
    client = cast.client(cast.admin)
    url = reverse("lms-words:edit", args=["data-request", "vi"])

    answer = client.post(url, {"subject": "Chào {password}", "text": "Nội dung", "do": "save"})

    assert answer.status_code == 422
    assert "{password}" in answer.content.decode()
    assert find("data-request") is DATA_REQUEST


# --- reading, and the way out


def test_the_inbox_shows_ones_own_and_reading_is_a_press(cast, lan, client):
    with at("09:00"):
        mine, other = praise(lan), praise(cast.minh)
    client.force_login(lan.user)

    page = client.get(reverse("lms:inbox")).content.decode()
    assert "đã xong bài 1" in page
    assert other.body not in page
    assert Message.objects.inbox(lan).unread().count() == 1

    client.post(reverse("lms:opened", args=[mine.pk]))
    assert not Message.objects.inbox(lan).unread().exists()
    assert client.post(reverse("lms:opened", args=[other.pk])).status_code == 404


@pytest.mark.parametrize("url", ["https://xau.example/", "//xau.example/", "javascript:alert(1)"])
def test_a_message_never_leads_off_the_site(lan, client, url):
    row = messages.queue_message(lan, event="x", key="x", text="x", url=url)
    client.force_login(lan.user)

    assert client.post(reverse("lms:opened", args=[row.pk]))["Location"] == reverse("lms:inbox")


def test_a_hundred_messages_cost_no_more_queries_than_one(lan, client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(lan.user)
    counts = []
    for numbers in (range(1), range(1, 100)):
        for number in numbers:
            praise(lan, number)
        with CaptureQueriesContext(
            connection,
        ) as counted:
            body = client.get(reverse("lms:inbox")).content
        counts.append(len(counted))
        assert len(body) < 60_000
    assert counts[1] <= counts[0] + 1  # whether there is an older page


def test_the_link_of_a_mail_asks_and_only_a_press_switches_off(lan, client, kept):
    with at("09:00"):
        praise(lan)
        queue.run_due()
    link = kept[0][2].split("/messages/stop/")[1].split("/")[0]
    url = reverse("lms:stop", args=[link])

    assert client.get(url).status_code == 200
    assert not MessageWish.objects.exists()
    client.post(url)
    assert MessageWish.objects.get(person=lan).muted == [Kind.REMINDER]


def test_a_mail_programs_own_button_switches_off_by_one_click_without_a_login(lan, settings):
    settings.LMS_CHANNELS = {"email": {"BACKEND": "lms.messages.Email"}}
    settings.LMS_BASE_URL = "https://vuonxa.example"
    with at("09:00"):
        praise(lan)
        queue.run_due()
    letter = mail.outbox[0]
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = letter.extra_headers["List-Unsubscribe"]
    assert address.startswith("<https://vuonxa.example/")

    path = address.strip("<>").removeprefix("https://vuonxa.example")
    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert MessageWish.objects.get(person=lan).muted == [Kind.REMINDER]


def test_mail_that_the_law_asks_for_has_no_such_button(lan, settings):
    settings.LMS_CHANNELS = {"email": {"BACKEND": "lms.messages.Email"}}
    with at("09:00"):
        messages.tell(lan, DATA_REQUEST.key, key="data-request:1", about=DATA_REQUEST.example)
        queue.run_due()

    assert [m.extra_headers for m in mail.outbox] == [{}]


@pytest.mark.parametrize(
    "forge", [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: "abc", lambda t: t[:9]]
)
def test_a_forged_link_is_not_found(lan, client, forge):
    assert (
        client.post(reverse("lms:stop", args=[forge(messages.stop_token(lan, Kind.REMINDER))])).status_code
        == 404
    )
    assert not MessageWish.objects.exists()


def test_no_link_switches_off_what_the_law_asks_for(lan, client):
    token = messages.stop_token(lan, Kind.RIGHTS)

    assert client.post(reverse("lms:stop", args=[token])).status_code == 404


def test_wishes_are_kept_by_a_form_without_script(lan, client):
    client.force_login(lan.user)
    url = reverse("lms:wishes")
    assert client.get(url).status_code == 200

    client.post(url, {"kinds": ["learning", "session"], "via": "sms", "daily": "1"})
    row = MessageWish.objects.get(person=lan)
    assert set(row.muted) == {"reminder", "announcement", "question", "work"}
    assert (row.via, row.daily) == ("sms", True)
    assert client.post(url, {"kinds": ["rights-x"], "via": "fax"}).status_code == 400
