"""Message channels, and messages that are written with the fact that caused them and handed over by a job."""

import json
import logging
import smtplib
import urllib.error
import urllib.request
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.mail import send_mail
from django.utils.module_loading import import_string

from lms import clock, names, queue
from lms.conf import conf
from lms.crashpoints import crashpoint
from lms.models import Message, Person

log = logging.getLogger("lms.messages")

TRIES = 5
"""How often a message that was surely not sent is tried, with the pauses of the queue between."""


class NotSent(Exception):
    """Raised by a channel that surely did not deliver; it may be tried again.

    Any other exception means that nobody knows: a gateway that fell silent may have sent.
    """


class Channel(Protocol):
    """How text reaches somebody outside the site."""

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand over; return only when it was taken. Raises NotSent, or anything else where it is not known."""


class Console:
    """Prints: for demonstrations and trials without a mail server or an SMS contract."""

    def send(self, to: str, subject: str, text: str) -> None:
        print(f"\n--- {to} ---\n{subject}\n{text}\n---", flush=True)  # noqa: T201 - its purpose


class Email:
    """Sends by Django's mail settings."""

    def send(self, to: str, subject: str, text: str) -> None:
        try:
            send_mail(subject, text, None, [to])
        except (smtplib.SMTPServerDisconnected, TimeoutError):
            raise
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(str(error)) from error


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: text goes to the host the administrator named and to no other."""

    def redirect_request(self, *args, **kwargs):
        return None


class SmsGateway:
    """Posts to the HTTP gateway of an SMS provider.

    ``fields`` and ``headers`` name what the provider wants; in their values ``{to}`` is the number
    as +84912345678, ``{to_digits}`` as 84912345678, ``{to_local}`` as 0912345678, ``{text}`` the
    text and ``{token}`` the secret. Sent as a form, or as JSON with ``as_json``. Some providers
    answer 200 and say in the text that they refused: ``expect`` is what a good answer contains.
    """

    def __init__(self, url, fields=None, headers=None, token="", as_json=False, expect="", timeout=10):
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ImproperlyConfigured("The address of the SMS gateway must begin with https:// or http://.")
        self.url, self.token, self.as_json, self.expect, self.timeout = url, token, as_json, expect, timeout
        self.fields = fields or {"to": "{to}", "text": "{text}"}
        self.headers = headers or ({"Authorization": "Bearer {token}"} if token else {})
        self.opener = urllib.request.build_opener(_StayHere)

    def send(self, to: str, subject: str, text: str) -> None:
        words = {
            "to": to,
            "to_digits": to.removeprefix("+"),
            "to_local": names.normal_phone(to),
            "text": text,
            "token": self.token,
        }
        fields = {name: value.format_map(words) for name, value in self.fields.items()}
        kind = "application/json" if self.as_json else "application/x-www-form-urlencoded"
        body = (json.dumps(fields) if self.as_json else urlencode(fields)).encode()
        headers = {name: value.format_map(words) for name, value in self.headers.items()}
        request = urllib.request.Request(self.url, body, {**headers, "Content-Type": kind}, method="POST")  # noqa: S310
        try:
            with self.opener.open(request, timeout=self.timeout) as answer:
                said = answer.read(65536).decode(errors="replace")
        except urllib.error.HTTPError as error:
            if error.code >= 500 and error.code != 503:
                raise  # it may have failed after it had sent
            raise NotSent(f"The SMS gateway answered {error.code}.") from error
        except urllib.error.URLError as error:
            raise NotSent(f"The SMS gateway could not be reached: {error.reason}") from error
        if self.expect not in said:
            raise NotSent(f"The SMS gateway refused: {said[:200]}")


def channel(name: str) -> Channel:
    """Return the channel ``email`` or ``sms`` as ``LMS_CHANNELS`` sets it up."""
    given = conf.CHANNELS.get(name)
    if given is None:
        raise ImproperlyConfigured(f"LMS_CHANNELS has no channel “{name}”.")
    return import_string(given["BACKEND"])(**given.get("OPTIONS", {}))


def kind_of(address: str) -> str:
    """Whether an address is reached by e-mail or by text message."""
    return Message.Channel.EMAIL if "@" in address else Message.Channel.SMS


def send_now(address: str, subject: str, text: str) -> None:
    """Hand over at once and keep nothing: for one-time codes, which are not stored anywhere.

    Raises what the channel raises.
    """
    channel(kind_of(address)).send(address, subject, text)


# --- messages that must arrive ---------------------------------------------------------------------


def queue_message(
    to: Person | str, *, event: str, key: str, subject: str = "", text: str, url: str = "", by=None
) -> Message:
    """Write a message in the caller's transaction; a job hands it over afterwards. Idempotent by *key*.

    A person is reached by e-mail, else by text message, else on the site only.
    """
    person = to if isinstance(to, Person) else None
    address = (person.email or person.phone) if person else to
    via = kind_of(address) if address else Message.Channel.INBOX
    now = clock.now()
    row, made = Message.objects.get_or_create(
        key=key,
        defaults={
            "person": person,
            "channel": via,
            "address": address,
            "event": event,
            "language": person.language if person else "vi",
            "subject": subject,
            "body": text,
            "url": url,
            "created_by": by,
            "created_at": now,
            "state": Message.State.QUEUED if address else Message.State.SENT,
            "sent_at": None if address else now,
        },
    )
    if made and address:
        queue.enqueue("lms.message", row.pk)
    return row


def hand_over(pk: str, *, last_try: bool) -> None:
    """Send one waiting message at most once.

    One that is found half handed over belongs to a worker that died or hangs: nobody knows whether
    it went out, so it is marked so and never sent again by itself. Raises NotSent where it surely
    was not sent; the caller tries again unless this was the *last_try*.
    """
    row = Message.objects.filter(pk=pk)
    if row.filter(state=Message.State.SENDING).update(state=Message.State.UNKNOWN):
        log.warning("Message %s was being handed over when its worker ended.", pk)
        return
    if not row.filter(state=Message.State.QUEUED).update(state=Message.State.SENDING):
        return
    message = row.get()
    crashpoint("message.claimed")
    try:
        channel(message.channel).send(message.address, message.subject, message.body)
    except NotSent as error:
        state = Message.State.FAILED if last_try else Message.State.QUEUED
        row.filter(state=Message.State.SENDING).update(state=state, error=str(error)[:300])
        raise
    except Exception as error:  # noqa: BLE001 - whatever else a channel raises: it may have gone out
        log.warning("It is not known whether message %s was sent: %s", pk, error)
        row.filter(state=Message.State.SENDING).update(state=Message.State.UNKNOWN, error=str(error)[:300])
        return
    crashpoint("message.handed_over")
    # One that looked lost meanwhile has come through after all.
    row.filter(state__in=[Message.State.SENDING, Message.State.UNKNOWN]).update(
        state=Message.State.SENT, sent_at=clock.now(), error=""
    )
