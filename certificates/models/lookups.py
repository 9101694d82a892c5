"""That somebody asked the register about one code or about a list."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms import clock
from lms.models import Person

from .register import Certificate


class Lookup(models.Model):
    """One public check of a certificate: when and with which answer, not by whom.

    No personal data of the checker.
    """

    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="lookups")
    at = models.DateTimeField(_("at"))
    answer = models.CharField(pgettext_lazy("of a check", "answer"), max_length=12)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("look-up")
        verbose_name_plural = _("look-ups")

    def __str__(self):
        return f"{self.certificate}: {self.answer}"


class BulkCheck(models.Model):
    """A list of certificates or licences checked by a verifier for a purpose, with the answers of that moment.

    Until it is answered the rows stand in ``asked``; afterwards ``results`` holds one
    ``{"row", "asked", "answer", "notes", "certificate", "holder", "code", "number", "name", "hours",
    "replacement"}`` for each, exceptions first, and is never changed. Personal data: names and
    certificates of those checked; each is told by an AccessLog row.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    title = models.CharField(_("title"), max_length=120)
    source = models.CharField(_("file"), max_length=120, blank=True)
    purpose = models.CharField(_("purpose"), max_length=200)
    language = models.CharField(max_length=5, default="vi")
    asked = models.JSONField(default=list)
    total = models.PositiveIntegerField(_("rows"), default=0)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    results = models.JSONField(default=list)
    counts = models.JSONField(default=dict)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("checked list")
        verbose_name_plural = _("checked lists")

    def __str__(self):
        return self.title

    @property
    def seconds(self) -> int:
        """How long the answer took, at least one second."""
        return max(1, round((self.answered_at - self.at).total_seconds())) if self.answered_at else 0


class PersonCheckQuerySet(models.QuerySet):
    """Reads on looks at people."""

    def open_for(self, user):
        """Those that *user* may still read without stating a purpose again."""
        return self.filter(by=user, at__gt=clock.nearly() - PersonCheck.OPEN_FOR)


class PersonCheck(models.Model):
    """That a verifier asked for one person's whole record, and what for; it opens the record for a day.

    Personal data: both persons. Told to the person by an AccessLog row at every look.
    """

    OPEN_FOR = timedelta(hours=24)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, related_name="checks", verbose_name=_("person"))
    at = models.DateTimeField(_("at"))
    purpose = models.CharField(_("purpose"), max_length=200)

    objects = PersonCheckQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("look at a person's record")
        verbose_name_plural = _("looks at people's records")

    def __str__(self):
        return f"{self.by} – {self.person}: {self.purpose}"
