"""Numbers that a browser sends: the ten digits and nothing else, however much Unicode calls a digit."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from lms.keys import read_key, read_keys

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("lms", "content", "courses", "certificates", "website")
READS_BYTES = {"content/transcode.py"}
"""Of bytes, ``isdigit`` knows the ten digits only."""


def naive(text):
    """Digit by digit, as one reads."""
    digits = [sign for sign in text if sign in "0123456789"]
    return int("".join(digits)) if 0 < len(text) == len(digits) <= 18 else None


@given(st.text() | st.text("0123456789²٣", max_size=20) | st.integers(0, 10**19).map(str))
def test_a_key_is_the_number_that_one_reads_or_none(text):
    assert read_key(text) == naive(text)


@pytest.mark.parametrize(
    "text", ["", "²", "١٢", "-1", "+1", " 1", "1\n", "1e3", "1_000", "9" * 19, "9" * 5000]
)
def test_what_no_link_of_ours_says_is_no_key(text):
    assert read_key(text) is None


def test_of_several_texts_those_that_are_keys_are_taken_once_each():
    assert read_keys(["7", "²", "", "12", "007"]) == {7, 12}
    assert read_keys([]) == set()


def test_no_text_is_taken_for_a_number_by_a_test_that_passes_what_int_refuses():
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if str(path.relative_to(ROOT)) not in READS_BYTES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\.is(?:digit|numeric)\(", line) and ".isascii()" not in line
    ]

    assert bare == [], (
        "lms.keys.read_key reads it; isdecimal asks for digits of any script, of which int makes one"
    )
