"""Verbs on reports of meeting programs: hand in, name the columns, decide about rows, apply, undo."""

import hashlib
import zoneinfo
from collections.abc import Iterable
from datetime import datetime
from typing import IO

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses import attendance_formats, codes
from courses.actions.archiving import lock_open
from courses.actions.attendance import early, late, retract
from courses.actions.settling import ListRefused, weigh_all_if_settled
from courses.attendance_formats import Line, NoHeader
from courses.matching import Known, Match, Register, parts_of
from courses.models import MeetingReport, Presence, ReportColumns, ReportRow, Session
from lms import clock, names, spreadsheets
from lms.models import Licence, Person

Outcome, State = ReportRow.Outcome, MeetingReport.State
ZONES = ("Asia/Ho_Chi_Minh", "UTC", "Asia/Tokyo")
"""Time zones that reports are written in; the first is offered."""
AUTO = "auto"
"""Find out by its headers which program wrote a report."""


class ReportRefused(ListRefused):
    """A report that cannot be read or applied; the message says why and what to do."""


def hand_in(
    session: Session, *, file: IO[bytes], name: str, source: str = AUTO, zone: str = ZONES[0], by
) -> MeetingReport:
    """Read a report for *session* and say of each row whom it means; no evidence is written yet.

    The same file handed in again is the same report until it is undone. Raises UploadRefused for
    what is no spreadsheet, too large or hostile, and ReportRefused for what is no report.
    """
    if zone not in zoneinfo.available_timezones():
        raise ReportRefused(_("The time zone “%(zone)s” is not known.") % {"zone": zone})
    data = file.read(spreadsheets.MOST_BYTES + 1)
    digest = hashlib.sha256(data).hexdigest()
    earlier = MeetingReport.objects.filter(session=session, sha256=digest).exclude(state=State.UNDONE)
    if found := earlier.first():
        return found
    file.seek(0)
    with spreadsheets.rows_of(file) as cells:
        rows = list(cells)
    if source == AUTO:
        source = attendance_formats.detect(rows)
    if source not in attendance_formats.SOURCES:
        raise ReportRefused(_("“%(source)s” is no kind of report we read.") % {"source": source})
    report = MeetingReport(
        session=session,
        source=source,
        zone=zone,
        original_name=names.clean(name.rsplit("/", 1)[-1])[-120:] or "report",
        sha256=digest,
        created_by=by,
        created_at=clock.now(),
    )
    lines = _lines(report, rows, columns=_remembered(session, rows) if source == "plain" else None)
    try:
        with transaction.atomic():
            lock_open(session.pk, ReportRefused)
            if lines is None:
                report.state, report.cells = State.COLUMNS, rows[: attendance_formats.MOST_LINES]
            report.save()
            if lines is not None:
                _settle_rows(report, lines)
    except IntegrityError:
        # Handed in twice at the same moment.
        if found := earlier.first():
            return found
        raise
    return report


def name_columns(report: MeetingReport, *, columns: dict[int, str], by) -> MeetingReport:
    """Say what stands in which column of a table of one's own, and read it; remembered for the hub."""
    if not {"name", "joined"} <= set(columns.values()):
        raise ReportRefused(_("Say at least which column holds the name and which the time of joining."))
    if not {"left", "length"} & set(columns.values()):
        raise ReportRefused(_("Say which column holds the time of leaving, or the length."))
    with transaction.atomic():
        locked = _locked(report)
        if locked.state != State.COLUMNS:
            return locked
        kept = {str(position): key for position, key in columns.items()}
        ReportColumns.objects.update_or_create(
            hub_id=locked.session.hub_id, header=_header(locked.cells), defaults={"columns": kept}
        )
        lines = _lines(locked, locked.cells, columns=columns) or []
        locked.state, locked.cells = State.READ, []
        locked.save(update_fields=["state", "cells"])
        _settle_rows(locked, lines)
        return locked


def apply_report(report: MeetingReport, *, by) -> MeetingReport:
    """Write the evidence of every settled row, all or nothing. Idempotent; rows to decide stay to be decided."""
    with transaction.atomic():
        locked = _locked(report)
        if locked.state == State.APPLIED:
            return locked
        if locked.state != State.READ:
            raise ReportRefused(
                _("This report is “%(state)s” and cannot be applied.") % {"state": locked.get_state_display()}
            )
        locked.state, locked.applied_by, locked.applied_at = State.APPLIED, by, clock.now()
        locked.save(update_fields=["state", "applied_by", "applied_at"])
        rows = list(locked.rows.filter(outcome=Outcome.MATCHED))
        _write(locked, rows, by=by)
    return locked


def undo_report(report: MeetingReport, *, by) -> MeetingReport:
    """Take every piece of evidence back that the report brought, in one go. Idempotent.

    What other sources say stays. Afterwards the file may be handed in again.
    """
    with transaction.atomic():
        locked = _locked(report)
        if locked.state == State.UNDONE:
            return locked
        brought = list(
            Presence.objects.in_force().filter(pk__in=locked.rows.values("presence")).order_by("pk")
        )
        if locked.state == State.APPLIED and not locked.rows.exists():
            raise ReportRefused(
                _("The rows of this report were forgotten; correct the people one by one instead.")
            )
        for row in brought:
            retract(row, by=by, reason=_("report undone: %(file)s") % {"file": locked.original_name})
        locked.state, locked.undone_by, locked.undone_at = State.UNDONE, by, clock.now()
        locked.cells = []
        locked.save(update_fields=["state", "cells", "undone_by", "undone_at"])
        weigh_all_if_settled(locked.session, {row.person_id for row in brought})
    return locked


def decide(row: ReportRow, *, person: Person | None, by) -> ReportRow:
    """Say whom *row* means, or that nobody known is meant; counts at once where the report is applied.

    A row that was already decided may be decided anew: evidence it brought for another is taken back.
    """
    with transaction.atomic():
        report = _locked(row.report)
        locked = ReportRow.objects.select_for_update().get(pk=row.pk)
        if report.state not in {State.READ, State.APPLIED}:
            raise ReportRefused(_("This report was undone."))
        if locked.outcome in {Outcome.REFUSED, Outcome.DUPLICATE}:
            raise ReportRefused(_("This row brings nothing that could be counted."))
        concerned = set()
        if locked.person_id != (person.pk if person else None) and locked.presence_id:
            retract(locked.presence, by=by, reason=_("the row means somebody else"))
            concerned.add(locked.person_id)
            locked.presence = None
        locked.person = person
        locked.outcome = Outcome.MATCHED if person else Outcome.UNKNOWN
        locked.why = "decided"
        locked.decided_by, locked.decided_at = by, clock.now()
        locked.save()
        if person and report.state == State.APPLIED and locked.presence_id is None:
            _write(report, [locked], by=by)
        weigh_all_if_settled(report.session, concerned)
    return locked


def _locked(report: MeetingReport) -> MeetingReport:
    # The session first, as everybody does who may weigh.
    lock_open(report.session_id, ReportRefused)
    rows = MeetingReport.objects.select_for_update(of=("self",)).select_related("session")
    return rows.get(pk=report.pk)


# --- reading


def _header(rows: list[list[str]]) -> str:
    text = "|".join(map(attendance_formats.header_text, rows[0] if rows else []))
    return hashlib.sha256(text.encode()).hexdigest()


def _remembered(session: Session, rows: list[list[str]]) -> dict[int, str] | None:
    found = ReportColumns.objects.filter(hub=session.hub_id, header=_header(rows)).first()
    return {int(position): key for position, key in found.columns.items()} if found else None


def _lines(report: MeetingReport, rows: list[list[str]], *, columns) -> list[Line] | None:
    """The rows as read; None where somebody must say first what the columns of a table of one's own are."""
    zone = zoneinfo.ZoneInfo(report.zone)
    on = report.session.starts_at.astimezone(zone).date()
    try:
        read = attendance_formats.read(rows, report.source, on=on, zone=zone, columns=columns)
        has_times = report.source != "plain" or any(line.refused != "no_times" for line in read.lines)
    except NoHeader as error:
        if report.source != "plain":
            raise ReportRefused(
                _(
                    "This is no attendance report of %(source)s: no row has its headers. "
                    "Choose another kind, or “other table” to name the columns yourself."
                )
                % {"source": report.get_source_display()}
            ) from error
        read, has_times = None, False
    if has_times or (columns and read):
        return read.lines
    if len(rows) < 2 or len(rows[0]) < 2:
        raise ReportRefused(_("The file holds no table with a row of headers. Nothing was changed."))
    return None


def _settle_rows(report: MeetingReport, lines: list[Line]) -> None:
    """Find out whom each line means, and keep the lines."""
    register = register_of(report.session, lines)
    seen: set[tuple] = set()
    opens, closes = report.session.starts_at - early(), report.session.ends_at + late()
    rows = []
    for line in lines:
        row = ReportRow(
            report=report,
            number=line.number,
            name=line.name,
            email=line.email,
            phone=line.phone,
            licence=line.licence,
            since=line.since,
            until=line.until,
        )
        key = (names.fold(line.name), line.email, line.phone, line.licence, line.since, line.until)
        if line.refused:
            row.outcome, row.why = Outcome.REFUSED, line.refused
        elif line.since >= closes or line.until <= opens:
            row.outcome, row.why = Outcome.REFUSED, "outside"
        else:
            match = register.match(line.name, email=line.email, phone=line.phone, licence=line.licence)
            if key in seen and match.person is not None:
                row.outcome, row.why = Outcome.DUPLICATE, "twice"
            else:
                # Two of one name may well have come and gone together: each row is asked about.
                seen.add(key)
                _take(row, match)
        rows.append(row)
    ReportRow.objects.bulk_create(rows, batch_size=500)


def _take(row: ReportRow, match: Match) -> None:
    row.why, row.proposed = match.by, list(match.proposed)
    if match.person is not None:
        row.outcome, row.person_id = Outcome.MATCHED, match.person
    else:
        row.outcome = Outcome.UNKNOWN if match.by in {"site", "device", "unknown"} else Outcome.REVIEW


def register_of(session: Session, lines: Iterable[Line]) -> Register:
    """Whoever may be meant by *lines*: the people expected, others by their addresses, and every homonym.

    Homonyms who are not expected are known only so that a name alone never settles a row.
    """
    lines = list(lines)
    expected = set(session.expected_people().values_list("pk", flat=True))
    by = {
        "email__in": {line.email for line in lines if line.email},
        "phone__in": {line.phone for line in lines if line.phone},
        "licences__number__in": {line.licence for line in lines if line.licence},
        "name_folded__in": {names.fold(part)[:120] for line in lines for part in parts_of(line.name)},
    }
    ids = set(expected)
    for lookup, values in by.items():
        for chunk in _chunks(sorted(values)):
            ids |= set(Person.objects.living().filter(**{lookup: chunk}).values_list("pk", flat=True))
    numbers: dict[int, list[str]] = {}
    people = []
    for chunk in _chunks(sorted(ids)):
        for person, number in Licence.objects.filter(person__in=chunk).values_list("person", "number"):
            numbers.setdefault(person, []).append(number)
        people += (
            Person.objects.living().filter(pk__in=chunk).values_list("pk", "full_name", "email", "phone")
        )
    return Register.of(
        Known(
            pk,
            name,
            email.lower(),
            phone,
            tuple(numbers.get(pk, ())),
            codes.person_tag(session.secret, pk) if pk in expected else "",
            pk in expected,
        )
        for pk, name, email, phone in people
    )


def _chunks(values: list, size: int = 500):
    for start in range(0, len(values), size):
        yield values[start : start + size]


# --- writing


def _write(report: MeetingReport, rows: list[ReportRow], *, by) -> None:
    """Add the evidence of *rows*; what the same kind of evidence says already is marked as said before."""
    now = clock.now()
    stands: set[tuple[int, datetime, datetime | None]] = set(
        Presence.objects.in_force()
        .filter(session=report.session, source=Presence.Source.PLATFORM)
        .values_list("person", "since", "until")
    )
    made = []
    for row in rows:
        key = (row.person_id, row.since, row.until)
        if key in stands:
            row.outcome, row.why = Outcome.DUPLICATE, "stands"
            continue
        stands.add(key)
        row.presence = Presence(
            session=report.session,
            person_id=row.person_id,
            source=Presence.Source.PLATFORM,
            since=row.since,
            until=row.until,
            reason=f"{report.original_name}: {row.number}"[:200],
            recorded_by=by,
            recorded_at=now,
        )
        made.append(row.presence)
    Presence.objects.bulk_create(made, batch_size=500)
    ReportRow.objects.bulk_update(rows, ["outcome", "why", "presence"], batch_size=500)
    weigh_all_if_settled(report.session, {row.person_id for row in made})


WORDS: dict[str, object] = {
    "tag": gettext_lazy("personal tag"),
    "email": gettext_lazy("e-mail"),
    "phone": gettext_lazy("phone number"),
    "licence": gettext_lazy("licence number"),
    "name": gettext_lazy("whole name, borne by one person only"),
    "decided": gettext_lazy("decided by hand"),
    "homonyms": gettext_lazy("several people bear this name"),
    "marks_differ": gettext_lazy("the name is written with other marks"),
    "name_differs": gettext_lazy("the address belongs to somebody with another name"),
    "keys_differ": gettext_lazy("the addresses belong to different people"),
    "shared": gettext_lazy("several people share this address"),
    "several": gettext_lazy("the row names several people"),
    "not_expected": gettext_lazy("somebody of this name is known, but not expected in this session"),
    "alike": gettext_lazy("a similar name"),
    "site": gettext_lazy("the device of a site, not a person"),
    "device": gettext_lazy("a device without a name"),
    "unknown": gettext_lazy("nobody with a similar name is expected"),
    "twice": gettext_lazy("the same row stands further up"),
    "stands": gettext_lazy("the same stay is recorded already"),
    "outside": gettext_lazy("outside the hours of this session"),
    "no_times": gettext_lazy(
        "the report has no times of joining and leaving; download it again with every joining shown"
    ),
    "time": gettext_lazy("a time cannot be read"),
    "backwards": gettext_lazy("leaving lies before joining"),
    "too_long_stay": gettext_lazy("longer than a day"),
    "too_long": gettext_lazy("a cell is too long"),
    "too_many": gettext_lazy("the report has too many rows; the rest was not read"),
    "mangled": gettext_lazy("the name is damaged or holds signs that no name has"),
    "nobody": gettext_lazy("the row names nobody"),
}


def say(code: str) -> str:
    """The sentence for why a row is where it is."""
    return str(WORDS.get(code, code))
