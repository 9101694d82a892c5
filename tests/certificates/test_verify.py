"""The public check: every printed code answers, to everybody, with as little as proves it."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from certificates.actions import issue_for, seal
from certificates.facts import ALPHABET, new_code, shown
from certificates.models import Lookup
from lms import media
from tests.factories import certificates as make
from tests.factories.certificates import revoke, supersede
from tests.kept import repeated


@pytest.fixture
@repeated
def paper(cast):
    """A sealed certificate of Lan's."""
    cast.lan.full_name = "Giàng Thị Mỷ Lan"
    cast.lan.email = "lan.rieng@example.vn"
    cast.lan.save()
    return seal(issue_for(make.completed(cast.lan, make.ready(cast.bach_mai))))


def test_a_valid_code_answers_without_login(cast, paper):
    response = cast.client().get(paper.path)
    html = response.content.decode()

    assert response.status_code == 200
    assert paper.number in html
    assert "G. T. M." in html
    assert "<strong>Lan</strong>" in html
    assert "Bệnh viện Bạch Mai" in html
    assert paper.said["activities"][0]["content"] in html
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "same-origin"
    assert len(response.content) < 20_000


def test_what_identifies_the_holder_is_never_shown(cast, paper):
    html = cast.client().get(paper.path).content.decode()

    for secret in ("Giàng", "08/03/1990", "1990", "0912000111", "001111", "lan.rieng", "Bắc Hà"):
        assert secret not in html, secret


@pytest.mark.parametrize("write", [str.lower, shown, lambda code: f" {code} ", lambda c: c.replace("0", "o")])
def test_a_code_written_otherwise_leads_to_the_same_answer(cast, paper, write):
    response = cast.client().get(f"/V/{write(paper.code)}", follow=True)

    assert response.status_code == 200
    assert paper.number in response.content.decode()


def test_a_wrong_character_is_named_with_the_code_it_was_probably_meant_to_be(cast, paper):
    wrong = paper.code[:3] + ALPHABET[(ALPHABET.index(paper.code[3]) + 1) % 32] + paper.code[4:]

    response = cast.client().get(f"/V/{wrong}")

    assert response.status_code == 404
    assert paper.shown_code in response.content.decode()
    assert paper.number not in response.content.decode()


@pytest.mark.parametrize(
    "text", ["xyz", "%01", "<script>alert(1)</script>", "ă" * 500, "../../etc", "{{ 7*7 }}", "U" * 18]
)
def test_nonsense_gets_a_helpful_page_and_never_an_error(cast, text):
    for response in (cast.client().get(f"/V/{text}"), cast.client().get("/V/", {"code": text}, follow=True)):
        assert response.status_code == 404
        assert "<script>alert" not in response.content.decode()


def test_the_sign_nul_in_a_code_is_refused_with_a_page_that_helps(cast):
    for response in (cast.client().get("/V/%00"), cast.client().get("/V/", {"code": "\0"})):
        assert response.status_code == 400
        assert "Máy chủ không đọc được yêu cầu này" in response.content.decode()


def test_an_unknown_code_is_not_found_and_says_so(cast):
    response = cast.client().get(f"/V/{new_code(b'0123456789')}")

    assert response.status_code == 404
    assert "✕" in response.content.decode()


def test_a_revoked_code_answers_for_ever_with_date_and_reason(cast, paper):
    revoke(paper, by=cast.dao.user, reason="Cấp nhầm người.")

    html = cast.client().get(paper.path).content.decode()

    assert "Cấp nhầm người." in html
    assert "status bad" in html


def test_a_replaced_code_leads_to_the_one_that_counts_only_whom_it_concerns_and_back(cast, paper):
    new = supersede(paper, by=cast.dao.user, reason="Sai dấu trong tên.")

    for client in (cast.client(), cast.client(cast.minh), cast.client(cast.hoa)):
        old = client.get(paper.path).content.decode()
        assert "Đã thay thế" in old
        assert new.code not in old
        assert new.number not in old
    for who in (cast.lan, cast.mo, cast.hang):
        assert f'href="{new.path}"' in cast.client(who).get(paper.path).content.decode()
    assert f'href="{paper.path}"' in cast.client().get(new.path).content.decode()


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("Giàng Thị Mỷ Lan", "match"),
        ("  giàng thị  MỶ lan", "match"),
        ("Gia\u0300ng Thị Mỷ Lan", "match"),
        ("Giang Thi My Lan", "differs"),
        ("Giàng Thị Mỷ", "differs"),
        ("", "differs"),
        ("<b>Lan</b>", "differs"),
    ],
)
def test_a_typed_name_matches_only_with_its_accents(cast, paper, typed, answer):
    response = cast.client().post(paper.path, {"name": typed})

    assert response.context["name_answer"] == answer
    assert Lookup.objects.filter(answer=f"name_{answer}").exists()


def test_the_sixth_name_in_an_hour_is_refused_even_if_right(cast, paper):
    for _try in range(5):
        cast.client().post(paper.path, {"name": "Sai Tên"})

    assert cast.client().post(paper.path, {"name": "Giàng Thị Mỷ Lan"}).context["name_answer"] == "busy"


def stored(paper) -> bytes:
    with media.storage().open(paper.file) as file:
        return file.read()


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        (lambda data: data, "match"),
        (lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:], "differs"),
        (lambda data: data + b"\n", "differs"),
        (lambda data: data[:-100], "differs"),
        (lambda data: b"%PDF-1.4 " + b"<<" * 50_000, "differs"),
        (lambda data: b"", "differs"),
    ],
)
def test_only_the_original_file_is_called_the_original(cast, paper, change, answer):
    file = SimpleUploadedFile("x.pdf", change(stored(paper)), "application/pdf")

    assert cast.client().post(paper.path, {"file": file}).context["file_answer"] == answer


def test_a_file_that_is_too_large_is_refused_and_nothing_is_kept(cast, paper, settings):
    settings.LMS_CERTIFICATES_MAX_COMPARE_BYTES = 1000
    file = SimpleUploadedFile("x.pdf", b"x" * 1001, "application/pdf")

    response = cast.client().post(paper.path, {"file": file})

    assert response.status_code == 200
    assert response.context["lookup"] == "file_refused"


def test_one_address_may_not_scrape(cast, paper, settings):
    settings.LMS_CERTIFICATES_CHECKS_PER_MINUTE = 3
    statuses = [cast.client().get(paper.path).status_code for _try in range(4)]

    assert statuses == [200, 200, 200, 429]


def test_a_post_without_the_token_of_the_form_is_refused(paper):
    from django.test import Client

    assert Client(enforce_csrf_checks=True).post(paper.path, {"name": "Lan"}).status_code == 403


def test_the_page_speaks_english_when_asked(cast, paper):
    english = cast.client().get(paper.path, {"lang": "en"}).content.decode()

    assert '<html lang="en">' in english
    assert "Valid" in english
    assert '<html lang="vi">' in cast.client().get(paper.path).content.decode()


def test_a_sample_says_that_it_has_no_value(cast, paper):
    type(paper).objects.filter(pk=paper.pk).update(is_sample=True)

    assert "note warn" in cast.client().get(paper.path).content.decode()


def test_each_answer_is_counted_without_a_trace_of_who_asked(cast, paper):
    cast.client(cast.khanh).get(paper.path)

    row = Lookup.objects.get()
    assert (row.certificate, row.answer) == (paper, "issued")
    assert {field.name for field in Lookup._meta.fields} == {"id", "certificate", "at", "answer"}


def test_the_check_takes_few_queries(cast, paper, django_assert_max_num_queries):
    client = cast.client()
    client.get(paper.path)
    with django_assert_max_num_queries(14):
        client.get(paper.path)


def test_the_dates_are_those_of_the_register(cast, paper):
    assert (
        f"{paper.issued_at.astimezone(make.HANOI):%d/%m/%Y}" in cast.client().get(paper.path).content.decode()
    )
    assert paper.issued_at <= datetime.datetime.now(datetime.UTC)
