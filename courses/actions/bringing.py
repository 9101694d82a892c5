"""Enrolling others: one by one, ticked in a list, or from a spreadsheet."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from courses.actions.applications import apply_for
from courses.actions.enrolments import EnrolmentRefused, RunFull, enrol, require_entitled
from courses.actions.seats import require_open
from courses.models import Application, Enrolment, Run
from courses.permissions import Role
from lms import clock, scope
from lms.actions.import_people import Known, PeopleList
from lms.actions.imports import LISTS, ListKind
from lms.models import PeopleImport, Person
from lms.people_import import PEOPLE, Row, read_people

COLUMNS = tuple(one for one in PEOPLE if one.key in {"name", "born", "licence", "phone", "email"})
"""What tells who somebody is; a list for a class changes nobody's record, so it asks for no more."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of one person: an enrolment, an application, or why neither."""

    person: Person
    enrolment: Enrolment | None = None
    application: Application | None = None
    refusal: str = ""


@transaction.atomic
def bring(run: Run, *, person: Person, by) -> Enrolment | Application:
    """Enrol *person* for their site or the training office; where no seat is free, put them in line.

    A class that needs approval is applied for, unless the training office itself enrols. Idempotent. The
    caller has checked that *by* may speak for *person*. Raises EnrolmentRefused.
    """
    is_office = scope.can(by, "issue", run)
    if run.mode == Run.Mode.INVITATION and not is_office:
        raise EnrolmentRefused(
            _("Class %(run)s is by invitation of the training office. Please ask %(contact)s.")
            % {"run": run.code, "contact": run.contact or _("the training office")}
        )
    known = Enrolment.objects.open().filter(run=run, person=person).first()
    if known is not None:
        return known
    if run.mode == Run.Mode.APPROVAL and not is_office:
        return apply_for(run, person=person, by=by)
    try:
        return enrol(run, person=person, by=by)
    except RunFull:
        return apply_for(run, person=person, by=by)


def bring_all(run: Run, *, people: Iterable[Person], by) -> list[Brought]:
    """Bring each of *people*; who is refused keeps nobody else out. Idempotent."""
    found = []
    for person in people:
        try:
            entered = bring(run, person=person, by=by)
        except EnrolmentRefused as refusal:
            found.append(Brought(person, refusal=str(refusal)))
        else:
            if isinstance(entered, Enrolment):
                found.append(Brought(person, enrolment=entered))
            else:
                found.append(Brought(person, application=entered))
    return found


class ClassList:
    """A list of people for one class: only people on record within the sender's reach are enrolled."""

    def __init__(self, sent: PeopleImport):
        self.by = sent.by
        self.run = Run.objects.select_related("release__course").get(pk=int(sent.subject))
        # Reads the columns and finds people as a list of people does, but adds and changes nobody.
        self.reading = PeopleList(sent.facility, by=sent.by, is_local=False)
        self.free = self.run.seats_left

    def take(self, rows: list[Row], *, write: bool) -> Collection[tuple[Row, str]]:
        """Each row with what becomes of it: added (a seat), changed (in line), unchanged, refused."""
        for row in rows:
            self.reading.complete(row)
        reach = scope.limit(Person.objects.living(), self.by, "choose")
        known = Known(self.by, rows, reach=reach)
        found = {row.number: known.match(row) for row in rows if not row.errors}
        # A licence with the right birth date is found wherever its holder works; a class is not opened by it.
        people = {number: one for number, one in found.items() if one and one.pk in known.mine}
        if write:
            pks = [person.pk for person in people.values()]
            # All of them first, in one order: a person is locked before the class.
            list(Person.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk"))
        return [(row, self._outcome(row, people.get(row.number), write=write)) for row in rows]

    def _outcome(self, row: Row, person: Person | None, *, write: bool) -> str:
        if row.errors:
            return "refused"
        if person is None:
            row.refuse(
                "place",
                text=_("Not on record at your facility. Add the person first, then send the list again."),
            )
            return "refused"
        in_class = Enrolment.objects.open().filter(run=self.run, person=person)
        asked = Application.objects.open().filter(run=self.run, person=person)
        if in_class.exists() or asked.exists():
            return "unchanged"
        try:
            if write:
                with transaction.atomic():
                    entered = bring(self.run, person=person, by=self.by)
                return "added" if isinstance(entered, Enrolment) else "changed"
            return self._foretold(person)
        except (EnrolmentRefused, IntegrityError) as refusal:
            row.refuse("place", text=str(refusal))
            return "refused"

    def _foretold(self, person: Person) -> str:
        """What would become of *person* now; seats are counted down over the list."""
        require_entitled(self.run, person)
        require_open(self.run, clock.now())
        if self.run.mode == Run.Mode.INVITATION and not scope.can(self.by, "issue", self.run):
            bring(self.run, person=person, by=self.by)
        if self.run.mode == Run.Mode.APPROVAL and not scope.can(self.by, "issue", self.run):
            return "changed"
        if self.free is None:
            return "added"
        self.free -= 1
        return "added" if self.free >= 0 else "changed"


def register() -> None:
    """Let lists of people for a class be handed in; called once when the app is ready."""
    roles = lambda: {Role.SITE_COORDINATOR, Role.PROGRAMME_MANAGER}  # noqa: E731
    LISTS[PeopleImport.Kind.CLASS] = ListKind(COLUMNS, read_people, ClassList, roles)
