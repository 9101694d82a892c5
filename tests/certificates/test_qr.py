"""QR symbols from tables are the symbols of a library that knows the whole standard."""

import random

import pytest
import segno
from segno import consts

from certificates import qr

CODE = "000G40R40M30E209ZT"


def rows(modules: int) -> list[list[int]]:
    """The modules of a symbol, row by row."""
    return [
        [modules >> (qr.SIZE * qr.STRIDE - 1 - (row * qr.STRIDE + column)) & 1 for column in range(qr.SIZE)]
        for row in range(qr.SIZE)
    ]


@pytest.mark.parametrize(
    ("host", "level"),
    [
        ("DAOTAO.BACHMAI.EDU.VN", "m"),
        ("127.0.0.1:8000", "m"),
        ("X", "m"),
        ("DAOTAO.BENHVIENPHUSANTRUNGUONG.ORG.VN", "l"),
    ],
)
def test_a_symbol_is_that_of_segno(host, level):
    chance = random.Random(host)
    for _ in range(12):
        code = "".join(chance.choices(qr.ALPHANUMERIC[:36], k=18))
        address, digits = f"HTTPS://{host}/V/{code}", "".join(chance.choices("0123456789", k=158))
        parts = [(address, consts.MODE_ALPHANUMERIC), ("#", consts.MODE_BYTE), (digits, consts.MODE_NUMERIC)]
        known = segno.make(parts, error=level, version=6, mask=4, boost_error=False)

        assert rows(qr.symbol(address, digits)) == [list(row) for row in known.matrix]


def test_what_version_6_cannot_hold_is_drawn_by_the_library():
    long = f"HTTPS://{'A' * 90}/V/{CODE}"

    assert qr.symbol(long, "1" * 158) is None
    assert qr.symbol("https://nhỏ.vn", "1") is None
    assert qr.path(long, "1" * 158)[0] > qr.SIZE
    assert qr.path(f"HTTPS://DAOTAO.EXAMPLE.VN/V/{CODE}") == qr.path(f"HTTPS://DAOTAO.EXAMPLE.VN/V/{CODE}")


def test_the_path_fills_exactly_the_dark_modules():
    size, path = qr.path(f"HTTPS://DAOTAO.EXAMPLE.VN/V/{CODE}", "1" * 158)
    filled, row = set(), -1
    for line in path.split("\n")[1:]:
        row += 1
        numbers = line.removesuffix("f").split("cm ")[1].replace("re", "").split()
        for start, _y, width, _height in zip(*[iter(map(int, numbers))] * 4, strict=True):
            filled |= {(row, column) for column in range(start, start + width)}

    found = rows(qr.symbol(f"HTTPS://DAOTAO.EXAMPLE.VN/V/{CODE}", "1" * 158))
    assert filled == {(y, x) for y in range(size) for x in range(size) if found[y][x]}
