"""The log: who was refused and what failed is found in it, and nothing by which a person is found."""

import logging
import sys

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from lms.logs import Discreet, hidden, near
from tests.factories import cast as make
from tests.security.matrix import MATRIX

LINE = settings.LOGGING["formatters"]["line"]
WRITTEN = Discreet(LINE["format"], style=LINE["style"])
PLAIN = logging.Formatter(LINE["format"], style=LINE["style"])


def record(message: str, *args, error: Exception | None = None) -> logging.LogRecord:
    """A warning of ours."""
    info = (type(error), error, None) if error else None
    return logging.LogRecord("lms.queue", logging.WARNING, __file__, 1, message, args, info)


@pytest.mark.slow
def test_no_line_of_the_whole_walk_holds_a_person_or_a_secret(world, looked, acted, lines):
    for name in MATRIX:
        looked(name)
        acted(name)

    keys = {str(world.certificate.uuid), str(world.certificate_b.uuid)}  # they stand in addresses
    secrets = {mark for side in world.marks.values() for mark in side} - keys
    assert not [line for line in lines for one in secrets if one in line]
    assert any(f"[user {world.users['tB'].user_id}]" in line for line in lines), "who was refused is told"


def test_rule_17_a_learner_of_another_province_is_not_found_and_who_tried_is_logged(cast, caplog):
    there = make.facility("Bệnh viện Đa khoa Tuyên Quang", province=make.province("08", "Tuyên Quang", ()))
    stranger = make.person("Ma Thị Kiều", works_at=there)
    own, foreign = (reverse("lms-persons:inspect", args=[one.pk]) for one in (cast.lan, stranger))
    officer = cast.client(cast.sen)
    caplog.set_level(logging.INFO)

    assert officer.get(own).status_code == 200
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert officer.get(foreign).status_code == 404

    [line] = [WRITTEN.format(one) for one in caplog.records if one.levelno >= logging.WARNING]
    assert line.endswith(f"Not Found: {foreign} [user {cast.sen.user_id}]")
    assert stranger.full_name not in line
    assert not stranger.accesses.exists(), "nothing was shown"
    assert cast.lan.accesses.get().user == cast.sen.user


def test_neither_password_nor_name_nor_code_of_signing_in_is_written(cast, caplog):
    cast.lan.user.set_password("mật-khẩu-rất-dài-2026")
    cast.lan.user.save()
    get_user_model().objects.filter(pk=cast.lan.user_id).update(phone="+84912345678")
    caplog.set_level(logging.INFO)
    client = Client(REMOTE_ADDR="203.0.113.77")

    client.post(reverse("account_login"), {"login": "mật-khẩu-nhầm-ô", "password": "sai-hết-cả-rồi"})
    client.post(reverse("account_request_login_code"), {"address": "0912345678"})
    client = Client(REMOTE_ADDR="203.0.113.77")
    own = {"login": cast.lan.user.username, "password": "mật-khẩu-rất-dài-2026"}
    assert client.post(reverse("account_login"), own).status_code == 302
    client.post(reverse("account_logout"))

    said = "\n".join(WRITTEN.format(one) for one in caplog.records)
    login = cast.lan.user_id
    assert f"signed in: user {login} from 203.0.113.0" in said
    assert f"signed out: user {login}" in said
    assert "sign-in refused from 203.0.113.0" in said
    for secret in ("mật-khẩu", "sai-hết", "912345678", "203.0.113.77", "Nguyễn Thị Lan"):
        assert secret not in said


@pytest.mark.parametrize(
    "text",
    [
        "SMTPRecipientsRefused({'lan.nguyen@benhvien.vn': (550, b'No such user')})",
        "the number +84912345678 is not reached",
        "0912345678",
        "001111/LCA-CCHN is taken",
        "căn cước 010190001234",
        'DETAIL:  Key (phone)=(+84912345678, "Nguyễn Thị Lan") already exists.',
        "DETAIL:  Failing row contains (7, Nguyễn Thị Lan, 1990-03-08).",
    ],
)
def test_addresses_and_numbers_in_an_error_are_hidden(text):
    error = ValueError(text)
    told = ["lan.nguyen", "912345678", "001111", "010190001234", "Nguyễn Thị Lan"]
    naive = PLAIN.format(record("Job 7 failed: %s", error, error=error))

    assert any(one in naive for one in told), "else this test could not fail"
    assert not [one for one in told if one in WRITTEN.format(record("Job 7 failed: %s", error, error=error))]


@given(st.text(max_size=300))
def test_nothing_typed_begins_a_line_of_its_own(text):
    lines = WRITTEN.format(record("Not Found: %s", text)).split("\n")

    assert lines[0].split(" ")[2] == "WARNING"
    assert all(line.startswith("\t") for line in lines[1:])
    assert not set("\r\x0b\x0c\x1b\x85\u2028\u202e") & set("".join(lines))


def test_a_forged_line_is_seen_to_be_none():
    forged = "/a\n2026-11-29 08:00:00 INFO website.accounts signed in: user 1"

    assert "\n2026" in PLAIN.format(record("Not Found: %s", forged)), "else this test could not fail"
    assert "\n2026" not in WRITTEN.format(record("Not Found: %s", forged))


def test_what_names_nobody_stays_readable():
    said = (
        "Message 41 was being handed over at 2026-11-29 08:00:00; try 3 of 12; /admin/lms-persons/inspect/6/"
    )

    assert hidden(said) == said


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.77", "203.0.113.0"), ("2001:db8:1:2::9", "2001:db8:1::"), ("", "?"), ("\nx", "?")],
)
def test_of_an_address_its_network_is_kept(address, network):
    assert near(address) == network


def test_the_trace_of_an_error_is_kept():
    try:
        raise KeyError("thiếu")
    except KeyError:
        one = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())

    assert "\tTraceback" in WRITTEN.format(one)
    assert "KeyError" in WRITTEN.format(one)
