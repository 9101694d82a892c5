"""Spreadsheets: read row by row behind guards, and written so that no cell is ever a formula."""

import io
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill

from lms import sheet_reader
from lms.sheet_reader import MOST_CELL, MOST_ROWS
from lms.uploads import MEGABYTE, UploadRefused, check_size, check_zip, sniff

MOST_BYTES = 5 * MEGABYTE
MOST_UNPACKED = 40 * MEGABYTE
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


MEMORY = 512 * 1024**2
CPU_SECONDS = 20
PATIENCE = 60
"""What reading a sheet may take: bytes, seconds of a core, seconds by the wall clock."""


def _refused(code: str) -> UploadRefused:
    words = {
        "damaged": _(
            "The file cannot be read as a spreadsheet. Save it again as XLSX, or as CSV in UTF-8, and send that."
        ),
        "rows": _("The list has more than %(rows)s rows. Please send it in parts.") % {"rows": MOST_ROWS},
        "heavy": _(
            "Reading the file takes more memory or time than is allowed. Nothing was changed. "
            "Please copy the list alone into a new file and send that."
        ),
    }
    return UploadRefused(words[code])


@contextmanager
def rows_of(file: IO[bytes]) -> Iterator[Iterator[list[str]]]:
    """Give the rows of an XLSX or CSV file one after the other, every cell as text.

    A formula is its text, a date is ``dd/mm/yyyy``, a whole number has no ``.0``. The file is
    parsed by a process of its own with little memory and time; the memory needed here does not
    grow with the rows. Raises UploadRefused for what is too large, damaged, a bomb or no
    spreadsheet; that may happen while rows are read.
    """
    check_size(file, MOST_BYTES)
    file.seek(0)
    head = file.read(4)
    kind = "text/plain" if sheet_reader.encoding_of(head) else sniff(file)
    file.seek(0)
    if kind == XLSX:
        check_zip(file, max_bytes=MOST_UNPACKED)
    elif kind != "text/plain":
        raise UploadRefused(_("Only XLSX and CSV files are taken. Please save the list as one of these."))
    with tempfile.TemporaryFile() as sent, tempfile.TemporaryFile() as lines:
        shutil.copyfileobj(file, sent)
        sent.seek(0)
        _read_apart(sent, lines, "xlsx" if kind == XLSX else "csv")
        lines.seek(0)
        yield _rows(lines)


def _read_apart(sent: IO[bytes], lines: IO[bytes], kind: str) -> None:
    argv = [sys.executable, "-I", sheet_reader.__file__, kind, str(MEMORY), str(CPU_SECONDS)]
    try:
        # What the parser says when it is killed is of no use to anybody.
        subprocess.run(argv, stdin=sent, stdout=lines, stderr=subprocess.DEVNULL, timeout=PATIENCE, env={})
    except subprocess.TimeoutExpired as error:
        raise _refused("heavy") from error


def _rows(lines: IO[bytes]) -> Iterator[list[str]]:
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:
            # The last line of a process that was killed.
            break
        if isinstance(found, dict):
            if found["ended"] != "whole":
                raise _refused(found["ended"])
            return
        yield found
    raise _refused("heavy")


def write_rows(
    header: list[str],
    rows: Iterable[list[str]],
    *,
    title: str,
    hint: list[str] | None = None,
    widths: Sequence[int] = (),
) -> bytes:
    """Return an XLSX of text cells only: what begins with "=" stays text when it is opened.

    *widths* are those of the columns, in letters; without them the headings decide.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for number, name in enumerate(header):
        letter = chr(ord("A") + number) if number < 26 else f"A{chr(ord('A') + number - 26)}"
        width = widths[number] if widths else max(14, min(40, len(name) + 4))
        sheet.column_dimensions[letter].width = width
    sheet.append([_cell(sheet, name, bold=True) for name in header])
    if hint:
        sheet.append([_cell(sheet, text, faint=True) for text in hint])
    for row in rows:
        sheet.append([_cell(sheet, text) for text in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def harmless(cell: str) -> str:
    """Return *cell* for a CSV file: what a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _cell(sheet, text: str, *, bold=False, faint=False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet)
    cell.value = "".join(c for c in str(text) if c in "\t\n" or ord(c) >= 32)[:MOST_CELL]
    cell.data_type = "s"
    cell.number_format = "@"
    if bold:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E4E4F4")
    if faint:
        cell.font = Font(italic=True, color="666666")
    return cell
