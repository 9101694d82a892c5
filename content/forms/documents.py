"""Wagtail's form of a document, which looks into the file: for ``WAGTAILDOCS_DOCUMENT_FORM_BASE``."""

import zipfile
from pathlib import PurePosixPath

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from wagtail.documents.forms import BaseDocumentForm

from lms import uploads

_OFFICE = "application/vnd.openxmlformats-officedocument"
INSIDE = {
    "pdf": {"application/pdf"},
    "docx": {f"{_OFFICE}.wordprocessingml.document"},
    "pptx": {f"{_OFFICE}.presentationml.presentation"},
    "xlsx": {f"{_OFFICE}.spreadsheetml.sheet"},
    # Recorders of telephones write the same container under other brands.
    "m4a": {"audio/mp4", "video/mp4", "video/3gpp"},
    "mp3": {"audio/mpeg"},
}
"""What the bytes of a document of each suffix must show; other suffixes are the host's own affair."""
UNPACKED = {"max_members": 5000, "max_bytes": 400 * uploads.MEGABYTE, "max_ratio": 200}
"""What an office document may unpack to: slides are full of pictures."""


class DocumentForm(BaseDocumentForm):
    """Takes a file only where its bytes are what its name says, and an office file only without macros or bombs."""

    def clean_file(self):
        """Refuse what is disguised; a file that was stored earlier is not looked at again."""
        file = self.cleaned_data.get("file")
        if isinstance(file, UploadedFile):
            try:
                check_inside(file)
            except uploads.UploadRefused as refusal:
                self.add_error("file", refusal.message)
        return file


def check_inside(file) -> None:
    """Raise UploadRefused where *file* is not what its suffix says; leaves it at its beginning."""
    suffix = PurePosixPath(file.name).suffix.lower().lstrip(".")
    if suffix not in INSIDE:
        return
    uploads.check_size(file, file.size)
    if uploads.sniff(file) not in INSIDE[suffix]:
        raise uploads.UploadRefused(
            _("The file is called .%(suffix)s but is something else inside. Nothing was stored.")
            % {"suffix": suffix}
        )
    if _OFFICE in "".join(INSIDE[suffix]):
        uploads.check_zip(file, **UNPACKED)
        with zipfile.ZipFile(file) as archive:
            has_macros = any(name.lower().endswith("vbaproject.bin") for name in archive.namelist())
        file.seek(0)
        if has_macros:
            raise uploads.UploadRefused(
                _("The document holds macros, which are programs. Please save it without them.")
            )
