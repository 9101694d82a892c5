"""Lists of people and facilities handed in as a spreadsheet: checked first, applied after a second press."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from lms import clock, media, queue, scope, sheet_reader, spreadsheets
from lms.actions.import_facilities import FacilityList
from lms.actions.import_people import PeopleList
from lms.models import Facility, PeopleImport, Person
from lms.people_import import FACILITIES, PEOPLE, Column, NoHeader, Row, read_facilities, read_people
from lms.uploads import UploadRefused, check_size

CHUNK = 500
NAMED = 20
"""Rows not taken that a page names itself."""
Kind, State = PeopleImport.Kind, PeopleImport.State


class ImportRefused(Exception):
    """A list cannot be taken or applied; the message says why and what to do."""


class Running(Protocol):
    """What a job shows of itself."""

    def progress(self, pct: float, note: str = "") -> None:
        """Show how far the work is."""


class Register(Protocol):
    """What knows the rows of one kind of list, and writes them."""

    def take(self, rows: list[Row], *, write: bool) -> Iterable[tuple[Row, str]]:
        """Return each row with ``added``, ``changed``, ``unchanged`` or ``refused``."""


@dataclass(frozen=True)
class ListKind:
    """How lists of one kind are read, by whom they may be handed in, and what takes their rows."""

    columns: tuple[Column, ...]
    read: Callable[[Iterable[list[str]]], Iterator[Row]]
    register: Callable[[PeopleImport], Register]
    roles: Callable[[], Collection[str]]


LISTS: dict[str, ListKind] = {
    Kind.PEOPLE: ListKind(
        PEOPLE,
        read_people,
        lambda row: PeopleList(row.facility, by=row.by),
        lambda: scope.policy_of(Person).acts["add"],
    ),
    Kind.FACILITIES: ListKind(
        FACILITIES,
        read_facilities,
        lambda row: FacilityList(row.facility, by=row.by),
        lambda: scope.policy_of(Facility).acts["add"],
    ),
}
"""Kinds of lists; an app above adds its own when it is ready."""


def may_import(user, kind: str, facility: Facility) -> bool:
    """Return whether *user* may hand in lists of *kind* for *facility* today."""
    return kind in LISTS and scope.facilities(user, LISTS[kind].roles()).filter(pk=facility.pk).exists()


def hand_in(
    facility: Facility, *, file: File, kind: str = Kind.PEOPLE, by, subject: str = ""
) -> PeopleImport:
    """Store a list and promise its check. The same unapplied list handed in again is returned.

    Raises UploadRefused for a file that is too large; what is in it the check says.
    """
    check_size(file, spreadsheets.MOST_BYTES)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    with transaction.atomic():
        Facility.objects.select_for_update().get(pk=facility.pk)
        waiting = PeopleImport.objects.filter(
            facility=facility,
            kind=kind,
            subject=subject,
            by=by,
            sha256=digest.hexdigest(),
            state__in=[State.CHECKING, State.CHECKED, State.APPLYING],
        )
        if earlier := waiting.first():
            return earlier
        row = PeopleImport.objects.create(
            kind=kind,
            subject=subject,
            facility=facility,
            by=by,
            original_name=get_valid_filename((file.name or "list").rsplit("/", 1)[-1][-120:]) or "list",
            sha256=digest.hexdigest(),
            created_at=clock.now(),
        )
        row.file, _size, _sha = media.save(f"lms/imports/{row.pk}-{digest.hexdigest()[:12]}", file)
        row.save(update_fields=["file"])
        queue.enqueue("lms.import_check", row.pk)
        return row


def start_import(row: PeopleImport, *, by) -> PeopleImport:
    """Promise that a checked list will be applied. Idempotent."""
    with transaction.atomic():
        row = PeopleImport.objects.select_for_update().get(pk=row.pk)
        if row.state in (State.APPLYING, State.APPLIED):
            return row
        if row.state != State.CHECKED:
            raise ImportRefused(_("This list has not been checked; nothing was applied."))
        row.state, row.by = State.APPLYING, by
        row.save(update_fields=["state", "by"])
        queue.enqueue("lms.import_apply", row.pk)
        return row


def check_import(row: PeopleImport, *, running: Running | None = None) -> PeopleImport:
    """Say what applying the list would do, row by row, and change nothing else."""
    return _work(row, State.CHECKING, State.CHECKED, running)


def apply_import(row: PeopleImport, *, running: Running | None = None) -> PeopleImport:
    """Write what the list says, some hundred rows at a time; a killed run is simply begun again."""
    return _work(row, State.APPLYING, State.APPLIED, running)


def _work(row: PeopleImport, begins: str, ends: str, running: Running | None) -> PeopleImport:
    row.refresh_from_db()
    if row.state != begins:
        return row
    try:
        if row.by is None or not may_import(row.by, row.kind, row.facility):
            raise UploadRefused(_("Whoever handed the list in may not change this register any more."))
        with media.storage().open(row.file, "rb") as file, spreadsheets.rows_of(file) as cells:
            _go_through(row, cells, write=ends == State.APPLIED, running=running)
    except NoHeader as error:
        _fail(
            row,
            _("The first row must hold the headers of the template; missing: %(names)s.") % {"names": error},
        )
    except (UploadRefused, FileNotFoundError) as error:
        _fail(row, getattr(error, "message", _("The file is no longer here. Please hand it in again.")))
    else:
        row.state, row.problem = ends, ""
        if ends == State.APPLIED:
            row.applied_at = clock.now()
        row.save()
    return row


def _fail(row: PeopleImport, why: str) -> None:
    row.state, row.problem = State.FAILED, why
    row.save(update_fields=["state", "problem"])


def _go_through(
    row: PeopleImport, cells: Iterator[list[str]], *, write: bool, running: Running | None
) -> None:
    header = next(cells, [])
    width = max((at for at, text in enumerate(header, 1) if text), default=0)
    read, register = LISTS[row.kind].read, LISTS[row.kind].register(row)
    counts = {"added": 0, "changed": 0, "unchanged": 0, "refused": 0}
    expected, seen = row.rows, 0
    rows = read(_with(header, cells))
    with tempfile.TemporaryFile("w+", encoding="utf-8") as refused:
        while chunk := list(islice(rows, CHUNK)):
            for one, outcome in _take(row, register, chunk, write=write):
                counts[outcome] += 1
                if outcome == "refused":
                    why = " ".join(say(code, **words) for code, words in one.errors)
                    refused.write(json.dumps([str(one.number), why, *one.cells[:width]]) + "\n")
            seen += len(chunk)
            if running is not None:
                pct = seen * 100 / expected if expected else 0
                running.progress(min(99, pct), _("%(rows)s rows") % {"rows": seen})
        refused.seek(0)
        row.rows = seen
        for name, count in counts.items():
            setattr(row, name, count)
        row.errors_file = ""
        if counts["refused"]:
            titles = [_("Row"), _("Why it was not taken"), *header[:width]]
            data = spreadsheets.write_rows(titles, map(json.loads, refused), title=_("Not taken"))
            row.errors_file, _size, _sha = media.save(f"lms/imports/{row.pk}-errors.xlsx", data)


def not_taken(row: PeopleImport, *, most: int = NAMED) -> list[tuple[str, str, str]]:
    """The first rows that are not taken, so that a phone need open no file: number, what they say, why not."""
    if not row.errors_file:
        return []
    try:
        with media.storage().open(row.errors_file, "rb") as file:
            rows = list(islice(sheet_reader.read(file, "xlsx"), 1, most + 1))
    except (OSError, sheet_reader.Unreadable):
        return []  # the file is there to fetch all the same, or was forgotten meanwhile
    return [(number, " · ".join(filter(None, cells)), why) for number, why, *cells in rows]


def _with(header: list[str], cells: Iterator[list[str]]) -> Iterator[list[str]]:
    yield header
    yield from cells


def _take(
    row: PeopleImport, register: Register, chunk: list[Row], *, write: bool
) -> Iterable[tuple[Row, str]]:
    if not write:
        return register.take(chunk, write=False)
    try:
        with transaction.atomic():
            # Two lists of one office wait for each other, or a person would be added by both.
            Facility.objects.select_for_update().get(pk=row.facility_id)
            return list(register.take(chunk, write=True))
    except IntegrityError as error:
        raise queue.Retry(
            _("Somebody changed the register meanwhile; the list is gone through again.")
        ) from error


def template(kind: str) -> bytes:
    """Return the empty XLSX to fill in: headers, and one hint row that is never taken for data."""
    columns = LISTS[kind].columns
    return spreadsheets.write_rows(
        [one.header + (" *" if one.required else "") for one in columns],
        [],
        title=str(Kind(kind).label),
        hint=[one.hint for one in columns],
    )


WORDS: dict[str, Callable[[], str]] = {
    "no_name": lambda: _("The name is missing."),
    "short_name": lambda: _("“%(text)s”: write the family name and the given name."),
    "odd_name": lambda: _("“%(text)s”: a name has letters only."),
    "too_long": lambda: _("“%(header)s” is longer than %(most)s characters."),
    "born": lambda: _("“%(text)s” is no birth date: write dd/mm/yyyy, or only the year."),
    "day": lambda: _("“%(text)s” is no date: write dd/mm/yyyy."),
    "until_before_since": lambda: _("The last day lies before the first."),
    "sex": lambda: _("“%(text)s”: write Nữ or Nam, or leave it empty."),
    "phone": lambda: _("“%(text)s” is no phone number."),
    "email": lambda: _("“%(text)s” is no e-mail address."),
    "licence": lambda: _("“%(text)s” is no licence number."),
    "not_enough": lambda: _(
        "Give a birth date, a licence, a phone or an e-mail: nobody is known by name alone."
    ),
    "twice": lambda: _("The same as row %(row)s."),
    "facility": lambda: _("“%(text)s” is none of your facilities. Nothing is added to others."),
    "facilities": lambda: _("Several of your facilities are called “%(text)s”: write the code."),
    "profession": lambda: _("“%(text)s” is no professional title we know."),
    "licence_taken": lambda: _(
        "The licence number is recorded under another name or outside your facilities. Check it; "
        "if it is right, ask the administrator."
    ),
    "phone_taken": lambda: _(
        "The phone number is recorded for somebody else. Check the name and the number."
    ),
    "email_taken": lambda: _("The e-mail is recorded for somebody else. Check the name and the address."),
    "several": lambda: _("Several people have this name and birth date. Add a licence number or a phone."),
    "born_differs": lambda: _("The birth date on record is another one. Correct it in the person's record."),
    "kind": lambda: _("“%(text)s” is no kind of facility we know."),
    "level": lambda: _("“%(text)s” is no technical level we know."),
    "tier": lambda: _("“%(text)s” is no former tier we know."),
    "province": lambda: _("“%(text)s” is no province."),
    "parent": lambda: _("“%(text)s” is none of your facilities, so nothing can be added below it."),
    "code_taken": lambda: _("The code %(text)s belongs to a facility elsewhere."),
    "place": lambda: "%(text)s",
}


def say(code: str, **words) -> str:
    """Return the sentence for one reason of refusal."""
    return WORDS[code]() % words
