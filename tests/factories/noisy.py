"""Five hundred people with a hundred homonyms, and three hundred rows as meetings write them, with the truth."""

import random
import unicodedata

from courses.matching import Known
from lms import names

FAMILIES = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Vũ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Giàng",
    "Lò",
    "Sùng",
    "Vàng",
    "Tẩn",
    "Phàn",
    "Mùa",
]
MIDDLES = [
    "Thị",
    "Văn",
    "Hữu",
    "Đức",
    "Thu",
    "Ngọc",
    "Minh",
    "Quang",
    "Thanh",
    "Xuân",
    "Bích",
    "Hoài",
    "Công",
    "Kim",
    "Mai",
]
GIVEN = [
    "Lan",
    "Hoa",
    "Hòa",
    "Hoà",
    "Hằng",
    "Minh",
    "Dũng",
    "Ưng",
    "Đạo",
    "Phúc",
    "Mỷ",
    "Sính",
    "Páo",
    "Chư",
    "Thảo",
    "Thủy",
    "Thuý",
    "Quyên",
    "Quyền",
    "Yến",
    "Yên",
    "Anh",
    "Ánh",
    "Ân",
    "Bình",
    "Châu",
    "Chiến",
    "Cường",
    "Dung",
    "Giang",
    "Hà",
    "Hải",
    "Hạnh",
    "Hiền",
    "Hùng",
    "Khánh",
    "Linh",
    "Long",
    "Nam",
    "Nga",
    "Nhung",
    "Oanh",
    "Phương",
    "Sơn",
    "Tâm",
    "Tuấn",
    "Vân",
]
TITLES = ["BS. ", "BSCKI ", "ĐD ", "Ths.BS ", "bs ", "ĐD. ", "CN ", ""]
SITES = ["BVĐK Bắc Hà", "TTYT Lục Yên", "TYT Tả Phìn", "Khoa Nội", "BV Sa Pa"]


def people(rng: random.Random, count=500, homonyms=100) -> list[Known]:
    """*count* people; *homonyms* of them bear a name that somebody else bears too."""
    alone: list[str] = []
    folded: set[str] = set()
    while len(alone) < count - homonyms:
        name = f"{rng.choice(FAMILIES)} {rng.choice(MIDDLES)} {rng.choice(GIVEN)}"
        if rng.random() < 0.3:
            name = f"{name} {rng.choice(GIVEN)}"
        if names.fold(name) not in folded:
            folded.add(names.fold(name))
            alone.append(name)
    borne = rng.sample(alone, homonyms)
    everybody = alone + borne
    return [
        Known(
            number,
            name,
            email=f"nguoi{number}@example.vn" if number % 2 else "",
            phone=f"09{number:08}",
            tag=f"{number:08X}".translate(str.maketrans("ILOU", "0000")),
        )
        for number, name in enumerate(everybody, 1)
    ]


def rows(rng: random.Random, known: list[Known], count=300) -> list[tuple[str, str, int | None]]:
    """*count* rows: displayed name, e-mail, and who it truly is (None for strangers and devices)."""
    taken = {names.fold(one.name) for one in known}
    found: list[tuple[str, str, int | None]] = []
    for one in rng.sample(known, count - 50):
        found.append((_noisy(rng, one.name), one.email if rng.random() < 0.15 else "", one.id))
    while len(found) < count - 20:
        # Strangers, most of them one letter or mark away from somebody known.
        near = rng.choice(known).name.split()
        near[-1] = rng.choice(GIVEN)
        if names.fold(" ".join(near)) not in taken:
            found.append((_noisy(rng, " ".join(near)), "", None))
    devices = [
        "iPhone",
        "Galaxy A12",
        "Điểm cầu BVĐK khu vực Bắc Hà",
        "OPPO A5",
        "admin",
        "Phòng họp 2",
        "user 17",
    ]
    found += [(rng.choice(devices), "", None) for _each in range(20)]
    rng.shuffle(found)
    return found


def _noisy(rng: random.Random, name: str) -> str:
    text = name
    habit = rng.random()
    if habit < 0.25:
        text = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
        text = text.replace("đ", "d").replace("Đ", "D")
    elif habit < 0.4:
        text = name.upper()
    elif habit < 0.45:
        text = unicodedata.normalize("NFD", name)
    elif habit < 0.55:
        text = " ".join(reversed(name.split()))
    elif habit < 0.62:
        cut = rng.randrange(1, len(name) - 1)
        text = name[:cut] + name[cut + 1 :]
    elif habit < 0.67:
        text = name.split()[-1]
    text = rng.choice(TITLES) + text
    if rng.random() < 0.4:
        text = rng.choice(["{} - {}", "{} ({})", "{}_{}", "{} {}"]).format(text, rng.choice(SITES))
    return text
