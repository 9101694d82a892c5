"""A session that nobody sits at ends by itself; only learners may ask to be kept for ninety days."""

import time

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from lms.models import RoleAssignment
from tests.factories import cast as make
from website.accounts.devices import device
from website.accounts.middleware import SEEN

HOUR = 3600
DAY = 24 * HOUR
PASSWORD = "con-suối-mùa-lũ-26"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
PHONE = f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/131.0.0.0 Mobile Safari/537.36"


def rest(client, seconds, *, kept=False):
    """Let the session lie for so long."""
    client.get(reverse("me"))
    session = client.session
    session[SEEN] = time.time() - seconds
    if kept:
        session.set_expiry(90 * DAY)
    session.save()
    return client


def is_signed_in(client) -> bool:
    return client.get(reverse("me")).status_code == 200


@pytest.mark.parametrize(("hours", "stays"), [(7.9, True), (8.1, False)])
def test_a_learners_session_rests_for_a_working_day(cast, hours, stays):
    assert is_signed_in(rest(cast.client(cast.lan), hours * HOUR)) is stays


def test_a_learner_who_asked_is_kept(cast):
    assert is_signed_in(rest(cast.client(cast.lan), 80 * DAY, kept=True))


def test_an_office_is_not_kept_though_it_asked(cast):
    client = rest(cast.client(cast.ung), 9 * HOUR, kept=True)

    assert not is_signed_in(client)


def test_a_session_that_was_kept_ends_with_the_browser_once_its_learner_gets_an_office(cast):
    client = rest(cast.client(cast.khanh), HOUR, kept=True)
    make.role(cast.khanh, RoleAssignment.Role.UNIT_MANAGER, cast.ta_phin)

    client.get(reverse("me"))

    assert client.session.get_expire_at_browser_close()


@pytest.mark.parametrize("who", ["mo", "thang", "dao"])
@pytest.mark.parametrize(("minutes", "stays"), [(29, True), (31, False)])
def test_who_looks_into_the_register_appraises_or_signs_rests_half_an_hour(cast, who, minutes, stays):
    client = rest(cast.client(getattr(cast, who)), minutes * 60)

    assert is_signed_in(client) is stays


def test_whoever_works_on_is_not_signed_out(cast):
    client = cast.client(cast.mo)
    for _time in range(4):
        assert is_signed_in(rest(client, 20 * 60))


def test_who_was_signed_out_is_told_why_and_comes_back_to_the_page(cast):
    client = rest(cast.client(cast.lan), 9 * HOUR)

    answer = client.get(reverse("me"), follow=True)

    assert answer.redirect_chain[0][0].endswith("?next=" + reverse("me"))
    assert "không có thao tác" in answer.content.decode()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (PHONE, "Chrome trên Android"),
        (PHONE.replace("Mobile", "SamsungBrowser/26.0 Mobile"), "Samsung Internet trên Android"),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/131 Safari/537.36 Edg/131",
            "Edge trên Windows",
        ),
        (
            f"Mozilla/5.0 (Windows NT 6.1) {WEBKIT} coc_coc_browser/110 Chrome/104 Safari/537",
            "Cốc Cốc trên Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox trên Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E Safari/604",
            "Safari trên iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 13) Chrome/131 Mobile Safari/537 Zalo android/241101",
            "Zalo trên Android",
        ),
        ("curl/8.5 (Linux)", "Trình duyệt khác trên Linux"),
        ("<script>alert(1)</script>", "Trình duyệt khác"),
        ("", "Trình duyệt khác"),
    ],
)
def test_a_device_is_named_as_its_owner_knows_it(said, words):
    with override("vi"):
        assert device(said) == words


def signed_in_twice(cast):
    cast.lan.user.set_password(PASSWORD)
    cast.lan.user.save()
    both = Client(HTTP_USER_AGENT=PHONE), Client(HTTP_USER_AGENT="Máy trạm")
    for client in both:
        client.post(reverse("account_login"), {"login": "lan", "password": PASSWORD})
        assert is_signed_in(client)
    return both


def test_one_sees_where_one_is_signed_in_and_signs_out_elsewhere(cast):
    here, elsewhere = signed_in_twice(cast)
    assert UserSession.objects.filter(user=cast.lan.user).count() == 2
    page = here.get(reverse("usersessions_list")).content.decode()
    assert "Chrome trên Android" in page
    assert "Trình duyệt khác" in page
    assert "Mozilla" not in page

    here.post(reverse("usersessions_list"))

    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


def test_a_changed_password_ends_the_other_sessions(cast):
    here, elsewhere = signed_in_twice(cast)

    new = {"oldpassword": PASSWORD, "password1": "nương-ngô-mùa-gặt", "password2": "nương-ngô-mùa-gặt"}
    here.post(reverse("account_change_password"), new)

    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


def test_a_login_that_is_closed_ends_at_its_next_request(cast):
    client = cast.client(cast.lan)
    assert is_signed_in(client)

    get_user_model().objects.filter(pk=cast.lan.user_id).update(is_active=False)

    assert not is_signed_in(client)
