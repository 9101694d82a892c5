"""A remote consultation that is over: tested lines, two cases from sites, conclusions, follow-ups, key points, a report."""

import io
from datetime import timedelta

from django.db import transaction
from PIL import Image, ImageDraw

from courses.actions import case_pictures, cases, packs
from courses.actions.attendance import attest, tick
from courses.actions.sessions import end_session, join_site, open_session, report_connection, schedule
from courses.actions.settling import settle
from courses.models import Session
from lms import clock
from lms.models import Facility, TeleSite

from . import calendar, people
from .accounts import BACH_MAI, LUC_YEN

TITLE = "Hội chẩn từ xa: đột quỵ não ở tuyến cơ sở"
POINTS = (
    "Nghi đột quỵ: ghi giờ khởi phát, đo đường máu, gọi hội chẩn trong 10 phút.\n"
    "Không hạ huyết áp khi chưa vượt 220/120 mmHg, trừ khi sắp tiêu sợi huyết.\n"
    "Chuyển tuyến có y tế đi kèm, báo trước nơi nhận."
)
CASES = (
    {
        "age_band": "old",
        "sex": "male",
        "urgency": "soon",
        "complaint": "Yếu nửa người trái, đến sau 2 giờ",
        "history": "Người bệnh tăng huyết áp nhiều năm, bỏ thuốc một tháng nay. Đang làm nương thì yếu tay chân trái, nói khó.",
        "vitals": "HA 185/105 mmHg, mạch 92, SpO2 96 %",
        "results": "Đường máu mao mạch 7,8 mmol/L. Chưa chụp được cắt lớp tại chỗ.",
        "done": "Nằm đầu bằng, đường truyền, thở oxy, gọi hội chẩn.",
        "question": "Nên chuyển thẳng đến nơi có tiêu sợi huyết hay chụp cắt lớp ở bệnh viện tỉnh trước?",
    },
    {
        "age_band": "middle",
        "sex": "female",
        "complaint": "Đau đầu dữ dội, nôn, cứng gáy",
        "history": "Người bệnh không có tiền sử đặc biệt, đau đầu đột ngột khi gắng sức, không yếu liệt.",
        "vitals": "HA 150/90 mmHg, không sốt",
        "question": "Cần theo dõi gì trên đường chuyển tuyến?",
    },
)
CONCLUSIONS = (
    (
        "Nhồi máu não cấp còn trong cửa sổ điều trị.",
        "Chuyển thẳng đến nơi tiêu sợi huyết được, báo trước, không chờ chụp ở tuyến giữa.",
        "refer",
    ),
    ("Nghi xuất huyết dưới nhện.", "Giảm đau, kiểm soát huyết áp, chuyển tuyến có bác sĩ đi kèm.", "refer"),
)


@transaction.atomic
def hold() -> Session:
    """Let the consultation of nine days ago happen, once."""
    hub = Facility.objects.get(name=BACH_MAI)
    if known := Session.objects.filter(hub=hub, title_vi=TITLE).first():
        return known
    office, expert, coordinator = map(people.user, ("daotao.bachmai", "giangvien.bachmai", "dieuphoi.lucyen"))
    begins = calendar.at(-9, 14)
    ends = begins + timedelta(minutes=90)
    site = TeleSite.objects.filter(facility__name=LUC_YEN).order_by("pk").first()
    other = TeleSite.objects.exclude(facility__name__in=[LUC_YEN, BACH_MAI]).order_by("pk").first()
    presenter = coordinator.person
    with clock.at(begins - timedelta(days=6)):
        session = schedule(
            hub,
            title_vi=TITLE,
            title_en="Remote consultation: stroke at the primary level",
            starts_at=begins,
            ends_at=ends,
            form="case_conference",
            by=office,
        )
        room = join_site(session, site=site, expected=6)
        join_site(session, site=other, expected=4)
    with clock.at(begins - timedelta(days=4)):
        sent = [cases.submit(room, presenter=presenter, values=values, by=coordinator) for values in CASES]
        drawing = {"file": _scan(), "caption": "Phim minh họa, vẽ bằng máy", "cover_top": 10}
        case_pictures.add(sent[0], **drawing, by=coordinator)
    with clock.at(begins - timedelta(days=3)):
        for number, case in enumerate(sent, 1):
            cases.accept(case, rank=number, by=expert)
    for minutes, heard in ((25, False), (15, True)):
        with clock.at(begins - timedelta(minutes=minutes)):
            said = {
                "is_in": True,
                "picture": True,
                "sound": heard,
                "note": "" if heard else "Micro chưa có tiếng",
            }
            report_connection(room, **said, by=coordinator)
    with clock.at(begins):
        open_session(session, by=office)
        for person in room.roster()[:5]:
            tick(room, person=person, by=coordinator)
    for case, (conclusion, recommendation, referral) in zip(sent, CONCLUSIONS, strict=True):
        with clock.at(begins + timedelta(minutes=60)):
            said = {"conclusion": conclusion, "recommendation": recommendation, "referral": referral}
            cases.conclude(case, **said, by=expert)
    with clock.at(ends):
        attest(room, head_count=6, by=coordinator)
        end_session(session, by=office)
    with clock.at(ends + timedelta(hours=3)):
        packs.write_pack(session, key_points=POINTS, by=office)
    with clock.at(ends + timedelta(hours=20)):
        settle(session, by=office)
    with clock.at(ends + timedelta(days=7)):
        first = sent[0].follow_ups.get(day=7)
        cases.follow_up(first, outcome="better", note="Đã tự đi lại, còn nói chậm.", by=coordinator)
    return session


def _scan() -> io.BytesIO:
    """A drawing that stands for a scan: no patient, no network."""
    picture = Image.new("L", (480, 480), 12)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((60, 40, 420, 440), fill=150, outline=235, width=14)
    pen.ellipse((190, 170, 225, 290), fill=60)
    pen.ellipse((255, 170, 290, 290), fill=60)
    pen.ellipse((290, 120, 370, 230), fill=105)
    out = io.BytesIO()
    picture.save(out, "PNG")
    out.seek(0)
    return out
