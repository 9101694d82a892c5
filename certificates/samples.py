"""Pure: the facts of a certificate that nobody holds, with the longest words that real ones bring."""

from . import wording
from .facts import CODE_LENGTH

NAMES = {
    "short": "Lò Thị Ý",
    "long": "Công Tằng Tôn Nữ Hoàng Phương Thảo Nguyên Khương",
}
_PLACES = {
    "short": "Trạm Y tế xã Bản Hồ, tỉnh Lào Cai",
    "long": "Khoa Hồi sức tích cực – Chống độc, Bệnh viện Đa khoa khu vực Nghĩa Lộ – Văn Chấn, Sở Y tế tỉnh Lào Cai",
}
_CONTENTS = [
    "Kiểm soát nhiễm khuẩn cơ bản tại trạm y tế",
    "Nhận biết sớm đột quỵ não, tổ chức chuyển tuyến và phối hợp hội chẩn từ xa trong sáu giờ đầu tại cơ sở tuyến ban đầu",
    "Cấp cứu phản vệ và ngừng tuần hoàn",
]


def sample(*, kind: str, language: str, length: str, count: int, words: dict) -> dict:
    """Facts with *count* activities, marked as a sample; *words* are the issuer's own."""
    hours = "2.50" if kind == "CNKTYKLT" else "0.00"
    form, form_en = wording.FORMS["blended"]
    activities = [
        {
            "form": form,
            "form_en": form_en,
            "content": _CONTENTS[number % len(_CONTENTS)],
            "content_en": "A course of the sample" if language == "en" else "",
            "responsible": words["facility"],
            "time": "05/10/2026 – 12/11/2026",
            "hours": hours,
        }
        for number in range(count)
    ]
    code = "0" * CODE_LENGTH
    return {
        "v": 1,
        "template": wording.TEMPLATE_VERSION,
        "kind": kind,
        "language": language,
        "number": "00000/2026/MẪU",
        "code": code,
        "url": f"HTTPS://VIDU.VN/V/{code}",
        "holder": {"name": NAMES[length], "birth": "29/02/1988", "workplace": _PLACES[length]},
        "activities": activities,
        "total": f"{count * 25 / 10:.2f}" if kind == "CNKTYKLT" else "0.00",
        "date": "2026-11-30",
        "issued_at": "2026-11-30T09:00:00+07:00",
        "legal_basis": f"Căn cứ: {wording.LEGAL_BASIS}." if kind == "CNKTYKLT" else "",
        "sample": True,
    } | words
