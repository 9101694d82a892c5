"""Cases that sites bring to a session: de-identified, answered by the hub, followed for a month."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.conf import conf
from lms.models import Person, Specialty

from .sessions import Session, SessionSite


class CaseQuerySet(models.QuerySet):
    """Reads on cases."""

    def ranked(self):
        """In the order in which they are presented; those without a place come last, as they were sent."""
        return self.order_by(models.F("rank").asc(nulls_last=True), "submitted_at", "pk")

    def shown(self):
        """Those that whoever takes part may read: accepted or concluded."""
        return self.filter(state__in=[Case.State.ACCEPTED, Case.State.CONCLUDED])


class Case(models.Model):
    """A patient's case that a site brings before a session, without anything that tells who the patient is.

    Not a medical record: the official minutes stay in the hospital's, here stands their number. Outlives
    its pictures, which expire; its words are emptied after the time of retention, figures stay.
    Personal data: who presents, sent and concluded it. Of the patient an age band, a sex and a story.
    """

    class State(models.TextChoices):
        """Life of a case."""

        SUBMITTED = "submitted", _("sent to the hub")
        RETURNED = "returned", _("returned to the site")
        ACCEPTED = "accepted", pgettext_lazy("case", "accepted")
        CONCLUDED = "concluded", _("concluded")
        WITHDRAWN = "withdrawn", pgettext_lazy("case", "withdrawn")

    class Age(models.TextChoices):
        """Age bands: wide enough to point at nobody."""

        NEWBORN = "newborn", _("newborn (to 28 days)")
        INFANT = "infant", _("infant (to 1 year)")
        CHILD = "child", _("child (1–5 years)")
        SCHOOL = "school", _("child (6–15 years)")
        YOUNG = "young", _("16–39 years")
        MIDDLE = "middle", _("40–59 years")
        OLD = "old", _("60–79 years")
        OLDEST = "oldest", _("80 years and older")

    class Sex(models.TextChoices):
        """Sex as far as it matters for the case."""

        FEMALE = "female", _("female")
        MALE = "male", _("male")
        OTHER = "other", pgettext_lazy("sex", "other or not known")

    class Urgency(models.TextChoices):
        """How soon an answer is needed; an emergency is not for a weekly session."""

        ROUTINE = "routine", _("can wait for its session")
        SOON = "soon", _("this week")

    class Referral(models.TextChoices):
        """What becomes of the patient by the conclusion (``domain`` 2.4)."""

        KEEP = "keep", _("treated where the patient is")
        REFER = "refer", _("to be transferred")
        WATCH = "watch", _("to be watched")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    room = models.ForeignKey(
        SessionSite, models.PROTECT, related_name="cases", verbose_name=pgettext_lazy("place", "site")
    )
    presenter = models.ForeignKey(
        Person, models.PROTECT, related_name="cases", verbose_name=_("case presenter")
    )
    specialty = models.ForeignKey(
        Specialty, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("specialty")
    )
    urgency = models.CharField(_("urgency"), max_length=8, choices=Urgency.choices, default=Urgency.ROUTINE)
    age_band = models.CharField(_("age band"), max_length=8, choices=Age.choices)
    sex = models.CharField(_("sex"), max_length=6, choices=Sex.choices)
    complaint = models.CharField(_("main complaint"), max_length=200)
    history = models.TextField(_("short history"), max_length=4000)
    vitals = models.CharField(_("vital signs"), max_length=300, blank=True)
    results = models.TextField(_("key results"), max_length=3000, blank=True)
    done = models.TextField(_("what was done"), max_length=3000, blank=True)
    question = models.TextField(_("question for the experts"), max_length=1000)
    confirmed = models.JSONField(default=list, editable=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.SUBMITTED)
    rank = models.PositiveSmallIntegerField(_("place in the session"), null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    submitted_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(_("why it was returned"), max_length=500, blank=True)
    conclusion = models.TextField(_("conclusion"), max_length=3000, blank=True)
    recommendation = models.TextField(_("recommendation"), max_length=3000, blank=True)
    referral = models.CharField(_("decision"), max_length=5, choices=Referral.choices, blank=True)
    minutes_number = models.CharField(_("number of the consultation minutes"), max_length=40, blank=True)
    concluded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    concluded_at = models.DateTimeField(null=True)

    objects = CaseQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["submitted_at", "pk"]
        verbose_name = pgettext_lazy("session", "case")
        verbose_name_plural = pgettext_lazy("session", "cases")
        constraints = [
            models.CheckConstraint(
                name="lms_courses_case_concluded",
                condition=~Q(state="concluded") | Q(concluded_at__isnull=False),
            )
        ]

    def __str__(self):
        return self.complaint

    @property
    def session(self) -> Session:
        """The session it is brought to."""
        return self.room.session

    @property
    def pictures_until(self):
        """When its pictures are removed: a while after the session, whatever became of the case."""
        return self.session.ends_at + timedelta(days=conf.CASE_PICTURE_DAYS)


class CasePicture(models.Model):
    """A picture of a case: re-encoded without what its file carried; shown only with the viewer's name on it.

    The file is removed when it expires, the row stays and says so. Personal data: who sent it; of the
    patient what the picture shows.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="pictures")
    name = models.CharField(max_length=120, editable=False)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    caption = models.CharField(_("what it shows"), max_length=200, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["pk"]
        verbose_name = _("picture of a case")
        verbose_name_plural = _("pictures of cases")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "sha256"],
                condition=Q(removed_at__isnull=True),
                name="lms_courses_case_picture_once",
            )
        ]

    def __str__(self):
        return f"{self.case}: {self.caption or self.pk}"


class CaseLook(models.Model):
    """That somebody opened a case or one of its pictures, each time. Personal data: who looked, and when."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="looks")
    picture = models.ForeignKey(CasePicture, models.CASCADE, null=True, related_name="looks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(db_index=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("look at a case")
        verbose_name_plural = _("looks at cases")

    def __str__(self):
        return f"{self.case}: {self.at}"


class CaseFollowUp(models.Model):
    """What became of the patient 7 and 30 days after the conclusion, as the site says; asked once by message.

    Self-reported. Personal data: who recorded it.
    """

    class Outcome(models.TextChoices):
        """How the patient is (``domain`` 2.4)."""

        CURED = "cured", _("cured")
        BETTER = "better", _("better")
        WORSE = "worse", _("worse")
        DIED = "died", _("died")
        MOVED = "moved", _("transferred")
        UNKNOWN = "unknown", _("not known")

    case = models.ForeignKey(Case, models.PROTECT, related_name="follow_ups")
    day = models.PositiveSmallIntegerField(_("days after the conclusion"))
    due_on = models.DateField()
    asked_at = models.DateTimeField(null=True)
    outcome = models.CharField(_("outcome"), max_length=7, choices=Outcome.choices, blank=True)
    note = models.TextField(_("note"), max_length=1000, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["day"]
        verbose_name = _("follow-up of a case")
        verbose_name_plural = _("follow-ups of cases")
        constraints = [
            models.UniqueConstraint(fields=["case", "day"], name="lms_courses_case_follow_up_once")
        ]

    def __str__(self):
        return f"{self.case}: {self.day}"
