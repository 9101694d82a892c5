"""What to do about each rule that is not met, in the same words for learner, trainer and office."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses import completion, gate
from courses.journey import Row
from courses.models import LessonKind, Release
from lms import clock
from lms.languages import pick

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
    left = [
        row for row in rows if row.periods and not (row.result and (row.result.met or row.result.is_excused))
    ]
    words = [
        _("Still needed: %(periods)s periods, for example from %(lessons)s.")
        % {"periods": gate.number(missing.quantize(Decimal("0.01"), ROUND_UP)), "lessons": _named(left)}
    ]
    sessions = [row for row in left if row.kind == LessonKind.SESSION]
    for row in [*sessions]:
        if row.result and (said := made_up(row.result.evidence, release)):
            words.append(f"“{row.title}”: {said}")
            sessions.remove(row)
    if sessions:
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


def made_up(evidence: Mapping, release: Release) -> str:
    """How the minutes of a session that are missing can still be made up for, by *evidence* of its lesson.

    Empty where the session lets nothing be made up for, where all is done, or where the last day is over.
    """
    until = evidence.get("until")
    if not until or datetime.fromisoformat(until) <= clock.nearly():
        return ""
    counted = Decimal(evidence["minutes"]) + Decimal(evidence["made_up"])
    last = timezone.localtime(datetime.fromisoformat(until) - timedelta(seconds=1))
    said = {
        "minutes": number_format(counted.to_integral_value(ROUND_DOWN)),
        "of": number_format(Decimal(evidence["of"]).to_integral_value(ROUND_DOWN)),
        "parts": ", ".join(stretch(*part) for part in again(evidence)[:NAMED]),
        "day": date_format(last, "SHORT_DATE_FORMAT"),
    }
    words = [_("%(minutes)s of %(of)s minutes count.") % said]
    if said["parts"]:
        words.append(_("Watch the recording of %(parts)s until %(day)s to make up for them.") % said)
    if test := evidence.get("test"):
        title = next((item["title"] for item in release.outline if item["lesson"] == test), {})
        said["test"] = pick(title.get("vi", ""), title.get("en", ""))
        words.append(_("The exercise “%(test)s” must be passed by then too.") % said)
    return " ".join(words)


def again(evidence: Mapping) -> list[tuple[datetime, datetime]]:
    """The parts of a session that are still to be watched, in the site's time zone."""
    pairs = evidence.get("again", ())
    return [
        (timezone.localtime(datetime.fromisoformat(since)), timezone.localtime(datetime.fromisoformat(until)))
        for since, until in pairs
    ]


def stretch(since: datetime, until: datetime) -> str:
    """From when to when, and how long: “14:20–14:45 (25 minutes)”."""
    count = max(1, round((until - since).total_seconds() / 60))
    length = ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}
    return f"{date_format(since, 'H:i')}–{date_format(until, 'H:i')} ({length})"
