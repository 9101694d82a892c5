"""Learning without a network: kept, read, watched and answered; a killed browser loses nothing, another person sees nothing."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import threading
import time
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.utils.translation import gettext, override

from courses.models import Attempt, LessonProgress, OfflineReport, WatchRecord
from tests import browsers
from tests.browser.conftest import DESK, PHONE, free_port
from tests.factories import content, programme
from tests.factories import courses as make

SECONDS = 6


def say(text):
    """Our Vietnamese words."""
    with override("vi"):
        return gettext(text)


class Line:
    """The line between a phone and the site, which the mountains cut and mend."""

    def __init__(self, url):
        self.target = urlsplit(url).port
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.asked = []
        self.mend()

    def mend(self):
        self.open = socket.create_server(("127.0.0.1", self.port))
        self.wires = []
        threading.Thread(target=self._listen, args=(self.open,), daemon=True).start()

    def cut(self):
        self.open.close()
        # A thread in accept() holds the port until somebody knocks.
        with socket.socket() as knock:
            knock.connect_ex(("127.0.0.1", self.port))
        for wire in self.wires:
            # Closing alone would leave a wire that a thread waits on half alive.
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
            wire.close()

    def _listen(self, door):
        while True:
            try:
                near, _where = door.accept()
            except OSError:
                return
            if door.fileno() < 0:
                near.close()
                return
            far = socket.create_connection(("127.0.0.1", self.target))
            self.wires += [near, far]
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near, far):
        try:
            while True:
                for side in select.select([near, far], [], [])[0]:
                    data = side.recv(65536)
                    if not data:
                        return
                    if side is near and data.startswith(b"POST"):
                        self.asked.append(data.split(b" ", 2)[1].decode())
                    (far if side is near else near).sendall(data)
        except (OSError, ValueError):
            return
        finally:
            near.close()
            far.close()


class Phone:
    """Chromium with a memory of its own, started and killed as phones are."""

    def __init__(self, kind, folder, line):
        self.kind, self.folder, self.line = kind, folder, line
        self.start()

    def start(self):
        found = browsers.installed() or self.kind.executable_path
        port = free_port()
        argv = [found, "--headless=new", "--no-sandbox", "--no-first-run", f"--user-data-dir={self.folder}"]
        argv += [f"--remote-debugging-port={port}", "--autoplay-policy=no-user-gesture-required", "--lang=vi"]
        self.process = subprocess.Popen(
            [*argv, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < until, "Chromium did not start"
                time.sleep(0.1)
        self.browser = self.kind.connect_over_cdp(f"http://127.0.0.1:{port}")
        self.context = self.browser.contexts[0]
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.page.set_viewport_size(PHONE)

    def sign_in(self, cast, person):
        """As who asked to stay signed in: the cookie outlives the browser."""
        key = cast.client(person).cookies["sessionid"].value
        cookie = {"name": "sessionid", "value": key, "url": self.line.url, "expires": time.time() + 86400}
        self.context.add_cookies([cookie, {"name": "django_language", "value": "vi", "url": self.line.url}])

    def go(self, path):
        self.page.goto(self.line.url + path)
        self.page.wait_for_load_state()

    def kill(self):
        """The power fails: nothing is said to the browser, and nothing written by it afterwards."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)

    def sync(self):
        """What Chromium does by itself when the network is back, with no page of the site open."""
        tell = self.context.new_cdp_session(self.page)
        known = []
        tell.on("ServiceWorker.workerRegistrationUpdated", lambda event: known.extend(event["registrations"]))
        tell.send("ServiceWorker.enable")
        until = time.monotonic() + 10
        while not (mine := [one for one in known if one["scopeURL"].startswith(self.line.url)]):
            assert time.monotonic() < until, "no worker is registered"
            self.page.wait_for_timeout(50)
        tell.send(
            "ServiceWorker.dispatchSyncEvent",
            {
                "origin": self.line.url,
                "registrationId": mine[-1]["registrationId"],
                "tag": "lms-saved",
                "lastChance": False,
            },
        )


@pytest.fixture(scope="module")
def learning(site):
    """Lan learns a course of three lessons: a text, a lecture of six seconds, an exercise of two questions."""
    cast = site.cast
    page = programme._publish(
        programme.provider_page(cast.bach_mai), make.CoursePage(title="Học ở vùng sâu", slug="vung-sau")
    )
    lecture = content.video(cast.bach_mai, data=content.clip(SECONDS, size="640x360", tone=330))
    test = make.quiz(cast.bach_mai)
    with make.synced_once(page.translation_key):
        make.lesson_page(page, "Đọc trước khi học", body=[("text", "<p>Thời gian là não.</p>")])
        make.lesson_page(page, "Nhận biết đột quỵ", "video", video=lecture)
        make.lesson_page(page, "Luyện tập", "quiz", quiz=test)
    made = make.enrolment(cast, page=page, rules={"purpose": "practice"})
    site.forget()
    return made


@pytest.fixture
def line(site):
    made = Line(site.url)
    yield made
    made.cut()


@pytest.fixture
def phone(chromium, line, tmp_path, site, learning):
    """Lan's phone."""
    made = Phone(chromium.browser_type, tmp_path / "profile", line)
    made.sign_in(site.cast, site.cast.lan)
    yield made
    if made.process.poll() is None:
        made.kill()


def facts(enrolment):
    """What the server knows of Lan's learning."""
    connections.close_all()
    attempts = list(Attempt.objects.filter(enrolment=enrolment))
    return {
        "met": sorted(
            LessonProgress.objects.filter(enrolment=enrolment, met_at__isnull=False).values_list(
                "lesson__title_vi", flat=True
            )
        ),
        "watched": [
            (one.credited, one.offline_buckets) for one in WatchRecord.objects.filter(enrolment=enrolment)
        ],
        "attempts": [(one.state, one.answers.count()) for one in attempts],
        "reports": OfflineReport.objects.filter(enrolment=enrolment).count(),
    }


def keep(phone, site, learning):
    phone.go(f"/learn/{learning.pk}/save/")
    button = phone.page.locator("#save button")
    assert "MB" in button.inner_text()
    shoot(phone)
    button.click()
    words = say("Kept. You can open these lessons without a network.")
    phone.page.locator("#state", has_text=words).wait_for(timeout=30_000)
    shoot(phone)


def shoot(phone):
    if folder := os.environ.get("SHOTS"):
        phone.page.screenshot(path=f"{folder}/{int(time.time() * 10) % 10**6:06}-offline.png", full_page=True)


def test_a_browser_killed_without_a_network_loses_nothing_and_everything_arrives_once(
    site, phone, line, learning
):
    page = phone.page
    keep(phone, site, learning)

    line.cut()
    phone.go("/me/")
    page.get_by_role("link", name="Nhận biết đột quỵ").click()
    page.select_option("#rate", "2")
    page.evaluate("document.querySelector('video').play()")
    page.wait_for_function("() => document.querySelector('video').ended", timeout=30_000)
    shoot(phone)
    page.locator("#lesson .crumbs a").click()
    page.get_by_role("link", name="Luyện tập").click()
    questions = page.locator("#lesson fieldset")
    questions.nth(1).wait_for()
    for number in range(2):
        questions.nth(number).locator("input").first.check()
    page.locator("#waiting li").nth(2).wait_for(state="attached")
    phone.kill()

    phone.start()
    # Chromium writes cookies to the disk every half minute; hers is older than that.
    phone.sign_in(site.cast, site.cast.lan)
    page = phone.page
    phone.go("/me/")
    page.get_by_role("link", name="Luyện tập").click()
    page.locator("#lesson fieldset").nth(1).wait_for()
    assert page.locator("#lesson input:checked").count() == 2, "answers of before the power failed"
    page.get_by_role("button", name=say("Hand in")).click()
    page.locator(
        "#lesson [data-kept]", has_text=say("Handed in. The result comes when the network is back.")
    ).wait_for()
    page.locator("#lesson .crumbs a").click()
    page.get_by_role("link", name="Đọc trước khi học").click()
    page.get_by_text("Thời gian là não.").wait_for()
    page.get_by_role("button", name=say("I have read this lesson")).click()
    page.locator("#lesson .crumbs a").click()
    page.locator("#waiting li").nth(4).wait_for()
    shoot(phone)
    assert facts(learning)["reports"] == 0
    page.goto("about:blank")

    line.mend()
    line.asked.clear()
    phone.sync()
    until = time.monotonic() + 20
    expected = {
        "met": ["Luyện tập", "Nhận biết đột quỵ", "Đọc trước khi học"],
        "watched": [(2, 2)],
        "attempts": [("submitted", 2)],
        "reports": 1,
    }
    while (known := facts(learning)) != expected and time.monotonic() < until:
        page.wait_for_timeout(100)
    assert known == expected
    assert line.asked.count("/learn/watched/offline/") == 1
    phone.go("/learn/saved/")
    page.get_by_role("link", name="Luyện tập").wait_for()
    assert page.evaluate("lmsStore.waiting()") == []
    assert page.locator("#waiting").is_hidden()
    assert facts(learning) == expected


def test_another_person_on_the_same_phone_finds_nothing_of_the_first(site, phone, line, learning):
    page = phone.page
    keep(phone, site, learning)
    phone.go("/learn/saved/")
    page.get_by_role("link", name="Nhận biết đột quỵ").wait_for()
    shoot(phone)

    phone.sign_in(site.cast, site.cast.khanh)
    phone.go("/me/")
    page.wait_for_function(
        "async () => (await caches.keys()).every((name) => !name.startsWith('lms-media-'))"
    )
    for cut in (False, True):
        if cut:
            line.cut()
        phone.go("/learn/saved/")
        page.locator("#list .empty").wait_for()
        assert page.get_by_role("link", name="Nhận biết đột quỵ").count() == 0
        assert "Lan" not in page.content()
    shoot(phone)


LATE = """
let real;
Object.defineProperty(self, "lmsStore", {
  get: () => real,
  set: (store) => {
    const { all } = store;
    store.all = async (name) => {
      const rows = await all(name);
      while (name === "packs" && !rows.length && !self.toldNow) await new Promise((done) => setTimeout(done, 20));
      return rows;
    };
    real = store;
  },
});
"""
"""The news that nothing is kept arrives when it is not true any more."""


def test_a_page_that_found_nothing_does_not_unmark_a_phone_that_keeps_lessons_by_now(phone, site, learning):
    phone.context.add_init_script(LATE)
    keep(phone, site, learning)

    phone.page.evaluate("self.toldNow = true")
    phone.page.wait_for_timeout(500)

    assert "lms_saved=1" in phone.page.evaluate("document.cookie"), (
        "or signing out would leave the lessons there"
    )


def test_signing_out_takes_the_lessons_off_the_phone(site, phone, line, learning):
    page = phone.page
    keep(phone, site, learning)
    phone.go("/accounts/logout/")
    with page.expect_navigation():
        page.locator("main form button").first.click()
    page.wait_for_function("async () => !document.cookie.includes('lms_left')")

    line.cut()
    phone.go("/learn/saved/")
    page.locator("#list .empty").wait_for()
    assert page.evaluate("async () => (await caches.keys()).join()") == "lms-shell"


def test_a_full_phone_says_so_and_keeps_what_it_had(site, phone, line, learning):
    page = phone.page
    phone.go(f"/learn/{learning.pk}/save/")
    page.evaluate("""() => {
        const put = Cache.prototype.put;
        Cache.prototype.put = () => Promise.reject(new DOMException("no room", "QuotaExceededError"));
    }""")
    page.locator("#save button").click()
    words = say(
        "This device is full: lesson %%(number)s does not fit. What was kept before is still there. Delete some of it, or choose the sound only."
    )
    page.locator("#state", has_text=words.partition("%")[0]).wait_for()
    shoot(phone)

    phone.go("/learn/saved/")
    page.locator("#list .outline li").first.wait_for()
    assert page.locator("#list .outline li").count() == 1, "the text before it was kept"


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_the_screens_of_learning_without_a_network_are_accessible_and_fit(site, visit, learning, size):
    learner = visit(site.cast.lan, size=size)
    learner.go(f"/learn/{learning.pk}/save/")
    learner.look()
    learner.page.locator("#save button").click()
    learner.page.locator(
        "#state", has_text=say("Kept. You can open these lessons without a network.")
    ).wait_for()
    learner.go("/learn/saved/")
    learner.page.get_by_role("link", name="Nhận biết đột quỵ").wait_for()
    learner.look()
    learner.page.get_by_role("link", name="Nhận biết đột quỵ").click()
    learner.page.locator("#lesson video").wait_for()
    learner.look()
    learner.page.locator("#lesson .crumbs a").click()
    learner.page.get_by_role("link", name="Luyện tập").click()
    learner.page.locator("#lesson fieldset").first.wait_for()
    learner.look()
