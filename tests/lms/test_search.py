"""Vietnamese search without diacritics, the same on every database; bodies are reused by the services tests."""

import threading

import pytest
from wagtail.models import Page
from wagtail.search.backends import get_search_backend
from wagtail.search.query import Phrase, PlainText

from lms.search import folded, searchable

TITLES = [
    "Đột quỵ não cấp: nhận biết và chuyển tuyến",
    "Nhồi máu não trong sáu giờ đầu",
    "Bác sĩ Đỗ Thị Hương trả lời câu hỏi",
    "Kiểm soát nhiễm khuẩn tại trạm y tế xã",
    "Chứng chỉ 008071/ĐL-CCHN",
]


@pytest.fixture
def pages(db):
    root = Page.get_first_root_node()
    return [root.add_child(instance=Page(title=title, slug=f"trang-{n}")) for n, title in enumerate(TITLES)]


def found(text, how="search", **kwargs):
    return [page.title for page in getattr(get_search_backend(), how)(text, Page, **kwargs)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("dot quy", 0),
        ("đột quỵ", 0),
        ("ĐỘT QUỴ", 0),
        ("Đột quỵ", 0),  # decomposed letters, as a Mac types them
        ("nhoi mau nao", 1),
        ("Do Thi Huong", 2),
        ("nhiem khuan", 3),
        ("008071/DL-CCHN", 4),
        ("008071", 4),
    ],
)
def test_words_are_found_with_and_without_diacritics(pages, text, number):
    assert found(text) == [TITLES[number]]


@pytest.mark.parametrize(("text", "number"), [("dot qu", 0), ("nhoi ma", 1), ("huo", 2), ("nhiem kh", 3)])
def test_the_beginning_of_a_word_is_enough_while_typing(pages, text, number):
    assert TITLES[number] in found(text, "autocomplete")


def test_english_stop_words_are_vietnamese_words(pages):
    assert found("do thi") == [TITLES[2]]
    assert found("an") == []


def test_other_words_find_nothing(pages):
    assert found("tim mạch can thiệp") == []


def test_a_phrase_and_its_negation_are_folded(pages):
    assert found(Phrase("nhoi mau")) == [TITLES[1]]
    assert set(TITLES) - set(found(~PlainText("dot quy"))) == {TITLES[0]}


@pytest.mark.parametrize(
    "text",
    ["", "  ", "!!!", '"', '"dot', "'", "dot OR (", "NEAR(", "*", "a\x00b", "%s %d", "-", "\\", "w" * 5000],
)
@pytest.mark.parametrize("how", ["search", "autocomplete"])
def test_odd_queries_are_answered_not_failed(pages, how, text):
    assert isinstance(found(text, how), list)


def test_a_changed_title_is_found_by_its_new_words_only(pages):
    pages[0].title = "Tăng huyết áp"
    pages[0].save()

    assert found("tang huyet ap") == ["Tăng huyết áp"]
    assert found("dot quy") == []


def test_searchable_text_keeps_letters_and_digits_only():
    assert searchable("  Số: 008071/ĐL-CCHN (cấp 2019) ") == "so 008071 dl cchn cap 2019"
    assert repr(folded(PlainText("!"))) == repr(folded(Phrase("?")))


def test_many_threads_get_one_folding_backend():
    backends = []
    threads = [threading.Thread(target=lambda: backends.append(type(get_search_backend()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(backends)) == 1
