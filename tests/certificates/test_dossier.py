"""What an auditor takes home of one certificate: complete, the same every time, checked without us."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.actions import evidence_pack, find_people, issue_for, make_key, seal
from certificates.actions.register import take_checkpoint
from certificates.facts import sha256
from certificates.offline import check_register
from certificates.transparency import Tree, inclusion_proof
from lms.models import AccessLog
from tests.examples import examples
from tests.factories import certificates as make
from tests.factories.certificates import revoke
from tests.factories.programme import programme_a


@examples(60)
@given(st.integers(1, 70).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_every_leaf_is_led_to_the_root_and_no_other(place):
    size, index = place
    leaves = [hashlib.sha256(f"\0{n}".encode()).digest() for n in range(size)]
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    proof = [one.hex() for one in inclusion_proof(leaves, index)]

    assert check_register._climb(leaves[index], index, size, proof) == tree.root
    assert check_register._climb(leaves[index][::-1], index, size, proof) != tree.root
    assert check_register._climb(leaves[index], index, size, [*proof, "00" * 32]) is None
    if size > 1:
        assert check_register._climb(leaves[index], index ^ 1, size, proof) != tree.root
        assert check_register._climb(leaves[index], index, size, proof[:-1]) != tree.root
    with pytest.raises(ValueError, match="leaf"):
        inclusion_proof(leaves, size)


@pytest.fixture
def world(cast, settings, tmp_path):
    """Lan did everything a course of Bạch Mai asks; her certificate stands in a signed register."""
    settings.LMS_CERTIFICATES_KEYS_FOLDER = tmp_path / "keys"
    for purpose in ("codes", "documents", "checkpoints"):
        make_key(purpose)
    programme = programme_a(cast)
    assert programme.issuer
    enrolment = programme.complete(programme.enrol(cast.lan))
    cast.paper = seal(issue_for(enrolment))
    take_checkpoint()
    return cast


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def address(paper) -> str:
    return f"/certificates/{paper.uuid}/evidence.zip"


def test_the_pack_holds_the_paper_its_facts_and_what_they_rest_on(world):
    response = world.client(world.hang).get(address(world.paper))
    files = opened(response.content)
    evidence = json.loads(files["evidence.json"])[0]

    assert files["facts.json"] == bytes(world.paper.facts)
    assert sha256(files["certificate.pdf"]) == world.paper.file_sha256
    assert all(rule["met"] for rule in json.loads(files["completion.json"])[0]["explained"]["rules"])
    assert [one["share_per_cent"] for one in evidence["watched"]] == ["100.00"]
    assert [(one["passed"], one["score_per_cent"]) for one in evidence["attempts"]] == [(True, "100.00")]
    assert [one["observer"] for one in evidence["observations"]] == [world.xuan.full_name]
    [session] = evidence["attendance"]
    assert (session["state"], [one["source"] for one in session["intervals"]]) == (
        "present",
        ["coord_roster"],
    )
    assert json.loads(files["release.json"])[0]["decision"]["number"].endswith("/QĐ-BVBM")
    assert {key["signs"] for key in json.loads(files["keys.json"])} == {"codes", "documents", "checkpoints"}
    for line in files["SHA256SUMS"].decode().splitlines():
        digest, name = line.split("  ")
        assert sha256(files[name]) == digest
    # Nothing by which the next learner would pass the same test.
    assert b'"key"' not in files["evidence.json"]
    assert b"blueprint" not in files["release.json"]
    look = AccessLog.objects.filter(person=world.lan, user=world.hang.user).latest("pk")
    assert look.what == "the evidence of a certificate"


def test_the_same_rows_give_the_same_bytes_however_the_register_grows(world):
    before = evidence_pack(world.paper)
    issue_for(make.completed(world.minh, make.run(world.bach_mai)))
    take_checkpoint()

    assert evidence_pack(world.paper) == before

    revoke(world.paper, by=world.dao.user, reason="Cấp nhầm người.")
    world.paper.refresh_from_db()
    later = json.loads(opened(evidence_pack(world.paper))["register.json"])
    assert [(one["event"], one["index"] is None) for one in later["entries"]][-1] == ("revoked", True)


def swapped(data: bytes, name: str, change) -> bytes:
    """The same pack with one file changed, and the hash list made to agree."""
    files = opened(data)
    files[name] = change(files[name])
    sums = "".join(f"{sha256(files[n])}  {n}\n" for n in sorted(set(files) - {"SHA256SUMS"}))
    files["SHA256SUMS"] = sums.encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for one, content in files.items():
            archive.writestr(one, content)
    return out.getvalue()


def test_the_councils_program_checks_the_pack_on_its_own_machine(world, tmp_path):
    data = evidence_pack(world.paper)
    name = world.lan.full_name.encode()
    forged = {
        "whole": (data, 0, "✓ Bộ minh chứng nguyên vẹn"),
        "name": (
            swapped(data, "facts.json", lambda one: one.replace(name, "Lò Văn Ún".encode())),
            1,
            "diễn biến",
        ),
        "file": (swapped(data, "certificate.pdf", lambda one: one + b"\n"), 1, "diễn biến"),
        "leaf": (
            swapped(data, "register.json", lambda one: one.replace(b"00001/", b"00002/")),
            1,
            "điểm chốt đã ký",
        ),
        "sum": (data.replace(b"certificate.pdf\n", b"certificate.pdx\n"), 2, ""),
        "none": (b"PK", 2, ""),
    }
    for case, (content, code, words) in forged.items():
        (tmp_path / "pack.zip").write_bytes(content)
        ended = subprocess.run(
            [sys.executable, "-I", "-S", check_register.__file__, "--pack", "pack.zip"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert ended.returncode == code, (case, ended.stdout, ended.stderr)
        assert words in ended.stdout, (case, ended.stdout)
    (tmp_path / "pack.zip").write_bytes(data)
    assert check_register.main(["--pack", str(tmp_path / "pack.zip"), "--key", "ffff"]) == 1


def test_the_holder_and_a_verifier_with_a_purpose_take_it_too_and_nobody_else(world):
    path = address(world.paper)
    assert world.client(world.mo).get(path).status_code == 404
    find_people(
        by=world.mo.user, purpose="Hậu kiểm 2026", name=world.lan.full_name, born=world.lan.birth_date
    )

    assert world.client(world.mo).get(path).status_code == 200
    assert (
        AccessLog.objects.filter(person=world.lan, user=world.mo.user).latest("pk").purpose == "Hậu kiểm 2026"
    )
    assert opened(world.client(world.lan).get(path).content)["certificate.pdf"]
    for who in ("minh", "hoa", "trong", "ha"):
        assert world.client(getattr(world, who)).get(path).status_code == 404
    assert "login" in world.client().get(path).url
