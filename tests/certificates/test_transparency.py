"""The tree of the register and the check that a council runs: RFC vectors, an oracle, twelve attacks."""

import base64
import copy
import hashlib
import json
import subprocess
import sys

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from certificates.offline import check_register
from certificates.offline.check_register import Register, verifies
from certificates.transparency import EMPTY, Head, Malformed, Tree, note, read_note
from tests.factories.register import ORIGIN, START, History, Key, changed, honest, renumbered

# The leaves and the roots of certificate-transparency's reference tests, sizes 1 to 8.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def naive(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written."""
    if not hashes:
        return EMPTY
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return hashlib.sha256(b"\x01" + naive(hashes[:k]) + naive(hashes[k:])).digest()


@pytest.mark.parametrize("kind", [Tree, check_register.Tree])
def test_the_tree_has_the_roots_of_the_reference_tests(kind):
    tree = kind()
    assert tree.root == EMPTY
    for text, root in zip(LEAVES, ROOTS, strict=True):
        tree.append(leaf(bytes.fromhex(text)))
        assert tree.root.hex() == root


@given(st.lists(st.binary(max_size=4), max_size=70), st.integers(0, 70))
def test_the_tree_agrees_with_the_rfc_also_when_it_grows_on_from_its_peaks(data, cut):
    hashes = [leaf(one) for one in data]
    first, whole = Tree(), check_register.Tree()
    for one in hashes[:cut]:
        first.append(one)
    grown = Tree(first.size, list(first.peaks))
    for one in hashes[cut:]:
        grown.append(one)
    for one in hashes:
        whole.append(one)

    assert grown.root == whole.root == naive(hashes)
    assert grown.size == len(hashes)


# RFC 8032, section 7.1: secret keys are not needed, public key, message, signature.
RFC8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), RFC8032)
def test_the_offline_check_knows_the_signatures_of_the_rfc(public, message, signature):
    assert verifies(*map(bytes.fromhex, (public, message, signature)))
    assert not verifies(bytes.fromhex(public), b"other", bytes.fromhex(signature))


@given(st.integers(1, 255), st.binary(max_size=60), st.integers(0, 96 * 8 - 1))
def test_the_offline_check_and_openssl_agree_on_good_and_broken_signatures(number, message, flip):
    key = Key(number)
    both = bytearray(key.public + key.private.sign(message))
    assert verifies(key.public, message, bytes(both[32:]))

    both[flip // 8] ^= 1 << flip % 8
    public, signature = bytes(both[:32]), bytes(both[32:])
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        good = True
    except (InvalidSignature, ValueError):
        good = False
    assert verifies(public, message, signature) == good


def test_a_signature_with_a_scalar_beyond_the_order_is_refused():
    key = Key()
    signature = key.private.sign(b"x")
    beyond = int.from_bytes(signature[32:], "little") + check_register.L

    assert not verifies(key.public, b"x", signature[:32] + beyond.to_bytes(32, "little"))


def test_a_note_reads_back_as_it_was_written():
    key, head = Key(), Head(ORIGIN, 5, leaf(b"x"), START)
    text = note(head, public_key=key.public, signature=key.private.sign(head.text))

    assert read_note(text)[0] == head
    assert text.split("\n")[:3] == [ORIGIN, "5", base64.b64encode(head.root).decode()]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text.replace("\n5\n", "\n05\n"),
        lambda text: text.replace("\u2014", "-"),
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace(ORIGIN, "other.example", 1),
        lambda text: text[:-20],
    ],
)
def test_what_is_no_note_is_refused(spoil):
    key, head = Key(), Head(ORIGIN, 5, leaf(b"x"), START)

    with pytest.raises(Malformed):
        read_note(spoil(note(head, public_key=key.public, signature=key.private.sign(head.text))))


# --- honest histories ------------------------------------------------------------------------------


def test_an_honest_export_raises_no_alarm():
    register = Register(honest().lines())

    assert register.findings == []
    assert register.state("code 0") is None
    assert len(register.notes) == 4


STEPS = st.lists(st.tuples(st.sampled_from("iiisseerr."), st.integers(0, 40)), max_size=60)


@given(STEPS, st.integers(0, 60))
def test_no_honest_history_raises_an_alarm_nor_does_its_comparison_with_an_earlier_export(steps, earlier):
    history, alive, unsealed, kept = History(), [], [], None
    for position, (step, pick) in enumerate(steps):
        if step == "i":
            paper = history.issue(f"{pick % 3}-CNKTYKLT-2026")
            alive.append(paper)
            unsealed.append(paper)
        elif step == "s" and unsealed:
            history.happen("sealed", unsealed.pop(pick % len(unsealed)))
        elif step in "er" and alive:
            history.happen("superseded" if step == "e" else "revoked", alive.pop(pick % len(alive)))
        elif step == "." and history.said:
            history.sign()
        if position == earlier and history.said:
            history.sign()
            kept = copy.deepcopy(history)
    if history.said:
        history.sign()
    register = Register(history.lines())
    if kept:
        register.compare(Register(kept.lines()))

    assert register.findings == []


# --- attacks ---------------------------------------------------------------------------------------


def place(lines: list[str], entry: int) -> int:
    return next(n for n, line in enumerate(lines) if json.loads(line).get("i") == entry)


def edit(entry: int, **values):
    def attack(lines):
        lines[place(lines, entry)] = changed(lines[place(lines, entry)], **values)
        return lines

    return attack


def delete(entry: int):
    def attack(lines):
        del lines[place(lines, entry)]
        return renumbered(lines)

    return attack


def insert(lines):
    line = changed(lines[place(lines, 0)], number="00099/2026/GCN-1", code_sha256="f" * 64, sequence=99)
    lines.insert(place(lines, 7), line)
    return renumbered(lines)


def swap(lines):
    one, other = place(lines, 6), place(lines, 8)
    lines[one], lines[other] = lines[other], lines[one]
    return renumbered(lines)


def truncate(lines):
    return lines[: place(lines, 17)] + lines[-1:]


def resign(alter, number: int = 1):
    """What the holder of the key, or of another key, could sign: everything fits again."""

    def attack(_lines):
        history = honest()
        alter(history)
        history.key = Key(number)
        return history.lines()

    return attack


def duplicate(history):
    history.said[4] |= {"number": history.said[2]["number"], "sequence": history.said[2]["sequence"]}


def fork(history):
    history.said[12]["facts_sha256"] = history.said[13]["facts_sha256"] = "e" * 64


def unrevoke(history):
    del history.said[-1]
    history.signed[-1] = (len(history.said), history.signed[-1][1])
    del history.signed[-2]


def yesterday(history):
    del history.said[-1], history.signed[-1]


# Each with the first entry that it changed. The last three are signed again, so that the file alone is
# in order: whoever kept an earlier export finds them.
ATTACKS = {
    "another name behind the hash": (edit(5, facts_sha256="a" * 64), 5),
    "another number": (edit(8, number="00001/2026/GCN-9"), 8),
    "back-dated": (edit(10, at="2026-01-05T08:00:00.000000+00:00"), 10),
    "the first entry deleted": (delete(0), 0),
    "a middle entry deleted, the rest renumbered": (delete(9), 9),
    "the last entry deleted": (delete(19), 19),
    "an entry inserted, the rest renumbered": (insert, 7),
    "two entries swapped": (swap, 6),
    "a number given twice, signed again with the key": (resign(duplicate), 4),
    "forked and signed again with the key": (resign(fork), 12),
    "rolled back to yesterday": (resign(yesterday), 19),
    "a revocation undone and signed again with another key": (resign(unrevoke, 2), 19),
}
ALONE = list(ATTACKS)[:9]
CHECKPOINTS = [0, 6, 12, 19, 20]


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_of_twelve_attacks_is_found_at_the_very_entry_by_whoever_kept_an_export(attack):
    alter, entry = ATTACKS[attack]
    register = Register(alter(honest().lines()))
    register.compare(Register(honest().lines()))

    assert entry in {place for word, place, _detail in register.findings if word in ("changed", "shorter")}


@pytest.mark.parametrize("attack", ALONE)
def test_what_was_not_signed_again_is_found_between_two_checkpoints_without_an_earlier_export(attack):
    alter, entry = ATTACKS[attack]
    places = [place for _word, place, _detail in Register(alter(honest().lines())).findings]

    start = max(size for size in CHECKPOINTS if size <= entry)
    end = min(size for size in CHECKPOINTS if size > entry)
    assert start <= min(places) < end


def test_the_fingerprint_read_out_by_the_issuer_unmasks_another_key():
    fingerprint = hashlib.sha256(Key(1).public).hexdigest()
    register = Register(resign(lambda history: None, 2)([]), fingerprint=fingerprint[:16])

    assert {word for word, _entry, _detail in register.findings} == {"key"}
    assert Register(honest().lines(), fingerprint=fingerprint[:16].upper()).findings == []


def test_a_checkpoint_signed_after_the_key_was_lost_counts_no_more():
    head, *rest = honest().lines()
    found = json.loads(head)
    found["keys"][0]["compromised"] = "2026-11-02T08:10:00+00:00"
    words = [word for word, _entry, _detail in Register([json.dumps(found), *rest]).findings]

    assert set(words) == {"compromised"}
    assert len(words) < 4


def test_an_entry_dated_before_a_checkpoint_that_stood_already_is_named_back_dated():
    history = honest()
    history.said[-1]["at"] = "2026-11-01T08:00:00.000000+00:00"

    assert [word for word, *_rest in Register(history.lines()).findings] == ["late"]


@pytest.mark.parametrize(
    "nonsense", ["", "x\n", "[]\n", '{"register": "a"}\n', '{"register":"a","v":2,"keys":[]}\n']
)
def test_what_is_no_export_is_said_to_be_unreadable(nonsense, tmp_path, capsys):
    (tmp_path / "x.jsonl").write_text(nonsense)

    assert check_register.main([str(tmp_path / "x.jsonl")]) == 2
    assert "Không đọc được" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["", "{", "[]", "{}", '{"i":0,"hash":"","leaf":"{}"}', '{"checkpoint":"x"}'])
def test_a_damaged_line_is_a_finding_and_not_a_crash(line):
    lines = honest().lines()
    lines.insert(4, line + "\n")

    assert "damaged" in {word for word, *_rest in Register(lines).findings}


# --- the command -----------------------------------------------------------------------------------


def test_the_check_runs_alone_on_another_machine(tmp_path):
    (tmp_path / "now.jsonl").write_text("".join(honest().lines()))
    (tmp_path / "forked.jsonl").write_text("".join(ATTACKS["forked and signed again with the key"][0]([])))
    argv = [sys.executable, "-I", "-S", check_register.__file__, "now.jsonl"]

    whole = subprocess.run([*argv, "--kept", "now.jsonl"], cwd=tmp_path, capture_output=True, text=True)
    assert (whole.returncode, whole.stderr) == (0, "")
    assert "✓ Sổ nguyên vẹn" in whole.stdout
    broken = subprocess.run([*argv, "--kept", "forked.jsonl"], cwd=tmp_path, capture_output=True, text=True)
    assert broken.returncode == 1
    assert "mục 12: mục khác với bản xuất đã giữ" in broken.stdout


def test_one_certificate_is_answered_from_the_export_with_its_file(tmp_path, capsys):
    history = History()
    history.issue()
    history.said[0]["code_sha256"] = hashlib.sha256(b"0123456789ABCDEFGH").hexdigest()
    history.said.append(
        history.said[0] | {"event": "sealed", "file_sha256": hashlib.sha256(b"%PDF").hexdigest()}
    )
    history.sign()
    (tmp_path / "now.jsonl").write_text("".join(history.lines()))
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-")
    argv = [str(tmp_path / "now.jsonl"), "--code", "ol2345-6789ab-cdefgh", "--file"]

    assert check_register.main([*argv, str(tmp_path / "a.pdf")]) == 0
    assert "Tệp là bản gốc" in capsys.readouterr().out
    assert check_register.main([*argv, str(tmp_path / "b.pdf"), "--english"]) == 1
    assert "not the original" in capsys.readouterr().out
    assert check_register.main([argv[0], "--code", "ZZZZZZ"]) == 1
    assert "không có trong sổ" in capsys.readouterr().out
