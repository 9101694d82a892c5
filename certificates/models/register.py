"""The register: issuers, numbers, certificates and what happened to them."""

import json
import uuid
from functools import lru_cache

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from certificates.facts import shown
from lms import names
from lms.models import Facility, Person


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


class Batch(models.Model):
    """Certificates made together: frozen by one person, approved by another.

    Personal data: who built and approved it.
    """

    class State(models.TextChoices):
        """Where the batch stands."""

        DRAFT = "draft", _("being put together")
        FROZEN = "frozen", _("waiting for approval")
        APPROVED = "approved", _("approved")
        ISSUED = "issued", _("issued")

    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="batches", verbose_name=_("issuer"))
    title = models.CharField(_("title"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    origin_keys = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64, blank=True)
    built_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    approved_at = models.DateTimeField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        constraints = [
            models.CheckConstraint(
                name="lms_certificates_builder_is_not_signer",
                condition=Q(approved_by__isnull=True)
                | Q(built_by__isnull=True)
                | ~Q(approved_by=models.F("built_by")),
            )
        ]

    def __str__(self):
        return self.title


class CertificateQuerySet(models.QuerySet):
    """Reads on the register."""

    def of(self, person):
        """Those of one holder, the replaced and the revoked too."""
        return self.filter(holder=person)

    def valid(self):
        """Those whose code answers "valid"."""
        return self.filter(state=Certificate.State.ISSUED)

    def for_origin(self, origin_key: str):
        """Everything ever issued for one completion, the youngest first."""
        return self.filter(origin_key=origin_key).order_by("-pk")

    def in_book(self, issuer, year: int, kind: str):
        """One volume of the register book: everything ever numbered, in the order of its numbers."""
        return (
            self.filter(issuer=issuer, year=year, kind=kind)
            .select_related("superseded_by")
            .order_by("sequence")
        )

    def numbered(self, text: str):
        """Those with a number, whatever its case and Unicode form."""
        number = names.clean(text).replace(" ", "")
        return self.filter(number__in={number, number.upper()})


class Certificate(models.Model):
    """One entry of the register: a number, a code and frozen facts. Never deleted, never re-dated.

    ``issued`` (number, code, facts) and ``sealed`` (rendered and stored) are separate. The code
    answers for ever, also when revoked or superseded. ``origin_key`` names what it is for
    (``enrolment:<id>``). Personal data: name, birth date, workplace and results, in the facts;
    kept on legal ground after the login is erased.
    """

    class State(models.TextChoices):
        """What the code answers."""

        ISSUED = "issued", _("valid")
        SUPERSEDED = "superseded", _("replaced")
        REVOKED = "revoked", _("revoked")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    holder = models.ForeignKey(Person, models.PROTECT, related_name="certificates", verbose_name=_("holder"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.CME)
    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="certificates", verbose_name=_("issuer"))
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    number = models.CharField(_("number"), max_length=80)
    code = models.CharField(
        _("code"), max_length=18, unique=True, help_text="Crockford base32, last two check"
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ISSUED)
    origin_key = models.CharField(max_length=80)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, blank=True, related_name="certificates")
    language = models.CharField(max_length=5, default="vi")
    facts = models.BinaryField(help_text="canonical JSON, RFC 8785")
    facts_sha256 = models.CharField(max_length=64)
    hours = models.DecimalField(_("credit hours"), max_digits=6, decimal_places=2)
    is_sample = models.BooleanField(_("sample without value"), default=False)
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    sealed_at = models.DateTimeField(_("sealed at"), null=True, blank=True)
    file = models.CharField(max_length=200, blank=True, help_text="name in private storage")
    file_sha256 = models.CharField(max_length=64, blank=True)
    file_size = models.PositiveIntegerField(default=0)
    template_version = models.PositiveSmallIntegerField(default=1)
    issued_with = models.ForeignKey(
        "TemplateVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="certificates",
        verbose_name=_("issued with"),
    )
    mode = models.CharField(
        _("signing"),
        max_length=8,
        choices=[("digital", _("file signed digitally")), ("wet", _("paper signed by hand"))],
        default="digital",
    )
    mark = models.CharField(
        max_length=158, blank=True, help_text="key number and signature of the code, in digits"
    )
    signed_with = models.ForeignKey(
        "SigningKey",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("signed with"),
    )
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    end_reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = CertificateQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-issued_at", "-pk"]
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "kind", "year", "sequence"], name="lms_certificates_number_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "origin_key"],
                condition=Q(state="issued"),
                name="lms_certificates_one_per_origin",
            ),
            models.CheckConstraint(
                name="lms_certificates_ended_has_reason",
                condition=Q(state="issued", ended_at__isnull=True)
                | (~Q(state="issued") & Q(ended_at__isnull=False) & ~Q(end_reason="")),
            ),
            models.CheckConstraint(
                name="lms_certificates_sealed_has_file",
                condition=Q(sealed_at__isnull=True) | ~Q(file_sha256=""),
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "state"], name="lms_certificates_of_holder"),
            models.Index(fields=["origin_key"], name="lms_certificates_of_origin"),
            models.Index(fields=["number"], name="lms_certificates_by_number"),
        ]

    def __str__(self):
        return self.number

    @cached_property
    def said(self) -> dict:
        """The frozen facts: what the document says, whatever the records say today."""
        return json.loads(bytes(self.facts))

    @property
    def printed(self) -> dict:
        """What is drawn: the frozen facts, the mark in the QR code, and the logo that the facts name."""
        return self.said | {"mark": self.mark} | _pictured(self.issuer_id, self.said)

    @property
    def is_signed_by_hand(self) -> bool:
        """Whether the paper, not the file, carries the signature."""
        return self.mode == "wet"

    @property
    def signed_scan(self):
        """The scan of the paper with its signature, or None; asked for only where the paper is what is signed."""
        return self.scans.filter(replaced_at__isnull=True).first() if self.is_signed_by_hand else None

    @property
    def shown_code(self) -> str:
        """The code in the groups in which it is printed."""
        return shown(self.code)

    @property
    def is_valid(self) -> bool:
        """Whether it is neither replaced nor revoked."""
        return self.state == self.State.ISSUED

    @property
    def path(self) -> str:
        """The public path, the same in every language and for ever."""
        return f"/V/{self.code}"

    @property
    def filename(self) -> str:
        """What the downloaded file is called; slashes of the number become dashes."""
        return f"Giấy chứng nhận {self.number.replace('/', '-')}.pdf"

    @property
    def evidence_name(self) -> str:
        """What the downloaded evidence is called."""
        return f"Minh chứng {self.number.replace('/', '-')}.zip"

    @property
    def replacement(self) -> "Certificate | None":
        """The certificate that took this one's place, or None."""
        return getattr(self, "superseded_by", None)


def _pictured(issuer: int, said: dict) -> dict:
    found = said.get("design", {}).get("logo")
    return {"picture": _picture(issuer, found["sha256"])} if found else {}


@lru_cache(maxsize=64)
def _picture(issuer: int, sha256: str):
    """A logo never changes under its hash, so a process reads it once."""
    return apps.get_model("lms_certificates", "Logo").objects.get(issuer=issuer, sha256=sha256).picture


class CertificateActivity(models.Model):
    """One row of the table on a certificate (form, content, responsible, time, hours).

    A copy for queries; the facts decide. Personal data: what was learnt.
    """

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="activities")
    position = models.PositiveSmallIntegerField(default=1)
    form = models.CharField(_("form"), max_length=200)
    content = models.CharField(_("content"), max_length=400)
    responsible = models.CharField(_("responsible unit"), max_length=300)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    hours = models.DecimalField(_("credit hours"), max_digits=6, decimal_places=2)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["certificate", "position"]
        verbose_name = _("certified activity")
        verbose_name_plural = _("certified activities")
        constraints = [
            models.UniqueConstraint(fields=["certificate", "position"], name="lms_certificates_activity_once")
        ]

    def __str__(self):
        return self.content


class LogEntry(models.Model):
    """One event of the register, written in the transaction of the event. Append-only.

    Triggers of the database refuse every change but one: ``index``, the place in the tree, is given
    once by the next checkpoint. ``leaf`` is the canonical JSON that the tree hashes; it carries
    hashes, never names. Personal data: who acted.
    """

    class Event(models.TextChoices):
        """What happened."""

        ISSUED = "issued", _("issued")
        SEALED = "sealed", _("sealed")
        SUPERSEDED = "superseded", _("replaced")
        REVOKED = "revoked", _("revoked")

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="log")
    event = models.CharField(_("event"), max_length=10, choices=Event.choices)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    leaf = models.BinaryField()
    leaf_hash = models.CharField(max_length=64)
    index = models.BigIntegerField(null=True, blank=True, unique=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["pk"]
        verbose_name = _("register entry")
        verbose_name_plural = _("register entries")
        constraints = [
            models.UniqueConstraint(fields=["certificate", "event"], name="lms_certificates_event_once")
        ]

    def __str__(self):
        return f"{self.certificate}: {self.get_event_display()}"


class Checkpoint(models.Model):
    """What the register looked like when it had ``size`` entries, signed. Append-only.

    ``note`` is what councils keep (``certificates.transparency``); ``peaks`` lets the tree grow on
    without reading it again. No personal data.
    """

    size = models.PositiveBigIntegerField(_("entries"), unique=True)
    root = models.CharField(_("root"), max_length=64)
    peaks = models.JSONField(default=list)
    at = models.DateTimeField(_("at"))
    note = models.TextField(_("signed note"))

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-size"]
        verbose_name = _("checkpoint of the register")
        verbose_name_plural = _("checkpoints of the register")

    def __str__(self):
        return f"{self.size}"
