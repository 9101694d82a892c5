"""The panel of a survey: asked or answered."""

from courses import promised
from courses.models import SurveyReceipt


def panel(request, enrolment, lesson, item) -> dict:
    """Whether the learner has answered, and what would be asked."""
    form = promised.questionnaire(item)
    return {
        "receipt": SurveyReceipt.objects.filter(enrolment=enrolment, lesson=lesson).first(),
        "anonymous": form["anonymous"],
        "count": len(form["questions"]),
    }
