"""Getting into a class and out of it; seats are counted by the database."""

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from courses.models import Enrolment, Run
from courses.signals import enrolled, withdrawn
from lms import clock
from lms.models import Person


class EnrolmentRefused(Exception):
    """The person cannot enrol; the text says why and may be shown to them."""


class RunFull(EnrolmentRefused):
    """No seat is left."""


class RunClosed(EnrolmentRefused):
    """The class takes nobody now."""


class NotInAudience(EnrolmentRefused):
    """The course is meant for other professions."""


class RunNotSelfService(EnrolmentRefused):
    """Somebody else enrols people in this class."""


class AlreadyCompleted(EnrolmentRefused):
    """The person has completed this version of the course before."""


class LearningElsewhere(EnrolmentRefused):
    """The person is learning the course in another class."""


@transaction.atomic
def enrol(run: Run, *, person: Person, by) -> Enrolment:
    """Enrol *person*; *by* is the user who asks (their own login or a coordinator's).

    Takes a seat by one conditional UPDATE, so seats are never oversold. Idempotent: who learns in
    the class already gets the same row back. Announces ``enrolled``.
    """
    # One request of a person at a time: two presses neither race for a seat nor refuse each other.
    Person.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)
    run = Run.objects.select_related("release__course").get(pk=run.pk)
    if known := Enrolment.objects.open().filter(run=run, person=person).first():
        return known
    _check(run, person, by)
    try:
        with transaction.atomic():
            _take_seat(run)
            enrolment = Enrolment.objects.create(
                run=run,
                person=person,
                episode=_next_episode(run, person),
                facility=person.workplace(),
                enrolled_by=by,
                enrolled_at=clock.now(),
            )
            enrolled.send(Enrolment, enrolment=enrolment)
    except IntegrityError:
        # A second request of the same person won; its seat is the one that counts.
        return Enrolment.objects.open().get(run=run, person=person)
    return enrolment


@transaction.atomic
def withdraw(enrolment: Enrolment, *, by) -> Enrolment:
    """Leave a class: the seat is free again, what was learnt stays on record. Idempotent.

    Announces ``withdrawn``.
    """
    # The class of this moment: somebody may just have been moved to another.
    locked = Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
    changed = (
        Enrolment.objects.open()
        .filter(pk=enrolment.pk)
        .update(state=Enrolment.State.WITHDRAWN, withdrawn_at=clock.now())
    )
    if changed:
        Run.objects.filter(pk=locked.run_id).update(seats_taken=F("seats_taken") - 1)
    enrolment.refresh_from_db()
    if changed:
        withdrawn.send(Enrolment, enrolment=enrolment, by=by)
    return enrolment


def _next_episode(run: Run, person: Person) -> int:
    last = Enrolment.objects.filter(run=run, person=person).aggregate(last=Max("episode"))["last"]
    return (last or 0) + 1


def _check(run: Run, person: Person, by) -> None:
    is_own = by is not None and person.user_id == by.pk
    if is_own and run.mode != Run.Mode.SELF:
        raise RunNotSelfService(
            _("In class %(run)s people are enrolled by their site or by invitation. Please ask %(contact)s.")
            % {"run": run.code, "contact": run.contact or _("the training office")}
        )
    course = run.release.course
    audience = list(course.audience.all())
    if audience and person.profession not in audience:
        raise NotInAudience(
            _("This course is meant for: %(audience)s.") % {"audience": ", ".join(map(str, audience))}
        )
    others = Enrolment.objects.filter(person=person, run__release__course=course)
    done = others.filter(state=Enrolment.State.COMPLETED, run__release=run.release_id).first()
    if done:
        raise AlreadyCompleted(
            _("This version of the course was completed on %(day)s; it brings credit once.")
            % {"day": date_format(timezone.localtime(done.completed_at), "SHORT_DATE_FORMAT")}
        )
    if other := others.open().select_related("run").first():
        raise LearningElsewhere(
            _("You are learning this course in class %(run)s already.") % {"run": other.run.code}
        )


def _take_seat(run: Run) -> None:
    now = clock.now()
    free = Q(seats__isnull=True) | Q(seats_taken__lt=F("seats"))
    taken = (
        Run.objects.filter(pk=run.pk)
        .open_for_enrolment(now)
        .filter(free)
        .update(seats_taken=F("seats_taken") + 1)
    )
    if taken:
        return
    run.refresh_from_db()
    if run.is_closed or (run.enrol_until and run.enrol_until < now):
        raise RunClosed(_("Enrolment in class %(run)s has closed.") % {"run": run.code})
    if run.enrol_from and run.enrol_from > now:
        raise RunClosed(
            _("Enrolment in class %(run)s opens on %(day)s.")
            % {
                "run": run.code,
                "day": date_format(timezone.localtime(run.enrol_from), "SHORT_DATETIME_FORMAT"),
            }
        )
    raise RunFull(
        _("All %(seats)s seats of class %(run)s are taken.") % {"seats": run.seats, "run": run.code}
    )
