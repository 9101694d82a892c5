"""Whether a thing out of an archive may stand here: its markup, its pictures, its rows, its names."""

from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from wagtail.images.fields import WagtailImageField

from content import references
from content.archive import Unusable
from lms import uploads

_OFFICE = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_NEVER = (
    "text/html",
    "image/svg+xml",
    "application/xml",
    "application/x-dosexec",
    "application/x-executable",
)


def harmless(text: Any, *, where: str) -> str:
    """A rich text as it was packed; Unusable where it holds markup that no editor of ours writes."""
    if not isinstance(text, str):
        raise Unusable("malformed", name=where)
    if references.tidy(text) != text:
        raise Unusable("hostile", where=where)
    return text


def decodable(name: str, data: bytes, where: str) -> None:
    """Refuse a picture that the library of pictures would not take, or that no decoder opens."""
    try:
        WagtailImageField().clean(SimpleUploadedFile(f"picture{PurePosixPath(name).suffix}", data))
    except ValidationError as error:
        raise Unusable("picture", where=where, why=" ".join(error.messages)) from error
    except Exception as error:  # Whatever a damaged picture does to the decoder, it is one answer.
        raise Unusable("picture", where=where, why="") from error


def of_leaf(value: Any) -> Any:
    """*value*, if it is such as a single field of a form holds."""
    if isinstance(value, dict) or isinstance(value, list) and not all(isinstance(one, str) for one in value):
        raise references.UnknownPiece(str(value)[:60])
    return value


def check_constraints(row: Model, where: str) -> None:
    """Refuse a row that breaks a constraint of its table."""
    try:
        row.validate_constraints()
    except ValidationError as error:
        raise Unusable(
            "invalid", where=where, name=row._meta.verbose_name, why=" ".join(error.messages)
        ) from error


def free(wanted: str, taken: set[str], most: int) -> str:
    """*wanted*, or the first of ``wanted-2``, ``wanted-3`` … that nobody has."""
    found, number = wanted[:most], 1
    while found in taken:
        number += 1
        found = f"{wanted[: most - len(str(number)) - 1]}-{number}"
    return found


def is_document(stream: Any, suffix: str) -> bool:
    """Whether *stream* is what its *suffix* says, and nothing that a browser or a machine would run."""
    kind = uploads.sniff(stream)
    return _OFFICE.get(suffix, kind) == kind and kind not in _NEVER
