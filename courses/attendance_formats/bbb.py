"""Pure: the learning dashboard of BigBlueButton; one row a person, with headers in many languages."""

from courses.attendance_formats.lines import Layout

LAYOUT = Layout(
    name="bbb",
    headers={
        "name": ("name", "user", "ten", "nguoi dung"),
        "joined": ("join", "joined", "registered on", "tham gia", "vao"),
        "left": ("left", "registered off", "roi khoi", "roi di", "ra"),
        "length": ("duration", "online time", "thoi luong", "thoi gian truc tuyen"),
    },
    signs=("activity score", "talk time", "webcam time", "raise hands", "raise hand", "diem hoat dong"),
)
