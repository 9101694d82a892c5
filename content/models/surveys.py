"""Surveys: what people are asked after a course."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.languages import pick
from lms.models import Facility


class Survey(models.Model):
    """A form of a few questions. No personal data.

    Whether answers are anonymous is promised by the release that froze it; edits reach later releases only.
    """

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="surveys", verbose_name=_("facility"))
    title_vi = models.CharField(_("title (Vietnamese)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200, blank=True)
    is_anonymous = models.BooleanField(_("anonymous"), default=True)

    class Meta:
        ordering = ["title_vi"]
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")

    def __str__(self):
        return pick(self.title_vi, self.title_en)

    def freeze(self) -> dict:
        """The form as it stands now, both languages."""
        return {
            "title": {"vi": self.title_vi, "en": self.title_en},
            "anonymous": self.is_anonymous,
            "questions": [
                {
                    "id": str(question.pk),
                    "kind": question.kind,
                    "vi": question.text_vi,
                    "en": question.text_en,
                    "required": question.is_required,
                }
                for question in self.questions.all()
            ],
        }


class SurveyQuestion(models.Model):
    """One question of a survey. No personal data."""

    class Kind(models.TextChoices):
        """How it is answered."""

        SCALE = "scale", _("1 to 5")
        TEXT = "text", _("own words")

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.SCALE)
    text_vi = models.CharField(_("question (Vietnamese)"), max_length=300)
    text_en = models.CharField(_("question (English)"), max_length=300, blank=True)
    is_required = models.BooleanField(_("must be answered"), default=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("survey question")
        verbose_name_plural = _("survey questions")

    def __str__(self):
        return pick(self.text_vi, self.text_en)
