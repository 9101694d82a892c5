"""What a lesson's activity shows: one module per kind with ``panel(request, enrolment, lesson, item)``."""

from importlib import import_module

PANELS = {
    "reading": "courses.activities.reading",
    "video": "courses.activities.video",
    "quiz": "courses.activities.quiz",
    "session": "courses.activities.session",
    "checklist": "courses.activities.checklist",
    "survey": "courses.activities.survey",
}
"""Kind of lesson → module; its template is ``lms_courses/activities/<kind>.html``."""


def panel(request, enrolment, lesson, item) -> dict:
    """The context of the activity of *item*, with the name of its template under ``panel_template``."""
    module = import_module(PANELS[item["kind"]])
    context = module.panel(request, enrolment, lesson, item)
    return {"panel_template": f"lms_courses/activities/{item['kind']}.html", **context}
