"""Seats of a class and of its provinces: taken, freed, and offered to those who wait."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses import notices, seating
from courses.models import Application, Run, RunQuota
from lms import clock, queue
from lms.models import Facility

State = Application.State


class EnrolmentRefused(Exception):
    """The person cannot enrol; the text says why and what to do, and may be shown to them."""


class RunFull(EnrolmentRefused):
    """No seat is left, or none for this province; one may wait for one."""


class RunClosed(EnrolmentRefused):
    """The class takes nobody now."""


def locked(pk: int) -> Run:
    """The class under a lock until the transaction ends: all who want or free its seats go one by one.

    Whoever locks a person too locks the person first.
    """
    return Run.objects.select_for_update(no_key=True).select_related(None).get(pk=pk)


def require_open(run: Run, now) -> None:
    """Refuse where *run* takes nobody at *now*, seats aside."""
    ask = {"run": run.code, "contact": run.contact or _("the training office")}
    if run.is_closed or (run.enrol_until and run.enrol_until < now):
        raise RunClosed(
            _(
                "Enrolment in class %(run)s has closed. Look for another class of the course, or ask %(contact)s."
            )
            % ask
        )
    if run.enrol_from and run.enrol_from > now:
        raise RunClosed(
            _("Enrolment in class %(run)s opens on %(day)s. Please come back then.")
            % {
                **ask,
                "day": date_format(timezone.localtime(run.enrol_from), "SHORT_DATETIME_FORMAT"),
            }
        )


def take(run: Run, facility: Facility | None) -> RunQuota | None:
    """Take a seat of *run*, and one of the quota of the province of *facility*, which is returned.

    Two conditional UPDATEs in the caller's transaction, so that seats are never oversold, whatever was
    read before. Raises RunFull and then has taken nothing.
    """
    with transaction.atomic():
        free = Q(seats__isnull=True) | Q(seats_taken__lt=F("seats"))
        if not Run.objects.filter(free, pk=run.pk).update(seats_taken=F("seats_taken") + 1):
            run.refresh_from_db(fields=["seats"])
            raise RunFull(
                ngettext(
                    "The %(seats)s seat of class %(run)s is taken. You can join its waiting list.",
                    "All %(seats)s seats of class %(run)s are taken. You can join its waiting list.",
                    run.seats,
                )
                % {"seats": run.seats, "run": run.code}
            )
        quota = quota_of(run, facility)
        if quota is None:
            return None
        quotas = RunQuota.objects.filter(pk=quota.pk, seats_taken__lt=F("seats"))
        if not quotas.update(seats_taken=F("seats_taken") + 1):
            words = ngettext(
                "The %(seats)s seat that class %(run)s has for %(province)s is taken. You can join its waiting list.",
                "All %(seats)s seats that class %(run)s has for %(province)s are taken. "
                "You can join its waiting list.",
                quota.seats,
            )
            raise RunFull(words % {"seats": quota.seats, "run": run.code, "province": quota.province})
        return quota


def quota_of(run: Run, facility: Facility | None) -> RunQuota | None:
    """The quota of *run* that a learner from *facility* counts in, or None."""
    if facility is None or facility.province_id is None:
        return None
    return run.quotas.select_related("province").filter(province=facility.province_id).first()


def give_back(run: int, quota: int | None) -> None:
    """Free a seat of the class *run*, and of the quota it came from; promise it to those who wait."""
    Run.objects.filter(pk=run).update(seats_taken=F("seats_taken") - 1)
    if quota is not None:
        RunQuota.objects.filter(pk=quota).update(seats_taken=F("seats_taken") - 1)
    queue.enqueue("lms_courses.advance", run)


@transaction.atomic
def advance(run: Run) -> list[Application]:
    """Offer the free seats of *run* to those who wait, in their order; return the new offers. Idempotent.

    Ends offers whose time is over first, and the whole list where the class takes nobody any more.
    Locks the class. An offer nobody needs to accept is turned into an enrolment by a job, because that
    locks the person too.
    """
    run = locked(run.pk)
    now = clock.now()
    for offer in run.applications.filter(state=State.OFFERED, due_at__lte=now).select_related("person"):
        end(offer, State.EXPIRED, _("The offered seat was not accepted in time."))
    if run.is_closed or (run.enrol_until and run.enrol_until < now):
        for waiting in run.applications.in_line().select_related("person"):
            end(waiting, State.EXPIRED, _("Enrolment in the class has closed."))
        return []
    run.refresh_from_db(fields=["seats", "seats_taken"])
    line = (
        list(run.applications.in_line().select_related("person", "facility")) if run.seats_left != 0 else []
    )
    if not line:
        return []
    quotas = {quota.province_id: quota for quota in run.quotas.all()}
    provinces = {one.pk: one.facility.province_id if one.facility else None for one in line}
    lucky = seating.called_up(
        run.seats_left, {key: quota.seats_left for key, quota in quotas.items()}, provinces.items()
    )
    by_pk = {one.pk: one for one in line}
    return [_offer(run, by_pk[pk], now) for pk in lucky]


def _offer(run: Run, application: Application, now) -> Application:
    application.quota = take(run, application.facility)
    application.state = State.OFFERED
    until = now + timedelta(hours=run.offer_hours)
    application.due_at = min(until, run.enrol_until) if run.enrol_until else until
    application.save(update_fields=["quota", "state", "due_at"])
    if is_answered_by_hand(run, application):
        notices.seat_offered(application)
    else:
        queue.enqueue("lms_courses.seat", application.pk)
    return application


def is_answered_by_hand(run: Run, application: Application) -> bool:
    """Whether the person accepts an offered seat; where others decided that they learn, it is theirs at once."""
    own = application.person.user_id
    return own is not None and run.mode != Run.Mode.APPROVAL and application.asked_by_id == own


def end(application: Application, state: str, reason: str) -> None:
    """Close an open application that leads to no seat; a seat that it held is free again.

    The caller holds the lock on the class.
    """
    held, quota = application.state == State.OFFERED, application.quota_id
    application.state, application.reason, application.step = state, reason[:300], ""
    application.quota, application.due_at, application.ended_at = None, None, clock.now()
    application.save(update_fields=["state", "reason", "step", "quota", "due_at", "ended_at"])
    if held:
        give_back(application.run_id, quota)
    if state != State.WITHDRAWN:
        notices.application_ended(application)
