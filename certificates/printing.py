"""Pure: the sheets of many certificates in one file for the printer; the signed originals stay as they are."""

import hashlib
import io
from collections.abc import Iterable, Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter

_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_SHARED = ("/Font", "/XObject")
_DEEPEST = 12


class Unreadable(ValueError):
    """One of the files is no PDF that can be taken apart; ``name`` says which."""

    def __init__(self, name: str):
        self.name = name
        super().__init__(name)


def together(files: Iterable[tuple[str, bytes]], *, title: str) -> bytes:
    """Return every page of *files* (name and bytes), in their order, as one file to be printed.

    What pages look like is copied, faces and logos once; signatures, structure and forms are not, for
    they belong to the one file they were made in. Raises :class:`Unreadable`.
    """
    out = PdfFileWriter()
    info = generic.DictionaryObject({generic.pdf_name("/Title"): generic.pdf_string(title)})
    out.set_info(out.add_object(info))
    kept: dict[bytes, generic.PdfObject] = {}
    for name, data in files:
        try:
            reader = PdfFileReader(io.BytesIO(data), strict=False)
            for page in _pages(reader.root["/Pages"], {}):
                out.insert_page(_copied(page, out, kept))
        except (PdfError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise Unreadable(name) from error
    sheet = io.BytesIO()
    out.write(sheet)
    return sheet.getvalue()


def _pages(node, above: dict, depth: int = 0) -> Iterator[dict]:
    """The pages below *node*, each with what it inherits."""
    if depth > _DEEPEST:
        raise ValueError("a tree of pages without end")
    node = _resolved(node)
    have = above | {key: node.raw_get(key) for key in _INHERITED if key in node}
    if "/Kids" not in node:
        yield have | {"/Contents": node.raw_get("/Contents")}
        return
    for kid in node["/Kids"]:
        yield from _pages(kid, have, depth + 1)


def _copied(page: dict, out: PdfFileWriter, kept: dict) -> generic.DictionaryObject:
    copy = generic.DictionaryObject({generic.pdf_name("/Type"): generic.pdf_name("/Page")})
    for key, value in page.items():
        if key != "/Resources":
            copy[generic.pdf_name(key)] = out.import_object(value)
    resources = generic.DictionaryObject()
    for key, value in _resolved(page["/Resources"]).items():
        if key not in _SHARED:
            resources[key] = out.import_object(value)
            continue
        named = _resolved(value)
        resources[key] = generic.DictionaryObject(
            {name: _once(named.raw_get(name), out, kept) for name in named}
        )
    copy[generic.pdf_name("/Resources")] = resources
    return copy


def _once(value, out: PdfFileWriter, kept: dict):
    """A face or a picture in *out*: the one that came with an earlier page where that says the same."""
    digest = _digest(value)
    if digest not in kept:
        copied = out.import_object(_resolved(value))
        kept[digest] = out.add_object(copied)
    return kept[digest]


def _resolved(value):
    return value.get_object() if isinstance(value, generic.IndirectObject) else value


def _digest(value, depth: int = 0) -> bytes:
    """A hash of *value* and all it refers to."""
    if depth > _DEEPEST:
        raise ValueError("a resource without end")
    value, found = _resolved(value), hashlib.sha256()
    if isinstance(value, generic.DictionaryObject):
        for key in sorted(value):
            found.update(key.encode() + b"=" + _digest(value.raw_get(key), depth + 1))
        if isinstance(value, generic.StreamObject):
            found.update(b"stream" + value.encoded_data)
    elif isinstance(value, generic.ArrayObject):
        for one in value:
            found.update(b"," + _digest(one, depth + 1))
    else:
        written = io.BytesIO()
        value.write_to_stream(written)
        found.update(written.getvalue())
    return found.digest()
