"""The world plays every role of the table, on both sides; above a province, another province is a stranger."""

import pytest

from lms.models import Facility, RoleAssignment
from tests.factories import cast as make
from tests.security.doors import SHOWN, knock, undone
from tests.security.matrix import MATRIX
from tests.security.world import ROLES

Role = RoleAssignment.Role
ABOVE_BOTH = {Role.PROVINCE_OFFICER, Role.VERIFIER}
"""Roles that watch over both sites and verify papers of both hospitals: their counterpart is in another province."""


def test_every_role_of_the_table_is_played_on_both_sides(world):
    held = RoleAssignment.objects.in_force().filter(user__person__in=world.users.values())
    places = {role: set(held.filter(role=role).values_list("facility", flat=True)) for role in Role.values}

    assert {role for role in places if not places[role]} == set()
    assert {role for role in places if len(places[role]) < 2} == ABOVE_BOTH
    assert set(world.users) | {"an"} == set(ROLES)


@pytest.mark.slow
def test_rule_17_an_officer_of_another_province_is_a_stranger_at_every_address(world):
    position, shown, strange = list(ROLES).index("of"), 0, {}
    with undone():
        there = make.facility(
            "Sở Y tế tỉnh Tuyên Quang",
            kind=Facility.Kind.PROVINCE_DEPARTMENT,
            province=make.province("08", "Tuyên Quang", ()),
        )
        officer = make.person("Ma Thị Kiều", login="kieu", works_at=there)
        make.role(officer, Role.PROVINCE_OFFICER, there, include_children=True)
        world.users["o2"] = officer
        try:
            for name, row in MATRIX.items():
                if row.get[position] not in SHOWN:
                    continue
                [answer] = knock(world, name, row.arguments, "get", roles=("o2",)).values()
                shown += 1
                if answer.letter not in {".", "-", "x"} or answer.strange:
                    strange[name] = answer.letter
        finally:
            del world.users["o2"]
            world._clients.pop("o2", None)

    assert strange == {}
    assert shown > 3
