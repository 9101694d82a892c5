"""Exports of a register made without a database: what a council receives, honest or altered."""

import base64
import datetime
import json
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certificates.facts import canonical, sha256
from certificates.transparency import Head, Tree, export, note

ORIGIN = "vuonxa.example/register"
START = datetime.datetime(2026, 11, 2, 8, 0, tzinfo=datetime.UTC)


@dataclass
class Key:
    """A signing key made of one number, the same in every run."""

    number: int = 1

    @property
    def private(self) -> Ed25519PrivateKey:
        """The private half."""
        return Ed25519PrivateKey.from_private_bytes(bytes([self.number]) * 32)

    @property
    def public(self) -> bytes:
        """The raw public half."""
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


@dataclass
class History:
    """What happened to certificates, entry by entry, and when the register was signed."""

    key: Key = field(default_factory=Key)
    said: list[dict] = field(default_factory=list)
    signed: list[tuple[int, datetime.datetime]] = field(default_factory=list)

    @property
    def now(self) -> datetime.datetime:
        """A minute passes with every entry and every signature."""
        return START + datetime.timedelta(minutes=len(self.said) + len(self.signed))

    def issue(self, series: str = "1-CNKTYKLT-2026") -> int:
        """Enter the next certificate of a series; returns its place among the certificates."""
        papers = [one for one in self.said if one["event"] == "issued"]
        sequence = 1 + sum(one["series"] == series for one in papers)
        self._enter(
            "issued",
            {
                "number": f"{sequence:05d}/2026/GCN-{series[0]}",
                "series": series,
                "sequence": sequence,
                "sample": False,
                "code_sha256": sha256(f"code {len(papers)}".encode()),
                "facts_sha256": sha256(f"facts {len(papers)}".encode()),
                "file_sha256": "",
            },
        )
        return len(papers)

    def happen(self, event: str, paper: int) -> None:
        """Let something happen to a certificate that was issued."""
        mine = [one for one in self.said if one["code_sha256"] == sha256(f"code {paper}".encode())]
        file = sha256(f"file {paper}".encode()) if event == "sealed" else mine[-1]["file_sha256"]
        self._enter(
            event,
            {key: mine[0][key] for key in mine[0] if key not in ("event", "at", "v")} | {"file_sha256": file},
        )

    def sign(self) -> None:
        """Take a checkpoint, unless nothing is new."""
        if not self.signed or self.signed[-1][0] < len(self.said):
            self.signed.append((len(self.said), self.now))

    def _enter(self, event: str, words: dict) -> None:
        self.said.append({"v": 2, "event": event, "at": self.now.isoformat(timespec="microseconds"), **words})

    def lines(self) -> list[str]:
        """The export."""
        leaves, tree, notes = [canonical(one) for one in self.said], Tree(), []
        moments = dict(self.signed)
        for size, leaf in enumerate(leaves, start=1):
            tree.append(bytes.fromhex(sha256(b"\x00" + leaf)))
            if size in moments:
                head = Head(ORIGIN, size, tree.root, moments[size])
                signature = self.key.private.sign(head.text)
                notes.append((size, note(head, public_key=self.key.public, signature=signature)))
        keys = [{"kid": 1, "ed25519": base64.b64encode(self.key.public).decode(), "compromised": None}]
        return list(export(ORIGIN, at=self.now, keys=keys, leaves=leaves, checkpoints=notes))


def honest() -> History:
    """Eight certificates of two issuers: all sealed, one replaced, one revoked; four checkpoints."""
    history = History()
    for number in range(8):
        paper = history.issue("2-CNKTYKLT-2026" if number % 4 == 3 else "1-CNKTYKLT-2026")
        history.happen("sealed", paper)
        if number % 3 == 2:
            history.sign()
    history.happen("superseded", 2)
    history.happen("sealed", history.issue())
    history.sign()
    history.happen("revoked", 4)
    history.sign()
    return history


def changed(line: str, **values) -> str:
    """A line of an export with other values, its hash left alone."""
    row = json.loads(line)
    said = json.loads(row["leaf"]) | values
    return json.dumps(row | {"leaf": canonical(said).decode()}, ensure_ascii=False) + "\n"


def renumbered(lines: list[str]) -> list[str]:
    """The lines of an export with places and hashes made to fit again: all that needs no key."""
    found, index = [], 0
    for line in lines:
        row = json.loads(line)
        if "leaf" in row:
            row |= {"i": index, "hash": sha256(b"\x00" + row["leaf"].encode())}
            index += 1
        found.append(json.dumps(row, ensure_ascii=False) + "\n")
    return found
