"""What people decide about a learner where no machine can: sign-offs, and making up for a missed session."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .learning import Enrolment
from .outline import Lesson


class SignOff(models.Model):
    """That a trainer found a learner ready to complete, where the release asks for that. Append-only.

    Personal data: a person's learning, who decided and why.
    """

    enrolment = models.OneToOneField(
        Enrolment, models.CASCADE, related_name="sign_off", verbose_name=_("enrolment")
    )
    reason = models.CharField(_("on what it rests"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["pk"]
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")
        constraints = [models.CheckConstraint(name="lms_courses_sign_off_says_why", condition=~Q(reason=""))]

    def __str__(self):
        return f"{self.enrolment}"


class MakeUp(models.Model):
    """That a learner made up for a live session they missed: proposed by one person, decided by another.

    An approved one meets the lesson. A decided one is never changed. Personal data: a person's learning,
    who proposed and decided, and why.
    """

    class State(models.TextChoices):
        """What was decided."""

        PROPOSED = "proposed", _("waits for a decision")
        APPROVED = "approved", _("counts")
        REFUSED = "refused", _("does not count")

    enrolment = models.ForeignKey(
        Enrolment, models.CASCADE, related_name="make_ups", verbose_name=_("enrolment")
    )
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="+", verbose_name=_("lesson"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PROPOSED)
    reason = models.CharField(_("how it was made up"), max_length=300)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    answer = models.CharField(_("reason of the decision"), max_length=300, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["pk"]
        verbose_name = _("make-up")
        verbose_name_plural = _("make-ups")
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "lesson"],
                condition=Q(state__in=["proposed", "approved"]),
                name="lms_courses_one_make_up",
            ),
            models.CheckConstraint(
                name="lms_courses_make_up_two_persons",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="lms_courses_make_up_decided",
                condition=Q(state="proposed", decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(state="proposed") & Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(name="lms_courses_make_up_says_why", condition=~Q(reason="")),
        ]

    def __str__(self):
        return f"{self.enrolment}: {self.lesson}"
