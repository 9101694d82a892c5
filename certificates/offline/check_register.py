#!/usr/bin/env python3
"""Checks an export of the register on the council's own machine: Python alone, nothing to install.

    python3 check_register.py register.jsonl
    python3 check_register.py register.jsonl --kept register-last-month.jsonl
    python3 check_register.py register.jsonl --key 2fa3… --code XXXXXX-XXXXXX-XXXXXX --file certificate.pdf
    python3 check_register.py --pack evidence.zip --key 2fa3…

Keep every export: --kept compares the new one with an older one and names the first entry that was
changed since, even if whoever changed it holds the database and the key. --key is the fingerprint
of the register's key, as read out by the issuer; without it the keys in the file are believed.
--pack checks the evidence of one certificate: its hash list, and that its facts and its file stand in
the register that the checkpoint in it signed.
Ends with 0 where all is well, 1 with findings, 2 where the file cannot be read.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
import zipfile
from datetime import datetime, timedelta

# A certificate may be entered just before a checkpoint and become visible just after it.
PATIENCE = timedelta(hours=1)
ENDS = {"revoked", "superseded"}
MOST_SHOWN = 50
MOST_BYTES = 50_000_000

# --- Ed25519 (RFC 8032): verifying alone, no secret passes through here -----------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _recover(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def _point(data):
    number = int.from_bytes(data, "little")
    y = number & (1 << 255) - 1
    x = _recover(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


def _add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar, point):
    result = (0, 1, 1, 0)
    for bit in bin(scalar)[2:]:
        result = _add(result, result)
        if bit == "1":
            result = _add(result, point)
    return result


_Y = 4 * pow(5, P - 2, P) % P
BASE = (_recover(_Y, 0), _Y, 1, _recover(_Y, 0) * _Y % P)


def verifies(public_key, message, signature):
    """Whether *signature* (64 bytes) over *message* was made with the key of *public_key* (32 bytes)."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, start = _point(public_key), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or start is None or scalar >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % L
    left, right = _times(scalar, BASE), _add(start, _times(challenge, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 == (left[1] * right[2] - right[1] * left[2]) % P


# --- the tree (RFC 6962) ---------------------------------------------------------------------------


class Tree:
    """The hashes of the full subtrees, as many as the size has ones."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def append(self, digest):
        """Add one leaf by its hash."""
        full, self.size = self.size, self.size + 1
        while full & 1:
            digest = hashlib.sha256(b"\x01" + self.peaks.pop() + digest).digest()
            full >>= 1
        self.peaks.append(digest)

    @property
    def root(self):
        """The hash that stands for all leaves in their order."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            root = hashlib.sha256(b"\x01" + peak + root).digest()
        return root


# --- what the file says ----------------------------------------------------------------------------

WORDS = {
    "damaged": ("dòng không đọc được", "the line cannot be read"),
    "order": ("mục không nằm đúng thứ tự", "the entry is not in its place"),
    "altered": ("nội dung mục đã bị sửa", "the entry was altered"),
    "root": (
        "sổ không còn như lúc ký; một mục trong khoảng này đã bị sửa, xóa hoặc chèn",
        "the register is no longer what was signed; an entry in this range was changed, deleted or inserted",
    ),
    "missing": (
        "điểm chốt ghi nhiều mục hơn số mục có trong sổ",
        "the checkpoint covers more entries than there are",
    ),
    "open": ("các mục cuối không có điểm chốt nào", "the last entries are covered by no checkpoint"),
    "key": ("điểm chốt được ký bằng khóa lạ", "the checkpoint is signed by an unknown key"),
    "signature": ("chữ ký của điểm chốt sai", "the signature of the checkpoint is wrong"),
    "compromised": (
        "khóa đã bị lộ trước khi ký điểm chốt này",
        "the key was compromised before this checkpoint",
    ),
    "back": ("điểm chốt đi ngược thời gian", "the checkpoint goes back in time"),
    "late": (
        "mục ghi ngày trước điểm chốt đã ký",
        "the entry is dated before a checkpoint that stood already",
    ),
    "number": (
        "số giấy bị trùng, bỏ quãng hoặc sai thứ tự",
        "the number is a duplicate, leaves a gap or is out of order",
    ),
    "story": ("diễn biến của giấy không hợp lý", "what happened to the certificate does not follow"),
    "changed": ("mục khác với bản xuất đã giữ", "the entry differs from the export that was kept"),
    "shorter": (
        "sổ ngắn hơn bản xuất đã giữ: đã khôi phục bản sao lưu cũ hoặc cắt bớt sổ",
        "the register is shorter than the export that was kept: an old backup was restored or it was cut",
    ),
    "life": (
        "khóa trong bản xuất đã giữ nay biến mất hoặc đổi ngày",
        "a key of the export that was kept is gone, or its dates were changed",
    ),
    "sum": ("tệp không khớp danh sách mã băm", "a file does not agree with the hash list"),
    "unproved": (
        "mục không nằm trong sổ mà điểm chốt đã ký",
        "the entry does not lie in the register that the checkpoint signed",
    ),
    "waiting": ("mục chưa có điểm chốt nào", "the entry is covered by no checkpoint yet"),
    "forked": ("điểm chốt đã giữ không còn trong sổ", "a checkpoint that was kept is no longer there"),
}


class Unreadable(Exception):
    """The file is no export of a register."""


class Register:
    """An export, read line by line; ``findings`` are (word, entry or None, detail)."""

    def __init__(self, lines, *, fingerprint=""):
        self.findings, self.hashes, self.notes = [], [], {}
        self.papers, self.series, self.tree = {}, {}, Tree()
        self.last_note_at, self.covered, self.is_broken = None, 0, False
        lines = iter(lines)
        try:
            head = json.loads(next(lines))
            self.origin, version = head["register"], head["v"]
            self.keys, self.lives = {}, {}
            for key in head["keys"]:
                raw = base64.b64decode(key["ed25519"])
                self.lives[raw] = (_moment(key.get("from")), _moment(key.get("compromised")))
                named = hashlib.sha256(self.origin.encode() + b"\n\x01" + raw).digest()[:4]
                self.keys[named] = (raw, _moment(key.get("compromised")))
        except (StopIteration, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unreadable from error
        if version != 1:
            raise Unreadable
        if fingerprint:
            wanted = re.sub("[^0-9a-f]", "", fingerprint.lower())
            self.keys = {
                n: k for n, k in self.keys.items() if hashlib.sha256(k[0]).hexdigest().startswith(wanted)
            }
        for position, line in enumerate(lines):
            self._read(position, line)
        if self.covered < self.tree.size:
            self.find("open", self.covered)

    def find(self, word, entry=None, detail=""):
        """Note a finding at an entry."""
        self.findings.append((word, entry, detail))

    def fingerprints(self):
        """The SHA-256 of each key, to be compared with what the issuer reads out."""
        return [hashlib.sha256(raw).hexdigest() for raw, _when in self.keys.values()]

    def _read(self, position, line):
        try:
            row = json.loads(line)
            if "checkpoint" in row:
                self._checkpoint(row["checkpoint"])
            else:
                self._entry(row["i"], row["hash"], row["leaf"])
        except (ValueError, KeyError, TypeError, AttributeError):
            self.find("damaged", self.tree.size, f"{position + 2}")

    def _entry(self, index, claimed, leaf):
        data, here = leaf.encode(), self.tree.size
        digest = hashlib.sha256(b"\x00" + data).digest()
        if index != here:
            self.find("order", here, f"{index}")
        if digest.hex() != claimed:
            self.find("altered", here)
        self.hashes.append(digest)
        self.tree.append(digest)
        self._event(here, json.loads(leaf))

    def _event(self, here, said):
        """Numbers run without gap, and each certificate is issued, sealed and ended at most once, in this order."""
        at, event, paper = _moment(said["at"]), said["event"], said["code_sha256"]
        if self.last_note_at and at < self.last_note_at - PATIENCE and not said.get("sample"):
            self.find("late", here, said["number"])
        facts, events, file = self.papers.get(paper, (said["facts_sha256"], (), ""))
        right = {
            "issued": not events and not said["file_sha256"],
            "sealed": "issued" in events and "sealed" not in events and bool(said["file_sha256"]),
        }.get(event, event in ENDS and "issued" in events and not ENDS & set(events))
        if event != "sealed" and events:
            right = right and said["file_sha256"] == file
        if not right or facts != said["facts_sha256"]:
            self.find("story", here, said["number"])
        self.papers[paper] = (facts, (*events, event), said["file_sha256"] or file)
        if event == "issued" and "sequence" in said:
            if said["sequence"] != self.series.get(said["series"], 0) + 1:
                self.find("number", here, said["number"])
            self.series[said["series"]] = said["sequence"]

    def _checkpoint(self, note):
        body, _gap, signed = note.partition("\n\n")
        origin, size, root, moment = body.split("\n")
        dash, name, raw = signed.rstrip("\n").split(" ")
        size, at, raw = int(size), _moment(moment[len("time ") :]), base64.b64decode(raw)
        last = max(self.tree.size - 1, 0)
        if (dash, name, origin) != ("\u2014", self.origin, self.origin):
            return self.find("damaged", last, "checkpoint")
        key = self.keys.get(raw[:4])
        if key is None:
            self.find("key", last, f"{size}")
        elif not verifies(key[0], f"{body}\n".encode(), raw[4:]):
            self.find("signature", last, f"{size}")
        elif key[1] and at >= key[1]:
            self.find("compromised", last, f"{size}")
        if size > self.tree.size:
            self.find("missing", self.tree.size, f"{size}")
        elif (size != self.tree.size or base64.b64decode(root) != self.tree.root) and not self.is_broken:
            # What comes after is hashed with what was changed: only the first says where.
            self.is_broken = True
            self.find("root", self.covered, f"{self.covered}–{last}")
        if self.last_note_at and at < self.last_note_at:
            self.find("back", last, f"{size}")
        self.last_note_at, self.covered = at, self.tree.size
        self.notes[size] = note

    def compare(self, kept):
        """Find what changed since the export *kept*."""
        both = min(len(self.hashes), len(kept.hashes))
        first = next((i for i in range(both) if self.hashes[i] != kept.hashes[i]), None)
        if first is not None:
            self.find("changed", first)
        if len(self.hashes) < len(kept.hashes):
            self.find("shorter", len(self.hashes), f"{len(kept.hashes)}")
        for raw, (since, lost) in kept.lives.items():
            now = self.lives.get(raw)
            # A loss may be found out later and dated earlier, never forgotten or dated later.
            if now is None or now[0] != since or (lost and (now[1] is None or now[1] > lost)):
                self.find("life", None, hashlib.sha256(raw).hexdigest()[:16])
        for size, note in kept.notes.items():
            if self.notes.get(size) != note:
                self.find("forked", max(size - 1, 0), f"{size}")
                break

    def state(self, code):
        """What the register says of a certificate by its code: (numbered events, SHA-256 of the file) or None."""
        code = re.sub("[^0-9A-Z]", "", code.upper()).translate(str.maketrans("OIL", "011"))
        found = self.papers.get(hashlib.sha256(code.encode()).hexdigest())
        return found and (found[1], found[2])


# --- the evidence of one certificate ---------------------------------------------------------------


class Pack:
    """A pack of evidence; ``findings`` as those of a register."""

    def __init__(self, file, *, fingerprint=""):
        self.findings = []
        try:
            with zipfile.ZipFile(file) as archive:
                if sum(info.file_size for info in archive.infolist()) > MOST_BYTES:
                    raise Unreadable
                self.files = {name: archive.read(name) for name in archive.namelist()}
            self.said = json.loads(self.files["facts.json"])
            told = json.loads(self.files["register.json"])
            self._sums()
            self._proofs(told, self._note(told, fingerprint))
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
        ) as error:
            raise Unreadable from error

    def find(self, word, entry=None, detail=""):
        """Note a finding."""
        self.findings.append((word, entry, detail))

    def _sums(self):
        listed = {}
        for line in self.files["SHA256SUMS"].decode().splitlines():
            digest, _gap, name = line.partition("  ")
            listed[name] = digest
        for name in sorted(set(listed) | set(self.files) - {"SHA256SUMS"}):
            data = self.files.get(name)
            if data is None or hashlib.sha256(data).hexdigest() != listed.get(name):
                self.find("sum", None, name)

    def _note(self, told, fingerprint):
        """The (size, root) that the checkpoint signed, or None."""
        if not told["checkpoint"]:
            return None
        body, _gap, signed = told["checkpoint"].partition("\n\n")
        origin, size, root, _time = body.split("\n")
        raw = base64.b64decode(signed.rstrip("\n").split(" ")[2])
        key = base64.b64decode(told["key"]["ed25519"])
        named = hashlib.sha256(origin.encode() + b"\n\x01" + key).digest()[:4]
        wanted = re.sub("[^0-9a-f]", "", fingerprint.lower())
        self.fingerprint = hashlib.sha256(key).hexdigest()
        if raw[:4] != named or not self.fingerprint.startswith(wanted):
            self.find("key")
        elif not verifies(key, f"{body}\n".encode(), raw[4:]):
            self.find("signature")
        return int(size), base64.b64decode(root)

    def _proofs(self, told, note):
        facts = hashlib.sha256(self.files["facts.json"]).hexdigest()
        file = self.files.get("certificate.pdf")
        for row in told["entries"]:
            leaf, said = row["leaf"].encode(), json.loads(row["leaf"])
            sealed = said["event"] == "sealed"
            same = (said["number"], said["facts_sha256"]) == (self.said["number"], facts)
            if not same or (
                sealed and file is not None and said["file_sha256"] != hashlib.sha256(file).hexdigest()
            ):
                self.find("story", row["index"], said["event"])
            if note is None or row["index"] is None:
                self.find("waiting", row["index"], said["event"])
            elif (
                _climb(hashlib.sha256(b"\x00" + leaf).digest(), row["index"], note[0], row["proof"])
                != note[1]
            ):
                self.find("unproved", row["index"], said["event"])


def _climb(digest, index, size, proof):
    """The root to which *proof* leads from the leaf *index* of *size*, or None where it has the wrong length."""
    proof, last = [bytes.fromhex(one) for one in proof], size - 1
    if not 0 <= index <= last:
        return None
    while last:
        if index & 1 or index < last:
            if not proof:
                return None
            beside = proof.pop(0)
            both = beside + digest if index & 1 else digest + beside
            digest = hashlib.sha256(b"\x01" + both).digest()
        index, last = index >> 1, last >> 1
    return None if proof else digest


def _moment(text):
    moment = datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None
    if moment is not None and moment.tzinfo is None:
        raise ValueError("a moment without zone")
    return moment


# --- the command -----------------------------------------------------------------------------------


def main(argv=None):
    """Check the file named on the command line and say what was found."""
    parser = argparse.ArgumentParser(
        description="Kiểm tra bản xuất của sổ giấy chứng nhận / checks an export of the register"
    )
    parser.add_argument("export", nargs="?")
    parser.add_argument("--pack", help="bộ minh chứng của một giấy / the evidence of one certificate")
    parser.add_argument("--kept", help="bản xuất trước đây đã giữ / an earlier export")
    parser.add_argument("--key", default="", help="dấu vân tay khóa / fingerprint of the key")
    parser.add_argument("--code", help="mã trên giấy / the code on a paper")
    parser.add_argument("--file", help="tệp PDF của giấy đó / its PDF")
    parser.add_argument("--english", action="store_true")
    chosen = parser.parse_args(argv)
    tongue = 1 if chosen.english else 0
    if chosen.pack:
        return _tell_pack(chosen, tongue)
    if not chosen.export:
        parser.error("export | --pack")
    try:
        with open(chosen.export, encoding="utf-8") as file:
            register = Register(file, fingerprint=chosen.key)
        if chosen.kept:
            with open(chosen.kept, encoding="utf-8") as file:
                register.compare(Register(file))
    except (OSError, UnicodeError, Unreadable) as error:
        said = ("Không đọc được tệp", "The file cannot be read")[tongue]
        print(f"{said}: {error or chosen.export}", file=sys.stderr)
        return 2
    for word, entry, detail in register.findings[:MOST_SHOWN]:
        place = f"{('mục', 'entry')[tongue]} {entry}" if entry is not None else "–"
        print(f"✕ {place}: {WORDS[word][tongue]}{f' ({detail})' if detail else ''}")
    if rest := len(register.findings[MOST_SHOWN:]):
        print(f"… +{rest}")
    bad = bool(register.findings)
    if chosen.code:
        bad |= _tell(register, chosen, tongue)
    words = (
        "{state}: {origin}, {size} mục, {notes} điểm chốt, khóa {keys}",
        "{state}: {origin}, {size} entries, {notes} checkpoints, key {keys}",
    )[tongue]
    state = (("✓ Sổ nguyên vẹn", "✕ CÓ VẤN ĐỀ"), ("✓ The register is whole", "✕ FINDINGS"))[tongue][
        bool(register.findings)
    ]
    print(
        words.format(
            state=state,
            origin=register.origin,
            size=register.tree.size,
            notes=len(register.notes),
            keys=", ".join(register.fingerprints()) or "–",
        )
    )
    return int(bad)


def _tell_pack(chosen, tongue):
    """Check a pack of evidence and say what was found."""
    try:
        pack = Pack(chosen.pack, fingerprint=chosen.key)
    except (OSError, Unreadable) as error:
        said = ("Không đọc được tệp", "The file cannot be read")[tongue]
        print(f"{said}: {error or chosen.pack}", file=sys.stderr)
        return 2
    for word, entry, detail in pack.findings:
        place = f"{('mục', 'entry')[tongue]} {entry}" if entry is not None else "–"
        print(f"✕ {place}: {WORDS[word][tongue]}{f' ({detail})' if detail else ''}")
    whole = ("✓ Bộ minh chứng nguyên vẹn", "✓ The evidence is whole")
    state = (whole, ("✕ CÓ VẤN ĐỀ", "✕ FINDINGS"))[bool(pack.findings)][tongue]
    print(f"{state}: {pack.said['number']}")
    return int(bool(pack.findings))


def _tell(register, chosen, tongue):
    """Say how one certificate stands; true where it does not count."""
    found = register.state(chosen.code)
    if found is None:
        print(("✕ Mã này không có trong sổ.", "✕ This code is not in the register.")[tongue])
        return True
    events, digest = found
    ended = ENDS & set(events)
    states = {"revoked": ("đã thu hồi", "revoked"), "superseded": ("đã thay thế", "replaced")}
    words = states[ended.pop()] if ended else ("hợp lệ", "valid")
    print(f"{'✕' if words[1] != 'valid' else '✓'} {chosen.code}: {words[tongue]}")
    if chosen.file:
        with open(chosen.file, "rb") as file:
            same = hashlib.sha256(file.read()).hexdigest() == digest
        print(
            (
                ("✕ Tệp không phải bản gốc.", "✓ Tệp là bản gốc."),
                ("✕ The file is not the original.", "✓ The file is the original."),
            )[tongue][same]
        )
        return words[1] != "valid" or not same
    return words[1] != "valid"


if __name__ == "__main__":
    sys.exit(main())
