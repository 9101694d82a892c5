"""What one person asked for before another ended a certificate."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .register import Certificate


class EndingRequest(models.Model):
    """One person asks that a certificate be revoked or replaced; another, who signs for the issuer, does it.

    Needed where nobody issued by hand: then the one who ends would be alone. Kept after it was done or
    taken back (``closed_at``). Personal data: who asked, and the reason.
    """

    class Ending(models.TextChoices):
        """What is asked for."""

        REVOKE = "revoke", _("revoke")
        REPLACE = "replace", _("replace")

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="ending_requests")
    ending = models.CharField(_("asked for"), max_length=8, choices=Ending.choices)
    reason = models.CharField(_("reason"), max_length=300)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked for at"))
    closed_at = models.DateTimeField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("request to end a certificate")
        verbose_name_plural = _("requests to end certificates")
        constraints = [
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(closed_at__isnull=True),
                name="lms_certificates_one_ending_request",
            )
        ]

    def __str__(self):
        return f"{self.certificate}: {self.get_ending_display()}"
