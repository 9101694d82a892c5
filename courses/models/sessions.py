"""Live sessions, their sites, and who does what in them."""

import secrets
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses import presence
from lms.languages import pick
from lms.models import Affiliation, Facility, Person, TeleSite

from .learning import Enrolment
from .outline import Lesson
from .runs import Run


def new_secret() -> str:
    """128 random bits as text; the seed of a session's or a site's codes."""
    return secrets.token_urlsafe(16)


class SessionSeries(models.Model):
    """A regular appointment of a hub ("Tuesday and Thursday, 14:00–16:00, but for holidays").

    Its sessions are made when it is planned and live their own lives afterwards. No personal data.
    """

    hub = models.ForeignKey(Facility, models.PROTECT, related_name="session_series", verbose_name=_("hub"))
    title_vi = models.CharField(_("title (Vietnamese)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200, blank=True)
    rrule = models.CharField(_("rule"), max_length=200, help_text="RFC 5545")
    skips_holidays = models.BooleanField(_("not on public holidays"), default=True)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("session series")
        verbose_name_plural = _("session series")

    def __str__(self):
        return pick(self.title_vi, self.title_en)


class SessionQuerySet(models.QuerySet):
    """Reads on sessions."""

    def planned(self):
        """All but drafts and cancelled ones."""
        return self.exclude(state__in=Session.HIDDEN)

    def going_on(self, now, *, early: timedelta = timedelta(0), late: timedelta = timedelta(0)):
        """Those whose hours, widened by *early* and *late*, hold the moment *now*."""
        return self.planned().filter(starts_at__lte=now + early, ends_at__gte=now - late)

    def of_person(self, person: Person):
        """Sessions of the classes that *person* learns in, or of sites where *person* works."""
        learning = Enrolment.objects.exclude(state=Enrolment.State.WITHDRAWN).of(person)
        workplaces = person.affiliations.in_force().values("facility")
        uses = SessionUse.objects.filter(run__in=learning.values("run")).values("session")
        rooms = SessionSite.objects.filter(site__facility__in=workplaces).values("session")
        return self.exclude(state=Session.State.DRAFT).filter(Q(pk__in=uses) | Q(pk__in=rooms))

    def to_come(self, now):
        """Those not over at *now*, the next one first."""
        return self.planned().filter(ends_at__gte=now).order_by("starts_at", "pk")

    def unsettled(self, now):
        """Those over at *now* whose evidence nobody has weighed yet."""
        is_over = Q(state=Session.State.ENDED) | Q(ends_at__lte=now)
        return self.planned().exclude(state=Session.State.SETTLED).filter(is_over)


class Session(models.Model):
    """One live meeting of a hub with many sites. Stands alone; ``SessionUse`` ties it to classes.

    A session without use still earns credit by its own declared form, role and rule, fixed
    beforehand. The secret is the seed of the rotating code. No personal data.
    """

    class State(models.TextChoices):
        """Life of a session, in short (``domain`` 2.3); ``docs/glossary.md`` has who moves it on, and what follows."""

        DRAFT = "draft", pgettext_lazy("session", "draft")
        SCHEDULED = "scheduled", _("scheduled")
        LIVE = "live", pgettext_lazy("session", "live")
        ENDED = "ended", _("ended, attendance open")
        SETTLED = "settled", _("attendance settled")
        CANCELLED = "cancelled", _("cancelled")

    HIDDEN = (State.DRAFT, State.CANCELLED)
    """What nobody comes to; only the hub sees a draft."""

    class ExcuseEffect(models.TextChoices):
        """What an accepted excuse does for the classes that use the session."""

        NOTED = "noted", _("is recorded only")
        LEFT_OUT = "left_out", _("leaves the session out of the count, as often as the course allows")
        MAKE_UP = "make_up", _("lets the recording make up for the session, for nobody else")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    series = models.ForeignKey(SessionSeries, models.PROTECT, null=True, blank=True, related_name="sessions")
    hub = models.ForeignKey(Facility, models.PROTECT, related_name="sessions", verbose_name=_("hub"))
    title_vi = models.CharField(_("title (Vietnamese)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200, blank=True)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.SCHEDULED)
    form = models.CharField(_("form"), max_length=20, default="live_session")
    rule_code = models.CharField(_("credit rule"), max_length=30, blank=True)
    present_pct = models.PositiveSmallIntegerField(_("share of minutes to be present"), default=80)
    partial_pct = models.PositiveSmallIntegerField(_("share of minutes to be partly present"), default=40)
    join_url = models.URLField(_("link to join"), blank=True)
    dial_in = models.TextField(_("telephone numbers to dial in"), max_length=300, blank=True)
    passcode = models.CharField(_("passcode of the meeting"), max_length=40, blank=True)
    blocks = models.JSONField(default=list, blank=True, editable=False)
    credits_outages = models.BooleanField(
        _("minutes of a declared cut line count"),
        default=False,
        help_text=_("Otherwise they are lost, unless the recording makes up for them."),
    )
    makeup_days = models.PositiveSmallIntegerField(
        _("days in which missed minutes can be made up for with the recording"),
        default=0,
        help_text=_("0: not at all. They run from the day on which minutes and recording both stand."),
    )
    makeup_pct = models.PositiveSmallIntegerField(
        _("share of the session that can be made up for, at most (%)"), default=50
    )
    makeup_with_test = models.BooleanField(
        _("the exercise after the session must be passed too"), default=False
    )
    excuse_effect = models.CharField(
        _("an accepted excuse"),
        max_length=8,
        choices=ExcuseEffect.choices,
        default=ExcuseEffect.NOTED,
        help_text=_("It never counts as presence."),
    )
    secret = models.CharField(max_length=32, default=new_secret, editable=False)
    settled_at = models.DateTimeField(null=True, blank=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    unarchived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SessionQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-starts_at"]
        verbose_name = _("live session")
        verbose_name_plural = _("live sessions")
        constraints = [
            models.CheckConstraint(
                name="lms_courses_session_times", condition=Q(ends_at__gt=models.F("starts_at"))
            ),
            models.CheckConstraint(
                name="lms_courses_session_shares",
                condition=Q(present_pct__lte=100, partial_pct__lte=models.F("present_pct")),
            ),
            models.CheckConstraint(
                name="lms_courses_session_makeup", condition=Q(makeup_pct__lte=100, makeup_days__lte=366)
            ),
            models.CheckConstraint(
                name="lms_courses_session_archived",
                condition=Q(archived_at__isnull=True) | Q(state="settled"),
            ),
        ]

    def __str__(self):
        return pick(self.title_vi, self.title_en)

    @property
    def title(self) -> str:
        """The title in the active language."""
        return str(self)

    @property
    def parts(self) -> tuple[presence.Interval, ...]:
        """Its blocks of time, in order; one where nothing else was said. Pauses between them count nowhere."""
        kept = tuple(
            (datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in self.blocks
        )
        return kept or ((self.starts_at, self.ends_at),)

    @property
    def has_way_in(self) -> bool:
        """Whether it says how to get into the meeting."""
        return bool(self.join_url or self.dial_in)

    @property
    def length(self) -> timedelta:
        """How long its blocks last together."""
        return sum((until - since for since, until in self.parts), timedelta(0))

    def hours(self) -> presence.Hours:
        """What presence is measured against: as planned, whenever the hub pressed the button."""
        # Chosen here, so that a prefetch of ``outages`` serves every caller.
        cut = [one for one in self.outages.all() if one.ended_at is None]
        return presence.Hours(
            self.starts_at,
            self.ends_at,
            self.parts,
            tuple(presence.Outage(one.since, one.until, one.site_id) for one in cut),
            self.credits_outages,
        )

    def invites(self, person: Person) -> bool:
        """Whether *person* learns with this session or works where one of its sites is."""
        learning = Enrolment.objects.open().of(person).filter(run__session_uses__session=self)
        workplaces = person.affiliations.in_force().values("facility")
        return learning.exists() or self.sites.filter(site__facility__in=workplaces).exists()

    def expected_people(self):
        """Persons of the classes that use this session, of the rosters of its sites, or with evidence in it."""
        learning = Enrolment.objects.exclude(state=Enrolment.State.WITHDRAWN).filter(
            run__session_uses__session=self
        )
        roots = self.sites.values_list("site__facility__path", flat=True)
        prefixes = tuple(sorted(set(roots)))
        # A subtree per site in one statement would be hundreds of LIKEs; there are few facilities.
        places = (
            [pk for pk, path in Facility.objects.values_list("pk", "path") if path.startswith(prefixes)]
            if prefixes
            else []
        )
        here = Affiliation.objects.in_force().filter(facility__in=places)
        return Person.objects.living().filter(
            Q(pk__in=learning.values("person"))
            | Q(pk__in=here.values("person"))
            | Q(pk__in=self.presences.values("person"))
        )

    @property
    def is_over(self) -> bool:
        """Whether the hub has ended, settled or cancelled it."""
        return self.state in {self.State.ENDED, self.State.SETTLED, self.State.CANCELLED}

    @property
    def is_closed(self) -> bool:
        """Whether its lists take no more ticks."""
        return self.state in {self.State.SETTLED, self.State.CANCELLED}


class SessionChange(models.Model):
    """That a session was postponed: the hours it had before, why, and who said so.

    Personal data: who postponed it.
    """

    session = models.ForeignKey(Session, models.CASCADE, related_name="changes")
    starts_at = models.DateTimeField(_("began at"))
    ends_at = models.DateTimeField(pgettext_lazy("before a change", "ended at"))
    reason = models.CharField(_("reason"), max_length=200)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["changed_at", "pk"]
        verbose_name = _("postponement")
        verbose_name_plural = _("postponements")

    def __str__(self):
        return f"{self.session}: {self.starts_at}"


class CalendarFeed(models.Model):
    """The secret address under which a person's own calendar program reads their sessions.

    Whoever knows it reads titles and hours; its links lead to pages that ask who one is. Renewing it shuts the old one.
    Personal data: which sessions somebody learns with, by the address.
    """

    person = models.OneToOneField(Person, models.CASCADE, related_name="calendar_feed")
    token = models.CharField(max_length=32, unique=True, default=new_secret)
    created_at = models.DateTimeField(_("made"))

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self):
        return str(self.person)


class SessionUse(models.Model):
    """That a session serves as a lesson of a class. No personal data."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="uses")
    run = models.ForeignKey(Run, models.PROTECT, related_name="session_uses")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="session_uses")

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("use of a session")
        verbose_name_plural = _("uses of a session")
        constraints = [
            models.UniqueConstraint(fields=["session", "run", "lesson"], name="lms_courses_session_use_once")
        ]

    def __str__(self):
        return f"{self.session} – {self.run}"


class SessionSite(models.Model):
    """That a site takes part in a session: expected heads, counted heads, attestation.

    After ``attested_at`` the list is locked; corrections are new rows with a reason.
    Personal data: who attested.
    """

    session = models.ForeignKey(Session, models.PROTECT, related_name="sites")
    site = models.ForeignKey(TeleSite, models.PROTECT, related_name="sessions")
    secret = models.CharField(max_length=32, default=new_secret, editable=False)
    expected = models.PositiveSmallIntegerField(_("expected people"), null=True, blank=True)
    head_count = models.PositiveSmallIntegerField(_("people in the room"), null=True, blank=True)
    attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    attested_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("site of a session")
        verbose_name_plural = _("sites of a session")
        constraints = [
            models.UniqueConstraint(fields=["session", "site"], name="lms_courses_session_site_once")
        ]

    def __str__(self):
        return f"{self.site} – {self.session}"

    def roster(self, on=None):
        """Who belongs to this room: people working at the site's facility or below it on the day
        *on*, and whoever has evidence here, in the order of Vietnamese lists.
        """
        here = Affiliation.objects.in_force(on).filter(facility__path__startswith=self.site.facility.path)
        return (
            Person.objects.exclude(state=Person.State.MERGED)
            .filter(Q(pk__in=here.values("person")) | Q(pk__in=self.presences.values("person")))
            .by_given_name()
        )


class SessionRole(models.Model):
    """That a person led, taught, kept the minutes of or presented a case in a session, with its own credit rule.

    Named by the training office; a role named by mistake ends with a reason, it is never deleted.
    Personal data: who taught.
    """

    class Role(models.TextChoices):
        """What somebody did (``domain`` 2.2)."""

        CHAIR = "chair", _("chair")
        SPEAKER = "speaker", _("speaker")
        SECRETARY = "secretary", _("scientific secretary")
        PRESENTER = "presenter", _("case presenter")

    session = models.ForeignKey(Session, models.PROTECT, related_name="roles")
    person = models.ForeignKey(Person, models.PROTECT, related_name="session_roles")
    role = models.CharField(_("role"), max_length=9, choices=Role.choices)
    rule_code = models.CharField(_("credit rule"), max_length=30, blank=True)
    periods = models.PositiveSmallIntegerField(_("periods taught"), default=1)
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    named_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["pk"]
        verbose_name = _("role in a session")
        verbose_name_plural = _("roles in sessions")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person", "role"],
                condition=Q(ended_at__isnull=True),
                name="lms_courses_session_role_once",
            )
        ]

    def __str__(self):
        return f"{self.person}: {self.get_role_display()}, {self.session}"

    @property
    def is_credited(self) -> bool:
        """Whether it brings credit: it stands, has a rule, and the session is settled."""
        return bool(self.rule_code) and self.ended_at is None and self.session.state == Session.State.SETTLED
