"""The demonstration data and, on top, a crowd that learns, takes a test and checks in."""

import json
import time
from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.core.management import call_command
from django.db.models import Q
from django.urls import reverse
from wagtail.models import Page

from courses import codes
from courses.actions.attempts import start
from courses.actions.enrolments import enrol
from courses.actions.sessions import open_session, schedule
from courses.actions.watching import token_for
from courses.models import CoursePage, LessonPage, Run
from lms import clock, queue
from lms.actions import add_person
from lms.models import Job
from website.accounts.middleware import SEEN
from website.demo import load

CROWD = 160


def prepare(say) -> None:
    """Tables, demonstration data (first stage) and compressed static files."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    load.load("fast", out=say)
    for job in Job.objects.filter(kind="lms_courses.pages").exclude(state=Job.State.DONE):
        queue.run(job.pk)  # trainers may open the pages of their hospital
    say("Collecting static files …")
    call_command("collectstatic", verbosity=0, interactive=False)


def signed_in(user, *, is_proved: bool = False) -> str:
    """The key of a session of *user*, who has opened a page before: nobody sends a form that was not shown.

    ``is_proved`` where the second factor was shown, without which who holds an office gets no further.
    """
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "website.accounts.backends.PasswordBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store[SEEN] = time.time()
    if is_proved:
        store["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time()}]
        store["account_authentication_methods_user"] = str(user.pk)
    store.create()
    return store.session_key


def bare_page() -> Page:
    """A plain Wagtail page with twenty plain children, below the front page."""
    home = Page.objects.get(sites_rooted_here__is_default_site=True)
    found = home.get_children().filter(slug="bench-bare").first()
    if found:
        return found
    page = home.add_child(instance=Page(title="Trang trơn", slug="bench-bare", locale=home.locale))
    for number in range(20):
        page.add_child(instance=Page(title=f"Trang con {number}", slug=f"con-{number}", locale=home.locale))
    return page


def bare_asks(get_response):
    """Let the bare page find its site as Wagtail alone does: what we remember of it is ours, not the reference's."""

    def middleware(request):
        return get_response(request)

    def forget(request, view, args, kwargs):
        if request.path.endswith("/bench-bare/"):
            vars(request).pop("_wagtail_site", None)

    middleware.process_view = forget
    return middleware


class Crowd:
    """Learners of one open class, each signed in."""

    def __init__(self):
        """Make them through the actions, in a class of the demonstration that has a lecture and a test."""
        self.run, self.video, self.quiz = self._class()
        office = get_user_model().objects.filter(is_superuser=True).first()
        stamp = int(clock.now().timestamp())
        self.learners = []
        for number in range(CROWD):
            user = get_user_model().objects.create(username=f"bench-{stamp}-{number}")
            audience = self.run.release.course.audience.first()
            person = add_person(f"Người Đo Số {number}", profession=audience, user=user)
            self.learners.append((enrol(self.run, person=person, by=office), signed_in(user)))
        now = clock.now()
        self.session = open_session(
            schedule(
                self.run.release.course.facility,
                title_vi="Buổi đo tốc độ",
                starts_at=now - timedelta(minutes=5),
                ends_at=now + timedelta(hours=1),
                by=office,
            ),
            by=office,
        )
        Job.objects.get_or_create(
            kind="bench.bare", key="0", defaults={"run_at": now, "state": Job.State.DONE}
        )

    def _class(self):
        runs = Run.objects.filter(is_closed=False).filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=clock.today())
        )
        for run in runs.filter(release__state="issued").select_related("release__course"):
            items = run.release.outline
            video = next((i for i in items if i["kind"] == "video"), None)
            quiz = next((i for i in items if i["kind"] == "quiz" and i["purpose"] != "posttest"), None)
            if video and quiz and (run.seats is None or run.seats_left > CROWD):
                Run.objects.filter(pk=run.pk).update(mode=Run.Mode.SELF)
                run.refresh_from_db()
                return run, video, quiz
        raise SystemExit("The demonstration has no open class with a lecture and a test.")

    def course_path(self) -> str:
        """The page of the course."""
        return (
            CoursePage.objects.filter(translation_key=self.run.release.course.key, live=True)
            .first()
            .get_url()
        )

    def lesson_path(self) -> str:
        """The page of the lecture."""
        key = self.video["key"]
        return LessonPage.objects.filter(translation_key=key, live=True).first().get_url()

    def attempts(self) -> list[tuple[object, str]]:
        """An open attempt of each of the first forty, with the session key."""
        lesson = self.run.release.course.lessons.get(pk=self.quiz["lesson"])
        return [
            (start(enrolment, lesson=lesson, by=enrolment.person.user), key)
            for enrolment, key in self.learners[:40]
        ]

    def beats(self, count: int) -> list[bytes]:
        """Bodies of *count* reports, each telling of new seconds; of everybody in turn, as nobody may report often."""
        tokens = [token_for(enrolment, self.video).signed() for enrolment, _key in self.learners]
        bodies = []
        for number in range(count):
            at = number // len(tokens) * 5
            body = {"token": tokens[number % len(tokens)], "ranges": [[at, at + 5]], "position": at + 5}
            bodies.append(json.dumps(body).encode())
        return bodies

    def code(self) -> str:
        """The code that the hub's screen shows now."""
        return codes.code_at(self.session.secret, codes.step_at(clock.now().timestamp()))

    def check_in_path(self) -> str:
        """Where the code is sent."""
        return reverse("lms_courses:check_in", args=[self.session.uuid])
