"""Figures of live sessions: names of a report against the register."""

import random
import time
from difflib import SequenceMatcher

from courses.matching import Register, parts_of
from lms import names
from tests.factories import noisy


def matching(tell) -> None:
    """300 noisy rows against 500 people with 100 homonyms: milliseconds a row, rows settled, wrong ones.

    The reference for the time compares each row with each name letter by letter, as one would first.
    """
    rng = random.Random(7)
    known = noisy.people(rng)
    rows = noisy.rows(rng, known)
    began = time.perf_counter()
    register = Register.of(known)
    found = [(register.match(name, email=email), who) for name, email, who in rows]
    own = (time.perf_counter() - began) / len(rows)
    began = time.perf_counter()
    for name, _email, _who in rows[:10]:
        for one in known:
            SequenceMatcher(
                None, names.fold(parts_of(name)[0] if parts_of(name) else ""), names.fold(one.name)
            ).ratio()
    naive = (time.perf_counter() - began) / 10
    tell("name_matching", own * 1000, "ms/row", naive * 1000)
    tell("name_matching_settled", sum(match.person is not None for match, _who in found), "of 300 rows", 300)
    tell("name_matching_wrong", sum(match.person not in (None, who) for match, who in found), "rows", None)
