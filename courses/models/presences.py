"""The evidence of who was in a session, and what it comes to."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.models import Person

from .sessions import Session, SessionSite


class PresenceQuerySet(models.QuerySet):
    """Reads on evidence."""

    def in_force(self):
        """Evidence that says something and was not taken back."""
        return self.filter(retracts__isnull=True, retracted_by__isnull=True)

    def own(self):
        """What people proved with their own phone."""
        return self.filter(source__in=Presence.OWN)


class Presence(models.Model):
    """One piece of evidence that a person was in a session, from a moment or for an interval.

    Append-only: taking evidence back is another row that ``retracts`` the first, so what one
    source says never disturbs another. A moment has ``until`` empty; what minutes follow is
    decided by ``courses.presence``. ``scan`` is the photograph that a signed sheet was read from.
    Personal data: whereabouts.
    """

    class Source(models.TextChoices):
        """How it is known (``domain`` 2.5)."""

        SELF_CODE = "self_code", _("code on own phone")
        SELF_QR = "self_qr", _("QR code of the site")
        POSTER = "self_poster", _("printed QR code of the site")
        PROMPT = "self_prompt", _("answer on own phone")
        OUT = "self_out", _("checked out on own phone")
        ROSTER = "coord_roster", _("ticked by the coordinator")
        SHEET = "sheet_scan", _("signed paper sheet")
        PLATFORM = "platform_log", _("meeting report")
        HUB = "hub_override", _("entered by the hub")

    OWN = (Source.SELF_CODE, Source.SELF_QR, Source.POSTER, Source.PROMPT)
    """What speaks for somebody and came from a phone; checking out speaks for nothing."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="presences")
    site = models.ForeignKey(SessionSite, models.PROTECT, null=True, blank=True, related_name="presences")
    person = models.ForeignKey(Person, models.PROTECT, related_name="presences")
    source = models.CharField(_("source"), max_length=14, choices=Source.choices)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    retracts = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="retracted_by"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    client_id = models.UUIDField(null=True, blank=True, help_text="makes a repeated request harmless")
    client_at = models.DateTimeField(null=True, blank=True, help_text="shown, never trusted")
    is_late = models.BooleanField(_("sent late"), default=False)
    device = models.CharField(max_length=22, blank=True, help_text="tells phones apart in this session only")
    scan = models.ForeignKey(
        "SheetScan", models.PROTECT, null=True, blank=True, related_name="presences", editable=False
    )

    objects = PresenceQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["since", "pk"]
        verbose_name = _("evidence of presence")
        verbose_name_plural = _("evidence of presence")
        constraints = [
            models.UniqueConstraint(
                fields=["client_id"], condition=Q(client_id__isnull=False), name="lms_courses_presence_once"
            ),
            models.CheckConstraint(
                name="lms_courses_presence_interval",
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")),
            ),
        ]
        indexes = [models.Index(fields=["session", "person"], name="lms_courses_presence_of")]

    def __str__(self):
        return f"{self.person}: {self.session} ({self.get_source_display()})"


class Attendance(models.Model):
    """What all evidence of one person in one session comes to; recomputed, never typed.

    Personal data: attendance.
    """

    class State(models.TextChoices):
        """The verdict by the session's thresholds."""

        PRESENT = "present", _("present")
        PARTIAL = "partial", _("partly present")
        ABSENT = "absent", _("absent")

    session = models.ForeignKey(Session, models.PROTECT, related_name="attendances")
    person = models.ForeignKey(Person, models.PROTECT, related_name="attendances")
    minutes = models.DecimalField(_("minutes"), max_digits=6, decimal_places=1, default=0)
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    evidence = models.JSONField(default=list)
    updated_at = models.DateTimeField(auto_now=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="lms_courses_attendance_once")
        ]

    def __str__(self):
        return f"{self.person}: {self.session} {self.minutes} min"
