"""Role × address: who gets in where, with nothing forgotten and nothing written by looking."""

import pytest

from tests.security.addresses import walk
from tests.security.doors import REFUSED, knock
from tests.security.matrix import MATRIX, WRITES_ON_GET
from tests.security.world import ROLES

pytestmark = pytest.mark.slow


def test_every_address_of_ours_is_in_the_matrix():
    known = {address.name for address in walk()}

    assert known - MATRIX.keys() == set(), "an address without a row: decide who may enter, then add it"
    assert MATRIX.keys() - known == set(), "a row without an address"


def told(name: str, method: str, got: str, wanted: str) -> list[str]:
    """One line per role that got something else than the matrix says."""
    return [
        f"{method} {name}: {role} ({text}) got {is_} and should get {ought}"
        for (role, text), is_, ought in zip(ROLES.items(), got, wanted, strict=True)
        if is_ != ought
    ]


@pytest.mark.parametrize("name", MATRIX)
def test_looking(world, clients, name):
    row = MATRIX[name]
    got, written = knock(world, name, row.arguments, "get", clients)

    assert told(name, "GET", got, row.get) == []
    for role, tables in written.items():
        assert tables <= WRITES_ON_GET.get(name, set()), f"GET {name} as {role} wrote {tables}"


@pytest.mark.parametrize("name", MATRIX)
def test_acting_without_data(world, clients, name):
    row = MATRIX[name]
    got, written = knock(world, name, row.arguments, "post", clients)

    assert told(name, "POST", got, row.post) == []
    for (role, tables), letter in zip(written.items(), got, strict=True):
        if letter in REFUSED:
            # A record that somebody tried to look is no change of the world.
            assert tables <= WRITES_ON_GET.get(name, set()), (
                f"POST {name} refused {role} and wrote {tables} all the same"
            )


def test_the_entitled_get_in_somewhere():
    # A matrix of nothing but refusals would be perfectly safe and useless.
    for position, role in enumerate(ROLES):
        shown = [name for name, row in MATRIX.items() if row.get[position] == "."]
        assert len(shown) > 3, f"{role} is shown only {shown}"
