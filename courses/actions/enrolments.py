"""Getting into a class and out of it; seats are counted by the database."""

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from courses.actions import seats
from courses.actions.seats import EnrolmentRefused, RunClosed, RunFull
from courses.models import Application, Enrolment, Run
from courses.signals import enrolled, withdrawn
from lms import clock
from lms.models import Person

__all__ = [
    "AlreadyCompleted",
    "EnrolmentRefused",
    "LearningElsewhere",
    "NoOffer",
    "NotInAudience",
    "RunClosed",
    "RunFull",
    "RunNotSelfService",
    "accept",
    "enrol",
    "require_entitled",
    "require_way_in",
    "withdraw",
]


class NotInAudience(EnrolmentRefused):
    """The course is meant for other professions."""


class RunNotSelfService(EnrolmentRefused):
    """Somebody else enrols people in this class."""


class AlreadyCompleted(EnrolmentRefused):
    """The person has completed this version of the course before."""


class LearningElsewhere(EnrolmentRefused):
    """The person is learning the course in another class."""


class NoOffer(EnrolmentRefused):
    """No seat is held for the person any more."""


@transaction.atomic
def enrol(run: Run, *, person: Person, by, is_invited: bool = False) -> Enrolment:
    """Enrol *person*; *by* is the user who asks (their own login or a coordinator's).

    Takes a seat by conditional UPDATEs, so seats are never oversold; nobody overtakes the waiting list.
    Idempotent: who learns in the class already gets the same row back. A seat that is offered to the
    person is taken. Announces ``enrolled``.
    """
    # One request of a person at a time: two presses neither race for a seat nor refuse each other.
    Person.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)
    run = Run.objects.select_related("release__course").get(pk=run.pk)
    if known := Enrolment.objects.open().filter(run=run, person=person).first():
        return known
    require_way_in(run, person, by, is_invited=is_invited)
    require_entitled(run, person)
    seats.require_open(run, clock.now())
    waiting = run.applications.filter(state__in=[Application.State.WAITING, Application.State.OFFERED])
    if waiting.exists():
        # Whoever waits is served first; what is free then is nobody's.
        seats.advance(run)
    application = run.applications.open().filter(person=person).first()
    if application is not None and application.state == Application.State.OFFERED:
        return _become(application, by)
    try:
        with transaction.atomic():
            facility = person.workplace()
            quota = seats.take(run, facility)
            enrolment = _write(run, person, facility=facility, quota=quota, by=by)
    except IntegrityError:
        # A second request of the same person won; its seat is the one that counts.
        return Enrolment.objects.open().get(run=run, person=person)
    if application is not None:
        _close(application, enrolment)
    return enrolment


@transaction.atomic
def accept(application: Application, *, by) -> Enrolment:
    """Take the seat that is held for who applied. Idempotent. Raises NoOffer where it is no longer held.

    *by* is None where nobody needed to press.
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=application.person_id)
    run = seats.locked(application.run_id)
    row = Application.objects.select_related("run__release__course", "person", "facility").get(
        pk=application.pk
    )
    if row.state == Application.State.ENROLLED:
        return row.enrolment
    if row.state != Application.State.OFFERED or row.due_at <= clock.now():
        raise NoOffer(
            _("No seat of class %(run)s is held for you now. You can join its waiting list again.")
            % {"run": run.code}
        )
    require_entitled(row.run, person)
    return _become(row, by)


@transaction.atomic
def withdraw(enrolment: Enrolment, *, by) -> Enrolment:
    """Leave a class: the seat is free for who waits, what was learnt stays on record. Idempotent.

    Announces ``withdrawn``.
    """
    # The class of this moment: somebody may just have been moved to another.
    locked = Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
    changed = (
        Enrolment.objects.open()
        .filter(pk=enrolment.pk)
        .update(state=Enrolment.State.WITHDRAWN, withdrawn_at=clock.now(), quota=None)
    )
    if changed:
        seats.give_back(locked.run_id, locked.quota_id)
    enrolment.refresh_from_db()
    if changed:
        withdrawn.send(Enrolment, enrolment=enrolment, by=by)
    return enrolment


def require_way_in(run: Run, person: Person, by, *, is_invited: bool = False) -> None:
    """Refuse whoever enrols themselves in a class that others open to them."""
    is_own = by is not None and person.user_id == by.pk
    if not is_own or is_invited or run.mode == Run.Mode.SELF:
        return
    words = {"run": run.code, "contact": run.contact or _("the training office")}
    refusals = {
        Run.Mode.APPROVAL: _("Class %(run)s needs an approval. Press “Apply”, and it is asked for."),
        Run.Mode.COORDINATOR: _(
            "In class %(run)s people are enrolled by their site. Please ask %(contact)s."
        ),
        Run.Mode.INVITATION: _(
            "Class %(run)s is by invitation. Type the code of your invitation, or ask %(contact)s for one."
        ),
    }
    raise RunNotSelfService(refusals[Run.Mode(run.mode)] % words)


def require_entitled(run: Run, person: Person) -> None:
    """Refuse whom the course is not meant for, and who learns or has completed it."""
    course = run.release.course
    audience = list(course.audience.all())
    if audience and person.profession not in audience:
        words = {
            "audience": ", ".join(map(str, audience)),
            "own": person.profession or _("none"),
        }
        raise NotInAudience(
            _(
                "This course is meant for: %(audience)s. Your title on record: %(own)s. "
                "If that is wrong, ask your site coordinator to correct it."
            )
            % words
        )
    others = Enrolment.objects.filter(person=person, run__release__course=course)
    done = others.filter(state=Enrolment.State.COMPLETED, run__release=run.release_id).first()
    if done:
        raise AlreadyCompleted(
            _(
                "This version of the course was completed on %(day)s; it brings credit once. "
                "A newer version may be learnt again."
            )
            % {"day": date_format(timezone.localtime(done.completed_at), "SHORT_DATE_FORMAT")}
        )
    if other := others.open().select_related("run").first():
        raise LearningElsewhere(
            _("This course is being learnt in class %(run)s already. To change, leave that class first.")
            % {"run": other.run.code}
        )


def _become(application: Application, by) -> Enrolment:
    """Turn an offer into an enrolment; the seat it holds goes along."""
    facility, quota = application.facility, application.quota
    enrolment = _write(application.run, application.person, facility=facility, quota=quota, by=by)
    _close(application, enrolment)
    return enrolment


def _close(application: Application, enrolment: Enrolment) -> None:
    Application.objects.filter(pk=application.pk).update(
        state=Application.State.ENROLLED,
        step="",
        enrolment=enrolment,
        quota=None,
        due_at=None,
        ended_at=enrolment.enrolled_at,
    )


def _write(run: Run, person: Person, *, facility, quota, by) -> Enrolment:
    last = Enrolment.objects.filter(run=run, person=person).aggregate(last=Max("episode"))["last"]
    enrolment = Enrolment.objects.create(
        run=run,
        person=person,
        episode=(last or 0) + 1,
        facility=facility,
        quota=quota,
        enrolled_by=by,
        enrolled_at=clock.now(),
    )
    enrolled.send(Enrolment, enrolment=enrolment)
    return enrolment
