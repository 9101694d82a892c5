"""Pure: what in a text may tell who a patient is: names, telephone numbers, papers, records, exact dates."""

import re
from unicodedata import normalize

TAG = re.compile(r"<[^>]*>")
PATTERNS = {
    "phone": re.compile(r"(?<!\d)(?:\+?84|0)(?:[ .-]?\d){9}(?!\d)"),
    "paper": re.compile(r"(?<!\d)\d{12}(?!\d)|\b[A-Z]{2}[ -]?\d{13}\b"),
    "record": re.compile(
        r"\b(?:mã (?:bệnh nhân|bn|hồ sơ|bệnh án|y tế)|số (?:hồ sơ|bệnh án|vào viện|nhập viện|lưu trữ)|pid|mrn)"
        r"\s*(?:là|số)?\s*[:#.]?\s*[\w/-]*\d[\w/-]*",
        re.IGNORECASE,
    ),
    "date": re.compile(
        r"(?<!\d)\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?(?:19|20)\d{2}(?!\d)"
        r"|\bngày\s+\d{1,2}\s+tháng\s+\d{1,2}\s+năm\s+\d{4}|\bsinh\s+(?:năm|ngày)\s+\d",
        re.IGNORECASE,
    ),
}
CALLED = re.compile(
    r"\b(?:ông|bà|anh|chị|cô|chú|bác|cụ|bệnh nhân|bn|người bệnh|sản phụ|bé|mr|mrs|ms)\.?\s+(?:tên\s+)?(?:là\s+)?(\w+)",
    re.IGNORECASE,
)
NO_NAMES = frozenset({"Nam", "Nữ", "Rịa", "Nà"})
"""Words with a capital after “bệnh nhân” or “bà” that name nobody: a sex, a place."""


def found_in(text: str) -> list[tuple[str, str]]:
    """Kind and words of each passage that may tell who it is; kinds are those of ``PATTERNS`` and ``name``."""
    plain = normalize("NFC", TAG.sub(" ", text))
    found = [
        (kind, " ".join(hit.group().split()))
        for kind, shape in PATTERNS.items()
        for hit in shape.finditer(plain)
    ]
    for hit in CALLED.finditer(plain):
        word = hit.group(1)
        # Capitals throughout are an abbreviation (COPD, ICU), not a name.
        if word[0].isupper() and word[1:].islower() and word not in NO_NAMES:
            found.append(("name", " ".join(hit.group().split())))
    return found
