"""Video lectures and what is made of them."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.models import Facility


class Video(models.Model):
    """A lecture of a hospital. Its ``version`` grows when the recording is replaced.

    Files live in private storage, named by us. Watch records point at (video, version), so
    a replacement never changes what somebody has watched. Personal data: who uploaded it.
    """

    class State(models.TextChoices):
        """Where the current version stands."""

        UPLOADED = "uploaded", _("waiting to be processed")
        PROCESSING = "processing", _("being processed")
        READY = "ready", _("ready")
        FAILED = "failed", _("could not be processed")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="videos", verbose_name=_("facility"))
    title = models.CharField(_("title"), max_length=200)
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.UPLOADED, editable=False
    )
    error = models.TextField(_("why it failed"), blank=True, editable=False)
    source = models.CharField(max_length=200, blank=True, editable=False, help_text="name in private storage")
    source_name = models.CharField(_("file as uploaded"), max_length=200, blank=True, editable=False)
    source_size = models.BigIntegerField(default=0, editable=False)
    source_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    duration_ms = models.PositiveIntegerField(_("length in milliseconds"), default=0, editable=False)
    width = models.PositiveSmallIntegerField(default=0, editable=False)
    height = models.PositiveSmallIntegerField(default=0, editable=False)
    transcript = models.TextField(_("transcript"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("video lecture")
        verbose_name_plural = _("video lectures")

    def __str__(self):
        return self.title

    @property
    def seconds(self) -> float:
        """Length in seconds; 0 until it has been probed."""
        return self.duration_ms / 1000


class Rendition(models.Model):
    """One playable form of one version of a video, or its poster. Made again at will from the source.

    No personal data.
    """

    class Kind(models.TextChoices):
        """The rungs of the ladder (``video`` 1)."""

        AUDIO = "audio", _("sound only")
        P240 = "240p", "240p"
        P360 = "360p", "360p"
        P480 = "480p", "480p"
        POSTER = "poster", _("poster")

    video = models.ForeignKey(Video, models.CASCADE, related_name="renditions")
    version = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=200, help_text="name in private storage")
    size = models.BigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["video", "version", "kind"], name="lms_content_rendition_once")
        ]

    def __str__(self):
        return f"{self.video} {self.kind}"


class Caption(models.Model):
    """WebVTT captions of one version of a video in one language. No personal data."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="captions")
    version = models.PositiveSmallIntegerField()
    language = models.CharField(_("language"), max_length=5)
    vtt = models.TextField(_("WebVTT text"))

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["video", "version", "language"], name="lms_content_caption_once"
            )
        ]

    def __str__(self):
        return f"{self.video} {self.language}"
