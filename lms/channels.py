"""How text leaves the site: by e-mail, by the gateway of an SMS provider, or printed for trials."""

import json
import smtplib
import urllib.error
import urllib.request
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from lms import names
from lms.conf import conf
from lms.letters import Letter


class NotSent(Exception):
    """Raised by a channel that surely did not deliver; it may be tried again.

    Any other exception means that nobody knows: a gateway that fell silent may have sent.
    """


class Channel(Protocol):
    """How text reaches somebody outside the site."""

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand over; return only when it was taken. Raises NotSent, or anything else where it is not known."""


class StoppableChannel(Channel, Protocol):
    """A channel that also tells the receiver's program how to stop such mail."""

    def send_stoppable(self, to: str, subject: str, text: str, stop: str) -> None:
        """As ``send``; *stop* is an https address that takes a POST without a login."""


class Console:
    """Prints: for demonstrations and trials without a mail server or an SMS contract."""

    def send(self, to: str, subject: str, text: str) -> None:
        print(f"\n--- {to} ---\n{subject}\n{text}\n---", flush=True)  # noqa: T201 - its purpose


class Email:
    """Sends by Django's mail settings."""

    def send(self, to: str, subject: str, text: str) -> None:
        self.send_stoppable(to, subject, text, "")

    def send_stoppable(self, to: str, subject: str, text: str, stop: str) -> None:
        """With a button "unsubscribe" in the reader's mail program (RFC 2369, one click by RFC 8058)."""
        headers = {"List-Unsubscribe": f"<{stop}>"} if stop else {}
        if stop.startswith("https://"):
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        try:
            EmailMessage(subject, text, None, [to], headers=headers).send()
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
            error.close()
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
    """Whether an address is reached by ``email`` or by ``sms``."""
    return "email" if "@" in address else "sms"


def send_letter(name: str, to: str, letter: Letter) -> None:
    """Send *letter* by the channel *name*, with the way to stop it where there is one and the channel can say it."""
    by = channel(name)
    if letter.stop and hasattr(by, "send_stoppable"):
        by.send_stoppable(to, letter.subject, letter.text, letter.stop)
    else:
        by.send(to, letter.subject, letter.text)


def send_now(address: str, subject: str, text: str) -> None:
    """Hand over at once and keep nothing: for one-time codes, which are not stored anywhere.

    Raises what the channel raises.
    """
    channel(kind_of(address)).send(address, subject, text)
