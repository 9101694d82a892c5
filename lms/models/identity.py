"""How records of people find each other: invitations, claims, merges, imports."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.models.persons import Person
from lms.models.places import Facility


class Invitation(models.Model):
    """A code that lets whoever holds it take over one person's record with a login of their own.

    Only a keyed hash of the code is kept; a new invitation for the same person ends the older one.
    Kept after use as proof of who let whom in. Personal data: where the code was sent.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="invitations", verbose_name=_("person"))
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="+", verbose_name=_("facility"))
    code_hash = models.CharField(max_length=64, unique=True, editable=False)
    channel = models.CharField(_("channel"), max_length=10, default="paper")
    sent_to = models.CharField(_("sent to"), max_length=254, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("valid until"))
    failures = models.PositiveSmallIntegerField(_("failed tries"), default=0)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(_("used at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="lms_invitation_one_open",
            )
        ]

    def __str__(self):
        return f"{self.person}, {self.created_at:%d/%m/%Y}"


class PersonMerge(models.Model):
    """That one person's rows were moved to another because both are one human being.

    ``moved`` lists what was moved, so that the merge can be taken back for thirty days; the row
    itself stays. Personal data: both persons.
    """

    gone = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("merged record"))
    kept = models.ForeignKey(Person, models.PROTECT, related_name="merges", verbose_name=_("kept record"))
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("facility")
    )
    reason = models.CharField(_("reason"), max_length=200)
    moved = models.JSONField(default=dict, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(_("merged at"))
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("merge of persons")
        verbose_name_plural = _("merges of persons")
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=Q(undone_at__isnull=True), name="lms_merge_once"
            ),
            models.CheckConstraint(name="lms_merge_of_two", condition=~Q(gone=F("kept"))),
        ]

    def __str__(self):
        return f"{self.gone} → {self.kept}"


class DistinctPersons(models.Model):
    """That somebody compared two like records and found two human beings; they are not proposed again.

    Personal data: both persons.
    """

    first = models.ForeignKey(Person, models.CASCADE, related_name="+")
    second = models.ForeignKey(Person, models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("pair of different persons")
        verbose_name_plural = _("pairs of different persons")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="lms_distinct_once"),
            models.CheckConstraint(name="lms_distinct_in_order", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self):
        return f"{self.first} ≠ {self.second}"


class PeopleImport(models.Model):
    """A spreadsheet of people or facilities that somebody handed in, and what became of it.

    ``subject`` is the id of what the rows are for, where another app declared such lists.
    Checked first (dry run), applied after a second press; both by a job. The file goes after a
    month, the counts stay. Personal data: the rows of the file while it is kept.
    """

    class Kind(models.TextChoices):
        """What the rows are."""

        PEOPLE = "people", _("people")
        FACILITIES = "facilities", _("facilities")
        CLASS = "class", _("people for a class")

    class State(models.TextChoices):
        """How far it is."""

        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked, not yet applied")
        APPLYING = "applying", _("being applied")
        APPLIED = "applied", _("applied")
        FAILED = "failed", _("could not be read")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.PEOPLE)
    subject = models.CharField(max_length=40, blank=True, editable=False)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="+", verbose_name=_("facility"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    original_name = models.CharField(_("file"), max_length=200)
    file = models.CharField(max_length=200, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    errors_file = models.CharField(max_length=200, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.CHECKING)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    added = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("as before"), default=0)
    refused = models.PositiveIntegerField(pgettext_lazy("rows", "refused"), default=0)
    problem = models.TextField(_("what is wrong"), blank=True)
    created_at = models.DateTimeField(_("handed in at"))
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self):
        return self.original_name
