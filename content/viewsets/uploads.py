"""The tus 1.0 protocol (tus.io): core, creation, expiration, termination and checksum, for the upload form."""

import base64
import binascii

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, UnreadablePostError
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from content.actions import VideoRefused, drop_upload, open_upload, write_upload
from content.actions.uploads import ChecksumWrong, NoSpace, TooLong, TooManyUploads, UploadBusy, WrongOffset
from content.conf import conf
from content.models import Upload, Video
from content.permissions import MAKERS, get_upload_for
from lms import limits, scope
from lms.keys import read_key

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination,checksum"
ALGORITHMS = ("sha1", "sha256")
PART = "application/offset+octet-stream"


def answer(status: int, words: str = "", **headers) -> HttpResponse:
    """An answer of the protocol; *words* are for the person who uploads."""
    told = {"Tus-Resumable": VERSION, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8", headers=told)


def whole_number(text: str | None) -> int | None:
    """The number of a header, or None for anything else."""
    return read_key(text or "")


def metadata_of(text: str) -> dict[str, str]:
    """What ``Upload-Metadata`` says; raises ValueError for what is no list of keys and base64."""
    found = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        key, _space, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ValueError(key) from error
    return found


def expires(upload: Upload) -> str:
    """When *upload* is forgotten, as the protocol writes it."""
    return http_date(upload.expires_at.timestamp())


@method_decorator(never_cache, name="dispatch")
class Tus(View):
    """What all requests of the protocol share."""

    def dispatch(self, request, *args, **kwargs):
        asked = request.headers.get("X-HTTP-Method-Override", "").upper()
        if request.method == "POST" and asked in {"PATCH", "DELETE"}:
            # For networks that let only GET and POST through.
            request.method = asked
        if not Upload.is_possible():
            raise Http404
        known = request.method.lower() in self.http_method_names and request.method != "OPTIONS"
        if known and request.headers.get("Tus-Resumable") != VERSION:
            return answer(412, "This server speaks tus 1.0.0.", Tus_Version=VERSION)
        return super().dispatch(request, *args, **kwargs)

    def options(self, request, *args, **kwargs):
        """Say what is understood here."""
        return answer(
            204,
            Tus_Version=VERSION,
            Tus_Extension=EXTENSIONS,
            Tus_Max_Size=str(conf.VIDEO_MAX_BYTES),
            Tus_Checksum_Algorithm=",".join(ALGORITHMS),
        )


class Uploads(Tus):
    """Begins uploads."""

    http_method_names = ["post", "options"]

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if not scope.can(request.user, "add", Video):
            raise PermissionDenied

    def post(self, request):
        """Begin one; metadata names the file (``filename``) and the hospital (``facility``, its key)."""
        length = whole_number(request.headers.get("Upload-Length"))
        try:
            told = metadata_of(request.headers.get("Upload-Metadata", ""))
        except ValueError:
            return answer(400, "Upload-Metadata cannot be read.")
        facility_key, name = whole_number(told.get("facility")), told.get("filename", "")
        if facility_key is None or not name or length is None:
            return answer(400, "Upload-Length, and filename and facility in Upload-Metadata, are needed.")
        facility = scope.facilities(request.user, MAKERS).filter(pk=facility_key).first()
        if facility is None:
            raise Http404
        if not length:
            return answer(400, _("The file is empty. Please choose the recording again."))
        if not limits.hit("upload", str(request.user.pk), limit=120, seconds=3600):
            return answer(429, _("Too many uploads were begun. Please wait a while."), Retry_After="600")
        try:
            upload = open_upload(
                facility,
                by=request.user,
                name=name,
                length=length,
                fingerprint=told.get("fingerprint", ""),
            )
        except VideoRefused as refused:
            return answer(_status(refused), refused.message)
        place = reverse("lms_content_videos:upload", args=[upload.pk])
        return answer(201, Location=place, Upload_Expires=expires(upload))


class OneUpload(Tus):
    """One upload: where it stands, its next part, its end."""

    http_method_names = ["head", "patch", "delete", "options"]

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.upload = get_upload_for(request.user, kwargs["uuid"])

    def head(self, request, **kwargs):
        """Where to go on."""
        name = base64.b64encode(self.upload.name.encode()).decode()
        return answer(
            200,
            Upload_Offset=str(self.upload.received),
            Upload_Length=str(self.upload.length),
            Upload_Metadata=f"filename {name}",
            Upload_Expires=expires(self.upload),
        )

    def patch(self, request, **kwargs):
        """Take a part; what came of a part that was cut short is kept."""
        offset = whole_number(request.headers.get("Upload-Offset"))
        length = whole_number(request.headers.get("Content-Length"))
        if request.headers.get("Content-Type") != PART:
            return answer(415, f"A part is sent as {PART}.")
        if offset is None or length is None:
            return answer(400, "Upload-Offset and Content-Length are needed.")
        try:
            checksum = self._checksum(request.headers.get("Upload-Checksum", ""))
            upload = write_upload(
                self.upload, offset=offset, length=length, read=self._read, checksum=checksum
            )
        except ValueError:
            return answer(400, "Upload-Checksum cannot be read.")
        except Upload.DoesNotExist:
            raise Http404 from None
        except UploadBusy:
            return answer(423, _("Another window is sending this recording."))
        except WrongOffset:
            return answer(409, "The part does not begin where the last one ended.")
        except TooLong:
            return answer(413, "The part reaches beyond Upload-Length.")
        except ChecksumWrong:
            return answer(460, "The part was damaged on its way.")
        except VideoRefused as refused:
            return answer(_status(refused), refused.message)
        return answer(204, Upload_Offset=str(upload.offset), Upload_Expires=expires(upload))

    def delete(self, request, **kwargs):
        """Forget it."""
        try:
            drop_upload(self.upload)
        except UploadBusy:
            return answer(423, _("Another window is sending this recording."))
        return answer(204)

    def _read(self, size: int) -> bytes:
        try:
            return self.request.read(size)
        except UnreadablePostError:
            return b""

    @staticmethod
    def _checksum(text: str) -> tuple[str, bytes] | None:
        if not text:
            return None
        algorithm, _space, digest = text.partition(" ")
        if algorithm not in ALGORITHMS:
            raise ValueError(algorithm)
        return algorithm, base64.b64decode(digest, validate=True)


def _status(refused: VideoRefused) -> int:
    if isinstance(refused, NoSpace):
        return 507
    return 429 if isinstance(refused, TooManyUploads) else 413
