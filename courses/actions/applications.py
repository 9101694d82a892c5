"""Applications for a seat: asked for, approved in steps, passed on, refused, taken back."""

from datetime import datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from courses import notices
from courses.actions import seats
from courses.actions.enrolments import EnrolmentRefused, accept, require_entitled
from courses.models import Application, ApplicationDecision, Deputy, Run
from lms import clock, names, workdays
from lms.conf import conf as ground
from lms.models import Facility, Person, RoleAssignment

State, Step, Outcome = Application.State, Application.Step, ApplicationDecision.Outcome
Role = RoleAssignment.Role


class DecisionRefused(Exception):
    """The application cannot be decided so; the text says why."""


@transaction.atomic
def apply_for(run: Run, *, person: Person, by, is_invited: bool = False) -> Application:
    """Ask for a seat of *run*: for approval where the class wants one, else a place on the waiting list.

    Idempotent: an open application is returned. Where a seat is free by now it is offered at once. A
    class by invitation or of the sites keeps a list too; there the site or the office applies.
    """
    Person.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)
    run = Run.objects.select_related("release__course__facility").get(pk=run.pk)
    if known := run.applications.open().filter(person=person).first():
        return known
    is_own = by is not None and person.user_id == by.pk
    if is_own and not is_invited and run.mode in (Run.Mode.COORDINATOR, Run.Mode.INVITATION):
        raise EnrolmentRefused(
            _("Class %(run)s has no waiting list of its own. Please ask %(contact)s.")
            % {"run": run.code, "contact": run.contact or _("the training office")}
        )
    require_entitled(run, person)
    if run.enrolments.open().filter(person=person).exists():
        raise EnrolmentRefused(_("You learn in class %(run)s already.") % {"run": run.code})
    now = clock.now()
    seats.require_open(run, now)
    application = Application(run=run, person=person, facility=person.workplace(), asked_by=by, asked_at=now)
    needs_approval = run.mode == Run.Mode.APPROVAL and not is_invited
    first = _first_step(application) if needs_approval else Step.NONE
    try:
        with transaction.atomic():
            if first:
                _ask(application, first)
            else:
                application.state, application.queued_at = State.WAITING, now
                application.save()
    except IntegrityError:
        # Another request of the same person came first.
        return run.applications.open().get(person=person)
    if not first:
        seats.advance(run)
        application.refresh_from_db()
    return application


@transaction.atomic
def decide(application: Application, *, approve: bool, by, reason: str = "", instead_of=None) -> Application:
    """Approve or refuse the present step. Idempotent: a decided step stays as it was decided first.

    The last approval puts the person in line, and a free seat is theirs. A refusal needs a reason.
    """
    reason = names.clean(reason)[:300]
    if not approve and len(reason) < 5:
        raise DecisionRefused(_("Say why in a few words; the person who applied reads it."))
    run = seats.locked(application.run_id)
    row = _row(application)
    if row.state != State.PENDING:
        return row
    if row.person.user_id == by.pk:
        raise DecisionRefused(_("Nobody approves an application of their own."))
    _note(row, Outcome.APPROVED if approve else Outcome.REFUSED, reason=reason, by=by, instead_of=instead_of)
    if not approve:
        seats.end(
            row,
            State.REFUSED,
            _("Refused by the %(step)s: %(reason)s")
            % {
                "step": Step(row.step).label,
                "reason": reason,
            },
        )
    elif row.step == Step.MANAGER and run.chain == Run.Chain.MANAGER_OFFICE:
        _ask(row, Step.OFFICE)
    else:
        row.state, row.step, row.queued_at, row.due_at = State.WAITING, "", clock.now(), None
        row.save(update_fields=["state", "step", "queued_at", "due_at"])
        seats.advance(run)
        row.refresh_from_db()
    return row


@transaction.atomic
def take_back(application: Application, *, by) -> Application:
    """Give an application up; a seat that was offered goes to the next. Idempotent."""
    seats.locked(application.run_id)
    row = _row(application)
    if row.is_open:
        seats.end(row, State.WITHDRAWN, "")
    return row


@transaction.atomic
def remove(application: Application, *, by, reason: str) -> Application:
    """Let the training office end an application that is still open, with a reason. Idempotent."""
    reason = names.clean(reason)[:300]
    if len(reason) < 5:
        raise DecisionRefused(_("Say why in a few words; the person who applied reads it."))
    seats.locked(application.run_id)
    row = _row(application)
    if row.is_open:
        seats.end(row, State.REFUSED, reason)
    return row


@transaction.atomic
def pass_on(application: Application) -> Application:
    """Do what follows when a step was not answered in time. Idempotent.

    The line manager is passed over; the training office, which is the last, is reminded. Nobody is
    approved by silence; when enrolment closes, the application ends.
    """
    run = seats.locked(application.run_id)
    row = _row(application)
    now = clock.now()
    if row.state != State.PENDING or row.due_at > now:
        return row
    if run.is_closed or (run.enrol_until and run.enrol_until < now):
        seats.end(row, State.EXPIRED, _("Enrolment closed before everybody had decided."))
    elif row.step == Step.MANAGER and run.chain == Run.Chain.MANAGER_OFFICE:
        _note(row, Outcome.PASSED_ON)
        _ask(row, Step.OFFICE)
    else:
        _ask(row, Step(row.step))
    return row


@transaction.atomic
def seat(application: Application) -> None:
    """Enrol who was offered a seat that needs no answer; what speaks against it ends the application."""
    try:
        accept(application, by=None)
    except EnrolmentRefused as refusal:
        seats.locked(application.run_id)
        row = _row(application)
        if row.state == State.OFFERED:
            seats.end(row, State.REFUSED, str(refusal))


def overdue():
    """Ids of applications and classes whose clock has run out: ``(to pass on, classes to advance)``."""
    now = clock.now()
    late = Application.objects.filter(due_at__lte=now)
    pending = late.filter(state=State.PENDING).order_by("pk")
    closed = Run.objects.filter(is_closed=True) | Run.objects.filter(enrol_until__lt=now)
    runs = set(late.filter(state=State.OFFERED).values_list("run", flat=True))
    runs |= set(
        Application.objects.in_line().order_by("pk").filter(run__in=closed).values_list("run", flat=True)
    )
    return list(pending.values_list("pk", flat=True)), sorted(runs)


@transaction.atomic
def name_deputy(giver, *, deputy, valid_from, valid_to) -> Deputy:
    """Let *deputy* (a user) decide in the stead of *giver* on these days. Idempotent."""
    if giver.pk == deputy.pk:
        raise DecisionRefused(_("Choose somebody else than yourself."))
    if valid_to < valid_from:
        raise DecisionRefused(_("The last day lies before the first."))
    if valid_to < clock.today():
        raise DecisionRefused(_("These days are over."))
    found, _made = Deputy.objects.get_or_create(
        giver=giver,
        deputy=deputy,
        valid_from=valid_from,
        valid_to=valid_to,
        defaults={"made_at": clock.now()},
    )
    return found


def end_deputy(row: Deputy) -> None:
    """Let a deputy decide no longer; days that have begun stay on record until yesterday. Idempotent."""
    yesterday = clock.today() - timedelta(days=1)
    if row.valid_from > yesterday:
        Deputy.objects.filter(pk=row.pk).delete()
    else:
        Deputy.objects.filter(pk=row.pk, valid_to__gt=yesterday).update(valid_to=yesterday)


def approvers(application: Application) -> list[Person]:
    """Who may decide the present step by role today, deputies included; never the applicant."""
    place = application.facility if application.step == Step.MANAGER else _provider(application)
    if place is None:
        return []
    held = _holders(application.step, place)
    deputies = Deputy.objects.in_force(clock.today()).filter(giver__in=held).values("deputy")
    people = Person.objects.filter(user__in=held) | Person.objects.filter(user__in=deputies)
    return list(people.exclude(pk=application.person_id).distinct().order_by("pk"))


def _holders(step: str, place: Facility):
    """Ids of users who hold the role of *step* at *place*, or above it with all below."""
    role = Role.UNIT_MANAGER if step == Step.MANAGER else Role.PROGRAMME_MANAGER
    rows = RoleAssignment.objects.in_force().filter(role=role, user__is_active=True)
    rows = rows.select_related("facility")
    return [
        row.user_id
        for row in rows
        if row.facility_id == place.pk or (row.include_children and place.path.startswith(row.facility.path))
    ]


def _provider(application: Application) -> Facility | None:
    return application.run.release.course.facility


def _first_step(application: Application) -> str:
    """The first step that somebody can take: where nobody leads the applicant's unit, the office."""
    if application.run.chain == Run.Chain.OFFICE:
        return Step.OFFICE
    application.step = Step.MANAGER
    return Step.MANAGER if approvers(application) else Step.OFFICE


def _ask(application: Application, step: str) -> None:
    """Let *application* wait for *step*, with a clock of working days, and tell who decides."""
    application.state, application.step = State.PENDING, step
    day = workdays.after(clock.today(), application.run.approval_days, ground.HOLIDAYS)
    application.due_at = timezone.make_aware(datetime.combine(day, time.max))
    application.save()
    notices.to_approve(application, approvers(application))


def _row(application: Application) -> Application:
    rows = Application.objects.select_related("run__release__course__facility", "person", "facility")
    return rows.get(pk=application.pk)


def _note(row: Application, outcome: str, *, reason: str = "", by=None, instead_of=None) -> None:
    ApplicationDecision.objects.create(
        application=row,
        step=row.step,
        outcome=outcome,
        reason=reason,
        by=by,
        instead_of=instead_of,
        at=clock.now(),
    )
