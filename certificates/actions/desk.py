"""The verifier's list: read row by row, answered at once or by a job, kept with its answers."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from django.db import transaction
from django.utils.translation import get_language, gettext_noop, override
from django.utils.translation import gettext as _

from certificates import permissions
from certificates.conf import conf
from certificates.models import BulkCheck
from lms import clock, names
from lms.actions import log_accesses
from lms.crashpoints import crashpoint
from lms.queue import enqueue
from lms.spreadsheets import harmless, write_rows

from .answering import ANSWERS, FIELDS, answers_to, name_repetitions

AT_ONCE = 1000
"""So many rows are answered before the page comes; longer lists are a job's work."""
WIDEST = 40
_LOOK = gettext_noop("a certificate")

HEADINGS = {
    "number": "số giấy|số giấy chứng nhận|số gcn|số|mã|mã tra cứu|số hoặc mã|number|code|certificate",
    "name": "họ tên|họ và tên|tên|người hành nghề|name|full name",
    "hours": "giờ|giờ tín chỉ|số giờ|số giờ tín chỉ|tín chỉ|hours|credit hours",
    "licence": "số gphn|gphn|số cchn|cchn|giấy phép hành nghề|số giấy phép hành nghề|chứng chỉ hành nghề|số chứng chỉ hành nghề|licence|license",
    "born": "ngày sinh|sinh ngày|năm sinh|ngày tháng năm sinh|birth date|date of birth",
}
_FIELD_OF = {word: field for field, words in HEADINGS.items() for word in words.split("|")}


class ListRefused(Exception):
    """The list cannot be checked; the message says why and what to do."""


def lines_of(text: str) -> Iterator[list[str]]:
    """Yield the cells of each line of a pasted list, parted by tabs, semicolons or commas."""
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((line for line in lines if line.strip()), "")
    delimiter = next((sign for sign in "\t;," if sign in first), ",")
    try:
        yield from csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, strict=False)
    except csv.Error as error:
        raise ListRefused(
            _("The list cannot be read as CSV. Please save it again as CSV (UTF-8).")
        ) from error


def read_rows(lines: Iterable[list[str]]) -> list[dict]:
    """Return the rows of a list as ``answers_to`` takes them.

    A line with known headings, among the first fifteen, says which column is what, in any order and
    with others between; what stands above it is a title. Without one the columns are number or
    code, name, hours, and a practice licence may stand in the place of the number. Rows are
    counted from the first below the heading; empty ones do not become rows. Raises
    :class:`ListRefused`.
    """
    table = [[names.clean(cell)[:200] for cell in cells[:WIDEST]] for cells in lines]
    heading = next((place for place, cells in enumerate(table[:15]) if _columns(cells)), None)
    columns = ["number", "name", "hours"] if heading is None else _columns(table[heading])
    body = table if heading is None else table[heading + 1 :]
    rows = [
        row_of(place, dict(zip(columns, cells, strict=False))) for place, cells in enumerate(body, start=1)
    ]
    rows = [row for row in rows if row["number"] or row["licence"] or row["name"]]
    if not rows:
        raise ListRefused(_("The list is empty. Paste one certificate a line."))
    if len(rows) > conf.MAX_DESK_ROWS:
        raise ListRefused(
            _("The list has %(rows)s rows; at most %(limit)s are checked at once. Please split it.")
            % {"rows": len(rows), "limit": conf.MAX_DESK_ROWS}
        )
    return rows


def _columns(cells: list[str]) -> list[str | None]:
    found = [_FIELD_OF.get(cell.casefold().rstrip(" .:*")) for cell in cells]
    return found if {"number", "licence"} & set(found) else []


def row_of(position: int, cells: Mapping) -> dict:
    """Return one row as ``answers_to`` takes it; a licence in the place of the number is known as one."""
    row: dict = {"row": position} | {field: names.clean(cells.get(field, ""))[:200] for field in FIELDS}
    if not row["licence"] and names.parse_licence(row["number"]):
        row["number"], row["licence"] = "", row["number"]
    return row


def check_list(
    lines: str | Iterable[list[str]], *, by, purpose: str, title: str = "", source: str = ""
) -> BulkCheck:
    """Check a list of certificates or licences, keep the answers, and record each record shown.

    *lines* is pasted text or the rows of a sheet; *by* is a verifier and says why; *source* is the
    name of the file. Up to ``AT_ONCE`` rows are answered when this returns, more by a job.
    """
    if not permissions.is_verifier(by):
        raise permissions.NotAllowed(_("Only a verifier may check lists."))
    purpose = stated(purpose)
    rows = read_rows(lines_of(lines) if isinstance(lines, str) else lines)
    with transaction.atomic():
        check = BulkCheck.objects.create(
            by=by,
            at=clock.now(),
            title=names.clean(title)[:120] or names.clean(source)[:120] or purpose[:120],
            source=names.clean(source)[:120],
            purpose=purpose,
            asked=rows,
            total=len(rows),
            language=(get_language() or "vi")[:5],
        )
        if len(rows) > AT_ONCE:
            enqueue("lms_certificates.check_list", check.pk)
        else:
            answer_list(check)
    return check


def stated(purpose: str) -> str:
    """Return a purpose fit to be recorded; raises :class:`ListRefused` where none was given."""
    purpose = names.clean(purpose)[:200]
    if len(purpose) < 5:
        raise ListRefused(_("Please say what the check is for; it is recorded."))
    return purpose


def answer_list(check: BulkCheck, progress=lambda pct, note="": None) -> BulkCheck:
    """Answer a list that waits; one that was answered is returned untouched.

    Safe twice and at the same time: one conditional UPDATE decides whose answers stay, and each
    person shown is recorded once.
    """
    if check.answered_at is not None:
        return check
    rows, results = check.asked, []
    with override(check.language):
        for start in range(0, len(rows), 500):
            results += answers_to(rows[start : start + 500])
            progress(95 * (start + 500) / len(rows), f"{min(start + 500, len(rows))} / {len(rows)}")
        name_repetitions(results)
    results.sort(key=lambda result: (ANSWERS.index(result["answer"]), result["row"]))
    crashpoint("desk.answered")
    with transaction.atomic():
        now = clock.now()
        check.results, check.asked, check.answered_at = results, [], now
        check.counts = {answer: sum(r["answer"] == answer for r in results) for answer in ANSWERS}
        mine = BulkCheck.objects.filter(pk=check.pk, answered_at__isnull=True)
        if not mine.update(results=results, asked=[], answered_at=now, counts=check.counts):
            check.refresh_from_db()
            return check
        log_accesses(check.by, {r["holder"] for r in results}, what=_LOOK, purpose=check.purpose)
    return check


# --- what goes home --------------------------------------------------------------------------------


def _header() -> list[str]:
    return [
        _("Row"),
        _("As asked"),
        _("Name as asked"),
        _("Result"),
        _("Notes"),
        _("Number"),
        _("Name"),
        _("Hours"),
        _("Replaced by"),
        _("Code"),
    ]


def _cells(check: BulkCheck, words: dict[str, str]) -> Iterator[list[str]]:
    for result in check.results:
        asked = result["asked"]
        yield [
            str(result["row"]),
            asked["number"] or asked.get("licence", ""),
            asked["name"],
            words[result["answer"]],
            " ".join(result["notes"]),
            result["number"],
            result["name"],
            result["hours"],
            result["replacement"],
            result["code"],
        ]


def as_csv(check: BulkCheck, words: dict[str, str]) -> str:
    """The result as a CSV file; *words* are the answers in the reader's language.

    A cell that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_header())
    writer.writerows([harmless(cell) for cell in cells] for cells in _cells(check, words))
    return "\ufeff" + out.getvalue()


def as_xlsx(check: BulkCheck, words: dict[str, str]) -> bytes:
    """The result as a spreadsheet of text cells; *words* are the answers in the reader's language."""
    return write_rows(_header(), _cells(check, words), title=f"{check.at:%d-%m-%Y}")
