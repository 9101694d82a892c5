"""Strict for each account, generous for each address: guessing ends, a whole hospital gets in."""

import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.signals import user_login_failed
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.factories import cast as make
from tests.website import codes
from website.settings import base

PASSWORD = "con-suối-mùa-lũ-26"
NUMBER = "+84912345678"
HOSPITAL = "203.0.113.7"


@pytest.fixture(autouse=True)
def _codes(settings):
    settings.LMS_CHANNELS = codes.THROUGH
    codes.clear()


@pytest.fixture
def frozen(monkeypatch):
    """Everything happens in one moment: no span of a limit runs out on a slow machine."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)


@pytest.fixture
def lan(cast):
    user = cast.lan.user
    user.set_password(PASSWORD)
    user.phone = NUMBER
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def evaluated():
    """A list that grows with each pair of name and password that was looked at and found wrong."""
    seen = []

    def note(sender, credentials, **kwargs):
        seen.append(credentials)

    user_login_failed.connect(note, weak=False, dispatch_uid="tests.website.test_limits")
    return seen


@pytest.fixture(autouse=True)
def _deaf_again():
    yield
    user_login_failed.disconnect(dispatch_uid="tests.website.test_limits")


def sign_in(login, password=PASSWORD, address="198.51.100.1", client=None):
    client = client or Client()
    client.post(reverse("account_login"), {"login": login, "password": password}, REMOTE_ADDR=address)
    return "_auth_user_id" in client.session


def fail(login, times=5, address="198.51.100.66"):
    for _time in range(times):
        assert not sign_in(login, "sai", address)


def test_wrong_passwords_count_against_the_account_whichever_name_was_tried(lan, frozen):
    seen = evaluated()
    for login in ("lan", "LAN", lan.email, "0912 345 678", "+84912345678", "lan", lan.email):
        sign_in(login, "sai")

    assert len(seen) == 5
    assert not sign_in("lan")
    assert not sign_in(lan.email)
    assert not sign_in("0912345678")


def test_guessing_at_one_phone_locks_no_other(lan, frozen):
    fail("0987654321", 6)

    assert sign_in("0912345678")


def test_five_hundred_foreign_entries_push_no_lock_out_of_the_cache(lan, frozen, settings):
    settings.CACHES = base.CACHES
    fail("lan")

    # They stand behind the lock in the order in which a full table is emptied.
    cache.set_many({f"foreign-{number}": 1 for number in range(500)})

    assert not sign_in("lan")


def test_after_five_foreign_failures_the_owner_gets_in_by_a_code_and_open_work_goes_on(lan, frozen):
    at_work = Client()
    assert sign_in("lan", client=at_work)
    fail("lan")
    assert not sign_in("lan")

    owner = Client()
    owner.post(reverse("account_request_login_code"), {"address": "0912345678"})
    owner.post(reverse("account_confirm_login_code"), {"code": codes.code_to(NUMBER)})

    assert owner.get(reverse("me")).status_code == 200
    assert at_work.get(reverse("me")).status_code == 200


def test_after_five_foreign_failures_the_passkey_still_opens(lan, frozen, monkeypatch):
    from allauth.mfa.webauthn.internal import auth as webauthn

    key = Authenticator.objects.create(user=lan, type=Authenticator.Type.WEBAUTHN, data={"name": "Vân tay"})
    fail("lan")
    # The signature is made by a device: everything behind its check is the real thing.
    monkeypatch.setattr(webauthn, "parse_authentication_response", lambda credential: None)
    monkeypatch.setattr(webauthn, "complete_authentication", lambda user, credential: key)
    monkeypatch.setattr(webauthn, "extract_user_from_response", lambda credential: lan)

    client = Client()
    client.get(reverse("mfa_login_webauthn"))
    client.post(reverse("mfa_login_webauthn"), {"credential": '{"id": "x"}'})

    assert client.get(reverse("me")).status_code == 200


@pytest.mark.slow
def test_of_three_hundred_stolen_pairs_from_one_address_sixty_are_looked_at(cast, frozen):
    seen = evaluated()
    owners = [make.user(f"bi-lo-{number}") for number in range(5)]
    get_user_model().objects.filter(pk__in=[o.pk for o in owners]).update(password=make_password(PASSWORD))

    for number in range(300):
        sign_in(f"nguoi-la-{number}", "sai", HOSPITAL)

    assert len(seen) == 60
    assert not any(sign_in(owner.username, PASSWORD, HOSPITAL) for owner in owners)
    assert sign_in(owners[0].username, PASSWORD, "198.51.100.9")


@pytest.mark.slow
def test_two_hundred_guesses_at_one_account_from_a_hundred_addresses_are_five(lan, frozen):
    seen = evaluated()

    for number in range(200):
        sign_in("lan", f"đoán-{number}", f"10.0.0.{number % 100}")

    assert len(seen) == 5


@pytest.mark.parametrize(("proxies", "looked_at"), [(0, 60), (1, 60)])
def test_an_invented_forwarded_address_makes_no_new_bucket(db, settings, frozen, proxies, looked_at):
    settings.LMS_TRUSTED_PROXIES = settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    seen = evaluated()

    for number in range(100):
        # Our proxy appends the address it saw; all before it is the sender's invention.
        header = f"192.0.2.{number}, {HOSPITAL}" if proxies else f"192.0.2.{number}"
        Client().post(
            reverse("account_login"),
            {"login": f"ai-do-{number}", "password": "sai"},
            REMOTE_ADDR="127.0.0.1",
            HTTP_X_FORWARDED_FOR=header,
        )

    assert len(seen) == looked_at


def test_two_sources_behind_our_proxy_are_two_buckets(db, settings, frozen):
    settings.LMS_TRUSTED_PROXIES = settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    seen = evaluated()

    for number in range(140):
        Client().post(
            reverse("account_login"),
            {"login": f"ai-do-{number}", "password": "sai"},
            REMOTE_ADDR="127.0.0.1",
            HTTP_X_FORWARDED_FOR=f"203.0.113.{number % 2}",
        )

    assert len(seen) == 120


def test_codes_to_one_phone_are_few_and_to_a_hospital_many(lan, frozen, settings):
    for _time in range(5):
        Client().post(
            reverse("account_request_login_code"), {"address": "0912345678"}, REMOTE_ADDR="198.51.100.66"
        )
    texts = [codes.text_to(NUMBER) for _time in range(3)]
    assert len(texts) == 3
    assert codes.none_sent()

    for number in range(60):
        answer = Client().post(
            reverse("account_request_login_code"), {"address": f"09880000{number:02}"}, REMOTE_ADDR=HOSPITAL
        )
        assert answer.status_code == 302, number


@pytest.mark.slow
def test_five_hundred_people_behind_one_address_sign_in_with_the_production_hasher(
    cast, settings, frozen, capsys
):
    settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS
    users = [make.user(f"ca-thi-{number}") for number in range(3)]
    users += get_user_model().objects.bulk_create(
        [get_user_model()(username=f"ca-thi-{number}") for number in range(3, 500)]
    )
    hashed = make_password(PASSWORD)
    assert hashed.startswith("argon2")
    get_user_model().objects.update(password=hashed)

    began = time.perf_counter()
    entered = sum(sign_in(user.username, PASSWORD, HOSPITAL) for user in users)
    took = time.perf_counter() - began

    with capsys.disabled():
        print(f"\n500 sign-ins behind one address: {took:.1f} s, {entered} got in")
    assert entered == 500
