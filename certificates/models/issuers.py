"""Issuers, the kinds of certificate they give, and the counters of their numbers."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.models import Facility


class Kind(models.TextChoices):
    """Kinds of certificate, never mixed on one sheet (``domain`` 1.6)."""

    CME = "CNKTYKLT", _("continuing medical education")
    COMPLETION = "COMPLETION", _("completion without credit")
    ATTENDANCE = "ATTENDANCE", _("attendance")
    TRAINER = "TOT", _("training of trainers")
    TECHNIQUE = "TECHNIQUE", _("technique certificate")

    @property
    def short(self) -> str:
        """What stands for the kind in a printed number."""
        return _SHORT[self]


_SHORT = {
    Kind.CME: "GCN",
    Kind.COMPLETION: "GCNHT",
    Kind.ATTENDANCE: "GCNTD",
    Kind.TRAINER: "GCNGV",
    Kind.TECHNIQUE: "CCKT",
}


class Issuer(models.Model):
    """A facility that issues certificates, with what its documents say about it.

    Certificates copy these words when issued; a change here alters no old document.
    Personal data: name of the signatory.
    """

    facility = models.OneToOneField(
        Facility, models.PROTECT, related_name="issuer", verbose_name=_("facility")
    )
    abbreviation = models.CharField(_("abbreviation in the number"), max_length=20, unique=True)
    governing_body = models.CharField(_("governing body"), max_length=200, blank=True)
    number_pattern = models.CharField(
        _("number pattern"),
        max_length=60,
        default="{seq:05d}/{year}/{kind}-{issuer}",
        help_text=_("{seq}, {year}, {kind} and {issuer} are filled in; {kind} becomes GCN, GCNHT, …"),
    )
    place = models.CharField(_("place of issue"), max_length=80, default="Hà Nội")
    signatory_prefix = models.CharField(_("signed on behalf (KT., TL., TUQ.)"), max_length=80, blank=True)
    signatory_title = models.CharField(_("office of the signatory"), max_length=80, default="GIÁM ĐỐC")
    signatory_name = models.CharField(_("signatory"), max_length=120)
    issues_automatically = models.BooleanField(
        _("issues on completion"),
        default=False,
        help_text=_(
            "Completing a course issues the certificate without a batch: the provider allows that beforehand."
        ),
    )
    automatic_until = models.DateField(
        _("issues on completion until"),
        null=True,
        blank=True,
        help_text=_("The last day of this permission; empty for no end."),
    )
    most_in_a_day = models.PositiveSmallIntegerField(
        _("certificates issued on completion in one day, at most"),
        default=500,
        validators=[MinValueValidator(1), MaxValueValidator(5000)],
        help_text=_("What goes beyond is a mistake, or waits for the next day or for a batch."),
    )
    most_at_once = models.PositiveSmallIntegerField(
        _("certificates in one batch, at most"),
        default=500,
        validators=[MinValueValidator(1), MaxValueValidator(2000)],
        help_text=_("A larger list is a mistake, or is put together in parts."),
    )
    is_active = models.BooleanField(
        _("may issue"),
        default=True,
        help_text=_(
            "Switched off, nothing more is issued from this moment on, neither by itself nor in batches."
        ),
    )

    class Meta:
        ordering = ["abbreviation"]
        verbose_name = _("issuer")
        verbose_name_plural = _("issuers")

    def __str__(self):
        return self.facility.name

    def clean(self):
        """Refuse a pattern that could print one number twice or cannot be filled in."""
        try:
            numbers = {self.format_number(*args) for args in [(1, 2026), (2, 2026), (1, 2027)]}
            tells_kinds_apart = self.tells_kinds_apart
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise ValidationError(
                {"number_pattern": _("Use only {seq}, {year}, {kind} and {issuer} in the pattern.")}
            ) from error
        if len(numbers) < 3 or any(len(number) > 80 for number in numbers):
            raise ValidationError(
                {"number_pattern": _("The pattern must contain {seq} and {year} so that no number repeats.")}
            )
        if not tells_kinds_apart:
            raise ValidationError(
                {
                    "number_pattern": _(
                        "The pattern must contain {kind}: each kind of certificate is numbered from 1."
                    )
                }
            )

    @property
    def tells_kinds_apart(self) -> bool:
        """Whether two kinds never print the same number; each kind is numbered from 1 every year."""
        return len({self.format_number(1, 2026, kind) for kind in Kind}) == len(Kind)

    def format_number(self, sequence: int, year: int, kind: str = Kind.CME) -> str:
        """The printed number of the *sequence*-th certificate of a kind in a year."""
        return self.number_pattern.format(
            seq=sequence, year=year, kind=Kind(kind).short, issuer=self.abbreviation
        )


class NumberSeries(models.Model):
    """The last number used by an issuer for a kind in a year; locked while one is taken.

    A counter row, not a database sequence: a rolled-back issue leaves no gap. No personal data.
    """

    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="series")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "kind", "year"], name="lms_certificates_series_once")
        ]

    def __str__(self):
        return f"{self.issuer.abbreviation} {self.kind} {self.year}: {self.last}"
