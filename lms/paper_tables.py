"""Pure: a report of headings, lines and tables as tagged PDF/A on A4; headings of tables stand on every page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from . import fonts
from .paper import Paper, wrap

MM = 72 / 25.4
WIDTH, HEIGHT = 210 * MM, 297 * MM
LEFT, TOP, BOTTOM = 16 * MM, 281 * MM, 16 * MM
SIZE, LEADING, PAD = 9, 11.5, 3


@dataclass(frozen=True)
class Section:
    """A heading with lines below it and, where there are columns, a table; ``shares`` divide the width."""

    title: str
    lines: Sequence[str] = ()
    columns: Sequence[str] = ()
    shares: Sequence[float] = ()
    rows: Sequence[Sequence[str]] = ()


def as_pdf(sections: Sequence[Section], *, author: str, title: str, made: str, made_at: datetime) -> bytes:
    """Return the report; *made* says when it was made, in words. Equal input, equal bytes.

    A letter that the face lacks is printed as "?", a row is never cut in two unless it is longer than a page.
    """
    clean = [
        Section(
            printable(one.title),
            [printable(line) for line in one.lines],
            [printable(cell) for cell in one.columns],
            one.shares,
            [[printable(cell) for cell in row] for row in one.rows],
        )
        for one in sections
    ]
    author, title, made = printable(author), printable(title), printable(made)
    words = [author, author.upper(), title, made]
    for one in clean:
        words += [one.title, *one.lines, *one.columns, *(cell for row in one.rows for cell in row)]
    report = _Report(frozenset(set("".join(words)) - fonts.USUAL), author, title, made)
    for one in clean:
        report.section(one)
    return report.paper.close(
        title=title, author=author, subject="", made_at=made_at, seed=f"{author}{title}{made}".encode()
    )


def printable(text: object) -> str:
    """*text* in one line, with "?" for each letter that the face lacks."""
    known = fonts.load().known
    return "".join(char if char in known else "?" for char in str(text).replace("\n", " "))


def draw_row(
    paper: Paper,
    cells: Sequence[list[str]],
    widths: Sequence[float],
    face: str,
    tag: str,
    *,
    at: tuple[float, float],
    size: float,
    leading: float,
    least: float = 0,
) -> float:
    """Draw one framed row of wrapped *cells* below *at* (left, top); return its height, at *least* so many points.

    *tag* is ``TH`` or ``TD``; without it the row repeats a heading and readers aloud pass over it.
    """
    (x, y), boxes = at, []
    height = max(max(map(len, cells)) * leading + 2 * PAD, least)
    if tag:
        paper.begin("TR")
    for cell, width in zip(cells, widths, strict=True):
        boxes.append(f"{x:.2f} {y - height:.2f} {width:.2f} {height:.2f} re")
        if tag:
            paper.mark(tag, "/A<</O/Table/Scope/Column>>" if tag == "TH" else "")
        for number, line in enumerate(cell):
            paper.text(x + PAD, y - PAD - size - number * leading, line, size, face)
        if tag:
            paper.unmark()
        x += width
    if tag:
        paper.end()
    paper.draw(f"0 G 0.5 w {' '.join(boxes)} S")
    return height


class _Report:
    """The pages of a report, from top to bottom."""

    def __init__(self, more: frozenset[str], author: str, title: str, made: str):
        self.paper = Paper(WIDTH, HEIGHT, more)
        self.title, self.made, self.page, self.y = title, made, 1, TOP
        self.foot()
        self.say("P", author.upper(), 10, "bold")
        self.say("H1", title, 15, "bold")
        self.say("P", made, SIZE, "regular")

    def foot(self) -> None:
        self.paper.text(LEFT, BOTTOM - 12, f"{self.title[:90]} – {self.page}", 8)

    def room_for(self, height: float) -> bool:
        """Whether *height* fits; begins a page where it does not, and says so."""
        if self.y - height >= BOTTOM:
            return True
        self.paper.new_page()
        self.page, self.y = self.page + 1, TOP
        self.foot()
        return False

    def say(self, tag: str, text: str, size: float, face: str) -> None:
        """Write one paragraph or heading."""
        lines = wrap(text, self.paper.face(face), size, WIDTH - 2 * LEFT)
        for number, line in enumerate(lines):
            self.room_for(size * 1.35)
            self.paper.mark(tag if number == 0 else "P")
            self.paper.text(LEFT, self.y - size, line, size, face)
            self.paper.unmark()
            self.y -= size * 1.35
        self.y -= 3

    def section(self, one: Section) -> None:
        """Write one section with its table."""
        self.y -= 8
        self.room_for(5 * LEADING)
        self.say("H2", one.title, 12, "bold")
        for line in one.lines:
            self.say("P", line, SIZE, "regular")
        if not one.columns:
            return
        whole = sum(one.shares)
        widths = [(WIDTH - 2 * LEFT) * share / whole for share in one.shares]
        self.paper.begin("Table")
        head = self.cells(one.columns, widths, "bold")
        self.draw(head, widths, "bold", "TH")
        for row in one.rows:
            cells = self.cells(row, widths, "regular")
            if not self.room_for(self.height(cells)):
                self.draw(head, widths, "bold", "")
            self.draw(cells, widths, "regular", "TD")
        self.paper.end()
        self.y -= 4

    def cells(self, row: Sequence[str], widths: list[float], face: str) -> list[list[str]]:
        """The wrapped lines of each cell, at most a page of them."""
        most = int((TOP - BOTTOM - 40) / LEADING)
        return [
            wrap(cell, self.paper.face(face), SIZE, width - 2 * PAD)[:most]
            for cell, width in zip(row, widths, strict=True)
        ]

    @staticmethod
    def height(cells: list[list[str]]) -> float:
        """How high a row is."""
        return max(map(len, cells)) * LEADING + 2 * PAD

    def draw(self, cells: list[list[str]], widths: list[float], face: str, tag: str) -> None:
        """Draw one row; without *tag* it repeats what was said."""
        self.y -= draw_row(
            self.paper, cells, widths, face, tag, at=(LEFT, self.y), size=SIZE, leading=LEADING
        )
