"""Pure: Vietnamese names, licence and phone numbers — cleaning, folding, sorting, parsing."""

import re
import unicodedata
from dataclasses import dataclass

# Bidirectional controls, zero-width characters and other invisible format marks
# can make two names look the same; none belongs in a name.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_LICENCE = re.compile(
    r"^(?P<serial>\d{3,7})\s*/\s*(?P<authority>[A-ZĐ0-9.]{2,12})\s*-\s*(?P<kind>CCHN|GPHN)$"
)


def clean(text: str) -> str:
    """Return *text* in NFC, without invisible characters, with single spaces."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if c in "\t\r\n" else c for c in text)
    text = "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE)
    return " ".join(text.split())


def is_of_letters(name: str) -> bool:
    """Return whether a cleaned *name* of a person holds nothing but letters and what stands between them."""
    return all(unicodedata.category(sign)[0] in "LM" or sign in " .,-'’()" for sign in name)


def fold(text: str) -> str:
    """Return *text* in lower case without diacritics: "Đột quỵ" becomes "dot quy"."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    # Old typing habits write the Icelandic ð for đ.
    return " ".join(plain.replace("đ", "d").replace("ð", "d").split())


def spelled(name: str) -> str:
    """Return what tells *name* from another: every letter and tone, wherever in its word the tone mark stands.

    "Hòa" and "Hoà" are one name, "Hà" and "Hạ" are two, and one without its marks is another.
    """
    words = (unicodedata.normalize("NFD", word) for word in clean(name).casefold().split())
    return " ".join(
        "".join([*(c for c in word if c not in _TONES), *sorted(c for c in word if c in _TONES)])
        for word in words
    )


# Order of the Vietnamese alphabet, then of the five tone marks.
_LETTERS = {c: i for i, c in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


def sort_key(full_name: str) -> str:
    """Return a plain ASCII string that sorts people by given name, then the whole name.

    Vietnamese lists go by the last word; letters follow the Vietnamese alphabet and tones
    only decide between otherwise equal words.
    """
    words = clean(full_name).casefold().split()
    return " ".join(_word_key(w) for w in ([words[-1]] + words[:-1] if words else []))


def _word_key(word: str) -> str:
    letters, tones = [], []
    for char in unicodedata.normalize("NFC", word):
        marks = [m for m in unicodedata.normalize("NFD", char) if m in _TONES]
        base = unicodedata.normalize(
            "NFC", "".join(m for m in unicodedata.normalize("NFD", char) if m not in _TONES)
        )
        rank = _LETTERS.get(base)
        letters.append(chr(ord("A") + rank) if rank is not None else base if base.isascii() else "~")
        tones.append(str(_TONES[marks[0]]) if marks else "0")
    return "".join(letters) + "." + "".join(tones)


@dataclass(frozen=True)
class LicenceNumber:
    """A practice licence number taken apart; ``number`` is its normal form."""

    serial: str
    authority: str
    kind: str

    @property
    def number(self) -> str:
        """The normal form, ``008071/ĐL-CCHN``."""
        return f"{self.serial}/{self.authority}-{self.kind}"


def normal_licence(text: str) -> str:
    """Return the text of a licence number in capitals, with plain dashes and no stray spaces."""
    text = re.sub("[\u2010-\u2015\u2212]", "-", clean(text)).upper()
    return re.sub(r"\s*([/-])\s*", r"\1", text)


def parse_licence(text: str) -> LicenceNumber | None:
    """Return the parts of a licence number, or None where it has no known form.

    Callers warn, they never block: authority codes keep changing (``domain`` 1.7).
    """
    match = _LICENCE.match(normal_licence(text))
    return LicenceNumber(match["serial"], match["authority"], match["kind"]) if match else None


def masked(full_name: str) -> str:
    """Return a name for somebody who may be a stranger: "Giàng Thị Mỷ" becomes "G. T. Mỷ"."""
    *before, given = full_name.split() or [""]
    return " ".join([*(f"{word[0]}." for word in before), given])


def normal_phone(text: str) -> str:
    """Return a Vietnamese phone number in digits ("+84 912 …" becomes "0912…"), or "" if it is none.

    A spreadsheet that took the number for a sum has lost the zero before it; it is put back.
    """
    digits = "".join(c for c in text if c not in " .-()\u00a0")
    digits = digits.removeprefix("'")
    if digits.startswith(("+84", "0084")):
        digits = "0" + digits.removeprefix("+84").removeprefix("0084").removeprefix("0")
    elif len(digits) == 11 and digits.startswith("84"):
        digits = "0" + digits[2:]
    elif len(digits) == 9 and not digits.startswith("0"):
        digits = "0" + digits
    return digits if digits.isascii() and digits.isdigit() and 9 <= len(digits) <= 12 else ""
