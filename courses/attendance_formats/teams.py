"""Pure: the attendance report of Microsoft Teams, in both layouts.

The new one has numbered parts; the third, each coming and going, is the exact one, the second has
one row a person from first to last. The old one is a bare table. Teams writes UTF-16 with tabs.
"""

from courses.attendance_formats.lines import Layout

LAYOUT = Layout(
    name="teams",
    headers={
        "name": ("name", "full name", "ten", "ho va ten", "ho ten"),
        "email": ("email", "participant id", "thu dien tu", "id nguoi tham gia"),
        "joined": (
            "first join",
            "join time",
            "first join time",
            "lan tham gia dau tien",
            "tham gia lan dau",
            "thoi gian tham gia",
        ),
        "left": (
            "last leave",
            "leave time",
            "last leave time",
            "lan roi di cuoi cung",
            "roi di lan cuoi",
            "thoi gian roi di",
            "thoi gian roi khoi",
        ),
        "length": (
            "in meeting duration",
            "duration",
            "thoi luong trong cuoc hop",
            "thoi luong",
        ),
    },
    signs=(
        "first join",
        "participant id",
        "in meeting duration",
        "lan tham gia dau tien",
        "thoi luong trong cuoc hop",
        "1 summary",
        "meeting summary",
        "full name",
    ),
    ends_at=r"\d+ [a-z]",
)
