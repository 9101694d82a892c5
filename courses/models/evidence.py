"""What bears on evidence of presence besides the evidence itself: cut lines."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

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
