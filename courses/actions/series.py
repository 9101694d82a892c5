"""Verbs on regular appointments: plan all sessions of a rule in one go; the address of one's own calendar."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from courses import recurrence
from courses.actions import sessions
from courses.models import CalendarFeed, Lesson, Run, Session, SessionSeries
from courses.models.sessions import new_secret
from lms import clock, workdays
from lms.conf import conf
from lms.models import Facility, Person


def holidays_between(first: date, last: date) -> set[date]:
    """The public holidays from *first* to *last*, with those that the site adds."""
    found = {day for year in range(first.year, last.year + 1) for day in workdays.holidays(year)}
    return {day for day in found | set(conf.HOLIDAYS) if first <= day <= last}


def days_of(rule: str, *, first: date, skips_holidays: bool) -> tuple[list[date], list[date]]:
    """The days on which sessions of *rule* fall, and the holidays that are left out."""
    left_out = holidays_between(first, first + recurrence.SPAN) if skips_holidays else set()
    try:
        return recurrence.days_of(rule, first=first, left_out=left_out)
    except recurrence.BadRule as error:
        raise sessions.SessionRefused(
            _("The rule gives no day, or more than %(most)s. Choose weekdays and a last day.")
            % {"most": recurrence.MOST}
        ) from error


def plan_series(
    hub: Facility,
    *,
    title_vi: str,
    title_en: str = "",
    rule: str,
    first: date,
    starts: time,
    ends: time,
    skips_holidays: bool = True,
    join_url: str = "",
    rule_code: str = "",
    credits_outages: bool = False,
    makeup: Mapping[str, Any] | None = None,
    excuse_effect: str = Session.ExcuseEffect.NOTED,
    is_draft: bool = False,
    uses: tuple[tuple[Run, Lesson], ...] = (),
    by,
) -> tuple[SessionSeries, list[Session]]:
    """Plan every session of a rule, all or none. The same rule of the same hub and hours again is the same series.

    *makeup* holds ``makeup_days``, ``makeup_pct`` and ``makeup_with_test`` of each session. Hours are those of
    the site's time zone; one that ends before it begins ends on the next day.
    """
    days, _left_out = days_of(rule, first=first, skips_holidays=skips_holidays)
    zone = timezone.get_default_timezone()
    with transaction.atomic():
        Facility.objects.select_for_update(no_key=True).get(pk=hub.pk)
        series, _made = SessionSeries.objects.get_or_create(
            hub=hub,
            title_vi=title_vi,
            rrule=rule,
            starts=starts,
            ends=ends,
            defaults={"title_en": title_en, "skips_holidays": skips_holidays},
        )
        planned = []
        for day in days:
            last = day if ends > starts else day + timedelta(days=1)
            session = sessions.schedule(
                hub,
                series=series,
                title_vi=title_vi,
                title_en=title_en,
                starts_at=timezone.make_aware(datetime.combine(day, starts), zone),
                ends_at=timezone.make_aware(datetime.combine(last, ends), zone),
                join_url=join_url,
                rule_code=rule_code,
                credits_outages=credits_outages,
                **(makeup or {}),
                excuse_effect=excuse_effect,
                is_draft=is_draft,
                by=by,
            )
            for run, lesson in uses:
                sessions.use(session, run=run, lesson=lesson)
            planned.append(session)
    return series, planned


def renew_feed(person: Person) -> CalendarFeed:
    """Make the secret address of *person*'s calendar, or a new one that shuts the old."""
    feed, is_new = CalendarFeed.objects.get_or_create(person=person, defaults={"created_at": clock.now()})
    if not is_new:
        feed.token, feed.created_at = new_secret(), clock.now()
        feed.save(update_fields=["token", "created_at"])
    return feed
