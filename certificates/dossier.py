"""Pure: the evidence of one certificate as an archive whose bytes follow from its contents alone."""

import io
import json
import zipfile
from datetime import datetime

from .facts import sha256

SUMS = "SHA256SUMS"
GUIDE = "HUONG-DAN.txt"
_GUIDE = """BỘ MINH CHỨNG CỦA GIẤY CHỨNG NHẬN SỐ {number}
Người được cấp: {name}. Tình trạng: {state}.

certificate.pdf   giấy đã ký, nguyên từng byte như khi cấp
signed-scan.*     bản quét của giấy ký tay, nếu giấy được ký tay (mã băm ghi trong register.json)
facts.json        mọi chữ in trên giấy, đúng các byte mà sổ đã ghi mã băm
completion.json   vì sao được tính là hoàn thành: từng quy tắc, mức đạt, mức cần
evidence.json     dữ liệu làm căn cứ: thời gian có mặt, phần video đã xem, lần làm bài, lần quan sát
release.json      chương trình đã được thẩm định và quyết định ban hành
register.json     các mục trong sổ, đường chứng minh đến điểm chốt đã ký
keys.json         khóa công khai đã ký mã QR, tệp PDF và điểm chốt
SHA256SUMS        mã băm của từng tệp: sha256sum -c SHA256SUMS

Kiểm tra trên máy không nối mạng:
python3 check_register.py --pack <tệp này> --key <dấu vân tay khóa do đơn vị cấp đọc>

Minh chứng chứa dữ liệu cá nhân: chỉ dùng cho mục đích đã nêu khi tải, mỗi lần tải đều được ghi lại.
"""


def readable(value: object) -> bytes:
    """Return JSON for people and machines, with the same bytes for the same value."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def guide(*, number: str, name: str, state: str) -> bytes:
    """Return the page that says what each file is and how to check them."""
    return _GUIDE.format(number=number, name=name, state=state).encode()


def archive(files: dict[str, bytes], at: datetime) -> bytes:
    """Return *files* and the list of their hashes as a ZIP dated *at*.

    Nothing is compressed: other versions of zlib give other bytes for the same contents.
    """
    sums = "".join(f"{sha256(data)}  {name}\n" for name, data in sorted(files.items()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as zipped:
        for name, data in [*sorted(files.items()), (SUMS, sums.encode())]:
            info = zipfile.ZipInfo(name, at.timetuple()[:6])
            info.create_system, info.external_attr = 3, 0o644 << 16
            zipped.writestr(info, data)
    return out.getvalue()
