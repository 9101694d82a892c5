"""No way through sign-in leads to another site, and no forged host gets into a mail."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tests.website import codes

PASSWORD = "con-suối-mùa-lũ-26"
NAMES = ("next", "return", "url", "redirect", "continue", "from", "return_to", "redirect_to")
EVIL = "evil.example"
TARGETS = sorted(
    {
        f"{start}{EVIL}{end}"
        for start in (
            "https://",
            "http://",
            "//",
            "///",
            "////",
            "/\\",
            "\\\\",
            "\\/",
            "/\t/",
            "/\n/",
            "\t//",
            " //",
            "%2f%2f",
            "/%2f",
            "/%5c",
            "https:",
            "https:/",
            "http:///",
            "HTTPS://",
            "ftp://",
            "https://testserver@",
            "https://testserver.",
            "//testserver@",
            "https:\\\\",
            "/%09/",
            "/.//",
            "/..//",
            "\x01//",
        )
        for end in ("", "/me/")
    }
    | {
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "https://127.0.0.1.nip.io",
        "//[::1]",
        "https://testserver:pass@evil.example",
        "http://evil.example#@testserver/",
        "https://evil.example?testserver",
    }
)
assert len(TARGETS) >= 60


@pytest.fixture
def lan(cast, settings):
    settings.LMS_CHANNELS = codes.THROUGH | {"email": {"BACKEND": "lms.messages.Email"}}
    settings.ACCOUNT_RATE_LIMITS = False
    codes.clear()
    cast.lan.user.set_password(PASSWORD)
    cast.lan.user.phone = "+84912345678"
    cast.lan.user.save()
    EmailAddress.objects.create(user=cast.lan.user, email="lan@example.vn", verified=True, primary=True)
    return cast.lan


def stays_here(answer) -> bool:
    """Whether a redirect, if it is one, stays on the site (as a browser reads it)."""
    to = answer.headers.get("Location", "/")
    return url_has_allowed_host_and_scheme(to, allowed_hosts={"testserver"})


def everywhere(target) -> dict:
    return dict.fromkeys(NAMES, target)


@pytest.mark.parametrize("target", TARGETS)
def test_no_parameter_of_signing_in_or_out_leads_away(lan, target):
    client = Client()
    form = {"login": "lan", "password": PASSWORD}
    for answer in (
        client.post(reverse("account_login", query=everywhere(target)), form | everywhere(target)),
        client.get(reverse("account_login", query=everywhere(target))),
        client.get(reverse("account_reauthenticate", query=everywhere(target))),
        client.post(
            reverse("account_reauthenticate", query=everywhere(target)),
            {"password": PASSWORD} | everywhere(target),
        ),
        client.get(reverse("language", args=["vi"], query=everywhere(target))),
        client.post(reverse("set_language"), {"language": "vi"} | everywhere(target)),
        client.post(reverse("account_logout", query=everywhere(target)), everywhere(target)),
        client.get(reverse("account_signup", query=everywhere(target))),
    ):
        assert stays_here(answer), answer.headers.get("Location")


@pytest.mark.parametrize("target", TARGETS[::5])
def test_no_parameter_of_a_code_leads_away(lan, target):
    client = Client()
    asked = client.post(
        reverse("account_request_login_code", query=everywhere(target)),
        {"address": "0912345678"} | everywhere(target),
    )
    code = codes.code_to("+84912345678")
    done = client.post(
        reverse("account_confirm_login_code", query=everywhere(target)), {"code": code} | everywhere(target)
    )

    assert "_auth_user_id" in client.session
    assert stays_here(asked)
    assert stays_here(done)


def test_the_way_back_on_our_own_site_is_kept(lan, client):
    answer = client.post(
        reverse("account_login"), {"login": "lan", "password": PASSWORD, "next": "/me/my-data/?x=1"}
    )

    assert answer.url == "/me/my-data/?x=1"


@pytest.mark.parametrize("forged", [{"HTTP_HOST": EVIL}, {"HTTP_HOST": f"testserver@{EVIL}"}])
def test_a_forged_host_is_refused_and_sends_nothing(lan, client, settings, forged):
    settings.ALLOWED_HOSTS = ["testserver"]
    for name in ("account_reset_password", "account_request_login_code"):
        answer = client.post(reverse(name), {"address": "lan@example.vn"}, **forged)
        assert answer.status_code == 400

    assert mail.outbox == []


@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "HTTP_X_HOST"])
def test_a_forged_forwarded_host_gets_into_no_mail(lan, client, header):
    client.post(reverse("account_reset_password"), {"address": "lan@example.vn"}, **{header: EVIL})
    client.post(reverse("account_reset_password"), {"address": "ai-do@example.vn"}, **{header: EVIL})

    assert len(mail.outbox) == 2
    assert not any(EVIL in message.body for message in mail.outbox)
