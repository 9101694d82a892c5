"""Where people work and learn: provinces, the tree of facilities, tele-sites."""

import uuid
from collections import defaultdict
from datetime import date, timedelta

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from lms import clock, names


class Province(models.Model):
    """One of the 34 provinces and cities since 1 July 2025 (decision 19/2025/QĐ-TTg).

    Old names live on as aliases so that a search for "Yên Bái" finds Lào Cai. No personal data.
    """

    class Kind(models.TextChoices):
        """Whether the unit is a centrally run city."""

        CITY = "city", _("city")
        PROVINCE = "province", _("province")

    code = models.CharField(_("code"), max_length=2, unique=True)
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.PROVINCE)
    aliases = models.JSONField(_("former names"), default=list, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=7, decimal_places=4, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=7, decimal_places=4, null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["code"]
        verbose_name = _("province")
        verbose_name_plural = _("provinces")

    def __str__(self):
        return self.name


class FacilityQuerySet(models.QuerySet):
    """Reads on facilities."""

    def under(self, node: "Facility", on: date | None = None):
        """*node* and everything below it, today or as the tree stood on the day *on*."""
        moved = FormerParent.objects.on(on) if on else FormerParent.objects.none()
        then = dict(moved.values_list("facility", "parent"))
        if not then:
            return self.filter(path__startswith=node.path)
        below = defaultdict(list)
        for pk, parent in Facility.objects.values_list("pk", "parent"):
            below[then.get(pk, parent)].append(pk)
        found, waiting = {node.pk}, [node.pk]
        while waiting:
            new = [pk for pk in below[waiting.pop()] if pk not in found]
            found.update(new)
            waiting += new
        return self.filter(pk__in=found)

    def in_force(self, on=None):
        """Facilities that exist on the day *on* (today by default)."""
        on = on or clock.today()
        begun = Q(valid_from__isnull=True) | Q(valid_from__lte=on)
        return self.filter(begun, Q(valid_to__isnull=True) | Q(valid_to__gte=on))

    def matching(self, text: str):
        """Facilities that have, had or took over the name *text*: every word, diacritics ignored.

        The names of what was merged into a facility lead to it.
        """
        found = self
        for word in names.fold(text).split():
            merged = Facility.objects.filter(replaced_by=OuterRef("pk"))
            named = FacilityName.objects.filter(name_folded__contains=word)
            found = found.filter(
                Q(name_folded__contains=word)
                | Q(abbreviation__iexact=word)
                | Exists(named.filter(facility=OuterRef("pk")))
                | Exists(merged.filter(name_folded__contains=word))
                | Exists(named.filter(facility__replaced_by=OuterRef("pk")))
            )
        return found

    def providers(self):
        """Facilities that give courses (cơ sở cập nhật kiến thức y khoa liên tục)."""
        return self.filter(is_provider=True)


class Facility(models.Model):
    """An organisation of the health system: hospital, station, department, ministry, project.

    A node of one tree; every scope of a role is such a node. A facility is never deleted: it
    ends (``valid_to``) and may name its successor; certificates keep the name of their day.
    No personal data.
    """

    class Kind(models.TextChoices):
        """What the facility is; the words of ``domain`` 1.9 and the glossary."""

        MINISTRY = "ministry", _("ministry")
        COUNCIL = "council", _("National Medical Council")
        PROVINCE_DEPARTMENT = "province_department", _("provincial health department")
        CENTRAL_HOSPITAL = "central_hospital", _("central hospital")
        PROVINCIAL_GENERAL = "provincial_general", _("provincial general hospital")
        PROVINCIAL_SPECIAL = "provincial_special", _("provincial special hospital")
        REGIONAL_HOSPITAL = "regional_hospital", _("regional general hospital")
        REGIONAL_HEALTH_CENTRE = "regional_health_centre", _("regional health centre")
        REGIONAL_POLYCLINIC = "regional_polyclinic", _("regional polyclinic")
        COMMUNE_STATION = "commune_station", _("commune health station")
        PROJECT = "project", _("project")
        OTHER = "other", _("other")

    class TechnicalLevel(models.TextChoices):
        """The three levels of law 15/2023/QH15, article 104."""

        INITIAL = "initial", _("initial level")
        BASIC = "basic", _("basic level")
        SPECIALISED = "specialised", _("specialised level")

    class LegacyTier(models.TextChoices):
        """The four tiers before 2024, which papers still name."""

        CENTRAL = "central", _("central tier")
        PROVINCE = "province", _("province tier")
        DISTRICT = "district", _("district tier")
        COMMUNE = "commune", _("commune tier")

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    path = models.CharField(max_length=255, unique=True, editable=False, default="")
    name = models.CharField(_("name"), max_length=200)
    name_folded = models.CharField(max_length=200, editable=False, db_index=True)
    abbreviation = models.CharField(_("abbreviation"), max_length=20, blank=True)
    kind = models.CharField(_("kind"), max_length=30, choices=Kind.choices, default=Kind.OTHER)
    province = models.ForeignKey(
        Province, models.PROTECT, null=True, blank=True, related_name="facilities", verbose_name=_("province")
    )
    governing_body = models.CharField(_("governing body"), max_length=200, blank=True)
    technical_level = models.CharField(
        _("technical level"), max_length=20, choices=TechnicalLevel.choices, blank=True
    )
    legacy_tier = models.CharField(_("former tier"), max_length=20, choices=LegacyTier.choices, blank=True)
    code = models.CharField(_("facility code"), max_length=20, null=True, blank=True, unique=True)
    cme_code = models.CharField(_("training provider code"), max_length=20, blank=True)
    is_provider = models.BooleanField(_("gives courses"), default=False)
    name_unverified = models.BooleanField(_("name still to be checked"), default=False)
    valid_from = models.DateField(_("in force from"), null=True, blank=True)
    valid_to = models.DateField(_("in force until"), null=True, blank=True)
    replaced_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaces", verbose_name=_("replaced by")
    )

    objects = FacilityQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["name"]
        verbose_name = _("facility")
        verbose_name_plural = _("facilities")
        constraints = [
            models.CheckConstraint(
                name="lms_facility_dates",
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=models.F("valid_from")),
            )
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Normalise the name and keep ``path`` (``/1/5/12/``) in step with the parent."""
        self.name = names.clean(self.name)
        self.name_folded = names.fold(self.name)[:200]
        if self.pk is None:
            # A unique stand-in until the row has its id.
            self.path = f"~{uuid.uuid4().hex}"
            super().save(*args, **kwargs)
            kwargs = {"using": kwargs.get("using")}
        old = self.path
        self.path = f"{self.parent.path if self.parent else '/'}{self.pk}/"
        super().save(*args, **kwargs)
        if old != self.path and not old.startswith("~"):
            for row in Facility.objects.filter(path__startswith=old).exclude(pk=self.pk):
                Facility.objects.filter(pk=row.pk).update(path=self.path + row.path[len(old) :])

    def name_on(self, day: date) -> str:
        """What it was called on *day*: papers and reports of 2024 keep the name of 2024."""
        held = [one for one in self.names.all() if one.valid_to and one.valid_to >= day]
        held = [one for one in held if one.valid_from is None or one.valid_from <= day]
        return min(held, key=lambda one: one.valid_to).name if held else self.name

    def stands_since(self) -> date | None:
        """The day from which it has stood where it stands in the tree; None where nobody noted it."""
        last = self.former_parents.order_by("-valid_to").first()
        return last.valid_to + timedelta(days=1) if last else self.valid_from


class FacilityName(models.Model):
    """A former or other name of a facility, with the days it held. No personal data."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="names", verbose_name=_("facility"))
    name = models.CharField(_("name"), max_length=200)
    name_folded = models.CharField(max_length=200, editable=False, db_index=True)
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("until"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("former name")
        verbose_name_plural = _("former names")

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Normalise before writing."""
        self.name = names.clean(self.name)
        self.name_folded = names.fold(self.name)[:200]
        super().save(*args, **kwargs)


class FormerParentQuerySet(models.QuerySet):
    """Reads on former places in the tree."""

    def on(self, day: date):
        """Where facilities stood on *day* that stand elsewhere now; at most one row a facility."""
        return self.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=day), valid_to__gte=day)


class FormerParent(models.Model):
    """Below which body a facility stood from one day to another, before it came elsewhere.

    Written by a move or a merge, never changed: who watched over a facility in a past year is read
    here. Roles ask where it stands today. Survives both facilities, which are never deleted. No
    personal data.
    """

    facility = models.ForeignKey(
        Facility, models.PROTECT, related_name="former_parents", verbose_name=_("facility")
    )
    parent = models.ForeignKey(
        Facility, models.PROTECT, null=True, related_name="former_children", verbose_name=_("part of")
    )
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("until"))

    objects = FormerParentQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-valid_to"]
        verbose_name = _("former place in the tree")
        verbose_name_plural = _("former places in the tree")
        constraints = [
            models.UniqueConstraint(name="lms_formerparent_day", fields=["facility", "valid_to"]),
            models.CheckConstraint(
                name="lms_formerparent_dates",
                condition=Q(valid_from__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
            ),
        ]

    def __str__(self):
        return f"{self.facility}: {self.parent or '–'}"


class TeleSite(models.Model):
    """A room of a facility that joins live sessions (điểm cầu).

    Outlives the sessions held in it; one facility may have several. No personal data.
    """

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="sites", verbose_name=_("facility"))
    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    capacity = models.PositiveSmallIntegerField(_("seats in the room"), default=20)
    note = models.TextField(_("connection notes"), blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    latitude = models.DecimalField(_("latitude"), max_digits=7, decimal_places=4, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=7, decimal_places=4, null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["name"]
        verbose_name = _("tele-site")
        verbose_name_plural = _("tele-sites")
        constraints = [
            models.CheckConstraint(
                name="lms_telesite_on_earth",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                violation_error_message=_("Give both latitude and longitude in degrees, or neither."),
            )
        ]

    def __str__(self):
        return self.name
