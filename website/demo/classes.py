"""From course to class: releases through submit, appraise and issue, classes, and who teaches."""

from dataclasses import dataclass

from courses.actions.releases import appraise, issue_release, submit_release
from courses.actions.runs import open_run
from courses.actions.staff import assign
from courses.models import Course, CourseStaff, Release, Run
from lms import clock

from . import calendar, people

WAITING = "SS-01"
"""The programme whose release still waits for appraisal."""


@dataclass(frozen=True)
class Plan:
    """A class: days from today when it begins and ends, and how many seats; ``mode`` is how one gets in."""

    code: str
    begins: int
    ends: int
    seats: int | None = None
    mode: str = Run.Mode.SELF


PLANS = {
    "DQ-01": (Plan("DQ-01.K1", -80, -14), Plan("DQ-01.K2", -21, 90, 60)),
    "BM-01": (Plan("BM-01.K1", -200, 180),),
    "TELE-01": (Plan("TELE-01.K1", -180, -90), Plan("TELE-01.K2", -14, 90, 40)),
    "KSNK-01": (Plan("KSNK-01.K1", -220, 120), Plan("KSNK-01.K2", -7, 60, 12)),
    "CC-01": (
        Plan("CC-01.K1", -150, -60), Plan("CC-01.K2", -10, 80, 30),
        Plan("CC-01.K3", 21, 110, 25, Run.Mode.APPROVAL), Plan("CC-01.K4", 28, 110, 20, Run.Mode.INVITATION),
    ),
}  # fmt: skip
FULL = "KSNK-01.K2"
"""The class whose seats are all taken."""


def plan_of(code: str) -> Plan:
    """The plan of the class *code*."""
    return next(plan for plan in PLANS[code.rpartition(".")[0]] if plan.code == code)


def publish(course: Course) -> Release | None:
    """Take the course through appraisal to an issued release, in the past; once.

    For the programme that waits it stops after the submission and returns None.
    """
    if known := course.releases.first():
        return known if known.state == Release.State.ISSUED else None
    author, office = people.user("giangvien.bachmai"), people.user("daotao.bachmai")
    if course.code == WAITING:
        with clock.at(calendar.at(-2, 16)):
            submit_release(course, by=author)
        return None
    begins = min(plan.begins for plan in PLANS[course.code])
    with clock.at(calendar.at(begins - 30)):
        release = submit_release(course, by=author)
    with clock.at(calendar.at(begins - 20)):
        release = appraise(release, by=people.user("thamdinh.bachmai"), comment="Đạt yêu cầu (minh họa).")
    with clock.at(calendar.at(begins - 15)):
        return issue_release(
            release,
            by=office,
            decision_number=f"{100 + course.pk}/QĐ-MH",
            decision_date=calendar.day(begins - 15),
            decision_signatory="PGS.TS. Vũ Đình Khải",
        )


def open_classes(release: Release) -> list[Run]:
    """Open the classes of a release and name who teaches and observes."""
    office = people.user("daotao.bachmai")
    course = release.course
    plans = PLANS[course.code]
    with clock.at(calendar.at(min(plan.begins for plan in plans) - 10)):
        assign(course, people.person("giangvien.bachmai"), role=CourseStaff.Role.TRAINER, by=office)
        assign(course, people.person("giamsat.lucyen"), role=CourseStaff.Role.OBSERVER, by=office)
    runs = []
    for plan in plans:
        known = Run.objects.filter(code=plan.code, release=release).first()
        if known is None:
            opens = min(plan.begins - 10, -3)
            with clock.at(calendar.at(opens)):
                known = open_run(
                    release,
                    code=plan.code,
                    by=office,
                    starts_on=calendar.day(plan.begins),
                    ends_on=calendar.day(plan.ends),
                    enrol_from=calendar.at(opens, 8),
                    enrol_until=calendar.at(plan.ends, 17),
                    seats=plan.seats,
                    mode=plan.mode,
                    contact="Phòng Đào tạo – Chỉ đạo tuyến, Bệnh viện Bạch Mai (minh họa)",
                )
        runs.append(known)
    return runs
