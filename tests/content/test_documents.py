"""A document is what its name says, or it is not stored."""

import io
import zipfile
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.documents import get_document_model

from lms.actions import provider_collection

WORD = "word/document.xml"


def office(*names, folder=WORD, body=b"<w/>"):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", folder, *names):
            archive.writestr(name, body)
    return data.getvalue()


GOOD = [
    ("phac-do.pdf", b"%PDF-1.7 x"),
    ("phac-do.docx", office()),
    ("bai.pptx", office(folder="ppt/presentation.xml")),
    ("tieng-tim.m4a", b"\0\0\0\x20ftypM4A \0\0\0\0"),
    ("ghi-am.m4a", b"\0\0\0\x20ftypmp42\0\0\0\0"),
    ("tieng-tim.mp3", b"ID3\4\0\0\0\0\0\0"),
    ("tieng-phoi.mp3", b"\xff\xf3\x40\xc0" + bytes(50)),
]
BAD = [
    ("trang.pdf", b"<html><script>alert(1)</script>%PDF-1.7"),
    ("hinh.pdf", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ("chuong-trinh.pdf", b"MZ\x90\0"),
    ("danh-sach.mp3", b"#EXTM3U\nhttp://127.0.0.1/secret\n"),
    ("trang.mp3", b"<!doctype html><p>x"),
    ("nen.docx", b"PK\x03\x04rubbish"),
    ("bang-tinh.docx", office(folder="xl/workbook.xml")),
    ("macro.docx", office("word/vbaProject.bin")),
    ("ra-ngoai.docx", office("../../etc/cron.d/x")),
    ("bom.docx", partial(office, body=bytes(90_000_000))),
    ("rong.pdf", b""),
    ("trang.html", b"<p>x"),
    ("hinh.svg", b"<svg/>"),
    ("hai-duoi.pdf.exe", b"%PDF-1.7"),
]


@pytest.fixture
def send(cast):
    """Ưng hands a document in, by each of Wagtail's two doors."""
    collection = provider_collection(cast.bach_mai)
    assert cast.ung
    client = cast.client(cast.ung)

    def by_form(name, data):
        file = SimpleUploadedFile(name, data)
        form = {"title": name, "file": file, "collection": collection.pk, "tags": ""}
        return client.post(reverse("wagtaildocs:add"), form).status_code == 302

    def by_several(name, data):
        file = SimpleUploadedFile(name, data)
        form = {"title": name, "files[]": file, "collection": collection.pk}
        answer = client.post(reverse("wagtaildocs:add_multiple"), form)
        return answer.status_code == 200 and answer.json().get("success") is True

    return {"form": by_form, "several": by_several}


@pytest.mark.parametrize("door", ["form", "several"])
@pytest.mark.parametrize(("name", "data"), GOOD, ids=[name for name, _ in GOOD])
def test_a_document_that_is_what_it_says_is_stored(send, door, name, data):
    assert send[door](name, data)
    assert get_document_model().objects.count() == 1


@pytest.mark.parametrize("door", ["form", "several"])
@pytest.mark.parametrize(("name", "data"), BAD, ids=[name for name, _ in BAD])
def test_what_is_disguised_hostile_or_of_no_use_is_not_stored(send, door, name, data):
    # A bomb is packed when it is thrown: each worker collects all tests.
    assert not send[door](name, data() if callable(data) else data)
    assert not get_document_model().objects.exists()


@pytest.mark.parametrize(("door", "field"), [("add", "file"), ("add_multiple", "files[]")])
def test_a_document_that_the_disk_does_not_take_is_asked_for_later(cast, unwritable, door, field):
    assert cast.ung
    client = cast.client(cast.ung)
    client.raise_request_exception = False
    file = SimpleUploadedFile("phac-do.pdf", b"%PDF-1.7 x")
    form = {"title": "Phác đồ", "collection": provider_collection(cast.bach_mai).pk, "tags": ""}

    answer = client.post(reverse(f"wagtaildocs:{door}"), form | {field: file})

    assert answer.status_code == 503
    assert "chưa ghi được dữ liệu" in answer.text


def test_the_form_says_what_is_wrong(cast, send):
    client = cast.client(cast.ung)
    form = {"title": "x", "file": SimpleUploadedFile("x.pdf", b"<html>"), "tags": ""}
    form["collection"] = provider_collection(cast.bach_mai).pk

    html = client.post(reverse("wagtaildocs:add"), form).content.decode()

    assert "nhưng bên trong là loại khác" in html
