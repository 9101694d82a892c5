"""What people agreed to, and who looked at their data."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.models.persons import Person


class Consent(models.Model):
    """One answer of one person to one question about their data, with proof of what was asked.

    Never overwritten: withdrawing adds a row (Law 91/2025/QH15: consent must be provable).
    Personal data: the fact itself.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="consents")
    purpose = models.SlugField(_("purpose"))
    given = models.BooleanField(_("given"))
    text_version = models.CharField(_("version of the text"), max_length=20)
    channel = models.CharField(_("channel"), max_length=20, default="web")
    at = models.DateTimeField(_("at"))

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self):
        return f"{self.person}: {self.purpose}"


class AccessLog(models.Model):
    """That a user looked at somebody else's personal data, and why.

    Append-only; shown to the person concerned. Personal data: both persons.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, related_name="accesses")
    what = models.CharField(_("what was shown"), max_length=60)
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"))

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("access to personal data")
        verbose_name_plural = _("accesses to personal data")

    def __str__(self):
        return f"{self.user} – {self.person}: {self.what}"
