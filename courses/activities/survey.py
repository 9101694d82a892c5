"""The panel of a survey: asked or answered."""

from content.models import Survey
from courses.models import SurveyReceipt


def panel(request, enrolment, lesson, item) -> dict:
    """Whether the learner has answered, and what would be asked."""
    survey = Survey.objects.get(pk=item["survey"])
    return {
        "receipt": SurveyReceipt.objects.filter(enrolment=enrolment, lesson=lesson).first(),
        "anonymous": survey.is_anonymous,
        "count": survey.questions.count(),
    }
