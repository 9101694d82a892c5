"""What bears on evidence of presence besides the evidence itself: cut lines, and recordings to make up for them."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models import Video

from .sessions import Session, SessionSite


class SessionOutage(models.Model):
    """That the line of one site (of the hub, where ``site`` is empty) was cut for an interval.

    What the evidence of that site says of those minutes does not count, unless the session was
    declared to credit them. One declared by mistake ends with a reason. Personal data: who said so.
    """

    session = models.ForeignKey(Session, models.PROTECT, related_name="outages")
    site = models.ForeignKey(SessionSite, models.PROTECT, null=True, blank=True, related_name="outages")
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    declared_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(_("why it was taken back"), max_length=200, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["since", "pk"]
        verbose_name = _("cut line")
        verbose_name_plural = _("cut lines")
        constraints = [
            models.CheckConstraint(name="lms_courses_outage_interval", condition=Q(until__gt=F("since"))),
            models.CheckConstraint(name="lms_courses_outage_says_why", condition=~Q(reason="")),
            models.UniqueConstraint(
                fields=["session", "site", "since", "until"],
                condition=Q(ended_at__isnull=True),
                name="lms_courses_outage_once",
            ),
        ]

    def __str__(self):
        return f"{self.session}: {self.since} – {self.until}"


class SessionRecording(models.Model):
    """A recording with which minutes of a session can be made up for: its second 0 lies at ``begins_at``.

    The version stays what it was when it was added, so what somebody watched keeps its meaning.
    Taken away only while nobody has watched it. Personal data: who added it.
    """

    session = models.ForeignKey(Session, models.PROTECT, related_name="recordings")
    video = models.ForeignKey(
        Video, models.PROTECT, related_name="session_recordings", verbose_name=_("recording")
    )
    version = models.PositiveSmallIntegerField()
    seconds = models.FloatField(help_text="length of this version")
    begins_at = models.DateTimeField(_("begins at"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["begins_at", "pk"]
        verbose_name = _("recording of a session")
        verbose_name_plural = _("recordings of sessions")
        constraints = [
            models.UniqueConstraint(fields=["session", "video"], name="lms_courses_recording_once")
        ]

    def __str__(self):
        return f"{self.session}: {self.video}"

    @property
    def ends_at(self) -> datetime:
        """Where its last second lies."""
        return self.begins_at + timedelta(seconds=self.seconds)

    @property
    def until(self) -> datetime:
        """The last moment at which watching it counts: the end of a day in the site's time zone."""
        from_when = max(self.added_at, self.session.settled_at or self.added_at)
        last = timezone.localtime(from_when, timezone.get_default_timezone()).date()
        last += timedelta(days=self.session.makeup_days + 1)
        return timezone.make_aware(datetime.combine(last, time()), timezone.get_default_timezone())
