"""The site behind nginx as docs/nginx.conf ships it: who gets which bytes, and what a client cannot invent."""

import gzip
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from base64 import b64encode
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connections

from content.models import Upload
from courses.models import Enrolment
from lms import media
from tests import databases
from tests.cast import Cast
from tests.factories.programme import home, programme_a

MAIN = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    include {mime};
    default_type application/octet-stream;
    sendfile on;
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Site:
    """nginx on ``port`` before the application on ``behind``, on the database of these tests."""

    port: int
    behind: int

    def get(
        self, path: str, client=None, *, port=None, source="127.0.0.1", method="GET", body=None, **headers
    ):
        """Ask for *path*, untouched, with the cookies of Django's test *client*; status, headers and body."""
        connections.close_all()
        if client is not None:
            headers["Cookie"] = "; ".join(f"{one.key}={one.value}" for one in client.cookies.values())
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = http.client.HTTPConnection(
            "127.0.0.1", port or self.port, timeout=30, source_address=(source, 0)
        )
        with closing(asked):
            asked.request(method, path, body=body, headers=headers)
            answer = asked.getresponse()
            return answer, answer.read()

    def first_line(self, path: str, length: int) -> str:
        """What nginx says to the announcement of a body of *length* bytes, before any of it is sent."""
        with closing(socket.create_connection(("127.0.0.1", self.port), timeout=30)) as wire:
            wire.sendall(
                f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Length: {length}\r\n"
                "Expect: 100-continue\r\n\r\n".encode()
            )
            return wire.recv(200).decode().partition("\r\n")[0]


@pytest.fixture(scope="module")
def database(django_db_setup, django_db_blocker):
    """One database for this module: the processes start once."""
    with django_db_blocker.unblock(), databases.fresh("nginx") as name:
        yield name


@pytest.fixture(scope="module")
def site(database, tmp_path_factory):
    """granian and nginx, started with the shipped files and ended by their process ids."""
    folder = tmp_path_factory.mktemp("nginx")
    made = Site(port=free_port(), behind=free_port())
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "DJANGO_SETTINGS_MODULE": "website.settings.base",
        "VUONXA_VAR": str(settings.VAR_DIR),
        "LMS_MEDIA_ACCEL": "/_private/",
        "BEHIND_PROXY": "yes",
    }
    python = {"cwd": settings.BASE_DIR, "env": environment}
    # The admin's own styles are many, and no page here shows them.
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "-v", "0", "-i", "wagtail*"]
    subprocess.run(collect, check=True, timeout=120, **python)
    shipped = Path(settings.BASE_DIR, "docs", "nginx.conf").read_text()
    ours = {
        "server web:8000": f"server 127.0.0.1:{made.behind}",
        "listen 80": f"listen 127.0.0.1:{made.port}",
        "/var/lib/vuonxa": str(settings.VAR_DIR),
    }
    for theirs, here in ours.items():
        assert theirs in shipped
        shipped = shipped.replace(theirs, here)
    (folder / "site.conf").write_text(shipped)
    user = "user root;" if os.getuid() == 0 else ""
    main = MAIN.format(folder=folder, user=user, mime="/etc/nginx/mime.types")
    (folder / "nginx.conf").write_text(main)
    program = shutil.which("nginx")
    assert program, "nginx is missing. Run: sudo apt install nginx"
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "website.wsgi:application"]
    web += ["--host", "127.0.0.1", "--port", str(made.behind), "--workers", "1", "--blocking-threads", "2"]
    started = []
    try:
        with (folder / "web.log").open("w") as log:
            started.append(subprocess.Popen(web, stdout=log, stderr=log, **python))
            started.append(subprocess.Popen([program, "-c", folder / "nginx.conf"], stdout=log, stderr=log))
        wait_until_it_answers(made, folder)
        yield made
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(20)


def wait_until_it_answers(site: Site, folder: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if site.get("/healthz")[0].status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    pytest.fail("".join(path.read_text()[-3000:] for path in sorted(folder.glob("*.log"))))


@pytest.fixture(scope="module")
def cast(database):
    return Cast()


@pytest.fixture(scope="module")
def lecture(site, cast):
    """A lecture's 240p form; Lan learns the course that shows it."""
    home()
    course = programme_a(cast)
    assert course.enrol(cast.lan).state == Enrolment.State.ACTIVE
    return course.video.renditions.get(kind="240p")


@pytest.fixture(scope="module")
def lan(lecture, cast):
    """The browser of the learner."""
    return cast.client(cast.lan)


def stored(lecture) -> bytes:
    with media.storage().open(lecture.name) as file:
        return file.read()


# --- private files


def test_the_application_releases_and_nginx_sends(site, lecture, lan):
    released, nothing = site.get(lecture.url, lan, port=site.behind)
    sent, body = site.get(lecture.url, lan)

    assert released.status == 200
    assert nothing == b""
    assert released.headers["X-Accel-Redirect"] == f"/_private/{lecture.name}"
    assert sent.status == 200
    assert body == stored(lecture)
    assert "X-Accel-Redirect" not in sent.headers
    assert sent.headers["ETag"] != released.headers["ETag"]


def test_what_the_application_said_about_a_file_stays_said(site, lecture, lan):
    released, _nothing = site.get(lecture.url, lan, port=site.behind)

    for status, headers in {200: {}, 206: {"Range": "bytes=0-9"}}.items():
        sent, _body = site.get(lecture.url, lan, **headers)
        assert sent.status == status
        for name in (
            "Content-Type",
            "Content-Disposition",
            "Cache-Control",
            "Content-Security-Policy",
            "Vary",
            "X-Content-Type-Options",
        ):
            assert sent.headers[name] == released.headers[name], name


def test_parts_of_a_file_are_sent_exactly(site, lecture, lan):
    whole = stored(lecture)

    middle, body = site.get(lecture.url, lan, Range="bytes=100-199")
    end, tail = site.get(lecture.url, lan, Range="bytes=-50")
    beyond, _none = site.get(lecture.url, lan, Range=f"bytes={len(whole)}-")
    etag = end.headers["ETag"]

    assert (middle.status, body) == (206, whole[100:200])
    assert middle.headers["Content-Range"] == f"bytes 100-199/{len(whole)}"
    assert (end.status, tail) == (206, whole[-50:])
    assert beyond.status == 416
    assert site.get(lecture.url, lan, If_None_Match=etag)[0].status == 304
    assert site.get(lecture.url, lan, Range="bytes=0-9", If_Range='"old"')[0].status == 200


@pytest.mark.parametrize("who", [None, "khanh", "hoa"])
def test_who_is_not_entitled_learns_nothing(site, lecture, lan, cast, who):
    client = cast.client(getattr(cast, who)) if who else None
    etag = site.get(lecture.url, lan)[0].headers["ETag"]

    for headers in ({}, {"Range": "bytes=0-9"}, {"If-None-Match": etag}, {"If-None-Match": "*"}):
        assert site.get(lecture.url, client, **headers)[0].status == 404


def test_no_address_leads_to_the_folders_themselves(site, lecture, lan):
    public = Path(settings.MEDIA_ROOT, "documents", "danh-sach.pdf")
    public.parent.mkdir(parents=True, exist_ok=True)
    public.write_bytes(stored(lecture))

    for path in (
        f"/_private/{lecture.name}",
        f"//_private//{lecture.name}",
        f"/%5Fprivate/{lecture.name}",
        f"/x/../_private/{lecture.name}",
        f"/_private/%2e%2e/private/{lecture.name}",
        f"/static/../private/{lecture.name}",
        f"/static../private/{lecture.name}",
        f"/static/..%2fprivate/{lecture.name}",
        f"/static/%2e%2e/_private/{lecture.name}",
        f"/private/{lecture.name}",
        f"/media/{lecture.name}",
        "/media/documents/danh-sach.pdf",
        "/static/../media/documents/danh-sach.pdf",
        "/_private/../media/documents/danh-sach.pdf",
    ):
        assert site.get(path, lan)[0].status in {400, 404}, path
    asked, body = site.get("/", lan, X_Accel_Redirect=f"/_private/{lecture.name}")
    assert asked.status == 200
    assert stored(lecture) not in body


# --- pages and static files


def test_pages_and_styles_travel_compressed_and_hashed_names_are_kept(site, lecture):
    page, packed = site.get("/", Accept_Encoding="gzip")
    style = re.search(rb'"(/static/website/[^"]+\.css)"', gzip.decompress(packed))[1].decode()

    kept, css = site.get(style, Accept_Encoding="gzip")
    plain, same = site.get(style)

    assert page.status == 200
    assert page.headers["Content-Encoding"] == "gzip"
    assert kept.headers["Content-Encoding"] == "gzip"
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert kept.headers["X-Content-Type-Options"] == "nosniff"
    assert gzip.decompress(css) == same
    assert "Content-Encoding" not in plain.headers


def test_a_module_imported_by_its_plain_name_is_asked_for_again(site):
    module, _body = site.get("/static/lms_courses/outbox.js")

    assert module.status == 200
    assert module.headers["Cache-Control"] == "public, no-cache"
    assert site.get("/static/lms_courses/outbox.js", If_None_Match=module.headers["ETag"])[0].status == 304


# --- what devices keep


def test_what_a_device_keeps_for_one_person_reaches_no_other(site, lecture, lan, cast):
    enrolment = Enrolment.objects.get(person=cast.lan)
    address = f"/learn/{enrolment.pk}/save/"

    worker, source = site.get("/sw.js", Accept_Encoding="gzip")
    pages = [site.get("/learn/saved/", who)[1] for who in (lan, cast.client(cast.khanh), None)]

    assert worker.status == 200
    assert worker.headers["Cache-Control"] == "no-cache"
    assert source
    assert len(set(pages)) == 1
    mine, _body = site.get(address, lan)
    assert mine.status == 200
    assert "no-store" in mine.headers["Cache-Control"]
    assert site.get(address, cast.client(cast.khanh))[0].status == 404
    assert site.get(address)[0].status == 302


# --- what a client cannot invent


def test_an_invented_forwarded_address_does_not_escape_the_limit(site):
    told = []
    for number in range(260):
        invented = f"203.0.113.{number % 250}, 198.51.100.{number % 250}"
        told.append(site.get("/V/ABCD", X_Forwarded_For=invented, Forwarded=f"for={invented}")[0].status)
        if told[-1] == 429:
            break

    assert told[-1] == 429
    assert len(told) > 100
    assert site.get("/V/ABCD", source="127.0.0.2")[0].status != 429


def test_an_unknown_host_is_refused_and_an_invented_one_not_believed(site, lecture):
    refused, _body = site.get("/", Host="evil.example")
    page, body = site.get("/accounts/login/", X_Forwarded_Host="evil.example", X_Host="evil.example")

    assert refused.status == 400
    assert page.status == 200
    assert b"evil.example" not in body


def test_a_form_is_taken_on_this_port_and_from_no_other_origin(site, lecture):
    page, body = site.get("/accounts/login/")
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', body)[1].decode()
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    sent = urlencode({"csrfmiddlewaretoken": token, "login": "khong-co", "password": "sai"})
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}

    own, words = site.get(
        "/accounts/login/", method="POST", body=sent, Origin=f"http://127.0.0.1:{site.port}", **headers
    )
    foreign, _body = site.get(
        "/accounts/login/", method="POST", body=sent, Origin="http://evil.example", **headers
    )

    assert own.status == 200
    assert b"<form" in words
    assert foreign.status == 403


def test_only_lectures_may_be_large(site):
    megabyte = 1024 * 1024

    assert " 413 " in site.first_line("/accounts/login/", 26 * megabyte)
    assert " 100 " in site.first_line("/accounts/login/", 24 * megabyte)
    assert " 100 " in site.first_line("/admin/lms_content_videos/new/", 2048 * megabyte)
    assert " 413 " in site.first_line("/admin/lms_content_videos/new/", 2101 * megabyte)


def test_a_part_of_a_lecture_passes_and_is_counted(site, cast, lecture):
    data = b"\x00\x00\x00\x18ftypmp42" + bytes(5_000_000)
    client = cast.client(cast.ung)
    page, body = site.get("/accounts/login/")
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', body)[1].decode()
    client.cookies["csrftoken"] = re.search(r"csrftoken=([^;]+)", str(page.headers))[1]
    own = {
        "Tus_Resumable": "1.0.0",
        "X_CSRFToken": token,
        "Origin": f"http://127.0.0.1:{site.port}",
    }
    told = ",".join(
        f"{key} {b64encode(str(value).encode()).decode()}"
        for key, value in {"filename": "bai.mp4", "facility": cast.bach_mai.pk}.items()
    )
    begun, _body = site.get(
        "/admin/lms_content_videos/uploads/",
        client,
        method="POST",
        Upload_Length=str(len(data)),
        Upload_Metadata=told,
        Content_Length="0",
        **own,
    )
    place = begun.headers["Location"]

    part = {"Content_Type": "application/offset+octet-stream", **own}
    first, _body = site.get(place, client, method="PATCH", body=data[:4_000_000], Upload_Offset="0", **part)
    foreign, _body = site.get(
        place,
        client,
        method="PATCH",
        body=b"x",
        Upload_Offset="4000000",
        **{**part, "Origin": "http://evil.example"},
    )
    asked, _body = site.get(place, client, method="HEAD", Tus_Resumable="1.0.0")
    last, _body = site.get(
        place, client, method="PATCH", body=data[4_000_000:], Upload_Offset="4000000", **part
    )

    assert (begun.status, first.status, foreign.status, last.status) == (201, 204, 403, 204)
    assert asked.headers["Upload-Offset"] == "4000000"
    assert Upload.objects.get().path.read_bytes() == data
    assert " 413 " in site.first_line(place, 17 * 1024 * 1024)
