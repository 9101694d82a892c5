"""Captions as cues: read from WebVTT, checked, moved in time, written back, read as a transcript."""

import re
from dataclasses import dataclass, replace

LONGEST_TEXT = 200
TIMING = re.compile(r"^\s*((?:\d+:)?\d\d:\d\d\.\d{3})\s+-->\s+((?:\d+:)?\d\d:\d\d\.\d{3})")
STAMP = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,2}):)?(\d{1,2})(?:[.,](\d{1,3}))?")


@dataclass(frozen=True)
class Cue:
    """What is shown between two moments, in milliseconds."""

    start: int
    end: int
    text: str


def stamp(milliseconds: int) -> str:
    """``00:01:02.500``."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def moment(text: str) -> int:
    """Milliseconds of ``1:02:03.5``, ``02:03`` or ``3``; ValueError for anything else."""
    found = STAMP.fullmatch(text.strip())
    if not found or int(found[3]) > 59 and found[2] or int(found[2] or 0) > 59:
        raise ValueError(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
    return (hours * 3600 + minutes * 60 + seconds) * 1000 + int((found[4] or "0").ljust(3, "0"))


def parse(vtt: str) -> list[Cue]:
    """The cues of a WebVTT text in its order; notes, styles and names of cues are left out."""
    cues = []
    for block in re.split(r"\n\s*\n", vtt.replace("\r\n", "\n")):
        lines = block.split("\n")
        for number, line in enumerate(lines):
            if found := TIMING.match(line):
                text = "\n".join(each.strip() for each in lines[number + 1 :] if each.strip())
                cues.append(Cue(moment(found[1]), moment(found[2]), text))
                break
    return cues


def render(cues: list[Cue]) -> str:
    """*cues* as WebVTT; a text can neither end its cue nor begin another."""
    blocks = ["WEBVTT"]
    for cue in cues:
        lines = [line.strip().replace("-->", "→") for line in cue.text.splitlines() if line.strip()]
        blocks.append("\n".join([f"{stamp(cue.start)} --> {stamp(cue.end)}", *lines]))
    return "\n\n".join(blocks) + "\n"


def nudge(cues: list[Cue], milliseconds: int) -> list[Cue]:
    """*cues* shown later, or earlier where negative, never before the beginning."""
    return [
        replace(cue, start=max(0, cue.start + milliseconds), end=max(0, cue.end + milliseconds))
        for cue in cues
    ]


def problems(cues: list[Cue], length: int) -> dict[int, str]:
    """What is wrong with which cue: ``empty``, ``long``, ``reversed``, ``order``, ``overlap`` or ``beyond``.

    *length* is that of the recording in milliseconds; 0 where it is not known.
    """
    found: dict[int, str] = {}
    for number, cue in enumerate(cues):
        before = cues[number - 1] if number else None
        if not cue.text.strip():
            found[number] = "empty"
        elif len(cue.text) > LONGEST_TEXT:
            found[number] = "long"
        elif cue.end <= cue.start:
            found[number] = "reversed"
        elif before and cue.start < before.start:
            found[number] = "order"
        elif before and cue.start < before.end:
            found[number] = "overlap"
        elif length and cue.end > length + 500:
            found[number] = "beyond"
    return found


def transcript(cues: list[Cue]) -> str:
    """The words alone: a new paragraph after a silence of two seconds, no marks, nothing said twice."""
    paragraphs: list[list[str]] = []
    last: Cue | None = None
    for cue in cues:
        words = re.sub(r"\s+", " ", re.sub(r"<[^<>]*>", "", cue.text)).strip()
        if not words:
            continue
        if last is None or cue.start - last.end >= 2000:
            paragraphs.append([])
        if not paragraphs[-1] or paragraphs[-1][-1] != words:
            paragraphs[-1].append(words)
        last = cue
    return "\n\n".join(" ".join(each) for each in paragraphs)
