"""Attendance reports of meeting programs: what a file said, row by row, and whom each row was found to mean."""

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from lms.models import Facility, Person

from .presences import Presence
from .sessions import Session


class ReportColumns(models.Model):
    """What stands in which column of a hub's own tables, remembered by their headers. No personal data."""

    hub = models.ForeignKey(Facility, models.CASCADE, related_name="+")
    header = models.CharField(max_length=64, help_text="SHA-256 of the headers, folded")
    columns = models.JSONField(default=dict)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("columns of a report")
        verbose_name_plural = _("columns of reports")
        constraints = [
            models.UniqueConstraint(fields=["hub", "header"], name="lms_courses_report_columns_once")
        ]

    def __str__(self):
        return f"{self.hub}: {self.columns}"


class MeetingReport(models.Model):
    """A report that was handed in for a session: read, then applied in one go, perhaps undone.

    The file itself is not kept, only its rows; ``cells`` holds them as sent while nobody has said
    what the columns are. The same file for the same session is one report until it is undone.
    Personal data: who handed it in.
    """

    class Source(models.TextChoices):
        """Which program wrote it."""

        ZOOM = "zoom", "Zoom"
        TEAMS = "teams", "Microsoft Teams"
        MEET = "meet", "Google Meet"
        BBB = "bbb", "BigBlueButton"
        PLAIN = "plain", _("other table")

    class State(models.TextChoices):
        """How far it is."""

        COLUMNS = "columns", _("columns to be named")
        READ = "read", _("read, not applied")
        APPLIED = "applied", _("applied")
        UNDONE = "undone", _("undone")

    session = models.ForeignKey(Session, models.PROTECT, related_name="reports")
    source = models.CharField(_("written by"), max_length=5, choices=Source.choices)
    zone = models.CharField(_("time zone"), max_length=40)
    original_name = models.CharField(_("file"), max_length=120)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.READ)
    cells = models.JSONField(default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("meeting report")
        verbose_name_plural = _("meeting reports")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "sha256"], condition=~Q(state="undone"), name="lms_courses_report_once"
            )
        ]

    def __str__(self):
        return f"{self.original_name} – {self.session}"

    def counts(self) -> dict[str, int]:
        """How many rows there are of each outcome."""
        found = dict(self.rows.order_by().values_list("outcome").annotate(Count("pk")))
        return {outcome: found.get(outcome, 0) for outcome in ReportRow.Outcome.values}


class ReportRow(models.Model):
    """One row of a report, as read, and whom it means. Rows wait for people where that is not certain.

    Deleted some time after the session, when nobody will ask again; the evidence stays. Personal
    data: the name and address with which somebody was in the meeting, participants unknown to us
    included.
    """

    class Outcome(models.TextChoices):
        """What became of it."""

        MATCHED = "matched", _("matched")
        REVIEW = "review", _("to be decided")
        UNKNOWN = "unmatched", _("nobody known")
        DUPLICATE = "duplicate", _("said before")
        REFUSED = "refused", _("not taken")

    report = models.ForeignKey(MeetingReport, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    name = models.CharField(_("name in the meeting"), max_length=200, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    licence = models.CharField(_("licence"), max_length=60, blank=True)
    since = models.DateTimeField(_("from"), null=True)
    until = models.DateTimeField(_("until"), null=True)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices)
    why = models.CharField(max_length=20, blank=True)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="report_rows")
    proposed = models.JSONField(default=list)
    presence = models.ForeignKey(Presence, models.SET_NULL, null=True, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["number"]
        verbose_name = _("row of a report")
        verbose_name_plural = _("rows of reports")
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="lms_courses_report_row_once"),
            models.CheckConstraint(
                name="lms_courses_report_row_matched",
                condition=~Q(outcome="matched") | Q(person__isnull=False, since__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.number}: {self.name}"
