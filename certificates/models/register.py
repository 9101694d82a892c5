"""The register: batches, certificates and what happened to them."""

import json
import uuid
from functools import lru_cache

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from certificates.facts import shown
from lms import names
from lms.models import Person

from .issuers import Issuer, Kind


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

    class Grouping(models.TextChoices):
        """What stands on one certificate."""

        ACTIVITY = "activity", _("one certificate for each activity")
        PERSON = "person", _("one certificate for each person")

    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="batches", verbose_name=_("issuer"))
    title = models.CharField(_("title"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    grouping = models.CharField(
        _("grouping"), max_length=10, choices=Grouping.choices, default=Grouping.ACTIVITY
    )
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


ACTIVITY_FACTS = ("origin", "rule", "decision", "release_sha256")
"""What the facts tell of one activity beside the words that are printed."""


class CertificateQuerySet(models.QuerySet):
    """Reads on the register."""

    def of(self, person):
        """Those of one holder, the replaced and the revoked too."""
        return self.filter(holder=person)

    def valid(self):
        """Those whose code answers "valid"."""
        return self.filter(state=Certificate.State.ISSUED)

    def for_origin(self, origin_key: str):
        """Everything ever issued for one activity, the youngest first."""
        return self.filter(activities__origin_key=origin_key).order_by("-pk")

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
    answers for ever, also when revoked or superseded. What it is for, its ``activities`` say. Personal data: name, birth date, workplace and results, in the facts;
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
            models.Index(fields=["number"], name="lms_certificates_by_number"),
        ]

    def __str__(self):
        return self.number

    @cached_property
    def said(self) -> dict:
        """The frozen facts: what the document says, whatever the records say today."""
        return json.loads(bytes(self.facts))

    @property
    def rows(self) -> list[dict]:
        """The certified activities as the facts tell them, each with its own origin, rule and decision."""
        said = self.said
        # Facts of the first form told these once, of the one activity that they had.
        common = {name: said[name] for name in ACTIVITY_FACTS if name in said}
        return [common | row for row in said["activities"]]

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
    def ending_request(self):
        """What somebody asked for that nobody has done yet: an open request to end it, or None."""
        return self.ending_requests.filter(closed_at__isnull=True).select_related("asked_by").first()

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

    A copy for queries; the facts decide. ``origin_key`` names what it certifies (``enrolment:<id>``);
    ``stands`` as long as its certificate is neither revoked nor replaced, and of one origin only one row
    ever does. Personal data: what was learnt.
    """

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="activities")
    position = models.PositiveSmallIntegerField(default=1)
    origin_key = models.CharField(max_length=80)
    stands = models.BooleanField(default=True)
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
            models.UniqueConstraint(
                fields=["certificate", "position"], name="lms_certificates_activity_once"
            ),
            models.UniqueConstraint(
                fields=["origin_key"], condition=Q(stands=True), name="lms_certificates_certified_once"
            ),
        ]
        indexes = [models.Index(fields=["origin_key"], name="lms_certificates_of_origin")]

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
