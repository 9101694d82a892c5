"""The keys with which the site signs: public halves, purposes and lives; no private half is ever here."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class SigningKeyQuerySet(models.QuerySet):
    """Reads on the table of keys."""

    def good_at(self, moment: datetime):
        """Those whose signatures made at *moment* count."""
        return self.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=moment),
            Q(compromised_at__isnull=True) | Q(compromised_at__gt=moment),
            valid_from__lte=moment,
        )

    def to_sign(self, purpose: str, moment: datetime, issuer=None):
        """The key that signs for *purpose* at *moment*, or None: the issuer's own before the site's."""
        found = self.good_at(moment).filter(purpose=purpose)
        found = found.filter(Q(issuer=issuer) | Q(issuer__isnull=True) if issuer else Q(issuer__isnull=True))
        return found.order_by(F("issuer").asc(nulls_last=True), "-valid_from", "-kid").first()


class SigningKey(models.Model):
    """One key: what it signs, since when and until when, and its public half.

    Never deleted: what it signed is checked with it for ever. ``valid_until`` is the rotation;
    ``compromised_at`` the moment from which somebody else may have held the private half, so that
    a signature counts only where something proves that it is older. Without ``issuer`` the key
    signs for every issuer of the site. Personal data: which login made it.
    """

    class Purpose(models.TextChoices):
        """What a key signs; a signature for one purpose is worth nothing for another."""

        CODES = "codes", _("codes on paper")
        CHECKPOINTS = "checkpoints", _("checkpoints of the register")
        DOCUMENTS = "documents", _("PDF documents")

    class Algorithm(models.TextChoices):
        """How it signs."""

        ED25519 = "ed25519", "Ed25519"
        P256 = "ecdsa-p256", "ECDSA P-256"
        RSA = "rsa", "RSA"

    kid = models.PositiveSmallIntegerField(
        _("key number"), unique=True, help_text=_("Three digits before each signature; never used again.")
    )
    purpose = models.CharField(_("signs"), max_length=12, choices=Purpose.choices)
    algorithm = models.CharField(_("algorithm"), max_length=12, choices=Algorithm.choices)
    issuer = models.ForeignKey(
        "Issuer", models.PROTECT, null=True, blank=True, related_name="keys", verbose_name=_("issuer")
    )
    public_key = models.TextField(_("public key"), help_text="PEM, SubjectPublicKeyInfo")
    chain = models.TextField(
        _("certificate chain"), blank=True, help_text="PEM, X.509; the key's own certificate first"
    )
    valid_from = models.DateTimeField(_("signs from"))
    valid_until = models.DateTimeField(_("signs until"), null=True, blank=True)
    compromised_at = models.DateTimeField(_("not to be trusted from"), null=True, blank=True)
    compromise_reason = models.CharField(_("reason"), max_length=300, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = SigningKeyQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["kid"]
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        constraints = [
            models.CheckConstraint(
                name="lms_certificates_kid_is_three_digits", condition=Q(kid__gte=1, kid__lte=999)
            ),
            models.CheckConstraint(
                name="lms_certificates_key_dates",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="lms_certificates_compromise_has_reason",
                condition=Q(compromised_at__isnull=True) | ~Q(compromise_reason=""),
            ),
            models.UniqueConstraint(
                fields=["purpose"],
                condition=Q(issuer__isnull=True, valid_until__isnull=True),
                name="lms_certificates_one_open_key",
            ),
            models.UniqueConstraint(
                fields=["purpose", "issuer"],
                condition=Q(issuer__isnull=False, valid_until__isnull=True),
                name="lms_certificates_one_open_key_of_issuer",
            ),
        ]

    def __str__(self):
        return f"{self.kid:03d} {self.get_purpose_display()}"

    def signed_well_at(self, moment: datetime) -> bool:
        """Whether a signature that is known to be of *moment* counts."""
        ends = [end for end in (self.valid_until, self.compromised_at) if end is not None]
        return self.valid_from <= moment and all(moment < end for end in ends)
