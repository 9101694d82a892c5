"""Pure: QR codes as SVG, black on white whatever the theme, because cameras need the contrast."""

import io

import segno


def svg(text: str) -> bytes:
    """A QR code of *text* with a quiet zone, level M."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", scale=8, border=4, dark="#000", light="#fff", xmldecl=False, nl=False
    )
    return out.getvalue()
