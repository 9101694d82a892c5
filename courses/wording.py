"""The differences between two releases in plain words."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from content.models import Quiz
from courses.differences import Difference, Frozen, differences
from courses.models import Course, Lesson, LessonKind
from lms.languages import pick
from lms.templatetags.lms import hours

SENTENCES = {
    "title_vi": gettext_noop("Title in Vietnamese: “%(before)s” → “%(after)s”"),
    "title_en": gettext_noop("Title in English: “%(before)s” → “%(after)s”"),
    "form": gettext_noop("Form: %(before)s → %(after)s"),
    "role": gettext_noop("Role that earns the hours: %(before)s → %(after)s"),
    "rule_code": gettext_noop("Credit rule: %(before)s → %(after)s"),
    "hours": gettext_noop("Credit hours of the course: %(before)s → %(after)s"),
    "min_attendance_pct": gettext_noop("Attendance needed: %(before)s %% → %(after)s %%"),
    "pass_pct": gettext_noop("Pass mark of the post-test: %(before)s %% → %(after)s %%"),
    "max_attempts": gettext_noop("Attempts at the post-test: %(before)s → %(after)s"),
    "cooldown_minutes": gettext_noop("Minutes between two attempts: %(before)s → %(after)s"),
    "require_survey": gettext_noop("Survey required: %(before)s → %(after)s"),
    "require_checklist": gettext_noop("Every checklist required: %(before)s → %(after)s"),
    "require_signoff": gettext_noop("Sign-off by a trainer required: %(before)s → %(after)s"),
    "max_excused": gettext_noop("Excused sessions that are left out: %(before)s → %(after)s"),
    "watch_pct": gettext_noop("Share of a video to watch: %(before)s %% → %(after)s %%"),
    "lesson_added": gettext_noop("New lesson “%(lesson)s”, in place %(after)s"),
    "lesson_removed": gettext_noop("Lesson “%(lesson)s” is gone"),
    "lesson_moved": gettext_noop("Lesson “%(lesson)s” moved from place %(before)s to place %(after)s"),
    "retitled_vi": gettext_noop("Lesson “%(before)s” is now called “%(after)s”"),
    "retitled_en": gettext_noop("Lesson “%(lesson)s”: English title “%(before)s” → “%(after)s”"),
    "periods": gettext_noop("Lesson “%(lesson)s”: periods %(before)s → %(after)s"),
    "kind": gettext_noop("Lesson “%(lesson)s”: activity %(before)s → %(after)s"),
    "purpose": gettext_noop("Lesson “%(lesson)s”: the test decides as %(before)s → %(after)s"),
    "content_hash": gettext_noop("Lesson “%(lesson)s”: the text was edited"),
    "video": gettext_noop("Lesson “%(lesson)s”: another recording, %(before)s → %(after)s seconds"),
    "quiz": gettext_noop("Lesson “%(lesson)s”: another test was chosen"),
    "questions_added": gettext_noop("Lesson “%(lesson)s”: questions added: %(after)s"),
    "questions_removed": gettext_noop("Lesson “%(lesson)s”: questions taken out: %(before)s"),
    "questions_changed": gettext_noop("Lesson “%(lesson)s”: questions edited: %(after)s"),
    "questions_reviewed": gettext_noop(
        "Lesson “%(lesson)s”: questions whose clinical review changed: %(after)s"
    ),
    "questions_asked": gettext_noop("Lesson “%(lesson)s”: questions asked %(before)s → %(after)s"),
    "shuffle_questions": gettext_noop(
        "Lesson “%(lesson)s”: questions in random order: %(before)s → %(after)s"
    ),
    "shuffle_options": gettext_noop("Lesson “%(lesson)s”: answers in random order: %(before)s → %(after)s"),
    "time_limit": gettext_noop("Lesson “%(lesson)s”: time for the test: %(before)s → %(after)s"),
    "review": gettext_noop("Lesson “%(lesson)s”: right answers are shown: %(before)s → %(after)s"),
    "questions_arranged": gettext_noop("Lesson “%(lesson)s”: the questions are arranged differently"),
    "checklist": gettext_noop("Lesson “%(lesson)s”: another checklist was chosen"),
    "step_added": gettext_noop("Lesson “%(lesson)s”: new step “%(step)s”"),
    "step_removed": gettext_noop("Lesson “%(lesson)s”: step “%(step)s” is gone"),
    "step_vi": gettext_noop("Lesson “%(lesson)s”: step “%(before)s” now reads “%(after)s”"),
    "step_en": gettext_noop("Lesson “%(lesson)s”: English text of step “%(step)s” was edited"),
    "step_weight": gettext_noop("Lesson “%(lesson)s”: points of step “%(step)s” %(before)s → %(after)s"),
    "step_critical": gettext_noop("Lesson “%(lesson)s”: step “%(step)s” is critical: %(before)s → %(after)s"),
    "steps_reordered": gettext_noop("Lesson “%(lesson)s”: the steps stand in another order"),
    "skill_pct": gettext_noop("Lesson “%(lesson)s”: pass mark of the skill %(before)s %% → %(after)s %%"),
    "survey": gettext_noop("Lesson “%(lesson)s”: another survey was chosen"),
    "survey_anonymous": gettext_noop("Lesson “%(lesson)s”: the survey is anonymous: %(before)s → %(after)s"),
    "survey_edited": gettext_noop("Lesson “%(lesson)s”: the words of the survey were edited"),
    "other": gettext_noop("Lesson “%(lesson)s”: other settings were changed"),
}
"""One sentence for each code of a ``Difference``; a code without one is shown as it is."""

LABELS: dict[str, dict[Any, Any]] = {
    "form": dict(Course.Form.choices),
    "kind": dict(LessonKind.choices),
    "purpose": dict(Lesson.Purpose.choices),
    "review": dict(Quiz.Review.choices),
}


def changes_in_words(old: Frozen, new: Frozen) -> list[str]:
    """What changed from *old* to *new*, one sentence each, in the active language."""
    return [in_words(one) for one in differences(old, new)]


def in_words(one: Difference) -> str:
    """The sentence of one difference."""
    values = {
        "lesson": _title(one.lesson),
        "step": _title(one.step),
        "before": _value(one.code, one.before),
        "after": _value(one.code, one.after),
    }
    if one.code in SENTENCES:
        return _(SENTENCES[one.code]) % values
    return _("Rule “%(code)s”: %(before)s → %(after)s") % {**values, "code": one.code}


def _title(title: Mapping | None) -> str:
    return pick(title.get("vi", ""), title.get("en", "")) if title else ""


def _value(code: str, value: Any) -> str:
    if code in LABELS:
        return str(LABELS[code].get(value, value))
    if code == "time_limit":
        if value is None:
            return _("no time limit")
        return ngettext("%(n)s minute", "%(n)s minutes", -(-value // 60)) % {"n": hours(Decimal(value) / 60)}
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return hours(value)
    if isinstance(value, float):
        return floatformat(value)
    return "–" if value in (None, "") else str(value)
