"""Issuers, credit rules and completed enrolments: what a certificate is made from."""

import datetime
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

from certificates import actions
from certificates.actions.ending import needs_request
from certificates.models import Certificate, Issuer, Rule, RuleSet, Scheme
from courses.models import Course, Enrolment, Release, Run
from lms.models import Facility, Person, RoleAssignment
from tests.factories import cast as people

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime.datetime(2026, 11, 12, 12, 0, tzinfo=HANOI)


def issuer(at: Facility, **values) -> Issuer:
    """The issuer of a facility; the same one when asked again."""
    values = {
        "abbreviation": at.abbreviation or "CS",
        "governing_body": "Bộ Y tế",
        "signatory_prefix": "KT. GIÁM ĐỐC",
        "signatory_title": "Phó Giám đốc",
        "signatory_name": "Nguyễn Quang Đạo",
        "issues_automatically": True,
        **values,
    }
    return Issuer.objects.get_or_create(facility=at, defaults=values)[0]


def rules(
    code="TT32-2023",
    start=datetime.date(2024, 1, 1),
    end=None,
    values: dict[str, tuple[str, str]] | None = None,
) -> RuleSet:
    """A table of rules; by default a period of a course is an hour."""
    values = values or {
        "COURSE_LEARNER": ("per_period", "1"),
        "CASE_MEETING": ("fixed", "1"),
        "CONF_DELEGATE": ("fixed", "1.5"),
    }
    table, made = RuleSet.objects.get_or_create(
        code=code,
        defaults={
            "name": "Bảng quy đổi",
            "legal_basis": "Thông tư 32/2023/TT-BYT",
            "effective_from": start,
            "effective_to": end,
        },
    )
    if made:
        for name, (mode, value) in values.items():
            Rule.objects.create(ruleset=table, code=name, mode=mode, value=Decimal(value))
    return table


def scheme() -> Scheme:
    """120 hours in five years."""
    values = {"target": Decimal(120), "years": 5, "basis": "Luật 15/2023/QH15, Điều 22"}
    return Scheme.objects.get_or_create(code="KCB-2023", defaults=values)[0]


def run(at: Facility, *, title="Kiểm soát nhiễm khuẩn cơ bản tại trạm y tế", periods="8", **values) -> Run:
    """A class of an issued release of a new course of *at*."""
    course = Course.objects.create(
        key=uuid.uuid4(), facility=at, title_vi=title, title_en="Basic infection control", is_open=True
    )
    release = Release.objects.create(
        course=course,
        number=1,
        state=Release.State.ISSUED,
        title_vi=title,
        title_en="Basic infection control",
        form="blended",
        rule_code=values.pop("rule_code", "COURSE_LEARNER"),
        periods=Decimal(periods),
        sha256="0" * 64,
        issued_at=NOON,
        decision_number="1284/QĐ-BM",
        decision_date=datetime.date(2026, 9, 1),
        decision_signatory="Nguyễn Quang Đạo",
    )
    values = {"starts_on": datetime.date(2026, 10, 5), "code": f"LOP-{course.pk}", **values}
    return Run.objects.create(release=release, **values)


def completed(person: Person, in_run: Run, *, at=NOON) -> Enrolment:
    """An enrolment that was completed at a moment; nobody has been told of it."""
    return Enrolment.objects.create(
        run=in_run,
        person=person,
        state=Enrolment.State.COMPLETED,
        facility=person.workplace(at.date()),
        enrolled_at=at - datetime.timedelta(days=20),
        completed_at=at,
        completion={},
    )


def ready(at: Facility) -> Run:
    """A class at *at* with everything a certificate needs: issuer, rules, scheme."""
    issuer(at)
    rules()
    scheme()
    return run(at)


def revoke(certificate: Certificate, *, by, reason: str) -> Certificate:
    """Revoked by *by*, after somebody of the office asked for it where that is needed."""
    return actions.revoke(_asked(certificate, "revoke", by, reason), by=by, reason=reason)


def supersede(certificate: Certificate, *, by, reason: str) -> Certificate:
    """Replaced by *by*, after somebody of the office asked for it where that is needed."""
    return actions.supersede(_asked(certificate, "replace", by, reason), by=by, reason=reason)


def _asked(certificate: Certificate, ending: str, by, reason: str) -> Certificate:
    held = Certificate.objects.select_related("issuer__facility").get(pk=certificate.pk)
    if held.is_valid and needs_request(held, ending, by=by):
        office = RoleAssignment.objects.filter(
            facility=held.issuer.facility, role="programme_manager", ended_by=None
        ).exclude(user=by)
        asker = office.select_related("user").first()
        asking = asker.user if asker else _colleague(held.issuer.facility)
        actions.ask_to_end(held, ending, by=asking, reason=reason)
    return certificate


def _colleague(facility: Facility):
    """Somebody of the training office of a facility that has none."""
    who = people.person("Trần Thị Thu", login=f"thu{facility.pk}")
    people.role(who, "programme_manager", facility)
    return who.user
