"""Pure: the serif faces that certificates embed, and which characters they can print."""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

PACKAGE = "font_source_serif_pro"
# Its italic faces lack 98 Vietnamese letters; slanted text is the regular face, slanted by drawing.
FACES = {"regular": "SourceSerifPro-Regular.ttf", "bold": "SourceSerifPro-Bold.ttf"}

_VOWELS = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"
# The letters Vietnamese adds to ASCII, small and capital: 134.
VIETNAMESE = frozenset(c for c in _VOWELS + _VOWELS.upper() if not c.isascii())


@dataclass(frozen=True)
class Fonts:
    """Names under which the two faces are known to reportlab."""

    regular: str
    bold: str

    def missing(self, text: str) -> str:
        """Return the characters of *text* that one of the faces cannot print, in order."""
        glyphs = [pdfmetrics.getFont(name).face.charToGlyph for name in (self.regular, self.bold)]
        return "".join(sorted({c for c in text if not all(ord(c) in known for known in glyphs)}))


@lru_cache(maxsize=1)
def load() -> Fonts:
    """Register the faces of the pinned font package once in this process; return their names.

    reportlab leaves out a glyph that a face lacks without a word, so callers ask
    :meth:`Fonts.missing` before they promise a document.
    """
    return register("LmsSerif", FACES)


def register(prefix: str, faces: dict[str, str]) -> Fonts:
    """Register *faces* of the package under names of our own; a name is good for one file only."""
    folder = resources.files(PACKAGE) / "files"
    for role, file in faces.items():
        with resources.as_file(folder / file) as path:
            pdfmetrics.registerFont(TTFont(f"{prefix}-{role}", str(path)))
    return Fonts(*(f"{prefix}-{role}" for role in faces))
