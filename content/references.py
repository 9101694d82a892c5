"""What rich texts and bodies of blocks refer to, found and exchanged; texts brought to one harmless form."""

import html
import re
from collections.abc import Callable
from typing import Any

import nh3
from wagtail import blocks

TAGS = {
    *("p", "br", "hr", "b", "strong", "i", "em", "u", "s", "del", "sub", "sup", "code", "blockquote"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "a"),
}
"""What the editors of our texts write."""
SCHEMES = {"http", "https", "mailto", "tel"}
_LINK = re.compile(r'<a((?: [a-z]+="[^"]*")*)>(.*?)</a>', re.DOTALL)
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')

Change = Callable[[blocks.Block, Any], Any]
Exchange = Callable[[str, str], dict[str, str] | None]


class UnknownPiece(Exception):
    """A body holds a piece of a kind that this site does not know, or in a shape that it does not have."""


def tidy(fragment: str) -> str:
    """*fragment* with no more than ``TAGS`` and links; done once or twice, the same comes out."""
    return nh3.clean(
        fragment or "",
        tags=TAGS,
        attributes={"a": {"href", "linktype", "id"}},
        url_schemes=SCHEMES,
        clean_content_tags={"script", "style"},
        link_rel=None,
    )


def exchange_links(fragment: str, exchange: Exchange) -> str:
    """*fragment*, tidy, with the target of each inner link exchanged.

    *exchange* gets ``linktype`` and ``id`` and returns the new attributes; None takes the link away
    and leaves its words.
    """

    def one(found: re.Match) -> str:
        known = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(found[1])}
        if "linktype" not in known:
            return found[0]
        fresh = exchange(known["linktype"], known.get("id", ""))
        if fresh is None:
            return found[2]
        text = "".join(f' {name}="{html.escape(value)}"' for name, value in fresh.items())
        return f"<a{text}>{found[2]}</a>"

    return tidy(_LINK.sub(one, tidy(fragment)))


def walk(block: blocks.Block, value: Any, change: Change) -> Any:
    """The stored form of *value* with every leaf replaced by ``change(block, leaf)`` and no ids of pieces.

    Raises UnknownPiece where *value* does not have the shape of *block*.
    """
    if isinstance(block, blocks.StreamBlock):
        return [_piece(block, one, change) for one in _a(list, value)]
    if isinstance(block, blocks.StructBlock):
        known = _a(dict, value)
        if unknown := set(known) - set(block.child_blocks):
            raise UnknownPiece(", ".join(sorted(map(str, unknown))))
        here = [(name, child) for name, child in block.child_blocks.items() if name in known]
        return {name: walk(child, known[name], change) for name, child in here}
    if isinstance(block, blocks.ListBlock):
        items = [one["value"] if _is_item(one) else one for one in _a(list, value)]
        return [walk(block.child_block, one, change) for one in items]
    return change(block, value)


def _piece(block: blocks.StreamBlock, one: Any, change: Change) -> dict:
    one = _a(dict, one)
    kind = one.get("type")
    if not isinstance(kind, str) or kind not in block.child_blocks:
        raise UnknownPiece(str(kind)[:60])
    return {"type": kind, "value": walk(block.child_blocks[kind], one.get("value"), change)}


def _is_item(one: Any) -> bool:
    return isinstance(one, dict) and one.get("type") == "item" and "value" in one


def _a(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise UnknownPiece(str(value)[:60])
    return value
