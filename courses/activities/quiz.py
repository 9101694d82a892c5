"""The panel of a test: what awaits, what was tried, one button."""

from courses import promised
from courses.actions import attempts
from courses.models import Attempt


def panel(request, enrolment, lesson, item) -> dict:
    """What the learner should know before pressing the button."""
    tries = list(
        Attempt.objects.filter(enrolment=enrolment, lesson=lesson).defer("frozen").order_by("number")
    )
    limit = promised.time_limit(item)
    finished = [attempt for attempt in tries if attempt.state != Attempt.State.OPEN]
    return {
        "quiz": {
            "count": sum(slot.get("draw", 1) for slot in item["blueprint"]["slots"]),
            "minutes": limit // 60 if limit else None,
            "is_pretest": item["purpose"] == "pretest",
            "is_posttest": item["purpose"] == "posttest",
            "pass_pct": enrolment.run.release.policy["pass_pct"],
            "allowance": attempts.allowance(enrolment, item),
            "tries": tries,
            "open": next((attempt for attempt in tries if attempt.state == Attempt.State.OPEN), None),
            "blocked": attempts.why_no_more(enrolment, item, finished),
        }
    }
