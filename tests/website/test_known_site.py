"""Which site a host is, is asked once in a while; what it shows is read each time."""

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Site

from tests.factories.programme import home as front_page
from website.models import HomePage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _remembering(settings, monkeypatch):
    settings.LMS_REMEMBER_SECONDS = 30
    settings.ALLOWED_HOSTS = ["testserver", "laocai.example"]
    monkeypatch.setattr("lms.memory._kept", {})


@pytest.fixture
def home(db):
    """The front page of the site."""
    return front_page()


def asked_for_sites(client, path: str) -> list[str]:
    """The statements by which a page asks which site its host is."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return [one["sql"] for one in queries if 'FROM "wagtailcore_site"' in one["sql"] and "CASE" in one["sql"]]


def test_the_second_page_does_not_ask_again_which_site_its_host_is(home, client, settings):
    assert len(asked_for_sites(client, "/")) == 1
    assert asked_for_sites(client, "/") == []

    settings.LMS_REMEMBER_SECONDS = 0
    assert len(asked_for_sites(client, "/")) == 1


def test_a_changed_front_page_is_shown_at_once(home, client):
    assert client.get("/").status_code == 200

    HomePage.objects.filter(pk=home.pk).update(title="Đào tạo từ xa Lào Cai")
    assert "Đào tạo từ xa Lào Cai" in client.get("/").text
    HomePage.objects.filter(pk=home.pk).update(live=False)
    assert client.get("/").status_code == 404


def test_each_host_has_its_own_site(home, client):
    other = home.get_parent().add_child(instance=HomePage(title="Trang của Sở Y tế Lào Cai", slug="so-y-te"))
    Site.objects.create(hostname="laocai.example", port=80, root_page=other)

    for _again in range(2):
        assert "Trang của Sở Y tế Lào Cai" in client.get("/", HTTP_HOST="laocai.example").text
        assert "Trang của Sở Y tế Lào Cai" not in client.get("/").text


@pytest.mark.parametrize("path", ["/healthz", "/accounts/login/"])
def test_an_address_that_is_no_page_of_wagtails_asks_for_no_site(home, client, path):
    assert asked_for_sites(client, path) == []


def test_without_a_database_the_site_says_so_also_where_no_site_is_known(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("no such server")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)

    assert client.get("/healthz").status_code == 503


def test_a_foreign_host_is_refused_and_not_remembered(home, client):
    from lms import memory

    assert client.get("/", HTTP_HOST="evil.example").status_code == 400
    assert not [key for key in memory._kept if "evil.example" in str(key)]


def test_without_any_site_nothing_is_found_and_nothing_breaks(home, client):
    Site.objects.all().delete()

    for _again in range(2):
        assert client.get("/").status_code == 404
