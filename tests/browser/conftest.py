"""A real server on a database of its own, and Chromium as people hold it: phone or desk, scripts or none."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache.backends.db import DatabaseCache
from django.test import override_settings
from django.utils.translation import gettext, override, pgettext
from playwright.sync_api import Browser, Page, sync_playwright

from tests import browsers
from tests.cast import Cast

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
STILL = """() => Promise.race([
    new Promise((done) => setTimeout(done, 2000)),
    Promise.allSettled(document.getAnimations().map((one) => one.finished)),
])"""
"""Waits for what fades in, at most two seconds."""


@dataclass
class Site:
    """A running server; ``url`` is where, ``cast`` and ``course`` are who and what is there."""

    url: str
    cast: Cast
    course: object = None
    log: Path | None = None

    def work(self) -> int:
        """Let a worker do everything that is due; what it prints names this server."""
        from lms.queue import run_due

        with override_settings(WAGTAILADMIN_BASE_URL=self.url):
            return run_due()

    def forget(self) -> None:
        """Empty the server's cache, which this process does not share: new pages may have new roots."""
        DatabaseCache("website_cache", {}).clear()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_up(url: str, process: subprocess.Popen, log: Path, seconds=60) -> None:
    """Return when the server answers; fail with its log when it does not."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"The server did not come up:\n{log.read_text()[-4000:]}")


def wait_until_said(words: str, process: subprocess.Popen, log: Path, seconds=60) -> None:
    """Return when *words* stand in the log of the server; fail with it when they do not."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        if words in log.read_text():
            return
        time.sleep(0.2)
    pytest.fail(f"The server never said {words!r}:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="package")
def site(django_db_setup, django_db_blocker, tmp_path_factory):
    """The site of these tests, with a course of Bạch Mai that is open."""
    from tests import databases
    from tests.factories.programme import programme_a

    with django_db_blocker.unblock(), databases.fresh("browser") as name:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
            "DATABASE_URL": databases.url(name),
            "VUONXA_VAR": str(settings.VAR_DIR),
            "BASE_URL": url,
            "VUONXA_INSECURE_KEY": "1",
            "LOG_LEVEL": "WARNING",
        }
        collected = subprocess.run(
            [sys.executable, "-m", "django", "collectstatic", "--noinput", "--verbosity", "0"],
            env=env,
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
        )
        assert collected.returncode == 0, collected.stderr
        cast = Cast()
        course = programme_a(cast)
        assert course.run
        log = tmp_path_factory.mktemp("server") / "log.txt"
        with log.open("w") as out:
            server = subprocess.Popen(
                [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
                + [
                    "--port",
                    str(port),
                    "--workers",
                    "1",
                    "--blocking-threads",
                    "4",
                    "website.wsgi:application",
                ],
                env=env,
                cwd=settings.BASE_DIR,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            try:
                wait_until_up(f"{url}/healthz", server, log)
                yield Site(url, cast, course, log)
            finally:
                server.terminate()
                server.wait(20)


@pytest.fixture(scope="package")
def chromium():
    """The browser: the system's where there is one, else Playwright's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browsers.installed(), args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Visitor:
    """One person at one screen; ``page`` is Playwright's."""

    site: Site
    page: Page
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    language: str = "vi"
    scripts: bool = True
    bytes_loaded: int = 0
    requests: int = 0

    def __post_init__(self):
        """Note each request that leaves the host and each complaint of the browser."""
        self.page.on("request", self._note)
        self.page.on("console", lambda m: m.type == "error" and self.complaints.append(m.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"}:
            self.requests += 1
            if parts.netloc != urlsplit(self.site.url).netloc:
                self.foreign.append(request.url)

    def _count(self, event) -> None:
        self.bytes_loaded += int(event["encodedDataLength"])

    def go(self, path: str, status: int = 200):
        """Open *path* of the site and expect *status*."""
        response = self.page.goto(path if path.startswith("http") else self.site.url + path)
        assert response.status == status, f"{path} answered {response.status}, not {status}"
        return response

    def say(self, text: str, context: str = "") -> str:
        """Our words for *text* in the language of this person."""
        with override(self.language):
            return pgettext(context, text) if context else gettext(text)

    def press(self, text: str, context: str = "", within: str = "main", exact=True) -> None:
        """Press the button of these words and wait for the page it leads to."""
        place = self.page.locator(within).first
        place.get_by_role("button", name=self.say(text, context), exact=exact).first.click()
        self.page.wait_for_load_state()

    def look(self) -> None:
        """The screen as it stands is accessible and fits; axe is a script, so without scripts it only fits."""
        self.page.wait_for_load_state()
        if self.scripts:
            self.page.evaluate(STILL)
            self.assert_accessible()
        self.shoot()
        self.assert_fits()

    def shoot(self) -> None:
        """Keep a picture of the screen in the folder that ``SHOTS`` names, if any."""
        if folder := os.environ.get("SHOTS"):
            name = re.sub(r"[^a-z0-9]+", "-", urlsplit(self.page.url).path.lower()).strip("-")
            width = self.page.viewport_size["width"]
            path = Path(folder, f"{int(time.time() * 10) % 10**6:06}-{width}-{name}.png")
            self.page.screenshot(path=path, full_page=True)

    def wire_bytes(self, path: str) -> tuple[int, int]:
        """Bytes and requests of a first load of *path*, nothing cached."""
        network = self.page.context.new_cdp_session(self.page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", self._count)
        network.send("Network.clearBrowserCache")
        self.bytes_loaded = self.requests = 0
        self.go(path)
        self.page.wait_for_load_state("networkidle")
        network.detach()
        assert self.bytes_loaded, "nothing was counted"
        return self.bytes_loaded, self.requests

    def assert_accessible(self) -> None:
        """axe-core finds nothing on the page as it stands."""
        from axe_playwright_python.sync_playwright import Axe

        # What is right is not asked for: to describe it would take a fourth of the time.
        options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
        found = Axe().run(self.page, options=options).response["violations"]
        told = [f"{v['id']}: {v['help']}: {[n['target'] for n in v['nodes']][:4]}" for v in found]
        assert not told, "\n".join([self.page.url, *told])

    def assert_fits(self) -> None:
        """Nothing sticks out at the side."""
        # Through a locator: between two pages there is a moment without a document.
        wide = self.page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px too wide at {self.page.viewport_size['width']} px"

    def tab_to(self, selector: str, most: int = 60) -> None:
        """Move the focus to *selector* with the Tab key alone."""
        for _step in range(most):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        pytest.fail(f"{selector} cannot be reached by Tab on {self.page.url}")


@pytest.fixture
def visit(site, chromium: Browser):
    """Open a browser: ``visit(person, size=DESK, scripts=False)``; checks at the end that nothing left the host."""
    opened: list[Visitor] = []

    def visit(who=None, *, size=PHONE, scripts=True, language="vi-VN", scale=1, dark=False) -> Visitor:
        context = chromium.new_context(
            viewport=size,
            java_script_enabled=scripts,
            locale=language,
            timezone_id="Asia/Ho_Chi_Minh",
            device_scale_factor=scale,
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(15_000)
        if who is not None:
            key = site.cast.client(who).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": key, "url": site.url}])
        visitor = Visitor(site, context.new_page(), language=language[:2], scripts=scripts)
        opened.append(visitor)
        return visitor

    yield visit
    for visitor in opened:
        visitor.shoot()
        visitor.page.context.close()
    for visitor in opened:
        assert not visitor.foreign, f"left the host: {visitor.foreign}"
        assert not visitor.complaints, f"the browser complained: {visitor.complaints}"
