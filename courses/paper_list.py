"""Pure: the sign-in sheet of a room as tagged PDF/A on A4 across, with a QR code on every page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lms import fonts
from lms.paper import Paper, pdf_text, wrap
from lms.paper_tables import MM, draw_row, printable

from . import qr

WIDTH, HEIGHT = 297 * MM, 210 * MM
LEFT, TOP, BOTTOM = 12 * MM, 199 * MM, 12 * MM
QR_SIZE = 34 * MM
"""With its quiet zone: a module is as wide as half a millimetre, which a phone reads from across a table."""
WIDTHS = [share * MM for share in (10, 60, 24, 36, 46, 37, 30, 30)]
SIZE, LEADING, ROW = 9.5, 11, 10 * MM
LINES = 13
"""Lines of people on a page; a name never makes its line higher than the others."""
BLANK = 6
"""Empty lines at the least, for people who are not on the list."""


@dataclass(frozen=True)
class SignInSheet:
    """What is printed: ``people`` are rows of name, birth date, title, unit and licence, page by page."""

    house: str
    title: str
    about: Sequence[str]
    columns: Sequence[str]
    people: Sequence[Sequence[Sequence[str]]]
    hint: str
    code: str
    page: Callable[[int, int], str]
    heads: str
    signature: str
    address: Callable[[int], str]


def pages_of(people: Sequence) -> list[list]:
    """*people* as the pages on which they are printed; the last one has room for :data:`BLANK` more."""
    count = max(1, -(-(len(people) + BLANK) // LINES))
    return [list(people[number * LINES : (number + 1) * LINES]) for number in range(count)]


def as_pdf(sheet: SignInSheet, *, made_at: datetime) -> bytes:
    """Return the sheet; equal input, equal bytes. A letter that the face lacks is printed as "?"."""
    cells = [cell for page in sheet.people for row in page for cell in row]
    words = [sheet.house.upper(), sheet.title.upper(), sheet.title, *sheet.about, *sheet.columns, *cells]
    words += [sheet.hint, sheet.heads, sheet.signature, sheet.page(1, 1)]
    letters = frozenset(printable("".join(words))) - fonts.USUAL
    paper = Paper(WIDTH, HEIGHT, letters)
    for number, people in enumerate(sheet.people, 1):
        if number > 1:
            paper.new_page()
        _heading(paper, sheet, number)
        y = _table(paper, sheet, people, first=(number - 1) * LINES + 1, top=TOP - QR_SIZE - 2 * MM)
        if number == len(sheet.people):
            _say(paper, "P", sheet.heads, (LEFT, y - 6 * MM), 10)
            _say(paper, "P", sheet.signature, (LEFT + 110 * MM, y - 6 * MM), 10)
        paper.text(LEFT, BOTTOM - 4 * MM, printable(sheet.page(number, len(sheet.people))), 8)
    return paper.close(
        title=printable(f"{sheet.title}: {sheet.about[0]}"),
        author=printable(sheet.house),
        subject="",
        made_at=made_at,
        seed=sheet.address(1).encode(),
    )


def _say(paper: Paper, tag: str, text: str, at: tuple[float, float], size: float, face="regular") -> None:
    paper.mark(tag)
    paper.text(*at, printable(text), size, face)
    paper.unmark()


def _heading(paper: Paper, sheet: SignInSheet, number: int) -> None:
    y, room = TOP - 10, WIDTH - 2 * LEFT - QR_SIZE - 4 * MM
    _say(paper, "P", sheet.house.upper(), (LEFT, y), 9, "bold")
    y -= 22
    _say(paper, "H1", sheet.title.upper(), (LEFT, y), 17, "bold")
    y -= 4
    for text in sheet.about:
        for line in wrap(printable(text), paper.face("regular"), 10, room)[:2]:
            y -= 13
            _say(paper, "P", line, (LEFT, y), 10)
    _say(paper, "P", sheet.hint, (LEFT, TOP - QR_SIZE + 2), 8, "slanted")
    _code(paper, sheet, number, WIDTH - LEFT - QR_SIZE, TOP - QR_SIZE)


def _code(paper: Paper, sheet: SignInSheet, number: int, x: float, y: float) -> None:
    size, path = qr.path(sheet.address(number))
    module = QR_SIZE / (size + 8)
    box = f"{x:.2f} {y:.2f} {x + QR_SIZE:.2f} {y + QR_SIZE:.2f}"
    paper.mark("Figure", f"/Alt{pdf_text(printable(sheet.code))}/A<</O/Layout/BBox[{box}]>>")
    paper.draw(f"q 0 g {module:.5f} 0 0 {module:.5f} {x + 4 * module:.3f} {y + 4 * module:.3f} cm\n{path} Q")
    paper.unmark()


def _table(paper: Paper, sheet: SignInSheet, people: Sequence, *, first: int, top: float) -> float:
    """Draw the lines of one page, empty ones to its end; return where the table ends."""
    y = top
    paper.begin("Table")
    y -= _row(paper, sheet.columns, "bold", "TH", y, least=7 * MM)
    for place in range(LINES):
        row = people[place] if place < len(people) else [""] * 5
        y -= _row(paper, [str(first + place), *row, "", ""], "regular", "TD", y, least=ROW)
    paper.end()
    return y


def _row(paper: Paper, cells: Sequence[str], face: str, tag: str, y: float, *, least: float) -> float:
    lines = [
        wrap(printable(cell), paper.face(face), SIZE, width - 6)[:2]
        for cell, width in zip(cells, WIDTHS, strict=True)
    ]
    return draw_row(paper, lines, WIDTHS, face, tag, at=(LEFT, y), size=SIZE, leading=LEADING, least=least)
