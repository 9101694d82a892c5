"""A program of the administrator's choice that looks at every uploaded file before anything reads or keeps it.

Set by ``LMS_UPLOAD_SCANNER``; without it nothing is scanned. Its exit status is the answer, as with
ClamAV: 0 harmless, 1 harmful; whatever else happens, the file is refused, too.
"""

import logging
import shlex
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from lms.conf import conf
from lms.uploads import UploadRefused

log = logging.getLogger("lms.uploads")


def check(path: str | Path) -> None:
    """Raise UploadRefused where the program does not find the file at *path* harmless; without one, do nothing."""
    if not conf.UPLOAD_SCANNER:
        return
    command = [*shlex.split(conf.UPLOAD_SCANNER), str(path)]
    try:
        # The administrator's own command line, no shell; the path is one that this server chose.
        status = subprocess.run(
            command, timeout=conf.UPLOAD_SCANNER_SECONDS, capture_output=True, check=False
        ).returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("The scanner of uploads does not answer: %s", type(error).__name__)
        status = -1
    if status == 1:
        log.warning("The scanner of uploads found a file harmful.")
        raise UploadRefused(
            _(
                "The virus scanner of this site found the file harmful. It was not kept and nothing was changed. "
                "Check your device and choose another file."
            )
        )
    if status:
        log.error("The scanner of uploads ended with %s.", status)
        raise UploadRefused(
            _(
                "Files are checked for viruses here, and the check does not work just now. Nothing was changed. "
                "Please try again later, or tell the administrator."
            )
        )


@contextmanager
def _on_disk(file: UploadedFile):
    """The path of *file*, written down where it is still in memory; leaves it at its beginning."""
    if hasattr(file, "temporary_file_path"):
        yield file.temporary_file_path()
        return
    with tempfile.NamedTemporaryFile() as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        file.seek(0)
        yield copy.name


def uploads(get_response):
    """Middleware: have every file scanned that somebody who is signed in sends, before its view sees it.

    Stands behind the protection against forged requests and the login. What strangers send for
    comparing is only hashed, never kept (``certificates``), and costs no scan.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def scanned(request: HttpRequest, *view) -> HttpResponse | None:
        if not conf.UPLOAD_SCANNER or request.content_type != "multipart/form-data":
            return None
        if not (request.user.is_authenticated and request.FILES):
            return None
        try:
            for _name, files in request.FILES.lists():
                for file in files:
                    with _on_disk(file) as path:
                        check(path)
        except UploadRefused as refused:
            if request.headers.get("X-Requested-With") == "XMLHttpRequest":
                # As Wagtail's uploader of many files reads it.
                return JsonResponse({"success": False, "error_message": refused.message})
            return render(request, "lms/upload_refused.html", {"why": refused.message}, status=400)
        return None

    middleware.process_view = scanned  # type: ignore[attr-defined]
    return middleware
