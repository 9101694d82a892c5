"""Pure: the fixed Vietnamese wording of certificates, with the English that may stand beneath it.

Reconstructed from Annex II of Circular 32/2023/TT-BYT (``domain`` 1.6) and not yet compared with
the Gazette; a change here, or of the bytes that are drawn, needs a new template version: sealed files are never redrawn.
"""

TEMPLATE_VERSION = 5

STATE = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
STATE_EN = ("SOCIALIST REPUBLIC OF VIET NAM", "Independence - Freedom - Happiness")
SAMPLE = "MẪU – KHÔNG CÓ GIÁ TRỊ"
NOT_A_LICENCE = "Giấy chứng nhận này không phải là chứng chỉ đào tạo kỹ thuật chuyên môn."
NOT_A_LICENCE_EN = "This is not a certificate of training in a professional technique."
REASON = "Cấp giấy chứng nhận số {number}"
CHECK = "Kiểm tra tại"
LOGO = "Biểu trưng của {issuer}"
QR = "Mã QR để kiểm tra giấy chứng nhận:"
CHECK_EN = "Verify at"
LEGAL_BASIS = "Thông tư số 32/2023/TT-BYT ngày 31/12/2023 của Bộ trưởng Bộ Y tế"
PROGRAMME = "chương trình ban hành theo Quyết định "
PROGRAMMES = "các chương trình ban hành theo các Quyết định "
DECISION = "số {number} ngày {date:%d/%m/%Y}"

# What stands under the words GIẤY CHỨNG NHẬN, what is certified, and the English of both.
TITLES = {
    "CNKTYKLT": (
        ["THAM GIA CẬP NHẬT KIẾN THỨC Y KHOA LIÊN TỤC", "TRONG KHÁM BỆNH, CHỮA BỆNH"],
        "Đã hoàn thành cập nhật kiến thức y khoa liên tục với các nội dung sau:",
        "Certificate of participation in continuing medical education",
        "has completed continuing medical education with the following contents:",
    ),
    "COMPLETION": (
        ["HOÀN THÀNH KHÓA HỌC"],
        "Đã hoàn thành khóa học với các nội dung sau:",
        "Certificate of completion",
        "has completed a course with the following contents:",
    ),
    "ATTENDANCE": (
        ["THAM DỰ"],
        "Đã tham dự các nội dung sau:",
        "Certificate of attendance",
        "has attended the following:",
    ),
    "TOT": (
        ["THAM GIA GIẢNG DẠY"],
        "Đã giảng dạy các nội dung sau:",
        "Certificate of teaching",
        "has taught the following:",
    ),
}
FIXED_KINDS = {"CNKTYKLT"}
"""Kinds whose title and sentence are the law's; the others may be worded by the issuer."""

RESERVED = {
    "CẬP NHẬT KIẾN THỨC Y KHOA LIÊN TỤC": "CNKTYKLT",
    "ĐÀO TẠO LIÊN TỤC": "CNKTYKLT",
    "CONTINUING MEDICAL EDUCATION": "CNKTYKLT",
    "CHỨNG CHỈ": "TECHNIQUE",
    "KỸ THUẬT CHUYÊN MÔN": "TECHNIQUE",
    "GIẤY PHÉP HÀNH NGHỀ": "",
    "CHỨNG CHỈ HÀNH NGHỀ": "",
}
"""What belongs to one kind alone, or to no certificate: an issuer's own words may not say it of others."""

HEADING = "GIẤY CHỨNG NHẬN"
LABELS = {
    "holder": ("Chứng nhận:", "Ông/Bà:", "This is to certify that Mr/Ms"),
    "birth": ("Sinh ngày:", "Date of birth"),
    "birth_year": ("Sinh năm:", "Year of birth"),
    "workplace": ("Đơn vị công tác:", "Workplace"),
}
NUMBER = ("Số: ", "No.")
COLUMNS = [
    ("STT", "No."),
    ("Hình thức", "Form"),
    ("Nội dung", "Content"),
    ("Đơn vị/cá nhân chịu trách nhiệm", "Responsible"),
    ("Thời gian", "Time"),
    ("Số giờ tín chỉ", "Credit hours"),
]
TOTAL = ("Tổng cộng", "Total")
DATE = "{place}, ngày {day} tháng {month} năm {year}"
SIGN = "(ký, ghi rõ họ tên, đóng dấu)"
CONTINUED = "Số {number} – {name} – trang {page}/{pages}"

FORMS = {
    "self_paced": ("Khóa cập nhật kiến thức trực tuyến", "Online course"),
    "blended": ("Khóa cập nhật kiến thức trực tiếp kết hợp trực tuyến", "Blended course"),
    "live_session": ("Sinh hoạt chuyên môn trực tuyến", "Live tele-session"),
    "onsite_skill": ("Khóa đào tạo, bồi dưỡng ngắn hạn tại chỗ", "On-site training"),
}


def date_line(place: str, year: int, month: int, day: int) -> str:
    """Return "Hà Nội, ngày 05 tháng 7 năm 2026": days under 10 and months under 3 take a zero."""
    return DATE.format(place=place, day=f"{day:02d}", month=f"{month:02d}" if month < 3 else month, year=year)


def hours_text(hours: str) -> str:
    """Return hours with a decimal comma and without idle zeros: "8.00" is "8", "1.50" is "1,5"."""
    whole, _, rest = hours.partition(".")
    rest = rest.rstrip("0")
    return f"{whole},{rest}" if rest else whole
