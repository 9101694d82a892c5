"""The other ways into a class, and a pathway: who asked and what was decided, a code, courses that belong together."""

from datetime import timedelta

from courses.actions.applications import apply_for, decide
from courses.actions.class_codes import make_code
from courses.actions.pathways import publish_pathway, save_pathway
from courses.models import Course, Pathway, Run
from lms import clock
from lms.models import Facility

from . import calendar, pages, people

STATION = "Trạm Y tế xã Tả Phìn"
"""Where somebody leads the unit; elsewhere the training office decides at once."""
WAY = "Cấp cứu ban đầu tại tuyến cơ sở"
REQUIRED, ELECTIVE = ("BM-01", "DQ-01"), ("CC-01", "KSNK-01", "TELE-01")


def load(code: str) -> None:
    """Tell what happened in a class that one does not simply enter; twice changes nothing."""
    run = Run.objects.select_related("release__course").get(code=code)
    if run.mode == Run.Mode.APPROVAL:
        _ask(run)
    elif run.mode == Run.Mode.INVITATION and not run.codes.exists():
        with clock.at(calendar.at(-2, 10)):
            office, last = people.user("daotao.bachmai"), calendar.at(27, 17)
            make_code(run, by=office, expires_at=last, most=15, note="Gửi điểm cầu Lục Yên (minh họa)")


def _ask(run: Run) -> None:
    """One waits for the head of the unit, one for the office, one was refused and reads why."""
    if run.applications.exists():
        return
    audience = set(run.release.course.audience.values_list("code", flat=True))
    busy = set(run.release.course.releases.values_list("runs__enrolments__person", flat=True))
    own, others = [], []
    for one in people.invented():
        found = people.find(one.full_name, one.facility, one.birth) if one.profession in audience else None
        if found and found.pk not in busy:
            (own if one.facility == STATION else others).append(found)
        if own and len(others) >= 2:
            break
    asked = calendar.at(-1, 19)
    rows = []
    for number, person in enumerate([*own[:1], *others[:2]]):
        with clock.at(asked + timedelta(minutes=11 * number)):
            rows.append(apply_for(run, person=person, by=None))
    with clock.at(asked + timedelta(hours=14)):
        reason = "Lớp này dành cho trạm chưa có người được tập huấn; mời anh/chị đăng ký lớp sau (minh họa)."
        decide(rows[-1], approve=False, by=people.user("daotao.bachmai"), reason=reason)


def pathway() -> None:
    """Publish the pathway once its courses are all there; twice changes nothing."""
    courses = {row.code: row for row in Course.objects.filter(code__in=REQUIRED + ELECTIVE)}
    if len(courses) < len(REQUIRED + ELECTIVE):
        return
    row = Pathway.objects.filter(title_vi=WAY).first()
    if row is None:
        made = Pathway(
            facility=Facility.objects.get(name=pages.BACH_MAI),
            title_vi=WAY,
            title_en="First emergency care at the grassroots level",
            about_vi="Dành cho người làm việc tại trạm y tế và phòng khám khu vực (minh họa).",
            about_en="For those who work at health stations and regional clinics (demonstration).",
            electives_needed=1,
            created_by=people.user("daotao.bachmai"),
        )
        row = save_pathway(
            made,
            required=[courses[code] for code in REQUIRED],
            electives=[courses[code] for code in ELECTIVE],
        )
    publish_pathway(row)
