"""Role × address: who gets in where and is shown whose rows, with nothing forgotten and nothing written by looking."""

import pytest

from tests.security.addresses import walk
from tests.security.doors import REFUSED, SHOWN, Answer, drawn
from tests.security.matrix import MATRIX, WRITES_ON_GET
from tests.security.world import INSIDERS, ROLES, SIDES

pytestmark = pytest.mark.slow


def test_every_address_of_ours_is_in_the_matrix():
    known = {address.name for address in walk()}

    assert known - MATRIX.keys() == set(), "an address without a row: decide who may enter, then add it"
    assert MATRIX.keys() - known == set(), "a row without an address"


@pytest.mark.parametrize("name", MATRIX)
def test_a_row_answers_for_every_role(name):
    row = MATRIX[name]

    assert (len(row.get), len(row.post)) == (len(ROLES), len(ROLES)), (
        f"draw it: python -m tests.security.draw '{name} {row.arguments}'"
    )


def told(name: str, method: str, answers: dict[str, Answer], wanted: str) -> list[str]:
    """One line per role that got something else than the matrix says, and the row as it is drawn now."""
    wrong = [
        f"{method} {name}: {role} ({ROLES[role]}) got {answer.letter} and should get {ought}"
        for (role, answer), ought in zip(answers.items(), wanted, strict=True)
        if answer.letter != ought
    ]
    return wrong and [*wrong, f"drawn now: {drawn(answers)}"]


@pytest.mark.parametrize("name", MATRIX)
def test_looking(looked, name):
    answers = looked(name)

    wrong = told(name, "GET", answers, MATRIX[name].get)
    assert not wrong, "\n".join(wrong)
    for role, answer in answers.items():
        allowed = WRITES_ON_GET.get(name, set())
        assert answer.writes <= allowed, f"GET {name} as {role} wrote {answer.writes}"


@pytest.mark.parametrize("name", MATRIX)
def test_no_form_offers_a_facility_of_the_other_side(looked, name):
    offered = {role: answer.strange for role, answer in looked(name).items() if answer.strange}

    assert offered == {}


@pytest.mark.parametrize("name", MATRIX)
def test_acting_without_data(acted, name):
    answers = acted(name)

    wrong = told(name, "POST", answers, MATRIX[name].post)
    assert not wrong, "\n".join(wrong)
    for role, answer in answers.items():
        if answer.letter in REFUSED:
            # A record that somebody tried to look is no change of the world.
            assert answer.writes <= WRITES_ON_GET.get(name, set()), (
                f"POST {name} refused {role} and wrote {answer.writes} all the same"
            )


@pytest.mark.parametrize("side", SIDES)
def test_no_row_lets_a_stranger_read_a_secret(side):
    # Said once for the whole table, so that a row drawn from a leak cannot be pasted in unseen.
    strangers = [position for position, role in enumerate(ROLES) if role not in SIDES[side]]

    for name, row in MATRIX.items():
        assert not {row.get[position] for position in strangers} & {side, "*"}, name


def test_the_entitled_get_in_somewhere():
    # A matrix of nothing but refusals would be perfectly safe and useless.
    for position, role in enumerate(ROLES):
        shown = [name for name, row in MATRIX.items() if row.get[position] in SHOWN]
        assert len(shown) > 3, f"{role} is shown only {shown}"


def test_the_entitled_see_their_own_rows_somewhere():
    for side, insiders in SIDES.items():
        for role in insiders & INSIDERS:
            position = list(ROLES).index(role)
            assert any(row.get[position] in {side, "*"} for row in MATRIX.values()), (
                f"{role} never sees anything of {side}"
            )
