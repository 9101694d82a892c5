"""Draws rows of the matrix as the site answers today: ``python -m tests.security.draw 'NAME ARGUMENTS' …``.

``--all`` draws every row there is, ``--wagtail`` draws with the columns of Wagtail's own doors.

What is drawn is no verdict: somebody still has to say whether each role should get that.
"""

import logging
import os
import sys

import django


def rows(names: list[str], *, wagtail: bool):
    """Yield one line per address, ready for the table once it has been judged."""
    from tests.security.doors import drawn, knock
    from tests.security.matrix import MATRIX
    from tests.security.wagtail_matrix import COLUMNS
    from tests.security.world import ROLES, World

    roles = COLUMNS if wagtail else tuple(ROLES)

    world = World()
    for text in names:
        name, _space, words = text.partition(" ")
        words = words or (MATRIX[name].arguments if name in MATRIX else "")
        got = [drawn(knock(world, name, words, method, roles)) for method in ("get", "post")]
        yield f"{name:<44} | {words:<48} | {got[0]} | {got[1]}"


def main() -> None:
    """Draw what the command line names, or every address."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "website.settings.test")
    django.setup()
    logging.disable()
    from django.test.utils import setup_test_environment
    from django.utils import translation

    from tests import databases
    from tests.security.matrix import MATRIX

    setup_test_environment()
    with databases.fresh("draw"), translation.override("vi"):
        named = [word for word in sys.argv[1:] if not word.startswith("--")]
        asked = list(MATRIX) if "--all" in sys.argv else named
        for line in rows(asked, wagtail="--wagtail" in sys.argv):
            print(line, flush=True)


if __name__ == "__main__":
    main()
