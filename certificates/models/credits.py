"""Credit hours: rules by date, cycles, and an append-only ledger."""

from decimal import ROUND_DOWN, Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from lms import clock
from lms.models import Person

from .register import Certificate


class Scheme(models.Model):
    """How many hours in how many years somebody must collect, and on what legal ground.

    No personal data.
    """

    code = models.SlugField(_("code"), unique=True)
    target = models.DecimalField(_("hours to collect"), max_digits=6, decimal_places=2)
    years = models.PositiveSmallIntegerField(_("in how many years"))
    annual_min = models.DecimalField(
        _("least hours a year"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    basis = models.CharField(_("legal ground"), max_length=200)
    is_historical = models.BooleanField(_("no longer given"), default=False)

    class Meta:
        ordering = ["code"]
        verbose_name = _("credit scheme")
        verbose_name_plural = _("credit schemes")

    def __str__(self):
        return self.code


class RuleSetQuerySet(models.QuerySet):
    """Reads on rule sets."""

    def in_force(self, on):
        """Those that hold on the day *on*, the youngest first."""
        return self.filter(effective_from__lte=on).filter(
            Q(effective_to__isnull=True) | Q(effective_to__gte=on)
        )


class RuleSet(models.Model):
    """A conversion table in force from one day to another; unverified until an officer confirms it.

    Personal data: who confirmed it.
    """

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    legal_basis = models.CharField(_("legal ground"), max_length=200)
    effective_from = models.DateField(_("in force from"))
    effective_to = models.DateField(_("in force until"), null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, blank=True)

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        ordering = ["-effective_from"]
        verbose_name = _("rule set")
        verbose_name_plural = _("rule sets")

    def __str__(self):
        return self.code

    @property
    def is_verified(self) -> bool:
        """Whether an officer compared the table with the Gazette."""
        return self.verified_at is not None


class Rule(models.Model):
    """One row of a conversion table: form and role, unit, hours. No personal data."""

    class Mode(models.TextChoices):
        """What the hours are counted by."""

        PER_PERIOD = "per_period", _("per period")
        FIXED = "fixed", _("fixed")
        PER_YEAR = "per_year", _("per year")

    ruleset = models.ForeignKey(RuleSet, models.PROTECT, related_name="rules", verbose_name=_("rule set"))
    code = models.CharField(_("code"), max_length=30)
    group = models.PositiveSmallIntegerField(_("group"), default=1)
    mode = models.CharField(_("counted"), max_length=10, choices=Mode.choices)
    value = models.DecimalField(_("hours"), max_digits=6, decimal_places=2)
    cap_per_item = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    cap_per_year = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    cap_per_cycle = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    conflicts = models.JSONField(_("other values in circulation"), default=list, blank=True)

    class Meta:
        ordering = ["ruleset", "group", "code"]
        verbose_name = _("credit rule")
        verbose_name_plural = _("credit rules")
        constraints = [
            models.UniqueConstraint(fields=["ruleset", "code"], name="lms_certificates_rule_once"),
            models.CheckConstraint(name="lms_certificates_rule_value", condition=Q(value__gte=0)),
        ]

    def __str__(self):
        return self.code

    def hours_for(self, quantity: Decimal) -> Decimal:
        """Exact hours for *quantity* periods, items or years; cut after two places, never rounded up."""
        hours = self.value * quantity
        if self.cap_per_item is not None:
            hours = min(hours, self.cap_per_item)
        return hours.quantize(Decimal("0.01"), rounding=ROUND_DOWN)

    def quantity_of(self, periods: Decimal) -> Decimal:
        """What is counted of an activity of so many *periods*: those, or the one activity whatever its length."""
        return periods if self.mode == self.Mode.PER_PERIOD else Decimal(1)

    def frozen(self) -> dict:
        """The rule as it stands now, for an entry or a certificate to keep."""
        return {
            "code": self.code,
            "ruleset": self.ruleset.code,
            "mode": self.mode,
            "value": str(self.value),
            "cap_per_item": None if self.cap_per_item is None else str(self.cap_per_item),
            "basis": self.ruleset.legal_basis,
            "verified": self.ruleset.is_verified,
        }


class CycleQuerySet(models.QuerySet):
    """Reads on cycles."""

    def covering(self, on):
        """Those in which the day *on* falls, both ends included."""
        return self.filter(starts_on__lte=on, ends_on__gte=on)


class Cycle(models.Model):
    """The span in which one person must reach a scheme's target. Personal data: the obligation."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="cycles", verbose_name=_("person"))
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="cycles", verbose_name=_("scheme"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    basis = models.CharField(_("counted from"), max_length=60, blank=True)

    objects = CycleQuerySet.as_manager()

    class Meta:
        ordering = ["person", "-starts_on"]
        verbose_name = _("credit cycle")
        verbose_name_plural = _("credit cycles")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "scheme", "starts_on"], name="lms_certificates_cycle_once"
            ),
            models.CheckConstraint(
                name="lms_certificates_cycle_dates", condition=Q(ends_on__gt=models.F("starts_on"))
            ),
        ]

    def __str__(self):
        return f"{self.person}: {self.starts_on:%Y}–{self.ends_on:%Y}"

    @classmethod
    def current(cls, person, on=None) -> "Cycle | None":
        """The cycle of *person* on the day *on* (today by default); the youngest where two overlap."""
        cycles = cls.objects.filter(person=person).covering(on or clock.today())
        return cycles.select_related("scheme").order_by("-starts_on").first()


class CreditEntryQuerySet(models.QuerySet):
    """Reads on the ledger."""

    def of(self, person):
        """The entries of one person, void ones too."""
        return self.filter(person=person)

    def posted(self):
        """The entries that count."""
        return self.filter(state=CreditEntry.State.POSTED)

    def hours(self) -> Decimal:
        """The sum of hours, exact."""
        return self.order_by().aggregate(total=Sum("hours"))["total"] or Decimal(0)


class CreditEntry(models.Model):
    """Hours earned by one person for one activity, with the rule frozen as it stood.

    Append-only: a wrong entry is voided with a reason and replaced by another. Hours are exact
    decimals, never rounded up. Personal data: achievement.
    """

    class State(models.TextChoices):
        """Whether it counts."""

        POSTED = "posted", _("counts")
        VOID = "void", _("void")

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="credit_entries", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=10, default="learner")
    rule_code = models.CharField(_("rule"), max_length=30)
    rule = models.JSONField(help_text="the rule as it stood: code, ruleset, mode, value, basis, verified")
    quantity = models.DecimalField(_("quantity"), max_digits=6, decimal_places=2)
    hours = models.DecimalField(_("credit hours"), max_digits=6, decimal_places=2)
    activity_on = models.DateField(_("date of the activity"))
    title = models.CharField(_("activity"), max_length=400)
    source_key = models.CharField(max_length=80, help_text="enrolment:<id>, session:<id>, …")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.POSTED)
    certificate = models.ForeignKey(
        Certificate, models.PROTECT, null=True, blank=True, related_name="credit_entries"
    )
    posted_at = models.DateTimeField()
    void_at = models.DateTimeField(null=True, blank=True)
    void_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    void_reason = models.CharField(_("why void"), max_length=300, blank=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")

    objects = CreditEntryQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-activity_on", "-pk"]
        verbose_name = _("credit entry")
        verbose_name_plural = _("credit entries")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "source_key"],
                condition=Q(state="posted"),
                name="lms_certificates_credit_once",
            ),
            models.CheckConstraint(
                name="lms_certificates_credit_void_reason",
                condition=Q(state="posted", void_at__isnull=True)
                | (Q(state="void", void_at__isnull=False) & ~Q(void_reason="")),
            ),
            models.CheckConstraint(name="lms_certificates_credit_hours", condition=Q(hours__gte=0)),
        ]

    def __str__(self):
        return f"{self.person}: {self.hours} h, {self.title}"
