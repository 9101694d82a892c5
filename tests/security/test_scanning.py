"""A virus scanner of the administrator's looks at every upload: its no and its silence are both a refusal."""

from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.documents import get_document_model

from content.models import Upload, Video
from lms import checks, scanning
from lms.actions import provider_collection
from tests.content.test_uploads import bytes_of, place, send
from tests.content.test_videos import private  # noqa: F401

SIGN = b"GIA-LAM-VI-RUT"
HARMFUL = "tìm thấy mã độc"
SILENT = "không kiểm tra được"


@pytest.fixture
def scanner(settings, tmp_path):
    """A scanner that knows one virus, and notes the size of everything it was shown."""

    def put(body: str) -> Path:
        program = tmp_path / "scanner"
        program.write_text(f'#!/bin/sh\nwc -c <"$2" >>{tmp_path}/seen\n{body}\n')
        program.chmod(0o755)
        settings.LMS_UPLOAD_SCANNER = f"{program} --quiet"
        return tmp_path / "seen"

    return put


KNOWS = f'! grep -q {SIGN.decode()} "$2"'


def document(cast, data: bytes, door="add", **headers):
    assert cast.ung
    field = "file" if door == "add" else "files[]"
    form = {"title": "x", field: SimpleUploadedFile("x.pdf", data), "tags": ""}
    form["collection"] = provider_collection(cast.bach_mai).pk
    return cast.client(cast.ung).post(reverse(f"wagtaildocs:{door}"), form, headers=headers)


def test_a_harmful_file_reaches_no_view_and_is_refused_in_words(cast, scanner):
    scanner(KNOWS)

    refused = document(cast, b"%PDF-1.7 " + SIGN)

    assert refused.status_code == 400
    assert HARMFUL in refused.content.decode()
    assert not get_document_model().objects.exists()
    assert document(cast, b"%PDF-1.7 x").status_code == 302
    assert get_document_model().objects.count() == 1


def test_wagtails_uploader_of_several_files_shows_the_same_words(cast, scanner):
    scanner(KNOWS)

    refused = document(cast, b"%PDF-1.7 " + SIGN, "add_multiple", **{"X-Requested-With": "XMLHttpRequest"})

    assert refused.json()["success"] is False
    assert HARMFUL in refused.json()["error_message"]
    assert not get_document_model().objects.exists()


def test_every_file_of_a_request_is_shown_to_the_scanner_whole(cast, scanner, rf):
    seen = scanner("exit 0")
    files = [SimpleUploadedFile(f"{n}.jpg", b"x" * n) for n in (10, 200, 3_000_000)]
    request = rf.post("/", {"pictures": files})
    request.user = cast.lan.user

    assert scanning.uploads(None).process_view(request) is None

    assert [int(line) for line in seen.read_text().split()] == [10, 200, 3_000_000]
    assert [len(file.read()) for file in request.FILES.getlist("pictures")] == [10, 200, 3_000_000]
    request.close()


@pytest.mark.parametrize(
    "body", ["exit 2", "kill -9 $$", "exec sleep 30", None], ids=["error", "killed", "slow", "not there"]
)
def test_without_the_scanners_word_nothing_is_taken(cast, scanner, settings, body):
    settings.LMS_UPLOAD_SCANNER_SECONDS = 0.3
    if body is None:
        settings.LMS_UPLOAD_SCANNER = "/nowhere/clamdscan"
    else:
        scanner(body)

    refused = document(cast, b"%PDF-1.7 x")

    assert refused.status_code == 400
    assert SILENT in refused.content.decode()
    assert not get_document_model().objects.exists()


def test_a_harmful_recording_that_came_in_parts_is_not_kept(cast, scanner, private):  # noqa: F811
    scanner(KNOWS)
    data, client = bytes_of(size=2_000) + SIGN, cast.client(cast.ung)
    url = place(client, cast.bach_mai, len(data))
    send(client, url, data, 0)
    form = {"facility": cast.bach_mai.pk, "title": "Bài", "transcript": "", "shows_patient": "no"}
    form["uploaded"] = url.split("/")[-2]

    refused = client.post(reverse("lms_content_videos:add"), form)

    assert HARMFUL in refused.content.decode()
    assert Upload.objects.get().is_whole
    assert not Video.objects.exists()


def test_a_stranger_who_compares_a_file_costs_no_scan(scanner, rf):
    seen = scanner("exit 0")
    request = rf.post("/", {"file": SimpleUploadedFile("x.pdf", b"%PDF-1.7")})
    request.user = AnonymousUser()

    assert scanning.uploads(None).process_view(request) is None
    assert not seen.exists()


def test_a_scanner_that_no_upload_reaches_is_named(settings):
    settings.LMS_UPLOAD_SCANNER = "clamdscan"
    assert checks.check_upload_scanner(None) == []

    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != "lms.scanning.uploads"]

    assert [error.id for error in checks.check_upload_scanner(None)] == ["lms.E013"]
