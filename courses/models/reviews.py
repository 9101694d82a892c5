"""Second looks at completions whose evidence was taken back."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses import completion

from .learning import Enrolment


class CompletionReviewQuerySet(models.QuerySet):
    """Reads on reviews."""

    def open(self):
        """Those nobody has decided yet."""
        return self.filter(state=CompletionReview.State.OPEN)


class CompletionReview(models.Model):
    """That the evidence no longer carries a completion, and what the provider decided about it.

    The completion is an event and stays as it is. One review of an enrolment is open at a time;
    a decided one is never changed. ``found`` is the explained result by the evidence alone
    (``completion.Result.as_json``), the newest while the review is open. Survives the login.
    Personal data: a person's learning, who decided.
    """

    class State(models.TextChoices):
        """What was decided."""

        OPEN = "open", _("waits for a decision")
        UPHELD = "upheld", _("the completion stands")
        REVOKED = "revoked", _("the completion is not upheld")

    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, related_name="reviews", verbose_name=_("enrolment")
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    found = models.JSONField()
    opened_at = models.DateTimeField(_("opened at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = CompletionReviewQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("review of a completion")
        verbose_name_plural = _("reviews of completions")
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(state="open"), name="lms_courses_one_open_review"
            ),
            models.CheckConstraint(
                name="lms_courses_review_decided",
                condition=Q(state="open", decided_at__isnull=True, decided_by__isnull=True, reason="")
                | (~Q(state="open") & Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(reason="")),
            ),
        ]

    def __str__(self):
        return f"{self.enrolment}: {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        """Whether somebody has still to decide."""
        return self.state == self.State.OPEN

    @property
    def result(self) -> completion.Result:
        """What the evidence came to when it was last looked at, rule by rule."""
        return completion.Result.from_json(self.found)

    def covers(self, result: completion.Result) -> bool:
        """Whether what *result* lacks is being decided here or was decided here.

        A decision to uphold covers the lessons that were lacking then, not those that fail later.
        """
        return self.state != self.State.UPHELD or result.unmet <= self.result.unmet
