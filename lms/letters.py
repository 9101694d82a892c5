"""Pure: how a message is put together: places filled with words, several in one, the parts of a text message."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lms import names

PLACE = re.compile(r"\{([a-z_]{1,30})\}")
LONGEST_WORD = 200
"""Signs of one filled-in value: a title, a name."""
SEVERAL_LINES = "text"
"""The one place that takes several lines, with addresses: what an office wrote to its people."""
PLAIN_SMS = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The letters of GSM 03.38; one other letter, such as any with a Vietnamese tone, halves what fits."""


@dataclass(frozen=True)
class Letter:
    """What one event says: the line that is seen first, the text, and the text for a telephone.

    ``stop`` is the address by which its mail may be switched off; empty where it may not.
    """

    subject: str
    text: str
    short: str = ""
    stop: str = ""


def places(*texts: str) -> set[str]:
    """The names between braces in *texts*."""
    return {name for text in texts for name in PLACE.findall(text)}


def fill(text: str, words: Mapping[str, str]) -> str:
    """Put *words* into their places, in one pass: what a word itself says between braces stays as it is."""
    return PLACE.sub(lambda hit: words.get(hit[1], hit[0]), text)


def plain(value: str) -> str:
    """*value* as a word of a message: one line, nothing invisible, no address that a mail program would open."""
    found = names.clean(value).replace("://", ": //")
    return found if len(found) <= LONGEST_WORD else found[: LONGEST_WORD - 1] + "…"


def paragraphs(value: str) -> str:
    """*value* with its lines kept and nothing invisible in them."""
    return "\n".join(map(names.clean, value.split("\n"))).strip()[:3000]


def filled(letter: Letter, words: Mapping[str, str]) -> Letter:
    """*letter* with every value made plain and put into its place."""
    safe = {
        name: paragraphs(value) if name == SEVERAL_LINES else plain(value) for name, value in words.items()
    }
    subject = names.clean(fill(letter.subject, safe))[:200]
    return Letter(subject, fill(letter.text, safe).strip(), fill(letter.short, safe).strip()[:500])


def together(letters: Sequence[Letter], *, subject: str, short: str) -> Letter:
    """Several letters as one, under a *subject* that says how many; alone, a letter stays as it is."""
    if len(letters) == 1:
        return letters[0]
    parts = [f"{number}. {one.subject or one.text[:60]}\n{one.text}" for number, one in enumerate(letters, 1)]
    return Letter(subject, "\n\n".join(parts), short)


def as_mail(letter: Letter, *, link: str, footer: Iterable[str]) -> str:
    """The body of a mail: the text, where to read more, and what stands below the line."""
    foot = [line for line in footer if line]
    parts = [letter.text, link, *(["-- \n" + "\n".join(foot)] if foot else [])]
    return "\n\n".join(part for part in parts if part)


def sms_parts(text: str) -> int:
    """How many text messages *text* costs (GSM 03.38; 3GPP TS 23.038 and 23.040)."""
    if not text:
        return 0
    if set(text) <= PLAIN_SMS:
        return 1 if len(text) <= 160 else -(-len(text) // 153)
    units = len(text.encode("utf-16-be")) // 2
    return 1 if units <= 70 else -(-units // 67)
