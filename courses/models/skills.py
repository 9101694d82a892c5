"""Skills seen at the bedside: what an observer ticked."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.models import Facility

from .learning import Enrolment
from .outline import Lesson


class ObservationQuerySet(models.QuerySet):
    """Reads on observations."""

    def in_force(self):
        """Those that count: nobody has taken them back."""
        return self.filter(taken_back_at=None)


class Observation(models.Model):
    """One observed performance of a skill, steps frozen as shown; a better one follows.

    Nothing in it is ever changed. One recorded wrongly, of another learner say, is taken back with a
    reason: it stays to be read and counts for nothing.

    ``frozen`` is ``{"title", "pass_pct", "items": [{"id", "vi", "en", "weight", "critical"}]}``,
    ``ratings`` maps item id to true or false; none may be missing. Personal data: a person's skill.
    """

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="observations")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="observations")
    observer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("attempt"))
    facility = models.ForeignKey(Facility, models.PROTECT, null=True, blank=True, related_name="+")
    frozen = models.JSONField()
    ratings = models.JSONField()
    pct = models.DecimalField(_("score, per cent"), max_digits=5, decimal_places=2)
    critical_missed = models.PositiveSmallIntegerField(default=0)
    passed = models.BooleanField(_("passed"))
    comment = models.TextField(_("comment"), blank=True)
    observed_at = models.DateTimeField()
    client_id = models.UUIDField(unique=True, help_text="makes a repeated request harmless")
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True, editable=False)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    taken_back_why = models.CharField(_("why it was taken back"), max_length=300, blank=True, editable=False)

    objects = ObservationQuerySet.as_manager()

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["enrolment", "lesson", "number"]
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "lesson", "number"], name="lms_courses_observation_once"
            ),
            models.CheckConstraint(
                name="lms_courses_observation_back_says_why",
                condition=Q(taken_back_at=None, taken_back_by=None, taken_back_why="")
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False) & ~Q(taken_back_why=""),
            ),
        ]

    def __str__(self):
        return f"{self.enrolment}: {self.lesson} #{self.number}"
