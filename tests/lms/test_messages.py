"""How text reaches people: at most once, and nobody pretends to know what nobody knows."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from lms import clock, messages, queue
from lms.models import Job, Message, Person

State = Message.State
KEPT: list[tuple[str, str]] = []


class Keeping:
    """A channel that keeps what it was given."""

    def send(self, to, subject, text):
        KEPT.append((to, text))


class Refusing:
    """A channel whose gateway is down."""

    def send(self, to, subject, text):
        raise messages.NotSent("Cổng tin nhắn đóng")


class FallingSilent:
    """A channel whose gateway takes the text and never answers."""

    def send(self, to, subject, text):
        raise TimeoutError("no answer")


def through(name: str) -> dict:
    backend = {"BACKEND": f"tests.lms.test_messages.{name}"}
    return {"email": backend, "sms": backend}


@pytest.fixture(autouse=True)
def kept(settings):
    KEPT.clear()
    settings.LMS_CHANNELS = through("Keeping")
    return KEPT


def tell(to="+84912000111", key="k1", **more):
    return messages.queue_message(to, event="session", key=key, text="Buổi học bắt đầu lúc 14:00", **more)


def state(row) -> str:
    return Message.objects.get(pk=row.pk).state


# --- messages that must arrive


def test_a_message_waits_for_the_commit_and_is_then_sent_once(db, kept):
    row = tell()
    assert (row.state, kept) == (State.QUEUED, [])

    queue.run_due()
    queue.run_due()

    row.refresh_from_db()
    assert row.state == State.SENT
    assert row.sent_at
    assert kept == [("+84912000111", "Buổi học bắt đầu lúc 14:00")]


def test_a_change_that_is_rolled_back_tells_nobody(db, kept):
    with transaction.atomic():
        tell()
        transaction.set_rollback(True)

    queue.run_due()
    assert kept == []
    assert not Message.objects.exists()


def test_one_event_tells_one_person_once(db, kept):
    first, again = tell(), tell()
    queue.run_due()

    assert first == again
    assert len(kept) == 1


@pytest.mark.parametrize(
    ("email", "phone", "channel", "address"),
    [
        ("lan@example.vn", "0912000111", "email", "lan@example.vn"),
        ("", "0912000111", "sms", "0912000111"),
        ("", "", "inbox", ""),
    ],
)
def test_a_person_is_reached_by_email_else_by_text_else_on_the_site(
    cast, kept, email, phone, channel, address
):
    Person.objects.filter(pk=cast.lan.pk).update(email=email, phone=phone)
    cast.lan.refresh_from_db()

    row = tell(cast.lan)
    queue.run_due()

    assert (row.channel, row.address, row.person) == (channel, address, cast.lan)
    assert state(row) == State.SENT
    assert len(kept) == bool(address)


def test_a_gateway_that_is_down_is_tried_again_and_at_last_given_up(db, settings):
    settings.LMS_CHANNELS = through("Refusing")
    row = tell()

    for attempt in range(messages.TRIES):
        assert state(row) == State.QUEUED, attempt
        Job.objects.update(run_at=clock.now())
        queue.run_due()

    row.refresh_from_db()
    assert (row.state, row.error) == (State.FAILED, "Cổng tin nhắn đóng")


def test_a_gateway_that_comes_back_gets_the_message_once(db, settings, kept):
    settings.LMS_CHANNELS = through("Refusing")
    row = tell()
    queue.run_due()

    settings.LMS_CHANNELS = through("Keeping")
    Job.objects.update(run_at=clock.now())
    queue.run_due()

    assert state(row) == State.SENT
    assert len(kept) == 1


def test_what_may_have_gone_out_is_shown_so_and_not_sent_again(db, settings, kept):
    settings.LMS_CHANNELS = through("FallingSilent")
    row = tell()
    queue.run_due()
    assert state(row) == State.UNKNOWN

    settings.LMS_CHANNELS = through("Keeping")
    queue.enqueue("lms.message", row.pk)
    queue.run_due()

    assert state(row) == State.UNKNOWN
    assert kept == []


class Printing:
    """A channel whose hand-over another process can see: a line on standard output."""

    def send(self, to, subject, text):
        print("handed over", to, flush=True)


def work(times=1):
    """Run what is due in a process of its own."""
    from django.conf import settings

    settings.LMS_CHANNELS = through("Printing")
    for _time in range(times):
        queue.run_due()


@pytest.mark.race
@pytest.mark.parametrize("point", ["message.claimed", "message.handed_over"])
def test_a_worker_killed_at_the_hand_over_leaves_not_known_and_sends_nothing_twice(race_db, point):
    row = tell()
    race_db.crash_at(point, work)
    assert state(row) == State.SENDING

    Job.objects.update(lease_until=clock.now())
    ended = race_db.run_python(work, 2)

    assert ended.returncode == 0, ended.stderr
    assert "handed over" not in ended.stdout
    assert state(row) == State.UNKNOWN


@pytest.mark.race
def test_a_worker_killed_before_the_hand_over_loses_nothing(race_db):
    row = tell()
    race_db.crash_at("job.claimed", work)

    Job.objects.update(lease_until=clock.now())
    ended = race_db.run_python(work)

    assert ended.stdout.count("handed over") == 1
    assert state(row) == State.SENT


# --- channels


class Gateway(ThreadingHTTPServer):
    """An SMS provider on this machine."""

    def __init__(self, status=200, answer='{"CodeResult":"100"}', silent=False):
        self.got, self.status, self.answer, self.silent = [], status, answer, silent
        self.released = threading.Event()
        super().__init__(("127.0.0.1", 0), Desk)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/send"


class Desk(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.got.append((self.path, dict(self.headers), body))
        if self.server.silent:
            self.server.released.wait(5)
            return
        self.send_response(self.server.status)
        if 300 <= self.server.status < 400:
            self.send_header("Location", self.server.answer)
        self.end_headers()
        self.wfile.write(self.server.answer.encode())

    def log_message(self, *args):
        pass


@pytest.fixture
def gateway():
    opened = []

    def make(**how):
        opened.append(Gateway(**how))
        return opened[-1]

    yield make
    for server in opened:
        server.released.set()
        server.shutdown()
        server.server_close()


def test_the_gateway_gets_number_text_and_secret_as_a_form(gateway):
    server = gateway()

    messages.SmsGateway(server.url, token="bi-mat").send("+84912000111", "", "Mã: 123456")

    path, headers, body = server.got[0]
    assert path == "/send"
    assert parse_qs(body) == {"to": ["+84912000111"], "text": ["Mã: 123456"]}
    assert headers["Authorization"].startswith("Bearer ")


def test_the_gateway_gets_json_in_the_providers_own_fields(gateway):
    server = gateway()
    fields = {"Phone": "{to_digits}", "Local": "{to_local}", "Content": "{text}", "ApiKey": "{token}"}

    messages.SmsGateway(
        server.url, fields=fields, headers={"X-Key": "{token}"}, token="k", as_json=True
    ).send("+84912000111", "", "{to} không bị thay")

    _path, headers, body = server.got[0]
    assert json.loads(body) == {
        "Phone": "84912000111",
        "Local": "0912000111",
        "Content": "{to} không bị thay",
        "ApiKey": "k",
    }
    assert headers["X-Key"] == "k"


@pytest.mark.parametrize("status", [400, 401, 403, 429, 503])
def test_a_refusal_of_the_gateway_is_surely_not_sent(gateway, status):
    with pytest.raises(messages.NotSent):
        messages.SmsGateway(gateway(status=status).url).send("+84912000111", "", "x")


def test_an_answer_that_says_no_with_status_200_is_a_refusal(gateway):
    server = gateway(answer='{"CodeResult":"103"}')

    with pytest.raises(messages.NotSent, match="103"):
        messages.SmsGateway(server.url, expect='"CodeResult":"100"').send("+84912000111", "", "x")


def test_a_gateway_that_breaks_down_or_falls_silent_may_have_sent(gateway):
    for server in (gateway(status=500), gateway(silent=True)):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - anything but a sure refusal
            messages.SmsGateway(server.url, timeout=0.3).send("+84912000111", "", "x")
        assert not isinstance(caught.value, messages.NotSent)
        assert len(server.got) == 1


def test_text_never_follows_a_redirect_to_another_host(gateway):
    other = gateway()
    server = gateway(status=307, answer=other.url)

    with pytest.raises(messages.NotSent):
        messages.SmsGateway(server.url).send("+84912000111", "", "mã bí mật")
    assert other.got == []


def test_a_gateway_nobody_listens_at_is_surely_not_sent():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(messages.NotSent):
        messages.SmsGateway(f"http://127.0.0.1:{port}/").send("+84912000111", "", "x")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "127.0.0.1/send", ""])
def test_an_address_that_is_not_http_is_refused_at_once(url):
    with pytest.raises(ImproperlyConfigured):
        messages.SmsGateway(url)


def test_email_goes_by_the_sites_mail_settings(db, settings):
    settings.LMS_CHANNELS = {"email": {"BACKEND": "lms.messages.Email"}}

    messages.send_now("lan@example.vn", "Mã đăng nhập", "123456")

    assert [(m.to, m.subject, m.body) for m in mail.outbox] == [
        (["lan@example.vn"], "Mã đăng nhập", "123456")
    ]


def test_the_console_prints_for_trials(settings, capsys):
    settings.LMS_CHANNELS = {"sms": {"BACKEND": "lms.messages.Console"}}

    messages.send_now("+84912000111", "", "Mã: 123456")

    assert "+84912000111" in capsys.readouterr().out


def test_a_code_sent_now_is_stored_nowhere(db, kept):
    messages.send_now("+84912000111", "", "Mã: 123456")

    assert kept == [("+84912000111", "Mã: 123456")]
    assert not Message.objects.exists()
    assert not Job.objects.exists()


def test_a_channel_nobody_set_up_says_its_name(settings):
    settings.LMS_CHANNELS = {}

    with pytest.raises(ImproperlyConfigured, match="sms"):
        messages.send_now("+84912000111", "", "x")
