"""Pure: the participants report of Zoom, with or without the block about the meeting above it.

"Name (Original Name)" after somebody renamed himself holds both; the name now shown counts, the
original one is kept behind a dash. With "Show unique users" Zoom leaves the times out.
"""

import re

from courses.attendance_formats.lines import Layout


def tidy(name: str) -> str:
    """“Lan (Nguyễn Thị Lan)” becomes “Lan - Nguyễn Thị Lan”; the mark of a renamed guest goes."""
    name = re.sub(r"\s*\((?:host|guest|me|co-host|chủ trì|khách)\)", "", name, flags=re.IGNORECASE)
    return re.sub(r"\s*\(([^()]+)\)\s*$", r" - \1", name)


LAYOUT = Layout(
    name="zoom",
    headers={
        "name": ("name", "user name", "participant", "name original name", "ten", "ten nguoi dung"),
        "email": ("user email", "email", "email nguoi dung"),
        "joined": ("join time", "thoi gian tham gia", "thoi gian vao"),
        "left": ("leave time", "thoi gian roi di", "thoi gian ra", "thoi gian roi khoi"),
        "length": ("duration", "total duration", "thoi luong", "tong thoi luong"),
    },
    signs=("user email", "email nguoi dung", "total duration", "recording consent", "in waiting room"),
    tidy=tidy,
)
