"""How a message is put together: hostile names stay words, text messages are counted as providers do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.letters import Letter, as_mail, fill, filled, places, plain, sms_parts, together

WORDS = st.text(max_size=40)


@pytest.mark.parametrize(
    "name",
    [
        "{reason}",
        "{{7*7}}",
        "%(x)s%d",
        "{0.__class__}",
        "Lan\r\nBcc: moi@example.vn",
        "<script>alert(1)</script>",
        "\u202egnaL",
    ],
)
def test_a_hostile_name_fills_its_place_and_nothing_else(name):
    said = filled(
        Letter("Chào {name}", "Chào {name}, lý do: {reason}", "{name}"), {"name": name, "reason": "bí mật"}
    )

    assert "bí mật" not in said.subject + said.short
    assert said.text.count("bí mật") == 1
    assert "\n" not in said.subject
    assert "\u202e" not in said.text
    if name.isprintable():
        assert name in said.text


def test_a_name_that_is_an_address_cannot_be_pressed_in_a_mail():
    assert "://" not in filled(Letter("{name}", "{name}"), {"name": "Bấm https://xau.example"}).text


@given(st.dictionaries(st.sampled_from(["name", "course", "day"]), WORDS), WORDS)
def test_what_a_word_says_between_braces_is_never_filled_again(words, before):
    text = f"{before.replace('{', '')}|{{name}}|{{course}}"

    got = fill(text, words)

    assert got == f"{before.replace('{', '')}|{words.get('name', '{name}')}|{words.get('course', '{course}')}"


@given(st.text())
def test_a_value_is_one_short_line(value):
    got = plain(value)

    assert len(got) <= 200
    assert "\n" not in got
    assert plain(got) == got


def test_places_are_named_by_what_stands_between_braces():
    assert places("{name} {Name} {a b} {course}", "{day}") == {"name", "course", "day"}


def test_several_letters_become_one_and_one_stays_itself():
    first, second = Letter("Một", "Nội dung một", "1"), Letter("Hai", "Nội dung hai", "2")

    both = together([first, second], subject="2 tin mới", short="Vươn Xa: 2 tin mới")

    assert together([first], subject="?", short="?") == first
    assert both == Letter("2 tin mới", "1. Một\nNội dung một\n\n2. Hai\nNội dung hai", "Vươn Xa: 2 tin mới")


def test_a_mail_ends_with_the_way_on_and_the_way_out():
    body = as_mail(
        Letter("Một", "Nội dung"), link="https://vx.example/a", footer=["Ngừng: https://vx.example/b"]
    )

    assert body == "Nội dung\n\nhttps://vx.example/a\n\n-- \nNgừng: https://vx.example/b"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("ế" * 70, 1),
        ("ế" * 71, 2),
        ("ế" * 134, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_a_text_message_costs_what_the_standard_says(text, parts):
    assert sms_parts(text) == parts
