"""Pure: any other table, by its headers or by columns that somebody has named."""

from courses.attendance_formats.lines import Layout

LAYOUT = Layout(
    name="plain",
    headers={
        "name": ("ho va ten", "ho ten", "ten", "full name", "name", "display name", "ten hien thi"),
        "email": ("email", "e mail", "thu dien tu", "dia chi email"),
        "phone": ("dien thoai", "so dien thoai", "sdt", "phone", "mobile"),
        "licence": ("so gphn cchn", "so gphn", "so cchn", "gphn", "cchn", "licence", "license"),
        "joined": ("vao", "gio vao", "thoi gian vao", "tu", "joined", "join time", "from", "in", "bat dau"),
        "left": ("ra", "gio ra", "thoi gian ra", "den", "left", "leave time", "until", "out", "ket thuc"),
        "length": ("so phut", "thoi luong", "duration", "minutes"),
    },
)
