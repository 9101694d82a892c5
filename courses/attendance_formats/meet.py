"""Pure: the attendance report of Google Meet: times of the day without the day, first and last name apart."""

from courses.attendance_formats.lines import Layout

LAYOUT = Layout(
    name="meet",
    headers={
        "name": ("name", "participant name", "ten"),
        "first_name": ("first name", "given name", "ten"),
        "last_name": ("last name", "family name", "ho"),
        "email": ("email", "email address", "dia chi email"),
        "length": ("duration", "thoi luong"),
        "joined": ("time joined", "join time", "thoi gian tham gia", "thoi diem tham gia"),
        "left": ("time exited", "time left", "leave time", "thoi gian thoat", "thoi diem thoat"),
    },
    signs=("time joined", "time exited", "thoi gian thoat", "thoi diem thoat"),
)
