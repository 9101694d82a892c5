"""Recordings on their way in, part by part."""

import uuid
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from content.conf import conf
from lms import clock, media
from lms.models import Facility

FOLDER = "video-uploads"
"""Where parts are gathered in private storage; no view sends anything from there."""


class UploadQuerySet(models.QuerySet):
    """Reads on uploads."""

    def current(self):
        """Those that may still be fed or used."""
        return self.filter(expires_at__gt=clock.now())

    def whole(self):
        """Those of which nothing is missing."""
        return self.filter(offset=F("length"))

    def bytes_promised(self) -> int:
        """What they will weigh when all have arrived."""
        return self.order_by().aggregate(total=models.Sum("length"))["total"] or 0


class Upload(models.Model):
    """A recording that somebody sends in parts; row and file go when the lecture is stored, or when it expires.

    ``offset`` counts the bytes that are on the disk for certain: it grows after they were
    synchronised, so a kill or a power cut loses nothing that the sender was told had arrived.
    Personal data: who sends it.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    facility = models.ForeignKey(Facility, models.CASCADE, related_name="+", verbose_name=_("facility"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(_("file as uploaded"), max_length=200)
    fingerprint = models.CharField(
        max_length=300, blank=True, help_text="what the sender's browser knows the file by"
    )
    length = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    touched_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["touched_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(offset__gte=0, offset__lte=F("length"), length__gt=0),
                name="lms_content_upload_offset",
            )
        ]

    def __str__(self):
        return self.name

    @staticmethod
    def is_possible() -> bool:
        """Whether parts can be gathered here: only where private files lie in a folder of this machine."""
        return isinstance(media.storage(), FileSystemStorage)

    @property
    def path(self) -> Path:
        """The file in which the parts are gathered."""
        return Path(media.storage().path(f"{FOLDER}/{self.uuid}"))

    @property
    def received(self) -> int:
        """How many bytes need not be sent again; fewer than were promised where the disk has lost some."""
        try:
            return min(self.offset, self.path.stat().st_size)
        except FileNotFoundError:
            return 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return self.received == self.length

    def live_on(self) -> None:
        """Set the day on which it is forgotten, counted from now; not yet saved."""
        self.touched_at = clock.now()
        self.expires_at = self.touched_at + timedelta(hours=conf.UPLOAD_HOURS)
