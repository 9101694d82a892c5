"""Pure: whom a row of a list means: a person for certain, somebody to ask about, or nobody known.

Credit follows, so certainty comes first: only a personal tag, an address, a number, or a whole name
that one person of the register bears settles a row by itself. What merely looks alike is shown to
people, never decided (``domain`` 2.5, rule 4).
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from lms import names

SHOWN = 5
"""How many people are proposed for a row that is not certain."""
ALIKE = 0.55
"""From which share of common letter pairs a name is proposed at all."""
_TAG = re.compile(r"#([0-9A-HJKMNP-TV-Z]{8})(?![0-9A-Za-z])", re.IGNORECASE)
_TITLE = re.compile(
    r"(?:gs|pgs|ts|ths|bs|bsnt|bsckii?|bsck[12]|bs ck ?[12i][12i]?|ckii?|ck[12]|dd|ds|dsck(?:l|ii?)?|hs|ktv|cndd|cn|ys|yta|ncs|"
    r"mr|mrs|ms|dr|prof|bac sy|bac si|dieu duong|duoc sy|ho sinh|y sy|y si|tien sy|thac sy)[ .:]+"
)
"""One title before a name; several may follow each other."""
_DEVICE = re.compile(
    r"^(?:iphone|ipad|galaxy|oppo|vivo|xiaomi|redmi|realme|samsung|android|dien thoai|may tinh)\b"
)
_SITE = re.compile(
    r"^(?:diem cau|bv|bvdk|benh vien|ttyt|trung tam y te|tyt|tram y te|phong hop|hoi truong|so y te|khoa|phong)\b"
)
_PLACE = re.compile(
    r"(?<=\w )(?:BV(?:ĐK|DK)?|TTYT|TYT|(?:bệnh|benh) (?:viện|vien)|(?:trạm|tram) y (?:tế|te)|trung (?:tâm|tam) y (?:tế|te))\b",
    re.IGNORECASE,
)
"""Words that begin a place and no part of a name: “Nguyễn Thị Lan BVĐK Bắc Hà”. “Khoa” is a name too."""
_TONES = "\u0300\u0301\u0303\u0309\u0323"


@dataclass(frozen=True)
class Known:
    """Somebody of the register. ``is_expected``: belongs to a class or room of this session.

    Whoever is not expected is never proposed by name: a list must not be a way to search the register.
    """

    id: int
    name: str
    email: str = ""
    phone: str = ""
    licences: tuple[str, ...] = ()
    tag: str = ""
    is_expected: bool = True


@dataclass(frozen=True)
class Match:
    """``by`` says what settled it (tag, email, phone, licence, name) or why it is left to people.

    ``person`` is set where the row is settled. ``proposed`` are ids, the likeliest first. Reasons:
    ``homonyms``, ``marks_differ``, ``name_differs``, ``keys_differ``, ``shared``, ``several``,
    ``not_expected``, ``alike``; for nobody at all ``site``, ``device`` or ``unknown``.
    """

    by: str
    person: int | None = None
    proposed: tuple[int, ...] = ()


@dataclass
class Register:
    """People arranged to be found fast; built once for a whole list."""

    people: dict[int, Known]
    _by: dict[str, dict[str, set[int]]] = field(init=False)
    _named: dict[str, set[int]] = field(init=False)
    _pairs: dict[str, set[int]] = field(init=False)
    _pairs_of: dict[int, Counter] = field(init=False)

    @classmethod
    def of(cls, people: Iterable[Known]) -> "Register":
        """The register of *people*."""
        return cls({one.id: one for one in people})

    def __post_init__(self):
        self._by = {key: defaultdict(set) for key in ("tag", "email", "phone", "licence")}
        self._named, self._pairs, self._pairs_of = defaultdict(set), defaultdict(set), {}
        for one in self.people.values():
            for key, value in (("tag", one.tag), ("email", one.email.lower()), ("phone", one.phone)):
                if value:
                    self._by[key][value].add(one.id)
            for number in one.licences:
                self._by["licence"][number].add(one.id)
            folded = names.fold(one.name)
            self._named[folded].add(one.id)
            if one.is_expected:
                self._pairs_of[one.id] = _pairs(folded)
                for pair in self._pairs_of[one.id]:
                    self._pairs[pair].add(one.id)

    def match(self, name: str, *, email: str = "", phone: str = "", licence: str = "") -> Match:
        """Whom a row with this displayed *name* and these addresses means."""
        parts = parts_of(name)
        if tag := tag_in(name):
            holders = self._by["tag"].get(tag, set())
            if len(holders) == 1:
                return Match("tag", min(holders))
        found = self._by_keys(parts, {"email": email.lower(), "phone": phone, "licence": licence})
        return found or self._by_name(parts)

    def _by_keys(self, parts: list[str], keys: dict[str, str]) -> Match | None:
        hits = {key: self._by[key].get(value, set()) for key, value in keys.items() if value}
        hits = {key: ids for key, ids in hits.items() if ids}
        if not hits:
            return None
        everybody = set().union(*hits.values())
        # Several keys agree on those that all of them name.
        common = set.intersection(*hits.values())
        by = next(iter(hits))
        if not common:
            return Match("keys_differ", proposed=self._expected(everybody))
        fitting = {one for one in common if self._fits(one, parts)}
        if len(common) > 1:
            # A shared office address: the whole name must say which of those who share it.
            exact = {one for one in fitting if names.fold(self.people[one].name) in map(names.fold, parts)}
            if len(exact) == 1:
                return Match(by, min(exact))
            return Match("shared", proposed=self._expected(common))
        if not fitting:
            return Match("name_differs", proposed=self._expected(common))
        return Match(by, min(common))

    def _fits(self, person: int, parts: list[str]) -> bool:
        """Whether the name in the row may be that of *person*: nothing in it speaks of somebody else."""
        one = self.people[person]
        folded = [names.fold(part) for part in parts]
        if not one.is_expected:
            # Somebody nobody expects is only known to who gives the whole name.
            return names.fold(one.name) in folded
        own = names.fold(one.name).split()
        if not folded or set(own) <= set(folded[0].split()):
            return True
        pieces = [part for part in folded[1:] or folded if not (_SITE.match(part) or _DEVICE.match(part))]
        said = [set(part.split()) for part in pieces]
        return all(words <= set(own) for words in said) and any(own[-1] in words for words in said)

    def _by_name(self, parts: list[str]) -> Match:
        exact: dict[int, str] = {}
        for part in parts:
            for one in self._named.get(names.fold(part), ()):
                exact.setdefault(one, part)
        if not exact:
            return self._alike(parts)
        expected = self._expected(exact)
        if len({names.fold(self.people[one].name) for one in exact}) > 1:
            return Match("several", proposed=expected)
        if len(exact) > 1:
            return Match("homonyms", proposed=expected)
        [(one, part)] = exact.items()
        if not self.people[one].is_expected:
            return Match("not_expected")
        if has_marks(part) and letters(part) != letters(self.people[one].name):
            return Match("marks_differ", proposed=expected)
        if len(part.split()) < 2 or any(_may_be_a_name(other) for other in parts[1:] if other != part):
            return Match("alike", proposed=expected)
        return Match("name", one)

    def _alike(self, parts: list[str]) -> Match:
        scores: dict[int, float] = {}
        for part in parts:
            own = _pairs(names.fold(part))
            near = Counter(one for pair in own for one in self._pairs.get(pair, ()))
            for one, count in near.most_common(40):
                if count < 3:
                    break
                theirs = self._pairs_of[one]
                score = 2 * sum((own & theirs).values()) / (sum(own.values()) + sum(theirs.values()))
                scores[one] = max(score, scores.get(one, 0))
        proposed = sorted(
            (one for one in scores if scores[one] >= ALIKE), key=lambda one: (-scores[one], one)
        )
        if proposed:
            return Match("alike", proposed=tuple(proposed[:SHOWN]))
        folded = [names.fold(part) for part in parts]
        if any(_SITE.match(part) for part in folded):
            return Match("site")
        return Match("device" if any(_DEVICE.match(part) for part in folded) else "unknown")

    def _expected(self, ids: Iterable[int]) -> tuple[int, ...]:
        return tuple(one for one in sorted(ids) if self.people[one].is_expected)[:SHOWN]


def tag_in(name: str) -> str:
    """The personal tag in a displayed name ("Lan #7KQ2M9XA"), or nothing."""
    found = _TAG.search(name)
    return found[1].upper() if found else ""


def parts_of(name: str) -> list[str]:
    """The names that a displayed name may hold, the whole first, without titles, numbers before them and tags.

    “BS. Nguyễn Thị Lan - BVĐK Bắc Hà” holds “Nguyễn Thị Lan BVĐK Bắc Hà”, “Nguyễn Thị Lan” and “BVĐK Bắc Hà”.
    A dash within a word parts nothing, and a number behind a name stays: “Lan 2” is the second Lan.
    """
    plain = names.clean(_TAG.sub(" ", name))
    pieces = [plain, *re.split(r"\s[-–—]+\s|[_()\[\],;|/+]+", _PLACE.sub(r" | \g<0>", plain))]
    found: list[str] = []
    for piece in pieces:
        bare = _untitled(re.sub(r"^[\W\d_]+", "", piece))
        words = " ".join(re.sub(r"[-_()\[\],;|/+–—.:*]+", " ", bare).split())
        if sum(c.isalpha() for c in words) >= 2 and words not in found:
            found.append(words)
    return found


def _may_be_a_name(part: str) -> bool:
    """Whether a single word beside a name may belong to it: “Nguyễn Thị Lan (Anh)”."""
    folded = names.fold(part)
    return " " not in part and not part.isupper() and not _SITE.match(folded) and not _DEVICE.match(folded)


def _untitled(text: str) -> str:
    """*text* without “BS.”, “ThS.BS ” and their like before it."""
    folded, at = names.fold(text), 0
    spaced = re.sub(r"[._]", " ", folded) + " "
    if len(folded) != len(text):
        return text
    while match := _TITLE.match(spaced, at):
        at = match.end()
    return text[at:]


def has_marks(text: str) -> bool:
    """Whether *text* is written with Vietnamese marks."""
    return names.fold(text) != " ".join(text.casefold().split())


def letters(text: str) -> tuple[tuple[str, str], ...]:
    """The words of *text* by letters and tone, wherever in the word the tone is written ("Hoà" is "Hòa")."""
    found = []
    for word in names.clean(text).casefold().replace("ð", "đ").split():
        apart = unicodedata.normalize("NFD", word)
        tone = "".join(c for c in apart if c in _TONES)
        found.append((unicodedata.normalize("NFC", "".join(c for c in apart if c not in _TONES)), tone))
    return tuple(found)


def _pairs(text: str) -> Counter:
    return Counter(pair for word in text.split() for pair in zip(f" {word}", f"{word} ", strict=True))
