"""Pure: the facts of a certificate become the bytes of an A4 page; same facts, same bytes."""

import hashlib
import io
from datetime import datetime, timedelta

import segno
from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from . import fonts, wording
from .facts import canonical, shown

# Streams as bytes, not as text for mail of long ago: a seventh of the size. A setting of the whole process;
# other documents of a host only get smaller by it.
rl_config.useA85 = 0

WIDTH, HEIGHT = A4
LEFT, RIGHT = 22 * mm, WIDTH - 20 * mm
TOP, BOTTOM = HEIGHT - 19 * mm, 17 * mm
COLUMN_WIDTHS = [32, 92, 140, 93, 74, 45]
PAD = 4
QR_SIZE = 27 * mm
FOOT_HEIGHT = 77 * mm
TOTAL_HEIGHT = 22
SLANT = 0.2


def wrap(text: str, font: str, size: float, width: float) -> list[str]:
    """Break *text* into lines no wider than *width* points; a word too long is cut."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if stringWidth(longer, font, size) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        while stringWidth(word, font, size) > width:
            cut = len(word) - 1
            while cut > 1 and stringWidth(word[:cut], font, size) > width:
                cut -= 1
            lines.append(word[:cut])
            word = word[cut:]
        line = word
    return [*lines, line] if line or not lines else lines


class _Stamp:
    """The moment of issue in the shape in which reportlab keeps time."""

    def __init__(self, moment: datetime):
        self.t = moment.timestamp()
        self.lt = moment.timetuple()
        self.YMDhms = tuple(self.lt)[:6]
        offset = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
        self.dhh, self.dmm = divmod(offset, 60)
        self.tzname = str(moment.tzinfo)


class _Sheet:
    """One certificate on its way to paper: a canvas and the height still free on the page."""

    def __init__(self, facts: dict, faces: fonts.Fonts):
        self.facts, self.faces = facts, faces
        self.bilingual = facts["language"] == "en"
        self.buffer = io.BytesIO()
        self.canvas = Canvas(
            self.buffer,
            pagesize=A4,
            invariant=1,
            pageCompression=1,
            initialFontName=faces.regular,
            lang="vi-VN",
        )
        self.canvas._doc._timeStamp = _Stamp(datetime.fromisoformat(facts["issued_at"]))
        # reportlab seeds the file's id with the clock or the environment; ours comes from the facts.
        self.canvas._doc.signature = hashlib.md5(canonical(facts), usedforsecurity=False)
        self.y = TOP

    # -- words ------------------------------------------------------------------------------

    def text(self, x, y, text, size, face="regular", align="left", grey=0.0):
        """Write one line literally: no markup is ever read in it."""
        pen, font = self.canvas, self.font(face)
        x -= {"left": 0, "center": 0.5, "right": 1}[align] * stringWidth(text, font, size)
        pen.setFillGray(grey)
        pen.setFont(font, size)
        if face == "slanted":
            pen.saveState()
            pen.transform(1, 0, SLANT, 1, x, y)
            pen.drawString(0, 0, text)
            pen.restoreState()
        else:
            pen.drawString(x, y, text)

    def font(self, face):
        """Return the name of the font that draws a face."""
        return self.faces.bold if face == "bold" else self.faces.regular

    def column(self, x, y, width, text, size, face="regular", leading=1.25, grey=0.0):
        """Write centred lines downwards from *y*; return the baseline below the last."""
        for line in wrap(text, self.font(face), size, width):
            self.text(x, y, line, size, face, "center", grey)
            y -= size * leading
        return y

    # -- parts ------------------------------------------------------------------------------

    def frame(self):
        """Draw what every page has: a double line around it, and the word SAMPLE across it."""
        pen = self.canvas
        pen.saveState()
        if self.facts["sample"]:
            pen.translate(WIDTH / 2, HEIGHT / 2)
            pen.rotate(52)
            self.text(0, -14, wording.SAMPLE, 44, "bold", "center", grey=0.89)
            pen.rotate(-52)
            pen.translate(-WIDTH / 2, -HEIGHT / 2)
        pen.setStrokeGray(0.25)
        for inset, line in ((11 * mm, 1.1), (12.4 * mm, 0.35)):
            pen.setLineWidth(line)
            pen.rect(inset, inset, WIDTH - 2 * inset, HEIGHT - 2 * inset)
        pen.restoreState()

    def heading(self):
        """Draw the issuer at the left, the state and its motto at the right, the number beneath."""
        facts, pen = self.facts, self.canvas
        left, right, top = LEFT + 36 * mm, RIGHT - 45 * mm, TOP - 5
        y = top
        if facts["governing_body"]:
            y = self.column(left, y, 74 * mm, facts["governing_body"].upper(), 10.5)
        y = self.column(left, y, 74 * mm, facts["facility"].upper(), 10.5, "bold")
        pen.setStrokeGray(0)
        pen.setLineWidth(0.7)
        pen.line(left - 14 * mm, y + 7, left + 14 * mm, y + 7)
        y -= 9
        label = wording.NUMBER[0] if not self.bilingual else f"Số/{wording.NUMBER[1]}: "
        self.column(left, y, 74 * mm, label + facts["number"], 11)
        motto_y = self.column(right, top, 95 * mm, wording.STATE[0], 10.5, "bold")
        self.text(right, motto_y, wording.STATE[1], 11.5, "bold", "center")
        width = stringWidth(wording.STATE[1], self.faces.bold, 11.5)
        pen.line(right - width / 2, motto_y - 4, right + width / 2, motto_y - 4)
        if self.bilingual:
            self.text(right, motto_y - 15, wording.STATE_EN[0], 8, "slanted", "center")
            self.text(right, motto_y - 25, wording.STATE_EN[1], 8, "slanted", "center")
        self.y = min(y, motto_y) - 26 * mm

    def title(self):
        """Draw the name of the document."""
        lines, _certified, english, _ = wording.TITLES[self.facts["kind"]]
        middle = (LEFT + RIGHT) / 2
        self.text(middle, self.y, wording.HEADING, 24, "bold", "center")
        self.y -= 23
        for line in lines:
            self.text(middle, self.y, line, 13, "bold", "center")
            self.y -= 17
        if self.bilingual:
            self.text(middle, self.y, english, 11, "slanted", "center")
            self.y -= 12
        self.y -= 17

    def holder(self):
        """Draw who is certified: name, birth, workplace, and what was completed."""
        holder = self.facts["holder"]
        birth = "birth" if "/" in holder["birth"] else "birth_year"
        before, label, english = wording.LABELS["holder"]
        width = stringWidth(f"{before}  {label}  ", self.faces.regular, 13)
        self.field(f"{before}  {label}  ", holder["name"], english, indent=width, bold=True)
        self.field(f"{wording.LABELS[birth][0]}  ", holder["birth"], wording.LABELS[birth][1])
        self.field(f"{wording.LABELS['workplace'][0]}  ", holder["workplace"], wording.LABELS["workplace"][1])
        _lines, certified, _title, english = wording.TITLES[self.facts["kind"]]
        for line in wrap(certified, self.faces.regular, 13, RIGHT - LEFT):
            self.text(LEFT, self.y, line, 13)
            self.y -= 17
        if self.bilingual:
            self.text(LEFT, self.y + 4, english, 9.5, "slanted")
            self.y -= 9

    def field(self, label, value, english, indent=None, bold=False):
        """Draw a label and its value; a long value wraps under its own beginning."""
        indent = indent or stringWidth(label, self.faces.regular, 13)
        face, size = ("bold", 14) if bold else ("regular", 13)
        self.text(LEFT, self.y, label, 13)
        for number, line in enumerate(wrap(value, self.font(face), size, RIGHT - LEFT - indent)):
            if number:
                self.y -= 17
            self.text(LEFT + indent, self.y, line, size, face)
        if self.bilingual:
            self.y -= 11
            self.text(LEFT, self.y, english, 9, "slanted")
        self.y -= 21

    def new_page(self):
        """Close this page; the next begins with whose certificate it goes on with."""
        self.canvas.showPage()
        self.frame()
        self.y = TOP - 6
        facts = self.facts
        text = wording.CONTINUED.format(
            number=facts["number"],
            name=facts["holder"]["name"],
            page=self.canvas.getPageNumber(),
            pages=self.pages,
        )
        for line in wrap(text, self.faces.regular, 10, RIGHT - LEFT):
            self.text(LEFT, self.y, line, 10, "slanted")
            self.y -= 13
        self.y -= 6

    # -- table ------------------------------------------------------------------------------

    def cells(self, texts, size, face, english=None):
        """Wrap the texts of one row; return their lines and the height they need."""
        lines = [
            wrap(text, self.font(face), size, width - 2 * PAD)
            for text, width in zip(texts, COLUMN_WIDTHS, strict=True)
        ]
        under = [
            wrap(text, self.faces.regular, size - 2, width - 2 * PAD) if text else []
            for text, width in zip(english or [""] * len(texts), COLUMN_WIDTHS, strict=True)
        ]
        height = max(
            len(a) * size * 1.22 + len(b) * (size - 2) * 1.22 for a, b in zip(lines, under, strict=True)
        )
        return lines, under, height + 2 * PAD

    def row(self, row, size, face, centred):
        """Draw one wrapped row and its lines."""
        lines, under, height = row
        x, pen = LEFT, self.canvas
        pen.setStrokeGray(0)
        pen.setLineWidth(0.5)
        for index, width in enumerate(COLUMN_WIDTHS):
            pen.rect(x, self.y - height, width, height)
            used = len(lines[index]) * size * 1.22 + len(under[index]) * (size - 2) * 1.22
            y = self.y - PAD - size * 0.95 - ((height - 2 * PAD - used) / 2 if centred[index] else 0)
            place, align = (x + width / 2, "center") if centred[index] else (x + PAD, "left")
            for line in lines[index]:
                self.text(place, y, line, size, face, align)
                y -= size * 1.22
            for line in under[index]:
                self.text(place, y + 1, line, size - 2, "slanted", align)
                y -= (size - 2) * 1.22
            x += width
        self.y -= height

    def table(self):
        """Draw the activities, breaking pages between rows, and their total."""
        english = [column[1] for column in wording.COLUMNS] if self.bilingual else None
        self.header = self.cells([column[0] for column in wording.COLUMNS], 10, "bold", english)
        self.row(self.header, 10, "bold", [True] * 6)
        for number, activity in enumerate(self.facts["activities"], start=1):
            hours = wording.hours_text(activity["hours"])
            texts = [
                str(number),
                activity["form"],
                activity["content"],
                activity["responsible"],
                activity["time"],
                hours,
            ]
            under = (
                ["", activity.get("form_en", ""), activity.get("content_en", ""), "", "", ""]
                if self.bilingual
                else None
            )
            row = self.cells(texts, 10.5, "regular", under)
            # The signature never stands alone on a page: the last row and the total go with it.
            last_one = number == len(self.facts["activities"])
            self.room_for(row[2] + (TOTAL_HEIGHT + FOOT_HEIGHT if last_one else 0))
            self.row(row, 10.5, "regular", [True, False, False, False, True, True])
        label = f"{wording.TOTAL[0]} / {wording.TOTAL[1]}" if self.bilingual else wording.TOTAL[0]
        last = COLUMN_WIDTHS[-1]
        self.canvas.rect(LEFT, self.y - TOTAL_HEIGHT, sum(COLUMN_WIDTHS) - last, TOTAL_HEIGHT)
        self.canvas.rect(LEFT + sum(COLUMN_WIDTHS) - last, self.y - TOTAL_HEIGHT, last, TOTAL_HEIGHT)
        self.text(LEFT + (sum(COLUMN_WIDTHS) - last) / 2, self.y - 15, label, 10.5, "bold", "center")
        total = wording.hours_text(self.facts["total"])
        self.text(LEFT + sum(COLUMN_WIDTHS) - last / 2, self.y - 15, total, 11, "bold", "center")
        self.y -= TOTAL_HEIGHT

    def room_for(self, height):
        """Begin a page, with the header of the table, where *height* does not fit on this one."""
        if self.y - height < BOTTOM:
            self.new_page()
            self.row(self.header, 10, "bold", [True] * 6)

    # -- foot -------------------------------------------------------------------------------

    def foot(self):
        """Draw place, date and signatory at the right, QR code and typed code at the left."""
        facts = self.facts
        top, middle, signatory = self.y - 10 * mm, RIGHT - 42 * mm, facts["signatory"]
        year, month, day = map(int, facts["date"].split("-"))
        y = self.column(
            middle, top, 90 * mm, wording.date_line(facts["place"], year, month, day), 12, "slanted"
        )
        if signatory["prefix"]:
            y = self.column(middle, y - 3, 84 * mm, signatory["prefix"].upper(), 12, "bold")
            y = self.column(middle, y, 84 * mm, signatory["title"].upper(), 12, "bold")
        else:
            y = self.column(middle, y - 3, 84 * mm, signatory["title"].upper(), 12, "bold")
        y = self.column(middle, y, 84 * mm, wording.SIGN, 10, "slanted")
        self.column(middle, y - 29 * mm, 84 * mm, signatory["name"], 12.5, "bold")
        self.qr(LEFT + 2 * mm, top + 9 - QR_SIZE)
        y = top + 9 - QR_SIZE - 15
        self.text(LEFT, y, shown(facts["code"]), 10.5, "bold")
        check = f"{wording.CHECK}{' / ' + wording.CHECK_EN if self.bilingual else ''}:"
        self.text(LEFT, y - 13, check, 8.5)
        self.text(LEFT, y - 24, facts["url"].rpartition("/V/")[0].lower() + "/V", 8.5)
        self.small_print()

    def small_print(self):
        """Draw what the document is not and what it rests on, at the very bottom."""
        lines = wrap(wording.NOT_A_LICENCE, self.faces.regular, 9, RIGHT - LEFT)
        if self.bilingual:
            lines += [wording.NOT_A_LICENCE_EN]
        lines += wrap(self.facts["legal_basis"], self.faces.regular, 8.5, RIGHT - LEFT)
        y = BOTTOM + (len(lines) - 1) * 11
        for line in lines:
            self.text(LEFT, y, line, 9, "slanted", grey=0.15)
            y -= 11

    def qr(self, x, y):
        """Draw the QR code as one filled path; four modules around it stay white."""
        code = segno.make(self.facts["url"], error="m", mask=4, micro=False, boost_error=False)
        rows, pen = code.matrix, self.canvas
        side = len(rows) + 8
        runs = []
        for line, row in enumerate(rows):
            start = None
            for place, dark in enumerate([*row, 0]):
                if dark and start is None:
                    start = place
                elif not dark and start is not None:
                    runs.append(f"{start + 4} {side - line - 5} {place - start} 1 re")
                    start = None
        pen.saveState()
        pen.translate(x - 2 * mm, y)
        pen.scale(QR_SIZE / side, QR_SIZE / side)
        pen.setFillGray(1)
        pen.rect(0, 0, side, side, stroke=0, fill=1)
        pen.setFillGray(0)
        # In units of one module every number is a short integer.
        pen.addLiteral(f"{' '.join(runs)} f")
        pen.restoreState()

    def draw(self, pages: int) -> int:
        """Draw everything; return the number of pages it took."""
        self.pages = pages
        self.frame()
        self.heading()
        self.title()
        self.holder()
        self.table()
        self.foot()
        return self.canvas.getPageNumber()

    def close(self) -> bytes:
        """Finish the document and return its bytes."""
        self.canvas.setTitle(f"{wording.HEADING.capitalize()} {self.facts['number']}")
        self.canvas.setAuthor(self.facts["facility"])
        self.canvas.setSubject(shown(self.facts["code"]))
        self.canvas.setCreator("Vuon Xa")
        self.canvas.save()
        return self.buffer.getvalue()


def render(facts: dict) -> bytes:
    """Return the PDF of a certificate from its frozen *facts* alone.

    Dates come from the facts, the fonts from the pinned package: two renders on one stack are
    equal byte for byte. The stored file, not a later render, is the document.
    """
    faces = fonts.load()
    sheet = _Sheet(facts, faces)
    pages = sheet.draw(pages=1)
    if pages > 1:
        # How many pages there are is known after the first pass; the second prints it.
        sheet = _Sheet(facts, faces)
        sheet.draw(pages=pages)
    return sheet.close()
