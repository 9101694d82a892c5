"""What an issuer may decide about its documents: versions of a template, and the logos they carry."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certificates.pictures import Picture

from .issuers import Issuer, Kind


class Logo(models.Model):
    """A logo as documents carry it: the finished PDF object, named by its hash. Never changed or deleted.

    No personal data.
    """

    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="logos")
    sha256 = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    data = models.BinaryField()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")
        constraints = [
            models.UniqueConstraint(fields=["issuer", "sha256"], name="lms_certificates_logo_once")
        ]

    def __str__(self):
        return self.sha256[:12]

    @property
    def picture(self) -> Picture:
        """The logo as it is drawn."""
        return Picture(self.width, self.height, bytes(self.data))


class Authority(models.TextChoices):
    """In whose place somebody signs (Decree 30/2020/NĐ-CP, annex I, part II, 7)."""

    OWN = "", _("signs as head")
    ACTING = "Q.", _("Q. – acting head")
    COLLECTIVE = "TM.", _("TM. – in the name of a body")
    DEPUTY = "KT.", _("KT. – deputy for the head")
    ORDER = "TL.", _("TL. – by order of the head")
    DELEGATED = "TUQ.", _("TUQ. – by delegation of the head")


class TemplateQuerySet(models.QuerySet):
    """Reads on templates."""

    def for_documents(self, issuer, kind: str) -> "TemplateVersion | None":
        """The version in force for documents of *kind*: its own, else that for every kind, else none."""
        found = self.filter(issuer=issuer, state=TemplateVersion.State.IN_FORCE, kind__in=[kind, ""])
        return found.select_related("logo").order_by("-kind").first()


class TemplateVersion(models.Model):
    """One version of what an issuer's documents of a kind say and show beside the words of the law.

    A draft is edited and thrown away; once it is in force nothing in it changes, and a change is
    a new version. Certificates copy its words into their facts and name it; a file is never made
    again. Empty fields take the words of the issuer or the fixed ones. Personal data: name of the
    signatory; who made it and put it in force.
    """

    class State(models.TextChoices):
        """Where the version stands."""

        DRAFT = "draft", _("draft")
        IN_FORCE = "in_force", _("in force")
        RETIRED = "retired", _("replaced by a newer one")

    class Mode(models.TextChoices):
        """How a document becomes binding (``domain`` 1.6)."""

        DIGITAL = "digital", _("file signed digitally")
        WET = "wet", _("paper signed by hand")

    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="templates", verbose_name=_("issuer"))
    kind = models.CharField(
        _("kind"),
        max_length=12,
        choices=[choice for choice in Kind.choices if choice[0] != Kind.TECHNIQUE],
        blank=True,
        help_text=_("Empty: for every kind that has no template of its own."),
    )
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    mode = models.CharField(_("signing"), max_length=8, choices=Mode.choices, default=Mode.DIGITAL)
    governing_body = models.CharField(_("governing body"), max_length=160, blank=True)
    heading = models.CharField(_("name of the issuer in the heading"), max_length=160, blank=True)
    place = models.CharField(_("place of issue"), max_length=60, blank=True)
    title = models.CharField(_("title under GIẤY CHỨNG NHẬN"), max_length=120, blank=True)
    certified = models.CharField(_("what is certified"), max_length=160, blank=True)
    closing = models.CharField(_("closing line"), max_length=240, blank=True)
    authority = models.CharField(_("signs"), max_length=4, choices=Authority.choices, blank=True)
    represented = models.CharField(_("head or body represented"), max_length=80, blank=True)
    signatory_title = models.CharField(_("office of the signatory"), max_length=80)
    signatory_name = models.CharField(_("signatory"), max_length=120)
    governing_body_en = models.CharField(_("governing body (English)"), max_length=160, blank=True)
    heading_en = models.CharField(_("name of the issuer (English)"), max_length=160, blank=True)
    title_en = models.CharField(_("title under GIẤY CHỨNG NHẬN (English)"), max_length=120, blank=True)
    certified_en = models.CharField(_("what is certified (English)"), max_length=160, blank=True)
    closing_en = models.CharField(_("closing line (English)"), max_length=240, blank=True)
    signatory_title_en = models.CharField(_("office of the signatory (English)"), max_length=80, blank=True)
    logo = models.ForeignKey(
        Logo, models.PROTECT, null=True, blank=True, related_name="templates", verbose_name=_("logo")
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made at"))
    in_force_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    in_force_at = models.DateTimeField(_("in force since"), null=True, blank=True)

    objects = TemplateQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["issuer", "kind", "-number"]
        verbose_name = _("template version")
        verbose_name_plural = _("template versions")
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "kind", "number"], name="lms_certificates_template_number_once"
            ),
            models.UniqueConstraint(
                fields=["issuer", "kind"],
                condition=Q(state="in_force"),
                name="lms_certificates_one_template_in_force",
            ),
            models.CheckConstraint(
                name="lms_certificates_template_in_force_by_whom",
                condition=Q(state="draft", in_force_at__isnull=True, in_force_by__isnull=True)
                | (~Q(state="draft") & Q(in_force_at__isnull=False, in_force_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="lms_certificates_template_second_person",
                condition=Q(in_force_by__isnull=True) | ~Q(in_force_by=models.F("made_by")),
            ),
        ]

    def __str__(self):
        return f"{self.issuer.abbreviation} {self.kind or '*'} {self.number}"

    @property
    def is_draft(self) -> bool:
        """Whether it may still be edited."""
        return self.state == self.State.DRAFT

    @property
    def signatory(self) -> dict:
        """The block of the signatory as facts carry it: the line of whom he stands for, office, name."""
        if self.authority == Authority.ACTING:
            return {"prefix": "", "title": f"Q. {self.signatory_title}", "name": self.signatory_name}
        prefix = f"{self.authority} {self.represented}" if self.authority else ""
        return {"prefix": prefix, "title": self.signatory_title, "name": self.signatory_name}

    @property
    def design(self) -> dict:
        """What the facts of a certificate say beside the usual words; empty fields are left out."""
        kept = ("heading", "title", "certified", "closing")
        english = ("governing_body_en", "heading_en", "title_en", "certified_en", "closing_en")
        names = (*kept, *english, "signatory_title_en")
        said = {name: value for name in names if (value := getattr(self, name))}
        said["version"] = self.number
        if self.logo:
            said["logo"] = {
                "sha256": self.logo.sha256,
                "width": self.logo.width,
                "height": self.logo.height,
            }
        return said
