"""The registry of guidelines that lessons and questions cite."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Guideline(models.Model):
    """A clinical guideline or legal text: number, date and issuer together, because numbers collide.

    Survives being superseded; citations keep pointing at what was cited. No personal data.
    """

    class Status(models.TextChoices):
        """Whether it still holds."""

        IN_FORCE = "in_force", _("in force")
        CHECK = "check", _("to be checked")
        SUPERSEDED = "superseded", _("superseded")

    key = models.SlugField(_("key"), unique=True)
    number = models.CharField(_("number"), max_length=60)
    issued_on = models.DateField(_("date"))
    issuer = models.CharField(_("issuer"), max_length=120)
    title = models.CharField(_("title"), max_length=300)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.CHECK)
    superseded_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="supersedes",
        verbose_name=_("superseded by"),
    )
    replaces = models.CharField(_("replaces"), max_length=200, blank=True)
    warning = models.CharField(_("warning"), max_length=300, blank=True)

    class Meta:
        ordering = ["-issued_on", "number"]
        verbose_name = _("guideline")
        verbose_name_plural = _("guidelines")
        constraints = [
            models.UniqueConstraint(
                fields=["number", "issued_on", "issuer"], name="lms_content_guideline_cited_once"
            )
        ]

    def __str__(self):
        return f"{self.number}, {self.issued_on:%d/%m/%Y}, {self.issuer}"

    @property
    def citation(self) -> str:
        """How a question or a lesson cites it: title first, then number, date and issuer."""
        return f"{self.title} ({self})"
