"""Pure: a writer of tagged PDF/A-2b (ISO 19005-2) for text, lines and modules; equal input, equal bytes.

It knows only what certificates and reports need. What never changes from one document to the next (faces,
colour profile) is made once in a process, so that a page takes less than a millisecond.
"""

import hashlib
import struct
import zlib
from datetime import datetime
from functools import lru_cache
from xml.sax.saxutils import escape

from .fonts import Embedded, embedded

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
CATALOG, PAGES, INFO, METADATA, INTENT, PROFILE, TREE, PARENTS = range(1, 9)
FACES = {"regular": ("F1", 9), "bold": ("F2", 14)}
SHARED = 19
"""The number of the stream that holds what all documents with the same letters say alike."""
FIRST = 20
"""The number of the first object that differs from document to document."""
ROW = struct.Struct(">BIH")
"""A line of the table of objects: 1, its place, 0; or 2, the stream it is packed in, which one there."""
ROW_WIDTHS = "/W[1 4 2]"
LEVEL = 5
"""Of deflating a page: a fiftieth more bytes than at 6, in two thirds of the time."""
TOGETHER = 500
"""Objects packed in one stream: a reader opens all of them for one."""
SLANT = 0.2


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def pdf_text(value: str) -> str:
    """*value* as a PDF text string: UTF-16 in hexadecimal."""
    return f"<FEFF{value.encode('utf-16-be').hex().upper()}>"


def pdf_date(moment: datetime) -> str:
    """*moment* as a PDF date with its zone."""
    zone = moment.strftime("%z") or "+0000"
    return f"(D:{moment:%Y%m%d%H%M%S}{zone[:3]}'{zone[3:]}')"


def profile() -> bytes:
    """An RGB colour profile with the primaries of sRGB (ICC.1, version 2.1), made here: 0.4 kB and no date."""

    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    words = b"RGB, sRGB primaries, gamma 2.2"
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, 0x0233) + bytes(2)
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(words) + 1) + words + bytes(1 + 8 + 3 + 67),
        b"cprt": b"text" + bytes(4) + b"No rights reserved\0",
        b"wtpt": b"XYZ " + bytes(4) + fixed(0.9505, 1, 1.0891),
        b"rXYZ": b"XYZ " + bytes(4) + fixed(0.4361, 0.2225, 0.0139),
        b"gXYZ": b"XYZ " + bytes(4) + fixed(0.3851, 0.7169, 0.0971),
        b"bXYZ": b"XYZ " + bytes(4) + fixed(0.1431, 0.0606, 0.7141),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    places, body, offset = {}, b"", 128 + 4 + 12 * len(tags)
    for data in tags.values():
        if data not in places:
            places[data] = offset + len(body)
            body += data + bytes(-len(data) % 4)
    table = b"".join(name + struct.pack(">II", places[data], len(data)) for name, data in tags.items())
    whole = struct.pack(">I", len(tags)) + table + body
    head = struct.pack(">I4sI", 128 + len(whole), bytes(4), 0x02100000) + b"mntrRGB XYZ "
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    return (head + fixed(0.9642, 1, 0.8249)).ljust(128, b"\0") + whole


def _stream(data: bytes, entries: str = "", *, deflated: bool = False) -> bytes:
    data = data if deflated else zlib.compress(data, 9)
    return f"<</Filter/FlateDecode/Length {len(data)}{entries}>>stream\n".encode() + data + b"\nendstream"


class _Laid:
    """Objects laid one after another, and a row for each that tells where it lies."""

    def __init__(self, start: bytes, rows: dict[int, bytes]):
        self.parts, self.place, self.rows = [start], len(start), dict(rows)

    def put(self, number: int, body: bytes) -> None:
        """Lay an object open: streams must, and so does what a signature changes."""
        self.rows[number] = ROW.pack(1, self.place, 0)
        self._add(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    def pack(self, number: int, objects: list[tuple[int, str]]) -> None:
        """Lay *objects*, no streams, deflated into one stream (ISO 32000-1, 7.5.7)."""
        heads, place = [], 0
        for index, (inner, body) in enumerate(objects):
            self.rows[inner] = ROW.pack(2, number, index)
            heads.append(f"{inner} {place}")
            place += len(body) + 1
        head = " ".join(heads) + "\n"
        data = (head + "\n".join([body for _inner, body in objects])).encode("ascii")
        entries = f"/Type/ObjStm/N {len(objects)}/First {len(head)}"
        self.put(number, _stream(zlib.compress(data, 6), entries, deflated=True))

    def finish(self, number: int, name: str) -> bytes:
        """Return everything, closed by the table of objects as a stream (ISO 32000-1, 7.5.8)."""
        start, size = self.place, number + 1
        self.rows[number] = ROW.pack(1, start, 0)
        table = zlib.compress(ROW.pack(0, 0, 65535) + b"".join([self.rows[one] for one in range(1, size)]), 9)
        self._add(
            f"{number} 0 obj\n<</Type/XRef/Size {size}{ROW_WIDTHS}/Root {CATALOG} 0 R/Info {INFO} 0 R"
            f"/ID[<{name}><{name}>]/Filter/FlateDecode/Length {len(table)}>>stream\n".encode()
        )
        self._add(table + f"\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n".encode())
        return b"".join(self.parts)

    def _add(self, part: bytes) -> None:
        self.parts.append(part)
        self.place += len(part)


def _unicode_map(face: Embedded) -> bytes:
    # Of characters that share a glyph the lowest is read back: a space, not the one that never breaks.
    read = {glyph: code for code, glyph in sorted(face.codes.items(), reverse=True)}
    lines = [f"<{glyph}> <{code:04X}>" for glyph, code in sorted(read.items())]
    parts = [lines[start : start + 100] for start in range(0, len(lines), 100)]
    body = "\n".join(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar" for part in parts)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <FFFF> endcodespacerange\n{body}\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode()


@lru_cache(maxsize=8)
def _static(more: frozenset[str]) -> tuple[bytes, dict[int, bytes]]:
    """The header and every object that all documents with these letters share, and the rows of these."""
    laid = _Laid(HEADER, {})
    laid.put(PROFILE, _stream(profile(), "/N 3"))
    shared = [
        (
            INTENT,
            "<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)"
            f"/DestOutputProfile {PROFILE} 0 R>>",
        )
    ]
    for role, (_name, first) in FACES.items():
        face = embedded(role, more)
        name = face.name
        shared += [
            (
                first,
                f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H"
                f"/DescendantFonts[{first + 1} 0 R]/ToUnicode {first + 4} 0 R>>",
            ),
            (
                first + 1,
                f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}/CIDToGIDMap/Identity"
                "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
                f"/FontDescriptor {first + 2} 0 R/DW 500/W[0[{' '.join(map(str, face.glyph_widths))}]]>>",
            ),
            (
                first + 2,
                f"<</Type/FontDescriptor/FontName/{name}/Flags 4/ItalicAngle 0/StemV {140 if face.bold else 80}"
                f"/FontBBox[{' '.join(map(str, face.box))}]/Ascent {face.ascent}/Descent {face.descent}"
                f"/CapHeight {face.cap_height}/FontFile2 {first + 3} 0 R>>",
            ),
        ]
        laid.put(first + 3, _stream(face.file, f"/Length1 {face.file_size}", deflated=True))
        laid.put(first + 4, _stream(_unicode_map(face)))
    laid.pack(SHARED, shared)
    return b"".join(laid.parts), laid.rows


def wrap(text: str, face: Embedded, size: float, width: float) -> list[str]:
    """Break *text* into lines no wider than *width* points; a word too long is cut."""
    return list(_wrapped(text, face, size, width))


@lru_cache(maxsize=4096)
def _wrapped(text: str, face: Embedded, size: float, width: float) -> tuple[str, ...]:
    """What a class of three hundred has in common is broken once."""
    if "\n" not in text and "\t" not in text and "  " not in text and face.width(text, size) <= width:
        return (text.strip(),)
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if face.width(longer, size) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        while face.width(word, size) > width:
            cut = len(word) - 1
            while cut > 1 and face.width(word[:cut], size) > width:
                cut -= 1
            lines.append(word[:cut])
            word = word[cut:]
        line = word
    return (*lines, line) if line or not lines else tuple(lines)


@lru_cache(maxsize=8192)
def _line(drawn: Embedded, face: str, x, y, text: str, size, grey, align: str) -> str:
    """The operators of one line; of three hundred certificates of a class most lines are the same."""
    if align != "left":
        x -= {"center": 0.5, "right": 1}[align] * drawn.width(text, size)
    name = "F2" if face == "bold" else "F1"
    place = f"1 0 {SLANT:g} 1 {x:.2f} {y:.2f} Tm" if face == "slanted" else f"{x:.2f} {y:.2f} Td"
    line = f"BT/{name} {size:g} Tf {place}<{drawn.encode(text)}>Tj ET"
    return f"{grey:g} g {line} 0 g" if grey else line


class Paper:
    """A document being written, page by page, from top to bottom.

    What is drawn belongs to the open element of the structure, or is an artifact where none is
    open. Coordinates are points from the lower left corner.
    """

    def __init__(self, width: float, height: float, more: frozenset[str] = frozenset()):
        self.width, self.height, self.more = width, height, more
        self.faces = {role: embedded(role, more) for role in FACES}
        self.pages: list[list[str]] = []
        self.marks: list[list[int]] = []
        self.elements: list[dict] = [{"tag": "Document", "up": None, "kids": []}]
        self.open = [0]
        self.marked = False
        self.images: dict[str, bytes] = {}
        self.new_page()

    # -- structure --------------------------------------------------------------------------

    def new_page(self) -> None:
        """Begin a page; no element with content of its own may be open."""
        self.pages.append([])
        self.marks.append([])
        self.out = self.pages[-1].append

    def begin(self, tag: str, more: str = "") -> None:
        """Open an element that holds others."""
        self.elements.append({"tag": tag, "up": self.open[-1], "kids": [], "more": more})
        self.elements[self.open[-1]]["kids"].append(len(self.elements) - 1)
        self.open.append(len(self.elements) - 1)

    def end(self) -> None:
        """Close the youngest open element."""
        self.open.pop()

    def mark(self, tag: str, more: str = "") -> None:
        """Open an element whose content is drawn next."""
        self.begin(tag, more)
        here = self.marks[-1]
        self.elements[-1]["mark"] = (len(self.pages) - 1, len(here))
        self.out(f"/{tag}<</MCID {len(here)}>>BDC")
        here.append(len(self.elements) - 1)
        self.marked = True

    def unmark(self) -> None:
        """Close it."""
        self.out("EMC")
        self.end()
        self.marked = False

    # -- drawing ----------------------------------------------------------------------------

    def draw(self, operators: str) -> None:
        """Put in operators that draw."""
        self.out(operators if self.marked else f"/Artifact BMC\n{operators}\nEMC")

    def text(self, x, y, text, size, face="regular", grey=0.0, align="left") -> None:
        """Write one line literally, from *x* on, around it or up to it: no markup is ever read in it."""
        self.draw(_line(self.face(face), face, x, y, text, size, grey, align))

    def face(self, face: str) -> Embedded:
        """The face that draws "regular", "bold" or "slanted" text."""
        return self.faces["bold" if face == "bold" else "regular"]

    # -- finishing --------------------------------------------------------------------------

    def close(self, *, title: str, author: str, subject: str, made_at: datetime, seed: bytes) -> bytes:
        """Return the document; *seed* gives it its identity."""
        laid = _Laid(*_static(self.more))
        first_page, first_element = FIRST, FIRST + 2 * len(self.pages)
        first_image = first_element + len(self.elements)
        # The catalog and the pages lie open: the signature says them anew.
        laid.put(
            CATALOG,
            f"<</Type/Catalog/Pages {PAGES} 0 R/Lang(vi-VN)/MarkInfo<</Marked true>>/Metadata {METADATA} 0 R"
            f"/OutputIntents[{INTENT} 0 R]/StructTreeRoot {TREE} 0 R"
            "/ViewerPreferences<</DisplayDocTitle true>>>>".encode(),
        )
        kids = " ".join(f"{first_page + 2 * page} 0 R" for page in range(len(self.pages)))
        laid.put(
            PAGES,
            f"<</Type/Pages/Count {len(self.pages)}/Kids[{kids}]"
            f"/MediaBox[0 0 {self.width:.2f} {self.height:.2f}]>>".encode(),
        )
        xmp = _xmp(title, author, subject, made_at)
        laid.put(METADATA, b"<</Type/Metadata/Subtype/XML/Length %d>>stream\n%b\nendstream" % (len(xmp), xmp))
        fonts = "".join(f"/{name} {number} 0 R" for name, number in FACES.values())
        drawn = "".join(f"/{name} {first_image + i} 0 R" for i, name in enumerate(self.images))
        pictures = f"/XObject<<{drawn}>>" if drawn else ""
        for page, content in enumerate(self.pages):
            number = first_page + 2 * page
            laid.put(
                number,
                f"<</Type/Page/Parent {PAGES} 0 R/Resources<</Font<<{fonts}>>{pictures}>>"
                f"/Contents {number + 1} 0 R/StructParents {page}/Tabs/S>>".encode(),
            )
            data = zlib.compress("\n".join(content).encode(), LEVEL)
            laid.put(number + 1, _stream(data, deflated=True))
        for number, picture in enumerate(self.images.values()):
            laid.put(first_image + number, picture)
        date = pdf_date(made_at)
        info = (
            f"<</Title{pdf_text(title)}/Author{pdf_text(author)}/Subject{pdf_text(subject)}/Creator(Vuon Xa)"
            f"/Producer(Vuon Xa)/CreationDate{date}/ModDate{date}>>"
        )
        packed = [(INFO, info), *self._structure(first_page, first_element)]
        number = first_image + len(self.images)
        for start in range(0, len(packed), TOGETHER):
            laid.pack(number, packed[start : start + TOGETHER])
            number += 1
        # Half of it tells the document apart, the other half this version of it.
        return laid.finish(number, hashlib.sha256(seed).hexdigest()[:32].upper())

    def _structure(self, first_page: int, first_element: int) -> list[tuple[int, str]]:
        """The tree of elements, and which of them each mark on each page belongs to."""
        pages = " ".join(
            f"{page}[{' '.join([f'{first_element + one} 0 R' for one in marks])}]"
            for page, marks in enumerate(self.marks)
        )
        found = [
            (TREE, f"<</Type/StructTreeRoot/K {first_element} 0 R/ParentTree {PARENTS} 0 R>>"),
            (PARENTS, f"<</Nums[{pages}]>>"),
        ]
        for number, one in enumerate(self.elements):
            up = TREE if one["up"] is None else first_element + one["up"]
            if "mark" in one:
                page, mark = one["mark"]
                inside = f"/Pg {first_page + 2 * page} 0 R/K {mark}"
            else:
                inside = f"/K[{' '.join([f'{first_element + kid} 0 R' for kid in one['kids']])}]"
            found.append(
                (first_element + number, f"<</S/{one['tag']}/P {up} 0 R{inside}{one.get('more', '')}>>")
            )
        return found


def _xmp(title: str, author: str, subject: str, made_at: datetime) -> bytes:
    moment = made_at.isoformat(timespec="seconds")
    title, author, subject = (escape(text) for text in (title, author, subject))
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"'
        ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
        "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
        f"<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>"
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>'
        "<dc:language><rdf:Bag><rdf:li>vi-VN</rdf:li></rdf:Bag></dc:language>"
        f"<xmp:CreatorTool>Vuon Xa</xmp:CreatorTool><xmp:CreateDate>{moment}</xmp:CreateDate>"
        f"<xmp:ModifyDate>{moment}</xmp:ModifyDate><pdf:Producer>Vuon Xa</pdf:Producer>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()
