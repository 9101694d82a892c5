"""Sign-in sheets on paper: what was printed for a room, and the photographs of it that came back."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.conf import conf

from .sessions import SessionSite


class SignInSheet(models.Model):
    """A list printed for one room: who stands on which line of which page, so that a photograph can be read.

    ``lines`` holds pages of person ids in the order printed; names are looked up when needed, never
    kept here. Stays as long as the session. Personal data: who was expected; who printed it.
    """

    room = models.ForeignKey(
        SessionSite, models.PROTECT, related_name="sheets", verbose_name=pgettext_lazy("place", "site")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    lines = models.JSONField(default=list)
    printed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    printed_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["number"]
        verbose_name = _("sign-in sheet")
        verbose_name_plural = _("sign-in sheets")
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="lms_courses_sign_in_sheet_number")
        ]

    def __str__(self):
        return f"{self.room}: {self.number}"


class SheetScan(models.Model):
    """A photograph of one page of a signed list, re-encoded without what its file carried.

    ``sheet`` and ``page`` are what its QR code said; both are empty where somebody filed it by hand.
    The file goes after the time of retention or when it is taken away, the row stays and says so.
    Personal data: signatures, birth dates and licence numbers of everybody on the page; who sent it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    room = models.ForeignKey(
        SessionSite, models.PROTECT, related_name="scans", verbose_name=pgettext_lazy("place", "site")
    )
    sheet = models.ForeignKey(SignInSheet, models.PROTECT, null=True, related_name="scans")
    page = models.PositiveSmallIntegerField(_("page"), null=True)
    name = models.CharField(max_length=120, editable=False)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["added_at", "pk"]
        verbose_name = _("photograph of a sign-in sheet")
        verbose_name_plural = _("photographs of sign-in sheets")
        constraints = [
            models.UniqueConstraint(
                fields=["room", "sha256"],
                condition=Q(removed_at__isnull=True),
                name="lms_courses_sheet_scan_once",
            ),
            models.CheckConstraint(
                name="lms_courses_sheet_scan_page",
                condition=Q(sheet__isnull=True, page__isnull=True)
                | Q(sheet__isnull=False, page__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.room}: {self.page or self.pk}"

    @property
    def kept_until(self):
        """When the picture is removed."""
        return self.room.session.ends_at + timedelta(days=conf.SHEET_SCAN_DAYS)
