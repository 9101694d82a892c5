"""Requests through the real WSGI handler, with all middleware, and what they cost."""

import gzip
import io
import itertools
import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from ipaddress import IPv4Address
from urllib.parse import urljoin, urlsplit

from django.core.handlers.wsgi import WSGIHandler

_VISITORS = itertools.count(1)
DEVICE = "lms_phone"
CSRF = "b" * 32
"""A CSRF secret; sent as cookie and as header it lets a POST pass the real check."""

IMPORTED = re.compile(r"""^import\b[^"']*["']([^"']+)["']""", re.MULTILINE)
"""What a module of ours imports; ours begin with it, each on a line of its own."""


@dataclass
class Request:
    """One prepared request; ``session`` is a session key of a signed-in user."""

    path: str
    session: str = ""
    method: str = "GET"
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    bodies: Iterator[bytes] | None = None
    """Where each sending takes a body of its own."""

    def environ(self) -> dict:
        """A fresh WSGI environment for it."""
        body = self.body if self.bodies is None else next(self.bodies)
        parts = urlsplit(self.path)
        # The cookie that a phone keeps from the check-in page; other pages do not read it.
        cookies = f"csrftoken={CSRF}" + (
            f"; sessionid={self.session}; {DEVICE}={self.session}" if self.session else ""
        )
        return {
            "REQUEST_METHOD": self.method,
            "PATH_INFO": parts.path.encode().decode("latin1"),
            "QUERY_STRING": parts.query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "HTTP_HOST": "localhost:8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            # Each request comes from another address, as those of many visitors do: limits per
            # address are part of the work but must not end it.
            "REMOTE_ADDR": str(IPv4Address(0x0A000000 + next(_VISITORS))),
            "HTTP_COOKIE": cookies,
            "HTTP_X_CSRFTOKEN": CSRF,
            "HTTP_ACCEPT": "application/json" if self.method == "POST" else "text/html",
            "CONTENT_TYPE": self.content_type,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()},
        }


class Server:
    """The site in this process."""

    def __init__(self):
        """Load middleware once, as a server does."""
        self.handler = WSGIHandler()

    def send(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer."""
        told = {}

        def start(status, headers, exc_info=None):
            told["status"], told["headers"] = int(status.split()[0]), dict(headers)

        answer = self.handler(request.environ(), start)
        body = b"".join(answer)
        answer.close()
        return told["status"], told["headers"], body

    def check(self, request: Request, statuses=(200,)) -> bytes:
        """Send *request* once and refuse to measure an error page."""
        status, headers, body = self.send(request)
        if status not in statuses:
            where = headers.get("Location", "")
            raise SystemExit(f"{request.method} {request.path} answered {status} {where}\n{body[:500]!r}")
        return body

    def cpu(self, page: Request, *, rounds=9, each=8) -> float:
        """CPU milliseconds of one request."""
        self.check(page)
        for _warm in range(5):
            self.send(page)
        taken = []
        for _round in range(rounds):
            began = time.process_time()
            for _one in range(each):
                self.send(page)
            taken.append((time.process_time() - began) / each * 1000)
        return statistics.median(taken)

    def cpu_pair(self, page: Request, reference: Request, *, rounds=15, each=8) -> tuple[float, float]:
        """CPU milliseconds of one request of each; measured in turns, so that noise meets both alike."""
        for request in (page, reference):
            self.check(request)
            for _warm in range(5):
                self.send(request)
        taken: dict[int, list[float]] = {0: [], 1: []}
        for _round in range(rounds):
            for which, request in enumerate((page, reference)):
                began = time.process_time()
                for _one in range(each):
                    self.send(request)
                taken[which].append((time.process_time() - began) / each * 1000)
        return statistics.median(taken[0]), statistics.median(taken[1])

    def rate_pair(self, requests: list[Request], reference: Request) -> tuple[float, float]:
        """Requests a second of each, one after the other, in turns of twenty."""
        taken, count = [0.0, 0.0], 0
        for start in range(0, len(requests), 20):
            part = requests[start : start + 20]
            for which, batch in enumerate((part, [reference] * len(part))):
                began = time.perf_counter()
                for request in batch:
                    status, _headers, body = self.send(request)
                    if status >= 400:
                        raise SystemExit(f"{request.path} answered {status}: {body[:300]!r}")
                taken[which] += time.perf_counter() - began
            count += len(part)
        return count / taken[0], count / taken[1]

    def first_load(self, page: Request) -> tuple[int, int]:
        """Bytes over the wire (bodies as sent to a browser that takes gzip, and headers) and requests."""
        page.headers["Accept-Encoding"] = "gzip"
        todo, seen, total = [page], {page.path}, 0
        while todo:
            request = todo.pop()
            status, headers, body = self.send(request)
            if status != 200:
                raise SystemExit(f"{request.path} answered {status}")
            total += len(body) + sum(len(name) + len(value) + 4 for name, value in headers.items())
            for link in self._led_to(request is page, headers, body):
                target = urljoin(request.path, link)
                if target not in seen and not urlsplit(target).netloc:
                    seen.add(target)
                    todo.append(Request(target, page.session, headers={"Accept-Encoding": "gzip"}))
        return total, len(seen)

    def _led_to(self, is_page: bool, headers: dict, body: bytes) -> list[str]:
        """What a browser fetches because of an answer: what the page names, and what a script imports."""
        kind = headers.get("Content-Type", "").partition(";")[0]
        if not (kind == "text/html" and is_page) and kind != "text/javascript":
            return []
        text = (gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body).decode()
        return linked(text) if is_page else IMPORTED.findall(text)


class _Links(HTMLParser):
    """Collects what a browser fetches with the page."""

    def __init__(self):
        """Begin with nothing."""
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "link" and values.get("rel") in {"stylesheet", "icon", "modulepreload", "manifest"}:
            self.found.append(values.get("href", ""))
        elif tag in {"script", "img"} and values.get("src"):
            self.found.append(values["src"])
        elif tag == "video" and values.get("data-poster"):
            # The player shows it once the page stands.
            self.found.append(values["data-poster"])


def linked(html: str) -> list[str]:
    """Addresses that a browser fetches on its own; a data: address costs nothing more."""
    parser = _Links()
    parser.feed(html)
    return [link for link in parser.found if link and not link.startswith("data:")]
