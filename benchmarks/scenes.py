"""Which page of the demonstration shows each drawn screen, and as whom."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.urls import reverse

from benchmarks.stage import signed_in

LEARNER, COORDINATOR, SIGNER, VERIFIER, TRAINER = (
    "hocvien.taphin",
    "dieuphoi.lucyen",
    "kyten.bachmai",
    "kiemtra.hoidong",
    "giangvien.bachmai",
)


@dataclass
class Scene:
    """A path as one person sees it; ``then`` moves on in the page before the picture is taken."""

    path: str
    session: str = ""
    then: Callable | None = None
    statuses: set[int] = field(default_factory=set)


def session_of(username: str) -> str:
    """A session of a demonstration login, second factor shown."""
    return signed_in(get_user_model().objects.get(username=username), is_proved=True)


def scenes() -> dict[str, Scene]:
    """Every screen of ``design/`` by the name of its drawing."""
    from certificates.models import Batch, BulkCheck, Certificate
    from courses.models import CoursePage, Enrolment, LessonPage, SessionSite

    learner = session_of(LEARNER)
    person = get_user_model().objects.get(username=LEARNER).person
    enrolment = (
        Enrolment.objects.filter(person=person, state="active").select_related("run__release__course").first()
    )
    course = enrolment.run.release.course
    items = enrolment.run.release.outline
    video = next(item for item in items if item["kind"] == "video")
    attempt, graded = open_attempt(), graded_attempt()
    rooms = SessionSite.objects.filter(session__state="live", site__facility__name__contains="Lục Yên")
    room = rooms.select_related("session").order_by("-session__starts_at").first()
    check_in = reverse("lms_courses:check_in", args=[room.session.uuid])
    batch = Batch.objects.get(state="frozen")
    checked = BulkCheck.objects.get(by__username=VERIFIER)
    return {
        "home": Scene("/"),
        "me": Scene("/me/", learner),
        "course": Scene(
            CoursePage.objects.get(translation_key=course.key, locale__language_code="vi").get_url(), learner
        ),
        "lesson": Scene(
            LessonPage.objects.get(translation_key=video["key"], locale__language_code="vi").get_url(),
            learner,
        ),
        "quiz": Scene(reverse("lms_courses:attempt", args=[attempt.pk]), session_of_learner(attempt)),
        "result": Scene(reverse("lms_courses:result", args=[graded.pk]), session_of_learner(graded)),
        "checkin": Scene(check_in, learner),
        "checkin-states": Scene(check_in, learner, then=wrong_code, statuses={400}),
        "room": Scene(reverse("lms_courses:room", args=[room.pk]), session_of(COORDINATOR)),
        "verify": Scene(f"/V/{Certificate.objects.filter(state='issued').first().code}"),
        "verify-revoked": Scene(f"/V/{Certificate.objects.filter(state='revoked').first().code}"),
        "desk": Scene(reverse("lms_certificates:checked_list", args=[checked.uuid]), session_of(VERIFIER)),
        "batch": Scene(reverse("lms_certificates:batch", args=[batch.pk]), session_of(SIGNER)),
    }


def open_attempt():
    """A test that somebody with a login is taking; begun now where nobody is."""
    from courses.actions.attempts import AttemptRefused, start
    from courses.models import Attempt, Enrolment

    found = Attempt.objects.filter(state="open", enrolment__person__user__isnull=False).order_by("pk").first()
    if found:
        return found
    learning = Enrolment.objects.filter(state="active", person__user__isnull=False).select_related(
        "person__user"
    )
    for enrolment in learning:
        for lesson in enrolment.run.release.course.lessons.filter(kind="quiz"):
            try:
                return start(enrolment, lesson=lesson, by=enrolment.person.user)
            except AttemptRefused:
                continue
    raise SystemExit("Nobody can begin a test.")


def graded_attempt():
    """A passed test of somebody with a login."""
    from courses.models import Attempt

    graded = Attempt.objects.filter(state="submitted", enrolment__person__user__isnull=False)
    return graded.filter(lesson__purpose="posttest").order_by("-passed", "pk").first() or graded.first()


def session_of_learner(attempt) -> str:
    """A session of who takes a test."""
    return session_of(attempt.enrolment.person.user.username)


def wrong_code(page) -> None:
    """Type a code that was never shown, and wait for the answer."""
    page.fill("input[name=code]", "000000")
    page.keyboard.press("Enter")
    page.locator("#answer .bad").wait_for()
