"""The chapters of a lecture."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.models.videos import Video
from lms.languages import pick


def clock(seconds: int) -> str:
    """A place in a lecture as a player writes it: ``1:02:03`` or ``2:03``."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class Chapter(models.Model):
    """Where a part of one version of a lecture begins, and what it is called. No personal data."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="chapters")
    version = models.PositiveSmallIntegerField()
    at_ms = models.PositiveIntegerField(_("begins at"))
    title_vi = models.CharField(_("title in Vietnamese"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["video", "version", "at_ms"]
        constraints = [
            models.UniqueConstraint(fields=["video", "version", "at_ms"], name="lms_content_chapter_once")
        ]

    def __str__(self):
        return pick(self.title_vi, self.title_en)

    @property
    def title(self) -> str:
        """The title in the active language."""
        return str(self)

    @property
    def seconds(self) -> float:
        """Where it begins, in seconds."""
        return self.at_ms / 1000

    @property
    def clock(self) -> str:
        """Where it begins, as a player writes it: ``1:02:03`` or ``2:03``."""
        return clock(self.at_ms // 1000)
