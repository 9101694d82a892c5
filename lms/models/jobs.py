"""Durable work: one row per promise, written with the change that needs it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """A piece of work that must happen, whatever crashes.

    Unique per (kind, key) while queued; a running job does not absorb a new request. A worker
    holds a job by a lease and finishes it only with the token it was given. Kept for a while
    after it is done, for the status page. Personal data: none (keys are ids).
    """

    class State(models.TextChoices):
        """Where a job stands."""

        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        DEAD = "dead", _("failed for good")

    kind = models.CharField(_("kind"), max_length=60)
    key = models.CharField(_("key"), max_length=100)
    queue = models.CharField(_("queue"), max_length=20, default="default")
    run_at = models.DateTimeField(_("not before"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.QUEUED)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    progress = models.PositiveSmallIntegerField(_("progress in per cent"), default=0)
    note = models.CharField(_("what it is doing"), max_length=200, blank=True)
    error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("asked for at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=Q(state="queued"), name="lms_job_queued_once"
            ),
            models.CheckConstraint(name="lms_job_progress", condition=Q(progress__lte=100)),
        ]
        indexes = [
            models.Index(fields=["run_at"], condition=Q(state__in=["queued", "running"]), name="lms_job_due"),
            models.Index(fields=["kind", "key"], name="lms_job_kind_key"),
        ]

    def __str__(self):
        return f"{self.kind} {self.key}"
