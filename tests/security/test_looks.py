"""Whoever is shown somebody else's name leaves a row in the access log: every address, every office."""

import pytest

from tests.security.matrix import MATRIX, WRITES_ON_GET

pytestmark = pytest.mark.slow

NO_LOOK = {
    "lms_certificates_public:verify": "what the code shows to everybody; counted, without who asked",
    "demo_role": "a door of the demonstration",
}
"""Addresses that may show a name without a row in the log, and why."""


@pytest.mark.parametrize("name", [name for name in MATRIX if name not in NO_LOOK])
def test_a_name_is_never_shown_without_a_row(looked, name):
    silent = [role for role, answer in looked(name).items() if answer.silent]

    assert silent == [], f"{name} shows a person and records nothing"


def test_the_walk_meets_names_at_all(looked):
    # Else it would pass on a site that shows nothing.
    assert "lms-persons:index" in WRITES_ON_GET
    assert "lms_accesslog" in looked("lms-persons:index")["su"].writes
