"""Whom a row of a list means: certain, to be asked about, or nobody known; never somebody else."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.matching import Known, Match, Register, parts_of
from tests.examples import examples
from tests.factories import noisy

LAN, LAN2, MINH, HOA, ANH = 1, 2, 3, 4, 5
PEOPLE = [
    Known(LAN, "Nguyễn Thị Lan", "lan@example.vn", "0912000111", ("001111/LCA-CCHN",), "7KQ2M9XA"),
    Known(MINH, "Trần Văn Minh", "minh@example.vn", "0912000222", ("002222/YB-CCHN",), "7KQ2M9XB"),
    Known(HOA, "Lò Thị Hòa", "khoanoi@example.vn"),
    Known(ANH, "Sùng Thị Ánh", "khoanoi@example.vn"),
]


def match(name, people=PEOPLE, **keys) -> Match:
    return Register.of(people).match(name, **keys)


# --- certain


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Lan",
        "nguyen thi lan",
        "NGUYỄN THỊ LAN",
        "  Nguye\u0302\u0303n  Thi\u0323 Lan\u200b",
        "BS. Nguyễn Thị Lan",
        "ThS.BS Nguyễn Thị Lan",
        "ĐD_Nguyễn Thị Lan_Khoa Nội",
        "Nguyễn Thị Lan - BVĐK Bắc Hà",
        "Nguyễn Thị Lan (BVBH)",
        "12. Nguyễn Thị Lan",
        "Nguyễn Thị Lan BVĐK Bắc Hà",
        "Điểm cầu Bắc Hà - Nguyễn Thị Lan",
    ],
)
def test_a_whole_name_that_one_person_bears_settles_the_row(name):
    assert match(name) == Match("name", LAN)


def test_a_tone_may_stand_on_either_letter():
    assert match("Lò Thị Hoà").person == HOA


def test_a_personal_tag_settles_the_row_whatever_the_name():
    assert match("Lan Lan #7kq2m9xa") == Match("tag", LAN)
    assert match("#7KQ2M9XZ").person is None


@pytest.mark.parametrize(
    "keys", [{"email": "LAN@example.vn"}, {"phone": "0912000111"}, {"licence": "001111/LCA-CCHN"}]
)
def test_an_address_or_number_settles_the_row_when_the_name_agrees(keys):
    [by] = keys

    for name in ("Nguyễn Thị Lan", "Lan", "", "Lan Nguyen Thi", "iPhone - Lan"):
        assert match(name, **keys) == Match(by, LAN), name


# --- to be asked about


def test_a_name_that_two_people_bear_is_never_settled_by_itself():
    """domain 7.8, rule 6."""
    people = [*PEOPLE, Known(LAN2, "Nguyễn Thị Lan", is_expected=False)]

    assert match("Nguyễn Thị Lan", people) == Match("homonyms", proposed=(LAN,))
    assert match("Nguyễn Thị Lan", people, email="lan@example.vn") == Match("email", LAN)


def test_names_that_differ_by_a_mark_only_are_homonyms():
    people = [*PEOPLE, Known(9, "Lò Thị Hoa")]

    assert match("Lo Thi Hoa", people).by == "homonyms"
    assert match("Lò Thị Hòa", people).person is None


def test_a_name_written_with_other_marks_is_asked_about():
    assert match("Lò Thị Hoa") == Match("marks_differ", proposed=(HOA,))


def test_somebody_nobody_expects_is_neither_settled_by_name_nor_proposed():
    people = [Known(7, "Vàng Thị Pà", "pa@example.vn", is_expected=False)]

    assert match("Vàng Thị Pà", people) == Match("not_expected")
    assert match("Vàng Thị Phà", people) == Match("unknown")
    assert match("", people, email="pa@example.vn") == Match("name_differs")
    assert match("Vàng Thị Pà", people, email="pa@example.vn") == Match("email", 7)


@pytest.mark.parametrize("name", ["Trần Văn Minh", "Nguyễn Thị Loan", "Hùng", "Trần Văn Minh - Lan"])
def test_the_address_of_one_with_the_name_of_another_is_asked_about(name):
    assert match(name, email="lan@example.vn") == Match("name_differs", proposed=(LAN,))


def test_addresses_of_different_people_are_asked_about():
    found = match("Nguyễn Thị Lan", email="lan@example.vn", phone="0912000222")

    assert found == Match("keys_differ", proposed=(LAN, MINH))


def test_an_address_that_a_department_shares_needs_the_whole_name():
    assert match("Khoa Nội", email="khoanoi@example.vn") == Match("shared", proposed=(HOA, ANH))
    assert match("Sùng Thị Ánh", email="khoanoi@example.vn") == Match("email", ANH)


@pytest.mark.parametrize(
    "name", ["Lan Nguyễn Thị", "Nguyễn Thị Lann", "Nguyen T Lan", "Nguyễn Thị Lan 2", "Nguyễn Thị Lan B",
             "Nguyễn Thị Lan (Anh)", "Nguyễn Thị Lan-Anh"],
)  # fmt: skip
def test_what_only_looks_like_a_name_is_proposed_never_settled(name):
    found = match(name)

    assert found.by == "alike"
    assert found.person is None
    assert found.proposed[0] == LAN


def test_a_row_that_names_two_people_is_asked_about():
    assert match("Nguyễn Thị Lan, Trần Văn Minh") == Match("several", proposed=(LAN, MINH))


# --- nobody


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Điểm cầu Trung tâm Y tế khu vực Lục Yên", "site"),
        ("iPhone của tôi", "device"),
        ("Vàng Seo Páo", "unknown"),
        ("???", "unknown"),
    ],
)
def test_a_device_or_a_stranger_is_nobody_and_says_why(name, why):
    assert match(name) == Match(why)


# --- all together


@pytest.mark.parametrize("seed", range(6))
def test_of_three_hundred_noisy_rows_none_is_settled_wrongly(seed):
    rng = random.Random(seed)
    known = noisy.people(rng)
    register, rows = Register.of(known), noisy.rows(rng, known)

    found = [(register.match(name, email=email), who, name) for name, email, who in rows]

    assert [(name, match.by) for match, who, name in found if match.person not in (None, who)] == []
    settled = sum(match.person is not None for match, _who, _name in found)
    assert settled > 80, "a matcher that settles nothing is never wrong"
    print(f"settled by themselves: {settled} of {len(rows)}")


def test_a_matcher_by_likeness_alone_would_be_wrong():
    """The naive way that the one above is measured against: the most alike name wins."""
    rng = random.Random(1)
    known = noisy.people(rng)
    register = Register.of(known)

    wrong = 0
    for name, _email, who in noisy.rows(rng, known):
        proposed = register._alike(parts_of(name)).proposed
        wrong += bool(proposed) and proposed[0] != who

    assert wrong > 20


@examples(150)
@given(st.text(max_size=60), st.sampled_from(["", "lan@example.vn", "khoanoi@example.vn", "x"]))
def test_any_text_is_answered(name, email):
    found = match(name, email=email)

    assert found.person is None or found.proposed == ()
    assert found.by
