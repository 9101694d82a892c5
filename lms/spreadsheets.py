"""Spreadsheets: read row by row behind guards, and written so that no cell is ever a formula."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, time
from itertools import islice
from typing import IO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill

from lms.uploads import MEGABYTE, UploadRefused, check_size, check_zip, sniff

MOST_BYTES = 5 * MEGABYTE
MOST_UNPACKED = 40 * MEGABYTE
MOST_ROWS = 20_000
MOST_COLUMNS = 40
MOST_CELL = 2_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _damaged() -> UploadRefused:
    return UploadRefused(
        _(
            "The file cannot be read as a spreadsheet. Save it again as XLSX, or as CSV in UTF-8, and send that."
        )
    )


@contextmanager
def rows_of(file: IO[bytes]) -> Iterator[Iterator[list[str]]]:
    """Give the rows of an XLSX or CSV file one after the other, every cell as text.

    A formula is its text, a date is ``dd/mm/yyyy``, a whole number has no ``.0``. The memory
    needed does not grow with the rows. Raises UploadRefused for what is too large, damaged, a
    bomb or no spreadsheet; that may happen while rows are read.
    """
    check_size(file, MOST_BYTES)
    file.seek(0)
    head = file.read(4)
    kind = "text/plain" if _bom(head) else sniff(file)
    file.seek(0)
    if kind == XLSX:
        check_zip(file, max_bytes=MOST_UNPACKED)
        with _workbook(file) as rows:
            yield _limited(rows)
    elif kind == "text/plain":
        yield _limited(_csv(file, head))
    else:
        raise UploadRefused(_("Only XLSX and CSV files are taken. Please save the list as one of these."))


def _limited(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from islice(rows, MOST_ROWS + 1)
        if next(rows, None) is not None:
            raise UploadRefused(
                _("The list has more than %(rows)s rows. Please send it in parts.") % {"rows": MOST_ROWS}
            )
    except (
        ParseError,
        DefusedXmlException,
        csv.Error,
        UnicodeError,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        OSError,
        zipfile.BadZipFile,
    ) as error:
        # Whatever a damaged or hostile file does to the parser, it is one answer to the sender.
        raise _damaged() from error


@contextmanager
def _workbook(file: IO[bytes]):
    try:
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
    except Exception as error:
        raise _damaged() from error
    try:
        # A sheet may claim a million columns; only what stands in the first ones is looked at.
        sheet.reset_dimensions()
        found = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True)
        yield ([_text(cell) for cell in row] for row in found)
    finally:
        book.close()


def _text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.date() if value.time() == time() else value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)[:MOST_CELL]


def _bom(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return "utf-8-sig" if head.startswith(b"\xef\xbb\xbf") else ""


def _csv(file: IO[bytes], head: bytes) -> Iterator[list[str]]:
    text = io.TextIOWrapper(file, encoding=_bom(head) or "utf-8", newline="")
    try:
        first = text.readline(10_000)
        text.seek(0)
        # Excel in Vietnam writes semicolons, others commas or tabs.
        delimiter = max(";,\t", key=first.count)
        for row in csv.reader(text, delimiter=delimiter, strict=True):
            if any("\0" in cell for cell in row):
                raise _damaged()
            yield [cell[:MOST_CELL] for cell in row[:MOST_COLUMNS]]
    finally:
        # The caller closes the file; a reader left half-way may come here after that.
        with suppress(ValueError):
            text.detach()


def write_rows(
    header: list[str], rows: Iterable[list[str]], *, title: str, hint: list[str] | None = None
) -> bytes:
    """Return an XLSX of text cells only: what begins with "=" stays text when it is opened."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for number, name in enumerate(header):
        letter = chr(ord("A") + number) if number < 26 else f"A{chr(ord('A') + number - 26)}"
        sheet.column_dimensions[letter].width = max(14, min(40, len(name) + 4))
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
