"""The cast: the same people in every test, with full Vietnamese names, made when first named.

Two providing hospitals that must never see each other's work, three facilities of Lào Cai that
learn, a department above them, and one person for each thing somebody may do.
"""

import datetime
import time
from functools import cached_property

from django.test import Client

from lms.models import Facility, Person, RoleAssignment, TeleSite
from tests.factories import cast as make
from tests.kept import kept

Role = RoleAssignment.Role
Kind = Facility.Kind


class member(cached_property):
    """Somebody or some place, made when first named; see ``tests.kept``."""

    def __get__(self, cast, owner=None):
        if cast is None:
            return self
        made = kept(self.attrname, lambda: self.func(cast), cast)
        return cast.__dict__.setdefault(self.attrname, made)


class Cast:
    """``cast.lan``, ``cast.bach_mai`` …: each attribute makes its row on first use."""

    # --- places

    @member
    def ministry(self) -> Facility:
        """Above everybody."""
        return make.facility("Bộ Y tế", kind=Kind.MINISTRY)

    @member
    def bach_mai(self) -> Facility:
        """The first providing hospital, "A"."""
        return make.facility(
            "Bệnh viện Bạch Mai",
            kind=Kind.CENTRAL_HOSPITAL,
            parent=self.ministry,
            abbreviation="BVBM",
            is_provider=True,
        )

    @member
    def viet_duc(self) -> Facility:
        """The second providing hospital, "B"."""
        return make.facility(
            "Bệnh viện Hữu nghị Việt Đức",
            kind=Kind.CENTRAL_HOSPITAL,
            parent=self.ministry,
            abbreviation="BVVĐ",
            is_provider=True,
        )

    @member
    def department(self) -> Facility:
        """The health department of the province, above its facilities."""
        return make.facility("Sở Y tế tỉnh Lào Cai", kind=Kind.PROVINCE_DEPARTMENT, province=make.province())

    @member
    def bac_ha(self) -> Facility:
        """A regional hospital with a tele-site."""
        return make.facility(
            "Bệnh viện Đa khoa khu vực Bắc Hà",
            kind=Kind.REGIONAL_HOSPITAL,
            parent=self.department,
            province=make.province(),
        )

    @member
    def luc_yen(self) -> Facility:
        """A regional health centre with a tele-site."""
        return make.facility(
            "Trung tâm Y tế khu vực Lục Yên",
            kind=Kind.REGIONAL_HEALTH_CENTRE,
            parent=self.department,
            province=make.province(),
        )

    @member
    def ta_phin(self) -> Facility:
        """A commune station without one."""
        return make.facility(
            "Trạm Y tế xã Tả Phìn",
            kind=Kind.COMMUNE_STATION,
            parent=self.department,
            province=make.province(),
        )

    @member
    def site_bac_ha(self) -> TeleSite:
        """The room of Bắc Hà ("site 1")."""
        return make.site(self.bac_ha, "bac-ha-1")

    @member
    def site_luc_yen(self) -> TeleSite:
        """The room of Lục Yên ("site 2")."""
        return make.site(self.luc_yen, "luc-yen-1")

    # --- those who learn

    @member
    def lan(self) -> Person:
        """Learns at Bắc Hà; the one who is enrolled."""
        return make.person(
            "Nguyễn Thị Lan",
            login="lan",
            works_at=self.bac_ha,
            licence="001111/LCA-CCHN",
            phone="0912000111",
            birth_date=datetime.date(1990, 3, 8),
        )

    @member
    def minh(self) -> Person:
        """Learns at Lục Yên, elsewhere than Lan."""
        return make.person(
            "Trần Văn Minh",
            login="minh",
            works_at=self.luc_yen,
            profession_code="bac_sy",
            licence="002222/YB-CCHN",
            phone="0912000222",
            birth_date=datetime.date(1985, 7, 30),
        )

    @member
    def khanh(self) -> Person:
        """Has a login and nothing else: must be refused."""
        return make.person("Đặng Văn Khánh", login="khanh", works_at=self.ta_phin)

    @member
    def my(self) -> Person:
        """Learns without a phone and without a login."""
        return make.person(
            "Giàng Thị Mỷ", works_at=self.bac_ha, profession_code="y_sy", licence="000901/LCA-CCHN"
        )

    # --- hospital A

    @member
    def ung(self) -> Person:
        """Trainer of Bạch Mai."""
        who = make.person("Đặng Quốc Ưng", login="ung", works_at=self.bach_mai, profession_code="bac_sy")
        make.role(who, Role.TRAINER, self.bach_mai)
        return who

    @member
    def hang(self) -> Person:
        """Training office of Bạch Mai: builds, opens classes, issues releases."""
        who = make.person("Phạm Thu Hằng", login="hang", works_at=self.bach_mai)
        make.role(who, Role.PROGRAMME_MANAGER, self.bach_mai)
        return who

    @member
    def thang(self) -> Person:
        """Appraiser of Bạch Mai."""
        who = make.person("Bùi Đức Thắng", login="thang", works_at=self.bach_mai, profession_code="bac_sy")
        make.role(who, Role.APPRAISER, self.bach_mai)
        return who

    @member
    def dao(self) -> Person:
        """Signs certificates of Bạch Mai."""
        who = make.person("Nguyễn Quang Đạo", login="dao", works_at=self.bach_mai, profession_code="bac_sy")
        make.role(who, Role.CERTIFICATE_SIGNER, self.bach_mai)
        return who

    @member
    def xuan(self) -> Person:
        """Observes skills of Bạch Mai's courses at the bedside; holds no role of its own."""
        return make.person("Lý Thị Xuân", login="xuan", works_at=self.bac_ha, profession_code="bac_sy")

    @member
    def phuc(self) -> Person:
        """Administrator of Bạch Mai: its people and their roles."""
        who = make.person("Đoàn Văn Phúc", login="phuc", works_at=self.bach_mai)
        make.role(who, Role.ORG_ADMIN, self.bach_mai)
        return who

    @member
    def nga(self) -> Person:
        """Evaluates the programmes of Bạch Mai; reads figures, no names."""
        who = make.person("Tạ Thị Nga", login="nga", works_at=self.bach_mai)
        make.role(who, Role.EVALUATOR, self.bach_mai)
        return who

    @member
    def hien(self) -> Person:
        """Data protection officer of Bạch Mai."""
        who = make.person("Mai Thị Thu Hiền", login="hien", works_at=self.bach_mai)
        make.role(who, Role.DPO, self.bach_mai)
        return who

    @member
    def duc(self) -> Person:
        """System administrator of Bạch Mai."""
        who = make.person("Phan Anh Đức", login="duc", works_at=self.bach_mai)
        make.role(who, Role.SYS_ADMIN, self.bach_mai)
        return who

    # --- hospital B

    @member
    def hoa(self) -> Person:
        """Trainer of Việt Đức."""
        who = make.person("Lê Thị Phương Hoa", login="hoa", works_at=self.viet_duc, profession_code="bac_sy")
        make.role(who, Role.TRAINER, self.viet_duc)
        return who

    @member
    def trong(self) -> Person:
        """Training office of Việt Đức."""
        who = make.person("Vũ Đình Trọng", login="trong", works_at=self.viet_duc)
        make.role(who, Role.PROGRAMME_MANAGER, self.viet_duc)
        return who

    @member
    def viet(self) -> Person:
        """Appraiser of Việt Đức."""
        who = make.person("Ngô Quốc Việt", login="viet", works_at=self.viet_duc, profession_code="bac_sy")
        make.role(who, Role.APPRAISER, self.viet_duc)
        return who

    @member
    def son(self) -> Person:
        """Signs certificates of Việt Đức."""
        who = make.person("Trịnh Hồng Sơn", login="son", works_at=self.viet_duc, profession_code="bac_sy")
        make.role(who, Role.CERTIFICATE_SIGNER, self.viet_duc)
        return who

    @member
    def tam(self) -> Person:
        """Administrator of Việt Đức."""
        who = make.person("Hồ Thị Minh Tâm", login="tam", works_at=self.viet_duc)
        make.role(who, Role.ORG_ADMIN, self.viet_duc)
        return who

    @member
    def khoi(self) -> Person:
        """Evaluates the programmes of Việt Đức."""
        who = make.person("Cao Đăng Khôi", login="khoi", works_at=self.viet_duc)
        make.role(who, Role.EVALUATOR, self.viet_duc)
        return who

    @member
    def loc(self) -> Person:
        """Data protection officer of Việt Đức."""
        who = make.person("Đinh Xuân Lộc", login="loc", works_at=self.viet_duc)
        make.role(who, Role.DPO, self.viet_duc)
        return who

    @member
    def bao(self) -> Person:
        """System administrator of Việt Đức."""
        who = make.person("Lương Gia Bảo", login="bao", works_at=self.viet_duc)
        make.role(who, Role.SYS_ADMIN, self.viet_duc)
        return who

    # --- Lào Cai

    @member
    def ha(self) -> Person:
        """Site coordinator of Bắc Hà."""
        who = make.person("Nguyễn Thị Thu Hà", login="ha", works_at=self.bac_ha, profession_code="ho_sinh")
        make.role(who, Role.SITE_COORDINATOR, self.bac_ha)
        return who

    @member
    def po(self) -> Person:
        """Site coordinator of Lục Yên."""
        who = make.person("Lò Văn Pớ", login="po", works_at=self.luc_yen)
        make.role(who, Role.SITE_COORDINATOR, self.luc_yen)
        return who

    @member
    def sau(self) -> Person:
        """Head of a unit of Bắc Hà."""
        who = make.person("Vàng Thị Sau", login="sau", works_at=self.bac_ha)
        make.role(who, Role.UNIT_MANAGER, self.bac_ha)
        return who

    @member
    def lu(self) -> Person:
        """Head of a unit of Lục Yên."""
        who = make.person("Hoàng Văn Lù", login="lu", works_at=self.luc_yen)
        make.role(who, Role.UNIT_MANAGER, self.luc_yen)
        return who

    @member
    def mo(self) -> Person:
        """Verifier of the department."""
        who = make.person("Hà Thị Mơ", login="mo", works_at=self.department)
        make.role(who, Role.VERIFIER, self.department, include_children=True)
        return who

    @member
    def sen(self) -> Person:
        """Province officer of the department."""
        who = make.person("Hoàng Văn Sển", login="sen", works_at=self.department)
        make.role(who, Role.PROVINCE_OFFICER, self.department, include_children=True)
        return who

    # --- above all

    @member
    def admin(self) -> Person:
        """The superuser of the server."""
        who = make.person("Trần Lệ Quyên", login="quan_tri", works_at=self.ministry)
        who.user.is_staff = who.user.is_superuser = True
        who.user.save(update_fields=["is_staff", "is_superuser"])
        return who

    # --- doing things

    def client(self, who: Person | None = None) -> Client:
        """A browser without scripts, signed in as *who* (second factor given), or as nobody."""
        client = Client()
        if who is not None:
            client.force_login(who.user, backend="website.accounts.backends.PasswordBackend")
            session = client.session
            shown = [
                {"method": "password", "at": time.time()},
                {"method": "mfa", "type": "totp", "at": time.time()},
            ]
            session["account_authentication_methods"] = shown
            session["account_authentication_methods_user"] = str(who.user.pk)
            session.save()
        return client
