"""Why a lesson is still closed for a learner, in words that say what to do."""

from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from courses import completion
from courses.models import Enrolment
from lms import clock


def number(value: Decimal) -> str:
    """A count of periods as people write it: no trailing zeros, the decimal sign of the language."""
    text = f"{value:f}"
    return number_format(Decimal(text.rstrip("0").rstrip(".") if "." in text else text))


def why_locked(enrolment: Enrolment, item: dict, result: completion.Result) -> str | None:
    """The reason why *item* of the learner's outline is closed, or None when it is open.

    Post-test and survey open once enough of the lessons before them is met; checklists do not
    count there, because an observer may come weeks later. A lesson once met stays open.
    """
    done = result.lesson(item["lesson"])
    if done and done.met:
        return None
    run = enrolment.run
    if run.starts_on and run.starts_on > clock.today():
        return _("The class begins on %(day)s.") % {"day": date_format(run.starts_on, "SHORT_DATE_FORMAT")}
    is_last = item["kind"] == "survey" or item["purpose"] == "posttest"
    if not is_last:
        return None
    release = run.release
    met, total, enough = completion.before_test(release.policy, release.outline, result)
    if enough:
        return None
    return _("Opens after %(needed)s %% of the lessons: %(met)s of %(total)s periods so far.") % {
        "needed": release.policy["min_attendance_pct"],
        "met": number(met),
        "total": number(total),
    }
