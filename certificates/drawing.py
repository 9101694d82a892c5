"""Pure: the facts of a certificate become the bytes of an A4 page; same facts, same bytes."""

import math
from datetime import datetime

from lms import fonts
from lms.paper import Paper, pdf_text, wrap

from . import qr, wording
from .facts import canonical, shown
from .pictures import Picture

MM = 72 / 25.4
WIDTH, HEIGHT = 210 * MM, 297 * MM
LEFT, RIGHT = 22 * MM, WIDTH - 20 * MM
TOP, BOTTOM = HEIGHT - 19 * MM, 17 * MM
COLUMN_WIDTHS = [32, 92, 140, 93, 74, 45]
PAD = 4
QR_SIZE = 32 * MM
"""With the four white modules around it: 25 mm of modules at the least."""
FOOT_HEIGHT = 77 * MM
"""At the least: with long words of an issuer it is higher."""
STAMP_HEIGHT = 29 * MM
"""Between the words under the office and the name, for a signature and a stamp of 35 mm with them."""
TOTAL_HEIGHT = 22
LOGO_BOX = (40 * MM, 16 * MM)
"""Between the number and the title, where the form leaves white."""
WHITE = {"title": 26 * MM, "titled": 17, "field": 21, "foot": 10 * MM}
"""Left above the title, below it, between the lines about the holder, and above place and date."""
CLOSER = {"title": 20 * MM, "titled": 10, "field": 17, "foot": 6 * MM}
"""The same where that keeps a certificate on one page; its logo is so much lower."""
SPARED = sum(WHITE.values()) - sum(CLOSER.values()) + 2 * (WHITE["field"] - CLOSER["field"])


class _Spread(Exception):
    """Drawn as wide as usual, the end of the document just misses its only page."""


class _Sheet:
    """One certificate on its way to paper, and the height still free on the page."""

    def __init__(
        self, facts: dict, more: frozenset[str], picture: Picture | None = None, white: dict = WHITE
    ):
        self.facts, self.picture, self.white = facts, picture, white
        self.design = facts.get("design", {})
        self.bilingual = facts["language"] == "en"
        self.paper = Paper(WIDTH, HEIGHT, more)
        self.font = self.paper.face
        self.page = self.pages = 1
        self.y = TOP
        self.continuations: list[tuple[int, int, float]] = []
        """On each further page: its number, and where and how high the lines stand that count the pages."""

    # -- words ------------------------------------------------------------------------------

    def text(self, x, y, text, size, face="regular", align="left", grey=0.0):
        """Write one line literally: no markup is ever read in it."""
        self.paper.text(x, y, text, size, face, grey, align)

    def line(self, x, y, text, size, face="regular", align="left", grey=0.0, tag="P"):
        """Write one line that is a paragraph by itself."""
        self.paper.mark(tag)
        self.text(x, y, text, size, face, align, grey)
        self.paper.unmark()

    def column(self, x, y, width, text, size, face="regular", leading=1.25, grey=0.0):
        """Write a paragraph of centred lines downwards from *y*; return the baseline below the last."""
        self.paper.mark("P")
        for line in wrap(text, self.font(face), size, width):
            self.text(x, y, line, size, face, "center", grey)
            y -= size * leading
        self.paper.unmark()
        return y

    def stroke(self, width, *operators, grey=0.0):
        """Draw lines and rectangles that mean nothing."""
        self.paper.draw(f"{grey:g} G {width:g} w {' '.join(operators)} S")

    # -- parts ------------------------------------------------------------------------------

    def frame(self):
        """Draw what every page has: a double line around it, and the word SAMPLE across it."""
        if self.facts["sample"]:
            # Said once to whoever listens to the document; on further pages a table is open.
            if self.page == 1:
                self.paper.mark("P")
            cos, sin = math.cos(math.radians(52)), math.sin(math.radians(52))
            turn = f"{cos:.4f} {sin:.4f} {-sin:.4f} {cos:.4f} {WIDTH / 2:.2f} {HEIGHT / 2:.2f} cm"
            self.paper.draw(f"q {turn}")
            self.text(0, -14, wording.SAMPLE, 44, "bold", "center", grey=0.89)
            self.paper.draw("Q")
            if self.page == 1:
                self.paper.unmark()
        for inset, width in ((11 * MM, 1.1), (12.4 * MM, 0.35)):
            self.stroke(
                width,
                f"{inset:.2f} {inset:.2f} {WIDTH - 2 * inset:.2f} {HEIGHT - 2 * inset:.2f} re",
                grey=0.25,
            )

    def heading(self):
        """Draw the issuer at the left, the state and its motto at the right, the number beneath."""
        facts = self.facts
        left, right, top = LEFT + 36 * MM, RIGHT - 45 * MM, TOP - 5
        y = top
        if facts["governing_body"]:
            y = self.column(left, y, 74 * MM, facts["governing_body"].upper(), 10.5)
        y = self.column(
            left, y, 74 * MM, (self.design.get("heading") or facts["facility"]).upper(), 10.5, "bold"
        )
        for name in ("governing_body_en", "heading_en"):
            if self.bilingual and name in self.design:
                y = self.column(left, y + 1, 74 * MM, self.design[name], 8, "slanted")
        rule = f"{left - 14 * MM:.2f} {y + 7:.2f} m {left + 14 * MM:.2f} {y + 7:.2f} l"
        y -= 9
        label = wording.NUMBER[0] if not self.bilingual else f"Số/{wording.NUMBER[1]}: "
        below = self.column(left, y, 74 * MM, label + facts["number"], 11)
        motto_y = self.column(right, top, 95 * MM, wording.STATE[0], 10.5, "bold")
        self.line(right, motto_y, wording.STATE[1], 11.5, "bold", "center")
        half = self.font("bold").width(wording.STATE[1], 11.5) / 2
        self.stroke(
            0.7,
            rule,
            f"{right - half:.2f} {motto_y - 4:.2f} m {right + half:.2f} {motto_y - 4:.2f} l",
        )
        if self.bilingual:
            self.line(right, motto_y - 15, wording.STATE_EN[0], 8, "slanted", "center")
            self.line(right, motto_y - 25, wording.STATE_EN[1], 8, "slanted", "center")
        if self.picture:
            self.logo(self.picture, left, below + 5)
        self.y = min(y, motto_y) - self.white["title"]

    def logo(self, picture: Picture, middle, top):
        """Draw the logo of the issuer, as large as its box lets it be."""
        high = LOGO_BOX[1] - (WHITE["title"] - self.white["title"])
        scale = min(LOGO_BOX[0] / picture.width, high / picture.height)
        width, height = picture.width * scale, picture.height * scale
        x, y = middle - width / 2, top - height
        box = f"{x:.2f} {y:.2f} {x + width:.2f} {top:.2f}"
        alternative = pdf_text(wording.LOGO.format(issuer=self.facts["facility"]))
        self.paper.images["L1"] = picture.data
        self.paper.mark("Figure", f"/Alt{alternative}/A<</O/Layout/BBox[{box}]>>")
        self.paper.draw(f"q {width:.3f} 0 0 {height:.3f} {x:.2f} {y:.2f} cm/L1 Do Q")
        self.paper.unmark()

    def title(self):
        """Draw the name of the document."""
        lines, _certified, english, _ = wording.TITLES[self.facts["kind"]]
        if own := self.design.get("title"):
            lines = wrap(own.upper(), self.font("bold"), 13, RIGHT - LEFT)
        english = self.design.get("title_en") or english
        middle = (LEFT + RIGHT) / 2
        self.line(middle, self.y, wording.HEADING, 24, "bold", "center", tag="H1")
        self.y -= 23
        self.paper.mark("P")
        for line in lines:
            self.text(middle, self.y, line, 13, "bold", "center")
            self.y -= 17
        self.paper.unmark()
        if self.bilingual:
            self.line(middle, self.y, english, 11, "slanted", "center")
            self.y -= 12
        self.y -= self.white["titled"]

    def holder(self):
        """Draw who is certified: name, birth, workplace, and what was completed."""
        holder = self.facts["holder"]
        birth = "birth" if "/" in holder["birth"] else "birth_year"
        before, label, english = wording.LABELS["holder"]
        self.field(f"{before}  {label}  ", holder["name"], english, bold=True)
        self.field(f"{wording.LABELS[birth][0]}  ", holder["birth"], wording.LABELS[birth][1])
        self.field(f"{wording.LABELS['workplace'][0]}  ", holder["workplace"], wording.LABELS["workplace"][1])
        _lines, certified, _title, english = wording.TITLES[self.facts["kind"]]
        certified = self.design.get("certified") or certified
        english = self.design.get("certified_en") or english
        self.paper.mark("P")
        for line in wrap(certified, self.font("regular"), 13, RIGHT - LEFT):
            self.text(LEFT, self.y, line, 13)
            self.y -= 17
        self.paper.unmark()
        if self.bilingual:
            self.line(LEFT, self.y + 4, english, 9.5, "slanted")
            self.y -= 9

    def field(self, label, value, english, bold=False):
        """Draw a label and its value; a long value wraps under its own beginning."""
        indent = self.font("regular").width(label, 13)
        face, size = ("bold", 14) if bold else ("regular", 13)
        self.paper.mark("P")
        self.text(LEFT, self.y, label, 13)
        for number, line in enumerate(wrap(value, self.font(face), size, RIGHT - LEFT - indent)):
            if number:
                self.y -= 17
            self.text(LEFT + indent, self.y, line, size, face)
        self.paper.unmark()
        if self.bilingual:
            self.y -= 11
            self.line(LEFT, self.y, english, 9, "slanted")
        self.y -= self.white["field"]

    def new_page(self):
        """Close this page; the next begins with whose certificate it goes on with."""
        self.paper.new_page()
        self.page += 1
        self.frame()
        self.y = TOP - 6
        self.continuations.append((self.page, len(self.paper.pages[-1]), self.y))
        # Said once already to whoever listens to the document.
        for line in self.continued(self.page, self.pages):
            self.text(LEFT, self.y, line, 10, "slanted")
            self.y -= 13
        self.y -= 6

    def continued(self, page: int, pages: int) -> list[str]:
        """The lines that say whose certificate goes on, and on which of how many pages."""
        number, name = self.facts["number"], self.facts["holder"]["name"]
        text = wording.CONTINUED.format(number=number, name=name, page=page, pages=pages)
        return wrap(text, self.font("regular"), 10, RIGHT - LEFT)

    def recount(self) -> bool:
        """Write the number of pages, known only now, where another stands; False where it takes other lines."""
        pages, marked = self.page, self.paper.marked
        self.paper.marked = False
        for page, place, y in self.continuations:
            lines, drawn = self.continued(page, pages), self.paper.pages[page - 1]
            if len(lines) != len(self.continued(page, self.pages)):
                return False
            fresh: list[str] = []
            self.paper.out = fresh.append
            for number, line in enumerate(lines):
                self.text(LEFT, y - 13 * number, line, 10, "slanted")
            drawn[place : place + len(lines)] = fresh
        self.pages, self.paper.marked = pages, marked
        return True

    # -- table ------------------------------------------------------------------------------

    def cells(self, texts, size, face, english=None):
        """Wrap the texts of one row; return their lines and the height they need."""
        lines = [
            wrap(text, self.font(face), size, width - 2 * PAD)
            for text, width in zip(texts, COLUMN_WIDTHS, strict=True)
        ]
        under = [
            wrap(text, self.font("regular"), size - 2, width - 2 * PAD) if text else []
            for text, width in zip(english or [""] * len(texts), COLUMN_WIDTHS, strict=True)
        ]
        height = max(
            len(a) * size * 1.22 + len(b) * (size - 2) * 1.22 for a, b in zip(lines, under, strict=True)
        )
        return lines, under, height + 2 * PAD

    def row(self, row, size, face, centred, tag="TD"):
        """Draw one wrapped row and its lines; without *tag* it repeats what was said."""
        lines, under, height = row
        x = LEFT
        boxes = []
        if tag:
            self.paper.begin("TR")
        for index, width in enumerate(COLUMN_WIDTHS):
            boxes.append(f"{x:.2f} {self.y - height:.2f} {width} {height:.2f} re")
            used = len(lines[index]) * size * 1.22 + len(under[index]) * (size - 2) * 1.22
            y = self.y - PAD - size * 0.95 - ((height - 2 * PAD - used) / 2 if centred[index] else 0)
            place, align = (x + width / 2, "center") if centred[index] else (x + PAD, "left")
            if tag:
                self.paper.mark(tag, "/A<</O/Table/Scope/Column>>" if tag == "TH" else "")
            for line in lines[index]:
                self.text(place, y, line, size, face, align)
                y -= size * 1.22
            for line in under[index]:
                self.text(place, y + 1, line, size - 2, "slanted", align)
                y -= (size - 2) * 1.22
            if tag:
                self.paper.unmark()
            x += width
        if tag:
            self.paper.end()
        self.stroke(0.5, *boxes)
        self.y -= height

    def table(self):
        """Draw the activities, breaking pages between rows, and their total."""
        english = [column[1] for column in wording.COLUMNS] if self.bilingual else None
        self.header = self.cells([column[0] for column in wording.COLUMNS], 10, "bold", english)
        self.paper.begin("Table")
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
            height = row[2] + (TOTAL_HEIGHT + self.foot_height() if last_one else 0)
            if number == 1:
                # The heading of the table stands above a row, also where that goes to the next page.
                self.room_for(self.header[2] + height, last_one)
                self.row(self.header, 10, "bold", [True] * 6, "TH")
            elif self.room_for(height, last_one):
                self.row(self.header, 10, "bold", [True] * 6, "")
            self.row(row, 10.5, "regular", [True, False, False, False, True, True])
        label = f"{wording.TOTAL[0]} / {wording.TOTAL[1]}" if self.bilingual else wording.TOTAL[0]
        last, whole = COLUMN_WIDTHS[-1], sum(COLUMN_WIDTHS)
        self.stroke(
            0.5,
            f"{LEFT:.2f} {self.y - TOTAL_HEIGHT:.2f} {whole - last} {TOTAL_HEIGHT} re",
            f"{LEFT + whole - last:.2f} {self.y - TOTAL_HEIGHT:.2f} {last} {TOTAL_HEIGHT} re",
        )
        total = wording.hours_text(self.facts["total"])
        self.paper.begin("TR")
        self.paper.mark("TD", f"/A<</O/Table/ColSpan {len(COLUMN_WIDTHS) - 1}>>")
        self.text(LEFT + (whole - last) / 2, self.y - 15, label, 10.5, "bold", "center")
        self.paper.unmark()
        self.line(LEFT + whole - last / 2, self.y - 15, total, 11, "bold", "center", tag="TD")
        self.paper.end()
        self.paper.end()
        self.y -= TOTAL_HEIGHT

    def room_for(self, height, last_one) -> bool:
        """Begin a page where *height* does not fit on this one; return whether one was begun.

        Raises :class:`_Spread` where closer lines may keep the whole document on its one page.
        """
        if self.y - height >= BOTTOM:
            return False
        if last_one and self.page == 1 and self.white is WHITE and self.y + SPARED - height >= BOTTOM:
            raise _Spread
        self.new_page()
        return True

    # -- foot -------------------------------------------------------------------------------

    def closing(self) -> list[tuple[str, float, str]]:
        """The lines of the issuer's own closing sentence: text, size and face."""
        regular = self.font("regular")
        lines: list[tuple[str, float, str]] = []
        if own := self.design.get("closing", ""):
            lines += [(line, 12, "regular") for line in wrap(own, regular, 12, RIGHT - LEFT)]
        if self.bilingual and (english := self.design.get("closing_en")):
            lines += [(line, 9, "slanted") for line in wrap(english, regular, 9, RIGHT - LEFT)]
        return lines

    def block(self) -> list[tuple[str, float, str, float]]:
        """The paragraphs above the signature: text, size, face and the space before."""
        facts, signatory = self.facts, self.facts["signatory"]
        year, month, day = map(int, facts["date"].split("-"))
        found: list[tuple[str, float, str, float]] = [
            (wording.date_line(facts["place"], year, month, day), 12, "slanted", 0)
        ]
        if signatory["prefix"]:
            found += [
                (signatory["prefix"].upper(), 12, "bold", 3),
                (signatory["title"].upper(), 12, "bold", 0),
            ]
        else:
            found += [(signatory["title"].upper(), 12, "bold", 3)]
        if self.bilingual and (english := self.design.get("signatory_title_en")):
            found += [(english, 9, "slanted", 0)]
        return [*found, (wording.SIGN, 10, "slanted", 0)]

    def foot_height(self) -> float:
        """What the foot takes, from the end of the table to the lower margin."""
        closing = sum(size * 1.25 for _line, size, _face in self.closing())
        height = self.white["foot"] + closing + (6 if closing else 0)
        for text, size, face, before in self.block():
            width = 90 * MM if size == 12 and face == "slanted" else 84 * MM
            height += before + len(wrap(text, self.font(face), size, width)) * size * 1.25
        name = len(wrap(self.facts["signatory"]["name"], self.font("bold"), 12.5, 84 * MM)) * 12.5 * 1.25
        left = self.white["foot"] + closing + QR_SIZE + 35
        least = FOOT_HEIGHT - (WHITE["foot"] - self.white["foot"])
        return max(least, max(height + STAMP_HEIGHT + name, left) + len(self.small_lines()) * 11)

    def foot(self):
        """Draw place, date and signatory at the right, QR code and typed code at the left."""
        facts = self.facts
        if closing := self.closing():
            self.y -= 14
            self.paper.mark("P")
            for line, size, face in closing:
                self.text(LEFT, self.y, line, size, face)
                self.y -= size * 1.25
            self.paper.unmark()
            self.y += 8
        y = top = self.y - self.white["foot"]
        middle = RIGHT - 42 * MM
        for number, (text, size, face, before) in enumerate(self.block()):
            y = self.column(middle, y - before, 84 * MM if number else 90 * MM, text, size, face)
        self.column(middle, y - STAMP_HEIGHT, 84 * MM, facts["signatory"]["name"], 12.5, "bold")
        y = top + 9 - QR_SIZE
        self.qr(LEFT - 2 * MM, y)
        self.line(LEFT, y - 11, shown(facts["code"]), 10.5, "bold")
        check = f"{wording.CHECK}{' / ' + wording.CHECK_EN if self.bilingual else ''}:"
        self.paper.mark("P")
        self.text(LEFT, y - 24, check, 8.5)
        self.text(LEFT, y - 35, facts["url"].rpartition("/V/")[0].lower() + "/V", 8.5)
        self.paper.unmark()
        self.small_print()

    def small_lines(self) -> list[str]:
        """What the document is not and what it rests on."""
        lines = wrap(wording.NOT_A_LICENCE, self.font("regular"), 9, RIGHT - LEFT)
        if self.bilingual:
            lines += [wording.NOT_A_LICENCE_EN]
        return lines + wrap(self.facts["legal_basis"], self.font("regular"), 9, RIGHT - LEFT)

    def small_print(self):
        """Draw that at the very bottom."""
        lines = self.small_lines()
        y = BOTTOM + (len(lines) - 1) * 11
        self.paper.mark("P")
        for line in lines:
            self.text(LEFT, y, line, 9, "slanted", grey=0.15)
            y -= 11
        self.paper.unmark()

    def qr(self, x, y):
        """Draw the QR code; the four modules around it stay white."""
        size, path = qr.path(self.facts["url"], self.facts.get("mark", ""))
        module = QR_SIZE / (size + 8)
        box = f"{x:.2f} {y:.2f} {x + QR_SIZE:.2f} {y + QR_SIZE:.2f}"
        alternative = pdf_text(f"{wording.QR} {self.facts['url']}")
        self.paper.mark("Figure", f"/Alt{alternative}/A<</O/Layout/BBox[{box}]>>")
        self.paper.draw(
            f"q 1 g {x:.2f} {y:.2f} {QR_SIZE:.2f} {QR_SIZE:.2f} re f 0 g "
            f"{module:.5f} 0 0 {module:.5f} {x + 4 * module:.3f} {y + 4 * module:.3f} cm\n{path} Q"
        )
        self.paper.unmark()

    def draw(self, pages: int) -> int:
        """Draw everything; return the number of pages it took."""
        self.pages = pages
        self.frame()
        self.heading()
        self.title()
        self.holder()
        self.table()
        self.foot()
        return self.page

    def close(self, seed: bytes) -> bytes:
        """Finish the document and return its bytes; *seed* gives it its identity."""
        return self.paper.close(
            title=f"{wording.HEADING.capitalize()} {self.facts['number']}",
            author=self.facts["facility"],
            subject=shown(self.facts["code"]),
            made_at=datetime.fromisoformat(self.facts["issued_at"]),
            seed=seed,
        )


def render(facts: dict) -> bytes:
    """Return the PDF (tagged, PDF/A-2b) of a certificate from its frozen *facts*, its ``mark`` and its ``picture``.

    ``mark`` is the number of the key and the signature of the code, in digits, as the QR code
    carries them; it may be missing. ``picture`` is the logo that the facts name by its hash; a
    missing or another one raises ValueError. Dates come from the facts, the fonts from the pinned package:
    two renders on one stack are equal byte for byte. The stored file, not a later render, is the
    document. Raises ``fonts.Unprintable`` rather than leaving a letter out.
    """
    facts = dict(facts)
    picture = facts.pop("picture", None)
    named = facts.get("design", {}).get("logo", {}).get("sha256")
    if (picture.sha256 if picture else None) != named:
        raise ValueError("the picture is not the one that the facts name")
    said = canonical(facts)
    text = said.decode()
    letters = set(text) | set(text.upper())
    more = frozenset((letters - fonts.USUAL) & fonts.load().known)
    sheet = _Sheet(facts, more, picture)
    try:
        pages = sheet.draw(pages=1)
    except _Spread:
        sheet = _Sheet(facts, more, picture, CLOSER)
        pages = sheet.draw(pages=1)
    # How many pages there are is known now; only where that moves a line everything is drawn again.
    if pages > 1 and not sheet.recount():
        sheet = _Sheet(facts, more, picture, sheet.white)
        sheet.draw(pages=pages)
    return sheet.close(said)


LIMITS = {
    "governing_body": (74 * MM, 10.5, "regular", 2, True),
    "heading": (74 * MM, 10.5, "bold", 3, True),
    "governing_body_en": (74 * MM, 8, "regular", 2, False),
    "heading_en": (74 * MM, 8, "regular", 2, False),
    "title": (RIGHT - LEFT, 13, "bold", 2, True),
    "title_en": (RIGHT - LEFT, 11, "regular", 1, False),
    "certified": (RIGHT - LEFT, 13, "regular", 2, False),
    "certified_en": (RIGHT - LEFT, 9.5, "regular", 1, False),
    "closing": (RIGHT - LEFT, 12, "regular", 3, False),
    "closing_en": (RIGHT - LEFT, 9, "regular", 3, False),
    "represented": (72 * MM, 12, "bold", 2, True),
    "signatory_title": (84 * MM, 12, "bold", 2, True),
    "signatory_title_en": (84 * MM, 9, "regular", 1, False),
    "signatory_name": (84 * MM, 12.5, "bold", 2, False),
    "place": (44 * MM, 12, "regular", 1, False),
}
"""Of each text that an issuer may set: width, size, face, lines it may take, and whether it is set in capitals."""


def lines_of(name: str, text: str) -> int:
    """How many lines *text* takes in the place of *name*; raises ``fonts.Unprintable``."""
    width, size, face, _most, capitals = LIMITS[name]
    more = frozenset((set(text) | set(text.upper())) - fonts.USUAL) & fonts.load().known
    return len(wrap(text.upper() if capitals else text, fonts.embedded(face, frozenset(more)), size, width))
