"""That somebody asked the register about a code."""

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
