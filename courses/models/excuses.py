"""Why somebody does not come to a session, what the hub decided, and what became of an appeal."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.models import Person

from .sessions import Session


class ExcuseQuerySet(models.QuerySet):
    """Reads on excuses."""

    def standing(self):
        """All but those that were taken back."""
        return self.exclude(state=Excuse.State.WITHDRAWN)

    def accepted(self):
        """Those by which somebody is absent with leave."""
        return self.filter(state=Excuse.State.ACCEPTED)

    def to_decide(self):
        """Those that wait for the hub: said, or appealed."""
        return self.filter(state__in=Excuse.OPEN)

    def refused_at(self):
        """When those were refused that nobody has appealed: the moments from which an appeal can still be made."""
        refused = self.filter(state=Excuse.State.REFUSED).exclude(steps__act=ExcuseStep.Act.APPEALED)
        steps = ExcuseStep.objects.filter(excuse__in=refused.values("pk"), act=ExcuseStep.Act.REFUSED)
        return steps.values_list("at", flat=True)


class Excuse(models.Model):
    """That a person says why they do not come, or did not come, to a session.

    It never makes a minute: an accepted one is an absence with leave. ``state`` is what its steps come
    to. Survives the login. Words and paper are forgotten before the rest. Personal data: why somebody
    was away, which may tell of their health; a paper they handed in.
    """

    class Kind(models.TextChoices):
        """Why, in short."""

        DUTY = "duty", _("on duty or on call")
        ILLNESS = "illness", _("ill")
        LINE = "line", _("power or network was cut")
        OTHER = "other", _("something else")

    class State(models.TextChoices):
        """What its steps come to."""

        SAID = "said", _("waits for a decision")
        ACCEPTED = "accepted", _("absent with leave")
        REFUSED = "refused", _("not accepted")
        APPEALED = "appealed", _("waits for a second decision")
        WITHDRAWN = "withdrawn", _("taken back")

    OPEN = (State.SAID, State.APPEALED)

    session = models.ForeignKey(
        Session, models.PROTECT, related_name="excuses", verbose_name=_("live session")
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="excuses", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)
    text = models.TextField(_("why"), max_length=500, blank=True)
    file_name = models.CharField(max_length=120, blank=True, editable=False)
    file_type = models.CharField(max_length=40, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.SAID)
    said_at = models.DateTimeField(_("said at"))

    objects = ExcuseQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["said_at", "pk"]
        verbose_name = _("excuse")
        verbose_name_plural = _("excuses")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person"],
                condition=~Q(state="withdrawn"),
                name="lms_courses_excuse_once",
            )
        ]

    def __str__(self):
        return f"{self.person}: {self.session}"


class ExcuseStep(models.Model):
    """One act on an excuse: who, when, and with which words. Append-only.

    Whoever says it, decides it and decides the appeal are three logins. Personal data: who acted, and why.
    """

    class Act(models.TextChoices):
        """What was done."""

        SAID = "said", _("said why")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        APPEALED = "appealed", _("appealed")
        WITHDRAWN = "withdrawn", _("taken back")

    DECISIONS = (Act.ACCEPTED, Act.REFUSED)

    excuse = models.ForeignKey(Excuse, models.CASCADE, related_name="steps")
    act = models.CharField(_("act"), max_length=9, choices=Act.choices)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["pk"]
        verbose_name = _("step of an excuse")
        verbose_name_plural = _("steps of excuses")
        constraints = [
            models.UniqueConstraint(
                fields=["excuse", "by"],
                condition=Q(act__in=["said", "accepted", "refused"]),
                name="lms_courses_excuse_other_eyes",
            ),
            models.UniqueConstraint(
                fields=["excuse", "act"],
                condition=Q(act__in=["said", "accepted", "appealed", "withdrawn"]),
                name="lms_courses_excuse_act_once",
            ),
            models.CheckConstraint(
                name="lms_courses_excuse_says_why",
                condition=Q(act__in=["said", "accepted", "withdrawn"]) | ~Q(reason=""),
            ),
        ]

    def __str__(self):
        return f"{self.excuse}: {self.get_act_display()}"
