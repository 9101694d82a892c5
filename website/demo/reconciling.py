"""A session that is over and waits for its office: a meeting report in doubt, somebody in two rooms, excuses, an agenda."""

import io
from datetime import UTC, timedelta

from django.db import transaction

from courses.actions import excuses, programme, reports, session_roles
from courses.actions.attendance import attest, tick
from courses.actions.sessions import end_session, join_site, open_session, schedule
from courses.models import Session
from lms import clock
from lms.models import Affiliation, Facility, Person, TeleSite
from lms.names import fold

from . import calendar, people
from .accounts import BACH_MAI, LUC_YEN

TITLE = "Giao ban chuyên môn từ xa: nhiễm khuẩn huyết"
AGENDA = (
    (0, "Khai mạc, điểm danh các điểm cầu"),
    (10, "Nhận biết sớm nhiễm khuẩn huyết ở tuyến cơ sở"),
    (50, "Hỏi đáp"),
    (75, "Kết luận và dặn dò"),
)


@transaction.atomic
def wait() -> Session:
    """Let the session of yesterday wait at the office's desk, once; nothing is settled."""
    hub = Facility.objects.get(name=BACH_MAI)
    if known := Session.objects.filter(hub=hub, title_vi=TITLE).first():
        return known
    office, expert, coordinator = map(people.user, ("daotao.bachmai", "giangvien.bachmai", "dieuphoi.lucyen"))
    begins = calendar.at(-1, 14)
    ends = begins + timedelta(minutes=90)
    site = TeleSite.objects.filter(facility__name=LUC_YEN).order_by("pk").first()
    other = TeleSite.objects.exclude(facility__name__in=[LUC_YEN, BACH_MAI]).order_by("pk").first()
    with clock.at(begins - timedelta(days=5)):
        session = schedule(
            hub,
            title_vi=TITLE,
            title_en="Remote rounds: sepsis",
            starts_at=begins,
            ends_at=ends,
            join_url="https://hop.example.org/giao-ban",
            excuse_effect=Session.ExcuseEffect.LEFT_OUT,
            by=office,
        )
        room, second = join_site(session, site=site, expected=6), join_site(session, site=other, expected=4)
        session_roles.name_role(session, person=expert.person, role="speaker", by=office)
        items = [
            programme.Item(begins + timedelta(minutes=minute), title, expert.person if minute == 10 else None)
            for minute, title in AGENDA
        ]
        programme.set_agenda(session, items=items, by=office)
        way_in = {"join_url": session.join_url, "dial_in": "024 7300 1234", "passcode": "2468"}
        programme.set_way_in(session, **way_in, by=office)
    staff = list(_staff_of(site.facility)[:6])
    with clock.at(begins + timedelta(minutes=2)):
        open_session(session, by=office)
        for person in staff[:4]:
            tick(room, person=person, by=coordinator)
        # Ticked at another hospital as well: one of the two rooms is mistaken.
        tick(second, person=staff[0], by=office)
    with clock.at(ends):
        attest(room, head_count=4, by=coordinator)
        end_session(session, by=office)
    with clock.at(ends + timedelta(minutes=30)):
        text = _report(staff, begins)
        reports.hand_in(session, file=io.BytesIO(text.encode()), name="bao-cao-phong-hop.csv", by=office)
        excuses.say(session, person=staff[4], kind="duty", text="Trực cấp cứu đột xuất", by=coordinator)
        late = excuses.say(session, person=staff[5], kind="line", text="Mất điện cả xã", by=coordinator)
        excuses.decide(late, accept=False, reason="Điểm cầu khác cùng xã vẫn có điện", by=office)
        excuses.appeal(late, reason="Trạm ở cuối đường dây, có xác nhận của xã", by=coordinator)
    return session


def _staff_of(place: Facility):
    here = Affiliation.objects.in_force().filter(facility__path__startswith=place.path)
    return (
        Person.objects.living()
        .filter(pk__in=here.values("person"))
        .exclude(user__isnull=False)
        .order_by("pk")
    )


def _report(staff: list[Person], begins) -> str:
    """A report of the meeting: a whole name, one without diacritics, one in doubt, a device, a room."""
    short = " ".join(staff[3].full_name.split()[:: max(1, len(staff[3].full_name.split()) - 1)])
    told = [staff[1].full_name, fold(staff[2].full_name).title(), short, "iPhone", "Phong hop 2"]
    joined, left = (
        f"{(begins + timedelta(minutes=minute)).astimezone(UTC):%Y-%m-%d %H:%M}Z" for minute in (3, 88)
    )
    lines = ["Name,User Email,Join Time,Leave Time", *(f"{name},,{joined},{left}" for name in told)]
    return "\n".join(lines) + "\n"
