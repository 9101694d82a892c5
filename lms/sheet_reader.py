"""Pure: reads a spreadsheet row by row, also alone: ``python -I sheet_reader.py KIND BYTES SECONDS``.

The file comes by standard input, the rows leave as lines of JSON by standard output, after them a
line that says how it ended. Sheets come from anybody with a role, and their parsers are large: here
they can neither fill the memory of a worker nor hold it up, and the process dies with the worker.
"""

import contextlib
import csv
import ctypes
import io
import json
import resource
import signal
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, time
from itertools import islice
from typing import IO
from xml.etree.ElementTree import ParseError

MOST_ROWS = 20_000
MOST_COLUMNS = 40
MOST_CELL = 2_000
OUTPUT = 200 * 1024**2
PR_SET_PDEATHSIG = 1


class Unreadable(Exception):
    """A sheet that is not read: ``damaged``, ``rows`` (too many) or ``heavy`` (too much memory)."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def read(file: IO[bytes], kind: str) -> Iterator[list[str]]:
    """Yield the rows of *file*, an ``xlsx`` or a ``csv``, every cell as text; raises Unreadable."""
    with _workbook(file) if kind == "xlsx" else _csv(file) as rows:
        yield from _limited(rows)


def _limited(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    from defusedxml.common import DefusedXmlException

    try:
        yield from islice(rows, MOST_ROWS + 1)
        if next(rows, None) is not None:
            raise Unreadable("rows")
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
        raise Unreadable("damaged") from error


@contextmanager
def _workbook(file: IO[bytes]):
    from openpyxl import load_workbook

    try:
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
    except MemoryError:
        raise
    except Exception as error:
        raise Unreadable("damaged") from error
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


def encoding_of(head: bytes) -> str:
    """The encoding that the first bytes of a text announce; empty where they announce none."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if len(head) >= 4 and head[0] and head[2] and head[1] == head[3] == 0:
        # The mark at the beginning was lost; plain letters have an empty second byte.
        return "utf-16-le"
    return "utf-8-sig" if head.startswith(b"\xef\xbb\xbf") else ""


@contextmanager
def _csv(file: IO[bytes]):
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding_of(head) or "utf-8", newline="")
    try:
        yield _lines(text)
    finally:
        # The caller closes the file; a reader left half-way may come here after that.
        with suppress(ValueError):
            text.detach()


def _lines(text: io.TextIOWrapper) -> Iterator[list[str]]:
    delimiter = _delimiter(text)
    text.seek(0)
    for row in csv.reader(text, delimiter=delimiter, strict=True):
        if any("\0" in cell for cell in row):
            raise Unreadable("damaged")
        yield [cell[:MOST_CELL] for cell in row[:MOST_COLUMNS]]


def _delimiter(text: io.TextIOWrapper) -> str:
    """What parts the cells: Excel in Vietnam writes semicolons, others commas or tabs.

    The first line that has any says which; reports of meetings begin with headings that have none.
    """
    for _line in range(30):
        line = text.readline(10_000)
        # A tab is hardly ever part of a text, a comma often is.
        if "\t" in line:
            return "\t"
        if ";" in line or "," in line:
            return max(";,", key=line.count)
        if not line:
            break
    return ","


# --- the process -----------------------------------------------------------------------------------


def confine(memory: int, seconds: int) -> None:
    """Set the limits of this process, and let it die with the worker that asked for it."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Neither exists on every system; the wall clock of the parent bounds what is left.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main(kind: str, memory: int, seconds: int) -> None:
    """Write the rows of standard input to standard output, then how it ended."""
    confine(memory, seconds)
    out, ended = sys.stdout.buffer, "whole"
    try:
        for row in read(sys.stdin.buffer, kind):
            out.write(json.dumps(row).encode() + b"\n")
    except Unreadable as error:
        ended = error.code
    except MemoryError:
        ended = "heavy"
    out.write(json.dumps({"ended": ended}).encode() + b"\n")
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
