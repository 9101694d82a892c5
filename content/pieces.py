"""Pure: a lecture in pieces of a few seconds (HTTP Live Streaming, RFC 8216), and in parts of some minutes.

All pieces of a form lie in one file one after the other; a piece is (seconds, first byte, bytes). The
first is the header that belongs before every other, with 0 seconds. A part is a file of its own.
"""

import math
import re

Piece = tuple[float, int, int]
Part = tuple[int, float, int]
"""The second of the lecture at which it begins, how many seconds it lasts, its bytes."""
Still = tuple[int, int, int]
"""The second of the lecture from which on a slide is shown, its first byte, its bytes."""

_HEADER = re.compile(r'#EXT-X-MAP:.*BYTERANGE="(\d+)@(\d+)"')
_PIECE = re.compile(r"#EXTINF:([\d.]+),[^\n]*\n#EXT-X-BYTERANGE:(\d+)@(\d+)\n")


def parse(playlist: str) -> list[Piece]:
    """The pieces of a playlist of one file that ffmpeg wrote; empty where it is none."""
    header = _HEADER.search(playlist)
    if header is None:
        return []
    found: list[Piece] = [(0.0, int(header[2]), int(header[1]))]
    for seconds, size, start in _PIECE.findall(playlist):
        found.append((round(float(seconds), 3), int(start), int(size)))
    return found if len(found) > 1 else []


def render(pieces: list[Piece], *, mark: str) -> str:
    """The playlist of *pieces*, each an address of its own beside it; *mark* changes with their bytes.

    Addresses of their own, because browsers that are given ranges of one file ask for all of it.
    """
    longest = max(1, *(-(-int(seconds * 1000) // 1000) for seconds, _start, _size in pieces))
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{longest}", "#EXT-X-MEDIA-SEQUENCE:0"]
    lines += ["#EXT-X-PLAYLIST-TYPE:VOD", f'#EXT-X-MAP:URI="0.m4s?{mark}"']
    for number, (seconds, _start, _size) in enumerate(pieces[1:], start=1):
        lines += [f"#EXTINF:{seconds:.3f},", f"{number}.m4s?{mark}"]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def part_starts(seconds: float, *, limit: int) -> list[int]:
    """The seconds at which the parts begin in which a lecture is played; one where *limit* is enough.

    All but the last are alike long, whole minutes where the limit has minutes.
    """
    whole = int(seconds)
    count = max(1, math.ceil(whole / limit))
    step = min(60, limit)
    length = min(limit, math.ceil(whole / count / step) * step)
    return list(range(0, max(1, whole), max(1, length)))
