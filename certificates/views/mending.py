"""Where each exception of a batch is looked at or mended: a link for whoever may go there."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Model
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from certificates.actions.batches import Candidate
from certificates.models import Certificate
from courses.models import CompletionReview, Enrolment, Session
from lms import scope
from lms.models import Person


@dataclass(frozen=True)
class Matter:
    """What somebody should look at, the ways there, and whether only somebody else can mend it."""

    text: str
    ways: list[tuple[str, str]]
    is_anothers: bool


ACTS = ((Person, "change"), (Person, "view"), (Session, "settle"), (Certificate, "view"))
ACTS += ((CompletionReview, "view"), (Enrolment, "view"))


def with_ways(user, candidates: Iterable[Candidate]) -> list[tuple[Candidate, list[Matter]]]:
    """Each of *candidates* with what is to be said about it and where *user* mends that; a query for each kind of row."""
    rows = list(candidates)
    named = [row for one in rows for at in one.assessment.mended_at.values() for row in at]
    may = {(model, act): _allowed(user, model, act, named) for model, act in ACTS}
    return [(one, _matters(one, may)) for one in rows]


def _allowed(user, model: type[Model], act: str, named: list[Model]) -> set[int]:
    pks = {row.pk for row in named if isinstance(row, model)}
    rows = scope.limit(model._default_manager.filter(pk__in=pks), user, act) if pks else model.objects.none()
    return set(rows.values_list("pk", flat=True))


def _matters(candidate: Candidate, may: dict) -> list[Matter]:
    found = candidate.assessment
    matters: list[Matter] = []
    for text in dict.fromkeys(found.problems + found.remarks):
        at = found.mended_at.get(text, [])
        ways = [way for row in at if (way := _way(row, may))]
        closed = any(isinstance(row, Person) and row.pk not in may[Person, "change"] for row in at)
        # Said once, after the last thing that the record lacks.
        before = [replace(one, is_anothers=False) for one in matters] if closed else matters
        matters = [*before, Matter(text, ways, closed)]
    return matters


def _way(row: Model, may: dict) -> tuple[str, str] | None:
    match row:
        case Person() if row.pk in may[Person, "change"]:
            return reverse("lms-persons:edit", args=[row.pk]), _("Complete the record")
        case Person() if row.pk in may[Person, "view"]:
            return reverse("lms-persons:inspect", args=[row.pk]), _("See the record")
        case Session() if row.pk in may[Session, "settle"]:
            day = date_format(localtime(row.starts_at), "j/n")
            return reverse("lms_courses:attendance", args=[row.uuid]), _("Reconcile %(day)s") % {"day": day}
        case Certificate() if row.pk in may[Certificate, "view"]:
            return reverse("lms-certificates:inspect", args=[row.pk]), _("See the certificate")
        case Enrolment() if row.pk in may[Enrolment, "view"]:
            return reverse("lms_courses_admin:learner", args=[row.pk]), _("See what was learnt")
        case CompletionReview() if row.pk in may[CompletionReview, "view"]:
            return reverse("lms_courses_admin:review", args=[row.pk]), _("See the review")
    return None
