"""Attempts at tests, frozen as shown."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .learning import Enrolment
from .outline import Lesson


class Attempt(models.Model):
    """One go at a test: the questions as shown, the deadline, the result.

    ``frozen`` is what ``content.grading.freeze`` returned (with the keys: never sent to a
    learner); later edits of the bank change nothing here. Deadline and dates are the database's.
    Personal data: answers and score.
    """

    class State(models.TextChoices):
        """Where the attempt stands."""

        OPEN = "open", _("open")
        SUBMITTED = "submitted", _("handed in")
        EXPIRED = "expired", _("closed at the deadline")

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="attempts")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField(_("attempt"))
    allowance = models.PositiveSmallIntegerField(help_text="attempts allowed when this one began")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    nonce = models.CharField(max_length=32, unique=True)
    language = models.CharField(max_length=5)
    frozen = models.JSONField()
    started_at = models.DateTimeField(_("started at"))
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    pass_pct = models.PositiveSmallIntegerField()
    pct = models.DecimalField(_("score, per cent"), max_digits=5, decimal_places=2, null=True, blank=True)
    passed = models.BooleanField(_("passed"), null=True)
    result = models.JSONField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["enrolment", "lesson", "number"]
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "lesson", "number"], name="lms_courses_attempt_number_once"
            ),
            models.UniqueConstraint(
                fields=["enrolment", "lesson"], condition=Q(state="open"), name="lms_courses_one_open_attempt"
            ),
            models.CheckConstraint(
                name="lms_courses_attempt_within_allowance",
                condition=Q(number__gte=1, number__lte=models.F("allowance")),
            ),
            models.CheckConstraint(
                name="lms_courses_attempt_graded",
                condition=Q(state="open", pct__isnull=True, finished_at__isnull=True)
                | (~Q(state="open") & Q(pct__isnull=False, finished_at__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.enrolment}: {self.lesson} #{self.number}"


class AttemptAnswer(models.Model):
    """The last answer to one question of an attempt; a lower ``client_seq`` never overwrites a higher.

    Personal data: the answer.
    """

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="answers")
    slot = models.PositiveSmallIntegerField()
    value = models.JSONField(help_text="list of chosen option ids")
    client_seq = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "slot"], name="lms_courses_answer_once")]

    def __str__(self):
        return f"{self.attempt} [{self.slot}]"
