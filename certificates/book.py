"""Pure: the register book (sổ cấp giấy chứng nhận) as a table, and as a PDF to print, bind and sign."""

import re
from datetime import datetime

from lms import fonts
from lms.fonts import Embedded
from lms.paper import Paper, wrap
from lms.paper_tables import PAD, draw_row

from . import wording
from .drawing import MM
from .facts import shown

WIDTH, HEIGHT = 297 * MM, 210 * MM
LEFT, TOP, BOTTOM = 14 * MM, 196 * MM, 14 * MM
SIZE, LEADING = 8.5, 10.5
HEADINGS = (
    "Số giấy",
    "Ngày cấp",
    "Họ và tên",
    "Ngày sinh",
    "Nơi công tác",
    "Nội dung",
    "Số giờ",
    "Mã kiểm tra",
    "Tình trạng",
    "Ký nhận",
)
WIDTHS = (82, 50, 92, 50, 96, 146, 32, 84, 82, 54)
LETTERS = (22, 12, 26, 12, 34, 60, 8, 24, 30, 14)
"""How many letters wide the columns are in a spreadsheet."""


def title_of(kind: str, year: int) -> str:
    """What stands on a volume: the words of the documents that are entered in it."""
    return f"Sổ cấp giấy chứng nhận {wording.TITLES[kind][0][0].lower()} năm {year}"


def row(said: dict, status: str) -> list[str]:
    """Return the cells of one certificate; *status* says what became of it, in words."""
    return [
        said["number"],
        "/".join(reversed(said["date"].split("-"))),
        said["holder"]["name"],
        said["holder"]["birth"],
        said["holder"]["workplace"],
        "; ".join(activity["content"] for activity in said["activities"]),
        wording.hours_text(said["total"]),
        shown(said["code"]),
        status,
        "",
    ]


def as_pdf(rows: list[list[str]], *, facility: str, title: str, made_at: datetime) -> bytes:
    """Return the book as tagged PDF/A: the heading of the table stands on every page, no row is cut in two.

    A letter that the face lacks, as only a reason for an end can hold one, is printed as "?".
    """
    known = fonts.load().known

    def printable(text: str) -> str:
        return "".join(char if char in known else "?" for char in text.replace("\n", " "))

    facility, title = printable(facility), printable(title)
    table = [[printable(cell) for cell in cells] for cells in rows]
    letters = {char for cells in table for cell in cells for char in cell} | set(
        facility.upper() + title.upper()
    )
    book = _Book(frozenset(letters - fonts.USUAL), facility, title, f"{made_at:%d/%m/%Y %H:%M}")
    for cells in table:
        book.add(cells)
    if not rows:
        book.add(["–", *[""] * (len(HEADINGS) - 1)])
    return book.close(made_at)


def _parted(text: str, face: Embedded, width: float) -> list[str]:
    """The lines of a number or a code: where it is too long it ends a line with a stroke, not within a word."""
    lines = [""]
    for part in re.findall(r"[^/-]*[/-]?", text):
        if lines[-1] and face.width(lines[-1] + part, SIZE) > width:
            lines.append("")
        lines[-1] += part
    return [piece for line in lines for piece in wrap(line, face, SIZE, width)]


class _Book:
    """The pages of a book, one row after the other."""

    def __init__(self, more: frozenset[str], facility: str, title: str, made: str):
        self.paper = Paper(WIDTH, HEIGHT, more)
        self.facility, self.title, self.made, self.page = facility, title, made, 1
        self.paper.mark("P")
        self.paper.text(LEFT, TOP, facility.upper(), 11, "bold")
        self.paper.unmark()
        self.paper.mark("H1")
        self.paper.text(LEFT, TOP - 18, title.upper(), 13, "bold")
        self.paper.unmark()
        self.y = TOP - 30
        self.paper.begin("Table")
        self.foot()
        self.draw(self.lines(list(HEADINGS), "bold"), "bold", "TH")

    def foot(self) -> None:
        """Draw what each page says of itself."""
        self.paper.text(LEFT, BOTTOM - 12, f"{self.title} – xuất lúc {self.made} – trang {self.page}", 8)

    def lines(self, cells: list[str], face: str) -> list[list[str]]:
        """The wrapped lines of each cell."""
        drawn = self.paper.face(face)
        return [
            wrap(cell, drawn, SIZE, width) if " " in cell else _parted(cell, drawn, width)
            for cell, width in zip(cells, [width - 2 * PAD for width in WIDTHS], strict=True)
        ]

    def add(self, cells: list[str]) -> None:
        """Draw one row, on a new page where it does not fit on this one."""
        lines = self.lines(cells, "regular")
        if self.y - max(map(len, lines)) * LEADING - 2 * PAD < BOTTOM:
            self.paper.new_page()
            self.page += 1
            self.y = TOP
            self.foot()
            self.draw(self.lines(list(HEADINGS), "bold"), "bold", "")
        self.draw(lines, "regular", "TD")

    def draw(self, lines: list[list[str]], face: str, tag: str) -> None:
        """Draw one row; without *tag* it repeats what was said."""
        self.y -= draw_row(
            self.paper, lines, WIDTHS, face, tag, at=(LEFT, self.y), size=SIZE, leading=LEADING
        )

    def close(self, made_at: datetime) -> bytes:
        """Finish the document."""
        return self.paper.close(
            title=self.title,
            author=self.facility,
            subject="",
            made_at=made_at,
            seed=f"{self.facility}{self.title}{self.made}".encode(),
        )
