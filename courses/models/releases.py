"""What was appraised: releases, frozen, and the steps of their appraisal."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import RevisionMixin

from courses import completion
from lms.languages import pick

from .outline import Course


class Release(RevisionMixin, models.Model):
    """What the appraisal council approved, frozen; learners enrol in a run of it and stay on it.

    ``outline`` is a list of ``{"lesson", "key", "kind", "purpose", "title": {"vi", "en"},
    "periods", "content_hash", "video", "version", "seconds", "quiz", "blueprint", "time_limit_s",
    "review", "checklist", "items", "survey", "questionnaire"}`` in order; ``policy`` is ``{"min_attendance_pct", "pass_pct",
    "max_attempts", "cooldown_minutes", "require_survey", "require_checklist",
    "require_signoff", "watch_pct", "max_excused"}``; ``require_signoff`` and ``max_excused`` stand there
    only where they ask or allow something.
    Neither changes once submitted. Subject of Wagtail's workflow states, which hang on a revision; a
    release is frozen, so it has one, and that says no more than which it is. Personal data: who
    built, appraised and issued it.
    """

    class State(models.TextChoices):
        """The appraisal workflow (PRG-2)."""

        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("waiting for appraisal")
        CHANGES = "changes", _("changes asked for")
        APPRAISED = "appraised", _("appraised")
        ISSUED = "issued", _("issued")
        SUPERSEDED = "superseded", _("replaced by a newer one")

    course = models.ForeignKey(Course, models.PROTECT, related_name="releases", verbose_name=_("course"))
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    outline = models.JSONField(default=list, editable=False)
    policy = models.JSONField(default=dict, editable=False)
    title_vi = models.CharField(max_length=255, editable=False)
    title_en = models.CharField(max_length=255, blank=True, editable=False)
    form = models.CharField(_("form"), max_length=12, editable=False)
    role = models.CharField(_("role"), max_length=10, default="learner", editable=False)
    rule_code = models.CharField(_("credit rule"), max_length=30, editable=False)
    periods = models.DecimalField(_("periods"), max_digits=5, decimal_places=2, editable=False)
    sha256 = models.CharField(max_length=64, editable=False, help_text="of outline and policy, canonical")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    appraised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    appraised_at = models.DateTimeField(null=True, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    issued_at = models.DateTimeField(null=True, blank=True)
    decision_number = models.CharField(_("decision number"), max_length=60, blank=True)
    decision_date = models.DateField(_("decision date"), null=True, blank=True)
    decision_signatory = models.CharField(_("signed by"), max_length=120, blank=True)
    decision_file = models.CharField(
        max_length=200, blank=True, editable=False, help_text="name in private storage"
    )

    wagtail_reference_index_ignore = True
    live_revision_id = None
    """Asked by Wagtail's front page, which would offer to compare."""

    class Meta:
        ordering = ["course", "-number"]
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="lms_courses_release_number_once"),
            models.UniqueConstraint(
                fields=["course"], condition=Q(state="issued"), name="lms_courses_one_issued_release"
            ),
            models.CheckConstraint(
                name="lms_courses_appraiser_is_not_author",
                condition=Q(appraised_by__isnull=True)
                | Q(created_by__isnull=True)
                | ~Q(appraised_by=models.F("created_by")),
            ),
            models.CheckConstraint(
                name="lms_courses_issued_has_decision",
                condition=~Q(state="issued")
                | (~Q(decision_number="") & Q(decision_date__isnull=False, issued_at__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{pick(self.title_vi, self.title_en)} v{self.number}"

    @property
    def title(self) -> str:
        """The frozen title in the active language."""
        return pick(self.title_vi, self.title_en)

    @property
    def rule(self) -> str:
        """What completes the course, in one line; the same rules as ``completion.weigh``."""
        policy, items = self.policy, self.outline
        parts = []
        if any(completion.periods(item) for item in items):
            parts.append(gettext("attend ≥ %(pct)s %%") % {"pct": policy["min_attendance_pct"]})
        if policy.get("max_excused"):
            parts.append(
                gettext("up to %(count)s excused sessions left out") % {"count": policy["max_excused"]}
            )
        if any(item["kind"] == "quiz" and item["purpose"] == "posttest" for item in items):
            parts.append(gettext("test ≥ %(pct)s %%") % {"pct": policy["pass_pct"]})
        lists = [item for item in items if item["kind"] == "checklist"]
        if any(policy.get("require_checklist") or completion.is_critical(item) for item in lists):
            parts.append(gettext("skills checklist"))
        if policy.get("require_survey") and any(item["kind"] == "survey" for item in items):
            parts.append(gettext("survey"))
        if policy.get("require_signoff"):
            parts.append(gettext("sign-off by a trainer"))
        return ", ".join(parts)

    def serializable_data(self) -> dict:
        """What the revision keeps: which release it is. All else stands in the row, once."""
        return {"pk": self.pk, "number": self.number, "sha256": self.sha256}

    def with_content_json(self, content) -> "Release":
        """The release itself: it is as it was."""
        return self

    def publish(self, revision, **how) -> None:
        """Wagtail's wish when its workflow ends. A release is put in force by its decision, never by this."""

    def predecessor(self) -> "Release | None":
        """The version in force before this one, or that this one would replace; None for the first."""
        in_force = Release.State.ISSUED, Release.State.SUPERSEDED
        earlier = Release.objects.filter(course=self.course_id, number__lt=self.number, state__in=in_force)
        return earlier.order_by("-number").first()


class AppraisalStep(models.Model):
    """One decision in the life of a release: who, when, what, with which words. Append-only.

    Personal data: author.
    """

    release = models.ForeignKey(Release, models.PROTECT, related_name="steps")
    state = models.CharField(_("new state"), max_length=10, choices=Release.State.choices)
    comment = models.TextField(_("comment"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("at"))

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("appraisal step")
        verbose_name_plural = _("appraisal steps")

    def __str__(self):
        return f"{self.release}: {self.get_state_display()}"
