"""Pictures that people send in: decoded under guard and written anew, so that nothing but the pixels stays."""

import io
from importlib import import_module, util
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from lms.uploads import UploadRefused, check_size, sniff

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heif": "HEIF"}
MOST_PIXELS = 60_000_000
"""An A4 sheet at 600 dpi has 35 million; a telephone of today makes 50."""


def read(file: IO[bytes], *, kinds: dict[str, str], most_bytes: int, refusal: str) -> Image.Image:
    """*file* as pixels the right way up; *refusal* says what is taken where it is none of *kinds*.

    The kind is read from the bytes, not believed. Raises UploadRefused.
    """
    check_size(file, most_bytes)
    kind = kinds.get(sniff(file))
    if kind is None:
        raise UploadRefused(refusal)
    if kind == "HEIF":
        if util.find_spec("pillow_heif") is None:
            raise UploadRefused(refusal)
        import_module("pillow_heif").register_heif_opener()
    too_many = UploadRefused(_("The picture has too many pixels. Please make it smaller."))
    try:
        with Image.open(file, formats=[kind]) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise too_many
            return ImageOps.exif_transpose(opened).convert("RGB")
    except Image.DecompressionBombError:
        raise too_many from None
    except (OSError, ValueError, SyntaxError, EOFError):
        raise UploadRefused(
            _("The file cannot be read as a picture. Please save it again as JPEG.")
        ) from None


def write(picture: Image.Image, *, longest: int, quality: int = 85) -> tuple[bytes, tuple[int, int]]:
    """*picture* as JPEG, at most *longest* pixels on a side, and its size: no EXIF, no profile, no thumbnail."""
    small = picture.copy()
    small.thumbnail((longest, longest))
    clean = Image.frombytes("RGB", small.size, small.tobytes())
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue(), clean.size


def symbols(picture: Image.Image) -> list[str]:
    """What the QR codes in *picture* say, none where no reader is installed.

    The reader is ``zxing-cpp``, which a site may leave out; people then choose by hand.
    """
    if util.find_spec("zxingcpp") is None:
        return []
    reader = import_module("zxingcpp")
    found = reader.read_barcodes(picture.convert("L"), formats=reader.BarcodeFormat.QRCode)
    return [symbol.text for symbol in found]
