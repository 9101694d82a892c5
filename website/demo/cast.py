"""Pure: about three hundred invented people of Lào Cai; the same ones every time."""

import random
from dataclasses import dataclass
from datetime import date

SEED = 1502
"""Change it and every invented person changes; nothing else depends on its value."""


@dataclass(frozen=True)
class Someone:
    """An invented health worker. ``licence`` may be empty; the authority codes are illustrative."""

    key: str
    full_name: str
    sex: str
    birth: date
    profession: str
    licence: str
    facility: str


# Family and given names as they go together in the province; (share, families, middle, given).
_PEOPLES = {
    "kinh": (
        34,
        [
            "Nguyễn",
            "Trần",
            "Lê",
            "Phạm",
            "Hoàng",
            "Vũ",
            "Đặng",
            "Bùi",
            "Đỗ",
            "Ngô",
            "Dương",
            "Đinh",
            "Phùng",
            "Trịnh",
        ],
        (
            ["Thị", "Thị", "Thu", "Ngọc", "Minh", "Thanh", "Hồng"],
            ["Văn", "Văn", "Đức", "Minh", "Quốc", "Hữu", "Thành"],
        ),
        (
            [
                "Hương",
                "Lan",
                "Hạnh",
                "Nga",
                "Thủy",
                "Yến",
                "Dung",
                "Huệ",
                "Oanh",
                "Phượng",
                "Trang",
                "Quỳnh",
                "Thảo",
                "Nhung",
                "Vân",
            ],
            [
                "Hùng",
                "Dũng",
                "Tuấn",
                "Cường",
                "Thắng",
                "Hải",
                "Long",
                "Kiên",
                "Quyết",
                "Trường",
                "Đạt",
                "Nghĩa",
                "Phúc",
                "Sơn",
            ],
        ),
    ),
    "mông": (
        22,
        ["Giàng", "Vàng", "Sùng", "Thào", "Hảng", "Lầu", "Cư", "Má", "Ly", "Mùa"],
        (["Thị"], ["A", "A", "Seo", "Văn"]),
        (
            ["Mỷ", "Sua", "Dở", "Mai", "Chư", "Say", "Pàng", "Dí", "Sông", "Xay", "Ghênh", "Máy"],
            ["Páo", "Sử", "Chú", "Dơ", "Tủa", "Lử", "Vàng", "Phừ", "Sình", "Chẩn", "Củ", "Dế"],
        ),
    ),
    "tày": (
        17,
        ["Hoàng", "Nông", "Lương", "Hà", "Ma", "La", "Vi", "Lự", "Hứa"],
        (["Thị", "Thị", "Thúy"], ["Văn", "Văn", "Đình"]),
        (
            ["Sao", "Niềm", "Duyên", "Bích", "Thơm", "Loan", "Ngoan", "Hiên", "Lưu", "Mến"],
            ["Sển", "Khánh", "Thiết", "Luân", "Toản", "Huân", "Sự", "Chiến", "Nhất", "Thụ"],
        ),
    ),
    "dao": (
        15,
        ["Phàn", "Chảo", "Tẩn", "Lý", "Triệu", "Bàn", "Đặng", "Phùng"],
        (["Mẩy", "Thị", "Tả"], ["Láo", "Văn", "Phù", "Sành"]),
        (
            ["Mẩy", "Ghển", "Lai", "Liều", "Pham", "Viện", "Sính", "Nái"],
            ["Tả", "San", "Lở", "Chìn", "Vạng", "Phẩu", "Quyên", "Mềnh"],
        ),
    ),
    "thái": (
        8,
        ["Lò", "Cầm", "Quàng", "Lường", "Điêu", "Hà"],
        (["Thị"], ["Văn"]),
        (["Pản", "Ọi", "Xôm", "Hặc", "Muôn", "Chinh"], ["Pớ", "Pâng", "Inh", "Thoan", "Hặc", "Chung"]),
    ),
    "giáy": (
        4,
        ["Vàng", "Lục", "Nùng", "Sần", "Lù"],
        (["Thị"], ["Văn"]),
        (["Seng", "Mìn", "Chẳm", "Dín"], ["Dìn", "Sài", "Chản", "Phủng"]),
    ),
}
_PROFESSIONS = [("dieu_duong", 34), ("bac_sy", 20), ("y_sy", 20), ("ho_sinh", 16), ("ky_thuat_y", 10)]


def people(facilities: list[str], count: int = 300, seed: int = SEED) -> list[Someone]:
    """Return *count* people spread over *facilities* in turn, so that every place has some."""
    rng = random.Random(seed)
    return [_someone(rng, number, facilities[number % len(facilities)]) for number in range(count)]


def _someone(rng: random.Random, number: int, facility: str) -> Someone:
    profession = rng.choices(*zip(*_PROFESSIONS, strict=True))[0]
    # Midwives are women nearly everywhere; the rest as in most health services.
    is_man = profession != "ho_sinh" and rng.random() < 0.36
    group = rng.choices(list(_PEOPLES), [row[0] for row in _PEOPLES.values()])[0]
    _share, families, middle, given = _PEOPLES[group]
    words = rng.choice(families), rng.choice(middle[is_man]), rng.choice(given[is_man])
    birth = date(rng.randint(1968, 2000), rng.randint(1, 12), rng.randint(1, 28))
    authority = rng.choice(["LCA-CCHN", "YB-CCHN", "LCA-GPHN"])
    has_licence = rng.random() < 0.9
    return Someone(
        key=f"{number:03d}",
        full_name=" ".join(words),
        sex="m" if is_man else "f",
        birth=birth,
        profession=profession,
        licence=f"{10_000 + number * 7:06d}/{authority}" if has_licence else "",
        facility=facility,
    )
