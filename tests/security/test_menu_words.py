"""What each role reads in the menu of its workplace, word for word; nothing in it or on its screens is English."""

import json
import re

import pytest
from django.db import transaction
from django.utils.translation import trans_real

from tests.security.test_menu import OWN, PROPS, menu

pytestmark = pytest.mark.slow

TEACHING = [
    f"Nội dung giảng dạy › {name}"
    for name in (
        "Bài giảng video",
        "Ngân hàng câu hỏi",
        "Bài kiểm tra",
        "Bảng kiểm",
        "Khảo sát",
        "Hướng dẫn chuyên môn",
    )
]
PEOPLE = [
    f"Con người và đơn vị › {name}"
    for name in ("Người", "Hồ sơ nghi trùng", "Nhập từ bảng tính", "Cơ sở", "Điểm cầu")
]
REGISTER = [
    f"Giấy chứng nhận › {name}"
    for name in ("Ghi sổ", "Đang chờ", "Đơn vị cấp", "Mẫu giấy", "Quy tắc tính giờ")
]
REPORTS = [
    f"Báo cáo › {name}"
    for name in ("Quy trình", "Việc trong quy trình", "Nhật ký trang", "Trang lâu chưa sửa")
]
ROLES, LOGINS = "Con người và đơn vị › Vai trò", "Tài khoản đăng nhập"
HELP = "Trợ giúp › Phím tắt"

MENUS = {
    "tA": ["Các trang", "Khóa học", *TEACHING, "Ảnh", "Tài liệu", *REPORTS, HELP],
    "oA": ["Các trang", "Khóa học", *TEACHING, "Ảnh", *PEOPLE, *REGISTER, "Tài liệu", *REPORTS, HELP],
    "aA": ["Khóa học", *TEACHING, HELP],
    "sA": ["Khóa học", *REGISTER, HELP],
    "gA": ["Khóa học", *TEACHING, "Ảnh", *PEOPLE, ROLES, LOGINS, *REGISTER, "Tài liệu", HELP],
    "eA": ["Số liệu", HELP],
    "dA": [PEOPLE[0], ROLES, "Riêng tư › Yêu cầu", "Riêng tư › Ai đã xem", HELP],
    "yA": [TEACHING[-1], *PEOPLE, ROLES, LOGINS, REGISTER[-1], HELP],
    "c1": [PEOPLE[0], PEOPLE[-1], HELP],
    "u1": [PEOPLE[0], HELP],
    "ve": [HELP],
    "of": [PEOPLE[0], *PEOPLE[3:], HELP],
}
"""Each role of the domain that works here, and what its menu says."""


def tree(items) -> list[str]:
    """The labels of a menu, those of a submenu after its own; without the number of what waits."""
    found = []
    for item in items:
        label = re.sub(r" \(\d+\)$", "", item["_args"][0]["label"])
        below = next((part for part in item["_args"][1:] if isinstance(part, list)), [])
        found += [f"{label} › {name}" for name in tree(below)] if below else [label]
    return found


@pytest.mark.parametrize("role", MENUS)
def test_the_menu_of_a_role_says_exactly_this(world, role):
    props = json.loads(PROPS.search(world.client(role).get("/admin/").text).group(1))
    (main,) = [part for part in props["modules"] if part["_type"].endswith("MainMenuModule")]

    assert tree(main["_args"][0]) == MENUS[role]


@pytest.fixture
def unsaid(monkeypatch):
    """What was asked of the Vietnamese catalogue and is not in it."""
    found = set()
    real = trans_real.DjangoTranslation.gettext

    def spy(catalogue, message):
        said = real(catalogue, message)
        if said == message and catalogue.language() == "vi" and re.search("[a-z]{3}", message):
            found.add(message)
        return said

    monkeypatch.setattr(trans_real.DjangoTranslation, "gettext", spy)
    return found


@pytest.mark.parametrize("role", MENUS)
def test_every_link_of_the_menu_answers_and_speaks_vietnamese(world, role, unsaid):
    client = world.client(role)
    closed = []
    for address in sorted(menu(world, role) - OWN):
        with transaction.atomic():
            if client.get(address, follow=True).status_code != 200:
                closed.append(address)
            transaction.set_rollback(True)

    assert closed == []
    assert not unsaid, "\n".join(sorted(unsaid))
