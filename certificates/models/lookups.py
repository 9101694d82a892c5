"""That somebody asked the register about one code or about a list."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .register import Certificate


class Lookup(models.Model):
    """One public check of a certificate: when and with which answer, not by whom.

    No personal data of the checker.
    """

    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="lookups")
    at = models.DateTimeField(_("at"))
    answer = models.CharField(_("answer"), max_length=12)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("look-up")
        verbose_name_plural = _("look-ups")

    def __str__(self):
        return f"{self.certificate}: {self.answer}"


class BulkCheck(models.Model):
    """A list of certificates checked by a verifier for a purpose, with the answers of that moment.

    ``results`` is a list of ``{"row", "asked": {"number", "name", "hours"}, "answer", "notes",
    "certificate", "number", "name", "hours", "replacement"}``, exceptions first. Never changed.
    Personal data: names and certificates of those checked; each is told by an AccessLog row.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    title = models.CharField(_("title"), max_length=120)
    purpose = models.CharField(_("purpose"), max_length=200)
    results = models.JSONField(default=list)
    counts = models.JSONField(default=dict)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("checked list")
        verbose_name_plural = _("checked lists")

    def __str__(self):
        return self.title
