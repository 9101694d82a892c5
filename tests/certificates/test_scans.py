"""Certificates signed by hand: printed, signed, scanned; what the scan must be and who sees it."""

import io
import json
import zipfile

import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from certificates.actions import evidence_pack, issue_for, seal
from certificates.actions.scans import attach_scan
from certificates.facts import sha256
from certificates.models import Certificate, Issuer, SignedScan
from certificates.permissions import NotAllowed
from lms.models import AccessLog
from lms.uploads import UploadRefused
from tests.certificates.test_templates import WORDS, in_force, stored
from tests.factories import certificates as make


@pytest.fixture
def paper(cast):
    """A certificate of Lan's that is printed and waits for its signature."""
    cast.run = make.ready(cast.bach_mai)
    cast.issuer = Issuer.objects.get(facility=cast.bach_mai)
    in_force(cast, values=WORDS | {"mode": "wet"})
    return seal(issue_for(make.completed(cast.lan, cast.run)))


def scanned(code: str, name="ban-ky.jpg") -> SimpleUploadedFile:
    png = io.BytesIO()
    segno.make(f"HTTPS://DAOTAO.EXAMPLE.VN/V/{code}#123").save(png, kind="png", scale=8)
    sheet = Image.new("RGB", (1200, 1600), "white")
    sheet.paste(Image.open(png).convert("RGB"), (100, 1000))
    out = io.BytesIO()
    sheet.save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def test_the_office_attaches_the_scan_and_the_public_page_names_its_hash(cast, paper):
    before, client, anybody = stored(paper), cast.client(cast.hang), cast.client()
    assert "chờ bản ký" in anybody.get(paper.path).content.decode()
    assert client.get(f"/certificates/{paper.uuid}/scan/").status_code == 404

    client.post(f"/certificates/{paper.uuid}/scan/", {"scan": scanned(paper.code)})

    scan = SignedScan.objects.get()
    assert scan.by_code
    page = anybody.get(paper.path).content.decode()
    assert scan.sha256 in page
    assert "chờ bản ký" not in page
    assert stored(Certificate.objects.get(pk=paper.pk)) == before
    answer = cast.client(cast.lan).get(f"/certificates/{paper.uuid}/scan/")
    assert b"".join(answer).startswith(b"\xff\xd8\xff")
    assert answer["Content-Disposition"].startswith("attachment")
    assert client.get(f"/certificates/{paper.uuid}/scan/").status_code == 200
    assert AccessLog.objects.filter(user=cast.hang.user, person=cast.lan).exists()
    with zipfile.ZipFile(io.BytesIO(evidence_pack(Certificate.objects.get(pk=paper.pk)))) as pack:
        assert sha256(pack.read("signed-scan.jpg")) == scan.sha256
        assert json.loads(pack.read("register.json"))["signed_scan"]["sha256"] == scan.sha256


def test_a_scan_of_another_paper_or_of_another_kind_is_refused(cast, paper):
    other = seal(issue_for(make.completed(cast.minh, cast.run)))

    for file in (
        scanned(other.code),
        SimpleUploadedFile("a.pdf", b"<html>"),
        SimpleUploadedFile("a.jpg", b"\xff\xd8\xff broken"),
        SimpleUploadedFile("a.pdf", b""),
    ):
        with pytest.raises(UploadRefused):
            attach_scan(paper, file=file, by=cast.hang.user)
    with pytest.raises(NotAllowed):
        attach_scan(paper, file=scanned(paper.code), by=cast.ung.user)
    assert cast.client(cast.lan).post(f"/certificates/{paper.uuid}/scan/").status_code == 404
    assert not SignedScan.objects.exists()
    Certificate.objects.filter(pk=paper.pk).update(mode="digital")
    paper.refresh_from_db()
    with pytest.raises(UploadRefused):
        attach_scan(paper, file=scanned(paper.code), by=cast.hang.user)


def test_a_better_scan_takes_the_place_and_the_same_one_changes_nothing(cast, paper):
    pdf = SimpleUploadedFile("a.pdf", b"%PDF-1.4 scan")
    first = attach_scan(paper, file=pdf, by=cast.hang.user)
    pdf.seek(0)
    assert attach_scan(paper, file=pdf, by=cast.hang.user) == first

    shown = cast.client(cast.dao).get(f"/admin/lms-certificates/inspect/{paper.pk}/").content.decode()
    assert ("không đọc được mã qr" in shown.lower(), "Thay bản quét" in shown) == (True, True)
    second = attach_scan(paper, file=scanned(paper.code), by=cast.hang.user)

    shown = cast.client(cast.dao).get(f"/admin/lms-certificates/inspect/{paper.pk}/").content.decode()
    assert "không đọc được mã qr" not in shown.lower()
    first.refresh_from_db()
    assert first.replaced_at == second.added_at
    assert paper.signed_scan == second
    assert not first.by_code
