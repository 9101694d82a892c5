"""What every page has in common: the frame, the headers, the languages, the plain words when it fails."""

import errno
import os
import re
import subprocess
import sys

import pytest
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path, reverse

from lms.models import Job
from tests.factories import courses as make_courses
from tests.factories import programme
from website.middleware import PageCompression

PUBLIC = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_request_login_code",
    "privacy",
]
OWN = ["me", "account", "mfa_index", "account_email", "account_change_password", "usersessions_list"]
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*(src=|type=\"application/json\"))")


@pytest.fixture
def front(cast):
    return programme.home()


def pages(cast, client):
    """Every kind of page of the site itself, as visitor and as learner."""
    yield client.get("/")
    for name in PUBLIC:
        yield client.get(reverse(name))
    lan = cast.client(cast.lan)
    for name in OWN:
        answer = lan.get(reverse(name))
        if answer.status_code == 200:
            yield answer
    yield client.get("/khong-co-trang-nay/")


def test_no_page_carries_inline_script_or_style_or_a_foreign_address(cast, client, front):
    for answer in pages(cast, client):
        page = answer.content.decode()
        assert not INLINE.search(page), (answer.request["PATH_INFO"], INLINE.search(page))
        for address in re.findall(r'(?:src|href|action)="(https?:)?//([^"/]+)', page):
            pytest.fail(f"{answer.request['PATH_INFO']} leads to {address}")


def test_every_page_says_its_language_its_title_and_where_its_content_begins(cast, client, front):
    for answer in pages(cast, client):
        page = answer.content.decode()
        assert '<html lang="vi">' in page
        assert re.search(r"<title>\s*[^<\s][^<]*</title>", page)
        assert page.count("<h1") == 1, answer.request["PATH_INFO"]
        assert 'href="#main"' in page
        assert 'id="main"' in page


def test_a_page_names_its_stylesheet_before_its_first_byte_and_other_answers_name_none(client, front):
    page = client.get("/")

    assert page["Link"].startswith("</static/website/vuonxa")
    assert page["Link"].endswith("rel=preload; as=style")
    assert not client.get("/healthz").has_header("Link")


def test_the_policy_lets_nothing_foreign_and_nothing_inline_run(client, front):
    policy = client.get("/")["Content-Security-Policy"]

    assert "script-src 'self';" in policy
    assert "object-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy


def test_answers_for_one_person_are_kept_by_nobody(cast, client, front):
    assert cast.client(cast.lan).get("/")["Cache-Control"] == "private, no-store"
    assert "Cache-Control" not in client.get("/")


def test_every_answer_refuses_sniffing_and_names_its_permissions(client, front):
    answer = client.get("/")

    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in answer["Permissions-Policy"]


def test_the_way_around_depends_on_who_looks(cast, client, front):
    def bar(who):
        page = (cast.client(who) if who else client).get("/").content.decode()
        return page.split("</header>")[0]

    assert reverse("account_login") in bar(None)
    assert reverse("me") in bar(cast.lan)
    assert "/admin/" not in bar(cast.lan)
    assert "/admin/" in bar(cast.ung)


def test_the_frame_asks_the_database_little(cast, front, django_assert_max_num_queries):
    client = cast.client(cast.lan)
    client.get(reverse("privacy"))

    with django_assert_max_num_queries(6):
        client.get(reverse("privacy"))


def test_pages_travel_compressed_and_files_as_they_are(client, front):
    page = client.get("/", headers={"accept-encoding": "gzip"})

    assert page["Content-Encoding"] == "gzip"
    assert len(page.content) < 5000
    file = HttpResponse(b"0" * 5000, content_type="video/mp4")
    request = RequestFactory().get("/", headers={"accept-encoding": "gzip"})
    assert not PageCompression(lambda request: file)(request).has_header("Content-Encoding")


# --- languages


def test_the_language_switch_leads_to_the_same_page(client, front):
    answer = client.get(reverse("language", args=["en"]), {"from": "/accounts/login/?next=/me/"})

    assert answer.url == "/en/accounts/login/?next=/me/"
    back = client.get("/en/language/vi/", {"from": answer.url})
    assert back.url == "/accounts/login/?next=/me/"


def test_a_page_without_translation_leads_up_and_says_so(cast, client, front):
    english = make_courses.english()
    home = front.copy_for_translation(english)
    home.save_revision().publish()
    catalogue = programme.catalog()

    answer = client.get(reverse("language", args=["en"]), {"from": catalogue.url}, follow=True)

    assert answer.request["PATH_INFO"] == "/en/"
    assert len(answer.context["messages"]) == 1


def test_a_page_with_translation_leads_there(cast, client, front):
    english = make_courses.english()
    front.copy_for_translation(english).save_revision().publish()
    catalogue = programme.catalog()
    catalogue.copy_for_translation(english).save_revision().publish()

    answer = client.get(reverse("language", args=["en"]), {"from": catalogue.url + "?q=dot+quy"})

    assert answer.url.startswith("/en/")
    assert answer.url.endswith("?q=dot+quy")
    assert client.get("/en/language/vi/", {"from": answer.url}).url == catalogue.url + "?q=dot+quy"


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example/", "/\\evil.example", "evil"])
def test_the_language_switch_never_leaves_the_site(client, front, where):
    answer = client.get(reverse("language", args=["en"]), {"from": where})

    assert answer.url.startswith("/")
    assert "evil" not in answer.url


def test_an_unknown_language_does_not_exist(client, front):
    assert client.get(reverse("language", args=["xx"])).status_code == 404


# --- when it fails


def test_a_missing_page_says_what_to_do(client, front):
    answer = client.get("/khong-co/")

    assert answer.status_code == 404
    assert reverse("account_login") in answer.content.decode()


def test_a_form_without_its_token_is_refused_in_plain_words(front):
    client = Client(enforce_csrf_checks=True)

    answer = client.post(reverse("account_login"), {"login": "lan"})

    assert answer.status_code == 403
    assert "vuonxa" in answer.content.decode()


def broken(request):
    raise RuntimeError("planted")


def refused_by_the_disk(request, code):
    raise OSError(getattr(errno, code), "planted")


urlpatterns = [
    path("hong/", broken),
    path("day/", transaction.atomic(lambda request: full(request))),
    path("dia/<str:code>/", refused_by_the_disk),
]
handler500 = "website.views.server_error"


@override_settings(ROOT_URLCONF=__name__)
def test_the_page_for_our_own_mistakes_needs_neither_database_nor_session(caplog):
    answer = Client(raise_request_exception=False).get("/hong/")

    assert answer.status_code == 500
    assert "Máy chủ gặp lỗi" in answer.content.decode()
    code = re.search(r"mã lỗi <strong>([0-9A-F]{8})</strong>", answer.content.decode())[1]
    assert any(code in record.getMessage() for record in caplog.records), "found again in the log"


@pytest.mark.parametrize(
    ("code", "status"), [("ENOSPC", 503), ("EDQUOT", 503), ("EACCES", 503), ("EROFS", 503), ("ENOENT", 500)]
)
@override_settings(ROOT_URLCONF=__name__)
def test_a_disk_that_takes_nothing_is_told_as_one_and_a_missing_file_is_our_mistake(code, status):
    answer = Client(raise_request_exception=False).get(f"/dia/{code}/")

    assert answer.status_code == status
    assert ("chưa ghi được dữ liệu" in answer.text) is (status == 503)


def full(request):
    """Write as much as the request says, as any view does."""
    Job.objects.create(kind="lms.test", key="đầy", run_at="2026-01-01T00:00Z", error="x" * 400_000)
    return HttpResponse("ok")


@override_settings(ROOT_URLCONF=__name__)
def test_a_full_disk_is_told_plainly_and_what_was_stored_before_stays(client, db):
    if connection.vendor != "sqlite":
        pytest.skip("SQLite alone can be told how large its file may grow")
    Job.objects.create(kind="lms.test", key="trước", run_at="2026-01-01T00:00Z")
    client.raise_request_exception = False
    with connection.cursor() as cursor:
        most, pages = (
            cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("max_page_count", "page_count")
        )
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        try:
            answer = client.post("/day/")
        finally:
            cursor.execute(f"PRAGMA max_page_count = {most}")

    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "chưa ghi được dữ liệu" in answer.content.decode()
    assert [job.key for job in Job.objects.filter(kind="lms.test")] == ["trước"]
    assert client.post("/day/").status_code == 200


# --- health


def test_a_monitor_on_the_machine_itself_is_not_sent_to_https(client, db, settings):
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/healthz").status_code == 200
    assert client.get("/").headers["Location"] == "https://testserver/"


def test_health_counts_waiting_and_dead_work_and_writes_nothing(client, db):
    Job.objects.create(kind="lms.test", key="1", run_at="2026-01-01T00:00Z")
    Job.objects.create(kind="lms.test", key="2", run_at="2026-01-01T00:00Z", state=Job.State.DEAD)

    answer = client.get("/healthz")

    assert answer.json()["ok"] is True
    assert answer.json()["jobs"]["dead"] == 1
    assert answer.json()["jobs"]["due"] == 1
    assert "no-store" in answer["Cache-Control"]
    assert client.post("/healthz").status_code == 405


def test_health_is_bad_where_the_database_does_not_answer(client, db):
    def gone(execute, sql, params, many, context):
        raise OperationalError("gone")

    with connection.execute_wrapper(gone):
        answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.json() == {"ok": False, "database": "unreachable"}


def test_robots_stay_out_of_what_is_personal(client):
    text = client.get("/robots.txt").content.decode()

    for closed in ("/admin/", "/me/", "/V/", "/en/accounts/"):
        assert f"Disallow: {closed}" in text


def test_the_styleguide_is_for_development_and_the_demonstration(client, front):
    assert client.get(reverse("styleguide")).status_code == 404
    with override_settings(WEBSITE_STYLEGUIDE=True):
        assert client.get(reverse("styleguide")).status_code == 200


# --- deployment


def production(**changed) -> dict:
    """The environment of a server behind a proxy."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "website.settings.base",
        "SECRET_KEY": "k" * 20 + "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ",
        "BASE_URL": "https://vuonxa.example.vn",
        "ALLOWED_HOSTS": "vuonxa.example.vn",
        "BEHIND_PROXY": "yes",
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    } | changed


def manage(*command, **environment):
    return subprocess.run(
        [sys.executable, "manage.py", *command], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_a_server_set_up_as_documented_passes_the_deployment_checks(tmp_path):
    done = manage("check", "--deploy", "--fail-level", "WARNING", **production(VUONXA_VAR=str(tmp_path)))

    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_without_a_secret_the_site_does_not_start(tmp_path):
    done = manage("check", **(production(VUONXA_VAR=str(tmp_path)) | {"SECRET_KEY": ""}))

    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr
