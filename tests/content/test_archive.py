"""The archive of a course: what is written is read back, and everything else is refused with its reason."""

import hashlib
import io
import json
import stat
import struct
import time
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.archive import (
    DOCUMENTS,
    FORMAT,
    MANIFEST,
    MOST_MEMBERS,
    VERSION,
    Unusable,
    Writer,
    canonical,
    digest_of,
    fits,
    media_name,
    open_archive,
)
from content.archive_words import WORDS, say

MOST = 50_000_000
MEDIUM = b"\x00\x00\x00\x18ftypisom" + bytes(range(256)) * 40


def written(course=(), media: bytes = MEDIUM) -> bytes:
    """A whole archive of one medium."""
    handle = io.BytesIO()
    writer = Writer(handle)
    for kind in DOCUMENTS:
        writer.document(kind, course if kind == "course" else [])
    writer.media(media_name(hashlib.sha256(media).hexdigest(), ".mp4"), iter([media]))
    writer.close()
    return handle.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts, **values) -> bytes:
    """A ZIP of *parts*: a dict, or (name or ZipInfo, bytes) pairs."""
    handle = io.BytesIO()
    with zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items() if isinstance(parts, dict) else parts:
            archive.writestr(name, data, **values)
    return handle.getvalue()


def with_manifest(parts: dict[str, bytes], **changes) -> dict[str, bytes]:
    """*parts* with a manifest that fits them, but for *changes*."""
    parts = {name: data for name, data in parts.items() if name != MANIFEST}
    files = {
        name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in parts.items()
    }
    manifest = {"format": FORMAT, "version": VERSION, "digest": digest_of(files), "files": files, **changes}
    return {**parts, MANIFEST: canonical(manifest)}


def refusal(data: bytes, most_bytes=MOST) -> str:
    with pytest.raises(Unusable) as refused:
        open_archive(io.BytesIO(data), most_bytes=most_bytes)
    assert refused.value.code in WORDS
    assert "%(" not in say(refused.value.code, refused.value.params)
    return refused.value.code


TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcđ", max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(TREES, st.binary(min_size=1, max_size=2000))
def test_what_is_written_is_read_back_and_has_one_form(tree, medium):
    data = written(tree, medium)
    archive = open_archive(io.BytesIO(data), most_bytes=MOST)

    name = media_name(hashlib.sha256(medium).hexdigest(), ".mp4")
    assert archive.document("course") == tree
    assert archive.bytes_of(name) == medium
    assert archive.size(name) == len(medium)
    assert written(tree, medium) == data


def test_other_content_has_another_digest():
    digests = {open_archive(io.BytesIO(written(one)), most_bytes=MOST).digest for one in ({}, {"a": 1})}

    assert len(digests) == 2


def test_a_medium_that_is_no_longer_what_its_name_says_is_not_written():
    writer = Writer(io.BytesIO())

    with pytest.raises(Unusable, match="changed"):
        writer.media(media_name("0" * 64, ".mp4"), iter([b"x"]))


GOOD = members(written())
NAME = next(name for name in GOOD if name.startswith("media/"))


@pytest.mark.parametrize(
    "name",
    [
        "../x.json",
        "media/../../x",
        "/etc/passwd",
        "\\\\server\\x",
        "..\\x",
        "C:\\x",
        "c:x",
        "media/..",
        "a\\b",
    ],
)
def test_names_that_reach_outside_are_refused(name):
    assert refusal(zipped({**GOOD, name: b"x"})) == "outside"


def test_links_are_refused():
    link = zipfile.ZipInfo("media/link")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    assert refusal(zipped([*GOOD.items(), (link, b"/etc/passwd")])) == "link"


def test_pipes_and_devices_are_refused():
    pipe = zipfile.ZipInfo("media/pipe")
    pipe.create_system = 3
    pipe.external_attr = (stat.S_IFIFO | 0o777) << 16

    assert refusal(zipped([*GOOD.items(), (pipe, b"")])) == "link"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_stand_twice_are_refused():
    assert refusal(zipped([*GOOD.items(), ("course.json", b"{}")])) == "twice"
    assert refusal(zipped({**GOOD, "COURSE.json": b"{}"})) == "twice"


def test_locked_members_are_refused():
    data = bytearray(zipped(GOOD))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1

    assert refusal(bytes(data)) == "encrypted"


def test_a_bomb_is_refused_at_once():
    bomb = zipped({**GOOD, "media/" + "0" * 64 + ".mp4": b"\0" * 45_000_000})
    began = time.monotonic()

    assert refusal(bomb) == "bomb"
    assert time.monotonic() - began < 0.1


def test_more_than_the_site_takes_is_refused():
    assert refusal(written(media=MEDIUM * 30), most_bytes=100_000) == "too_big"


def test_a_directory_that_lies_about_a_size_is_refused():
    data = bytearray(zipped(with_manifest({**GOOD, NAME: MEDIUM})))
    # The directory and the manifest both promise less than the stream unpacks to.
    small = with_manifest({**GOOD, NAME: MEDIUM})
    manifest = json.loads(small[MANIFEST])
    manifest["files"][NAME]["size"] = 10
    data = bytearray(zipped({**small, MANIFEST: canonical(manifest)}))
    at = data.rindex(NAME.encode()) - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    data[at + 24 : at + 28] = struct.pack("<I", 10)

    assert refusal(bytes(data)) in {"bomb", "damaged", "changed"}


def test_very_many_files_are_refused():
    assert refusal(zipped({f"media/{number}": b"" for number in range(MOST_MEMBERS + 1)})) == "too_many"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"%PDF-1.4", written()[:-200], written()[300:]])
def test_what_is_no_whole_zip_is_refused(data):
    assert refusal(data) in {"damaged", "no_manifest"}


def test_a_changed_byte_is_found():
    for name in (NAME, "quizzes.json"):
        assert refusal(zipped({**GOOD, name: GOOD[name][:-1] + b" "})) == "changed"


def test_a_medium_under_the_name_of_another_is_found():
    assert refusal(zipped(with_manifest({**GOOD, NAME: MEDIUM + b"x"}))) == "changed"


@pytest.mark.parametrize("name", [NAME, "surveys.json"])
def test_a_missing_file_is_named(name):
    parts = {one: data for one, data in GOOD.items() if one != name}

    assert refusal(zipped(parts)) == "missing"


def test_a_file_that_the_manifest_does_not_name_is_refused():
    assert refusal(zipped({**GOOD, "media/" + "0" * 64 + ".mp4": b"x"})) == "unlisted"
    assert refusal(zipped(with_manifest({**GOOD, "readme.txt": b"x"}))) == "unlisted"
    assert refusal(zipped(with_manifest({**GOOD, "media/x.exe": b"x"}))) == "unlisted"


def test_an_archive_without_manifest_is_no_course():
    assert refusal(zipped({name: data for name, data in GOOD.items() if name != MANIFEST})) == "no_manifest"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"format": "scorm"}, "other_format"),
        ({"version": 4}, "other_version"),
        ({"version": 0}, "other_version"),
        ({"version": "1"}, "other_version"),
        ({"version": True}, "other_version"),
        ({"version": None}, "other_version"),
        ({"files": []}, "malformed"),
        ({"files": {"course.json": {"size": "1", "sha256": ""}}}, "malformed"),
        ({"digest": 1}, "malformed"),
        ({"digest": "0" * 64}, "changed"),
        ({"more": 1}, "malformed"),
    ],
)
def test_a_manifest_of_another_kind_is_refused(changes, code):
    assert refusal(zipped(with_manifest(GOOD, **changes))) == code


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}', b'"\\u0000"', b'"\\ud800"', b"9" * 10_000],
)
def test_json_that_no_database_keeps_is_refused(data):
    assert refusal(zipped(with_manifest({**GOOD, "course.json": data}))) == "malformed"


@pytest.mark.parametrize(
    ("value", "shape", "does"),
    [
        (1, int, True),
        (True, int, False),
        (None, (str, None), True),
        ([1, "a"], [int], False),
        ({"a": 1}, {"a": int}, True),
        ({"a": 1, "b": 1}, {"a": int}, False),
        ({}, {"a": int}, False),
        ({"x": "y"}, {str: str}, True),
        ([], {str: str}, False),
    ],
)
def test_shapes_are_strict(value, shape, does):
    assert fits(value, shape) is does
