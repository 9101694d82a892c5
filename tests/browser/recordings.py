"""What people bring along: a recording from a camera, and a scanner for printed QR codes."""

import io
import subprocess
from pathlib import Path

import pikepdf
import zxingcpp
from PIL import Image, ImageDraw

from content import transcode

SCALE = 4
"""Pixels per point of the scanner: 288 dpi."""


CODECS = {
    ".mp4": (["libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"], ["aac"]),
    ".webm": (["libvpx", "-deadline", "realtime", "-cpu-used", "8"], ["libvorbis"]),
}


def recording(path: Path, seconds: int = 22) -> Path:
    """A lecture as a camera makes it, moving picture and sound, in the form that *path* names."""
    picture, sound = CODECS[path.suffix]
    command = [transcode.find_ffmpeg(), "-v", "error", "-y"]
    for source in ("testsrc2=size=640x360:rate=12", "sine=frequency=330:sample_rate=44100"):
        command += ["-f", "lavfi", "-i", source]
    command += ["-c:v", *picture, "-c:a", *sound, "-t", str(seconds), str(path)]
    subprocess.run(command, check=True, timeout=120)
    return path


def qr_in(pdf: bytes) -> str:
    """What a scanner reads from the QR code on the last page of *pdf*.

    Only filled rectangles are painted, in their order and grey, so that no renderer has to be
    installed: the code is made of them.
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        page = document.pages[-1]
        _left, _bottom, width, height = (float(value) for value in page.mediabox)
        paper = Image.new("L", (round(width * SCALE), round(height * SCALE)), 255)
        pen = ImageDraw.Draw(paper)
        for box, grey in _filled(page):
            left, right = round(box.llx * SCALE), round(box.urx * SCALE)
            top, bottom = round((height - box.ury) * SCALE), round((height - box.lly) * SCALE)
            pen.rectangle([left, top, max(left, right - 1), max(top, bottom - 1)], fill=round(255 * grey))
    [found] = zxingcpp.read_barcodes(paper)
    return found.text


def _filled(page):
    """Rectangles of the page that are filled, with their grey from 0 (black) to 1."""
    matrix, grey, kept, path = pikepdf.Matrix(), 0.0, [], []
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name == "q":
            kept.append((matrix, grey))
        elif name == "Q":
            matrix, grey = kept.pop()
        elif name == "cm":
            matrix = pikepdf.Matrix(*(float(value) for value in operands)) @ matrix
        elif name == "g":
            grey = float(operands[0])
        elif name == "re":
            x, y, wide, high = (float(value) for value in operands)
            path.append(matrix.transform(pikepdf.Rectangle(x, y, x + wide, y + high)))
        elif name in {"f", "f*", "F"}:
            yield from ((box, grey) for box in path)
            path = []
        elif name in {"S", "s", "n", "B", "b"}:
            path = []
