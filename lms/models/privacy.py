"""What people agreed to and asked for, who looked at their data, and what was erased."""

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms import clock
from lms.models.persons import Person


class Consent(models.Model):
    """One answer of one person to one question about their data, with proof of what was asked.

    Never overwritten: withdrawing adds a row (Law 91/2025/QH15: consent must be provable).
    Personal data: the fact itself.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="consents")
    purpose = models.SlugField(_("purpose"))
    given = models.BooleanField(_("given"))
    text_version = models.CharField(_("version of the text"), max_length=20)
    channel = models.CharField(_("channel"), max_length=20, default="web")
    at = models.DateTimeField(_("at"))

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self):
        return f"{self.person}: {self.purpose}"


class AccessLog(models.Model):
    """That a user looked at somebody else's personal data, and why.

    Append-only by triggers (``lms.guards``), so neither login nor record is deleted under it: both are
    emptied. Goes after two years. Shown to the person concerned. Personal data: both persons.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="accesses")
    what = models.CharField(_("what was shown"), max_length=60)
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"))

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("access to personal data")
        verbose_name_plural = _("accesses to personal data")

    def __str__(self):
        return f"{self.user} – {self.person}: {self.what}"


class DataRequestQuerySet(models.QuerySet):
    """Reads on requests."""

    def open(self):
        """Those that wait for an office."""
        return self.filter(state__in=[DataRequest.State.OPEN, DataRequest.State.ACKNOWLEDGED])

    def overdue(self, now):
        """Open ones of which a clock has run out at *now*."""
        unanswered = Q(acknowledged_at=None, answer_by__lte=now)
        return self.open().filter(unanswered | Q(done_by__lte=now))

    def due_first(self, now):
        """The overdue first, then the open by the clock that runs out next, then the closed, youngest first."""
        is_open = Q(state__in=[DataRequest.State.OPEN, DataRequest.State.ACKNOWLEDGED])
        next_clock = Case(
            When(is_open & Q(acknowledged_at=None), then="answer_by"), When(is_open, then="done_by")
        )
        return self.annotate(next_clock=next_clock).order_by(
            F("next_clock").asc(nulls_last=True), "-closed_at", "pk"
        )


class DataRequest(models.Model):
    """What a person asks of those who hold their data, with the two clocks of the law.

    Answered within two working days, then done within the days of its kind, extended once
    (Law 91/2025/QH15, Decree 356/2025; ``domain`` 1.10). Stays as proof after it is closed; the
    export it produced goes when fetched or after a week. Personal data: the person and the words.
    """

    class Kind(models.TextChoices):
        """The rights that people use."""

        ACCESS = "access", _("see my data")
        CORRECT = "correct", _("correct my data")
        EXPORT = "export", _("a copy of my data")
        ERASE = "erase", _("erase my data")
        WITHDRAW = "withdraw", _("withdraw my consent")
        RESTRICT = "restrict", _("limit the use of my data")
        OBJECT = "object", _("object to the use of my data")

    class State(models.TextChoices):
        """Where the request stands."""

        OPEN = "open", pgettext_lazy("request", "received")
        ACKNOWLEDGED = "acknowledged", _("being worked on")
        DONE = "done", _("done")
        REFUSED = "refused", pgettext_lazy("request", "refused")
        CANCELLED = "cancelled", pgettext_lazy("request", "taken back")

    person = models.ForeignKey(Person, models.CASCADE, related_name="data_requests", verbose_name=_("person"))
    kind = models.CharField(pgettext_lazy("of the law", "right"), max_length=10, choices=Kind.choices)
    details = models.TextField(_("in their own words"), max_length=2000, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(_("received at"))
    answer_by = models.DateTimeField(_("to be answered by"))
    done_by = models.DateTimeField(_("to be done by"))
    extension_reason = models.CharField(_("why it takes longer"), max_length=300, blank=True)
    acknowledged_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    file = models.CharField(max_length=200, blank=True, editable=False)
    file_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    fetched_at = models.DateTimeField(_("fetched at"), null=True, blank=True)

    objects = DataRequestQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["done_by", "pk"]
        verbose_name = _("request about personal data")
        verbose_name_plural = _("requests about personal data")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(state__in=["open", "acknowledged"]),
                name="lms_data_request_one_open",
            ),
            models.CheckConstraint(
                name="lms_data_request_closed",
                condition=Q(state__in=["open", "acknowledged"], closed_at__isnull=True)
                | Q(state__in=["done", "refused", "cancelled"], closed_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.person}: {self.get_kind_display()}"

    @property
    def is_open(self) -> bool:
        """Whether somebody has still to do something."""
        return self.state in {self.State.OPEN, self.State.ACKNOWLEDGED}

    @property
    def next_deadline(self):
        """The clock that runs out next, or None where the request is closed."""
        if not self.is_open:
            return None
        return self.done_by if self.acknowledged_at else min(self.answer_by, self.done_by)

    @property
    def is_overdue(self) -> bool:
        """Whether a clock has run out."""
        return self.next_deadline is not None and self.next_deadline <= clock.nearly()

    @property
    def is_fetchable(self) -> bool:
        """Whether a copy lies ready that was not fetched yet."""
        return bool(
            self.file
            and self.fetched_at is None
            and self.file_expires_at
            and self.file_expires_at > clock.nearly()
        )


class Erasure(models.Model):
    """That a person's data were erased, by which kinds of rows, so that a restored backup can be erased again.

    Holds no personal data: the person by uuid only.
    """

    person_uuid = models.UUIDField(unique=True)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    counts = models.JSONField(_("rows"), default=dict)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")

    def __str__(self):
        return str(self.person_uuid)
