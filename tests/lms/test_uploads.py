"""Uploads: what is taken, what is refused, and that a bomb does not go off."""

import io
import stat
import time
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lms.uploads import UploadRefused, check_size, check_zip, sniff

MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (MP4, "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "video/quicktime"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"\x00\x00\x00\x18ftyp3gp5", "video/3gpp"),
        (b"\x1a\x45\xdf\xa3\x93B\x82\x84webm", "video/webm"),
        (b"\x1a\x45\xdf\xa3\x93B\x82\x88matroska", "video/x-matroska"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "video/x-msvideo"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"G" + b"\x00" * 187 + b"G" + b"\x00" * 187 + b"G" + b"\x00" * 187, "video/mp2t"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"#EXTM3U\nhttp://127.0.0.1/x", "application/vnd.apple.mpegurl"),
        (b"MZ\x90\x00", "application/x-dosexec"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "text/html"),
        (b"\xef\xbb\xbf  <HTML>", "text/html"),
        (b"<?xml version='1.0'?><svg onload='x()'>", "image/svg+xml"),
        (b"<svg xmlns='x'>", "image/svg+xml"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
        ("họ tên,năm sinh\nNguyễn Thị Lan,1990\n".encode(), "text/plain"),
        (b"", "application/octet-stream"),
        (b"\x00\x01\x02\x03", "application/octet-stream"),
        (b"PK\x03\x04garbage", "application/octet-stream"),
    ],
)
def test_the_bytes_say_what_a_file_is(head, mime):
    file = io.BytesIO(head)

    assert sniff(file) == mime
    assert file.tell() == 0


def test_the_senders_word_is_not_believed():
    file = SimpleUploadedFile("bai-giang.mp4", b"<html><script>", content_type="video/mp4")

    assert sniff(file) == "text/html"


def test_text_cut_within_a_letter_is_still_text():
    assert sniff(io.BytesIO(b"a" * 4095 + "ệ".encode())) == "text/plain"


def test_sizes():
    assert check_size(SimpleUploadedFile("a", b"12345"), 5) == 5
    assert check_size(io.BytesIO(b"12345"), 5) == 5
    with pytest.raises(UploadRefused, match="MB"):
        check_size(SimpleUploadedFile("a", b"123456"), 5)
    with pytest.raises(UploadRefused):
        check_size(SimpleUploadedFile("a", b""), 5)


# --- archives


def archive(members, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        for name, data in members:
            file.writestr(name, data)
    out.seek(0)
    return out


BOOK = [
    ("[Content_Types].xml", "<Types/>"),
    ("xl/workbook.xml", "<workbook/>"),
    ("xl/sharedStrings.xml", "họ tên"),
]


def test_an_ordinary_workbook_is_taken():
    file = archive(BOOK)

    check_zip(file)
    assert sniff(file).endswith("spreadsheetml.sheet")
    assert sniff(archive([("[Content_Types].xml", ""), ("word/document.xml", "")])).endswith(
        "wordprocessingml.document"
    )
    assert sniff(archive([("a.txt", "x")])) == "application/zip"


def test_a_bomb_is_refused_in_a_moment():
    bomb = archive([*BOOK, ("xl/big.xml", b"0" * 80_000_000)])
    started = time.monotonic()

    with pytest.raises(UploadRefused):
        check_zip(bomb)
    assert time.monotonic() - started < 0.1


def test_a_bomb_that_lies_about_its_size_is_refused():
    data = archive([("a.xml", b"0" * 3_000_000)]).getvalue()
    # The directory and the local header both claim 100 bytes.
    lie = data.replace((3_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lie != data

    with pytest.raises(UploadRefused):
        check_zip(io.BytesIO(lie))


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/passwd", "a/../../b", "..\\evil", "C:\\evil", "a/.."])
def test_members_that_reach_outside_are_refused(name):
    with pytest.raises(UploadRefused):
        check_zip(archive([(name, "x")]))


def test_links_are_refused():
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(UploadRefused):
        check_zip(archive([(link, "/etc/passwd")]))


def test_encrypted_members_are_refused():
    data = bytearray(archive([("a.xml", "x")], zipfile.ZIP_STORED).getvalue())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UploadRefused):
        check_zip(io.BytesIO(bytes(data)))


def test_too_many_members_are_refused():
    with pytest.raises(UploadRefused):
        check_zip(archive([(f"{number}.xml", "x") for number in range(201)]))


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", archive(BOOK).getvalue()[:-9]])
def test_broken_archives_are_refused(data):
    with pytest.raises(UploadRefused):
        check_zip(io.BytesIO(data))


def test_a_flipped_byte_is_noticed():
    data = bytearray(archive([("a.xml", b"abc" * 1000)]).getvalue())
    data[50] ^= 0xFF
    with pytest.raises(UploadRefused):
        check_zip(io.BytesIO(bytes(data)))
