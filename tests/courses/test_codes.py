"""Codes that date themselves, site tokens that cannot be moved elsewhere."""

import random

import pytest

from courses import codes

SECRET, OTHER = "bi-mat-cua-buoi-hoc", "bi-mat-cua-buoi-khac"
NOW = 1_795_503_600.0


def test_a_code_stands_for_thirty_seconds():
    step = codes.step_at(NOW)

    assert codes.step_at(NOW + 29) == step
    assert codes.step_at(NOW + 30) == step + 1
    assert codes.code_at(SECRET, step) != codes.code_at(SECRET, step + 1)


@pytest.mark.parametrize(("steps", "accepted"), [(-4, False), (-3, True), (0, True), (1, True), (2, False)])
def test_three_past_steps_and_one_to_come_are_accepted(steps, accepted):
    shown = codes.step_at(NOW) + steps

    found = codes.find_step(SECRET, codes.code_at(SECRET, shown), NOW)

    assert found == (shown if accepted else None)


def test_a_code_of_another_session_is_not_found():
    assert codes.find_step(SECRET, codes.code_at(OTHER, codes.step_at(NOW)), NOW) is None


def test_a_code_says_when_it_was_on_the_screen():
    hours_ago = codes.step_at(NOW) - 600

    found = codes.find_step(SECRET, codes.code_at(SECRET, hours_ago), NOW - 600 * 30 + 100, back=10, ahead=10)

    assert found == hours_ago


def test_codes_are_six_digits_spread_over_the_whole_range():
    drawn = {codes.code_at(SECRET, step) for step in range(5000)}

    assert all(len(code) == 6 and code.isdigit() for code in drawn)
    assert len(drawn) > 4950
    assert sum(code < "500000" for code in drawn) == pytest.approx(2500, abs=200)


def test_guessing_blindly_hits_less_than_once_in_ten_thousand():
    rng = random.Random(7)

    hits = sum(
        codes.find_step(SECRET, f"{rng.randrange(10**6):06d}", NOW + 30 * n) is not None
        for n in range(20_000)
    )

    assert hits <= 2


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("123 456", "123456"),
        (" 012345 ", "012345"),
        ("12-34-56", "123456"),
        ("12345", None),
        ("1234567", None),
        ("abcdef", None),
        ("", None),
        ("١٢٣٤٥٦", None),
    ],
)
def test_what_people_type_is_read_kindly(typed, read):
    assert codes.clean(typed) == read


def test_a_site_token_is_bound_to_session_site_and_moment():
    text = codes.site_token(SECRET, "buoi-1", 7, NOW)
    token = codes.read_site_token(text)

    assert token.site == 7
    assert codes.is_genuine(token, SECRET, "buoi-1")
    assert not codes.is_genuine(token, SECRET, "buoi-2")
    assert not codes.is_genuine(token, OTHER, "buoi-1")
    moved = codes.read_site_token(text.replace("7.", "8.", 1))
    assert not codes.is_genuine(moved, SECRET, "buoi-1")
    later = codes.SiteToken(7, token.step + 2, token.signature)
    assert not codes.is_genuine(later, SECRET, "buoi-1")


def test_a_site_token_is_renewed_every_minute_and_lives_two_minutes():
    first = codes.read_site_token(codes.site_token(SECRET, "buoi-1", 7, NOW))
    minted = codes.moment_of(first.step)

    assert codes.site_token(SECRET, "b", 7, minted) == codes.site_token(SECRET, "b", 7, minted + 59)
    assert codes.site_token(SECRET, "b", 7, minted) != codes.site_token(SECRET, "b", 7, minted + 60)
    assert codes.is_timely(first.step, minted + 119)
    assert not codes.is_timely(first.step, minted + 180)


def test_a_printed_token_has_no_moment():
    token = codes.read_site_token(codes.site_token(SECRET, "buoi-1", 7, None))

    assert token.step is None
    assert codes.is_genuine(token, SECRET, "buoi-1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "7.p",
        "7.p.short",
        "x.p." + "a" * 22,
        "7.1.2." + "a" * 22,
        "7.p." + "é" * 22,
        "٧.p." + "a" * 22,
        "7.٧." + "a" * 22,
    ],
)
def test_what_is_no_token_is_not_read(text):
    assert codes.read_site_token(text) is None


@pytest.mark.parametrize("text", ["", "7", "7.", "7.đ", "².đ", "٧." + "a" * 22, "7." + "a" * 22, "9" * 5000])
def test_a_poster_that_we_did_not_print_names_no_site(text):
    assert codes.read_poster_token(SECRET, text) is None
    assert codes.read_poster_token(SECRET, codes.poster_token(SECRET, 7)) == 7


@pytest.mark.parametrize("text", ["", "1.1.1", "1.1.1." + "đ" * 22, "١.1.1." + "a" * 22, "1.1.1." + "a" * 22])
def test_a_list_that_we_did_not_print_is_none(text):
    assert not codes.is_genuine_sheet(SECRET, "buoi-1", text)
