"""Lectures made on the spot: slides drawn with a programme's own words, set to a quiet tone by ffmpeg."""

import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 640, 360
PAPER, INK, SOFT, ACCENT = "#fbfaf6", "#1d2233", "#5c6275", "#2f3a8f"
FIRST_S, EACH_S = 6, 10
"""Seconds the title and every further slide stand."""


@dataclass(frozen=True)
class Slide:
    """What one slide says; ``note`` is the small line under the heading."""

    heading: str
    note: str = ""
    lines: tuple[str, ...] = ()


def slides_of(programme: dict, number: int) -> list[Slide]:
    """Return the slides of module *number* of a programme: its title, then what its questions teach.

    The questions are dealt out over the modules, four or five to a lecture, so lectures differ.
    """
    module = programme["modules"][number]
    deck = [Slide(module["vi"], module["en"], (programme["vi"], "Dữ liệu minh họa – cần chuyên gia duyệt"))]
    questions = programme["questions"]
    start = number * 3
    for step in range(4):
        question = questions[(start + step) % len(questions)]
        right = question["options"][question["answer"]][0]
        deck.append(Slide(question["vi"], question["en"], (right, question["why"][0])))
    if number % 2 and programme.get("checklist"):
        steps = [item["vi"] for item in programme["checklist"] if item["critical"]]
        deck.append(Slide("Bước bắt buộc", "Critical steps", tuple(steps[:4])))
    return deck


def seconds_of(deck: list[Slide]) -> int:
    """How long the lecture of a deck lasts."""
    return FIRST_S + EACH_S * (len(deck) - 1)


def times_of(deck: list[Slide]) -> list[tuple[int, int, Slide]]:
    """Each slide with the seconds from which and to which it stands."""
    ends = [seconds_of(deck[: number + 1]) for number in range(len(deck))]
    return list(zip([0, *ends], ends, deck, strict=False))


def captions_of(deck: list[Slide]) -> str:
    """What a speaker would say to a deck, as WebVTT: the heading, then each line, then two seconds of silence."""
    cues = ["WEBVTT"]
    for since, until, slide in times_of(deck):
        said = [slide.heading, *slide.lines]
        step = (until - 2 - since) / len(said)
        for number, text in enumerate(said):
            first, last = (f"00:00:{since + step * at:06.3f}" for at in (number, number + 1))
            cues.append(f"{first} --> {last}\n{text}{'' if text[-1] in '.?!:…' else '.'}")
    return "\n\n".join(cues) + "\n"


def draw(slide: Slide, page: str) -> Image.Image:
    """Draw one slide; *page* is the small text at the bottom, such as "2/5"."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 12, HEIGHT), fill=ACCENT)
    y = _paragraph(pen, slide.heading, _font("Semibold", 27), INK, 34)
    if slide.note:
        y = _paragraph(pen, slide.note, _font("It", 17), SOFT, y + 2)
    y += 14
    for line in slide.lines:
        pen.ellipse((40, y + 9, 47, y + 16), fill=ACCENT)
        y = _paragraph(pen, line, _font("Regular", 20), INK, y, left=58) + 6
    pen.text((WIDTH - 28, HEIGHT - 30), page, font=_font("Regular", 15), fill=SOFT, anchor="ra")
    pen.text((40, HEIGHT - 30), "Vươn Xa", font=_font("Semibold", 15), fill=ACCENT)
    return image


def encode(deck: list[Slide], target: Path, *, ffmpeg: str, pitch: int = 220) -> None:
    """Write the lecture as an MP4 of two frames a second; raises CalledProcessError with ffmpeg's words."""
    seconds = seconds_of(deck)
    pictures = [draw(slide, f"{n}/{len(deck)}").tobytes() for n, slide in enumerate(deck, 1)]
    frames = b"".join(picture * (2 * (EACH_S if n else FIRST_S)) for n, picture in enumerate(pictures))
    tone = f"sine=frequency={pitch}:sample_rate=16000,tremolo=f=0.2:d=0.6,volume=0.06"
    command = [ffmpeg, "-hide_banner", "-loglevel", "error", "-y"]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", "2", "-i", "pipe:0"]
    command += ["-f", "lavfi", "-t", str(seconds), "-i", tone]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "stillimage", "-pix_fmt", "yuv420p"]
    command += ["-c:a", "aac", "-b:a", "24k", "-movflags", "+faststart", "-shortest", str(target)]
    subprocess.run(command, input=frames, check=True, capture_output=True)


def _paragraph(pen, text: str, font, fill: str, y: int, left: int = 40) -> int:
    """Write *text* wrapped to the page from *y* down; return where the next line may start."""
    line = ""
    height = int(font.size * 1.28)
    for word in text.split():
        longer = f"{line} {word}".strip()
        if pen.textlength(longer, font=font) > WIDTH - left - 28 and line:
            pen.text((left, y), line, font=font, fill=fill)
            y, line = y + height, word
        else:
            line = longer
    pen.text((left, y), line, font=font, fill=fill)
    return y + height


@cache
def _font(style: str, size: int):
    path = files("font_source_serif_pro") / "files" / f"SourceSerifPro-{style}.ttf"
    return ImageFont.truetype(str(path), size)
