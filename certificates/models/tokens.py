"""Tokens with which other systems ask the register."""

import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms import clock

PREFIX = "vx1_"


class ApiTokenQuerySet(models.QuerySet):
    """Reads on tokens."""

    def alive(self):
        """Those neither revoked nor expired."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=clock.nearly())

    def presented(self, secret: str):
        """The living token whose secret this is, or None."""
        if not secret.startswith(PREFIX):
            return None
        return self.alive().filter(digest=ApiToken.digest_of(secret)).select_related("user").first()


class ApiToken(models.Model):
    """That another system may ask the register as one verifier, for one purpose, until a day.

    The secret is shown once and kept as a hash: 256 random bits need no slow one. Never deleted:
    what it asked for is recorded under its purpose. Personal data: whose it is and who made it.
    """

    class Scope(models.TextChoices):
        """What it may ask."""

        ONE = "one", _("one certificate, with the full name")
        BATCH = "batch", _("lists of certificates and licences")
        PERSON = "person", _("a person's whole record")
        REGISTER = "register", _("the export of the register")

    name = models.CharField(_("system"), max_length=80)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="lms_api_tokens", verbose_name=_("verifier")
    )
    purpose = models.CharField(_("purpose"), max_length=200)
    scopes = models.JSONField(_("may ask for"), default=list)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("begins with"), max_length=12, editable=False)
    created_at = models.DateTimeField(_("made at"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(_("until"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ApiTokenQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("token of another system")
        verbose_name_plural = _("tokens of other systems")
        constraints = [
            models.CheckConstraint(
                name="lms_certificates_token_expires", condition=Q(expires_at__gt=models.F("created_at"))
            )
        ]

    def __str__(self):
        return self.name

    @property
    def is_alive(self) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and self.expires_at > clock.nearly()

    @property
    def scope_names(self) -> list[str]:
        """What it may ask for, in words."""
        return [str(self.Scope(scope).label) for scope in self.scopes]

    @staticmethod
    def new_secret() -> str:
        """A secret of 256 random bits; the prefix lets scanners of leaked secrets know it."""
        return PREFIX + secrets.token_urlsafe(32)

    @staticmethod
    def digest_of(secret: str) -> str:
        """What is kept of a secret."""
        return hashlib.sha256(secret.encode()).hexdigest()
