"""Whoever asks about an account learns nothing: same answer, same mails, same work for known and unknown."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.factories import cast as make
from tests.website import codes
from tests.website.test_accounts import answers

PASSWORD = "con-suối-mùa-lũ-26"
KNOWN_PHONE, UNKNOWN_PHONE = "0912345678", "0987654321"
KNOWN_MAIL, UNKNOWN_MAIL = "lan@example.vn", "ai-do@example.vn"
HASHED: list[str] = []


class Counting(MD5PasswordHasher):
    """Notes each time a password is hashed: the work an answer costs, without a stopwatch."""

    algorithm = "md5"

    def encode(self, password, salt):
        HASHED.append(password)
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def _world(settings, cast):
    settings.LMS_CHANNELS = codes.THROUGH | {"email": {"BACKEND": "lms.messages.Email"}}
    settings.PASSWORD_HASHERS = ["tests.website.test_strangers.Counting"]
    codes.clear()
    user = cast.lan.user
    user.set_password(PASSWORD)
    user.phone = "+84912345678"
    user.save()
    EmailAddress.objects.create(user=user, email=KNOWN_MAIL, verified=True, primary=True)
    make.user("nguoi-quen")
    without = make.user("khong-mat-khau")
    without.set_unusable_password()
    without.save()
    closed = make.user("da-dong")
    closed.set_password(PASSWORD)
    closed.is_active = False
    closed.save()
    HASHED.clear()


def seen(url, data, typed):
    """What a stranger sees: status, where to, the page without what was typed and the tokens."""
    client = Client()
    answer = client.post(url, data)
    page = answer.content.decode()
    if answer.status_code == 302:
        page = client.get(answer.url).content.decode()
    for text in (*typed, *(f"{t[:4]} {t[4:7]} {t[7:]}" for t in typed), *(f"+84{t[1:]}" for t in typed)):
        page = page.replace(text, "…")
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
    return answer.status_code, answer.headers.get("Location"), page


@pytest.mark.parametrize(("known", "unknown"), [(KNOWN_PHONE, UNKNOWN_PHONE), (KNOWN_MAIL, UNKNOWN_MAIL)])
@pytest.mark.parametrize("name", ["account_request_login_code", "account_reset_password"])
def test_asking_for_a_code_says_the_same_and_sends_as_much(name, known, unknown):
    sent = []
    pages = []
    for address in (known, unknown):
        mail.outbox.clear()
        pages.append(seen(reverse(name), {"address": address}, [address]))
        texts = 0 if "@" in address else len([codes.SENT.get(timeout=10)])
        assert codes.none_sent()
        sent.append((len(mail.outbox), texts))

    assert pages[0] == pages[1]
    assert sent[0] == sent[1] == ((1, 0) if "@" in known else (0, 1))


@pytest.mark.parametrize("name", ["account_confirm_login_code", "account_confirm_password_reset_code"])
@pytest.mark.parametrize("address", [KNOWN_PHONE, UNKNOWN_PHONE, KNOWN_MAIL, UNKNOWN_MAIL])
def test_a_wrong_code_is_wrong_for_everybody(name, address):
    ask = {"account_confirm_login_code": "account_request_login_code"}.get(name, "account_reset_password")
    client = Client()
    client.post(reverse(ask), {"address": address})

    wrong = [client.post(reverse(name), {"code": "00"}).status_code for _time in range(3)]

    assert wrong == [200, 200, 302]
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("address", [UNKNOWN_PHONE, UNKNOWN_MAIL])
def test_an_empty_or_guessed_code_of_nobody_opens_nothing(address):
    client = Client()
    client.post(reverse("account_request_login_code"), {"address": address})
    for code in ("", "0", "None"):
        client.post(reverse("account_confirm_login_code"), {"code": code, "action": "resend"})

    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("known", "unknown"),
    [("nguoi-quen", "nguoi-la"), (KNOWN_MAIL, UNKNOWN_MAIL), (KNOWN_PHONE, UNKNOWN_PHONE)],
)
def test_a_wrong_password_says_the_same(known, unknown):
    url = reverse("account_login")
    one = seen(url, {"login": known, "password": "sai"}, [known])
    other = seen(url, {"login": unknown, "password": "sai"}, [unknown])

    assert one == other


def test_a_wrong_password_costs_the_same_work_for_known_unknown_closed_and_passwordless():
    cost = {}
    for login in (
        "lan",
        "khong-co",
        "da-dong",
        "khong-mat-khau",
        KNOWN_MAIL,
        UNKNOWN_MAIL,
        KNOWN_PHONE,
        UNKNOWN_PHONE,
    ):
        HASHED.clear()
        Client().post(reverse("account_login"), {"login": login, "password": "sai"})
        cost[login] = len(HASHED)

    assert set(cost.values()) == {2}, cost


@pytest.mark.parametrize(
    ("field", "known", "unknown"),
    [("phone", KNOWN_PHONE, UNKNOWN_PHONE), ("email", KNOWN_MAIL, UNKNOWN_MAIL)],
)
def test_signing_up_does_not_tell_who_is_here(field, known, unknown):
    url = reverse("account_signup")
    told = []
    for number, value in enumerate((known, unknown)):
        form = answers(username=f"nguoimoi{number}", **{field: value})
        client = Client()
        answer = client.post(url, form)
        told.append((answer.status_code, answer.headers.get("Location")))

    assert told[0] == told[1]


def test_somebody_elses_email_at_sign_up_opens_nothing_of_theirs():
    client = Client()
    client.post(reverse("account_signup"), answers(username="nguoimoi", email=KNOWN_MAIL))

    mine = get_user_model().objects.filter(username="nguoimoi").first()
    if mine is not None:
        assert not EmailAddress.objects.filter(user=mine, verified=True).exists()
    other = Client()
    mail.outbox.clear()
    other.post(reverse("account_request_login_code"), {"address": KNOWN_MAIL})
    code = re.search(r"\b\d{6}\b", mail.outbox[0].body)[0]
    other.post(reverse("account_confirm_login_code"), {"code": code})
    assert other.session["_auth_user_id"] == str(get_user_model().objects.get(username="lan").pk)
