"""Pure: QR codes as SVG and for paper, black on white whatever the theme, because cameras need the contrast."""

import io

import segno


def svg(text: str) -> bytes:
    """A QR code of *text* with a quiet zone, level M."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", scale=8, border=4, dark="#000", light="#fff", xmldecl=False, nl=False
    )
    return out.getvalue()


def path(text: str) -> tuple[int, str]:
    """A QR code of *text* for paper: modules on a side, and PDF operators that fill the dark ones.

    Each module is one unit wide; the lower left corner is the origin, and no quiet zone is drawn.
    """
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    size, runs = len(rows), []
    for y, row in enumerate(rows):
        x = 0
        while x < size:
            wide = 0
            while x + wide < size and row[x + wide]:
                wide += 1
            if wide:
                runs.append(f"{x} {size - 1 - y} {wide} 1 re")
            x += wide + 1
    return size, "\n".join([*runs, "f"])
