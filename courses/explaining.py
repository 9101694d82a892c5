"""What to do about each rule that is not met, in the same words for learner, trainer and office."""

from collections.abc import Sequence
from decimal import ROUND_UP, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses import completion, gate
from courses.journey import Row
from courses.models import LessonKind, Release

NAMED = 3
"""Lessons that are named; more are counted."""


def todo(rule: completion.RuleResult, rows: Sequence[Row], release: Release) -> list[str]:
    """Sentences that say what meets *rule*; none where it is met or nothing can be done."""
    if rule.met or rule.evidence.get("promised"):
        return []
    ways = {
        "attendance": _attendance,
        "posttest": _posttest,
        "checklist": _checklist,
        "survey": _survey,
        "signoff": _signoff,
    }
    return ways[rule.code](rule, rows, release)


def _attendance(rule, rows, release) -> list[str]:
    missing = Decimal(rule.evidence["of"]) * rule.needed / 100 - Decimal(rule.evidence["periods"])
    left = [row for row in rows if row.periods and not (row.result and row.result.met)]
    words = [
        _("Still needed: %(periods)s periods, for example from %(lessons)s.")
        % {"periods": gate.number(missing.quantize(Decimal("0.01"), ROUND_UP)), "lessons": _named(left)}
    ]
    if sessions := [row for row in left if row.kind == LessonKind.SESSION]:
        words.append(
            _("Who missed a live session (%(lessons)s) can ask the trainer how to make up for it.")
            % {"lessons": _named(sessions)}
        )
    return words


def _posttest(rule, rows, release) -> list[str]:
    most = release.policy["max_attempts"]
    words = []
    for row in rows:
        if row.purpose != "posttest" or (row.result and row.result.met):
            continue
        used = row.result.evidence.get("attempts", 0) if row.result else 0
        said = {"lesson": row.title, "used": used, "most": most, "left": most - used}
        if used >= most:
            words.append(
                _(
                    "All %(most)s attempts at “%(lesson)s” are used: ask the training office about another class."
                )
                % said
            )
        elif row.locked:
            closed = _("“%(lesson)s” is still closed.") % said
            words.append(f"{closed} {row.locked}")
        elif used:
            words.append(
                ngettext(
                    "Read the explanations, then take “%(lesson)s” again: %(left)s attempt is left.",
                    "Read the explanations, then take “%(lesson)s” again: %(left)s attempts are left.",
                    most - used,
                )
                % said
            )
        else:
            words.append(_("Take the test “%(lesson)s”; there are %(most)s attempts.") % said)
    return words


def _checklist(rule, rows, release) -> list[str]:
    left = [row for row in rows if row.item["lesson"] in rule.evidence["missing"]]
    if not left:
        return []
    words = _("Show %(lessons)s to an observer of the course, with every critical step.")
    return [words % {"lessons": _named(left)}]


def _survey(rule, rows, release) -> list[str]:
    left = [row for row in rows if row.item["lesson"] in rule.evidence["missing"]]
    return [_("Answer %(lessons)s; it takes a few minutes.") % {"lessons": _named(left)}] if left else []


def _signoff(rule, rows, release) -> list[str]:
    return [
        _("A trainer of the course signs off once everything else is done; ask the trainer if it takes long.")
    ]


def _named(rows: Sequence[Row]) -> str:
    """The first few titles in quotation marks, and how many more there are."""
    said = ", ".join(f"“{row.title}”" for row in rows[:NAMED])
    more = len(rows) - NAMED
    if more <= 0:
        return said
    return ngettext("%(lessons)s and %(count)d more", "%(lessons)s and %(count)d more", more) % {
        "lessons": said,
        "count": more,
    }
