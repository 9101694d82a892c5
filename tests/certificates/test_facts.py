"""Canonical bytes and codes: every likely slip of a finger is noticed."""

import contextlib
import secrets
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.facts import (
    ALPHABET,
    CODE_LENGTH,
    Malformed,
    canonical,
    check_code,
    masked,
    new_code,
    normalised,
    same_name,
    sha256,
    shown,
)

CODES = st.binary(min_size=10, max_size=10).map(new_code)


def test_canonical_bytes_are_those_of_rfc_8785():
    value = {"peach": "đ", "b": [1, None, True], "a": {"€": '\n"\\', "\U0001f600": 1, "\ufb33": 2}}

    assert canonical(value) == (
        '{"a":{"€":"\\n\\"\\\\","\U0001f600":1,"\ufb33":2},"b":[1,null,true],"peach":"đ"}'.encode()
    )


@pytest.mark.parametrize("value", [1.5, Decimal("1.5"), {1: "a"}, b"x", 2**53, {"a": (1,)}])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        canonical(value)


def test_the_order_of_keys_does_not_change_the_hash():
    assert sha256(canonical({"a": "1", "b": "2"})) == sha256(canonical({"b": "2", "a": "1"}))


def test_a_code_holds_eighty_bits_and_two_check_characters():
    code = new_code(secrets.token_bytes(10))

    assert len(code) == CODE_LENGTH
    assert set(code) <= set(ALPHABET)
    assert check_code(code) == code
    assert shown(code) == f"{code[:6]}-{code[6:12]}-{code[12:]}"


def test_a_code_of_anything_but_ten_bytes_is_refused():
    with pytest.raises(ValueError, match="ten random bytes"):
        new_code(b"short")


@given(CODES)
def test_every_single_wrong_character_is_noticed_and_put_right(code):
    for place in range(CODE_LENGTH):
        for char in ALPHABET:
            if char == code[place]:
                continue
            with pytest.raises(Malformed) as caught:
                check_code(code[:place] + char + code[place + 1 :])
            assert caught.value.suggestion == code


@given(CODES)
def test_every_swap_of_neighbours_is_noticed(code):
    for place in range(CODE_LENGTH - 1):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        if swapped != code:
            with pytest.raises(Malformed):
                check_code(swapped)


@given(CODES, st.integers(0, CODE_LENGTH - 1))
def test_a_character_outside_the_alphabet_is_put_right(code, place):
    with pytest.raises(Malformed) as caught:
        check_code(code[:place] + "U" + code[place + 1 :])

    assert caught.value.suggestion == code


@given(CODES)
def test_case_dashes_spaces_and_lookalikes_do_not_matter(code):
    typed = f" {shown(code).lower()} ".replace("0", "o").replace("1", "l").replace("-", "–")

    assert check_code(typed) == code
    assert normalised(code.replace("1", "I")) == code


@given(st.text(max_size=40))
def test_no_text_breaks_the_check(text):
    with contextlib.suppress(Malformed):
        assert check_code(text) in normalised(text)


def test_a_stranger_sees_initials_and_the_given_name():
    assert masked("Giàng Thị Mỷ") == ("G. T.", "Mỷ")
    assert masked("Mỷ") == ("", "Mỷ")
    assert masked("") == ("", "")


def test_names_agree_whatever_their_case_spaces_and_unicode_form():
    assert same_name("  GIÀNG  thị mỷ ", "Giàng Thị Mỷ")
    assert same_name("Gia\u0300ng Thi\u0323 My\u0309", "Giàng Thị Mỷ")
    assert not same_name("Giang Thi My", "Giàng Thị Mỷ")
