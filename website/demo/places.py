"""Reference data: provinces, vocabularies, the tree of facilities, their rooms, guidelines, credit rules."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.text import slugify

from certificates.models import Issuer, Rule, RuleSet, Scheme
from content.models import Guideline
from lms import names
from lms.models import Facility, FacilityName, Profession, Province, Specialty, TeleSite

from . import data
from .accounts import BACH_MAI, BO_Y_TE, COLLEGE, COUNCIL, LUC_YEN, PROJECT, SO_Y_TE

HMU = "Bệnh viện Đại học Y Hà Nội"
PROVIDERS = {BACH_MAI: "BVBM", COLLEGE: "CĐYTBM", HMU: "BVĐHYHN"}
"""Who gives courses: the abbreviation in the number of a certificate."""
IN_BATCHES = {BACH_MAI}
"""Who certifies in batches that a second person approves; the others on completion."""
SITES = 40

Kind = Facility.Kind


@transaction.atomic
def load() -> None:
    """Write everything that is not about people; what is there already stays as it is."""
    for row in data.rows("provinces"):
        aliases = [n for n in row["merged_from"] + row.get("aliases", []) if n != row["name"]]
        latitude, longitude = (Decimal(str(value)) for value in row["at"])
        defaults = {"name": row["name"], "kind": row["kind"], "aliases": aliases}
        defaults |= {"latitude": latitude, "longitude": longitude}
        Province.objects.get_or_create(code=row["code"], defaults=defaults)
    for position, row in enumerate(data.rows("professions")):
        Profession.objects.get_or_create(
            code=row["code"],
            defaults={
                "name_vi": row["vi"],
                "name_en": row["en"],
                "position": position,
                "cme_required": row["cme_required"],
            },
        )
    for position, name in enumerate(data.rows("specialties")):
        defaults = {"name_vi": name, "position": position}
        Specialty.objects.get_or_create(code=slugify(names.fold(name)), defaults=defaults)
    for row in data.rows("guidelines"):
        status = {"superseded_check": "check"}.get(row["status"], row["status"])
        Guideline.objects.get_or_create(
            key=row["key"],
            defaults={
                "number": row["number"],
                "issued_on": date.fromisoformat(row["date"]),
                "issuer": row["issuer"],
                "title": row["title"],
                "status": status,
                "replaces": row.get("replaces", ""),
                "warning": row.get("warn", ""),
            },
        )
    _facilities()
    _sites()
    _credit()


def _facilities() -> None:
    ministry = _facility(BO_Y_TE, Kind.MINISTRY)
    _facility(COUNCIL, Kind.COUNCIL, ministry)
    _facility(PROJECT, Kind.PROJECT, ministry)
    for row in data.rows("central_hospitals"):
        _facility(
            row["name"],
            Kind.CENTRAL_HOSPITAL,
            ministry,
            row["province"],
            governing_body="BỘ Y TẾ",
            name_unverified=not row["src"],
        )
    hospital = Facility.objects.get(name=BACH_MAI)
    _facility(COLLEGE, Kind.OTHER, hospital, governing_body="BỆNH VIỆN BẠCH MAI")
    department = None
    for row in data.rows("laocai_facilities"):
        node = _facility(
            row["name"],
            row["type"],
            department or ministry,
            "15",
            governing_body="SỞ Y TẾ TỈNH LÀO CAI" if department else "ỦY BAN NHÂN DÂN TỈNH LÀO CAI",
            name_unverified=row.get("verify_name", False),
        )
        department = department or node
    for name in data.rows("laocai_stations"):
        _facility(
            name,
            Kind.COMMUNE_STATION,
            department,
            "15",
            governing_body="SỞ Y TẾ TỈNH LÀO CAI",
            name_unverified=True,
        )
    renamed = Facility.objects.get(name=LUC_YEN)
    FacilityName.objects.get_or_create(
        facility=renamed, name="Trung tâm Y tế huyện Lục Yên", defaults={"valid_to": date(2025, 6, 30)}
    )
    for name, abbreviation in PROVIDERS.items():
        provider = Facility.objects.get(name=name)
        if not provider.is_provider:
            provider.is_provider, provider.abbreviation = True, abbreviation
            provider.save()
        Issuer.objects.get_or_create(
            facility=provider,
            defaults={
                "abbreviation": abbreviation,
                "governing_body": provider.governing_body,
                "place": provider.province.name,
                "signatory_title": "HIỆU TRƯỞNG" if name == COLLEGE else "GIÁM ĐỐC",
                "signatory_name": "PGS.TS. Vũ Đình Khải" if name == BACH_MAI else "TS. Nguyễn Văn Mẫu",
                "issues_automatically": name not in IN_BATCHES,
            },
        )


def _facility(name, kind, parent=None, province="01", **extra) -> Facility:
    found = Facility.objects.filter(name=name).first()
    if found:
        return found
    province = Province.objects.get(code=province)
    return Facility.objects.create(name=name, kind=kind, parent=parent, province=province, **extra)


def _sites() -> None:
    """One room per place of Lào Cai and per hub; Lục Yên, the pilot, has a second one."""
    department = Facility.objects.get(name=SO_Y_TE)
    places = [Facility.objects.get(name=name) for name in (BACH_MAI, HMU)]
    places += Facility.objects.under(department).exclude(pk=department.pk).order_by("pk")
    for place in places[: SITES - 1]:
        code = slugify(names.fold(place.name))[:50]
        capacity = {Kind.COMMUNE_STATION: 8, Kind.REGIONAL_POLYCLINIC: 12}.get(place.kind, 40)
        TeleSite.objects.get_or_create(
            code=code, defaults={"facility": place, "name": f"Điểm cầu {place.name}", "capacity": capacity}
        )
    pilot = Facility.objects.get(name=LUC_YEN)
    TeleSite.objects.get_or_create(
        code="luc-yen-phong-giao-ban",
        defaults={"facility": pilot, "name": "Điểm cầu phòng giao ban, TTYT khu vực Lục Yên", "capacity": 15},
    )


def _credit() -> None:
    for row in data.rows("credit_schemes"):
        Scheme.objects.get_or_create(
            code=row["code"],
            defaults={
                "target": Decimal(row["target"]),
                "years": row["years"],
                "annual_min": Decimal(row["annual_min"]) if row["annual_min"] else None,
                "basis": row["basis"],
                "is_historical": row.get("historical", False),
            },
        )
    ruleset, _new = RuleSet.objects.get_or_create(
        code="TT32-2023",
        defaults={
            "name": "Bảng quy đổi giờ tín chỉ (chưa đối chiếu với Công báo)",
            "legal_basis": "Thông tư 32/2023/TT-BYT, Phụ lục I",
            "effective_from": date(2024, 1, 1),
        },
    )
    for row in data.rows("credit_rules"):
        Rule.objects.get_or_create(
            ruleset=ruleset,
            code=row["code"],
            defaults={
                "group": row["group"],
                "mode": row["mode"],
                "value": Decimal(row["value"]),
                "conflicts": row.get("conflict", []),
            },
        )
