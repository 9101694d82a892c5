"""Pure: canonical bytes and hashes of what a certificate says, and the codes by which it is found."""

import hashlib
import json
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
CODE_LENGTH = 18
RANDOM_BYTES = 10
_VALUES = {char: value for value, char in enumerate(ALPHABET)}
_DASHES = dict.fromkeys(map(ord, " \t\r\n\u00a0-\u2010\u2011\u2012\u2013\u2014\u2015\u2212_."))
_LOOKALIKES = str.maketrans("OIL", "011")

# GF(32) by x^5 + x^2 + 1: powers of the generator, twice over so that sums of logs need no modulo.
_EXP = [1]
while len(_EXP) < 62:
    _double = _EXP[-1] << 1
    _EXP.append(_double ^ 0b100101 if _double & 0b100000 else _double)
_LOG = {value: power for power, value in enumerate(_EXP[:31])}


class Malformed(ValueError):
    """The text is no certificate code; ``suggestion`` is the code it probably was, or empty."""

    def __init__(self, suggestion: str = ""):
        self.suggestion = suggestion
        super().__init__("malformed certificate code")


def canonical(value: object) -> bytes:
    """Return RFC 8785 bytes of *value*, built of str, int, bool, None, list and dict.

    Floats and decimals are refused (decimals are written as strings), and so are integers that
    another JSON reader could not hold exactly.
    """
    return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode()


def _ordered(value):
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) >= 2**53:
            raise ValueError("integer beyond 2^53 has no canonical form")
        return value
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("keys of canonical JSON are texts")
        return {key: _ordered(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    raise TypeError(f"{type(value).__name__} has no canonical form")


def sha256(data: bytes) -> str:
    """Return the SHA-256 of *data* in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def leaf_hash(leaf: bytes) -> str:
    """Return the RFC 6962 hash of a leaf of the register's tree."""
    return sha256(b"\x00" + leaf)


def new_code(random: bytes) -> str:
    """Return the 18 characters of a code from 10 random bytes: 80 bits and two check characters."""
    if len(random) != RANDOM_BYTES:
        raise ValueError("a code is made of ten random bytes")
    number = int.from_bytes(random)
    data = [number >> shift & 31 for shift in range(75, -1, -5)]
    return "".join(ALPHABET[value] for value in data + _checks(data))


def _times(a: int, b: int) -> int:
    return _EXP[_LOG[a] + _LOG[b]] if a and b else 0


def _checks(data: list[int]) -> list[int]:
    """Divide by (x - g)(x - g^2): a Reed–Solomon code of distance 3, two check values."""
    middle, last = _EXP[1] ^ _EXP[2], _EXP[3]
    high = low = 0
    for value in data:
        feedback = value ^ high
        high, low = low ^ _times(feedback, middle), _times(feedback, last)
    return [high, low]


def _syndromes(values: list[int]) -> tuple[int, int]:
    first = second = 0
    for value in values:
        first, second = _times(first, _EXP[1]) ^ value, _times(second, _EXP[2]) ^ value
    return first, second


def _corrected(values: list[int]) -> str:
    first, second = _syndromes(values)
    if not (first and second):
        return ""
    place = (_LOG[second] - _LOG[first]) % 31
    if place >= CODE_LENGTH:
        return ""
    values = values.copy()
    values[CODE_LENGTH - 1 - place] ^= _EXP[_LOG[first] + 31 - place]
    return code_of(values)


def normalised(text: str) -> str:
    """Return *text* as codes are compared: capitals, no dashes or spaces, O, I and L read as digits."""
    return unicodedata.normalize("NFKC", text).translate(_DASHES).upper().translate(_LOOKALIKES)


def check_code(text: str) -> str:
    """Return the 18 characters of a code typed by a person; :class:`Malformed` where it is none.

    Every single wrong character and every swap of neighbours is noticed; where one wrong
    character explains the error, the exception proposes the right code.
    """
    code = normalised(text)
    if len(code) != CODE_LENGTH:
        raise Malformed()
    wrong = [char for char in code if char not in _VALUES]
    values = [_VALUES.get(char, 0) for char in code]
    if wrong:
        if len(wrong) > 1:
            raise Malformed()
        # A character outside the alphabet is one known error; read as 0 it may even be right.
        raise Malformed(_corrected(values) or ("" if any(_syndromes(values)) else code_of(values)))
    if any(_syndromes(values)):
        raise Malformed(_corrected(values))
    return code


def code_of(values: list[int]) -> str:
    """Return the characters of *values*."""
    return "".join(ALPHABET[value] for value in values)


def shown(code: str) -> str:
    """Return a code in the groups in which it is printed: XXXXXX-XXXXXX-XXXXXX."""
    return "-".join(code[start : start + 6] for start in range(0, len(code), 6))


def code_message(kid: int, said: dict) -> bytes:
    """Return what a key signs for the QR code: this code stands for this number, holder and hours.

    Just what somebody can read off the paper and type on a machine without network; case, spaces
    and Unicode form do not matter. The rest is bound by the file's signature and the register.
    """
    name = " ".join(unicodedata.normalize("NFC", said["holder"]["name"]).lower().split())
    number = "".join(unicodedata.normalize("NFC", said["number"]).upper().split())
    whole, _dot, rest = said["total"].partition(".")
    rest = rest.rstrip("0")
    hours = f"{whole}.{rest}" if rest else whole
    return b"vuonxa/code/v1\0" + kid.to_bytes(2) + "\n".join([said["code"], number, name, hours]).encode()


def mark_of(kid: int, signature: bytes) -> str:
    """Return 158 digits: the number of the key, and its Ed25519 signature as one number.

    Digits are the densest that a QR code and the fragment of an address both carry.
    """
    if not 0 < kid < 1000 or len(signature) != 64:
        raise ValueError("a mark is made of a key number of three digits and 64 bytes")
    return f"{kid:03d}{int.from_bytes(signature):0155d}"


def read_mark(mark: str) -> tuple[int, bytes]:
    """Return the key number and the signature of a mark; :class:`Malformed` where it is none."""
    if len(mark) != 158 or not (mark.isascii() and mark.isdigit()):
        raise Malformed()
    number = int(mark[3:])
    if number >> 512:
        raise Malformed()
    return int(mark[:3]), number.to_bytes(64)


def masked(full_name: str) -> tuple[str, str]:
    """Return a name for strangers: initials, and the given name in full ("G. T.", "Mỷ")."""
    *before, given = full_name.split() or [""]
    return " ".join(f"{word[0]}." for word in before), given


def same_name(typed: str, printed: str) -> bool:
    """Whether two names agree; case, spaces and Unicode form do not matter, diacritics do."""

    def plain(text: str) -> str:
        return " ".join(unicodedata.normalize("NFC", text).casefold().split())

    return plain(typed) == plain(printed)
