"""The panel of a skills checklist: the steps, and what an observer saw."""

from courses.actions.skills import frozen_checklist
from courses.models import Observation
from lms.languages import pick


def panel(request, enrolment, lesson, item) -> dict:
    """The skill in its steps and every observation, the latest first."""
    frozen = frozen_checklist(enrolment, lesson)
    rows = Observation.objects.filter(enrolment=enrolment, lesson=lesson).select_related("observer__person")
    return {
        "skill": {
            "title": pick(frozen["title"]["vi"], frozen["title"]["en"]),
            "pass_pct": frozen["pass_pct"],
            "steps": [_step(step) for step in frozen["items"]],
            "seen": [_seen(row) for row in rows.order_by("-number")],
        }
    }


def _step(step: dict) -> dict:
    return {"text": pick(step["vi"], step["en"]), "critical": step["critical"]}


def _seen(row: Observation) -> dict:
    person = getattr(row.observer, "person", None)
    return {
        "row": row,
        "observer": person.titled_name if person else str(row.observer),
        "missed": [_step(step) for step in row.frozen["items"] if not row.ratings[step["id"]]],
    }
