"""Credit hours of a course by what somebody does in it, for the box that people choose by.

Which rule is worth how much is known by the app that keeps the rules; it says so by ``register``.
Without one, only the hours of the learner are shown, which the release itself carries.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import LessonKind, Release, SessionRole
from lms import clock
from lms.memory import remembered

Role = SessionRole.Role
CASE_RULE = "CASE_MEETING"
"""The rule that counts by the case, where the hub has concluded cases here (``docs/decisions`` 31)."""
SESSION_RULES = {Role.CHAIR: "CONF_CHAIR", Role.SPEAKER: "CONF_SPEAKER", Role.PRESENTER: CASE_RULE}
"""The credit rule of a role in a session where none is named (Circular 32/2023/TT-BYT, annex); a secretary has none."""
ATTENDING = {
    "CONF_DELEGATE": gettext_lazy("conference, workshop, professional meeting: who attends"),
    CASE_RULE: gettext_lazy("case conference, for each case"),
}
"""The rules for whoever attends a session that stands alone, in words (the same annex)."""
TRAINER_RULE = "COURSE_TRAINER"
"""The rule for whoever teaches periods of a course (the same annex)."""


@dataclass(frozen=True)
class Rate:
    """What one rule is worth; ``hours_for`` takes periods where ``is_per_period``, else counts."""

    hours_for: Callable[[Decimal], Decimal]
    is_per_period: bool

    def of_course(self, periods: Decimal) -> Decimal:
        """Hours of a course of so many *periods*: by them, or for the one course whatever its length."""
        return self.hours_for(periods if self.is_per_period else Decimal(1))


@dataclass(frozen=True)
class RoleHours:
    """A line of the box. ``per`` is empty for the whole course, else ``period`` or ``session``."""

    role: str
    label: str
    hours: Decimal
    per: str = ""


Source = Callable[[Collection[str] | None, date], dict[str, Rate]]
_SOURCES: list[Source] = []


def register(source: Source) -> None:
    """Let *source*, a function of rule codes (None for all) and a day, tell what the rules in force are worth."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def rates() -> dict[str, Rate]:
    """What the rules in force today are worth, by code; a table entered now shows within seconds."""
    return remembered("rates", _rates)


def _rates() -> dict[str, Rate]:
    codes = {*Release.objects.order_by().values_list("rule_code", flat=True).distinct()}
    codes |= {TRAINER_RULE, *SESSION_RULES.values()}
    found: dict[str, Rate] = {}
    for source in _SOURCES:
        found |= source(codes, clock.today())
    return found


def _in_force() -> dict[str, Rate]:
    """Every rule in force today."""
    found: dict[str, Rate] = {}
    for source in _SOURCES:
        found |= source(None, clock.today())
    return found


def is_unknown(code: str) -> bool:
    """Whether rules are in force, and *code* is none of them; where nobody keeps rules, nothing is unknown.

    What was entered a few seconds ago may not be seen yet.
    """
    known = remembered("rules in force", _in_force) if code else {}
    return bool(known) and code not in known


def rule_choices() -> list[tuple[str, str]]:
    """The rules in force today with what they are worth, those meant for sessions first; empty where nobody keeps rules."""
    found = _in_force()
    return [
        (code, _worth(code, found[code]))
        for code in sorted(
            found, key=lambda code: (code not in ATTENDING, code not in SESSION_RULES.values(), code)
        )
    ]


def _worth(code: str, rate: Rate) -> str:
    hours = number_format(rate.hours_for(Decimal(1)).normalize())
    text = ATTENDING.get(code)
    per = _("%(hours)s h per period") if rate.is_per_period else _("%(hours)s h")
    return " · ".join(filter(None, [str(text or ""), code, per % {"hours": hours}]))


def by_role(release: Release, known: dict[str, Rate]) -> list[RoleHours]:
    """Hours by ``rates()`` of learner, trainer and, where *release* has sessions, of those who lead them."""
    learner = known.get(release.rule_code)
    lines = [RoleHours("learner", "", learner.of_course(release.periods) if learner else release.periods)]
    if trainer := known.get(TRAINER_RULE):
        per = "period" if trainer.is_per_period else ""
        lines.append(RoleHours("trainer", "", trainer.hours_for(Decimal(1)), per))
    if any(item["kind"] == LessonKind.SESSION for item in release.outline):
        for role, code in SESSION_RULES.items():
            if rate := known.get(code):
                per = "period" if rate.is_per_period else "session"
                lines.append(RoleHours(role.value, str(role.label), rate.hours_for(Decimal(1)), per))
    return [line for line in lines if line.hours]
