"""Pure: the serif faces that certificates embed, how wide their letters are, and what they can print."""

import io
import zlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from fontTools import subset
from fontTools.ttLib import TTFont

PACKAGE = "font_source_serif_pro"
# Its italic faces lack 98 Vietnamese letters; slanted text is the regular face, slanted by drawing.
FACES = {"regular": "SourceSerifPro-Regular.ttf", "bold": "SourceSerifPro-Bold.ttf"}

_VOWELS = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"
# The letters Vietnamese adds to ASCII, small and capital: 134.
VIETNAMESE = frozenset(c for c in _VOWELS + _VOWELS.upper() if not c.isascii())
# What every certificate embeds; a document with other letters brings a part of the face of its own.
USUAL = frozenset(map(chr, range(0x20, 0x7F))) | VIETNAMESE | frozenset("\u00a0«»°·×–—‘’“”…")


class Unprintable(ValueError):
    """The face has no glyph for a character: nothing is drawn rather than a word with a hole."""


class _Codes(dict):
    """Code point -> four hexadecimal digits of its glyph."""

    def __missing__(self, code: int):
        raise Unprintable(f"no glyph for {chr(code)!r}")


@dataclass(frozen=True, eq=False)
class Embedded:
    """The part of a face that a document embeds: the font file and how characters become glyphs."""

    name: str
    file: bytes  # deflated
    file_size: int
    codes: dict[int, str]
    widths: dict[str, float]  # of 1000 to the em
    glyph_widths: tuple[int, ...]
    box: tuple[int, int, int, int]
    ascent: int
    descent: int
    cap_height: int
    bold: bool

    def width(self, text: str, size: float) -> float:
        """How wide *text* is, in points."""
        return _width(self, text) * size / 1000

    def encode(self, text: str) -> str:
        """The glyphs of *text* as hexadecimal digits; raises :class:`Unprintable`."""
        return _encoded(self, text)


@lru_cache(maxsize=8192)
def _width(face: Embedded, text: str) -> float:
    try:
        return sum(map(face.widths.__getitem__, text))
    except KeyError as error:
        raise Unprintable(f"no glyph for {error.args[0]!r}") from error


@lru_cache(maxsize=8192)
def _encoded(face: Embedded, text: str) -> str:
    return text.translate(face.codes)


@dataclass(frozen=True)
class Fonts:
    """The two faces, whole."""

    regular: bytes
    bold: bytes
    known: frozenset[str]

    def missing(self, text: str) -> str:
        """Return the characters of *text* that one of the faces cannot print, in order."""
        return "".join(sorted(set(text) - self.known))


@lru_cache(maxsize=1)
def load() -> Fonts:
    """Read the faces of the pinned font package once in this process."""
    return read(FACES)


def read(faces: dict[str, str]) -> Fonts:
    """Read *faces* of the package; known is what both can print."""
    files, known = {}, []
    for role, name in faces.items():
        files[role] = (resources.files(PACKAGE) / "files" / name).read_bytes()
        known.append({chr(code) for code in TTFont(io.BytesIO(files[role]), lazy=True).getBestCmap()})
    return Fonts(**files, known=frozenset(set.intersection(*known)))


@lru_cache(maxsize=32)
def embedded(role: str, more: frozenset[str] = frozenset()) -> Embedded:
    """The part of a face with the usual letters and *more*; the same bytes for the same pinned packages."""
    font = TTFont(io.BytesIO(getattr(load(), role)), recalcTimestamp=False)
    options = subset.Options(
        hinting=False, layout_features=[], name_IDs=[0, 6, 13], notdef_outline=True, recalc_timestamp=False
    )
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "DSIG", "BASE", "STAT", "MATH"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted(ord(c) for c in USUAL | more))
    cutter.subset(font)
    order = {name: number for number, name in enumerate(font.getGlyphOrder())}
    glyphs = {code: order[name] for code, name in font.getBestCmap().items()}
    out = io.BytesIO()
    font.save(out)
    scale, head = 1000 / font["head"].unitsPerEm, font["head"]
    metrics = [round(font["hmtx"][name][0] * scale) for name in font.getGlyphOrder()]
    tag = (
        "VXUSUA"
        if not more
        else "VX" + "".join(chr(65 + ord(c) % 26) for c in sorted(more)[:4]).ljust(4, "X")
    )
    return Embedded(
        name=f"{tag}+{font['name'].getDebugName(6)}",
        file=zlib.compress(out.getvalue(), 9),
        file_size=len(out.getvalue()),
        codes=_Codes({code: f"{glyph:04X}" for code, glyph in glyphs.items()}),
        widths={chr(code): metrics[glyph] for code, glyph in glyphs.items()},
        glyph_widths=tuple(metrics),
        box=tuple(round(value * scale) for value in (head.xMin, head.yMin, head.xMax, head.yMax)),
        ascent=round(font["hhea"].ascent * scale),
        descent=round(font["hhea"].descent * scale),
        cap_height=round(font["OS/2"].sCapHeight * scale),
        bold=role == "bold",
    )
