"""Who learnt in which class and how it went, class by class, and the few people with a story of their own."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from certificates.actions import ask_to_end, revoke, supersede
from certificates.models import Certificate
from courses.actions.enrolments import withdraw
from courses.models import Course, Enrolment, Lesson, Release, Run
from lms import clock
from lms.models import Person

from . import calendar, history, people, register, rooms
from .classes import FULL, plan_of

NAMED = {
    "BM-01.K1": ("hocvien.taphin", "dieuphoi.lucyen", "hocvien.vanban", "hocvien.bacha"),
    "DQ-01.K1": ("hocvien.vanban", "hocvien.bacha"),
    "KSNK-01.K1": (
        "hocvien.taphin", "hocvien.thacba", "dieuphoi.lucyen", "hocvien.vanban", "hocvien.bacha"
    ),
    "TELE-01.K1": ("hocvien.taphin", "hocvien.vanban", "hocvien.bacha"),
    "CC-01.K1": ("dieuphoi.lucyen", "hocvien.vanban", "hocvien.bacha"),
}  # fmt: skip
"""Named people who completed a class; with ``rooms.REGULARS`` it makes the hours their story tells."""

CROWD = {"BM-01.K1": 36, "DQ-01.K1": 14, "KSNK-01.K1": 20, "TELE-01.K1": 14, "CC-01.K1": 14}
"""How many invented people completed a class."""
FAST_CROWD = 10
"""How many of them before the site opens, in the first class of all."""
LEARNING = {"DQ-01.K2": 14, "TELE-01.K2": 8, "KSNK-01.K2": 12, "CC-01.K2": 10}
"""How many invented people are on their way in a class that runs now."""

Progress = Callable[[float, str], None]


def completed_fast() -> None:
    """The first completions, certificates and the two that ended: what the site opens with."""
    run = Run.objects.get(code="BM-01.K1")
    for person, begun in _starts(run, _named(run.code) + _crowd(run)[:FAST_CROWD]):
        _complete_alone(run, person, begun)
    _replaced(run)
    _revoked(run)


def completed(code: str, progress: Progress = lambda percent, note: None) -> None:
    """The whole story of a class whose learners have completed it."""
    run = Run.objects.select_related("release__course__facility").get(code=code)
    unsettled = people.unsettled() if code == register.WAITING else []
    who = _starts(run, _named(code) + _crowd(run) + unsettled)
    sessions = [item for item in run.release.outline if item["kind"] == "session"]
    if not sessions and not _has_skills(run):
        for number, (person, begun) in enumerate(who):
            _complete_alone(run, person, begun)
            progress(number * 100 / len(who), person.full_name)
        _certify(run)
        return
    enrolments = []
    for number, (person, begun) in enumerate(who):
        enrolment = history.join(run, person, begun - timedelta(days=1))
        if enrolment and enrolment.state == Enrolment.State.ACTIVE:
            history.learn(enrolment, begun)
        if enrolment:
            enrolments.append(enrolment)
        progress(number * 60 / len(who), person.full_name)
    for step, item in enumerate(sessions):
        begins = calendar.on(run.starts_on + timedelta(days=34 + 7 * step), 14)
        lesson = Lesson.objects.get(pk=item["lesson"])
        rooms.hold_for(run, lesson, begins, [enrolment.person for enrolment in enrolments])
    for number, enrolment in enumerate(enrolments):
        if enrolment.state == Enrolment.State.ACTIVE:
            moment = calendar.on(run.starts_on + timedelta(days=50 + number % 9), 9, number % 50)
            moment = history.show_skills(enrolment, moment)
            history.conclude(
                enrolment, moment + timedelta(hours=2), wrong=number % 2, tries=1 + number % 3 // 2
            )
        progress(60 + number * 40 / len(enrolments), enrolment.person.full_name)
    _certify(run)


def learning(code: str, progress: Progress) -> None:
    """People on their way through a class that runs now, each at another point."""
    run = Run.objects.select_related("release__course__facility").get(code=code)
    crowd = _crowd(run, skip=CROWD.get(code.replace("K2", "K1"), 0))
    for number, (person, begun) in enumerate(_starts(run, crowd)):
        enrolment = history.join(run, person, begun)
        if enrolment and enrolment.state == Enrolment.State.ACTIVE and code != FULL:
            history.learn(enrolment, begun + timedelta(hours=3), lectures=number % 4, pretest=number % 5 != 0)
        progress(number * 100 / len(crowd), person.full_name)
    if code == FULL:
        behind = _crowd(run, skip=CROWD.get(code.replace("K2", "K1"), 0) + LEARNING[code])
        for number, person in enumerate(behind[:3]):
            history.wait(run, person, calendar.at(-1, 18 + number))


def stroke_class(code: str = "DQ-01.K2") -> None:
    """The class with the live session of today: somebody half-way, somebody stuck, somebody who left."""
    run = Run.objects.select_related("release__course__facility").get(code=code)
    live = _live_lesson(run.release)
    first, stuck = people.person("hocvien.taphin"), people.person("hocvien.thacba")
    crowd = _crowd(run, skip=CROWD["DQ-01.K1"])
    leaver, others = crowd[-1], crowd[:4]
    begun = calendar.at(-18, 19)
    mine = history.join(run, first, begun)
    history.learn(mine, begun + timedelta(minutes=20), lectures=2)
    failing = history.join(run, stuck, begun)
    history.learn(failing, begun + timedelta(hours=1))
    for number, person in enumerate(others):
        enrolment = history.join(run, person, begun + timedelta(days=number))
        history.learn(enrolment, begun + timedelta(days=number, hours=2))
    rooms.hold_for(run, live, calendar.at(-5, 14), [stuck, *others])
    history.fail(failing, calendar.at(-3, 20), times=2)
    left = history.join(run, leaver, begun + timedelta(days=2))
    if left and left.state == Enrolment.State.ACTIVE:
        with clock.at(begun + timedelta(days=6)):
            withdraw(left, by=people.user("daotao.bachmai"))


def live_room() -> None:
    """The room that is open at this moment."""
    run = Run.objects.select_related("release__course__facility").get(code="DQ-01.K2")
    rooms.live_now(run, _live_lesson(run.release))


def _certify(run: Run) -> None:
    """Let the offices make what the learners of a class are still owed."""
    if not run.release.course.facility.issuer.issues_automatically:
        register.certify_class(run)


def _complete_alone(run: Run, person: Person, begun: datetime) -> Enrolment | None:
    """Complete a self-paced class within a few days."""
    enrolment = history.join(run, person, begun - timedelta(hours=5))
    if enrolment and enrolment.state == Enrolment.State.ACTIVE:
        moment = history.learn(enrolment, begun)
        history.conclude(enrolment, moment + timedelta(days=1))
    return enrolment


def _replaced(run: Run) -> None:
    """A certificate issued with a misspelt name and replaced after the correction."""
    person = _crowd(run)[FAST_CROWD]
    if Certificate.objects.filter(holder=person, state=Certificate.State.SUPERSEDED).exists():
        return
    right = person.full_name
    with transaction.atomic():
        person.full_name = f"{right[:-1]}{'n' if right[-1] != 'n' else 'm'}"
        person.save()
        enrolment = _complete_alone(run, person, _starts(run, [person])[0][1])
        person.full_name = right
        person.save()
        certificate = Certificate.objects.of(person).for_origin(f"enrolment:{enrolment.pk}").get()
        with clock.at(certificate.issued_at + timedelta(days=12)):
            supersede(
                _asked(certificate, "replace", "Sửa họ tên viết sai khi nhập liệu (minh họa)."),
                by=people.user("kyten.bachmai"),
                reason="Sửa họ tên viết sai khi nhập liệu (minh họa).",
            )


def _revoked(run: Run) -> None:
    """A certificate revoked because somebody else had learnt for its holder."""
    person = _crowd(run)[FAST_CROWD + 1]
    enrolment = _complete_alone(run, person, _starts(run, [person])[0][1])
    certificate = Certificate.objects.for_origin(f"enrolment:{enrolment.pk}").get()
    if certificate.state == Certificate.State.ISSUED:
        with clock.at(certificate.issued_at + timedelta(days=20)):
            reason = "Phát hiện người khác học hộ (minh họa)."
            revoke(_asked(certificate, "revoke", reason), by=people.user("kyten.bachmai"), reason=reason)


def _asked(certificate: Certificate, ending: str, reason: str) -> Certificate:
    """The certificate, whose end the training office has asked for; the signer does it."""
    ask_to_end(certificate, ending, by=people.user("daotao.bachmai"), reason=reason)
    return certificate


def _named(code: str) -> list[Person]:
    return [people.person(name) for name in NAMED.get(code, ())]


def _crowd(run: Run, skip: int = 0) -> list[Person]:
    """Invented people of the course's audience; *skip* leaves out those of an earlier class."""
    course: Course = run.release.course
    count = CROWD.get(run.code) or LEARNING.get(run.code, 0)
    audience = set(course.audience.values_list("code", flat=True))
    fitting = [one for one in people.invented() if one.profession in audience]
    turn = (course.pk * 23) % len(fitting)
    chosen = (fitting + fitting)[turn + skip : turn + skip + count]
    return [people.find(one.full_name, one.facility, one.birth) for one in chosen]


def _starts(run: Run, who: list[Person]) -> list[tuple[Person, datetime]]:
    """When each of them sat down to learn: in the evening, spread over four weeks of the class."""
    last = min(28, -plan_of(run.code).begins - 1)
    return [
        (
            person,
            calendar.on(
                run.starts_on + timedelta(days=1 + person.pk % last), 19 + person.pk % 3, person.pk % 60
            ),
        )
        for person in who
    ]


def _live_lesson(release: Release) -> Lesson:
    item = next(item for item in release.outline if item["kind"] == "session")
    return Lesson.objects.get(pk=item["lesson"])


def _has_skills(run: Run) -> bool:
    return any(item["kind"] == "checklist" for item in run.release.outline)
