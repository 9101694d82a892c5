"""Scans of certificates that were printed and signed by hand."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .register import Certificate


class SignedScan(models.Model):
    """The scan of one paper with its signature and stamp; the drawn file stays the document that was printed.

    A better scan takes the place of the one before, which is kept. Personal data: all that the paper says.
    """

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="scans")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    file = models.CharField(max_length=200)
    content_type = models.CharField(max_length=20)
    by_code = models.BooleanField(_("matched by its QR code"), default=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added at"))
    replaced_at = models.DateTimeField(_("replaced at"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-added_at", "-pk"]
        verbose_name = _("scan of a signed certificate")
        verbose_name_plural = _("scans of signed certificates")
        constraints = [
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(replaced_at__isnull=True),
                name="lms_certificates_one_scan",
            ),
        ]

    def __str__(self):
        return f"{self.certificate}: {self.sha256[:12]}"
