"""Pure: QR symbols of version 6 for thousands of certificates a second, and the drawing of any symbol.

With version, level and mask fixed, a symbol is an affine map of its data bits over GF(2)
(ISO/IEC 18004): one integer of modules for each value of each data codeword, joined by exclusive or. Tests hold
each symbol against segno's, which also draws what does not fit.
"""

from functools import lru_cache

import segno

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
SIZE = 41
MASK = 4
# Of version 6: data codewords, blocks, error correction codewords of a block, and the two bits of the level.
LEVELS = {"m": (108, 4, 16, 0b00), "l": (136, 2, 18, 0b01)}
STRIDE = 48  # bits of a row, rounded up to bytes

_EXP, _LOG = [1], {1: 0}
while len(_EXP) < 255:
    _double = _EXP[-1] << 1
    _EXP.append(_double ^ 0x11D if _double & 0x100 else _double)
    _LOG[_EXP[-1]] = len(_EXP) - 1


def _times(a: int, b: int) -> int:
    return _EXP[(_LOG[a] + _LOG[b]) % 255] if a and b else 0


def _remainders(count: int, ec: int) -> list[list[int]]:
    """The error correction codewords of a block whose only data codeword is a 1, for each place of it."""
    generator = [1]
    for power in range(ec):
        longer = [*generator, 0]
        for place, factor in enumerate(generator):
            longer[place + 1] ^= _times(factor, _EXP[power])
        generator = longer
    rest, found = generator[1:], []
    for _place in range(count):
        found.append(rest)
        high = rest[0]
        rest = [a ^ _times(high, b) for a, b in zip([*rest[1:], 0], generator[1:], strict=True)]
    return found[::-1]


def _bit(row: int, column: int) -> int:
    return 1 << (SIZE * STRIDE - 1 - (row * STRIDE + column))


def _patterns(level_bits: int) -> tuple[int, set[tuple[int, int]]]:
    """The modules of the fixed patterns and of the format, and every place that carries no data."""
    dark, taken = 0, set()

    def put(row: int, column: int, is_dark: bool) -> None:
        nonlocal dark
        taken.add((row, column))
        dark |= _bit(row, column) if is_dark else 0

    for top, left in ((0, 0), (0, SIZE - 7), (SIZE - 7, 0)):
        for row in range(max(0, top - 1), min(SIZE, top + 8)):
            for column in range(max(0, left - 1), min(SIZE, left + 8)):
                ring = max(abs(row - top - 3), abs(column - left - 3))
                put(row, column, ring in (0, 1, 3))
    for row in range(32, 37):
        for column in range(32, 37):
            put(row, column, max(abs(row - 34), abs(column - 34)) != 1)
    for place in range(8, SIZE - 8):
        put(6, place, place % 2 == 0)
        put(place, 6, place % 2 == 0)
    rest = (data := level_bits << 3 | MASK) << 10
    for shift in range(4, -1, -1):
        rest ^= (0x537 << shift) if rest >> (shift + 10) & 1 else 0
    bits = (data << 10 | rest) ^ 0x5412
    for place in range(15):
        value = bool(bits >> place & 1)
        row = place if place < 6 else place + 1 if place < 8 else SIZE - 15 + place
        put(row, 8, value)
        column = SIZE - 1 - place if place < 8 else 7 if place == 8 else 14 - place
        put(8, column, value)
    put(SIZE - 8, 8, True)
    return dark, taken


def _places(taken: set[tuple[int, int]]):
    """The places of data modules in the order in which bits fill them."""
    upwards = True
    for right in range(SIZE - 1, 0, -2):
        right -= right <= 6
        for row in range(SIZE - 1, -1, -1) if upwards else range(SIZE):
            for column in (right, right - 1):
                if (row, column) not in taken:
                    yield row, column
        upwards = not upwards


@lru_cache(maxsize=2)
def _tables(level: str) -> tuple[int, list[list[int]]]:
    """The symbol of no data, and the modules that each value of each data codeword turns over."""
    total, blocks, ec, level_bits = LEVELS[level]
    dark, taken = _patterns(level_bits)
    places = list(_places(taken))
    for row, column in places:
        if (row // 2 + column // 3) % 2 == 0:
            dark |= _bit(row, column)
    count = total // blocks
    remainders = _remainders(count, ec)

    def modules(codeword: int, value: int) -> int:
        return sum(_bit(*places[codeword * 8 + bit]) for bit in range(8) if value >> (7 - bit) & 1)

    tables = []
    for block in range(blocks):
        for place in range(count):
            columns = []
            for bit in range(7, -1, -1):
                turned = modules(place * blocks + block, 1 << bit)
                for number, factor in enumerate(remainders[place]):
                    turned |= modules(total + number * blocks + block, _times(factor, 1 << bit))
                columns.append(turned)
            table = [0]
            for column in reversed(columns):
                table += [column ^ other for other in table]
            tables.append(table)
    return dark, tables


_PAIRS = {
    a + b: ALPHANUMERIC.index(a) * 45 + ALPHANUMERIC.index(b) for a in ALPHANUMERIC for b in ALPHANUMERIC
}


def _message(address: str, digits: str) -> tuple[int, int]:
    """The data bits of ``ADDRESS#digits`` and their number: a segment each of letters, one byte, and digits."""
    bits, length = 0b0010 << 9 | len(address), 13
    for start in range(0, len(address) - 1, 2):
        bits = bits << 11 | _PAIRS[address[start : start + 2]]
    length += 11 * (len(address) // 2)
    if len(address) % 2:
        bits, length = bits << 6 | ALPHANUMERIC.index(address[-1]), length + 6
    bits, length = bits << 20 | 0b0100 << 16 | 1 << 8 | ord("#"), length + 20
    bits, length = bits << 14 | 0b0001 << 10 | len(digits), length + 14
    for start in range(0, len(digits) - 2, 3):
        bits = bits << 10 | int(digits[start : start + 3])
    length += 10 * (len(digits) // 3)
    if rest := len(digits) % 3:
        width = (0, 4, 7)[rest]
        bits, length = bits << width | int(digits[-rest:]), length + width
    return bits, length


def symbol(address: str, digits: str) -> int | None:
    """Return the modules of ``ADDRESS#digits`` as rows of 48 bits, or None where version 6 cannot hold it.

    Level M where it fits, else L: a long host name makes the symbol less robust, never finer.
    """
    if not digits or not set(address) <= set(ALPHANUMERIC):
        return None
    bits, length = _message(address, digits)
    level = next((name for name, (total, *_rest) in LEVELS.items() if length <= total * 8), "")
    if not level:
        return None
    total = LEVELS[level][0]
    # Terminator, then zeros up to a codeword, then the two padding codewords in turn.
    ended = min(total * 8, length + 4)
    ended += -ended % 8
    bits <<= ended - length
    padding = total - ended // 8
    bits = bits << padding * 8 | int.from_bytes((b"\xec\x11" * padding)[:padding])
    modules, tables = _tables(level)
    for table, value in zip(tables, bits.to_bytes(total), strict=True):
        modules ^= table[value]
    return modules


@lru_cache(maxsize=6)
def _runs(byte: int) -> list[str]:
    """How the dark modules of each value of the *byte*-th byte of a row are drawn, one module being 1."""
    drawn = []
    for value in range(256):
        text, start = "", None
        for bit in range(9):
            dark = bit < 8 and value >> (7 - bit) & 1
            if dark and start is None:
                start = bit
            elif not dark and start is not None:
                text += f"{byte * 8 + start} 0 {bit - start} 1 re "
                start = None
        drawn.append(text)
    return drawn


def path(url: str, digits: str = "") -> tuple[int, str]:
    """Return how many modules wide the symbol is, and PDF operators that fill its dark modules.

    One module is 1, the lower left corner of the symbol the origin. With *digits* the symbol
    holds ``URL#digits``.
    """
    modules = symbol(url, digits)
    if modules is not None:
        size, data = SIZE, modules.to_bytes(SIZE * STRIDE // 8)
    else:
        text = f"{url}#{digits}" if digits else url
        code = segno.make(text, error="m", mask=MASK, micro=False, boost_error=False)
        size = len(code.matrix)
        return size, " ".join(
            f"{column} {size - 1 - row} 1 1 re"
            for row, line in enumerate(code.matrix)
            for column, dark in enumerate(line)
            if dark
        ) + " f"
    tables, width = [_runs(byte) for byte in range(6)], STRIDE // 8
    out = [f"1 0 0 1 0 {size} cm"]
    for row in range(0, len(data), width):
        line = "".join([table[value] for table, value in zip(tables, data[row : row + width], strict=True)])
        # Each row is filled by itself, so that it needs no height of its own.
        out.append(f"1 0 0 1 0 -1 cm {line}f")
    return size, "\n".join(out)
