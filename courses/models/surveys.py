"""Answers to surveys, unlinkable where that was promised."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.models import Survey

from .learning import Enrolment
from .outline import Lesson
from .runs import Run


class SurveyReceipt(models.Model):
    """That an enrolment has answered a survey lesson — not what. Personal data: the fact."""

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="survey_receipts")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="survey_receipts")
    answered_on = models.DateField()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("survey receipt")
        verbose_name_plural = _("survey receipts")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "lesson"], name="lms_courses_survey_once")
        ]

    def __str__(self):
        return f"{self.enrolment}: {self.lesson}"


def random_key() -> int:
    """A key that says nothing about when its row was written."""
    return secrets.randbits(62)


class SurveyResponse(models.Model):
    """The answers themselves. ``enrolment`` stays empty for an anonymous survey.

    Rows stand in the order of a random whole number and hold no time, so that nobody matches an
    anonymous row to its receipt by order: SQLite stores a table by such a key, whereas beside a
    UUID it would keep the order of writing. Personal data: only where the survey is not anonymous.
    """

    id = models.BigAutoField(primary_key=True, default=random_key, editable=False)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="responses")
    run = models.ForeignKey(Run, models.PROTECT, related_name="survey_responses")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="survey_responses")
    enrolment = models.ForeignKey(
        Enrolment, models.SET_NULL, null=True, blank=True, related_name="survey_responses"
    )
    answers = models.JSONField()

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["pk"]
        verbose_name = _("survey response")
        verbose_name_plural = _("survey responses")

    def __str__(self):
        return str(self.survey)
