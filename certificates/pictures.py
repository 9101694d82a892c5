"""Pure: the logo of an issuer becomes a small PDF image once, so that every document draws the same bytes."""

import hashlib
import io
import zlib
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_BYTES = 1_000_000
MOST_PIXELS = 16_000_000
LEAST_SIDE = 60
KEPT_BYTES = 3_000
"""What a logo may add to each document: with it a signed certificate stays below 48 kB."""
_STEPS = [(300, 64), (300, 24), (240, 32), (240, 16), (200, 16), (160, 12), (120, 8)]


class Unusable(ValueError):
    """The file makes no logo; ``why`` is "unreadable", "too small", "too large" or "too rich"."""

    def __init__(self, why: str):
        self.why = why
        super().__init__(why)


@dataclass(frozen=True)
class Picture:
    """A picture as documents carry it: the whole PDF object, and its size in pixels."""

    width: int
    height: int
    data: bytes

    @property
    def sha256(self) -> str:
        """The hash by which the facts of a certificate name it."""
        return hashlib.sha256(self.data).hexdigest()


def prepare(data: bytes) -> Picture:
    """Return *data* (PNG or JPEG) as an image of few colours on white; raises :class:`Unusable`.

    Only pixels are taken over: no profile, no place, no camera, no text. What comes out is stored,
    so that later versions of the library change no document.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as found:
            if found.width * found.height > MOST_PIXELS:
                raise Unusable("too large")
            if min(found.size) < LEAST_SIDE:
                raise Unusable("too small")
            turned = _upright(found).convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, Unusable):
            raise
        raise Unusable("unreadable") from error
    sheet = Image.new("RGBA", turned.size, "white")
    sheet.alpha_composite(turned)
    plain = sheet.convert("RGB")
    for side, colours in _STEPS:
        small = plain.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        made = _indexed(small.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE))
        if len(made.data) <= KEPT_BYTES:
            return made
    raise Unusable("too rich")


def _upright(found: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(found)
    except (SyntaxError, ValueError, KeyError, TypeError):
        # Damaged notes of a camera do not make the picture itself unusable.
        return found


def _indexed(image: Image.Image) -> Picture:
    palette = bytes(image.getpalette() or [])
    pixels = image.tobytes()
    count = max(pixels) + 1
    packed = zlib.compress(pixels, 9)
    head = (
        f"<</Type/XObject/Subtype/Image/Width {image.width}/Height {image.height}/BitsPerComponent 8"
        f"/ColorSpace[/Indexed/DeviceRGB {count - 1}<{palette[: 3 * count].ljust(3 * count, bytes(1)).hex()}>]"
        f"/Filter/FlateDecode/Length {len(packed)}>>stream\n"
    )
    return Picture(image.width, image.height, head.encode() + packed + b"\nendstream")
