"""Signing in with the phone: a number that a code has proved opens one login, and nothing else."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from lms.models import Person
from tests.factories import cast as make
from tests.website import codes
from tests.website.test_accounts import answers
from website.accounts import phones

PASSWORD = "con-suối-mùa-lũ-26"
NUMBER = "+84912345678"


@pytest.fixture(autouse=True)
def _codes(settings):
    settings.LMS_CHANNELS = {**codes.THROUGH, "email": {"BACKEND": "lms.messages.Email"}}
    codes.clear()


@pytest.fixture
def lan(cast):
    user = cast.lan.user
    user.set_password(PASSWORD)
    user.phone = NUMBER
    user.save()
    return user


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def ask_for_code(client, address, **more):
    return client.post(reverse("account_request_login_code"), {"address": address, **more})


def type_code(client, code, **more):
    return client.post(reverse("account_confirm_login_code"), {"code": code, **more})


# --- numbers


@pytest.mark.parametrize(
    "typed",
    [
        "0912345678",
        "0912 345 678",
        "091.234.5678",
        "(091) 234-5678",
        "84912345678",
        "+84912345678",
        "+84 912 345 678",
        "0084912345678",
        "+84 (0)912 345 678",
        "912345678",
    ],
)
def test_a_number_is_understood_however_it_is_typed(typed):
    assert phones.mobile(typed) == NUMBER


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "02438693731",
        "+842438693731",
        "0212345678",
        "091234567",
        "09123456789",
        "+66812345678",
        "0912345678a",
        "０９１２３４５６７８",
        "lan",
        "1900 9095",
        "0912345678; rm",
    ],
)
def test_a_landline_and_what_is_no_number_gets_no_code(typed):
    assert phones.mobile(typed) == ""


def test_a_number_is_shown_as_people_say_it():
    assert phones.local(NUMBER) == "0912 345 678"
    assert phones.local("lan@example.vn") == "lan@example.vn"


def test_one_number_belongs_to_one_login(lan):
    with pytest.raises(IntegrityError):
        make.user("nguoi-khac", phone=NUMBER)


# --- a code instead of a password


@pytest.mark.parametrize("typed", ["0912 345 678", "+84912345678", "84912345678"])
def test_a_code_to_the_phone_signs_in(lan, client, typed):
    asked = ask_for_code(client, typed)
    assert asked.url == reverse("account_confirm_login_code")

    answer = type_code(client, codes.code_to(NUMBER))

    assert answer.url == reverse("me")
    assert client.get(reverse("me")).status_code == 200


def test_a_code_to_the_email_signs_in(lan, client):
    EmailAddress.objects.create(user=lan, email="lan@example.vn", verified=True, primary=True)
    ask_for_code(client, "LAN@example.vn")

    type_code(client, re.search(r"\b\d{6}\b", mail.outbox[0].body)[0])

    assert signed_in(client)


def test_a_wrong_code_signs_nobody_in_and_the_third_ends_it(lan, client):
    ask_for_code(client, "0912345678")
    right = codes.code_to(NUMBER)
    wrong = "000000" if right != "000000" else "111111"

    for _try in range(3):
        type_code(client, wrong)
    answer = type_code(client, right)

    assert not signed_in(client)
    assert answer.url == reverse("account_request_login_code")


def test_a_code_is_good_once(lan, client):
    ask_for_code(client, "0912345678")
    code = codes.code_to(NUMBER)
    type_code(client, code)
    client.post(reverse("account_logout"))

    type_code(client, code)

    assert not signed_in(client)


def test_a_code_is_good_for_ten_minutes(lan, client, monkeypatch):
    ask_for_code(client, "0912345678")
    code = codes.code_to(NUMBER)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 601)

    type_code(client, code)

    assert not signed_in(client)


def test_a_code_of_another_browser_is_worth_nothing(lan, client):
    ask_for_code(client, "0912345678")
    code = codes.code_to(NUMBER)

    thief = Client()
    ask_for_code(thief, "0987654321")
    type_code(thief, code)

    assert not signed_in(thief)


def test_a_code_does_not_skip_the_second_step(lan, client):
    totp.TOTP.activate(lan, totp.generate_totp_secret())
    ask_for_code(client, "0912345678")

    answer = type_code(client, codes.code_to(NUMBER))

    assert answer.url.startswith(reverse("mfa_authenticate"))
    assert not signed_in(client)


def test_only_who_asks_stays_signed_in_after_a_code(lan):
    kept, ended = Client(), Client()
    for client, more in ((kept, {"remember": "on"}), (ended, {})):
        ask_for_code(client, "0912345678")
        type_code(client, codes.code_to(NUMBER), **more)

    assert kept.session.get_expiry_age() == 90 * 24 * 3600
    assert ended.session.get_expire_at_browser_close()


def test_a_closed_login_gets_in_by_no_code(lan, client):
    get_user_model().objects.filter(pk=lan.pk).update(is_active=False)
    ask_for_code(client, "0912345678")
    type_code(client, codes.code_to(NUMBER))

    assert not signed_in(client)


@pytest.mark.parametrize("typed", ["02438693731", "không phải số", "lan@", "0912"])
def test_what_takes_no_code_is_said_and_kept(client, db, typed):
    answer = ask_for_code(client, typed)

    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert codes.none_sent()


def test_phone_and_password_sign_in_too(lan, client):
    answer = client.post(reverse("account_login"), {"login": "0912 345 678", "password": PASSWORD})

    assert answer.url == reverse("me")


def test_a_gateway_that_is_down_holds_nobody_and_tells_nobody(lan, client, settings, caplog):
    settings.LMS_CHANNELS = {"sms": {"BACKEND": "tests.lms.test_messages.Refusing"}}

    answer = ask_for_code(client, "0912345678")

    assert answer.status_code == 302


# --- signing up


def sign_up(client, **changed):
    return client.post(reverse("account_signup"), answers(username="", **changed))


def test_a_phone_alone_is_enough_to_sign_up(client, db):
    asked = sign_up(client, phone="0912 345 678", password1="", password2="")
    assert asked.url == reverse("account_verify_phone")
    assert not signed_in(client)

    client.post(reverse("account_verify_phone"), {"code": codes.code_to(NUMBER)})

    user = get_user_model().objects.get()
    assert signed_in(client)
    assert (user.phone, user.phone_unproved, user.username) == (NUMBER, "", "giangapao")
    assert not user.has_usable_password()
    assert user.person.phone == "0912345678"


def test_a_number_not_proved_opens_nothing(client, db):
    sign_up(client, phone="0912345678", password1="", password2="")
    assert codes.code_to(NUMBER)

    other = Client()
    ask_for_code(other, "0912345678")

    assert "chưa có tài khoản" in codes.text_to(NUMBER)
    assert get_user_model().objects.get().phone is None


def test_a_mistyped_number_is_put_right_before_the_code(client, db):
    sign_up(client, phone="0912345679", password1="", password2="")
    codes.code_to("+84912345679")

    client.post(reverse("account_verify_phone"), {"action": "change", "phone": "0912345678"})
    client.post(reverse("account_verify_phone"), {"code": codes.code_to(NUMBER)})

    assert get_user_model().objects.get().phone == NUMBER


def test_a_number_that_has_an_account_makes_no_second_and_says_nothing(lan, client):
    before = Person.objects.count()

    known = sign_up(client, phone="0912345678", password1="", password2="")
    unknown = sign_up(Client(), phone="0987654321", password1="", password2="")

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert Person.objects.count() == before + 1
    assert "đã có tài khoản" in codes.text_to(NUMBER)


@pytest.mark.parametrize(
    "missing",
    [
        {"phone": "", "email": "", "password1": PASSWORD},
        {"phone": "", "email": "pao@example.vn", "password1": "", "password2": ""},
        {"phone": "02438693731"},
    ],
)
def test_without_a_way_to_be_found_again_nothing_is_made(client, db, missing):
    answer = sign_up(client, **missing)

    assert answer.status_code == 200
    assert not Person.objects.exists()


# --- forgotten password


def test_a_forgotten_password_is_replaced_by_a_code_to_the_phone(lan, client):
    client.post(reverse("account_reset_password"), {"address": "0912 345 678"})
    client.post(reverse("account_confirm_password_reset_code"), {"code": codes.code_to(NUMBER)})
    done = client.post(
        reverse("account_complete_password_reset"),
        {"password1": "nương-ngô-mùa-gặt", "password2": "nương-ngô-mùa-gặt"},
    )

    assert done.status_code == 302
    assert not signed_in(client)
    client.post(reverse("account_login"), {"login": "lan", "password": "nương-ngô-mùa-gặt"})
    assert signed_in(client)


def test_a_forgotten_password_is_replaced_by_a_code_in_a_mail(lan, client):
    EmailAddress.objects.create(user=lan, email="lan@example.vn", verified=True, primary=True)
    client.post(reverse("account_reset_password"), {"address": "lan@example.vn"})
    code = re.search(r"\b\d{6}\b", mail.outbox[0].body)[0]

    answer = client.post(reverse("account_confirm_password_reset_code"), {"code": code})

    assert answer.url == reverse("account_complete_password_reset")


def test_a_new_password_does_not_skip_the_second_step(lan, client):
    totp.TOTP.activate(lan, totp.generate_totp_secret())
    client.post(reverse("account_reset_password"), {"address": "0912345678"})
    client.post(reverse("account_confirm_password_reset_code"), {"code": codes.code_to(NUMBER)})
    new = {"password1": "nương-ngô-mùa-gặt", "password2": "nương-ngô-mùa-gặt"}
    client.post(reverse("account_complete_password_reset"), new)
    answer = client.post(reverse("account_login"), {"login": "lan", "password": "nương-ngô-mùa-gặt"})

    assert answer.url.startswith(reverse("mfa_authenticate"))
    assert not signed_in(client)


def test_a_new_password_ends_every_open_session(lan, client):
    open_one = Client()
    open_one.post(reverse("account_login"), {"login": "lan", "password": PASSWORD})
    assert open_one.get(reverse("me")).status_code == 200

    client.post(reverse("account_reset_password"), {"address": "0912345678"})
    client.post(reverse("account_confirm_password_reset_code"), {"code": codes.code_to(NUMBER)})
    new = {"password1": "nương-ngô-mùa-gặt", "password2": "nương-ngô-mùa-gặt"}
    client.post(reverse("account_complete_password_reset"), new)

    assert open_one.get(reverse("me")).status_code == 302


def test_the_new_password_page_opens_only_after_the_code(lan, client):
    client.post(reverse("account_reset_password"), {"address": "0912345678"})
    new = {"password1": "nương-ngô-mùa-gặt", "password2": "nương-ngô-mùa-gặt"}

    client.post(reverse("account_complete_password_reset"), new)

    assert get_user_model().objects.get(pk=lan.pk).check_password(PASSWORD)


# --- changing it, and proving oneself by it


def test_another_number_counts_only_after_its_code(cast, lan):
    client = cast.client(cast.lan)
    client.post(reverse("account_change_phone"), {"phone": "0987 654 321"})
    assert get_user_model().objects.get(pk=lan.pk).phone == NUMBER

    client.post(reverse("account_verify_phone"), {"code": codes.code_to("+84987654321")})

    assert get_user_model().objects.get(pk=lan.pk).phone == "+84987654321"


def test_somebody_elses_number_cannot_be_taken(cast, lan):
    client = cast.client(cast.minh)
    client.post(reverse("account_change_phone"), {"phone": "0912345678"})
    client.post(reverse("account_verify_phone"), {"code": "123456"})

    assert get_user_model().objects.get(pk=cast.minh.user.pk).phone is None
    assert get_user_model().objects.get(pk=lan.pk).phone == NUMBER


def test_who_has_only_a_phone_proves_it_again_by_a_code(cast, lan):
    from tests.website.test_recent import grow_old

    lan.set_unusable_password()
    lan.save()
    client = grow_old(cast.client(cast.lan))

    asked = client.post(reverse("account_change_phone"), {"phone": "0987654321"})
    assert asked.url.startswith(reverse("account_reauthenticate_code"))
    assert client.get(asked.url).status_code == 200

    client.post(asked.url, {"send": "1"})
    code = codes.code_to(NUMBER)
    assert client.post(asked.url, {"code": "000000" if code != "000000" else "1"}).status_code == 200
    client.post(asked.url, {"code": code})

    assert codes.code_to("+84987654321")


def test_a_first_password_is_set_only_after_a_fresh_proof(cast, lan):
    from tests.website.test_recent import grow_old

    lan.set_unusable_password()
    lan.save()
    client = grow_old(cast.client(cast.lan))
    new = {"password1": "nương-ngô-mùa-gặt", "password2": "nương-ngô-mùa-gặt"}

    asked = client.post(reverse("account_set_password"), new)

    assert asked.url.startswith(reverse("account_reauthenticate_code"))
    assert not get_user_model().objects.get(pk=lan.pk).has_usable_password()
