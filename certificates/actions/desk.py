"""The verifier's list: every row answered from the register, differences named, each look recorded."""

import csv
import io
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from certificates import permissions
from certificates.conf import conf
from certificates.facts import Malformed, check_code, same_name
from certificates.models import BulkCheck, Certificate
from lms import clock, names
from lms.models import AccessLog
from lms.spreadsheets import harmless

from .readiness import local_day

# In the order in which a verifier wants to read them.
ANSWERS = ("revoked", "superseded", "unknown", "differs", "match")
HEADINGS = {"number", "name", "hours", "số giấy", "số", "mã", "họ tên", "giờ", "giờ tín chỉ", "code"}


class ListRefused(Exception):
    """The list cannot be checked; the message says why and what to do."""


def read_rows(text: str) -> list[dict]:
    """Return the rows of a pasted or uploaded list: number or code, name, hours.

    Columns are parted by tabs, semicolons or commas, whichever the first line holds; a heading is
    skipped. Empty lines do not count.
    """
    lines = [line for line in text.lstrip("\ufeff").replace("\r\n", "\n").split("\n") if line.strip()]
    if not lines:
        raise ListRefused(_("The list is empty. Paste one certificate a line."))
    if len(lines) > conf.MAX_DESK_ROWS + 1:
        raise ListRefused(
            _("The list has %(rows)s rows; at most %(limit)s are checked at once. Please split it.")
            % {"rows": len(lines), "limit": conf.MAX_DESK_ROWS}
        )
    delimiter = next((sign for sign in "\t;," if sign in lines[0]), ",")
    try:
        table = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, strict=False))
    except csv.Error as error:
        raise ListRefused(
            _("The list cannot be read as CSV. Please save it again as CSV (UTF-8).")
        ) from error
    if table and names.clean(table[0][0]).casefold() in HEADINGS:
        table = table[1:]
    rows = []
    for position, cells in enumerate(table, start=1):
        number, name, hours = [names.clean(cell)[:200] for cell in [*cells, "", "", ""][:3]]
        if number or name:
            rows.append({"row": position, "number": number, "name": name, "hours": hours})
    if not rows:
        raise ListRefused(_("The list is empty. Paste one certificate a line."))
    return rows


def check_list(text: str, *, by, purpose: str, title: str = "") -> BulkCheck:
    """Check a list of certificates, keep the answers, and record each record shown.

    *by* is a verifier and says why. A handful of queries, however long the list.
    """
    if not permissions.is_verifier(by):
        raise permissions.NotAllowed(_("Only a verifier may check lists."))
    purpose = names.clean(purpose)[:200]
    if len(purpose) < 5:
        raise ListRefused(_("Please say what the check is for; it is recorded."))
    rows = read_rows(text)
    with transaction.atomic():
        now = clock.now()
        register = _find(rows)
        results = [_answer(row, register) for row in rows]
        results.sort(key=lambda result: (ANSWERS.index(result["answer"]), result["row"]))
        shown = {result["holder"] for result in results if result["holder"]}
        AccessLog.objects.bulk_create(
            (
                AccessLog(user=by, person_id=pk, what=gettext_noop("a certificate"), purpose=purpose, at=now)
                for pk in sorted(shown)
            ),
            batch_size=500,
        )
        return BulkCheck.objects.create(
            by=by,
            at=now,
            title=names.clean(title)[:120] or purpose[:120],
            purpose=purpose,
            results=results,
            counts={answer: sum(1 for r in results if r["answer"] == answer) for answer in ANSWERS},
        )


def as_csv(check: BulkCheck, words: dict[str, str]) -> str:
    """The result as a CSV file; *words* are the answers in the reader's language.

    A cell that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        [
            _("Row"),
            _("As asked"),
            _("Name as asked"),
            _("Answer"),
            _("Notes"),
            _("Number"),
            _("Name"),
            _("Hours"),
        ]
    )
    for result in check.results:
        asked = result["asked"]
        cells = [
            result["row"],
            asked["number"],
            asked["name"],
            words[result["answer"]],
            " ".join(result["notes"]),
            result["number"],
            result["name"],
            result["hours"],
        ]
        writer.writerow([harmless(str(cell)) for cell in cells])
    return "\ufeff" + out.getvalue()


def _find(rows: list[dict]) -> dict[str, list[Certificate]]:
    """The certificates that the rows may mean, by number in capitals and by code."""
    numbers, codes = set(), set()
    for row in rows:
        text = row["number"].replace(" ", "")
        numbers |= {text, text.upper()}
        try:
            codes.add(check_code(row["number"]))
        except Malformed:
            continue
    found: dict[str, list[Certificate]] = {}
    base = Certificate.objects.select_related("superseded_by")
    for name, values in (("number", sorted(numbers)), ("code", sorted(codes))):
        for start in range(0, len(values), 500):
            for one in base.filter(**{f"{name}__in": values[start : start + 500]}):
                found.setdefault(getattr(one, name).upper(), []).append(one)
    return found


def _answer(row: dict, register: dict[str, list[Certificate]]) -> dict:
    text = row["number"].replace(" ", "").upper()
    found, notes = register.get(text, []), []
    if not found:
        try:
            found = register.get(check_code(row["number"]), [])
        except Malformed as error:
            if error.suggestion:
                notes.append(_("One character may be wrong."))
    if len(found) > 1 and row["name"]:
        found = [one for one in found if same_name(row["name"], one.said["holder"]["name"])] or found
    if not found:
        return _result(row, "unknown", notes, None)
    one = found[0]
    if len(found) > 1:
        notes.append(_("More than one certificate has this number; ask for the code."))
    notes += _differences(row, one)
    if one.ended_at is not None:
        notes.insert(0, f"{local_day(one.ended_at):%d/%m/%Y}: {one.end_reason}")
        return _result(row, one.state, notes, one)
    return _result(row, "differs" if notes else "match", notes, one)


def _differences(row: dict, one: Certificate) -> list[str]:
    notes, printed = [], one.said["holder"]["name"]
    if row["name"] and not same_name(row["name"], printed):
        if names.fold(row["name"]) == names.fold(printed):
            message = _(
                "The diacritics of the name differ: the list says “%(asked)s”, the register “%(printed)s”."
            )
        else:
            message = _("The name differs: the list says “%(asked)s”, the register “%(printed)s”.")
        notes.append(message % {"asked": row["name"], "printed": printed})
    if row["hours"]:
        try:
            same = Decimal(row["hours"].replace(",", ".")) == one.hours
        except InvalidOperation:
            same = False
        if not same:
            notes.append(
                _("The hours differ: the list says %(asked)s, the register %(printed)s.")
                % {"asked": row["hours"], "printed": one.hours.normalize()}
            )
    return notes


def _result(row: dict, answer: str, notes: list[str], one: Certificate | None) -> dict:
    replacement = one.replacement if one else None
    return {
        "row": row["row"],
        "asked": {key: row[key] for key in ("number", "name", "hours")},
        "answer": str(answer),
        "notes": notes,
        "certificate": one.pk if one else None,
        "holder": one.holder_id if one else None,
        "code": one.code if one else "",
        "number": one.number if one else "",
        "name": one.said["holder"]["name"] if one else "",
        "hours": f"{one.hours.normalize():f}" if one else "",
        "replacement": replacement.number if replacement else "",
    }
