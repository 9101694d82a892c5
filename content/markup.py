"""The little markup that question texts may carry, cleaned at save and again at render."""

import html
import re
import unicodedata

import nh3

TAGS = {"b", "strong", "i", "em", "u", "sub", "sup", "br", "p", "ul", "ol", "li"}


def clean(text: str) -> str:
    """Return *text* as an HTML fragment of the allowed tags, without any attribute.

    Plain text goes in as well: a bare ``<`` or ``&`` comes out escaped.
    """
    text = unicodedata.normalize("NFC", text or "")
    text = nh3.clean(text, tags=TAGS, attributes={}, clean_content_tags={"script", "style"}).strip()
    # One paragraph alone needs no <p>: it then fits into a legend or a label.
    return (
        text[3:-4]
        if text.startswith("<p>") and text.rindex("</p>") == text.index("</p>") == len(text) - 4
        else text
    )


def plain(fragment: str) -> str:
    """Return the words of a cleaned *fragment* without markup, as plain text (to be autoescaped)."""
    spaced = re.sub(r"<(?:br|/p|/li)[^>]*>", " ", fragment or "")
    return re.sub(r"\s+", " ", html.unescape(nh3.clean(spaced, tags=set()))).strip()


def has_tags(fragment: str) -> bool:
    """Whether *fragment* is more than escaped text."""
    return bool(re.search(r"<[a-z]", fragment or ""))
