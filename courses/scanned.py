"""Pure: the photographs inside a scanned PDF, page by page, as the JPEG files they are."""

import io

from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

MOST_PAGES = 30


class NotScanned(ValueError):
    """The PDF is damaged, locked, too long, or has a page without a photograph."""


def pages(data: bytes) -> list[bytes]:
    """The largest JPEG picture of each page of *data*, untouched; raises :class:`NotScanned`.

    What a scanner or a phone's scanning program makes is one such picture a page. Nothing is
    unpacked here, so a small file cannot become a large one.
    """
    try:
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        count = int(reader.root["/Pages"]["/Count"])
        if reader.encrypted or not 0 < count <= MOST_PAGES:
            raise NotScanned
        return [
            _picture(reader.find_page_for_modification(number)[0].get_object()) for number in range(count)
        ]
    except (PdfError, KeyError, TypeError, IndexError, AttributeError, OSError, RecursionError) as error:
        raise NotScanned from error


def _picture(page) -> bytes:
    found = []
    for held in page["/Resources"]["/XObject"].values():
        one = held.get_object()
        if isinstance(one, StreamObject) and one.get("/Subtype") == "/Image":
            filters = one.get("/Filter")
            if filters == "/DCTDecode" or list(filters or []) == ["/DCTDecode"]:
                found.append((int(one["/Width"]) * int(one["/Height"]), one.encoded_data))
    if not found:
        raise NotScanned
    return max(found, key=lambda one: one[0])[1]
