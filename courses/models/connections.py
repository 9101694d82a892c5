"""Connection tests: what each site of a session reported before it began."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .sessions import SessionSite


class ConnectionTest(models.Model):
    """One report of a site: whether it is in, sees and hears. Append-only; the newest one counts.

    Personal data: who reported.
    """

    room = models.ForeignKey(SessionSite, models.PROTECT, related_name="tests", verbose_name=_("tele-site"))
    is_in = models.BooleanField(_("in the meeting"), default=False)
    picture = models.BooleanField(_("picture"), default=False)
    sound = models.BooleanField(_("sound"), default=False)
    note = models.CharField(_("note"), max_length=200, blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reported_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-reported_at", "-pk"]
        verbose_name = _("connection test")
        verbose_name_plural = _("connection tests")

    def __str__(self):
        return f"{self.room}: {self.reported_at}"

    @property
    def is_good(self) -> bool:
        """Whether nothing is missing."""
        return self.is_in and self.picture and self.sound
