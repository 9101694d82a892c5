"""What goes out after a session: key points, slides, the recording."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .sessions import Session


class SessionPack(models.Model):
    """What a hub gives everybody who took part, within a day: one page of key points, slides, the recording.

    Sent once; what is mended later stands on the same page. Personal data: who wrote it.
    """

    session = models.OneToOneField(Session, models.PROTECT, related_name="pack")
    key_points = models.TextField(_("key points"), max_length=4000)
    recording_url = models.URLField(_("recording"), blank=True)
    slides_name = models.CharField(max_length=120, blank=True, editable=False)
    slides_size = models.PositiveIntegerField(default=0, editable=False)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    reached = models.PositiveIntegerField(default=0)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("material after a session")
        verbose_name_plural = _("material after sessions")

    def __str__(self):
        return str(self.session)
