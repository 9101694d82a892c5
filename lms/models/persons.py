"""Who people are, apart from their logins: persons, licences, workplaces, roles."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language_info, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from lms import clock, names
from lms.models.places import Facility
from lms.models.terms import Profession


class PersonQuerySet(models.QuerySet):
    """Reads on persons."""

    def by_given_name(self):
        """Ordered as Vietnamese lists are: given name first."""
        return self.order_by("sort_key", "pk")

    def living(self):
        """Records that stand for somebody: neither merged into another nor erased."""
        return self.filter(state__in=[Person.State.ACTIVE, Person.State.PROVISIONAL])

    def matching(self, text: str):
        """Persons whose name contains the words of *text*, diacritics ignored."""
        found = self
        for word in names.fold(text).split():
            found = found.filter(name_folded__contains=word)
        return found

    def reached_by(self, text: str):
        """Persons whose phone or licence number contains *text*; nobody for fewer than four characters."""
        digits = "".join(c for c in text if c.isdecimal())
        number = names.normal_licence(text)
        if len(number) < 4 or not digits:
            return self.none()
        found = Q(pk__in=Licence.objects.filter(number__contains=number).values("person"))
        if len(digits) >= 4 and not any(c.isalpha() for c in text):
            found |= Q(phone__contains=names.normal_phone(text) or digits)
        return self.filter(found)


class Person(models.Model):
    """Anybody known to the system, with or without a login or a licence.

    Enrolments, evidence, credit and certificates point here and survive the login. A person
    added in a room is provisional until claimed. Two persons of one name stay two.
    Personal data: name, birth date, sex, phone, e-mail.
    """

    class State(models.TextChoices):
        """How sure we are of who this is."""

        ACTIVE = "active", _("confirmed")
        PROVISIONAL = "provisional", _("provisional")
        MERGED = "merged", _("merged into another")
        ERASED = "erased", _("erased at own wish")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="person",
        verbose_name=_("login"),
    )
    full_name = models.CharField(_("full name"), max_length=120)
    name_folded = models.CharField(max_length=120, editable=False, db_index=True)
    sort_key = models.CharField(max_length=400, editable=False, db_index=True)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(_("birth year"), null=True, blank=True)
    sex = models.CharField(_("sex"), max_length=1, blank=True, choices=[("f", _("female")), ("m", _("male"))])
    phone = models.CharField(_("phone"), max_length=20, blank=True, db_index=True)
    email = models.EmailField(_("e-mail"), blank=True, db_index=True)
    profession = models.ForeignKey(
        Profession,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="persons",
        verbose_name=_("professional title"),
    )
    academic_title = models.CharField(_("academic title"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=5, default="vi")
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.ACTIVE)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    is_fictional = models.BooleanField(_("demonstration data"), default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PersonQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["sort_key", "pk"]
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        constraints = [
            models.CheckConstraint(
                name="lms_person_merged_names_other",
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
            )
        ]

    def __str__(self):
        return self.full_name

    def save(self, *args, **kwargs):
        """Keep what is derived in step."""
        self.derive()
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = {*kwargs["update_fields"], "name_folded", "sort_key", "birth_year"}
        super().save(*args, **kwargs)

    def derive(self) -> None:
        """Compute the folded name, the sort key and the birth year from what was written."""
        self.full_name = names.clean(self.full_name)
        # Cut to the columns: a few foreign letters fold to three.
        self.name_folded = names.fold(self.full_name)[:120]
        self.sort_key = names.sort_key(self.full_name)[:400]
        if self.birth_date:
            self.birth_year = self.birth_date.year

    def clean(self):
        """Refuse a birth year that disagrees with the birth date."""
        if self.birth_date and self.birth_year and self.birth_date.year != self.birth_year:
            raise ValidationError({"birth_year": _("The birth year differs from the birth date.")})

    @property
    def given_name(self) -> str:
        """The last word of the name: how people are addressed."""
        return self.full_name.split()[-1] if self.full_name else ""

    @property
    def titled_name(self) -> str:
        """The name with the academic title before it, "BS. Đặng Quốc Ưng"."""
        return f"{self.academic_title} {self.full_name}".strip()

    @property
    def language_name(self) -> str:
        """The language in its own words, "Tiếng Việt"."""
        return get_language_info(self.language)["name_local"]

    @property
    def birth_text(self) -> str:
        """The birth date as a Vietnamese document prints it, or only the year, or nothing."""
        if self.birth_date:
            return f"{self.birth_date:%d/%m/%Y}"
        return str(self.birth_year or "")

    def workplace(self, on=None) -> Facility | None:
        """The facility of the main affiliation in force on the day *on* (today by default)."""
        affiliation = self.affiliations.in_force(on).order_by("-is_primary", "-pk").first()
        return affiliation.facility if affiliation else None


class LicenceQuerySet(models.QuerySet):
    """Reads on licences."""

    def numbered(self, text: str):
        """Licences whose normal form equals that of *text*."""
        return self.filter(number=names.normal_licence(text))


class Licence(models.Model):
    """A practice licence (GPHN) or old practice certificate (CCHN) of a person.

    A person may hold an old and a new one, or none. Odd numbers are kept with a warning.
    Personal data: licence number.
    """

    class Kind(models.TextChoices):
        """Old certificate or new licence."""

        CCHN = "cchn", _("practice certificate (CCHN)")
        GPHN = "gphn", _("practice licence (GPHN)")
        OTHER = "other", _("other")

    class Status(models.TextChoices):
        """What an office found out about the number."""

        UNCHECKED = "unchecked", _("not checked")
        CONFIRMED = "confirmed", _("seen by an office")
        WITHDRAWN = "withdrawn", pgettext_lazy("licence", "withdrawn")

    person = models.ForeignKey(Person, models.CASCADE, related_name="licences", verbose_name=_("person"))
    raw = models.CharField(_("number as written"), max_length=60)
    number = models.CharField(_("number"), max_length=60, editable=False)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.UNCHECKED)
    valid_from = models.DateField(_("issued on"), null=True, blank=True)
    valid_to = models.DateField(_("valid until"), null=True, blank=True)

    objects = LicenceQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("licence")
        verbose_name_plural = _("licences")
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="lms_licence_number_once"
            )
        ]

    def __str__(self):
        return self.number or self.raw

    def save(self, *args, **kwargs):
        """Keep what is derived in step."""
        self.derive()
        super().save(*args, **kwargs)

    def derive(self) -> None:
        """Compute the normal form and the kind from what was written."""
        parsed = names.parse_licence(self.raw)
        self.number = parsed.number if parsed else names.normal_licence(self.raw)
        self.kind = parsed.kind.lower() if parsed else self.Kind.OTHER

    @property
    def is_well_formed(self) -> bool:
        """Whether the number has a known form; an odd one is shown with a warning."""
        return self.kind != self.Kind.OTHER


class DatedQuerySet(models.QuerySet):
    """Reads on rows that hold from one day to another."""

    def in_force(self, on=None):
        """Rows that hold on the day *on* (today by default), both ends included."""
        on = on or clock.today()
        return self.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=on)).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=on)
        )


class Affiliation(models.Model):
    """Where a person works, from when to when. Personal data: employer."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="affiliations", verbose_name=_("person"))
    facility = models.ForeignKey(
        Facility, models.PROTECT, related_name="affiliations", verbose_name=_("facility")
    )
    unit = models.CharField(_("department"), max_length=120, blank=True)
    is_primary = models.BooleanField(_("main workplace"), default=True)
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("until"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        indexes = [models.Index(fields=["facility", "person"], name="lms_affiliation_roster")]

    def __str__(self):
        return f"{self.person} – {self.facility}"


class RoleAssignment(models.Model):
    """That a user may act in a role at a facility, with or without what lies below it.

    Dates are checked on every request. An assignment ends, it is never deleted.
    Personal data: who holds which office.
    """

    class Role(models.TextChoices):
        """The roles of ``domain`` 3.9; learner needs no assignment."""

        SITE_COORDINATOR = "site_coordinator", _("site coordinator")
        UNIT_MANAGER = "unit_manager", _("unit manager")
        TRAINER = "trainer", _("trainer")
        PROGRAMME_MANAGER = "programme_manager", _("training office")
        APPRAISER = "appraiser", _("appraiser")
        CERTIFICATE_SIGNER = "certificate_signer", _("certificate signer")
        PROVINCE_OFFICER = "province_officer", _("province officer")
        VERIFIER = "verifier", _("verifier")
        EVALUATOR = "evaluator", _("evaluator")
        ORG_ADMIN = "org_admin", _("facility administrator")
        SYS_ADMIN = "sys_admin", _("system administrator")
        DPO = "dpo", _("data protection officer")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="role_assignments", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    facility = models.ForeignKey(
        Facility, models.PROTECT, related_name="role_assignments", verbose_name=_("facility")
    )
    include_children = models.BooleanField(_("and everything below it"), default=False)
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("until"), null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    granted_at = models.DateTimeField(auto_now_add=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = DatedQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("role assignment")
        verbose_name_plural = _("role assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "facility"],
                condition=Q(valid_to__isnull=True),
                name="lms_role_granted_once",
            )
        ]

    def __str__(self):
        return f"{self.user}: {self.get_role_display()}, {self.facility}"
