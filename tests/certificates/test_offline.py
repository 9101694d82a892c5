"""Checking without network: one file with the public keys, and nothing about anybody."""

import json
import re

import pytest
from django.test import Client

from certificates import signing
from certificates.actions import declare_compromised, issue_for, make_key, seal
from certificates.facts import code_message
from certificates.models import SigningKey
from lms import clock
from tests.factories import certificates as make

Purpose = SigningKey.Purpose
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _keys(settings, tmp_path):
    settings.LMS_CERTIFICATES_KEYS_FOLDER = tmp_path / "keys"


def test_the_keys_are_published_with_their_lives_and_no_more():
    old = make_key(Purpose.CODES)
    make_key(Purpose.DOCUMENTS)
    new = make_key(Purpose.CODES)
    declare_compromised(old, at=clock.now(), reason="Máy chủ bị xâm nhập")

    found = Client().get("/V/keys.json").json()

    assert [key["kid"] for key in found["keys"]] == [old.kid, new.kid]
    assert found["keys"][0]["compromised"]
    assert set(found["keys"][0]) == {"kid", "ed25519", "issuer", "from", "until", "compromised"}


def test_the_page_is_one_file_that_asks_nobody(cast):
    make_key(Purpose.CODES)
    seal(issue_for(make.completed(cast.lan, make.ready(cast.bach_mai))))

    answer = Client().get("/V/offline/check.html")
    page = answer.content.decode()

    assert answer["Content-Disposition"].startswith("attachment")
    assert not re.search(r"(src|href)=|url\(|fetch\(|XMLHttpRequest|import\(", page)
    assert "default-src 'none'" in page
    assert cast.lan.full_name not in page
    kept = json.loads(re.search(r'<script id="keys" type="application/json">(.*?)</script>', page)[1])
    assert len(kept["keys"]) == 1
    assert len(answer.content) < 20_000


def test_an_issuer_whose_name_would_end_the_script_does_not(cast):
    cast.bach_mai.name = "</script><script>alert(1)</script>"
    cast.bach_mai.save()
    make_key(Purpose.CODES, issuer=make.issuer(cast.bach_mai))

    assert "alert(1)</script>" not in Client().get("/V/offline/check.html").content.decode()


def test_a_site_without_keys_says_so():
    assert "check.html" not in Client().get("/V/offline/").content.decode()
    make_key(Purpose.CODES)
    assert "check.html" in Client().get("/V/offline/").content.decode()


@pytest.mark.parametrize(
    "change", [{"number": "00002/2026/GCN-X"}, {"total": "8.50"}, {"holder": {"name": "Nguyễn Thị Làn"}}]
)
def test_a_code_is_signed_for_number_name_and_hours(change):
    key = make_key(Purpose.CODES)
    said = {
        "code": "0" * 18,
        "number": "00001/2026/GCN-X",
        "total": "8.00",
        "holder": {"name": "Nguyễn Thị Lan"},
    }
    signature = signing.signer(key).sign(code_message(key.kid, said))
    typed = said | {"holder": {"name": "  NGUYỄN thị  Lan "}, "total": "8"}

    assert signing.verifies(key, signature, code_message(key.kid, typed))
    assert not signing.verifies(key, signature, code_message(key.kid, said | change))
    assert not signing.verifies(key, signature, code_message(key.kid + 1, said))
