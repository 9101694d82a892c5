"""The logins of the demonstration: one per role, one shared password, one shared second factor."""

import base64
from dataclasses import dataclass

from allauth.mfa.totp.internal import auth as totp
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lms.models import RoleAssignment

Role = RoleAssignment.Role

PASSWORD = "vuon-xa-2026"  # noqa: S105 - printed on purpose, valid in the demonstration only
TOTP_SECRET = base64.b32encode(b"vuon-xa demonstration").decode().rstrip("=")[:32]


@dataclass(frozen=True)
class Account:
    """A login of the demonstration and what to look at with it.

    ``role`` is None for learners and for people who only have an office in a course;
    ``below`` says whether the role covers what lies under the facility, ``lands`` names the
    address where the work of this person begins.
    """

    username: str
    full_name: str
    facility: str
    office: Promise
    try_first: Promise
    role: str | None = None
    below: bool = False
    profession: str = "bac_sy"
    title: str = ""
    birth: str = ""
    superuser: bool = False
    lands: str = "me"

    @property
    def needs_code(self) -> bool:
        """Whether the login asks for the second factor."""
        return bool(self.role) or self.superuser


BACH_MAI = "Bệnh viện Bạch Mai"
COLLEGE = "Trường Cao đẳng Y tế Bạch Mai"
LUC_YEN = "Trung tâm Y tế khu vực Lục Yên"
SO_Y_TE = "Sở Y tế tỉnh Lào Cai"
BO_Y_TE = "Bộ Y tế"
COUNCIL = "Hội đồng Y khoa Quốc gia"
PROJECT = "Dự án Vươn Xa (minh họa)"

ACCOUNTS = (
    Account(
        "hocvien.taphin",
        "Giàng Thị Mỷ",
        "Trạm Y tế xã Tả Phìn",
        _("Learner"),
        _("Open My page, go on with the stroke course, check in to the live session."),
        profession="y_sy",
        lands="me",
    ),
    Account(
        "dieuphoi.lucyen",
        "Nguyễn Thị Thu Hà",
        LUC_YEN,
        _("Site coordinator"),
        _("Open the room of the session that is live now, tick people, add a stranger, attest the list."),
        Role.SITE_COORDINATOR,
        True,
        "ho_sinh",
        lands="lms_courses:rooms",
    ),
    Account(
        "truongtram.taphin",
        "Phàn Phù Khé",
        "Trạm Y tế xã Tả Phìn",
        _("Head of a unit"),
        _("Decide about a colleague's application; name a deputy for the days you are away."),
        Role.UNIT_MANAGER,
        profession="y_sy",
        birth="1979-11-12",
        lands="lms_courses:approvals",
    ),
    Account(
        "giangvien.bachmai",
        "Đặng Quốc Ưng",
        BACH_MAI,
        _("Trainer"),
        _("Open the stroke course in the administration: its outline, videos, questions and who is stuck."),
        Role.TRAINER,
        True,
        title="BS.",
        lands="lms_courses_admin:index",
    ),
    Account(
        "giamsat.lucyen",
        "Hoàng Thị Sao",
        LUC_YEN,
        _("Observer of skills"),
        _("Tick the skills checklist of a learner who waits for it."),
        Role.TRAINER,
        title="BS.",
        birth="1982-04-17",
        lands="lms_courses:skills",
    ),
    Account(
        "thamdinh.bachmai",
        "Phạm Minh Tuệ",
        BACH_MAI,
        _("Appraiser"),
        _("Appraise the release that is waiting, or ask for changes."),
        Role.APPRAISER,
        True,
        title="TS.BS.",
        birth="1971-10-02",
        lands="lms_courses_admin:index",
    ),
    Account(
        "daotao.bachmai",
        "Lê Thị Ngọc Diệp",
        BACH_MAI,
        _("Training office"),
        _("Issue a release, open a class, settle the attendance of a session."),
        Role.PROGRAMME_MANAGER,
        True,
        title="ThS.",
        birth="1983-06-25",
        lands="lms_courses:calendar",
    ),
    Account(
        "kyten.bachmai",
        "Vũ Đình Khải",
        BACH_MAI,
        _("Certificate signer"),
        _("Open the register of certificates; revoke one with a reason and look at its public page."),
        Role.CERTIFICATE_SIGNER,
        True,
        title="PGS.TS.",
        birth="1968-03-14",
        lands="lms-certificates:index",
    ),
    Account(
        "soyte.laocai",
        "Vàng Seo Páo",
        SO_Y_TE,
        _("Province officer"),
        _("See the people and certificates of Lào Cai, and nothing of other provinces."),
        Role.PROVINCE_OFFICER,
        True,
        birth="1980-08-08",
        lands="lms-persons:index",
    ),
    Account(
        "kiemtra.hoidong",
        "Ngô Thanh Trà",
        COUNCIL,
        _("Verifier"),
        _("Check a certificate by its code; look up a person by licence number."),
        Role.VERIFIER,
        True,
        "khac",
        birth="1986-12-30",
        lands="lms_certificates:check_list",
    ),
    Account(
        "danhgia.duan",
        "Đoàn Bảo Châu",
        PROJECT,
        _("Evaluator"),
        _("See figures of the project without names."),
        Role.EVALUATOR,
        True,
        "y_te_cong_cong",
        birth="1990-02-19",
        lands="lms_courses_admin:figures",
    ),
    Account(
        "quantri.bachmai",
        "Bùi Khánh Toàn",
        BACH_MAI,
        _("Facility administrator"),
        _("Grant a role at the hospital and end it again."),
        Role.ORG_ADMIN,
        True,
        "cntt",
        birth="1988-05-11",
        lands="lms-roles:index",
    ),
    Account(
        "quantri.hethong",
        "Lục Văn Dìn",
        BO_Y_TE,
        _("System administrator"),
        _(
            "See the durable jobs, places, logins and roles of all facilities, but issue or revoke no certificate."
        ),
        Role.SYS_ADMIN,
        True,
        "cntt",
        birth="1987-07-19",
        lands="lms-jobs:index",
    ),
    Account(
        "sieuquantri.hethong",
        "Trần Lệ Quyên",
        "Bệnh viện Đại học Y Hà Nội",
        _("Superuser"),
        _(
            "See the whole administration, settings and groups included; certificates are still signed by two others."
        ),
        Role.SYS_ADMIN,
        True,
        "cntt",
        superuser=True,
        lands="lms-jobs:index",
    ),
    Account(
        "baove.dulieu",
        "Tạ Hồng Nhung",
        BO_Y_TE,
        _("Data protection officer"),
        _("See who looked at whose data, and what people agreed to."),
        Role.DPO,
        True,
        "khac",
        birth="1984-09-03",
        lands="lms-persons:index",
    ),
)
"""One login per role; the learner first. People of ``demo_people.yaml`` are found by name and place."""

MORE_LEARNERS = {
    ("Hoàng Văn Sển", "Bệnh viện Đa khoa khu vực Bắc Hà"): "hocvien.bacha",
    ("Lò Văn Pớ", "Phòng khám Đa khoa khu vực Thác Bà"): "hocvien.thacba",
    ("Nguyễn Thị Thu Hà", "Bệnh viện Đa khoa khu vực Văn Bàn"): "hocvien.vanban",
}
"""Named people who have a login beside the one of their role."""


def totp_code() -> str:
    """The six digits that the second factor of every demonstration login accepts now."""
    counter = list(totp.yield_hotp_counters_from_time())
    return totp.format_hotp_value(totp.hotp_value(TOTP_SECRET, counter[len(counter) // 2]))
