"""A paper is checked with the network off, by the browser's own Ed25519 and by the page's own arithmetic."""

import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from certificates.actions import declare_compromised, issue_for, make_key, seal
from certificates.models import LogEntry, SigningKey
from lms import clock
from tests.browser.conftest import PHONE
from tests.factories import certificates as make
from tests.factories.certificates import revoke


@pytest.fixture
def papers(race_cast, settings, tmp_path):
    """Two sealed certificates, in a database of their own: Lan's, and one of Minh's that was revoked."""
    cast = race_cast
    settings.LMS_CERTIFICATES_KEYS_FOLDER = tmp_path / "keys"
    make_key(SigningKey.Purpose.CODES)
    run = make.ready(cast.bach_mai)
    lan, minh = (seal(issue_for(make.completed(who, run))) for who in (cast.lan, cast.minh))
    return lan, minh


@pytest.fixture
def offline(papers, chromium, tmp_path):
    """The page as it was saved, in a browser without network."""
    saved = tmp_path / "kiem-tra.html"
    saved.write_bytes(Client().get("/V/offline/check.html").content)
    context = chromium.new_context(viewport=PHONE, locale="vi-VN", offline=True)
    page = context.new_page()
    page.goto(saved.as_uri())
    yield page
    context.close()


def checked(page, paper, **typed) -> str:
    """What the page answers; *typed* is what differs from the paper."""
    said = paper.said
    typed = {
        "code": f"{said['url']}#{paper.mark}",
        "number": said["number"],
        "name": said["holder"]["name"],
        "hours": said["total"],
        **typed,
    }
    for name, text in typed.items():
        page.fill(f"[name={name}]", text)
    page.evaluate("check()")
    return page.get_by_role("status").inner_text()


def test_a_paper_is_checked_without_network(offline, papers, tmp_path):
    lan = papers[0]

    assert "✓" in checked(offline, lan)
    assert "✓" in checked(offline, lan, name=lan.said["holder"]["name"].upper(), hours="8,0")
    if folder := os.environ.get("SHOTS"):
        offline.screenshot(path=Path(folder, "offline-check.png"), full_page=True)
    assert "✕" in checked(offline, lan, name="Nguyễn Thị Làn")
    assert "✕" in checked(offline, lan, hours="80")
    assert "✕" in checked(offline, lan, number="00009/2026/GCN-BVBM")
    assert "✕" in checked(offline, lan, code=f"{lan.said['url']}#{papers[1].mark}")
    assert "158" in checked(offline, lan, code=lan.said["url"])
    assert "khóa số 2" in checked(offline, lan, code=f"{lan.said['url']}#002{lan.mark[3:]}")
    assert offline.evaluate("document.documentElement.scrollWidth") <= 360


def test_an_exported_register_says_what_was_revoked(offline, papers, race_cast, tmp_path):
    _lan, minh = papers
    revoke(minh, by=race_cast.dao.user, reason="Cấp nhầm người.")
    lines = [
        json.dumps({"leaf": bytes(leaf).decode()}) for leaf in LogEntry.objects.values_list("leaf", flat=True)
    ]
    export = tmp_path / "register.jsonl"
    export.write_text("\n".join(lines))
    offline.set_input_files("[name=register]", export)

    assert offline.evaluate("document.querySelector('[role=status]').className") == ""
    checked(offline, papers[0])
    assert offline.evaluate("document.querySelector('[role=status]').className") == "good"
    checked(offline, minh)
    assert offline.evaluate("document.querySelector('[role=status]').className") == "bad"


def test_a_compromised_key_is_named(papers, chromium, tmp_path):
    declare_compromised(SigningKey.objects.get(), at=clock.now(), reason="Máy chủ bị xâm nhập")
    saved = tmp_path / "later.html"
    saved.write_bytes(Client().get("/V/offline/check.html").content)
    page = chromium.new_page()
    page.goto(saved.as_uri())
    checked(page, papers[0])

    assert page.evaluate("document.querySelector('[role=status]').className") == "warn"
    page.close()


def test_the_arithmetic_of_the_page_agrees_with_openssl(offline):
    for number in range(8):
        private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        message, key = bytes(range(number * 17)), private.public_key().public_bytes_raw()
        signature = private.sign(message)
        wrong = bytes([signature[0] ^ 1]) + signature[1:]
        high = signature[:32] + (
            int.from_bytes(signature[32:], "little") + 2**252 + 27742317777372353535851937790883648493
        ).to_bytes(32, "little")
        for given, right in ((signature, True), (wrong, False), (high, False)):
            args = [list(key), list(message), list(given)]
            for function in ("slowlyVerifies", "verifies"):
                found = offline.evaluate(f"(a) => {function}(...a.map((one) => new Uint8Array(one)))", args)
                assert found is right
