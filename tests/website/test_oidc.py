"""The account of an institution opens an existing login, and nothing else does."""

import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.auth import get_user_model
from django.contrib.messages import get_messages
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from lms import limits
from tests.website import provider as providers
from website.oidc import configuration
from website.oidc.adapter import KnownHosts

LOGIN = "/accounts/oidc/so-y-te/login/"
CALLBACK = "/accounts/oidc/so-y-te/login/callback/"
CONNECT = "/accounts/oidc/so-y-te/connect/"
EMAIL = "lan@syt.example.vn"


@pytest.fixture
def provider(settings):
    with providers.running() as running:
        settings.SOCIALACCOUNT_PROVIDERS = running.settings()
        yield running


def prove(user, email=EMAIL, *, verified=True):
    return EmailAddress.objects.create(user=user, email=email, verified=verified)


def connected(user, sub="lan-1"):
    return SocialAccount.objects.create(user=user, provider="so-y-te", uid=sub)


def leave(client, path=LOGIN, **data) -> str:
    """Press the button; return where the browser is led."""
    page = client.post(path, data)
    assert page.status_code == 200, page.status_code
    return page.context["url"]


def come_back(client, provider, path=LOGIN, **data):
    return client.get(CALLBACK, provider.agree(leave(client, path, **data)))


def signed_in(client) -> str | None:
    return client.session.get("_auth_user_id")


def said(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def is_told(answer, where="account_login"):
    """Sent back with a message, to where there is another way."""
    assert answer.status_code == 302
    assert answer.url == reverse(where)
    assert said(answer)
    return True


# --- off and on


def test_without_configuration_there_is_no_button_and_no_address(client, cast):
    assert "oidc" not in client.get(reverse("account_login")).content.decode()
    assert "oidc" not in cast.client(cast.lan).get(reverse("account")).content.decode()
    assert client.post(LOGIN).status_code == 404
    assert client.get(CALLBACK, {"state": "x", "code": "y"}).status_code == 404
    assert configuration.providers("") == {}


def test_each_configured_provider_has_its_button(client, db, provider):
    page = client.get(reverse("account_login")).content.decode()

    assert "Đăng nhập bằng Sở Y tế" in page
    assert f'action="{LOGIN}"' in page


@pytest.mark.parametrize(
    "slip",
    [
        "{",
        "{}x",
        '"a"',
        "[1]",
        '[{"id": "a1"}]',
        json.dumps([{"id": "so-y-te", "name": "S", "issuer": "http://x.example.vn", "client_id": "v"}]),
        json.dumps([{"id": "SO", "name": "S", "issuer": "https://x.example.vn", "client_id": "v"}]),
        json.dumps([{"id": "a1", "name": "S", "issuer": "https://x.vn", "client_id": "v", "sercet": "x"}]),
        json.dumps([{"id": "a1", "name": "S", "issuer": "https://x.vn", "client_id": "v"}] * 2),
    ],
)
def test_a_slip_in_the_configuration_stops_the_start(slip):
    with pytest.raises(ImproperlyConfigured, match="OIDC_PROVIDERS"):
        configuration.providers(slip)


# --- whom an identity signs in


def test_a_connected_identity_signs_in_and_leaves_no_token(client, cast, provider):
    connected(cast.lan.user)

    answer = come_back(client, provider)

    assert answer.url == reverse("me")
    assert signed_in(client) == str(cast.lan.user.pk)
    assert client.session.get_expire_at_browser_close()
    assert not SocialToken.objects.exists()
    assert "kín" not in str(dict(client.session))
    assert SocialAccount.objects.get().extra_data == {"email": EMAIL}


def test_the_way_back_of_the_sign_in_is_kept(client, cast, provider):
    connected(cast.lan.user)

    assert come_back(client, provider, next="/me/data/").url == "/me/data/"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_the_way_back_never_leads_to_another_site(client, cast, provider, target):
    connected(cast.lan.user)

    assert come_back(client, provider, next=target).url == reverse("me")


def test_an_email_both_have_verified_signs_the_one_learner_in(client, cast, provider):
    prove(cast.lan.user, EMAIL.upper())

    come_back(client, provider)

    assert signed_in(client) == str(cast.lan.user.pk)


@pytest.mark.parametrize("claim", [False, None, "false", "true", 1])
def test_an_email_the_provider_has_not_verified_finds_nobody(client, cast, provider, claim):
    prove(cast.lan.user)
    provider.claims = {"email_verified": claim}

    assert is_told(come_back(client, provider))
    assert not signed_in(client)


def test_an_email_not_verified_here_finds_nobody(client, cast, provider):
    prove(cast.lan.user, verified=False)
    cast.lan.user.email = EMAIL
    cast.lan.user.save()

    assert is_told(come_back(client, provider))
    assert not signed_in(client)


def test_an_email_of_somebody_with_an_office_finds_nobody(client, cast, provider):
    prove(cast.ung.user)

    assert is_told(come_back(client, provider))
    assert not signed_in(client)


def test_an_unknown_identity_makes_no_account(client, db, provider):
    before = get_user_model().objects.count()

    answer = come_back(client, provider)

    assert is_told(answer)
    assert "kết nối" in said(answer)
    assert get_user_model().objects.count() == before
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("known_by", ["identity", "email"])
def test_a_closed_login_stays_closed(client, cast, provider, known_by):
    connected(cast.lan.user) if known_by == "identity" else prove(cast.lan.user)
    cast.lan.user.is_active = False
    cast.lan.user.save()

    answer = come_back(client, provider)

    assert not signed_in(client)
    assert client.get(answer.url).status_code == 200


# --- one step is not two


def test_an_office_meets_the_wall_after_signing_in(client, cast, provider):
    connected(cast.ung.user)

    come_back(client, provider)

    assert signed_in(client)
    for path in ("/admin/", reverse("me")):
        assert client.get(path).url == reverse("mfa_activate_totp")


def test_who_has_a_second_step_is_asked_for_it_before_being_let_in(client, cast, provider):
    connected(cast.ung.user)
    totp.TOTP.activate(cast.ung.user, totp.generate_totp_secret())

    answer = come_back(client, provider)

    assert answer.url.startswith(reverse("mfa_authenticate"))
    assert not signed_in(client)


# --- what is not believed

LIES = {
    "another nonce": {"nonce": "khác"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "khác"},
    "another client": {"azp": "khác"},
    "another issuer": {"iss": "https://evil.example"},
    "expired": {"exp": int(time.time()) - 3600},
    "without end": {"exp": None},
    "from the future": {"iat": int(time.time()) + 3600},
    "nobody": {"sub": None},
    "an empty name": {"sub": ""},
    "a long name": {"sub": "x" * 192},
    "a broken name": {"sub": "lan\x00-1"},
    "a number as e-mail": {"email": 7},
    "a list as e-mail": {"email": ["a@b.vn"]},
}


@pytest.mark.parametrize("lie", LIES)
def test_an_identity_that_is_not_right_signs_nobody_in(client, cast, provider, lie):
    if "e-mail" not in lie:
        connected(cast.lan.user)
    provider.claims = LIES[lie]

    assert is_told(come_back(client, provider))
    assert not signed_in(client)


def test_an_identity_signed_by_another_key_signs_nobody_in(client, cast, provider):
    connected(cast.lan.user)
    provider.key = providers.OTHER_KEY

    assert is_told(come_back(client, provider))
    assert not signed_in(client)


@pytest.mark.parametrize("text", ["", "a.b.c", None, 7, "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_signed_identity_signs_nobody_in(client, cast, provider, text):
    connected(cast.lan.user)
    provider.token = {"id_token": text}

    assert is_told(come_back(client, provider))
    assert not signed_in(client)


def test_an_answer_to_another_request_is_refused(client, cast, provider):
    connected(cast.lan.user)
    mine = provider.agree(leave(client))

    for answer in (mine | {"state": "khác"}, {"code": "mã"}):
        assert is_told(client.get(CALLBACK, answer))
    assert is_told(Client().get(CALLBACK, mine))
    assert not signed_in(client)

    client.get(CALLBACK, mine)
    assert signed_in(client)


def test_an_answer_is_good_once(client, cast, provider):
    connected(cast.lan.user)
    answer = provider.agree(leave(client))
    client.get(CALLBACK, answer)
    client.post(reverse("account_logout"))

    assert is_told(client.get(CALLBACK, answer))
    assert not signed_in(client)


def test_turning_back_at_the_provider_is_no_fault(client, db, provider):
    answer = provider.agree(leave(client)) | {"error": "access_denied"}

    answer = client.get(CALLBACK, answer)

    assert is_told(answer)
    assert "Sở Y tế" in said(answer)


# --- who is called


def test_the_address_line_changes_nothing_of_the_question(client, db, provider):
    url = leave(client, LOGIN + "?scope=admin&auth_params=prompt%3Dnone%26nonce%3Dx&process=redirect")

    asked = parse_qs(urlsplit(url).query)
    assert "admin" not in asked["scope"][0]
    assert "prompt" not in asked
    assert "x" not in asked["nonce"]
    assert "code_challenge" in asked


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_a_host_nobody_configured_is_not_called(client, db, provider, name):
    provider.description = {name: "http://127.0.0.1:9/evil"}

    assert is_told(client.post(LOGIN))


def test_no_call_leaves_the_configured_hosts(provider):
    with pytest.raises(OSError, match="not configured"), KnownHosts() as session:
        session.get("http://127.0.0.1:9/")


def test_a_redirect_of_the_provider_is_not_followed(client, db, provider):
    with KnownHosts() as session:
        provider.status = {"/keys": 302}
        assert session.get(provider.issuer + "/keys").status_code == 302


def test_a_provider_that_describes_another_is_refused(client, db, provider):
    provider.description = {"issuer": "https://evil.example"}

    assert is_told(client.post(LOGIN))


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
def test_a_provider_that_fails_is_told_in_plain_words(client, cast, provider, path):
    connected(cast.lan.user)
    answer = provider.agree(leave(client))
    provider.status = {path: 500}

    answer = client.get(CALLBACK, answer)

    assert is_told(answer)
    assert "Sở Y tế" in said(answer)
    assert not signed_in(client)


def test_a_provider_that_is_down_is_told_in_plain_words(client, db, settings):
    with providers.running() as gone:
        settings.SOCIALACCOUNT_PROVIDERS = gone.settings()

    answer = client.post(LOGIN)

    assert is_told(answer)
    assert escape(said(answer)) in client.get(answer.url).content.decode()


# --- connecting


def test_the_account_page_connects_and_disconnects(cast, provider):
    client = cast.client(cast.lan)

    answer = come_back(client, provider, CONNECT)

    assert answer.url == reverse("account")
    mine = SocialAccount.objects.get(user=cast.lan.user)
    page = client.get(reverse("account")).content.decode()
    assert EMAIL in page
    assert f"/accounts/oidc/identities/{mine.pk}/disconnect/" in page
    client.post(reverse("oidc_disconnect", args=[mine.pk]))
    assert not SocialAccount.objects.exists()


def test_an_office_connects_by_hand(cast, provider):
    prove(cast.ung.user)

    come_back(cast.client(cast.ung), provider, CONNECT)

    assert SocialAccount.objects.get().user == cast.ung.user


def test_an_identity_opens_one_account_only(cast, provider):
    connected(cast.khanh.user)

    assert is_told(come_back(cast.client(cast.lan), provider, CONNECT), "account")
    assert SocialAccount.objects.get().user == cast.khanh.user


def test_nobody_disconnects_the_identity_of_another(cast, provider):
    other = connected(cast.khanh.user)

    answer = cast.client(cast.lan).post(reverse("oidc_disconnect", args=[other.pk]))

    assert answer.status_code == 404
    assert SocialAccount.objects.exists()


def test_connecting_asks_for_a_fresh_proof_and_a_form(cast, provider):
    mine = connected(cast.lan.user)
    old = Client()
    old.force_login(cast.lan.user, backend="website.accounts.backends.PasswordBackend")

    for path in (CONNECT, reverse("oidc_disconnect", args=[mine.pk])):
        assert reverse("account_reauthenticate") in old.post(path).url
        assert cast.client(cast.lan).get(path).status_code == 405
        assert Client(enforce_csrf_checks=True).post(path).status_code == 403
    assert SocialAccount.objects.exists()
    assert provider.calls == []


def test_an_identity_of_a_provider_that_is_gone_can_still_be_disconnected(cast, settings):
    mine = connected(cast.lan.user)
    client = cast.client(cast.lan)

    assert "so-y-te" in client.get(reverse("account")).content.decode()
    client.post(reverse("oidc_disconnect", args=[mine.pk]))

    assert not SocialAccount.objects.exists()


def test_the_screens_that_allauth_brings_lead_to_ours(client, db):
    for path in ("/accounts/3rdparty/", "/accounts/3rdparty/signup/", "/accounts/social/signup/"):
        assert client.get(path).url == reverse("account")


def test_a_thousand_knocks_in_a_minute_do_not_reach_the_provider(client, db, provider):
    for _knock in range(600):
        limits.hit("website.oidc", "127.0.0.1", limit=600, seconds=60)

    assert is_told(client.post(LOGIN))
    assert provider.calls == []
